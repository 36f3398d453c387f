"""DESCRIBE: what is said of each thing that a query names and of its parts, what points at them, and the labels of all of it.

SPARQL leaves to the service what a description is (SPARQL 1.1 Query, 16.4); the engine gives what is said of a thing, and no
more. So the query is taken apart, the engine finds the things that it names, and the queries beside `queries/describe` complete
them, in the dataset of the query. All of it happens in one worker, under the limits of one query.

Of one property, at most `LINKS` links to a thing are given; how many are left off is counted, and the answer says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QuerySolutions, Store, Triple

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
_LINKED_AT_ONCE = 10  # with a longer list of objects, Virtuoso reads all that there is
Ask = Callable[[str], Any]
Graphs = frozenset[NamedNode | DefaultGraph]


class Engine(Protocol):
    """What a description is asked of: `query` takes the options of pyoxigraph's `Store.query`."""

    @property
    def query(self) -> Callable[..., Any]:
        """Give the function that answers a query."""

    @property
    def quads_for_pattern(self) -> Callable[..., Iterable[Quad]]:
        """Give the function that finds what is said of a blank node; nothing, where those have no lasting names."""


@dataclass(frozen=True)
class Description:
    """The triples of a description, the graphs that they may be in (none: any), and how many links are left off."""

    triples: set[Triple]
    graphs: Graphs
    left_off: int

    def in_order(self) -> list[Triple]:
        """Give the triples in an order that is the same each time."""
        return sorted(self.triples, key=str)


def describe(store: Engine, text: str, options: Mapping[str, Any]) -> Description | None:
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
    terms = (
        {term for row in found for term in row} if isinstance(found, QuerySolutions) else {triple.object for triple in found}
    )
    return {term for term in terms if isinstance(term, NamedNode)}, {term for term in terms if isinstance(term, BlankNode)}


def _complete(ask: Ask, things: list[NamedNode]) -> tuple[set[Triple], int]:
    """Give what is said of some things and their parts, and what points at them; and how many links are left off."""
    parts = (row["node"] for some in _batches(things) for row in ask(load("describe/parts", entity=some)))
    triples: set[Triple] = set()
    left_off = 0
    for some in _batches(sorted({*things, *parts}, key=str), _LINKED_AT_ONCE):
        triples |= set(ask(load("describe/said", node=some)))
        rows = ask(load("describe/links", node=some))
        found = [(row["node"], row["property"], int(row["number"].value)) for row in rows]
        apart = {prop for _, prop, number in found if number > LINKS}
        if few := sorted({prop for _, prop, _ in found} - apart, key=str):
            triples |= set(ask(load("describe/pointing", node=some, property=few)))
        for node, prop in ((node, prop) for node, prop, _ in found if prop in apart):
            triples |= set(ask(load("describe/first", node=node, property=prop) + f"LIMIT {LINKS}"))
        left_off += sum(max(0, number - LINKS) for _, _, number in found)
    return triples, left_off


def _batches(terms: Sequence[NamedNode], size: int = 1000) -> Iterable[Sequence[NamedNode]]:
    """Give terms in batches that a query may list: engines have their limits."""
    return (terms[start : start + size] for start in range(0, len(terms), size))


def _labels(ask: Ask, triples: set[Triple]) -> set[Triple]:
    """Give the labels of all that some triples mention."""
    mentioned = {term for triple in triples for term in (triple.subject, triple.predicate, triple.object)}
    named = sorted((term for term in mentioned if isinstance(term, NamedNode)), key=str)
    return {triple for some in _batches(named) for triple in ask(load("describe/labels", thing=some))}


def _add_blanks(store: Engine, triples: set[Triple], blanks: set[BlankNode], graphs: Graphs) -> None:
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
