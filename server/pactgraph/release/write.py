"""Writing a release: built aside, written through to disk, renamed, and made current by one more rename."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse, serialize

from pactgraph.errors import Damaged, Moved, NoRelease, NotWritten
from pactgraph.files import sync
from pactgraph.packed import Packed, merged, packing
from pactgraph.release.model import CURRENT, HISTORY, MANIFEST, Content, Release, open_current, read

_log = logging.getLogger(__name__)
NQUADS = "dumps/pactgraph.nq.gz"
DUMPED = 6  # how well dumps are packed, as gzip counts
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DUMPS = (("trig", RdfFormat.TRIG), ("jsonld", RdfFormat.JSON_LD))
_PREFIXES = {
    "pg": "https://w3id.org/pactgraph/ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}


def publish(content: Content, releases: Path, written: Packed | None = None) -> Release:
    """Write a release aside, put it in place by renames, and make it the current one.

    `written` are the quads, sorted, that clients had written to the current release when the content was made. Raises Moved
    where these are no longer the ones (None: they do not matter), and NotWritten where the folder cannot be written to.
    """
    with writing(releases):
        if written is not None and _written(releases) != written:
            raise Moved("clients wrote to the current release meanwhile")
        return put(content, releases, "publish")


def _written(releases: Path) -> Packed:
    """Give the quads of the graphs that clients wrote to the current release, sorted; none if there is no release."""
    release = current_if_any(releases)
    ends = tuple(f" <{graph}> .\n".encode() for graph in release.written) if release else ()
    return Packed.of(line for line in (quads_of(release) if release and ends else ()) if line.endswith(ends))


def current_if_any(releases: Path) -> Release | None:
    """Give the current release, or None where there is none, or a broken one to which no client wrote. Raises Damaged."""
    try:
        return open_current(releases)
    except NoRelease:
        history = releases / HISTORY
        wrote = history.is_file() and '"action": "write"' in history.read_text(encoding="utf-8")
        if not (releases / CURRENT).is_symlink() or not wrote:
            return None
    raise Damaged(
        f"the current release in {releases}/ cannot be read, and clients wrote to it: restore it from a backup, or make "
        "another one current with `pactgraph release rollback ID`; `pactgraph build --discard-written` leaves it out"
    )


def quads_of(release: Release) -> Packed:
    """Give what a release hands on, as sorted N-Quads. Raises Damaged where it has not its checksum."""
    wrong = next(faults(release.path, (NQUADS,)), None)
    if wrong:
        raise Damaged(f"{release.id} is damaged ({wrong}): restore it from a backup, or roll back to another release")
    return Packed((release.path / NQUADS).read_bytes())


def put(content: Content, releases: Path, action: str, *, by: str = "", index: Path | None = None) -> Release:
    """Publish as `publish` does, for the one who writes; `index` is the embedded engine's index, if it is made already."""
    identifier = f"{content.version}-{_digest(content)[:12]}"
    target = releases / identifier
    if target.exists() and (next(faults(target), None) or not (target / "store").is_dir()):
        put_away(target)
    if not target.exists():
        with aside(releases) as folder:
            _write(content, identifier, folder)
            if index:
                index.rename(folder / "store")
            else:
                write_store((content.nquads, content.local), folder / "store", content.written)
            place(folder, target)
    switch(releases, identifier, action, by)
    return read(target)


def faults(path: Path, names: Sequence[str] | None = None) -> Iterator[str]:
    """Give one line for each file of the release in a folder (all, or some) that is missing or not what its manifest says."""
    try:
        files = read(path).manifest["files"]
    except (OSError, ValueError, KeyError) as error:
        yield f"{MANIFEST} cannot be read: {error}"
        return
    for name, entry in files.items():
        if names is not None and name not in names:
            continue
        file = path / name
        if not file.is_file():
            yield f"{name} is missing"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
            yield f"{name} does not have the checksum in the manifest"


