"""What shapes find in data that was imported: counted by shape, for it is as its source has it, and stops no build.

Millions of statements are validated by the queries that select violators alone (`violators`). Each looks at a record and what
is next to it, so the time grows with the rows. The conditions that compare records (SPARQL targets) are left out: some compare
each with each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad, Store
from rdflib import SH, Graph
from rdflib.term import Node

from pactgraph.terms import PG
from pactgraph.validation import Targets

_EXAMPLES = 10
_CITES = NamedNode(str(PG.citesSource))


@dataclass(frozen=True)
class Shortfall:
    """What a shape asks for and how many records do not have, by the sources that they cite; the first of them by name."""

    shape: str
    severity: str
    message: str
    count: int
    by_source: dict[str, int]
    examples: list[str]


def shortfalls(store: Store, shapes: Graph, others: AbstractSet[Node]) -> list[Shortfall]:
    """Give what the shapes find at nodes of a store other than those given, which were validated before; most first."""
    found: dict[Node, set[str]] = defaultdict(set)
    for shape, node in Targets(shapes).pairs(store, conditions=False):
        if node not in others:
            found[shape].add(str(node))
    told = [_shortfall(store, shapes, shape, nodes) for shape, nodes in found.items()]
    return sorted(told, key=lambda one: (-one.count, one.shape))


def _shortfall(store: Store, shapes: Graph, shape: Node, nodes: set[str]) -> Shortfall:
    severity = str(shapes.value(shape, SH.severity) or SH.Violation).rpartition("#")[2]
    message = str(shapes.value(shape, SH.message) or "")
    cited = (quad.object for node in nodes for quad in _cited(store, node))
    by_source = Counter(source.value.rpartition("/")[2] for source in cited if isinstance(source, NamedNode))
    return Shortfall(str(shape), severity, message, len(nodes), dict(sorted(by_source.items())), sorted(nodes)[:_EXAMPLES])


def _cited(store: Store, node: str) -> list[Quad]:
    return list(store.quads_for_pattern(NamedNode(node), _CITES, None)) if ":" in node else []
