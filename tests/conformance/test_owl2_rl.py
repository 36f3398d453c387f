"""The OWL Working Group's tests in the profile RL, over the rules of ontology/rules that a build runs.

What a premise entails is asked of its closure as a graph pattern, whose blank nodes are variables. That two things differ, or
that one is in the complement of a class, no rule concludes; it is asked by refutation: the premise with the opposite must be a
contradiction. Under the direct semantics annotations say nothing, so there they are left out of a conclusion.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from rdflib import OWL, RDF, RDFS, BNode, Graph
from rdflib.collection import Collection
from rdflib.term import Node

from pactgraph import knowledge
from pactgraph.pipeline.asserted import packed_of
from pactgraph.reasoning import rules
from pactgraph.reasoning.contradictions import contradictions
from tests.conftest import SHARED

SUITE = SHARED / "suites/owl2-rl"
EXPECTED: dict[str, str] = yaml.safe_load(Path(__file__).with_name("owl2_rl.yaml").read_text(encoding="utf-8"))
ENTAILMENTS = {"PositiveEntailmentTest": True, "NegativeEntailmentTest": False}
CONSISTENCIES = {"ConsistencyTest": True, "InconsistencyTest": False}
ANNOTATIONS = {RDFS.comment, RDFS.label, RDFS.seeAlso, RDFS.isDefinedBy, OWL.versionInfo}
OWL_RL = [stratum for stratum in knowledge.strata() if stratum.name == "2-owl-rl"]

Triple = tuple[Node, Node, Node]


@dataclass(frozen=True)
class Case:
    """A test: what it asks of a premise, and the conclusion if it has one."""

    id: str
    kind: str
    premise: str
    conclusion: str | None
    direct: bool

    def __str__(self) -> str:
        return f"{self.kind}-{self.id}"

    def holds(self) -> bool:
        """Whether it comes out as it is due."""
        premise = read(self.premise)
        if self.kind in CONSISTENCIES:
            return is_consistent(premise) == CONSISTENCIES[self.kind]
        assert self.conclusion is not None
        conclusion = read(self.conclusion)
        if self.direct:
            own = set(conclusion.subjects(RDF.type, OWL.AnnotationProperty))
            for annotation in ANNOTATIONS | own:
                conclusion.remove((None, annotation, None))  # type: ignore[arg-type]
        return entails(premise, conclusion) == ENTAILMENTS[self.kind]


def cases() -> list[Case]:
    """Give the cases; none where the suite is not there, which its own test says."""
    if not SUITE.is_dir():
        return []
    entries: list[dict[str, Any]] = json.loads((SUITE / "manifest.json").read_text(encoding="utf-8"))
    return [Case(one["id"], one["kind"], one["premise"], one["conclusion"], one["semantics"] == ["DIRECT"]) for one in entries]


def read(name: str) -> Graph:
    """Read an ontology, without its header."""
    graph = Graph().parse(SUITE / name, format="xml")
    graph.remove((None, RDF.type, OWL.Ontology))
    return graph


def closed(graph: Graph) -> rules.Store:
    store = rules.loaded([packed_of(graph)])
    rules.closure(store, OWL_RL)
    return store


def is_consistent(graph: Graph) -> bool:
    return contradictions(closed(graph)) == []


def entails(premise: Graph, conclusion: Graph) -> bool:
    rest, opposites = taken_apart(conclusion)
    return bool(closed(premise).query(f"ASK {{ {pattern(rest)} }}")) and not any(
        is_consistent(premise + with_(opposite)) for opposite in opposites
    )


def with_(triple: Triple) -> Graph:
    graph = Graph()
    graph.add(triple)
    return graph


def taken_apart(conclusion: Graph) -> tuple[Graph, list[Triple]]:
    """Take out of a conclusion what is asked by refutation; give what is left, and the opposite of each that was taken out."""
    rest, opposites = Graph() + conclusion, []
    for taken, opposite in (*different(conclusion), *complements(conclusion)):
        rest -= taken
        opposites += opposite
    return rest, opposites


def different(graph: Graph) -> Iterator[tuple[Graph, list[Triple]]]:
    for one, other in graph.subject_objects(OWL.differentFrom):
        yield with_((one, OWL.differentFrom, other)), [(one, OWL.sameAs, other)]
    for axiom in graph.subjects(RDF.type, OWL.AllDifferent):
        members = Collection(graph, graph.value(axiom, OWL.members))
        yield described(graph, axiom), [(one, OWL.sameAs, other) for one, other in combinations(members, 2)]


def complements(graph: Graph) -> Iterator[tuple[Graph, list[Triple]]]:
    for expression, negated in graph.subject_objects(OWL.complementOf):
        members = graph.subjects(RDF.type, expression)
        taken = described(graph, expression)
        opposites: list[Triple] = []
        for member in members:
            taken.add((member, RDF.type, expression))
            opposites.append((member, RDF.type, negated))
        yield taken, opposites


def described(graph: Graph, node: Node) -> Graph:
    """Give what is said of a blank node, and of the blank nodes that it names."""
    found = Graph()
    for triple in graph.triples((node, None, None)):
        found.add(triple)
        if isinstance(triple[2], BNode):
            found += described(graph, triple[2])
    return found


def pattern(graph: Graph) -> str:
    """Give a graph as a graph pattern; a blank node of a pattern is a variable."""
    return graph.serialize(format="nt")


def test_the_suite_is_there(shared: Path) -> None:
    assert len(cases()) == 103
    assert set(EXPECTED) <= {str(case) for case in cases()}


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_case_comes_out_as_it_is_due(case: Case) -> None:
    if str(case) in EXPECTED:
        assert not case.holds(), "it is listed as one that fails, and does not"
    else:
        assert case.holds()


def test_each_that_fails_has_its_reason() -> None:
    assert [name for name, reason in EXPECTED.items() if not (reason.endswith(".") and len(reason) > 40)] == []
