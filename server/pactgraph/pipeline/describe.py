"""The description of a release: VoID (https://www.w3.org/TR/void/) and DCAT 3, generated from its quads."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, VOID, XSD, Graph, Literal, URIRef

from pactgraph.terms import BASE, GRAPH, ID

DATASET = URIRef(BASE + "void#dataset")
_DCAT_VERSION = URIRef("http://www.w3.org/ns/dcat#version")  # of DCAT 3; RDFLib knows DCAT 2
_LICENCE = URIRef("https://creativecommons.org/licenses/by/4.0/")
_DUMPS = (
    ("nq", "application/n-quads"),
    ("trig", "application/trig"),
    ("ttl", "text/turtle"),
    ("jsonld", "application/ld+json"),
)
_GRAPHS = {
    "ontology": "the OWL 2 ontology",
    "vocabulary": "the SKOS concept schemes",
    "alignments": "alignments of the ontology to other vocabularies",
    "curated": "curated facts, each with its sources and confidence",
    "links": "links to Wikidata",
    "inferred": "statements inferred by rules from the others",
}


@dataclass
class _Counts:
    triples: int = 0
    subjects: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    properties: Counter[str] = field(default_factory=Counter)
    classes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, subject: str, predicate: str, value: str) -> None:
        self.triples += 1
        self.subjects.add(subject)
        self.objects.add(value)
        self.properties[predicate] += 1
        if predicate == str(RDF.type):
            self.classes[value].add(subject)


def void(nquads: bytes, version: str, issued: str) -> bytes:
    """Describe the quads of a release, as Turtle. `issued` is its date (xsd:date, without zone)."""
    graph = Graph()
    for prefix, namespace in (("void", VOID), ("dcat", DCAT), ("dcterms", DCTERMS), ("foaf", FOAF)):
        graph.bind(prefix, namespace)
    whole, parts = _count(nquads)
    _dataset(graph, whole, version, issued)
    for name, counts in sorted(parts.items()):
        part = GRAPH[name]
        graph.add((DATASET, VOID.subset, part))
        graph.add((part, RDF.type, VOID.Dataset))
        graph.add((part, DCTERMS.description, Literal(_GRAPHS[name], lang="en")))
        graph.add((part, VOID.triples, Literal(counts.triples)))
    return graph.serialize(format="turtle", encoding="utf-8")


def _count(nquads: bytes) -> tuple[_Counts, dict[str, _Counts]]:
    whole, parts = _Counts(), defaultdict[str, _Counts](_Counts)
    for quad in parse(input=nquads, format=RdfFormat.N_QUADS):
        subject, predicate, value = str(quad.subject), quad.predicate.value, str(quad.object)
        value = quad.object.value if isinstance(quad.object, NamedNode) else value
        whole.add(subject, predicate, value)
        parts[str(quad.graph_name).strip("<>").removeprefix(str(GRAPH))].add(subject, predicate, value)
    return whole, dict(parts)


def _dataset(graph: Graph, counts: _Counts, version: str, issued: str) -> None:
    facts = (
        (RDF.type, VOID.Dataset),
        (RDF.type, DCAT.Dataset),
        (DCTERMS.title, Literal("Pactgraph", lang="en")),
        (
            DCTERMS.description,
            Literal("States, leaders, the pacts between them and the domains they cooperate in", lang="en"),
        ),
        (DCTERMS.license, _LICENCE),
        (DCTERMS.issued, Literal(issued, datatype=XSD.date)),
        (_DCAT_VERSION, Literal(version)),
        (FOAF.homepage, URIRef(BASE)),
        (VOID.sparqlEndpoint, URIRef(BASE + "sparql")),
        (VOID.uriSpace, Literal(str(ID))),
        (VOID.exampleResource, URIRef(ID + "pact/russia-dprk-csp-2024")),
        (VOID.triples, Literal(counts.triples)),
        (VOID.distinctSubjects, Literal(len(counts.subjects))),
        (VOID.distinctObjects, Literal(len(counts.objects))),
        (VOID.properties, Literal(len(counts.properties))),
        (VOID.classes, Literal(len(counts.classes))),
    )
    for predicate, value in facts:
        graph.add((DATASET, predicate, value))
    _partitions(graph, counts)
    for suffix, media_type in _DUMPS:
        address = URIRef(f"{BASE}download/dumps/pactgraph.{suffix}.gz")
        graph.add((DATASET, VOID.dataDump, address))
        graph.add((DATASET, DCAT.distribution, address))
        graph.add((address, RDF.type, DCAT.Distribution))
        graph.add((address, DCAT.downloadURL, address))
        graph.add((address, DCAT.mediaType, URIRef("https://www.iana.org/assignments/media-types/" + media_type)))
        graph.add((address, RDFS.label, Literal(f"All statements as {media_type}, gzip", lang="en")))


def _partitions(graph: Graph, counts: _Counts) -> None:
    for predicate, number in sorted(counts.properties.items()):
        part = URIRef(f"{DATASET}-property-{_slug(predicate)}")
        graph.add((DATASET, VOID.propertyPartition, part))
        graph.add((part, VOID.property, URIRef(predicate)))
        graph.add((part, VOID.triples, Literal(number)))
    for name, members in sorted(counts.classes.items()):
        if name.startswith("http"):
            part = URIRef(f"{DATASET}-class-{_slug(name)}")
            graph.add((DATASET, VOID.classPartition, part))
            graph.add((part, VOID["class"], URIRef(name)))
            graph.add((part, VOID.entities, Literal(len(members))))


def _slug(iri: str) -> str:
    return iri.split("://")[-1].replace("/", "-").replace("#", "-")
