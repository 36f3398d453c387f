"""What the tests of explanations share: the built release, opened here, and every way to each of its inferred statements."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from pactgraph.reasoning.rule import Rule
from pactgraph.reasoning.rulefile import rules
from pactgraph.reasoning.steps import Steps
from pactgraph.reasoning.why import Statement
from pactgraph.release import open_current
from pactgraph.store import EmbeddedStore
from pactgraph.terms import CURATED, INFERRED, ONTOLOGY, VOCABULARY

STATED = tuple(map(str, (ONTOLOGY, VOCABULARY, CURATED)))


@dataclass
class Opened:
    """A release: its engine, its rules, and its statements."""

    store: EmbeddedStore
    rules: tuple[Rule, ...]
    quads: Store

    def inferred(self) -> list[Triple]:
        return [quad.triple for quad in self.quads.quads_for_pattern(None, None, None, NamedNode(str(INFERRED)))]

    def stated(self, triple: Triple) -> tuple[str, ...]:
        """The graphs that state a premise; only the ontology has blank nodes."""
        if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
            return (str(ONTOLOGY),)
        return tuple(graph for graph in STATED if Quad(*triple, NamedNode(graph)) in self.quads)


@pytest.fixture(scope="session")
def opened(releases: Path) -> Opened:
    release = open_current(releases)
    return Opened(EmbeddedStore(release.store_path), rules(release.path), Store.read_only(str(release.store_path)))


@pytest.fixture(scope="session")
def derivations(opened: Opened) -> dict[Triple, Statement]:
    """Every inferred statement with every step that gives it, and every premise of those."""
    found = Steps(opened.store.solutions, opened.rules, STATED, [str(INFERRED)]).of(opened.inferred())
    statements = {triple: Statement(triple, steps=steps) for triple, steps in found.items()}
    premises = {premise for steps in found.values() for step in steps for premise in step.premises}
    for premise in premises - statements.keys():
        statements[premise] = Statement(premise, opened.stated(premise))
    return statements
