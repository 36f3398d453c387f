"""Statements about the service and its data, and the names that they use."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from pyoxigraph import Literal, RdfFormat, parse, serialize
from rdflib import RDF, XSD, Namespace, URIRef

from pactgraph.packed import Packed
from pactgraph.prefixes import DESCRIBING, PREFIXES
from pactgraph.terms import BASE

SD = Namespace(DESCRIBING["sd"])
VOID_EXT = Namespace(DESCRIBING["void-ext"])
SPDX = Namespace(DESCRIBING["spdx"])
PAGE = Namespace(BASE + "void#")
DATASET = PAGE["dataset"]
ENDPOINT = URIRef(BASE + "sparql")
_ALL = PREFIXES | DESCRIBING


class Statements:
    """A set of statements; each is kept as N-Triples writes it."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lines: set[str] = set()

    def __len__(self) -> int:
        """Count the statements."""
        return len(self._lines)

    def add(self, subject: URIRef, predicate: URIRef, *values: URIRef | Literal | int) -> None:
        """State one value, or several."""
        for value in values:
            self._lines.add(f"<{subject}> <{predicate}> {_written(value)}")

    def type(self, subject: URIRef, *classes: URIRef) -> None:
        """State what something is."""
        self.add(subject, RDF.type, *classes)

    def extend(self, others: Statements) -> None:
        """Add the statements of others."""
        self._lines |= others._lines

    def nquads(self, graph: URIRef) -> Packed:
        """Give the statements as sorted N-Quads in a graph."""
        return Packed.of(f"{line} <{graph}> .\n".encode() for line in sorted(self._lines))

    def turtle(self) -> bytes:
        """Give the statements as Turtle, in order."""
        ntriples = "".join(f"{line} .\n" for line in sorted(self._lines)).encode()
        triples = (quad.triple for quad in parse(input=ntriples, format=RdfFormat.N_TRIPLES))
        return serialize(triples, format=RdfFormat.TURTLE, prefixes=_ALL) or b""


def text(words: str) -> Literal:
    """Give words in English."""
    return Literal(words, language="en")


@cache
def name_of(iri: str) -> str:
    """Give a short name of a term that can stand in a fragment: `pg:Pact`, or its IRI with escapes; no two have the same."""
    for prefix, namespace in _ALL.items():
        if iri.startswith(namespace) and iri[len(namespace) :].isalnum():
            return f"{prefix}:{iri[len(namespace) :]}"
    return quote(iri, safe="")


def _written(value: URIRef | Literal | int) -> str:
    if isinstance(value, int):
        return f'"{value}"^^<{XSD.integer}>'
    return str(value) if isinstance(value, Literal) else f"<{value}>"
