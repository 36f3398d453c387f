"""What an importer says, indexed: for tests that ask many small things of one import."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rdflib import Literal, URIRef

from pactgraph.sources import imports, register
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.tables import Account
from pactgraph.sources.triples import Triple
from pactgraph.terms import BASE, ID, PG

Rows = list[dict[str, str]]
_LEFT_OUT = {PG.citesSource, PG.confidence} | {
    PG[f"{date}{bound}"] for date in ("date", "start", "end") for bound in ("Earliest", "Latest")
}


class Said:
    """The statements of a source by subject and predicate (but for sources and bounds of dates), its accounts and rows."""

    def __init__(self, identifier: str, folder: Path, codes: Crosswalk) -> None:
        """Import the source from a folder of copies."""
        self.source = register.source(identifier)
        self.accounts: list[Account] = []
        self.values: dict[URIRef, dict[URIRef, set[URIRef | Literal]]] = {}
        for subject, predicate, value in self._statements(folder, codes):
            if predicate not in _LEFT_OUT:
                self.values.setdefault(subject, {}).setdefault(predicate, set()).add(value)

    def _statements(self, folder: Path, codes: Crosswalk) -> Iterator[Triple]:
        return imports.IMPORTERS[self.source.id](self.source, folder, codes, self.accounts)

    def of(self, subject: str, predicate: URIRef) -> set[str]:
        """Give values, shortened to what follows our base or the folder of an entity, of `pact/un-26-1` or a part of it."""
        found = self.values.get(ID[subject], {}).get(predicate, set())
        return {str(value).removeprefix(BASE).removeprefix("id/").removeprefix("vocab/") for value in found}

    def one(self, subject: str, predicate: URIRef) -> str | None:
        """Give the one value; None if there is none."""
        values = self.of(subject, predicate)
        assert len(values) <= 1, values
        return values.pop() if values else None

    def all(self, predicate: URIRef) -> Counter[str]:
        """Count the values of a predicate over all subjects."""
        shortened = (str(value).rpartition("/")[2] for said in self.values.values() for value in said.get(predicate, ()))
        return Counter(shortened)

    def subjects(self, predicate: URIRef, value: URIRef) -> list[URIRef]:
        """Give the subjects that have a value."""
        return [subject for subject, said in self.values.items() if value in said.get(predicate, ())]

    def account(self, table: str) -> Account:
        """Give the account of a table."""
        (found,) = (account for account in self.accounts if account.file == self.source.tables[table].file)
        return found

    def rows(self, name: str) -> Rows:
        """Give the rows of a table as they were kept, in the order of the file."""
        table = self.source.tables[name]
        kept: dict[int, dict[str, str]] = {}
        for said in self.values.values():
            if table.iri in said.get(PG.inTable, ()):
                (number,) = said[PG.rowNumber]
                kept[int(number)] = dict(zip(table.columns, self._cells(said, name), strict=True))
        return [kept[number] for number in sorted(kept)]

    def _cells(self, said: dict[URIRef, set[URIRef | Literal]], name: str) -> list[str]:
        table = self.source.tables[name]
        if table.whole:
            (line,) = said[PG.rowAsRead]
            return next(csv.reader([str(line)]))
        return [str(next(iter(said.get(table.property(column), [""])))) for column in table.columns]


def original(folder: Path, file: str, but: set[int] | None = None) -> Rows:
    """Give the rows of a copy, without those that end in certain lines."""
    data = (folder / file).read_bytes()
    reader = csv.DictReader(io.StringIO((gzip.decompress(data) if file.endswith(".gz") else data).decode(), newline=""))
    return [row for row in reader if reader.line_num not in (but or set())]
