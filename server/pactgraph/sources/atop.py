"""Alliance Treaty Obligations and Provisions 5.1: alliances, their phases and members, and what the members owe.

Source: Leeds, Ritter, Mitchell and Long 2002; the columns are explained in data/sources/atop-5.1.yaml. What a column says of
each member becomes an obligation of the phase: mutual if every member has it, else owed by those who have it. To whom is coded
in bilateral alliances alone. What a column says of the phase as a whole becomes an obligation whose bearers are not coded.
Entries and beginnings are days of signature; separate accessions and changes of text are not coded as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rdflib import RDF, RDFS, Literal, URIRef

from pactgraph.sources import atop_codes as codes
from pactgraph.sources.atop_read import Alliance, Phase, Tables
from pactgraph.sources.crosswalk import Crosswalk, States
from pactgraph.sources.register import Source
from pactgraph.sources.statements import SEEN, act, dated, pact, participation, row_of
from pactgraph.sources.tables import Account
from pactgraph.sources.triples import Triple
from pactgraph.terms import PG, VOCAB


def statements(source: Source, folder: Path, crosswalk: Crosswalk, accounts: list[Account]) -> Iterator[Triple]:
    """Give the statements of the four tables. Raises BadInput, see `tables.rows`."""
    tables = Tables(source, folder, crosswalk.cow, accounts)
    for alliance in tables.alliances.values():
        yield from _pact(alliance, crosswalk.cow, source)
        yield from _acts(alliance, source)
        for phase in alliance.phases.values():
            yield from _phase(alliance, phase, source)
            yield from _obligations(alliance, phase, source)
    table = source.table("institutions")
    for row, alliance, phase in tables.institutions:
        node = URIRef(f"{alliance.node}#institutions-{phase.row.code('phase')}")
        yield node, RDF.type, PG.Passage
        yield node, RDFS.label, Literal(f"institutions, {phase.name}", lang="en")
        yield node, PG.duringPhase, phase.node
        yield from row_of(node, row, table, source)


def _pact(alliance: Alliance, states: States, source: Source) -> Iterator[Triple]:
    node, row = alliance.node, alliance.row
    yield from pact(node, _label(alliance, states), source)
    yield from row_of(node, row, source.table("alliances"), source)
    yield from dated(node, PG.start, alliance.span.start)
    yield from dated(node, PG.end, alliance.span.end)
    if row.integer("estmode"):
        yield node, PG.pactForm, VOCAB["pact-form/treaty"]
    term = codes.term(row)
    if term:
        yield node, PG.termAsStated, Literal(term, lang="en")
    for column in ("orgpurp1", "orgpurp2"):
        for domain in codes.PURPOSES.get(row.integer(column) or 0, ()):
            yield node, PG.inDomain, VOCAB[f"domain/{domain}"]


def _label(alliance: Alliance, states: States) -> str:
    first = next(iter(alliance.phases.values()), None)
    parties = {member.party for member in first.members} if first else set()
    names = sorted(states.name(party) for party in parties if party)
    count = len({member.row.code("member") for member in alliance.members()})
    whom = " and ".join(names) if len(names) == len(parties) == 2 else f"{count} states"
    return f"Alliance of {whom}, {alliance.row.code('begyr')} (ATOP {alliance.row.code('atopid')})"


def _acts(alliance: Alliance, source: Source) -> Iterator[Triple]:
    """Say when it was signed, how it ended, and who had left it before."""
    yield from act(alliance.node, URIRef(f"{alliance.node}#signature"), "signature", alliance.span.start, source)
    last = [member.row for member in alliance.members() if member.span.end == alliance.span.end]
    if alliance.span.end and last:
        kinds = {codes.ENDINGS.get(row.code("termmode")) for row in last}
        kind = kinds.pop() if len(kinds) == 1 else None
        node = URIRef(f"{alliance.node}#end") if kind else alliance.node
        if kind:
            yield from act(alliance.node, node, kind, alliance.span.end, source)
        yield node, PG.summary, Literal(codes.ending(last), lang="en")
    for phase in alliance.phases.values():
        for member in phase.members:
            if member.party and member.span.end and member.left(phase):
                node = URIRef(member.node.replace("#member", "#withdrawal"))
                yield from act(alliance.node, node, "withdrawal", member.span.end, source)
                yield node, PG.actBy, member.party
                yield node, PG.summary, Literal(codes.ending([member.row]), lang="en")


def _phase(alliance: Alliance, phase: Phase, source: Source) -> Iterator[Triple]:
    yield alliance.node, PG.hasPhase, phase.node
    yield phase.node, RDF.type, PG.Phase
    yield phase.node, RDFS.label, Literal(phase.name, lang="en")
    yield from row_of(phase.node, phase.row, source.table("phases"), source)
    yield from dated(phase.node, PG.start, phase.span.start)
    yield from dated(phase.node, PG.end, phase.span.end)
    for member in phase.members:
        if member.party:
            yield from participation(alliance.node, member.node, member.party)
            yield member.node, PG.duringPhase, phase.node
            yield from row_of(member.node, member.row, source.table("members"), source)
            yield from dated(member.node, PG.start, member.span.start)
            yield from dated(member.node, PG.end, member.span.end)
            if member.row.integer("olimob"):
                yield member.node, PG.condition, Literal(codes.OTHER_CONDITION, lang="en")


def _obligations(alliance: Alliance, phase: Phase, source: Source) -> Iterator[Triple]:
    for column, owed in codes.OF_MEMBERS.items():
        if any(member.row.integer(column) for member in phase.members):
            node = URIRef(f"{alliance.node}#{owed.name}{phase.suffix}")
            yield from _obligation(alliance.node, node, phase, owed, source)
            yield from _sides(node, column, phase)
            yield from _conditions(node, column, phase)
    for (column, code), owed in codes.OF_PHASES.items():
        if phase.row.integer(column) == code:
            node = URIRef(f"{alliance.node}#{owed.name}{phase.suffix}")
            yield from _obligation(alliance.node, node, phase, owed, source)


def _obligation(of: URIRef, node: URIRef, phase: Phase, owed: codes.Owed, source: Source) -> Iterator[Triple]:
    yield of, PG.hasObligation, node
    yield node, RDF.type, PG.Obligation
    yield node, PG.obligationKind, VOCAB[f"obligation/{owed.kind}"]
    yield node, PG.duringPhase, phase.node
    yield node, PG.citesSource, source.iri
    yield node, PG.confidence, SEEN
    yield from ((node, PG.inDomain, VOCAB[f"domain/{domain}"]) for domain in owed.domains)
    if owed.mutuality:
        yield node, PG.mutuality, VOCAB[f"mutuality/{owed.mutuality}"]
    if owed.trigger:
        yield node, PG.trigger, VOCAB[f"trigger/{owed.trigger}"]
    if owed.summary:
        yield node, PG.summary, Literal(owed.summary, lang="en")


def _sides(node: URIRef, column: str, phase: Phase) -> Iterator[Triple]:
    """Say whether all members owe it; if not, who does, and to whom if there is but one other."""
    every = {member.row.code("member"): member.party for member in phase.members}
    bound = {member.row.code("member") for member in phase.members if member.row.integer(column)}
    free = {member.row.code("member") for member in phase.members if member.row.integer(column) == 0} - bound
    yield node, PG.mutuality, VOCAB["mutuality/one-sided" if free else "mutuality/mutual"]
    if not free:
        return
    yield from ((node, PG.bearer, party) for code in sorted(bound) if (party := every[code]))
    if len(every) > 2:
        yield node, PG.summary, Literal(codes.WHOM_UNKNOWN, lang="en")
        return
    yield from ((node, PG.beneficiary, party) for code in sorted(free) if (party := every[code]))


def _conditions(node: URIRef, column: str, phase: Phase) -> Iterator[Triple]:
    """Say on what the obligation depends; where that is one of our triggers and the same for all, say this too."""
    bound = [member.row for member in phase.members if member.row.integer(column)]
    for name, text, trigger in codes.conditions(column):
        holding = [row for row in bound if row.integer(name)]
        if holding:
            whose = "" if len(holding) == len(bound) else codes.FOR_SOME
            yield node, PG.condition, Literal(text + whose, lang="en")
            if trigger and not whose:
                yield node, PG.trigger, VOCAB[f"trigger/{trigger}"]
