"""What the importers say alike: rows with their coded values, dates with their bounds, pacts and parties."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rdflib import RDF, RDFS, XSD, Literal, URIRef

from pactgraph.dates import bounds
from pactgraph.sources.register import Source, Table
from pactgraph.sources.tables import Row
from pactgraph.sources.triples import Triple
from pactgraph.terms import EDTF, PG, VOCAB

_BOUNDS = {
    PG.date: (PG.dateEarliest, PG.dateLatest, PG.datePrecision),
    PG.start: (PG.startEarliest, PG.startLatest, PG.startPrecision),
    PG.end: (PG.endEarliest, PG.endLatest, PG.endPrecision),
    PG.born: (PG.bornEarliest, PG.bornLatest, PG.bornPrecision),
    PG.died: (PG.diedEarliest, PG.diedLatest, PG.diedPrecision),
}
SEEN = VOCAB["confidence/seen"]


def row_of(node: URIRef, row: Row, table: Table, source: Source) -> Iterator[Triple]:
    """Say which row a record was read from, and what the row has in each column; an empty value is not said."""
    yield node, PG.inTable, table.iri
    yield node, PG.rowNumber, Literal(row.number, datatype=XSD.integer)
    yield node, PG.citesSource, source.iri
    yield node, PG.confidence, SEEN
    for column in table.columns:
        if row.values[column]:
            yield node, table.property(column), Literal(row.values[column])


def dated(node: URIRef, prop: URIRef, day: date | str | None) -> Iterator[Triple]:
    """Say a day or an EDTF string, with its bounds and precision; None is an end that had not come when the data set ended.

    Of the empty string, a date that is not known, nothing is said but that.
    """
    earliest, latest, precision = _BOUNDS[prop]
    stated = ".." if day is None else str(day)
    found = bounds(stated)
    if stated:
        yield node, prop, Literal(stated, datatype=EDTF)
    yield node, precision, VOCAB[f"precision/{found.precision}"]
    for bound, value in ((earliest, found.earliest), (latest, found.latest)):
        if value:
            yield node, bound, Literal(value.isoformat(), datatype=XSD.date)


def pact(node: URIRef, label: str, source: Source) -> Iterator[Triple]:
    """Say that there is a pact, what it is called here, and who says so."""
    yield node, RDF.type, PG.Pact
    yield node, RDFS.label, Literal(label, lang="en")
    yield node, PG.citesSource, source.iri
    yield node, PG.confidence, SEEN


def participation(of: URIRef, node: URIRef, party: URIRef) -> Iterator[Triple]:
    """Say that a party takes part in a pact."""
    yield of, PG.hasParticipation, node
    yield node, RDF.type, PG.Participation
    yield node, PG.party, party
    yield node, PG.participationRole, VOCAB["participation-role/party"]
