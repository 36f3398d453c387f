"""Fetching copies of data sets, and telling which copies in a folder are right.

What arrives is written aside (`.NAME.part`), with which a later run goes on (RFC 9110, section 14: Range), brought to the
disk, checked against the sha256 of the register, and only then put in its place. What is not the file is never left where one
is read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from pactgraph.errors import BadInput, RemoteFailed
from pactgraph.files import sync
from pactgraph.net import Door, Incoming
from pactgraph.sources.register import Source, Table

Progress = Callable[[str, int, int | None], None]
_IDLE = 30.0
_TRIES = 3


@dataclass(frozen=True)
class Copy:
    """A file of a source in a folder, and how it is: `right`, `missing`, or `other` than the register's."""

    source: str
    file: str
    state: str


def check(sources: Iterable[Source], folder: Path) -> Iterator[Copy]:
    """Tell of each file of sources whether the copy in a folder is the one that the register describes."""
    for source in sources:
        for table in source.tables.values():
            path = folder / table.file
            state = "missing" if not path.is_file() else "right" if _sha256(path) == table.sha256 else "other"
            yield Copy(source.id, table.file, state)


def fetch(source: Source, folder: Path, progress: Progress = lambda file, done, whole: None) -> list[Path]:
    """Fetch the files of a source that a folder lacks or has otherwise; give those that were written.

    `progress` is told the file, and how many bytes of how many (None: not known) are there. Raises BadInput for a source with a
    file that lies nowhere ready to be fetched, or for one that is not what the register describes; RemoteFailed, RemoteTimeout.
    """
    made = [table.file for table in source.tables.values() if not table.download]
    if made:
        raise BadInput(f"{made[0]} is at no address as such", file=source.id, hint=f"{source.prepared} See {source.address}")
    wanted = [table for table in source.tables.values() if not _is_right(folder / table.file, table)]
    for table in wanted:
        _fetch(table, folder / table.file, progress)
    return [folder / table.file for table in wanted]


def _fetch(table: Table, target: Path, progress: Progress) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    door = Door([urljoin(address, "/") for address in (table.download, *table.mirrors)])
    for left in reversed(range(_TRIES)):
        try:
            _receive(door, table, part, progress)
            break
        except RemoteFailed as error:
            if not left or not part.exists():
                kept = f"; {part.stat().st_size:,} bytes are kept, run it again to go on" if part.exists() else ""
                raise type(error)(f"{table.file}: {error.detail}{kept}") from None
    found = _sha256(part)
    if found != table.sha256:
        part.unlink()
        hint = "it may be another release; nothing was changed"
        raise BadInput(f"sha256 is {found}, not {table.sha256}", file=table.download, hint=hint)
    part.replace(target)
    sync(target.parent)


def _receive(door: Door, table: Table, part: Path, progress: Progress) -> None:
    """Go on with what is there of a file, or begin it."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept": "*/*"} | ({"Range": f"bytes={have}-"} if have else {})
    with door.get(table.download, headers, idle=_IDLE) as incoming:
        if incoming.status == 416 and have:  # nothing beyond what is there: it is whole, or not the file
            return
        if incoming.status not in (200, 206):
            raise RemoteFailed(f"{table.download} answered with status {incoming.status}")
        goes_on = incoming.status == 206 and incoming.headers.get("content-range", "").startswith(f"bytes {have}-")
        if incoming.status == 206 and not goes_on:
            part.unlink(missing_ok=True)
            raise RemoteFailed(f"{table.download} sent another part than was asked for")
        _write(incoming, part, have if goes_on else 0, lambda done, whole: progress(table.file, done, whole))


def _write(incoming: Incoming, part: Path, have: int, progress: Callable[[int, int | None], None]) -> None:
    length = incoming.headers.get("content-length", "")
    whole = have + int(length) if length.isdigit() else None
    with part.open("ab" if have else "wb") as file:
        progress(have, whole)
        for chunk in incoming.parts:
            file.write(chunk)
            have += len(chunk)
            progress(have, whole)
        file.flush()
        os.fsync(file.fileno())


def _is_right(path: Path, table: Table) -> bool:
    return path.is_file() and _sha256(path) == table.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
