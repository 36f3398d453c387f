"""HermiT, owlrl and our rules give the curated pacts the same classes."""

from __future__ import annotations

import owlrl
import pytest
from rdflib import RDF, Graph

from pactgraph import knowledge
from pactgraph.pipeline.populate import Knowledge, populate
from pactgraph.reasoning import hermit, rules
from pactgraph.terms import ID, PG

Types = frozenset[tuple[str, str]]


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return populate()


@pytest.fixture(scope="module")
def facts(known: Knowledge) -> Graph:
    """Schema and curated facts, with the counts that no OWL engine makes (the first stratum)."""
    counted = rules.closure(known.asserted_ntriples(), knowledge.strata()[:1])
    return Graph() + known.facts() + Graph().parse(data=counted.ntriples, format="nt")


@pytest.fixture(scope="module")
def by_rules(known: Knowledge, facts: Graph) -> Types:
    inferred = rules.closure(known.asserted_ntriples(), knowledge.strata()[:2])
    return pact_types(facts + Graph().parse(data=inferred.ntriples, format="nt"))


def pact_types(graph: Graph) -> Types:
    """The classes of ours that pacts are in."""
    return frozenset(
        (str(pact), str(cls))
        for pact in graph.subjects(RDF.type, PG.Pact)
        for cls in graph.objects(pact, RDF.type)
        if str(cls).startswith(str(PG._NS))
    )


def test_the_rules_find_classes_beyond_those_asserted(facts: Graph, by_rules: Types) -> None:
    assert by_rules > pact_types(facts)
    assert ("https://w3id.org/pactgraph/id/pact/russia-dprk-csp-2024", f"{PG._NS}MutualDefencePact") in by_rules


def test_owlrl_agrees(facts: Graph, by_rules: Types) -> None:
    closure = of_pacts(facts)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closure)
    assert pact_types(closure) == by_rules


def test_hermit_finds_the_curated_facts_consistent_and_agrees(facts: Graph, by_rules: Types) -> None:
    pacts = {pact for pact, _ in by_rules}
    assert hermit.consistent(facts)
    result = hermit.classify(of_pacts(facts))
    assert frozenset((pact, cls) for pact, cls in result.types if pact in pacts) == by_rules


def of_pacts(facts: Graph) -> Graph:
    """Schema and pacts with their parts: HermiT would classify each claim and source too, which takes a minute."""
    graph, others = Graph(), str(ID)
    for triple in facts:
        if not str(triple[0]).startswith(others) or str(triple[0]).startswith(f"{ID}pact/"):
            graph.add(triple)
    return graph
