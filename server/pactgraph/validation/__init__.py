"""Validation by SHACL: the only caller of pySHACL.

Shapes are parsed here and handed over as a Graph: a shapes argument that fails to load leaves RDFLib changed for the whole
process. What is asserted is validated, before inference, which would invent the types that are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

import pyshacl
from pyoxigraph import BlankNode, NamedNode, Quad, QuerySolutions, RdfFormat, Store
from pyoxigraph import Literal as OxLiteral
from pyoxigraph import parse as parse_rdf
from pyshacl.rdfutil.stringify import stringify_blank_node
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.term import Node

from pactgraph import knowledge
from pactgraph.errors import BadInput, Finding
from pactgraph.validation.violators import violators

_TARGETS = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)


def parse(paths: Iterable[Path]) -> Graph:
    """Read Turtle files into one graph. Raises BadInput, with file and line, for one that does not parse."""
    graph = Graph()
    for path in paths:
        try:
            graph.parse(path, format="turtle")
        except BadSyntax as error:
            fault = f"not Turtle: {error._why}"
            raise BadInput(fault, file=knowledge.name(path), line=error.lines + 1, column=1) from None
    return graph


def validate(world: Graph, shapes: Graph, focus: Iterable[str] | None = None) -> tuple[list[Finding], Graph]:
    """Validate asserted statements, with the ontology that they refer to in the same graph.

    Gives the findings, worst first, and the SHACL report as a graph. With `focus`, only those nodes are looked at (in the
    light of all the data).
    """
    targets = Targets(shapes)
    store = index(world)
    aimed = targets.violated(store) if focus is None else targets.within({URIRef(node) for node in focus}, world, store)
    found, report = run(world, aimed)
    return sorted(found.values(), key=worst_first), report


def run(world: Graph, shapes: Graph) -> tuple[dict[Node, Finding], Graph]:
    """Validate by shapes that are aimed at nodes; give the finding of each result of the report, and the report."""
    if not any(_targeted(shapes)):
        return {}, _nothing_found()
    _, report, _ = pyshacl.validate(world, shacl_graph=shapes, advanced=True, inplace=True, inference="none")
    stringify_blank_node.dict_cache.clear()  # it would keep texts of one data set for the next
    if not isinstance(report, Graph):
        raise RuntimeError(f"pySHACL gives no report: {report}")
    return {result: _finding(report, shapes, result) for result in report.subjects(RDF.type, SH.ValidationResult)}, report


def _targeted(shapes: Graph) -> Iterator[bool]:
    """Say of each kind of target whether shapes have it; a shape that is a class is aimed at its members."""
    yield from ((None, target, None) in shapes for target in _TARGETS)
    yield (None, RDF.type, RDFS.Class) in shapes


def _nothing_found() -> Graph:
    report = Graph()
    whole = BNode()
    report.add((whole, RDF.type, SH.ValidationReport))
    report.add((whole, SH.conforms, Literal(True)))
    return report


def worst_first(finding: Finding) -> tuple[bool, Finding]:
    """Give the key that sorts violations before the rest."""
    return finding.severity != "Violation", finding


def index(graph: Graph) -> Store:
    """Give the statements of a graph as a store that queries are asked of; blank nodes keep their names."""
    store = Store()
    store.extend(quads(graph))
    return store


def quads(statements: Graph) -> Iterator[Quad]:
    """Give statements in pyoxigraph's terms."""
    return parse_rdf(input=statements.serialize(format="nt", encoding="utf-8"), format=RdfFormat.N_TRIPLES, lenient=True)


