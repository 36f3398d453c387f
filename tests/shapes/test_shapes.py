"""Each shape is caught violated by its own invalid example, and by nothing else.

An invalid example is a complete small world with exactly one damage; its first
line names the shape that must fire: ``# expect: ShapeName``. The valid example of
the same module is that world before the damage. Styles are checked on small
ontologies of their own, data on worlds validated together with the ontology.
"""

from __future__ import annotations

import re
from pathlib import Path

import pyshacl
import pytest
from rdflib import OWL, RDF, RDFS, SH, Graph, Namespace, URIRef

from pactgraph.validation import parse, validate

ROOT = Path(__file__).parents[2]
EXAMPLES = Path(__file__).parent
SHAPE = Namespace("https://w3id.org/pactgraph/shapes#")
STYLE = "style"
SHAPE_FILES = sorted((ROOT / "shapes").glob("*.ttl"))
INVALID = sorted((EXAMPLES / "invalid").glob("*/*.ttl"))
VALID = sorted((EXAMPLES / "valid").glob("*.ttl"))


def names(shapes: Graph) -> set[URIRef]:
    """Return the shapes with a name; nested ones are blank and part of a named one."""
    found = set(shapes.subjects(RDF.type, SH.NodeShape)) | set(shapes.subjects(RDF.type, SH.PropertyShape))
    return {shape for shape in found if isinstance(shape, URIRef)}


def is_style(path: Path) -> bool:
    """Say whether an example or a shapes file belongs to the style guide."""
    return STYLE in (path.stem, path.parent.name)


def expected(path: Path) -> URIRef:
    """Return the shape that the first line of an invalid example names."""
    match = re.match(r"# expect: (\w+)\n", path.read_text(encoding="utf-8"))
    assert match, f"{path} must begin with '# expect: ShapeName'"
    return SHAPE[match[1]]


def fired(world: Graph, shapes: Graph) -> set[URIRef]:
    """Return the shapes that ``world`` violates."""
    return {URIRef(finding.shape) for finding in validate(world, shapes)[0]}


def fired_by_pyshacl_alone(world: Graph, shapes: Graph) -> set[URIRef]:
    """Return the same with SPARQL targets evaluated by RDFLib, as others who use the published shapes have it."""
    _, report, _ = pyshacl.validate(world, shacl_graph=shapes, advanced=True, inplace=True, inference="none")
    assert isinstance(report, Graph), report
    return {shape for shape in report.objects(None, SH.sourceShape) if isinstance(shape, URIRef)}


@pytest.fixture(scope="session")
def ontology() -> Graph:
    """The ontology with its concept schemes."""
    return parse(sorted((ROOT / "ontology" / "modules").glob("*.ttl")) + sorted((ROOT / "ontology" / "vocab").glob("*.ttl")))


@pytest.fixture(scope="session")
def shapes() -> dict[bool, Graph]:
    """The shapes over data (False) and the shapes over the ontology (True)."""
    prefixes = ROOT / "shapes" / "prefixes.ttl"
    style = [path for path in SHAPE_FILES if is_style(path)]
    data = [path for path in SHAPE_FILES if not is_style(path)]
    return {False: parse(data), True: parse([prefixes, *style])}


def world(path: Path, ontology: Graph) -> Graph:
    """Return the example, with the ontology beside it unless it is an ontology itself."""
    example = parse([path])
    return example if is_style(path) else example + ontology


def every_shape(shapes: dict[bool, Graph]) -> list[tuple[Graph, URIRef]]:
    """Return all named shapes, each with its graph."""
    return [(graph, shape) for graph in shapes.values() for shape in sorted(names(graph))]


@pytest.mark.parametrize("path", INVALID, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_invalid_example_violates_its_shape_alone(path: Path, ontology: Graph, shapes: dict[bool, Graph]) -> None:
    assert fired(world(path, ontology), shapes[is_style(path)]) == {expected(path)}


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_example_violates_nothing(path: Path, ontology: Graph, shapes: dict[bool, Graph]) -> None:
    assert fired(world(path, ontology), shapes[is_style(path)]) == set()


def test_each_shape_has_an_invalid_example(shapes: dict[bool, Graph]) -> None:
    assert {shape for _, shape in every_shape(shapes)} == {expected(path) for path in INVALID}


def test_invalid_examples_lie_beside_the_module_of_their_shape() -> None:
    module = {shape: path.stem for path in SHAPE_FILES for shape in names(parse([path]))}
    assert {path: module[expected(path)] for path in INVALID} == {path: path.parent.name for path in INVALID}


def test_each_shape_says_what_to_do_how_bad_it_is_and_why(shapes: dict[bool, Graph]) -> None:
    for graph, shape in every_shape(shapes):
        messages = list(graph.objects(shape, SH.message))
        comments = list(graph.objects(shape, RDFS.comment))
        assert [message.language for message in messages] == ["en"], shape
        assert [comment.language for comment in comments] == ["en"], shape
        assert graph.value(shape, SH.severity) in {SH.Violation, SH.Warning}, shape


def test_shapes_target_declared_terms_only(ontology: Graph, shapes: dict[bool, Graph]) -> None:
    """A misspelt target conforms in silence, so every term in a shape must exist."""
    text = "".join(path.read_text(encoding="utf-8") for path in SHAPE_FILES)
    used = {URIRef(f"https://w3id.org/pactgraph/ns#{name}") for name in re.findall(r"\bpg:(\w+)", text)}
    assert not sorted(term for term in used if (term, RDF.type, None) not in ontology)


def test_shapes_name_declared_concepts_only(ontology: Graph, shapes: dict[bool, Graph]) -> None:
    named = {node for node in shapes[False].objects() if isinstance(node, URIRef)}
    concepts = {node for node in named if node.startswith("https://w3id.org/pactgraph/vocab/")}
    schemes = dict(
        re.findall(
            r'sh:prefix "([\w-]+)" ; sh:namespace "(https://w3id.org/pactgraph/vocab/[\w-]+/)"',
            (ROOT / "shapes" / "prefixes.ttl").read_text(encoding="utf-8"),
        )
    )
    queries = "\n".join(str(query) for query in shapes[False].objects(None, SH.select))
    for prefix, namespace in schemes.items():
        concepts |= {URIRef(namespace + slug) for slug in re.findall(rf"(?<![\w-]){prefix}:([\w-]+)", queries)}
    assert not sorted(concept for concept in concepts if (concept, RDF.type, None) not in ontology)


def test_ontology_follows_the_style_guide(ontology: Graph, shapes: dict[bool, Graph]) -> None:
    _, report, text = pyshacl.validate(ontology, shacl_graph=shapes[True], advanced=True, inplace=True, inference="none")
    assert isinstance(report, Graph)
    assert not list(report.subjects(RDF.type, SH.ValidationResult)), text


def test_ontology_is_present(ontology: Graph) -> None:
    assert set(ontology.subjects(RDF.type, OWL.Class))
