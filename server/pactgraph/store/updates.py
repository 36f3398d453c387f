"""Updates that are sent to an engine: the texts of queries/update/, filled with terms as pyoxigraph writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize
from rdflib import XSD

from pactgraph.queries import update


def clear(graph: str) -> str:
    """Empty a named graph."""
    return update("clear", graph=_iri(graph))


def copy(source: str, target: str) -> str:
    """Add what a named graph holds to another."""
    return update("copy", source=_iri(source), target=_iri(target))


def insert(graph: str, triples: Iterable[Triple]) -> str:
    """Add triples without blank nodes to a named graph."""
    lines = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
    return update("insert", graph=_iri(graph), triples=lines.decode().strip())


def forget(graph: str, view: str) -> str:
    """Remove what the graph of written views says of a view."""
    return update("forget", graph=_iri(graph), view=_iri(view))


def now() -> Literal:
    """Give this moment, in UTC, to the microsecond."""
    return Literal(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), datatype=NamedNode(str(XSD.dateTime)))


def _iri(name: str) -> str:
    return str(NamedNode(name))
