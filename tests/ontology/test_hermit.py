"""HermiT on the schema: consistent, every class can have members, and planted contradictions are found."""

from __future__ import annotations

import pytest
from rdflib import Graph

from pactgraph import knowledge
from pactgraph.pipeline.asserted import packed_of
from pactgraph.reasoning import hermit, rules
from pactgraph.reasoning.contradictions import contradictions
from pactgraph.validation import parse

PREFIXES = """
@prefix pg: <https://w3id.org/pactgraph/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix k: <https://w3id.org/pactgraph/vocab/obligation/> .
@prefix m: <https://w3id.org/pactgraph/vocab/mutuality/> .
@prefix : <urn:test:> .
"""

CONTRADICTIONS = {
    "a state that is a person": ":x a pg:State, pg:Person .",
    "a state that is an organisation": ":x a pg:State, pg:Organisation .",
    "a person who is an unnamed group": ":x a pg:Person, pg:UnnamedGroup .",
    "a claim that is a pact": ":x a pg:Claim, pg:Pact .",
    "an event that is a proposition": ":x a pg:Event, pg:Proposition .",
    "an arms transfer that is only alleged": ":x a pg:ArmsTransfer . :c pg:affirms :x .",
    "a pact that is an agent": ":x a pg:Pact, pg:Agent .",
    "an obligation that is a provision": ":x a pg:Obligation, pg:Provision .",
    "an office that is held as a tenure": ":x a pg:Office, pg:Tenure .",
    "a document that is an event": ":x a pg:Document, pg:Event .",
    "a claim that holds itself": ":x a pg:Claim . :x pg:claimant :x .",
    "a pact as a claimant": ":c pg:claimant :p . :p pg:hasProvision :a .",
    "a claim that affirms and denies one proposition": ":c pg:affirms :p ; pg:denies :p .",
    "a tenure of two persons": ":t pg:holder :a, :b . :a owl:differentFrom :b .",
    "a tenure of two offices": ":t pg:heldOffice :a, :b . :a owl:differentFrom :b .",
    "a participation of two parties": ":x pg:party :a, :b . :a owl:differentFrom :b .",
    "a concept that is a state": ":x a skos:Concept, pg:State .",
    "a person continued by a state": ":x a pg:Person . :x pg:continuedBy :y .",
    "an obligation that is mutual and one-sided": ":o a pg:MutualObligation, pg:OneSidedObligation .",
    "a treaty whose article is a person": ":p pg:hasProvision :x . :x a pg:Person .",
    "an article of an event": ":e a pg:Event ; pg:hasProvision :a .",
    "a project that has happened as an event": ":x a pg:Project, pg:Event .",
    "a commitment that rests on a claim": ":t pg:restsOn :c . :c a pg:Claim .",
}


@pytest.fixture(scope="module")
def schema() -> Graph:
    return parse([*knowledge.modules(), *knowledge.vocabularies()])


def test_the_schema_is_consistent_and_every_class_can_have_members(schema: Graph) -> None:
    result = hermit.classify(schema)
    assert result.consistent
    assert result.unsatisfiable == []


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_planted_contradiction_is_found(schema: Graph, case: str) -> None:
    planted = schema + Graph().parse(data=PREFIXES + CONTRADICTIONS[case], format="turtle")
    assert not hermit.consistent(planted), case


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_the_rules_find_it_too_and_say_where(schema: Graph, case: str) -> None:
    planted = schema + Graph().parse(data=PREFIXES + CONTRADICTIONS[case], format="turtle")
    closed = rules.loaded([packed_of(planted)])
    rules.closure(closed, knowledge.strata()[1:2])
    found = contradictions(closed)
    assert found, case
    assert all(one.focus.startswith("urn:test:") and one.statements for one in found)
