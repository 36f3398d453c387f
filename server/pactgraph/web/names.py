"""What pages ask of many things: a query that lists them, and their English names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode

from pactgraph.queries import load
from pactgraph.store import QueryService, Term
from pactgraph.terms import ID

_AT_ONCE = 1000  # a query may not be longer than 256 KiB


def rows_about(service: QueryService, query: str, slot: str, iris: Iterable[str]) -> Iterator[dict[str, Term]]:
    """Ask a query of ours about things, whose names go into a slot of it, in as many pieces as it takes; in order of names."""
    things = sorted(set(iris))
    for start in range(0, len(things), _AT_ONCE):
        yield from service.rows(load(query, **{slot: [NamedNode(iri) for iri in things[start : start + _AT_ONCE]]}))


def names_of(service: QueryService, iris: Iterable[str]) -> dict[str, str]:
    """Give the English name (else any) of each thing that has one."""
    names: dict[str, str] = {}
    for row in rows_about(service, "page/names", "thing", (iri for iri in iris if "://" in iri)):
        names.setdefault(row["thing"].value, _alone(row["thing"].value, row["name"].value))
    return names


def _alone(iri: str, name: str) -> str:
    """Give the name of a part without that of its whole: `article 4 (Treaty on …)` is article 4."""
    return name.partition(" (")[0] if "#" in iri and iri.startswith(str(ID)) else name
