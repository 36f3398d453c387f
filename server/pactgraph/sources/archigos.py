"""Archigos 4.1: who ruled which state from when to when, and how each came to power and lost it.

Source: Goemans, Gleditsch and Chiozza 2009; the columns are explained in data/sources/archigos-4.1.yaml. States are those of
the list of Gleditsch and Ward. Who rules is what the coders judge, so each state has an office of its own for it here, beside
those that its law knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from rdflib import RDF, RDFS, SKOS, Literal, URIRef

from pactgraph.sources.crosswalk import Crosswalk, States
from pactgraph.sources.register import Source, Table
from pactgraph.sources.statements import SEEN, dated, row_of
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.sources.triples import Triple
from pactgraph.terms import ID, PG, VOCAB

_IN_OFFICE = "Still in Office"
_ENTRIES = {
    "Regular": VOCAB["tenure-entry/regular"],
    "Irregular": VOCAB["tenure-entry/irregular"],
    "Foreign Imposition": VOCAB["tenure-entry/foreign-imposition"],
    "Unknown": None,
}
_EXITS = {
    "Regular": VOCAB["tenure-exit/regular"],
    "Natural Death": VOCAB["tenure-exit/natural-death"],
    "Retired Due to Ill Health": VOCAB["tenure-exit/ill-health"],
    "Suicide": VOCAB["tenure-exit/suicide"],
    "Irregular": VOCAB["tenure-exit/irregular"],
    "Foreign": VOCAB["tenure-exit/foreign"],
    "Unknown": None,
    _IN_OFFICE: None,
}


def statements(source: Source, folder: Path, codes: Crosswalk, accounts: list[Account]) -> Iterator[Triple]:
    """Give the statements of the spells; one that cannot be placed or read is listed. Raises BadInput, see `tables.rows`."""
    table, states = source.table(), codes.gleditsch_ward
    account = Account(table.file)
    accounts.append(account)
    leaders: dict[str, list[Row]] = defaultdict(list)
    ruled: set[URIRef] = set()
    for row in rows(table, folder, account):
        state = states.on(row.code("ccode"), date.fromisoformat(row.text("startdate")))
        fault = _fault(row) or (None if state else f"no state of the register has the code {row.text('ccode')}")
        if state is None or fault:
            account.refuse(row, str(fault))
            continue
        leaders[row.text("leadid")].append(row)
        ruled.add(state)
        yield from _tenure(row, _office(state), table, source)
    for state in sorted(ruled):
        yield from _office_of(state, states, source)
    for leader, spells in leaders.items():
        yield from _person(_node(leader), spells, source)


def _fault(row: Row) -> str | None:
    """Say what of a row contradicts itself or is no value of its column."""
    if row.text("entry") not in _ENTRIES:
        return f"entry is {row.text('entry')!r}, which is none of {', '.join(_ENTRIES)}"
    if row.text("exit") not in _EXITS:
        return f"exit is {row.text('exit')!r}, which is none of {', '.join(_EXITS)}"
    if row.text("enddate") < row.text("startdate"):
        return f"enddate, {row.text('enddate')}, is before startdate, {row.text('startdate')}"
    return None


def _tenure(row: Row, office: URIRef, table: Table, source: Source) -> Iterator[Triple]:
    person = _node(row.text("leadid"))
    tenure = URIRef(f"{person}#tenure-{row.text('obsid')}")
    in_office = row.text("exit") == _IN_OFFICE
    yield person, PG.hasTenure, tenure
    yield tenure, RDF.type, PG.Tenure
    yield tenure, PG.heldOffice, office
    yield from row_of(tenure, row, table, source)
    yield from dated(tenure, PG.start, row.text("startdate"))
    yield from dated(tenure, PG.end, None if in_office else row.text("enddate"))
    for prop, kind in ((PG.entryKind, _ENTRIES[row.text("entry")]), (PG.exitKind, _EXITS[row.text("exit")])):
        if kind:
            yield tenure, prop, kind


def _office_of(state: URIRef, states: States, source: Source) -> Iterator[Triple]:
    office = _office(state)
    yield office, RDF.type, PG.Office
    yield office, RDFS.label, Literal(f"Effective leader of {states.name(state)}, as Archigos counts it", lang="en")
    yield office, PG.officeOf, state
    yield office, PG.officeKind, VOCAB["office/effective-leader"]
    yield office, PG.citesSource, source.iri
    yield office, PG.confidence, SEEN


def _person(person: URIRef, spells: list[Row], source: Source) -> Iterator[Triple]:
    """Say who a leader is. The first spell's name is the label; where spells differ, the other names are kept beside it."""
    name, *others = dict.fromkeys(row.text("leader") for row in spells)
    yield person, RDF.type, PG.Person
    yield person, RDFS.label, Literal(name, lang="en")
    yield from ((person, SKOS.altLabel, Literal(other, lang="en")) for other in others)
    yield person, PG.citesSource, source.iri
    yield person, PG.confidence, SEEN
    for prop, day, year in ((PG.born, "ebirthdate", "yrborn"), (PG.died, "edeathdate", "yrdied")):
        stated = _stated(spells, day, year)
        if stated:
            yield from dated(person, prop, stated)


def _stated(spells: Iterable[Row], day: str, year: str) -> str:
    """Give a birth or death as EDTF: the day, else the year; a set of them where rows differ; nothing where none is coded."""
    days = {row.text(day) for row in spells} - {""}
    years = {row.text(year) for row in spells if row.code(year) > 0} - {known[:4] for known in days}
    said = sorted(days | years)
    return f"[{','.join(said)}]" if len(said) > 1 else "".join(said)


def _node(leader: str) -> URIRef:
    return ID[f"person/archigos-{leader}"]


def _office(state: URIRef) -> URIRef:
    return ID[f"office/effective-leader-{state.rpartition('/')[2]}"]
