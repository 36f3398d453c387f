"""Releases: immutable, checksummed directories; the only thing that passes from the pipeline to the web.

    releases/current → 2026.11.0-1f0c…/     switched by one rename
    releases/2026.11.0-1f0c…/
        dumps/pactgraph.{nq,trig,ttl,jsonld}.gz, ontology.ttl, shapes.ttl, links/*.sssom.tsv
        reports/{shacl,reasoning}.json, shacl.ttl
        void.ttl        VoID and DCAT description
        manifest.json   id, version, counts, sha256 of every file above
        store/          the same quads as an index for the embedded engine: derived, so not in the manifest

A release is built aside, written through to disk and renamed; the same input gives the same bytes, store/ excepted.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Quad, RdfFormat, Store, parse, serialize

from pactgraph.errors import NoRelease

CURRENT = "current"
_DUMPS = (("trig", RdfFormat.TRIG), ("jsonld", RdfFormat.JSON_LD))
_PREFIXES = {
    "pg": "https://w3id.org/pactgraph/ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}


@dataclass(frozen=True)
class Release:
    """A published release: its directory and manifest."""

    path: Path
    manifest: dict[str, Any]

    @property
    def id(self) -> str:
        """Give the identifier, version and content hash: 2026.11.0-1f0c…"""
        return str(self.manifest["id"])

    @property
    def store_path(self) -> Path:
        """Give the directory of the embedded engine's index."""
        return self.path / "store"


@dataclass(frozen=True)
class Content:
    """What goes into a release. `nquads` is sorted; `files` are further files, by their path in the release."""

    version: str
    issued: str
    nquads: bytes
    files: dict[str, bytes]


def open_current(releases: Path) -> Release:
    """Open the current release. Raises NoRelease, saying which command makes one."""
    try:
        path = (releases / CURRENT).resolve(strict=True)
        return Release(path, json.loads((path / "manifest.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise NoRelease(f"there is no release in {releases}/; run `pactgraph build` to make one") from None
    except (OSError, json.JSONDecodeError, KeyError) as error:
        raise NoRelease(f"the release in {releases}/ cannot be read ({error}); run `pactgraph build`") from None


def publish(content: Content, releases: Path) -> Release:
    """Write a release aside, put it in place by renames, and make it the current one."""
    releases.mkdir(parents=True, exist_ok=True)
    identifier = f"{content.version}-{_digest(content)[:12]}"
    target = releases / identifier
    if not target.exists():
        with _aside(releases) as folder:
            manifest = _write(content, identifier, folder)
            _write_store(content.nquads, folder / "store")
            _sync(folder)
            folder.rename(target)
    else:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    _switch(releases, identifier)
    return Release(target, manifest)


def checksum_faults(release: Release) -> Iterator[str]:
    """Give one line for each file of a release that is missing or not what its manifest says."""
    for name, entry in release.manifest["files"].items():
        path = release.path / name
        if not path.is_file():
            yield f"{name} is missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            yield f"{name} does not have the checksum in the manifest"


def _digest(content: Content) -> str:
    digest = hashlib.sha256(content.issued.encode() + content.nquads)
    for name, data in sorted(content.files.items()):
        digest.update(name.encode() + data)
    return digest.hexdigest()


def _write(content: Content, identifier: str, folder: Path) -> dict[str, Any]:
    for name, data in (*_dumps(content.nquads), *content.files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    manifest = {
        "id": identifier,
        "version": content.version,
        "issued": content.issued,
        "quads": content.nquads.count(b"\n"),
        "files": {str(path.relative_to(folder)): _entry(path) for path in sorted(folder.rglob("*")) if path.is_file()},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return manifest


def _dumps(nquads: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the dumps; from the pipeline's quads, not from the store, which rewrites numbers."""
    quads = list(parse(input=nquads, format=RdfFormat.N_QUADS))
    yield "dumps/pactgraph.nq.gz", _gzip(nquads)
    for suffix, form in _DUMPS:
        yield f"dumps/pactgraph.{suffix}.gz", _gzip(_serialize(quads, form))
    triples = sorted({Quad(q.subject, q.predicate, q.object) for q in quads}, key=str)
    yield "dumps/pactgraph.ttl.gz", _gzip(_serialize(triples, RdfFormat.TURTLE))


def _serialize(quads: Iterable[Quad], form: RdfFormat) -> bytes:
    return serialize(quads, format=form, prefixes=_PREFIXES) or b""


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=6, mtime=0)


def _entry(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _write_store(nquads: bytes, path: Path) -> None:
    store = Store(path)
    store.bulk_load(input=nquads, format=RdfFormat.N_QUADS)
    store.optimize()
    store.flush()


@contextmanager
def _aside(releases: Path) -> Iterator[Path]:
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


def _switch(releases: Path, identifier: str) -> None:
    """Point `current` at a release, by one rename."""
    link = releases / f".{CURRENT}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(identifier)
    link.rename(releases / CURRENT)
    _sync_one(releases)


def _sync_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
