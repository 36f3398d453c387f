"""The tests of the W3C's SPARQL 1.1 suites, read from their manifests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDF, RDFS, Graph, Namespace
from rdflib.collection import Collection
from rdflib.term import Node

from tests.conftest import SHARED

BASE = "https://w3c.github.io/rdf-tests/sparql/sparql11/"
ROOT = SHARED / "suites" / "sparql11"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
DAWGT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-dawg#")


@dataclass(frozen=True)
class File:
    """A file of the suite, and its IRI there."""

    iri: str

    @property
    def path(self) -> Path:
        return ROOT / self.iri.removeprefix(BASE)

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class State:
    """What a store holds: files in the default graph, and files in named graphs."""

    default: tuple[File, ...] = ()
    named: tuple[tuple[str, File], ...] = ()


@dataclass(frozen=True)
class Case:
    """One test. `request` is a query or an update; `result` a file, or the state after an update."""

    iri: str
    folder: str
    kind: str
    request: File
    before: State = State()
    result: File | None = None
    after: State = State()

    @property
    def id(self) -> str:
        """Give a short name: the folder and the fragment of the test's IRI."""
        return f"{self.folder}/{self.iri.rpartition('#')[2]}"


def cases() -> list[Case]:
    """Read every test that `manifest-all.ttl` leads to, but those that were withdrawn or rejected."""
    top = _graph("manifest-all.ttl")
    folders = [str(manifest).removeprefix(BASE).partition("/")[0] for manifest in _list(top, MF.include)]
    return [case for folder in folders for case in _of_folder(folder)]


def _graph(name: str) -> Graph:
    return Graph().parse(ROOT / name, publicID=BASE + name, format="turtle")


def _list(graph: Graph, predicate: Node) -> Iterator[Node]:
    for head in graph.objects(None, predicate):
        yield from Collection(graph, head)


def _of_folder(folder: str) -> Iterator[Case]:
    graph = _graph(f"{folder}/manifest.ttl")
    for entry in _list(graph, MF.entries):
        if graph.value(entry, DAWGT.approval) not in (DAWGT.Withdrawn, DAWGT.Rejected):
            yield _case(graph, folder, entry)


def _case(graph: Graph, folder: str, entry: Node) -> Case:
    kind = str(graph.value(entry, RDF.type)).rpartition("#")[2]
    action, result = graph.value(entry, MF.action), graph.value(entry, MF.result)
    request = graph.value(action, QT.query) or graph.value(action, UT.request) or action
    assert action is not None
    if kind != "UpdateEvaluationTest":
        expected = File(str(result)) if result else None
        return Case(str(entry), folder, kind, File(str(request)), _state(graph, action, QT), expected)
    assert result is not None
    after = _state(graph, result, UT)
    return Case(str(entry), folder, kind, File(str(request)), _state(graph, action, UT), after=after)


def _state(graph: Graph, node: Node, terms: Namespace) -> State:
    default = tuple(File(str(file)) for file in sorted(graph.objects(node, terms.data)))
    named = [
        (graph.value(item, UT.graph) or item, graph.value(item, RDFS.label)) for item in graph.objects(node, terms.graphData)
    ]
    return State(default, tuple(sorted(((str(label or file), File(str(file))) for file, label in named), key=str)))
