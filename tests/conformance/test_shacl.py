"""The W3C's SHACL tests: what our queries select first and pySHACL then looks at is what pySHACL alone would have found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, SH, XSD, BNode, Graph, Namespace
from rdflib.term import Node

from pactgraph.validation import validate
from tests.conftest import SHARED

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
CORE = SHARED / "suites/shacl/core"
FILES = sorted(path for path in CORE.rglob("*.ttl") if "sht:Validate" in path.read_text(encoding="utf-8"))
PARTS = (SH.focusNode, SH.resultPath, SH.value, SH.sourceConstraintComponent, SH.sourceShape, SH.resultSeverity)


def graphs(path: Path) -> tuple[Graph, Graph]:
    """Give the data and the shapes of a test."""
    manifest = Graph().parse(path)
    (action,) = manifest.objects(None, MF.action)
    names = [str(manifest.value(action, role)).removeprefix("file://") for role in (SHT.dataGraph, SHT.shapesGraph)]
    data, shapes = (Graph().parse(name) for name in names)
    return data, shapes


def results(report: Graph) -> Counter[tuple[str, ...]]:
    """Give the results of a report."""
    found = report.subjects(RDF.type, SH.ValidationResult)
    return Counter(tuple(written(report.value(result, part)) for part in PARTS) for result in found)


def written(value: Node | None) -> str:
    """Write a value; blank nodes have other names in every copy, and a plain literal is an xsd:string."""
    if isinstance(value, BNode):
        return "blank"
    return "" if value is None else value.n3().removesuffix(f"^^{XSD.string.n3()}")


def test_the_suite_is_there(shared: Path) -> None:
    assert len(FILES) > 90


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_pyshacl_finds_is_found(path: Path) -> None:
    data, shapes = graphs(path)
    _, alone, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=True, inference="none")
    assert isinstance(alone, Graph), alone
    _, report = validate(data, shapes)
    assert results(report) == results(alone)
