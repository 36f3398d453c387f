"""State lists: when a state was in the system, and under which code, as COW and Gleditsch and Ward count it.

A row is a time slice of a state, or of the states that its code meant in turn: COW's Russia of 1816 to 2024 is a slice of the
Russian Empire, one of the Soviet Union and one of Russia.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rdflib import RDF, RDFS, Literal, URIRef

from pactgraph.sources.crosswalk import Crosswalk, States
from pactgraph.sources.register import Source
from pactgraph.sources.spans import Span
from pactgraph.sources.statements import SEEN, dated, record, row_of
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.sources.triples import Triple
from pactgraph.terms import PG, VOCAB

_STUB = 31


@dataclass(frozen=True)
class StateList:
    """How a list says code, name, first and last day, which last day means that the list ends, and whose codes it uses.

    `slug` names its slices, `system` is its code system.
    """

    slug: str
    system: str
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
            try:
                first, last = self.first(row), self.last(row)
            except ValueError as error:
                account.refuse(row, f"it has a day that is none of the calendar ({error})")
                continue
            spans = _without_stubs(self.states(codes).during(row.code(self.code), first, last))
            if not spans or last < first:
                unknown = f"no state of the register has the code {row.text(self.code)}"
                account.refuse(row, "it ends before it begins" if last < first else unknown)
                continue
            for span in spans:
                yield from self._slice(span, row, source)
            nodes = [self._node(span) for span in spans]
            if len(nodes) == 1:
                yield from row_of(nodes[0], row, table, source)
                continue
            for node in nodes:
                yield from record(node, URIRef(f"{nodes[0]}-row"), row, table, source)

    def _node(self, span: Span) -> URIRef:
        return URIRef(f"{span[2]}#{self.slug}-{span[0]:%Y%m%d}")

    def _slice(self, span: Span, row: Row, source: Source) -> Iterator[Triple]:
        """Say that a state was in the list under a code from a day to a day, of those that a row spans."""
        node, (first, last, state) = self._node(span), span
        yield node, RDF.type, PG.StateSlice
        yield node, RDFS.label, Literal(f"{row.text(self.name)}, {self.slug.upper()} {first.year}–{last.year}", lang="en")
        yield node, PG.sliceOf, state
        yield node, PG.codeSystem, VOCAB[f"code-system/{self.system}"]
        yield node, PG.code, Literal(row.text(self.code))
        yield node, PG.citesSource, source.iri
        yield node, PG.confidence, SEEN
        yield from dated(node, PG.start, first)
        yield from dated(node, PG.end, None if last == self.open_end else last)


def _without_stubs(spans: list[Span]) -> list[Span]:
    """Leave out a state of some days at an end of a row: there list and register differ on the day, and mean the same."""
    kept = [span for span in spans if (span[1] - span[0]).days >= _STUB] or spans
    if not kept:
        return []
    kept[0] = (spans[0][0], *kept[0][1:])
    kept[-1] = (kept[-1][0], spans[-1][1], kept[-1][2])
    return kept


COW = StateList(
    "cow",
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
    "gleditsch-ward",
    "gwcode",
    "gw_name",
    lambda row: date.fromisoformat(row.text("start")),
    lambda row: date.fromisoformat(row.text("end")),
    date(2020, 12, 31),
    lambda codes: codes.gleditsch_ward,
)
