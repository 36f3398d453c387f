"""Looking after releases: list, verify, roll back, prune, back up and restore."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from pactgraph.errors import BadInput, Conflict, NotFound
from pactgraph.files import written
from pactgraph.release.model import CURRENT, HISTORY, MANIFEST, Release, open_current, open_release, read
from pactgraph.release.write import NQUADS, aside, faults, place, put_away, quads_of, switch, sync_all, write_store, writing


def releases_of(releases: Path) -> list[Release]:
    """Give the releases in a folder that can be read, by version and identifier."""
    found = []
    for path in sorted(releases.iterdir()) if releases.is_dir() else []:
        if path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
            try:
                found.append(read(path))
            except (OSError, ValueError, KeyError):
                continue
    return found


def history(releases: Path) -> list[dict[str, Any]]:
    """Give which release became current when (UTC), and by what, oldest first; a line that was cut off is passed over."""
    path = releases / HISTORY
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            entries.append(json.loads(line))
        except ValueError:
            continue
    return entries


def verify(releases: Path, identifier: str = CURRENT) -> Iterator[str]:
    """Give one line for each fault of a release: checksums, and whether the index holds the quads that the manifest counts."""
    release = open_release(releases, identifier)
    yield from faults(release.path)
    try:
        count = len(Store.read_only(str(release.store_path)))
    except (OSError, ValueError) as error:
        yield f"store/ cannot be opened: {error}"
        return
    stated = release.manifest["quads"] + release.manifest.get("local_quads", 0)
    if count != stated:
        yield f"store/ holds {count:,} statements, the manifest says {stated:,}"


def rollback(releases: Path, identifier: str | None = None) -> Release:
    """Make another release the current one: that before the current one, or a given one. Raises NotFound and BadInput."""
    with writing(releases):
        target = open_release(releases, identifier or _before(releases))
        wrong = next(verify(releases, target.id), None)
        if wrong:
            raise BadInput(f"{target.id} is damaged: {wrong}", hint="restore it from a backup, or roll back to another")
        switch(releases, target.id, "rollback")
        return target


def prune(releases: Path, keep: int) -> list[str]:
    """Remove all but the current release and the `keep` that were current last before it; give what was removed."""
    with writing(releases):
        current = open_current(releases).id
        lately = list(dict.fromkeys(entry["release"] for entry in reversed(history(releases))))
        kept = {current, *[name for name in lately if name != current][:keep]}
        gone = [release for release in releases_of(releases) if release.id not in kept]
        for release in gone:
            put_away(release.path)
        return [release.id for release in gone]


def mend(releases: Path, identifier: str = CURRENT) -> Release:
    """Make the index of a release anew from its dump. Raises BadInput where the dump does not have its checksum, or not all."""
    with writing(releases), aside(releases) as folder:
        release = open_release(releases, identifier)
        wrong = next(faults(release.path, (NQUADS,)), None)
        if wrong:
            raise BadInput(f"{release.id} is damaged: {wrong}", hint="restore it from a backup, or roll back to another")
        if release.manifest.get("local_quads"):
            raise BadInput(f"{release.id} holds sources for local use, which no file of it has", hint="build it again")
        write_store([quads_of(release)], folder / "store", release.written)
        sync_all(folder / "store")
        if release.store_path.exists():
            put_away(release.store_path)
        (folder / "store").rename(release.store_path)
        return release


def remove(releases: Path, identifier: str) -> None:
    """Remove a release that is not the current one. Raises NotFound, Gone and Conflict."""
    with writing(releases):
        release = open_release(releases, identifier)
        if release.id == open_current(releases).id:
            raise Conflict(f"{release.id} is the current release; make another one current first")
        put_away(release.path)


def backup(releases: Path, archive: Path, identifier: str = CURRENT) -> Release:
    """Write a release to a tar archive; the index is left out, since it follows from the rest. Raises BadInput."""
    release = open_release(releases, identifier)
    if release.manifest.get("local_quads"):
        raise BadInput(
            f"{release.id} holds sources for local use, which no file of it has", hint="build it again where it is needed"
        )
    wrong = next(faults(release.path), None)
    if wrong:
        raise BadInput(f"{release.id} is damaged and was not backed up: {wrong}")
    with written(archive) as file, tarfile.open(fileobj=file, mode="w") as tar:
        for name in (MANIFEST, *release.manifest["files"]):
            tar.add(release.path / name, arcname=f"{release.id}/{name}", recursive=False)
    return release


def restore(releases: Path, archive: Path) -> Release:
    """Put a release from an archive back in place and make it current, if every checksum is right. Raises BadInput."""
    with writing(releases), aside(releases) as folder:
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
            (inner,) = folder.iterdir()
        except (OSError, tarfile.TarError, ValueError) as error:
            raise BadInput(f"{archive} is not a backup of a release: {error}") from None
        wrong = next(faults(inner), None)
        if wrong:
            raise BadInput(f"the backup {archive} is damaged: {wrong}")
        release = read(inner)
        target = releases / release.id
        if not target.exists():
            write_store([quads_of(release)], inner / "store", release.written)
            place(inner, target)
        switch(releases, target.name, "restore")
        return read(target)


def _before(releases: Path) -> str:
    """Give the release that was current before the current one, and still is there. Raises NotFound."""
    current = open_current(releases).id
    there = {release.id for release in releases_of(releases)}
    for entry in reversed(history(releases)):
        if entry["release"] != current and entry["release"] in there:
            return str(entry["release"])
    raise NotFound("there is no earlier release to roll back to")
