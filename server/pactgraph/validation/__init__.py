"""Validation by SHACL: the only caller of pySHACL.

Shapes are parsed here and handed over as a Graph: a shapes argument that fails to load leaves RDFLib changed for the whole
process. What is asserted is validated, before inference, which would invent the types that are missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyshacl
from rdflib import RDF, SH, BNode, Graph, URIRef
from rdflib.term import Node

from pactgraph.errors import Finding


def parse(paths: Iterable[Path]) -> Graph:
    """Read Turtle files into one graph."""
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


def validate(data: Graph, shapes: Graph, ontology: Graph, focus: list[str] | None = None) -> tuple[list[Finding], Graph]:
    """Validate asserted statements. Gives the findings, worst first, and the SHACL report as a graph.

    With `focus`, only those nodes are looked at (in the light of all the data).
    """
    _, report, _ = pyshacl.validate(
        data, shacl_graph=shapes, ont_graph=ontology, advanced=True, inference="none", focus_nodes=focus
    )
    findings = [_finding(report, shapes, result) for result in report.subjects(RDF.type, SH.ValidationResult)]
    return sorted(findings, key=lambda f: (f.severity != "Violation", f)), report


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
