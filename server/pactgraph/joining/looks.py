"""What the register says that sources looked at, as statements for the rules of coverage; nobody else sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdflib import RDF, XSD, Literal, Namespace, URIRef
from rdflib.plugins.serializers.nt import _nt_row

from pactgraph.sources.register import Look, Source
from pactgraph.sources.triples import Triple
from pactgraph.terms import BASE, ID, PG

JOIN = Namespace(f"{BASE}joins#")


def looks(sources: Iterable[Source]) -> bytes:
    """Give the statements as N-Triples."""
    return "".join(
        _nt_row(triple)
        for source in sources
        for number, look in enumerate(source.coverage, 1)
        for triple in _look(source, look, number)
    ).encode()


def _look(source: Source, look: Look, number: int) -> Iterator[Triple]:
    slug = source.id.replace(".", "-")
    node = JOIN[slug if number == 1 else f"{slug}-{number}"]
    yield node, PG.citesSource, source.iri
    yield node, JOIN.name, Literal(f"{source.title} {source.version}")
    yield node, JOIN.first, Literal(look.first, datatype=XSD.date)
    yield node, JOIN.last, Literal(look.last, datatype=XSD.date)
    yield node, JOIN.basis, Literal(look.basis, lang="en")
    yield from ((node, JOIN.kind, kind) for kind in look.kinds)
    yield _states(node, source, look)


def _states(node: URIRef, source: Source, look: Look) -> Triple:
    if look.states == "every":
        return node, RDF.type, JOIN.Whole
    if look.states == "own":
        return node, JOIN.table, source.table(look.table).iri
    return node, JOIN.list, ID[f"source/{look.states.replace('.', '-')}"]
