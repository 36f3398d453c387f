"""Correlates of War, Formal Interstate Alliances 4.1: alliances, memberships, and the obligations that flags say members have.

Source: Gibler 2009; the columns are explained in data/sources/cow-alliances-4.1.yaml. The flags are coded for each member:
an obligation is mutual if every member whose flag is known has it, else it is owed by those who have it to the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path

from rdflib import RDF, URIRef

from pactgraph.errors import BadInput
from pactgraph.sources.crosswalk import Crosswalk, States
from pactgraph.sources.register import Source
from pactgraph.sources.statements import SEEN, dated, pact, participation, row_of
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.sources.triples import Triple
from pactgraph.terms import ID, PG, VOCAB

_KINDS = {
    "defense": "defence",
    "neutrality": "neutrality",
    "nonaggression": "non-aggression",
    "entente": "consultation",
}
Member = tuple[Row, URIRef, URIRef]


def statements(source: Source, folder: Path, codes: Crosswalk, accounts: list[Account]) -> Iterator[Triple]:
    """Give the statements of the member file. Raises BadInput, see `tables.rows`."""
    table, states = source.table(), codes.cow
    account = Account(table.file)
    accounts.append(account)
    ordered = sorted(rows(table, folder, account), key=lambda row: (row.code("version4id"), row.number))
    for number, members in groupby(ordered, key=lambda row: row.code("version4id")):
        node = ID[f"pact/cow-alliance-{number}"]
        known = [(row, member, _party(row, states)) for row in members for member in [_member(node, row)]]
        yield from _alliance(node, number, known, states, source)
        for row, member, party in known:
            yield from participation(node, member, party)
            yield from row_of(member, row, table, source)
            yield from dated(member, PG.start, row.day("mem_st"))
            yield from dated(member, PG.end, row.day("mem_end"))
        for flag, kind in _KINDS.items():
            yield from _obligation(node, flag, kind, known, source)


def _alliance(node: URIRef, number: int, members: list[Member], states: States, source: Source) -> Iterator[Triple]:
    first = members[0][0]
    names = sorted({states.name(party) for _, _, party in members})
    parties = " and ".join(names) if len(names) == 2 else f"{len(names)} states"
    yield from pact(node, f"Alliance of {parties}, {first.code('all_st_year')} (COW {number})", source)
    yield from dated(node, PG.start, first.day("all_st"))
    yield from dated(node, PG.end, first.day("all_end"))


def _obligation(node: URIRef, flag: str, kind: str, members: list[Member], source: Source) -> Iterator[Triple]:
    bound = {party for row, _, party in members if row.text(flag) == "1"}
    free = {party for row, _, party in members if row.text(flag) == "0"} - bound
    if not bound:
        return
    obligation = URIRef(f"{node}#{kind}")
    yield node, PG.hasObligation, obligation
    yield obligation, RDF.type, PG.Obligation
    yield obligation, PG.obligationKind, VOCAB[f"obligation/{kind}"]
    yield obligation, PG.mutuality, VOCAB["mutuality/one-sided" if free else "mutuality/mutual"]
    yield obligation, PG.citesSource, source.iri
    yield obligation, PG.confidence, SEEN
    if free:
        yield from ((obligation, PG.bearer, party) for party in sorted(bound))
        yield from ((obligation, PG.beneficiary, party) for party in sorted(free))


def _member(node: URIRef, row: Row) -> URIRef:
    return URIRef(f"{node}#member-{row.code('ccode')}-{_entry(row):%Y%m%d}")


def _party(row: Row, states: States) -> URIRef:
    party = states.on(row.code("ccode"), _entry(row))
    if party is None:
        raise BadInput(f"COW number {row.text('ccode')} is no state of the register", hint="add it to data/state/register.yaml")
    return party


def _entry(row: Row) -> date:
    day = row.day("mem_st")
    assert day is not None
    return day
