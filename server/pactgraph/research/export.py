"""Export: a table of a source, or one made from it, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from pactgraph.errors import BadInput
from pactgraph.research import cow
from pactgraph.research.rows import Record, records
from pactgraph.sources.register import Source, source
from pactgraph.store import EmbeddedStore

Make = Callable[[Iterable[Record]], Iterator[Record]]
_COW_ALLIANCES = "cow-alliances-4.1"


@dataclass(frozen=True)
class _Kind:
    """A table: what it is, and how it is made from a source's own rows; None: it is those rows."""

    about: str
    made: dict[str, Make] | None = None


TABLES: dict[str, _Kind] = {
    "members": _Kind("the source's own rows, field by field"),
    "dyad": _Kind("pairs of members of one alliance", {_COW_ALLIANCES: cow.dyads}),
    "directed-dyad": _Kind("ordered pairs of members", {_COW_ALLIANCES: cow.directed_dyads}),
    "member-year": _Kind("a member in a year", {_COW_ALLIANCES: cow.member_years}),
    "dyad-year": _Kind("a dyad in a year", {_COW_ALLIANCES: cow.dyad_years}),
    "directed-dyad-year": _Kind("a directed dyad in a year", {_COW_ALLIANCES: cow.directed_dyad_years}),
}


def export(store: EmbeddedStore, kind: str, identifier: str, out: IO[str], table: str = "") -> int:
    """Write a table of a source as CSV (RFC 4180, UTF-8); give the number of rows. Raises BadInput and NotFound.

    `table` is which of the source's own tables it is made from: if left out, its only one, or `members`.
    """
    about = source(identifier)
    rows = _made(kind, about, records(store, about.table(table)))
    writer, count = None, 0
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(out, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)
        count += 1
    return count


def _made(kind: str, about: Source, rows: Iterator[Record]) -> Iterator[Record]:
    if kind not in TABLES:
        raise BadInput(f"there is no table {kind!r}", hint="use one of " + ", ".join(TABLES))
    made = TABLES[kind].made
    if made is None:
        return rows
    if about.id not in made:
        raise BadInput(f"{kind} is not made from {about.id}", hint="it is made from " + ", ".join(made))
    return made[about.id](rows)
