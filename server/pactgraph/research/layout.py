"""What tables of the joined graph have in common: what is asked for, columns with their meaning, and values that many have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from pactgraph.research.graph import KINDS, Graph, Pact, Span, State

Value = str | int | None
Values = dict[str, Value]


@dataclass(frozen=True)
class Column:
    """A column: its type (text, integer, flag, date), what it means with unit and values, and where that comes from."""

    name: str
    type: str
    meaning: str
    source: str = "Pactgraph"


@dataclass(frozen=True)
class Wanted:
    """What of a table is asked for: years, states (identifiers), the day of a network; kinds of obligation by their columns."""

    first: int | None = None
    last: int | None = None
    states: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = tuple(KINDS)
    on: date | None = None

    def year(self, year: int) -> bool:
        """Say whether a year is asked for."""
        return (self.first is None or year >= self.first) and (self.last is None or year <= self.last)

    def span(self, first: date | None, last: date | None) -> bool:
        """Say whether some day of a time is in a year that is asked for (None: not known, or open)."""
        return not ((self.last and first and first.year > self.last) or (self.first and last and last.year < self.first))

    def state(self, *states: str) -> bool:
        """Say whether one of these states is asked for."""
        return not self.states or any(state in self.states for state in states)


@dataclass(frozen=True)
class Table:
    """A table: what a row of it is, its columns for what is asked, and its rows in a fixed order."""

    about: str
    columns: Callable[[Wanted], list[Column]]
    rows: Callable[[Graph, Wanted], Iterator[Values]]


def state_columns(number: str = "") -> list[Column]:
    """Give the columns of a state; `number` tells two states of a row apart."""
    which = f"state {number}" if number else "the state"
    return [
        Column(f"state{number}", "text", f"Identifier of {which}; https://w3id.org/pactgraph/id/ and this is its address."),
        Column(f"name{number}", "text", f"English name of {which}."),
        Column(f"cow{number}", "integer", f"COW number of {which}; missing if it has none.", "COW state list 2024"),
        Column(
            f"gw{number}",
            "integer",
            f"Number of {which} in the list of Gleditsch and Ward; missing if it has none.",
            "Gleditsch–Ward",
        ),
        Column(f"iso{number}", "text", f"ISO 3166-1 alpha-3 code of {which}; missing if it has none today.", "ISO 3166-1"),
    ]


def state_values(state: State, number: str = "") -> Values:
    """Give the values of the columns of a state."""
    return {
        f"state{number}": state.id,
        f"name{number}": state.name,
        f"cow{number}": int(state.cow) if state.cow else None,
        f"gw{number}": int(state.gw) if state.gw else None,
        f"iso{number}": state.iso or None,
    }


YEAR = Column("year", "integer", "Calendar year.")
SOURCES = Column("sources", "text", "Identifiers of the sources that have a pact of this row, with semicolons between.")
LOOKED = Column(
    "looked_at_by",
    "text",
    "Sources that looked for such obligations in the state, or both states, in the year; semicolons between. Missing: no "
    "source of the release says that it did, and then that there is no row means nothing.",
)
PACT_IDS = Column(
    "pact_ids", "text", "Identifiers of the pacts, each by all its records: semicolons between pacts, = between records."
)
COUNTS = [
    Column("pacts", "integer", "Number of pacts with such obligations in force on some day; records of one pact count once."),
    Column("bilateral", "integer", "How many of them have two parties."),
    Column("multilateral", "integer", "How many of them have more."),
    Column(
        "transition", "flag", "1 if one of them begins or ends in the year, so that it is not in force for the whole of it."
    ),
    Column("uncertain", "flag", "1 if by some readings of the dates none of them was in force on any day of the year."),
]


def flag_columns(wanted: Wanted, meaning: str) -> list[Column]:
    """Give a column for each kind of obligation that is asked for."""
    words = "0: not; missing: no source of the row codes this kind, or none says to whom it is owed."
    return [
        Column(kind, "flag", f"1 if {meaning} {_kind(kind)}. {words}", "ATOP 5.1, COW 4.1, texts of the pacts")
        for kind in wanted.kinds
    ]


def _kind(kind: str) -> str:
    return KINDS.get(kind, kind).replace("-", " ")


def pact_columns() -> list[Column]:
    """Give the columns of the record of a pact."""
    return [
        Column("pact", "text", "Identifier of the pact's record; https://w3id.org/pactgraph/id/ and this is its address."),
        Column("pact_label", "text", "What the record calls the pact."),
        Column("source", "text", "Identifier of the source that has the record."),
    ]


def pact_values(pact: Pact) -> Values:
    """Give the values of the columns of a record."""
    return {"pact": pact.id, "pact_label": pact.label, "source": pact.source}


def flag_values(graph: Graph, wanted: Wanted, owed_of: tuple[bool | None, ...], sources: set[str]) -> Values:
    """Give for each kind 1, 0, or None where it is not known, or none of the sources codes the kind."""
    coded = frozenset[int]().union(*(graph.coded.get(source, frozenset()) for source in sources))
    values = (None if owed is None or (not owed and kind not in coded) else int(owed) for kind, owed in enumerate(owed_of))
    return dict(zip(wanted.kinds, values, strict=True))


def either(one: bool | None, other: bool | None) -> bool | None:
    """Say whether one of two owes it; None if that is not known."""
    return any_owed((one, other))


def any_owed(owed: Iterable[bool | None]) -> bool | None:
    """Say whether it is owed at all; None if that is not known."""
    known = list(owed)
    return True if True in known else None if None in known else False


def records_of(graph: Graph, pacts: Iterable[Pact]) -> Values:
    """Give the identifiers of pacts, records of one together, and their sources."""
    groups: dict[str, set[str]] = defaultdict(set)
    sources = set()
    for pact in pacts:
        groups[graph.same.get(pact.id, pact.id)].add(pact.id)
        sources.add(pact.source)
    return {
        "pact_ids": ";".join("=".join(sorted(group)) for _, group in sorted(groups.items())),
        "sources": ";".join(sorted(sources)),
    }


def looked_at(graph: Graph, states: Iterable[str], year: int) -> Values:
    """Give the sources that looked at some states in a year."""
    return {"looked_at_by": ";".join(graph.looked(states, year)) or None}


def years_of(span: Span, last: int) -> range:
    """Give the years of a time, to the last year that its source looked at: an end may be open, or lie in the future."""
    return range(span.first.year, min(span.last.year if span.last else last, last) + 1)
