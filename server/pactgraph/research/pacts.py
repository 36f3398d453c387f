"""The pacts of the joined graph, and their members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pactgraph.research.graph import KINDS, Graph, Pact, State
from pactgraph.research.layout import Column, Table, Values, Wanted, pact_columns, pact_values, state_columns, state_values


def _treaty_columns(_: Wanted) -> list[Column]:
    return [
        *pact_columns(),
        Column("form", "text", "Form of the instrument: treaty, memorandum …; missing if not recorded."),
        Column("signed", "text", "Day, month or year of signature (ISO 8601, as precise as known)."),
        Column("in_force", "text", "When it entered into force, as precise as known; missing if no day is recorded."),
        *_TIME_OF_PACT,
        Column("parties", "integer", "Number of parties, in its whole life."),
        Column("domains", "text", "Domains of co-operation, as concepts of the scheme `domain`; semicolons between."),
        Column(
            "kinds",
            "text",
            "Kinds of obligation, as concepts of the scheme `obligation`; semicolons between; missing: none is coded.",
        ),
        Column("same_as", "text", "Records of the same pact in other sources; semicolons between."),
    ]


_TIME_OF_PACT = [
    Column("start", "date", "Day from which it binds (the earliest possible); missing if it never did, or no day is known."),
    Column("end", "date", "Day until which it bound (the latest possible); missing: it went on when its source was made."),
]


def _treaties(graph: Graph, wanted: Wanted) -> Iterator[Values]:
    about, kinds = graph.about(), set(graph.kinds)
    every = wanted.kinds == tuple(KINDS)
    groups: dict[str, set[str]] = defaultdict(set)
    for record, leader in graph.same.items():
        groups[leader].add(record)
    for pact in graph.pacts.values():
        domains, owed = about.get(pact.id, ([], []))
        parties = {party.agent for party in graph.parties.get(pact.id, [])}
        if wanted.state(*parties) and _alive(pact, wanted) and (every or kinds & set(owed)):
            others = groups.get(graph.same.get(pact.id, pact.id), set()) - {pact.id}
            yield {
                **pact_values(pact),
                "form": pact.form or None,
                "signed": pact.signed or None,
                "in_force": pact.force or None,
                "start": pact.span.first.isoformat() if pact.span else None,
                "end": pact.span.last.isoformat() if pact.span and pact.span.last else None,
                "parties": pact.parties or len(parties),
                "domains": ";".join(sorted(set(domains))) or None,
                "kinds": ";".join(sorted(set(owed))) or None,
                "same_as": ";".join(sorted(others)) or None,
            }


def _alive(pact: Pact, wanted: Wanted) -> bool:
    if pact.span:
        return wanted.span(pact.span.first, pact.span.last)
    year = int(pact.signed[:4]) if pact.signed[:4].isdigit() else None
    return wanted.first is None and wanted.last is None if year is None else wanted.year(year)


def _member_columns(_: Wanted) -> list[Column]:
    return [
        *pact_columns(),
        Column("party", "text", "Identifier of the party: a state, or an organisation."),
        *state_columns()[1:],
        Column("phase", "text", "Phase of the pact in which the row holds; missing if the pact has none."),
        Column("start", "date", "First day of the membership (the earliest possible); missing if the pact never bound it."),
        Column(
            "end", "date", "Last day of the membership (the latest possible); missing: it went on when its source was made."
        ),
        Column("start_as_stated", "text", "The beginning as the source has it (EDTF); missing if it has none but the pact's."),
        Column("end_as_stated", "text", "The end as the source has it (EDTF): `..` is an open end; missing if it has none."),
    ]


def _members(graph: Graph, wanted: Wanted) -> Iterator[Values]:
    for pact in graph.pacts.values():
        for party in graph.parties.get(pact.id, []):
            first, last = (party.span.first, party.span.last) if party.span else (None, None)
            if wanted.state(party.agent) and wanted.span(first, last):
                state = graph.states.get(party.agent, State(party.agent, ""))
                values = (
                    pact_values(pact) | {"party": party.agent} | {k: v for k, v in state_values(state).items() if k != "state"}
                )
                yield values | {
                    "phase": party.phase.rpartition("#")[2] or None,
                    "start": first.isoformat() if first else None,
                    "end": last.isoformat() if last else None,
                    "start_as_stated": party.row.get("start"),
                    "end_as_stated": party.row.get("end"),
                }


TABLES = {
    "treaties": Table("a record of a pact", _treaty_columns, _treaties),
    "members": Table("a party to a pact, from one entry to one exit, in one phase of it", _member_columns, _members),
}