@contextmanager
def writing(releases: Path) -> Iterator[None]:
    """Be the one writer of a folder of releases; others wait. Raises NotWritten where the folder cannot be written to."""
    try:
        releases.mkdir(parents=True, exist_ok=True)
        lock = os.open(releases / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise NotWritten(
            f"releases cannot be written to {releases}/ ({error.strerror}); let this user write there, or choose another folder"
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _sweep(releases)
        yield
    except OSError as error:
        where, why = error.filename or releases, error.strerror or error
        raise NotWritten(
            f"writing {where} failed ({why}); nothing was published: make room, or choose another folder",
            full=error.errno in _FULL or str(error).endswith(tuple(map(os.strerror, _FULL))),  # the engine's have no number
        ) from None
    finally:
        os.close(lock)


def place(folder: Path, target: Path) -> None:
    """Write a folder through to the disk, and give it its name."""
    sync_all(folder)
    folder.rename(target)
    sync(target.parent)


def put_away(target: Path) -> None:
    """Remove a folder in one step as others see it."""
    away = target.with_name(f".away-{target.name}")
    target.rename(away)
    shutil.rmtree(away)


def _sweep(releases: Path) -> None:
    """Remove what a writer that was killed left behind; only the holder of the lock may."""
    for pattern in (".building-*", ".away-*", f".{CURRENT}-*", ".*.partial"):
        for path in releases.glob(pattern):
            if path.is_symlink() or path.is_file():
                path.unlink()
            else:
                shutil.rmtree(path, ignore_errors=True)


def _digest(content: Content) -> str:
    digest = hashlib.sha256(content.issued.encode())
    digest.update(content.nquads.data)
    digest.update(content.local.data)
    if content.written:
        digest.update(json.dumps(content.written, sort_keys=True).encode())
    for name, data in sorted(content.files.items()):
        digest.update(name.encode() + data)
    return digest.hexdigest()


def _write(content: Content, identifier: str, folder: Path) -> None:
    made = {} if NQUADS in content.files else dumps(content.nquads)
    for name, data in {**made, **content.files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    manifest = {
        "id": identifier,
        "version": content.version,
        "issued": content.issued,
        "quads": content.nquads.count(),
        "local_quads": content.local.count(),
        **({"written": dict(content.written)} if content.written else {}),
        "files": {str(path.relative_to(folder)): _entry(path) for path in sorted(folder.rglob("*")) if path.is_file()},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def dumps(nquads: Packed) -> dict[str, bytes]:
    """Give the dumps by their paths; from the pipeline's quads, not from the store, which rewrites numbers."""
    files = {NQUADS: nquads.data}
    for suffix, form in _DUMPS:
        files[f"dumps/pactgraph.{suffix}.gz"] = _serialized(parse(input=nquads.file(), format=RdfFormat.N_QUADS), form)
    triples = Packed.of(merged(line.rsplit(b" ", 2)[0] + b" .\n" for line in nquads))
    turtle = _serialized(parse(input=triples.file(), format=RdfFormat.N_TRIPLES), RdfFormat.TURTLE)
    return {**files, "dumps/pactgraph.ttl.gz": turtle}


def _serialized(quads: Iterable[Quad], form: RdfFormat) -> bytes:
    target = io.BytesIO()
    with packing(target, DUMPED) as file:
        serialize(quads, file, format=form, prefixes=_PREFIXES)
    return target.getvalue()


def _entry(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def write_store(nquads: Iterable[Packed], path: Path, graphs: Iterable[str] = ()) -> None:
    """Make the embedded engine's index of some quads, with graphs that are there even if they are empty."""
    store = Store(path)
    for part in nquads:
        store.bulk_load(input=part.file(), format=RdfFormat.N_QUADS)
    for graph in graphs:
        store.add_graph(NamedNode(graph))
    store.optimize()
    store.flush()


@contextmanager
def aside(releases: Path) -> Iterator[Path]:
    """Give a folder to build in, on the same disk; gone again if the build fails."""
    folder = Path(tempfile.mkdtemp(prefix=".building-", dir=releases))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sync_all(folder: Path) -> None:
    """Write every file and folder through to the disk."""
    for path in (*folder.rglob("*"), folder):
        sync(path)


def switch(releases: Path, identifier: str, action: str, by: str = "") -> None:
    """Point `current` at a release by one rename, and note when, why and by whom."""
    link = releases / f".{CURRENT}-{os.getpid()}"
    link.symlink_to(identifier)
    link.rename(releases / CURRENT)
    sync(releases)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"at": now, "release": identifier, "action": action, **({"by": by} if by else {})}) + "\n"
    try:
        _append(releases / HISTORY, line)
    except OSError as error:  # what is current is current: to fail now would say that it is not
        _log.error("%s could not be noted in %s: %s", identifier, HISTORY, error)


def _append(path: Path, line: str) -> None:
    """Add a line to a file; one that was cut off before it stays by itself."""
    with path.open("ab+") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 1))
        torn = end and file.read(1) != b"\n"
        file.write(b"\n" * bool(torn) + line.encode())
        file.flush()
        os.fsync(file.fileno())
