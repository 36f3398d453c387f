"""Leaders of the joined graph: by year, and in pairs whose states share a pact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from pactgraph.research.graph import CURATED, Graph, Span, Tenure, Tie
from pactgraph.research.layout import (
    COUNTS,
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
    records_of,
    state_columns,
    state_values,
    years_of,
)


def _leader_columns(number: str = "") -> list[Column]:
    which = f"leader {number}" if number else "the leader"
    return [
        Column(f"leader{number}", "text", f"Identifier of {which}."),
        Column(f"leader_name{number}", "text", f"Name of {which}, as the source has it."),
        Column(
            f"office_kind{number}",
            "text",
            f"Kind of the office of {which}: effective-leader, head-of-state, head-of-government …",
        ),
        *state_columns(number),
    ]


def _leader_values(graph: Graph, tenure: Tenure, number: str = "") -> Values:
    values: Values = {
        f"leader{number}": tenure.person,
        f"leader_name{number}": tenure.name,
        f"office_kind{number}": tenure.kind,
    }
    return values | state_values(graph.states[tenure.state], number)


def _leader_year_columns(_: Wanted) -> list[Column]:
    return [
        *_leader_columns(),
        YEAR,
        Column("start", "date", "Day on which the leader came to the office (ISO 8601; the earliest possible)."),
        Column(
            "end", "date", "Day on which the leader left it (the latest possible); missing: in office when the source was made."
        ),
        Column("days", "integer", "Days of the year in the office."),
        Column(
            "entry", "text", "How the leader came to it: regular, irregular, imposed …; missing if not known.", "Archigos 4.1"
        ),
        Column("exit", "text", "How the leader left it; missing if not known, or still in office.", "Archigos 4.1"),
        Column("source", "text", "Identifier of the source."),
    ]


def _leader_years(graph: Graph, wanted: Wanted) -> Iterator[Values]:
    lasts = _leader_lasts(graph)
    for state in graph.states.values():
        for tenure in graph.tenures.get(state.id, []) if wanted.state(state.id) else []:
            for year in years_of(tenure.span, lasts[tenure.source]):
                if wanted.year(year):
                    yield _leader_year(graph, tenure, year)


def _leader_lasts(graph: Graph) -> dict[str, int]:
    years: dict[str, int] = defaultdict(int)
    for tenures in graph.tenures.values():
        for tenure in tenures:
            known = tenure.span.first if tenure.source == CURATED else tenure.span.last or tenure.span.first
            years[tenure.source] = max(years[tenure.source], tenure.span.first.year, known.year)
    return years


def _leader_year(graph: Graph, tenure: Tenure, year: int) -> Values:
    first, last = max(tenure.span.first, date(year, 1, 1)), min(tenure.span.last or date.max, date(year, 12, 31))
    return _leader_values(graph, tenure) | {
        "year": year,
        "start": tenure.span.first.isoformat(),
        "end": tenure.span.last.isoformat() if tenure.span.last else None,
        "days": (last - first).days + 1,
        "entry": tenure.entry or None,
        "exit": tenure.exit or None,
        "source": tenure.source,
    }


def _leader_dyad_columns(wanted: Wanted) -> list[Column]:
    return [
        *_leader_columns("1"),
        *_leader_columns("2"),
        Column(
            "start", "date", "First day on which both led their states while a pact with such obligations was between these."
        ),
        Column("end", "date", "Last such day; missing: it went on when the sources were made."),
        Column(
            "days", "integer", "Days from the one to the other, less those on which no such pact was in force; missing if open."
        ),
        *flag_columns(wanted, "in that time either state owes the other"),
        COUNTS[0],
        PACT_IDS,
        SOURCES,
    ]


def _leader_dyads(graph: Graph, wanted: Wanted) -> Iterator[Values]:
    for (one, other), ties in graph.ties().items():
        if not wanted.state(one, other):
            continue
        for first in graph.tenures.get(one, []):
            for second in graph.tenures.get(other, []):
                both = first.span.meet(second.span)
                here = [
                    (tie, span) for tie in ties if both and (span := tie.span.meet(both)) and wanted.span(span.first, span.last)
                ]
                if here:
                    yield _leader_dyad(graph, wanted, first, second, here)


def _leader_dyad(graph: Graph, wanted: Wanted, first: Tenure, second: Tenure, here: list[tuple[Tie, Span]]) -> Values:
    spans = sorted(((span.first, span.last) for _, span in here), key=lambda span: (span[0], span[1] or date.max))
    last = None if any(end is None for _, end in spans) else max(end for _, end in spans if end)
    flags = tuple(any_owed(kind) for kind in zip(*(tuple(map(either, tie.forth, tie.back)) for tie, _ in here), strict=True))
    values = _leader_values(graph, first, "1") | _leader_values(graph, second, "2")
    values |= {"start": spans[0][0].isoformat(), "end": last.isoformat() if last else None, "days": _days(spans)}
    values |= flag_values(graph, wanted, flags, {tie.pact.source for tie, _ in here})
    values |= {"pacts": len({graph.same.get(tie.pact.id, tie.pact.id) for tie, _ in here})}
    records = records_of(graph, [tie.pact for tie, _ in here])
    sources = {first.source, second.source} | {tie.pact.source for tie, _ in here}
    return values | records | {"sources": ";".join(sorted(sources))}


def _days(spans: list[tuple[date, date | None]]) -> int | None:
    """Count the days of some times in order, each day once; None if one is open."""
    count, until = 0, date.min
    for first, last in spans:
        if last is None:
            return None
        start = max(first, until + timedelta(days=1)) if until != date.min else first
        count += max(0, (last - start).days + 1)
        until = max(until, last)
    return count


TABLES = {
    "leader-year": Table("a leader in office in a year", _leader_year_columns, _leader_years),
    "leader-dyad": Table("two leaders in office at once, of states that share a pact", _leader_dyad_columns, _leader_dyads),
}