class Targets:
    """The shapes, and the nodes that each is aimed at.

    pySHACL would evaluate SPARQL targets (SHACL-AF, section 3.1) with RDFLib, many times slower than pyoxigraph does here
    (docs/decisions/0004).
    """

    def __init__(self, shapes: Graph) -> None:
        """Take the shapes as they are published."""
        self._plain = _copy(shapes)
        self._plain.remove((None, SH.target, None))
        self._queries = [
            (shape, _prologue(shapes, target) + str(shapes.value(target, SH.select)))
            for shape, target in shapes.subject_objects(SH.target)
        ]
        self._shapes = ShapesGraph(self._plain).shapes
        found = ((shape.node, violators(shapes, shape.node)) for shape in self._shapes)
        self._violators = [(shape, queries) for shape, queries in found if queries is not None]

    def violated(self, store: Store) -> Graph:
        """Give the shapes aimed at the nodes that violate them, and those of which no query can be made at all their nodes."""
        aimed = _copy(self._plain)
        for shape, _ in self._violators:
            for target in _TARGETS:
                aimed.remove((shape, target, None))
        for shape, node in self.pairs(store):
            aimed.add((shape, SH.targetNode, node))
        return aimed

    def pairs(self, store: Store, *, conditions: bool = True) -> Iterator[tuple[Node, Node]]:
        """Give shapes with the nodes that queries say violate them; if asked for, by conditions that compare records too."""
        queries = [(shape, query) for shape, queries in self._violators for query in queries]
        for shape, query in (*(self._queries if conditions else ()), *queries):
            yield from ((shape, node) for node in _ask(store, shape, query))

    def within(self, focus: AbstractSet[Node], world: Graph, store: Store) -> Graph:
        """Give the shapes aimed at those of their targets that are in `focus`.

        pySHACL's own option for this passes over every node outside the focus, those that a shape reaches by a path included.
        """
        aimed = _copy(self._plain)
        for target in _TARGETS:
            aimed.remove((None, target, None))
        named = ((shape.node, node) for shape in self._shapes for node in shape.focus_nodes(world))
        for shape, node in (*named, *self._selected(store)):
            if node in focus:
                aimed.add((shape, SH.targetNode, node))
        return aimed

    def _selected(self, store: Store) -> Iterator[tuple[Node, Node]]:
        for shape, query in self._queries:
            yield from ((shape, node) for node in _ask(store, shape, query))


def _ask(store: Store, shape: Node, query: str) -> Iterator[Node]:
    """Give the nodes that a shape's query selects."""
    try:
        solutions = store.query(query)
    except SyntaxError as error:
        raise BadInput(f"the sh:select of {shape} is not SPARQL: {error.msg}", hint="correct it in shapes/") from None
    assert isinstance(solutions, QuerySolutions)
    yield from (_node(node) for node in {solution["this"] for solution in solutions})


def _node(term: object) -> Node:
    if isinstance(term, BlankNode):
        return BNode(term.value)
    if isinstance(term, OxLiteral):
        return Literal(term.value, lang=term.language, datatype=None if term.language else URIRef(term.datatype.value))
    assert isinstance(term, NamedNode), term
    return URIRef(term.value)


def _copy(graph: Graph) -> Graph:
    copy = Graph()
    for triple in graph:
        copy.add(triple)
    return copy


def _prologue(shapes: Graph, target: Node) -> str:
    """Give the PREFIX lines that a target's sh:prefixes declares."""
    declared = (entry for owner in shapes.objects(target, SH.prefixes) for entry in shapes.objects(owner, SH.declare))
    pairs = ((shapes.value(entry, SH.prefix), shapes.value(entry, SH.namespace)) for entry in declared)
    return "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in pairs)


def _finding(report: Graph, shapes: Graph, result: Node) -> Finding:
    source = report.value(result, SH.sourceShape)
    return Finding(
        severity=str(report.value(result, SH.resultSeverity)).rpartition("#")[2],
        message=_message(report, shapes, result, source),
        focus=_text(report, result, SH.focusNode, blank=True),
        path=_text(report, result, SH.resultPath),
        value=_text(report, result, SH.value),
        shape=_name(shapes, source),
    )


def _message(report: Graph, shapes: Graph, result: Node, source: Node | None) -> str:
    """Give the message of a result; a SPARQL constraint's own, which names the value, before that of its shape."""
    messages = {str(message) for message in report.objects(result, SH.resultMessage)}
    general = {str(message) for message in shapes.objects(source, SH.message)} if source else set()
    return min(messages - general or messages, default="")


def _text(report: Graph, result: Node, predicate: URIRef, *, blank: bool = False) -> str:
    value = report.value(result, predicate)
    if isinstance(value, BNode):
        return f"_:{value}" if blank else ""
    return "" if value is None else str(value)


def _name(shapes: Graph, shape: Node | None) -> str:
    """Give the IRI of a shape, or of the named shape that an unnamed property shape belongs to."""
    while isinstance(shape, BNode):
        shape = next(iter(shapes.subjects(None, shape)), None)
    return str(shape or "")
