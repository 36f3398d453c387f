"""State lists: when a state was in the system, as COW and Gleditsch and Ward count it. Each row is a time slice of a state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rdflib import RDF, RDFS, Literal, URIRef

from pactgraph.sources.crosswalk import Crosswalk, States
from pactgraph.sources.register import Source
from pactgraph.sources.statements import dated, row_of
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.sources.triples import Triple
from pactgraph.terms import PG


@dataclass(frozen=True)
class StateList:
    """How a list says code, name, first and last day, which last day means that the list ends, and whose codes it uses."""

    slug: str
    code: str
    name: str
    first: Callable[[Row], date]
    last: Callable[[Row], date]
    open_end: date
    states: Callable[[Crosswalk], States]

    def statements(self, source: Source, folder: Path, codes: Crosswalk, accounts: list[Account]) -> Iterator[Triple]:
        """Give the statements of the list; a code that the register lacks is listed. Raises BadInput, see `tables.rows`."""
        table = source.table()
        account = Account(table.file)
        accounts.append(account)
        for row in rows(table, folder, account):
            first, last = self.first(row), self.last(row)
            state = self.states(codes).on(row.code(self.code), first)
            if state is None:
                account.loaded -= 1
                account.listed.append((row.number, f"no state of the register has the code {row.text(self.code)}"))
                continue
            node = URIRef(f"{state}#{self.slug}-{first:%Y%m%d}")
            yield node, RDF.type, PG.StateSlice
            yield node, RDFS.label, Literal(f"{row.text(self.name)}, {self.slug.upper()} {first.year}–{last.year}", lang="en")
            yield node, PG.sliceOf, state
            yield from row_of(node, row, table, source)
            yield from dated(node, PG.start, first)
            yield from dated(node, PG.end, None if last == self.open_end else last)


COW = StateList(
    "cow",
    "ccode",
    "statenme",
    lambda row: date(row.code("styear"), row.code("stmonth"), row.code("stday")),
    lambda row: date(row.code("endyear"), row.code("endmonth"), row.code("endday")),
    date(2024, 12, 31),
    lambda codes: codes.cow,
)
GLEDITSCH_WARD = StateList(
    "gw",
    "gwcode",
    "gw_name",
    lambda row: date.fromisoformat(row.text("start")),
    lambda row: date.fromisoformat(row.text("end")),
    date(2020, 12, 31),
    lambda codes: codes.gleditsch_ward,
)
