"""Office-holders of Wikidata: who held which office of which state from when to when, and when these persons lived.

Source: extracts by EveryPolitician; the columns are explained in data/sources/officeholders-wikidata.yaml. A row without an
end says that Wikidata had none when the extract was made, not that the person is still in office: its end is unknown, not open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from rdflib import RDF, RDFS, SKOS, Literal, Namespace, URIRef

from pactgraph.dates import bounds
from pactgraph.errors import BadInput
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.headings import slug_of
from pactgraph.sources.register import Source, Table
from pactgraph.sources.statements import SEEN, dated, row_of
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.sources.triples import Triple
from pactgraph.terms import ID, PG

WIKIDATA = Namespace("http://www.wikidata.org/entity/")


@dataclass(frozen=True)
class _Columns:
    """What a table calls the columns that say who held which office of which state, and when; and how its tenures are named."""

    state: str
    state_name: str
    office: str
    title: str
    person: str
    name: str
    start: str
    end: str
    slug: str


_HOLDINGS = {
    "leaders-2021": _Columns(
        "countryid",
        "country",
        "position",
        "positionLabel",
        "officeholder",
        "officeholderLabel",
        "start_year",
        "end_year",
        "leader",
    ),
    "holders": _Columns(
        "jurisdictionID",
        "jurisdiction",
        "positionID",
        "position",
        "personID",
        "person",
        "start",
        "end",
        "tenure",
    ),
}


@dataclass
class _Named:
    """What has a label already: a person or an office is named by the first row that it stands in."""

    source: Source
    labels: dict[URIRef, str] = field(default_factory=dict)

    def say(self, node: URIRef, kind: URIRef, name: str, item: str) -> Iterator[Triple]:
        """Say what a node is, its name and its Wikidata item; another name for it is kept as such."""
        if node in self.labels:
            if name != self.labels[node]:
                yield node, SKOS.altLabel, Literal(name, lang="en")
            return
        self.labels[node] = name
        yield node, RDF.type, kind
        yield node, RDFS.label, Literal(name, lang="en")
        yield node, PG.citesSource, self.source.iri
        yield node, PG.confidence, SEEN
        if item:
            yield node, SKOS.exactMatch, WIKIDATA[item]


def statements(source: Source, folder: Path, codes: Crosswalk, accounts: list[Account]) -> Iterator[Triple]:
    """Give the statements of the tables; a row that cannot be placed or read is listed. Raises BadInput, see `tables.rows`."""
    named = _Named(source)
    kept = {name: Account(table.file) for name, table in source.tables.items()}
    accounts.extend(kept.values())
    for name, columns in _HOLDINGS.items():
        table, account = source.tables[name], kept[name]
        for row in rows(table, folder, account):
            state = codes.wikidata.get(row.text(columns.state))
            fault = _fault(row, columns.start, columns.end)
            if state is None:
                fault = f"no state of the register is linked to Wikidata's {row.text(columns.state)}"
            if state is None or fault:
                account.refuse(row, str(fault))
                continue
            yield from _holding(row, columns, state, named)
            yield from row_of(_tenure(row, columns), row, table, source)
    yield from _persons(source.tables["persons"], folder, kept["persons"], named)


def _holding(row: Row, columns: _Columns, state: URIRef, named: _Named) -> Iterator[Triple]:
    person, office, tenure = _person(row.text(columns.person)), _office(row, columns), _tenure(row, columns)
    title, place = row.text(columns.title), row.text(columns.state_name)
    yield from named.say(person, PG.Person, row.text(columns.name), row.text(columns.person))
    if office not in named.labels:
        label = title if columns is _HOLDINGS["leaders-2021"] else f"{title} ({place})"
        yield from named.say(office, PG.Office, label, row.text(columns.office))
    yield office, PG.officeOf, state
    yield person, PG.hasTenure, tenure
    yield tenure, RDF.type, PG.Tenure
    yield tenure, PG.heldOffice, office
    yield tenure, PG.titleAsStated, Literal(title, lang="en")
    yield from dated(tenure, PG.start, row.text(columns.start))
    yield from dated(tenure, PG.end, row.text(columns.end))  # empty: unknown, for the extracts are older than today


def _persons(table: Table, folder: Path, account: Account, named: _Named) -> Iterator[Triple]:
    for row in rows(table, folder, account):
        fault = _fault(row, "dob", "dod")
        if fault:
            account.refuse(row, str(fault))
            continue
        person = _person(row.text("id"))
        yield from named.say(person, PG.Person, row.text("name"), row.text("id"))
        yield from row_of(person, row, table, named.source)
        for prop, column in ((PG.born, "dob"), (PG.died, "dod")):
            if row.text(column):
                yield from dated(person, prop, row.text(column))


def _fault(row: Row, first: str, last: str) -> str | None:
    """Say which of two dates is none, or that the last is before the first."""
    spans = []
    for column in (first, last):
        try:
            spans.append(bounds(row.text(column)))
        except BadInput:
            return f"{column} is {row.text(column)!r}, which is not a date"
    begun, ended = spans[0].earliest, spans[1].latest
    if begun and ended and ended < begun:
        return f"{last}, {row.text(last)}, is before {first}, {row.text(first)}"
    return None


def _person(item: str) -> URIRef:
    return ID[f"person/wikidata-{item.lower()}"]


def _office(row: Row, columns: _Columns) -> URIRef:
    """Name the office by its Wikidata item; without one by state and title, which may stand for several alike."""
    item = row.text(columns.office)
    slug = item.lower() if item else f"{row.text(columns.state).lower()}-{slug_of(row.text(columns.title))}"
    return ID[f"office/wikidata-{slug}"]


def _tenure(row: Row, columns: _Columns) -> URIRef:
    """Name the tenure by its table and all that tells its row from others."""
    state, office = row.text(columns.state).lower(), _office(row, columns).rpartition("wikidata-")[2]
    parts = (state, office.removeprefix(f"{state}-"), row.text(columns.start), row.text(columns.end))
    return URIRef(f"{_person(row.text(columns.person))}#{columns.slug}-{quote('-'.join(part for part in parts if part))}")
