"""Writing a release: built aside, written through to disk, renamed, and made current by one more rename."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyoxigraph import Quad, RdfFormat, Store, parse, serialize

from pactgraph.errors import BadInput
from pactgraph.release.model import CURRENT, MANIFEST, Content, Release, read

HISTORY = "history.jsonl"
NQUADS = "dumps/pactgraph.nq.gz"
_DUMPS = (("trig", RdfFormat.TRIG), ("jsonld", RdfFormat.JSON_LD))
_PREFIXES = {
    "pg": "https://w3id.org/pactgraph/ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}


def publish(content: Content, releases: Path) -> Release:
    """Write a release aside, put it in place by renames, and make it the current one.

    Raises BadInput where the folder cannot be written to.
    """
    identifier = f"{content.version}-{_digest(content)[:12]}"
    with writing(releases):
        target = releases / identifier
        if target.exists() and (next(faults(target), None) or not (target / "store").is_dir()):
            _put_away(target)
        if not target.exists():
            with aside(releases) as folder:
                _write(content, identifier, folder)
                write_store(content.nquads + content.local, folder / "store")
                place(folder, target)
        switch(releases, identifier, "publish")
    return read(target)


def faults(path: Path) -> Iterator[str]:
    """Give one line for each file of the release in a folder that is missing or not what its manifest says."""
    try:
        files = read(path).manifest["files"]
    except (OSError, ValueError, KeyError) as error:
        yield f"{MANIFEST} cannot be read: {error}"
        return
    for name, entry in files.items():
        file = path / name
        if not file.is_file():
            yield f"{name} is missing"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
            yield f"{name} does not have the checksum in the manifest"


@contextmanager
def writing(releases: Path) -> Iterator[None]:
    """Be the one writer of a folder of releases; others wait. Raises BadInput where the folder cannot be written to."""
    try:
        releases.mkdir(parents=True, exist_ok=True)
        lock = os.open(releases / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise BadInput(
            f"releases cannot be written to {releases}/ ({error.strerror})", hint="choose another with --out"
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _sweep(releases)
        yield
    except OSError as error:
        where, why = error.filename or releases, error.strerror or error
        raise BadInput(
            f"writing {where} failed ({why}); nothing was published", hint="make room, or choose another folder"
        ) from None
    finally:
        os.close(lock)


def place(folder: Path, target: Path) -> None:
    """Write a folder through to the disk, and give it its name."""
    _sync(folder)
    folder.rename(target)
    _sync_one(target.parent)


def _put_away(target: Path) -> None:
    """Remove a folder in one step as others see it."""
    away = target.with_name(f".away-{target.name}")
    target.rename(away)
    shutil.rmtree(away)


def _sweep(releases: Path) -> None:
    """Remove what a writer that was killed left behind; only the holder of the lock may."""
    for pattern in (".building-*", ".away-*", f".{CURRENT}-*"):
        for path in releases.glob(pattern):
            if path.is_symlink() or path.is_file():
                path.unlink()
            else:
                shutil.rmtree(path, ignore_errors=True)


def _digest(content: Content) -> str:
    digest = hashlib.sha256(content.issued.encode() + content.nquads + content.local)
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
        "quads": content.nquads.count(b"\n"),
        "local_quads": content.local.count(b"\n"),
        "files": {str(path.relative_to(folder)): _entry(path) for path in sorted(folder.rglob("*")) if path.is_file()},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def dumps(nquads: bytes) -> dict[str, bytes]:
    """Give the dumps by their paths; from the pipeline's quads, not from the store, which rewrites numbers."""
    quads = list(parse(input=nquads, format=RdfFormat.N_QUADS))
    files = {NQUADS: _gzip(nquads)}
    for suffix, form in _DUMPS:
        files[f"dumps/pactgraph.{suffix}.gz"] = _gzip(_serialize(quads, form))
    triples = sorted({Quad(q.subject, q.predicate, q.object) for q in quads}, key=str)
    return {**files, "dumps/pactgraph.ttl.gz": _gzip(_serialize(triples, RdfFormat.TURTLE))}


def _serialize(quads: Iterable[Quad], form: RdfFormat) -> bytes:
    return serialize(quads, format=form, prefixes=_PREFIXES) or b""


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=6, mtime=0)


def _entry(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def write_store(nquads: bytes, path: Path) -> None:
    """Make the embedded engine's index of some quads."""
    store = Store(path)
    store.bulk_load(input=nquads, format=RdfFormat.N_QUADS)
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


def _sync(folder: Path) -> None:
    """Write every file and folder through to the disk."""
    for path in (*folder.rglob("*"), folder):
        _sync_one(path)


def switch(releases: Path, identifier: str, action: str) -> None:
    """Point `current` at a release by one rename, and note when and why."""
    link = releases / f".{CURRENT}-{os.getpid()}"
    link.symlink_to(identifier)
    link.rename(releases / CURRENT)
    _sync_one(releases)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"at": now, "release": identifier, "action": action}) + "\n"
    with (releases / HISTORY).open("a", encoding="utf-8") as history:
        history.write(line)
        history.flush()
        os.fsync(history.fileno())


def _sync_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
