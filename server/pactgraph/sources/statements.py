"""What the importers say alike: rows with their coded values, dates with their bounds, pacts and parties."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

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
    """Say which row a record was read from, and what the row has: in each column, if it has a value there, or as a whole."""
    yield node, PG.inTable, table.iri
    yield node, PG.rowNumber, _number(row.number)
    yield node, PG.citesSource, source.iri
    yield node, PG.confidence, SEEN
    if table.whole:
        yield node, PG.rowAsRead, Literal(csv_line(row.values[column] for column in table.columns))
        return
    for column in table.columns:
        if row.values[column]:
            yield node, table.property(column), Literal(row.values[column])


def csv_line(values: Iterable[str]) -> str:
    """Give values as a line of CSV (RFC 4180), without its end."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()


def dated(node: URIRef, prop: URIRef, day: date | str | None) -> Iterator[Triple]:
    """Say a day or an EDTF string, with its bounds and precision; None is an end that had not come when the data set ended.

    Of the empty string, a date that is not known, nothing is said but that.
    """
    earliest, latest, precision = _BOUNDS[prop]
    said, exactness, first, last = _terms(".." if day is None else str(day))
    if said is not None:
        yield node, prop, said
    yield node, precision, exactness
    if first is not None:
        yield node, earliest, first
    if last is not None:
        yield node, latest, last


@lru_cache(maxsize=65536)
def _terms(stated: str) -> tuple[Literal | None, URIRef, Literal | None, Literal | None]:
    """Give a date as stated, its precision and its bounds as terms; made once for each date, for making them is slow."""
    found = bounds(stated)
    said = Literal(stated, datatype=EDTF) if stated else None
    first, last = (Literal(day.isoformat(), datatype=XSD.date) if day else None for day in (found.earliest, found.latest))
    return said, VOCAB[f"precision/{found.precision}"], first, last


@lru_cache(maxsize=200_000)
def _number(number: int) -> Literal:
    return Literal(number, datatype=XSD.integer)


@lru_cache(maxsize=1024)
def concept(slug: str) -> URIRef:
    """Give a concept of our vocabularies: `act/signature`."""
    return VOCAB[slug]


def pact(node: URIRef, label: str, source: Source) -> Iterator[Triple]:
    """Say that there is a pact, what it is called here, and who says so."""
    yield node, RDF.type, PG.Pact
    yield node, RDFS.label, Literal(label, lang="en")
    yield node, PG.citesSource, source.iri
    yield node, PG.confidence, SEEN


def act(of: URIRef, node: URIRef, kind: str, day: date | str, source: Source) -> Iterator[Triple]:
    """Say an act in the life of a pact: its kind (a slug of vocab/act) and its day."""
    yield of, PG.hasAct, node
    yield node, RDF.type, PG.LifeCycleAct
    yield node, PG.actKind, concept(f"act/{kind}")
    yield node, PG.citesSource, source.iri
    yield node, PG.confidence, SEEN
    yield from dated(node, PG.date, day)


def record(of: URIRef, node: URIRef, row: Row, table: Table, source: Source) -> Iterator[Triple]:
    """Say that a row tells of a thing that other rows tell of, too."""
    yield of, PG.recordedIn, node
    yield node, RDF.type, PG.Passage
    yield from row_of(node, row, table, source)


def participation(of: URIRef, node: URIRef, party: URIRef | None, role: str = "party", stated: str = "") -> Iterator[Triple]:
    """Say that a party takes part in a pact: in a role, and under the name that the source gives it, if that is of use.

    A party that is in no register is known by that name alone.
    """
    yield of, PG.hasParticipation, node
    yield node, RDF.type, PG.Participation
    if party:
        yield node, PG.party, party
    if stated:
        yield node, PG.partyAsStated, Literal(stated)
    yield node, PG.participationRole, concept(f"participation-role/{role}")
