"""English names of things, for pages."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode

from pactgraph.queries import load
from pactgraph.store import QueryService


def names_of(service: QueryService, iris: Iterable[str]) -> dict[str, str]:
    """Give the English name (else any) of each thing that has one."""
    things = sorted({iri for iri in iris if "://" in iri})
    if not things:
        return {}
    names: dict[str, str] = {}
    for row in service.rows(load("page/names", thing=[NamedNode(iri) for iri in things])):
        names.setdefault(row["thing"].value, row["name"].value)
    return names
