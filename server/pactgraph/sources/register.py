"""The register of sources: one file each in data/sources/, with what a copy must look like and what each column means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, XSD, Literal, URIRef

from pactgraph import knowledge
from pactgraph.errors import BadInput
from pactgraph.sources import yamlld
from pactgraph.sources.triples import Triple
from pactgraph.terms import BASE, GRAPH, ID, PG, VOCAB


@dataclass(frozen=True)
class Column:
    """A column of a table: its type (text, integer, flag, date, messydate), bounds, whether it may be empty, and its meaning.

    The bounds of a messydate are years.
    """

    name: str
    type: str
    definition: str
    optional: bool = False
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True)
class Table:
    """A table of a source: the file that holds it (below the user's folder), its key and its columns.

    `whole`: its rows are kept whole, as a line of CSV each, not value by value. For long tables. `download` is the address of
    the file as such, if it has one, and `mirrors` addresses on other hosts that this may redirect to.
    """

    name: str
    file: str
    sha256: str
    row: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    iri: URIRef
    whole: bool = False
    download: str = ""
    mirrors: tuple[str, ...] = ()

    def property(self, column: str) -> URIRef:
        """Give the property that holds what a row has in a column, as text."""
        return URIRef(f"{self.iri}#{quote(column)}")


@dataclass(frozen=True)
class Look:
    """What the makers of a source looked at: things of some kinds (concepts), in some states, from a day to a day (xsd:date).

    `states` is the source whose list of states they went by; `own`: the states that a table of the source itself has;
    `every`: all there were.
    """

    states: str
    first: str
    last: str
    kinds: tuple[URIRef, ...]
    basis: str
    table: str = ""


@dataclass(frozen=True)
class Source:
    """A data set: what it is, whether it may be handed on, its tables, and what its makers looked at.

    `prepared` says how the files are made of those at the address, where they do not lie there as such.
    """

    id: str
    title: str
    version: str
    citation: str
    licence: str
    address: str
    redistribute: bool
    reason: str = ""
    tables: dict[str, Table] = field(default_factory=dict)
    coverage: tuple[Look, ...] = ()
    prepared: str = ""

    @property
    def graph(self) -> URIRef:
        """Give the named graph of its statements."""
        return GRAPH[self.id]

    @property
    def iri(self) -> URIRef:
        """Give the document that its statements cite."""
        return ID[f"source/{self.id.replace('.', '-')}"]

    @property
    def fetchable(self) -> bool:
        """Tell whether each of its files lies at an address as such."""
        return all(table.download for table in self.tables.values())

    def table(self, name: str = "") -> Table:
        """Give a table; without a name its only one, or `members`. Raises BadInput for a name that it does not have."""
        name = name or ("members" if len(self.tables) > 1 else next(iter(self.tables)))
        if name not in self.tables:
            raise BadInput(f"{self.id} has no table {name!r}", hint="use one of " + ", ".join(self.tables))
        return self.tables[name]


def sources() -> dict[str, Source]:
    """Give every source of the register, by its identifier. Raises BadInput for an entry that cannot be used."""
    found = {}
    for path in knowledge.sources():
        name = knowledge.name(path)
        entry = yamlld.load(path, name).data
        try:
            found[entry["id"]] = _source(entry)
        except (KeyError, TypeError) as error:
            raise BadInput(f"the entry lacks or mistakes {error}", file=name, line=1, column=1) from None
    return found


def source(identifier: str) -> Source:
    """Give one source. Raises BadInput for one that the register does not have."""
    known = sources()
    if identifier not in known:
        raise BadInput(f"there is no source {identifier!r}", hint="use one of " + ", ".join(known))
    return known[identifier]


def codebook(source: Source) -> list[Triple]:
    """Give what a source is, and its tables and columns, as statements: so that every coded value can be read.

    And the first and last day that it looks at.
    """
    triples = _description(source)
    if source.coverage:
        first, last = min(look.first for look in source.coverage), max(look.last for look in source.coverage)
        triples.append((source.iri, PG.coversFrom, Literal(first, datatype=XSD.date)))
        triples.append((source.iri, PG.coversUntil, Literal(last, datatype=XSD.date)))
    for table in source.tables.values():
        triples += [
            (table.iri, RDF.type, PG.Dataset),
            (table.iri, DCTERMS.identifier, Literal(f"sha256:{table.sha256}")),
            (table.iri, RDFS.label, Literal(f"{source.title} {source.version}: {table.name}", lang="en")),
            (table.iri, SKOS.definition, Literal(f"One row is {table.row}.", lang="en")),
            (table.iri, DCTERMS.source, source.iri),
        ]
        for column in table.columns.values():
            iri = table.property(column.name)
            triples += [
                (iri, RDF.type, PG.Passage),
                (iri, RDFS.label, Literal(column.name, lang="en")),
                (iri, SKOS.definition, Literal(column.definition, lang="en")),
                (iri, PG.passageOf, table.iri),
                (iri, PG.passageNumber, Literal(list(table.columns).index(column.name) + 1, datatype=XSD.integer)),
            ]
    return triples


def _description(source: Source) -> list[Triple]:
    """Say what a source is, in Dublin Core: title, version, citation, rights, whether it may be handed on, address."""
    handed_on = "may be handed on" if source.redistribute else f"for local use: {source.reason}"
    return [
        (source.iri, RDF.type, PG.Dataset),
        (source.iri, DCTERMS.title, Literal(source.title, lang="en")),
        (source.iri, OWL.versionInfo, Literal(source.version)),
        (source.iri, DCTERMS.bibliographicCitation, Literal(source.citation, lang="en")),
        (source.iri, DCTERMS.rights, Literal(source.licence, lang="en")),
        (source.iri, DCTERMS.accessRights, Literal(handed_on, lang="en")),
        (source.iri, DCTERMS.source, URIRef(source.address)),
    ]


def _source(entry: dict[str, Any]) -> Source:
    facts = {key: entry[key] for key in ("id", "title", "version", "citation", "licence", "address", "redistribute")}
    written = {name: table["columns"] for name, table in entry["tables"].items()}
    tables = {name: _table(entry["id"], name, table, written) for name, table in entry["tables"].items()}
    coverage = tuple(_look(look) for look in entry.get("coverage", ()))
    return Source(**facts, reason=entry.get("reason", ""), tables=tables, coverage=coverage, prepared=entry.get("prepared", ""))


def _look(entry: dict[str, Any]) -> Look:
    kinds = tuple(VOCAB[kind] for kind in entry.get("kinds", ()))
    return Look(entry["states"], entry["from"], entry["to"], kinds, entry["basis"], entry.get("table", ""))


def _table(identifier: str, name: str, entry: dict[str, Any], written: dict[str, dict[str, Any]]) -> Table:
    columns = {column: Column(column, **_about(about, written)) for column, about in entry["columns"].items()}
    iri = URIRef(f"{BASE}source/{identifier}/{name}")
    whole = entry.get("whole", False)
    return Table(name, entry["file"], entry["sha256"], entry["row"], tuple(entry["key"]), columns, iri, whole, *_found(entry))


def _found(entry: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    return entry.get("download", ""), tuple(entry.get("mirrors", ()))


def _about(entry: dict[str, Any], written: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Give what is written of a column; `like: members.phase` is a column of another table, described there."""
    if "like" not in entry:
        return entry
    table, _, column = entry["like"].partition(".")
    return dict(written[table][column])
