"""Dyads of the joined graph: by pact, by year, and as a network on a day; and states by year, which are made of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from pactgraph.research.graph import Graph, Span, State, Tie
from pactgraph.research.layout import (
    COUNTS,
    LOOKED,
    PACT_IDS,
    SOURCES,
    YEAR,
    Column,
    Table,
    Values,
    Wanted,
    any_owed,
    either,
    flag_columns,
    flag_values,
    looked_at,
    pact_columns,
    records_of,
    state_columns,
    state_values,
    years_of,
)

_TIME = [
    Column("start", "date", "First day of the common membership: the later entry (ISO 8601; the earliest day possible)."),
    Column("end", "date", "Last day of the common membership; missing: it went on when its source was made."),
]


def _dyad_columns(wanted: Wanted) -> list[Column]:
    flags = flag_columns(wanted, "either state owes the other")
    return [*pact_columns(), *state_columns("1"), *state_columns("2"), *_TIME, *flags, _ASYMMETRIC]


def _directed_columns(wanted: Wanted) -> list[Column]:
    return [
        *pact_columns(),
        *state_columns("1"),
        *state_columns("2"),
        *_TIME,
        *flag_columns(wanted, "state 1 owes state 2"),
    ]


_ASYMMETRIC = Column("asymmetric", "flag", "1 if what the two owe each other under a pact of this row differs.")


def _dyads(graph: Graph, wanted: Wanted) -> Iterator[Values]:
    for tie in _wanted_ties(graph, wanted):
        flags = tuple(map(either, tie.forth, tie.back))
        yield _tie(graph, wanted, tie, tie.states, flags) | {"asymmetric": int(tie.asymmetric)}


def _directed_dyads(graph: Graph, wanted: Wanted) -> Iterator[Values]:
    for tie in _wanted_ties(graph, wanted):
        one, other = tie.states
        yield _tie(graph, wanted, tie, (one, other), tie.forth)
        yield _tie(graph, wanted, tie, (other, one), tie.back)


def _wanted_ties(graph: Graph, wanted: Wanted) -> Iterator[Tie]:
    for ties in graph.ties().values():
        yield from (tie for tie in ties if wanted.state(*tie.states) and wanted.span(tie.span.first, tie.span.last))


def _tie(graph: Graph, wanted: Wanted, tie: Tie, states: tuple[str, str], flags: tuple[bool | None, ...]) -> Values:
    one, other = (graph.states[state] for state in states)
    values: Values = {"pact": tie.pact.id, "pact_label": tie.pact.label, "source": tie.pact.source}
    values |= state_values(one, "1") | state_values(other, "2")
    values |= {"start": tie.span.first.isoformat(), "end": tie.span.last.isoformat() if tie.span.last else None}
    return values | flag_values(graph, wanted, flags, {tie.pact.source})


@dataclass
class _Year:
    """What holds for two states in a year: the ties."""

    ties: list[Tie] = field(default_factory=list)

    def owed(self, *, back: bool) -> tuple[bool | None, ...]:
        """Give what the first owes the second under any of the ties, or the second the first."""
        rows = [tie.back if back else tie.forth for tie in self.ties]
        return tuple(any_owed(kind) for kind in zip(*rows, strict=True))


def _dyad_year_columns(wanted: Wanted) -> list[Column]:
    flags = flag_columns(wanted, "either state owes the other")
    return [*state_columns("1"), *state_columns("2"), YEAR, *flags, *COUNTS, _ASYMMETRIC, PACT_IDS, SOURCES, LOOKED]


def _directed_year_columns(wanted: Wanted) -> list[Column]:
    flags = flag_columns(wanted, "state 1 owes state 2")
    return [*state_columns("1"), *state_columns("2"), YEAR, *flags, *COUNTS, _ASYMMETRIC, PACT_IDS, SOURCES, LOOKED]


def _dyad_years(graph: Graph, wanted: Wanted) -> Iterator[Values]:
    for states, year, found in _years(graph, wanted):
        flags = tuple(map(either, found.owed(back=False), found.owed(back=True)))
        yield _dyad_year(graph, wanted, states, year, found, flags)


def _directed_dyad_years(graph: Graph, wanted: Wanted) -> Iterator[Values]:
    for states, year, found in _years(graph, wanted):
        yield _dyad_year(graph, wanted, states, year, found, found.owed(back=False))
        yield _dyad_year(graph, wanted, (states[1], states[0]), year, found, found.owed(back=True))


def _years(graph: Graph, wanted: Wanted) -> Iterator[tuple[tuple[str, str], int, _Year]]:
    for states, ties in graph.ties().items():
        if not wanted.state(*states):
            continue
        years: dict[int, _Year] = defaultdict(_Year)
        for tie in ties:
            for year in years_of(tie.span, graph.last_years[tie.pact.source]):
                if wanted.year(year):
                    years[year].ties.append(tie)
        yield from ((states, year, years[year]) for year in sorted(years))


def _dyad_year(
    graph: Graph, wanted: Wanted, states: tuple[str, str], year: int, found: _Year, flags: tuple[bool | None, ...]
) -> Values:
    one, other = (graph.states[state] for state in states)
    values = state_values(one, "1") | state_values(other, "2") | {"year": year}
    values |= flag_values(graph, wanted, flags, {tie.pact.source for tie in found.ties}) | _counts(graph, found.ties, year)
    values |= {"asymmetric": int(any(tie.asymmetric for tie in found.ties))}
    return values | records_of(graph, [tie.pact for tie in found.ties]) | looked_at(graph, states, year)


def _counts(graph: Graph, ties: Iterable[Tie], year: int) -> Values:
    scales = {graph.same.get(tie.pact.id, tie.pact.id): tie.pact.scale for tie in ties}
    bilateral = sum(scale == "bilateral" for scale in scales.values())
    return {
        "pacts": len(scales),
        "bilateral": bilateral,
        "multilateral": len(scales) - bilateral,
        "transition": int(any(year in _changes(tie.span) for tie in ties)),
        "uncertain": int(not any(_surely(tie.span, year) for tie in ties)),
    }


def _changes(span: Span) -> set[int]:
    return {span.first.year} | ({span.last.year} if span.last else set())


def _surely(span: Span, year: int) -> bool:
    return span.sure_first.year <= year and (span.sure_last is None or year <= span.sure_last.year)


def _state_year_columns(wanted: Wanted) -> list[Column]:
    partners = Column("partners", "integer", "Number of states with which it shares such a pact in the year.")
    flags = flag_columns(wanted, "the state owes any state")
    return [*state_columns(), YEAR, *flags, *COUNTS, partners, PACT_IDS, SOURCES, LOOKED]


def _state_years(graph: Graph, wanted: Wanted) -> Iterator[Values]:
    found: dict[tuple[str, int], list[tuple[Tie, bool]]] = defaultdict(list)
    for (one, other), year, ties in _years(graph, Wanted(wanted.first, wanted.last, wanted.states, wanted.kinds)):
        for tie in ties.ties:
            found[one, year].append((tie, False))
            found[other, year].append((tie, True))
    last = max(graph.last_years.values(), default=0)
    for state in graph.states.values():
        if wanted.state(state.id) and state.start:
            for year in range(state.start.year, (state.end.year if state.end else last) + 1):
                if wanted.year(year):
                    yield _state_year(graph, wanted, state, year, found.get((state.id, year), []))


def _state_year(graph: Graph, wanted: Wanted, state: State, year: int, ties: list[tuple[Tie, bool]]) -> Values:
    rows = [tie.back if back else tie.forth for tie, back in ties]
    flags = tuple(any_owed(kind) for kind in zip(*rows, strict=True)) if rows else (False,) * len(wanted.kinds)
    looked = graph.looked([state.id], year)
    values = state_values(state) | {"year": year}
    values |= flag_values(graph, wanted, flags, {tie.pact.source for tie, _ in ties} | set(looked))
    values |= _counts(graph, [tie for tie, _ in ties], year) | {
        "uncertain": int(bool(ties) and not any(_surely(tie.span, year) for tie, _ in ties))
    }
    values |= {"partners": len({tie.states[not back] for tie, back in ties})}
    return values | records_of(graph, [tie.pact for tie, _ in ties]) | looked_at(graph, [state.id], year)


def _node_columns(_: Wanted) -> list[Column]:
    return [*state_columns(), Column("degree", "integer", "Number of states with which it shares such a pact on the day.")]


def _nodes(graph: Graph, wanted: Wanted) -> Iterator[Values]:
    degrees: dict[str, int] = defaultdict(int)
    for one, other in (states for states, _ in _tied(graph, wanted)):
        degrees[one] += 1
        degrees[other] += 1
    day = wanted.on or date.min
    for state in graph.states.values():
        there = state.start and state.start <= day and (state.end is None or day <= state.end)
        if (there or state.id in degrees) and wanted.state(state.id):
            yield state_values(state) | {"degree": degrees[state.id]}


def _edge_columns(wanted: Wanted) -> list[Column]:
    flags = flag_columns(wanted, "either state owes the other")
    return [*state_columns("1"), *state_columns("2"), *flags, COUNTS[0], _ASYMMETRIC, PACT_IDS, SOURCES]


def _edges(graph: Graph, wanted: Wanted) -> Iterator[Values]:
    for states, found in _tied(graph, wanted):
        one, other = (graph.states[state] for state in states)
        flags = tuple(map(either, found.owed(back=False), found.owed(back=True)))
        values = state_values(one, "1") | state_values(other, "2")
        values |= flag_values(graph, wanted, flags, {tie.pact.source for tie in found.ties})
        values |= {"pacts": len({graph.same.get(tie.pact.id, tie.pact.id) for tie in found.ties})}
        values |= {"asymmetric": int(any(tie.asymmetric for tie in found.ties))}
        yield values | records_of(graph, [tie.pact for tie in found.ties])


def _tied(graph: Graph, wanted: Wanted) -> Iterator[tuple[tuple[str, str], _Year]]:
    day = wanted.on or date.min
    for states, ties in graph.ties().items():
        here = [
            tie for tie in ties if tie.span.first <= day <= (tie.span.last or date(graph.last_years[tie.pact.source], 12, 31))
        ]
        if here and wanted.state(*states):
            yield states, _Year(here)


TABLES = {
    "dyad": Table("two states in a pact for a common time", _dyad_columns, _dyads),
    "directed-dyad": Table("two states in a pact for a common time, once each way", _directed_columns, _directed_dyads),
    "dyad-year": Table("two states that share a pact, in a year", _dyad_year_columns, _dyad_years),
    "directed-dyad-year": Table(
        "two states that share a pact, in a year, once each way", _directed_year_columns, _directed_dyad_years
    ),
    "state-year": Table("a state in a year in which it existed, with or without a pact", _state_year_columns, _state_years),
    "nodes": Table("a state on a day: a node of the network", _node_columns, _nodes),
    "edges": Table("two states that share a pact on a day: an edge of the network", _edge_columns, _edges),
}
