"""Validation by SHACL: the only caller of pySHACL.

Shapes are parsed here and handed over as a Graph: a shapes argument that fails to load leaves RDFLib changed for the whole
process. What is asserted is validated, before inference, which would invent the types that are missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyshacl
from pyoxigraph import QuerySolutions, RdfFormat, Store
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, SH, BNode, Graph, URIRef
from rdflib.term import Node

from pactgraph.errors import Finding

_TARGETS = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)


def parse(paths: Iterable[Path]) -> Graph:
    """Read Turtle files into one graph."""
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


def validate(world: Graph, shapes: Graph, focus: Iterable[str] | None = None) -> tuple[list[Finding], Graph]:
    """Validate asserted statements, with the ontology that they refer to in the same graph.

    Gives the findings, worst first, and the SHACL report as a graph. With `focus`, only those nodes are looked at (in the
    light of all the data).
    """
    aimed = _aimed(shapes, world)
    if focus is not None:
        aimed = _narrowed(aimed, world, {URIRef(node) for node in focus})
    _, report, _ = pyshacl.validate(world, shacl_graph=aimed, advanced=True, inplace=True, inference="none")
    findings = [_finding(report, shapes, result) for result in report.subjects(RDF.type, SH.ValidationResult)]
    return sorted(findings, key=lambda f: (f.severity != "Violation", f)), report


def _aimed(shapes: Graph, world: Graph) -> Graph:
    """Give the shapes with each SPARQL target (SHACL-AF, section 3.1) replaced by the nodes that it selects.

    pySHACL would evaluate them with RDFLib, many times slower than pyoxigraph does here (docs/decisions/0004).
    """
    store = Store()
    store.bulk_load(input=world.serialize(format="nt", encoding="utf-8"), format=RdfFormat.N_TRIPLES)
    aimed = _copy(shapes)
    for shape, target in shapes.subject_objects(SH.target):
        solutions = store.query(_prologue(shapes, target) + str(shapes.value(target, SH.select)))
        assert isinstance(solutions, QuerySolutions)
        for node in {solution["this"].value for solution in solutions}:
            aimed.add((shape, SH.targetNode, URIRef(node)))
        aimed.remove((shape, SH.target, target))
    return aimed


def _narrowed(shapes: Graph, world: Graph, focus: set[URIRef]) -> Graph:
    """Give the shapes aimed at those of their targets that are in `focus`.

    pySHACL's own option for this passes over every node outside the focus, those that a shape reaches by a path included.
    """
    narrowed = _copy(shapes)
    for shape in ShapesGraph(shapes).shapes:
        nodes = shape.focus_nodes(world) & focus
        for target in _TARGETS:
            narrowed.remove((shape.node, target, None))
        for node in nodes:
            narrowed.add((shape.node, SH.targetNode, node))
    return narrowed


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
        message=str(report.value(result, SH.resultMessage) or ""),
        focus=_text(report, result, SH.focusNode),
        path=_text(report, result, SH.resultPath),
        value=_text(report, result, SH.value),
        shape=_name(shapes, source),
    )


def _text(report: Graph, result: Node, predicate: URIRef) -> str:
    value = report.value(result, predicate)
    return "" if value is None or isinstance(value, BNode) else str(value)


def _name(shapes: Graph, shape: Node | None) -> str:
    """Give the IRI of a shape, or of the named shape that an unnamed property shape belongs to."""
    while isinstance(shape, BNode):
        shape = next(iter(shapes.subjects(None, shape)), None)
    return str(shape or "")
