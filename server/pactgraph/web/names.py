"""English names of things, for pages."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode

from pactgraph.queries import load
from pactgraph.store import QueryService
from pactgraph.terms import ID

_AT_ONCE = 1000  # a query may not be longer than 256 KiB


def names_of(service: QueryService, iris: Iterable[str]) -> dict[str, str]:
    """Give the English name (else any) of each thing that has one."""
    things = sorted({iri for iri in iris if "://" in iri})
    names: dict[str, str] = {}
    for start in range(0, len(things), _AT_ONCE):
        nodes = [NamedNode(iri) for iri in things[start : start + _AT_ONCE]]
        for row in service.rows(load("page/names", thing=nodes)):
            names.setdefault(row["thing"].value, _alone(row["thing"].value, row["name"].value))
    return names


def _alone(iri: str, name: str) -> str:
    """Give the name of a part without that of its whole: `article 4 (Treaty on …)` is article 4."""
    return name.partition(" (")[0] if "#" in iri and iri.startswith(str(ID)) else name
