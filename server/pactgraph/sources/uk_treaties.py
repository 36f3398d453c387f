"""Treaties of the United Kingdom: title, subject, parties, dates, and the territories to which each was extended.

Source: UK Treaties Online as of March 2022; the columns are explained in data/sources/uk-treaties.yaml. A name in capitals is a
party, one in mixed case a territory. Names are looked up in the registers for the day of the treaty; a party that no register
has stays under its name, a territory that none has is described here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from rdflib import RDF, RDFS, Literal, URIRef

from pactgraph.errors import BadInput
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.headings import Headings, slug_of
from pactgraph.sources.names import Names
from pactgraph.sources.register import Source
from pactgraph.sources.statements import SEEN, act, pact, participation, row_of
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.sources.triples import Triple
from pactgraph.terms import ID, PG

# Kinds of act, each with the columns that date it: of two days that from which it has effect.
_ACTS = {
    "adoption": ("adopted_event_effective_date", "adopted_event_date"),
    "signature": ("signed_event_date",),
    "provisional-application": ("provisional_eif_event_date",),
    "entry-into-force": ("definative_eif_event_effective_date", "definative_eif_event_date"),
    "withdrawal": ("withdrawn_event_effective_date", "withdrawn_event_date"),
    "termination": ("terminated_event_effective_date", "terminated_event_date"),
}
_COLUMNS = [column for columns in _ACTS.values() for column in columns]
_REGISTERED = re.compile(r"UN Registration (\d+)/")


def statements(source: Source, folder: Path, codes: Crosswalk, accounts: list[Account]) -> Iterator[Triple]:
    """Give the statements of the table; a row with an impossible date is listed. Raises BadInput, see `tables.rows`."""
    table = source.table()
    account = Account(table.file)
    accounts.append(account)
    headings, territories = Headings(source), _Territories(source, codes.names)
    for row in rows(table, folder, account):
        try:
            days = {column: day for column in _COLUMNS if (day := _day(row, column))}
        except BadInput as error:
            account.refuse(row, error.fault)
            continue
        node = ID[f"pact/uk-{row.code('id')}"]
        yield from pact(node, row.text("title"), source)
        yield from row_of(node, row, table, source)
        yield from headings.say(node, row.text("subject"))
        yield from _acts(node, days, source)
        number = _REGISTERED.search(row.text("references"))
        if number:
            yield node, PG.untsNumber, Literal(str(int(number[1])))
        names = [name.strip() for name in row.text("country_name").split(";") if name.strip()]
        day = next((days[column] for columns in _ACTS.values() for column in columns if column in days), None)
        yield from _parties(node, [name for name in names if name.isupper()], day, codes.names)
        for name in names:
            if not name.isupper():
                yield from territories.say(node, name, day)


def _day(row: Row, column: str) -> date | None:
    """Give the day of a column. Raises BadInput for a text that is no day."""
    text = row.text(column)
    try:
        return datetime.strptime(text, "%d/%m/%Y").date() if text else None
    except ValueError:
        raise BadInput(f"{column} is {text!r}, which is not a day (DD/MM/YYYY)") from None


def _acts(node: URIRef, days: dict[str, date], source: Source) -> Iterator[Triple]:
    for kind, columns in _ACTS.items():
        day = next((days[column] for column in columns if column in days), None)
        if day:
            yield from act(node, URIRef(f"{node}#{kind}"), kind, day, source)


def _parties(node: URIRef, names: list[str], day: date | None, known: Names) -> Iterator[Triple]:
    said: set[URIRef] = set()
    for name in names:
        parties: list[URIRef | None] = [*known.on(name, day)]
        for party in parties or [None]:
            member = URIRef(f"{node}#party-{party.rpartition('/')[2] if party else slug_of(name)}")
            if member not in said:
                said.add(member)
                yield from participation(node, member, party, "party", name)


class _Territories:
    """Territories of extension; one that no register has is described when it first occurs."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source, self._names = source, names
        self._said: set[URIRef] = set()

    def say(self, pact: URIRef, name: str, day: date | None) -> Iterator[Triple]:
        """Say that a pact was extended to the territory of a name."""
        known = self._names.on(name, day)
        if known:
            yield from ((pact, PG.extendedTo, territory) for territory in known)
            return
        node = ID[f"territory/uk-treaties-{slug_of(name)}"]
        yield pact, PG.extendedTo, node
        if node not in self._said:
            self._said.add(node)
            yield node, RDF.type, PG.Territory
            yield node, RDFS.label, Literal(name, lang="en")
            yield node, PG.citesSource, self._source.iri
            yield node, PG.confidence, SEEN
