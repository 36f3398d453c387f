"""What a release says of itself: the service graph, which the endpoint answers from, and void.ttl, for those who want files.

The service graph holds a service description in canonical addresses, the counts and partitions of each named graph (VoID),
the prefixes and the example queries (SHACL). An editor that knows these vocabularies completes and shows examples from it.
void.ttl holds the same, and what describes files: DCAT 3, with a checksum for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rdflib import DCTERMS, VOID, URIRef

from pactgraph.packed import Packed
from pactgraph.pipeline.describe.catalogue import catalogue
from pactgraph.pipeline.describe.examples import examples
from pactgraph.pipeline.describe.partitions import Counted, count
from pactgraph.pipeline.describe.statements import DATASET, ENDPOINT, PAGE, SD, Statements, text
from pactgraph.terms import GRAPH, SERVICE

__all__ = ["Described", "describe"]

_SAID = {
    "ontology": "the OWL 2 ontology",
    "vocabulary": "the SKOS concept schemes",
    "alignments": "alignments of the ontology to other vocabularies",
    "curated": "curated facts, each with its sources and confidence",
    "links": "links to Wikidata",
    "inferred": "statements inferred by rules from the others",
    "coverage": "what each data set looked at: states, times, kinds of obligations and offices",
    "identity": "links between records of several sources that are about one thing, each with method, evidence and confidence",
    "conflicts": "where sources disagree: what, who says what, and by how much",
    "agreement": "what is read in the articles of pacts, held against how data sets code the same pacts",
    "findings": "what is odd about the world as it is recorded: duties that collide, memberships that cannot have been",
    "service": "what describes the service and the data: counts, partitions, prefixes, example queries",
}


@dataclass(frozen=True)
class Described:
    """The service graph as N-Quads, that of sources for local use alone, the examples as Turtle, and what void.ttl needs."""

    nquads: Packed
    local: Packed
    examples: bytes
    counted: Counted
    statements: Statements

    def void(self, version: str, issued: str, files: Mapping[str, bytes]) -> bytes:
        """Give void.ttl. `issued` is the date of the release (xsd:date, without zone); `files` are those to be found."""
        whole = catalogue(self.counted, version, issued, files)
        whole.extend(self.statements)
        return whole.turtle()


def describe(nquads: Packed, local: Packed) -> Described:
    """Describe the quads of a release, and those for local use alone. Both are sorted."""
    counted, asked = count(nquads), examples()
    statements = _service(counted)
    statements.extend(asked)
    _count_itself(statements, counted)
    beside, own = count(local, counted.types), Statements()
    for name in beside.graphs.keys() - counted.graphs.keys():
        _named_graph(own, name, beside)
    return Described(statements.nquads(SERVICE), own.nquads(SERVICE), asked.turtle(), counted, statements)


def _service(counted: Counted) -> Statements:
    """State the endpoint, its data set, and what is in each graph."""
    statements = Statements()
    statements.type(ENDPOINT, SD.Service)
    statements.add(ENDPOINT, SD.endpoint, ENDPOINT)
    statements.add(ENDPOINT, SD.defaultDataset, PAGE["default-dataset"])
    statements.type(PAGE["default-dataset"], SD.Dataset)
    statements.add(PAGE["default-dataset"], SD.defaultGraph, PAGE["default-graph"])
    statements.type(PAGE["default-graph"], SD.Graph)
    counted.whole.state(statements, DATASET)
    for name in (*counted.graphs, str(SERVICE)):
        _named_graph(statements, name, counted)
    return statements


def _named_graph(statements: Statements, iri: str, counted: Counted) -> None:
    name, local = URIRef(iri), iri.removeprefix(str(GRAPH))
    part = PAGE[local]
    statements.add(PAGE["default-dataset"], SD.namedGraph, name)
    statements.type(name, SD.NamedGraph)
    statements.add(name, SD.name, name)
    statements.add(name, SD.graph, part)
    statements.type(part, SD.Graph)
    statements.add(part, DCTERMS.description, text(_SAID.get(local, f"what the data set {local} says")))
    if iri in counted.graphs:
        statements.add(DATASET, VOID.subset, part)
        counted.graphs[iri].state(statements, part)
        counted.graphs[iri].state_crossed(statements, part)


def _count_itself(statements: Statements, counted: Counted) -> None:
    """State how large the service graph is, and the union of all; both count these two statements."""
    number = len(statements) + 2
    statements.add(PAGE["service"], VOID.triples, number)
    statements.add(PAGE["default-graph"], VOID.triples, counted.whole.triples + number)
