"""Our IRIs. The base never changes; the server maps it to its own address."""

from __future__ import annotations

from rdflib import URIRef
from rdflib.namespace import DefinedNamespace, Namespace

BASE = "https://w3id.org/pactgraph/"
ID = Namespace(BASE + "id/")
VOCAB = Namespace(BASE + "vocab/")
GRAPH = Namespace(BASE + "graph/")
EDTF = URIRef("http://id.loc.gov/datatypes/edtf/EDTF")

CURATED = GRAPH["curated"]
LINKS = GRAPH["links"]
ONTOLOGY = GRAPH["ontology"]
VOCABULARY = GRAPH["vocabulary"]
ALIGNMENTS = GRAPH["alignments"]
INFERRED = GRAPH["inferred"]


class PG(DefinedNamespace):
    """The terms of the ontology that code names; a typo raises, and a test holds them equal to the ontology."""

    _NS = Namespace(BASE + "ns#")
    _fail = True

    Pact: URIRef
    earliestBound: URIRef
    latestBound: URIRef
    precisionProperty: URIRef


def curie(iri: str) -> str:
    """Shorten one of our IRIs for people: `pact:russia-dprk-2000`, `pg:Pact`; others stay whole."""
    if iri.startswith(PG._NS):
        return "pg:" + iri[len(PG._NS) :]
    if iri.startswith(ID):
        kind, _, slug = iri[len(ID) :].partition("/")
        return f"{kind}:{slug}" if slug else iri
    return iri


def expand(name: str) -> str:
    """Give the whole IRI of `pg:Pact`, `pact:russia-dprk-2000` or `pact/russia-dprk-2000`; whole IRIs stay."""
    if "://" in name:
        return name
    kind, _, slug = name.replace("/", ":", 1).partition(":")
    return str(PG._NS) + slug if kind == "pg" else f"{ID}{kind}/{slug}"
