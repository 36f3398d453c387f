"""DESCRIBE: what is said of each thing that a query names and of its parts, what points at them, and the labels of all of it.

SPARQL leaves to the service what a description is (SPARQL 1.1 Query, 16.4); the engine gives what is said of a thing, and no
more. So the query is taken apart, the engine finds the things that it names, and the queries beside `queries/describe` complete
them, in the dataset of the query. All of it happens in one worker, under the limits of one query.

Of one property, at most `LINKS` links to a thing are given; how many are left off is counted, and the answer says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QueryTriples, Store, Triple

from pactgraph.errors import QueryRefused, QuerySyntax
from pactgraph.queries import load
from pactgraph.store.guard import PROLOGUE, check

LINKS = 1000
_MARK = "urn:x-pactgraph:"
_SPACE = r"(?:\s|#[^\r\n]*+)*+"
_NAME = r"""(?:<[^<>"{}|^`\s]*+>|(?:[^\W\d_][\w.-]*+)?:(?:[\w.:%-]|\\.)*+)"""
_GRAPH = rf"from\b{_SPACE}(?P<named>named\b)?{_SPACE}(?P<graph>{_NAME}){_SPACE}"
_QUERY = re.compile(
    rf"(?P<prologue>{PROLOGUE})describe\b{_SPACE}(?:\*{_SPACE}|(?P<things>(?:(?:[?$]\w++|{_NAME}){_SPACE})++))"
    rf"(?P<clauses>(?:{_GRAPH.replace('?P<named>', '').replace('?P<graph>', '')})*+)(?P<where>where\b)?(?P<rest>.*)",
    re.I | re.S,
)
_THING = re.compile(rf"{_SPACE}([?$]\w++|{_NAME})")
_CLAUSE = re.compile(_GRAPH, re.I)
Ask = Callable[[str], Any]
Graphs = frozenset[NamedNode | DefaultGraph]


@dataclass(frozen=True)
class Description:
    """The triples of a description, the graphs that they may be in (none: any), and how many links are left off."""

    triples: set[Triple]
    graphs: Graphs
    left_off: int

    def in_order(self) -> list[Triple]:
        """Give the triples in an order that is the same each time."""
        return sorted(self.triples, key=str)

    def placed(self, store: Store) -> Iterator[Quad]:
        """Give the triples in order, each in every named graph that states it."""
        for triple in self.in_order():
            for quad in store.quads_for_pattern(triple.subject, triple.predicate, triple.object):
                if not self.graphs or quad.graph_name in self.graphs:
                    yield quad


def describe(store: Store, text: str, options: Mapping[str, Any]) -> Description | None:
    """Answer a DESCRIBE, in the dataset that the options of `Store.query` give; None for any other query.

    None also for one that does not parse: the engine says what is wrong with it.
    """
    asked = _QUERY.fullmatch(text)
    if not asked:
        return None
    try:
        finder = _finder(asked)
        check(finder)
        found = store.query(finder, **options)
        dataset = _dataset(asked, options)
    except (SyntaxError, QuerySyntax, QueryRefused):
        return None

    def ask(query: str) -> Any:
        return store.query(query, **dataset)

    things, blanks = _things(found)
    triples, left_off = _complete(ask, sorted(things, key=str)) if things else (set(), 0)
    graphs = _graphs(dataset)
    _add_blanks(store, triples, blanks, graphs)
    triples |= _labels(ask, triples)
    return Description(triples, graphs, left_off)


def _finder(asked: re.Match[str]) -> str:
    """Give a query that finds the things: those of a list by CONSTRUCT, those of `*` by SELECT."""
    listed = " ".join(f"<{_MARK}> <{_MARK}> {thing[1]} ." for thing in _THING.finditer(asked["things"] or ""))
    pattern = asked["rest"] if asked["where"] or asked["rest"].startswith("{") else "{} " + asked["rest"]
    return f"{asked['prologue']} {f'CONSTRUCT {{ {listed} }}' if listed else 'SELECT *'} {asked['clauses']} WHERE {pattern}"


def _dataset(asked: re.Match[str], options: Mapping[str, Any]) -> dict[str, Any]:
    """Give the options of `Store.query` for the dataset: its FROM graphs, unless the request names graphs itself."""
    clauses = list(_CLAUSE.finditer(asked["clauses"]))
    if not clauses or options.get("default_graph") is not None:
        return dict(options)
    template = " ".join(
        f"<{_MARK}> <{_MARK}{'named' if clause['named'] else 'default'}> {clause['graph']} ." for clause in clauses
    )
    triples: Any = Store().query(f"{asked['prologue']} CONSTRUCT {{ {template} }} WHERE {{}}", base_iri=options.get("base_iri"))
    graphs: dict[str, list[NamedNode]] = {"default": [], "named": []}
    for triple in triples:
        graphs[triple.predicate.value.removeprefix(_MARK)].append(triple.object)
    return {**options, "default_graph": graphs["default"], "named_graphs": graphs["named"], "use_default_graph_as_union": False}


def _things(found: Any) -> tuple[set[NamedNode], set[BlankNode]]:
    """Give the things that the query names: IRIs, and blank nodes."""
    terms = {triple.object for triple in found} if isinstance(found, QueryTriples) else {term for row in found for term in row}
    return {term for term in terms if isinstance(term, NamedNode)}, {term for term in terms if isinstance(term, BlankNode)}


def _complete(ask: Ask, things: list[NamedNode]) -> tuple[set[Triple], int]:
    """Give what is said of some things and their parts, and what points at them; and how many links are left off."""
    nodes = sorted({row["node"] for row in ask(load("describe/parts", node=things, entity=things))}, key=str)
    triples = set(ask(load("describe/said", node=nodes)))
    numbers = [(row["node"], row["property"], int(row["number"].value)) for row in ask(load("describe/links", node=nodes))]
    many = {(node, prop): number for node, prop, number in numbers if number > LINKS}
    apart = {prop for _, prop in many}
    triples |= set(ask(load("describe/pointing", node=nodes, property=sorted(apart, key=str))))
    for node, prop in ((node, prop) for node, prop, _ in numbers if prop in apart):
        triples |= set(ask(load("describe/first", node=node, property=prop) + f"LIMIT {LINKS}"))
    return triples, sum(many.values()) - LINKS * len(many)


def _labels(ask: Ask, triples: set[Triple]) -> set[Triple]:
    """Give the labels of all that some triples mention."""
    mentioned = {term for triple in triples for term in (triple.subject, triple.predicate, triple.object)}
    named = sorted((term for term in mentioned if isinstance(term, NamedNode)), key=str)
    return set(ask(load("describe/labels", thing=named)))


def _add_blanks(store: Store, triples: set[Triple], blanks: set[BlankNode], graphs: Graphs) -> None:
    """Add what is said of blank nodes: of those given, of those in the triples, and of those that these lead to."""
    waiting = blanks | {term for triple in triples for term in (triple.subject, triple.object) if isinstance(term, BlankNode)}
    seen: set[BlankNode] = set()
    while waiting:
        node = waiting.pop()
        seen.add(node)
        for quad in store.quads_for_pattern(node, None, None):
            if not graphs or quad.graph_name in graphs:
                triples.add(quad.triple)
                if isinstance(quad.object, BlankNode) and quad.object not in seen:
                    waiting.add(quad.object)


def _graphs(dataset: Mapping[str, Any]) -> Graphs:
    """Give the graphs that make up the default graph of a dataset; none, where all do."""
    if dataset.get("default_graph") is not None:
        return frozenset(dataset["default_graph"])
    return frozenset() if dataset.get("use_default_graph_as_union") else frozenset({DefaultGraph()})
