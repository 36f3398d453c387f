"""HermiT, owlrl and our rules agree on all curated facts, in both directions: nothing is missed, nothing too much.

What HermiT thinks of every class of every individual is asked in two questions of consistency, which take it seconds; to
classify the individuals takes it a minute, and more for each that is added.

- Nothing is missed: say of each individual that it is in none of the classes that the rules do not give it. If that is
  consistent, no other class follows.
- Nothing is too much: say of a new thing that it is one of the individuals, and outside a class that the rules give that one.
  If that is inconsistent, each of these classes follows.

owlrl is asked in two runs, too. From the facts and what the rules infer, it must find nothing new (few rounds); and from the
facts that inferences rest on (few statements) all that the rules infer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import owlrl
import pytest
from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from pactgraph import knowledge
from pactgraph.pipeline.populate import Knowledge, populate
from pactgraph.reasoning import hermit, rules
from pactgraph.terms import BASE, ID, PG

Triple = tuple[Node, Node, Node]
MUTUAL_DEFENCE, NEUTRALITY = (URIRef(f"{PG._NS}{name}") for name in ("MutualDefencePact", "NeutralityPact"))
CSP = URIRef(f"{ID}pact/russia-dprk-csp-2024")


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return populate()


@pytest.fixture(scope="module")
def facts(known: Knowledge) -> Graph:
    """Schema and curated facts, with the counts that no OWL engine makes (the first stratum)."""
    counted = rules.closure(known.asserted().loaded(), knowledge.strata()[:1])
    return Graph() + known.facts() + Graph().parse(data=counted.ntriples.text(), format="nt")


@pytest.fixture(scope="module")
def inferred(known: Knowledge, facts: Graph) -> Graph:
    """What the rules of OWL 2 RL infer from them."""
    closed = rules.closure(known.asserted().loaded(), knowledge.strata()[:2])
    return Graph().parse(data=closed.ntriples.text(), format="nt") - facts


def test_the_rules_find_classes_and_properties_beyond_those_stated(inferred: Graph) -> None:
    assert (CSP, RDF.type, MUTUAL_DEFENCE) in inferred
    assert len(inferred) > 4000


class Owlrl(owlrl.OWLRL_Semantics):  # type: ignore[misc]
    """owlrl without eq-ref: that each thing is the same as itself takes it half of its time."""

    def _equality(self, triple: Triple, cycle_num: int) -> None:
        if triple[1] == OWL.sameAs and triple[0] != triple[2]:
            super()._equality(triple, cycle_num)


def owlrl_adds(graph: Graph) -> Graph:
    closure = Graph() + graph
    owlrl.DeductiveClosure(Owlrl).expand(closure)
    return closure - graph


def is_junk(triple: Triple) -> bool:
    """Whether it says the same of all data, is about no individual, or is about a class without a name; see decision 7."""
    subject, predicate, value = triple
    individual = isinstance(subject, URIRef) and str(subject).startswith((str(ID), f"{BASE}vocab/"))
    return not individual or (predicate == RDF.type and (value == OWL.Thing or isinstance(value, BNode)))


def test_owlrl_finds_nothing_that_the_rules_miss(facts: Graph, inferred: Graph) -> None:
    assert [triple for triple in owlrl_adds(facts + inferred) if not is_junk(triple)] == []


def test_owlrl_finds_all_that_the_rules_infer(known: Knowledge, facts: Graph, inferred: Graph) -> None:
    assert list(inferred - owlrl_adds(with_use(facts, known.ontology))) == []


def with_use(facts: Graph, ontology: Graph) -> Graph:
    """The model, and the facts in properties that axioms other than a range name; without most texts and dates."""
    named = {member for member in ontology.objects(None, RDF.first) if isinstance(member, URIRef)}
    for predicate in (OWL.onProperty, OWL.inverseOf, RDFS.subPropertyOf):
        named |= {*ontology.objects(None, predicate)} | {*ontology.subjects(predicate)}
    for kind in (OWL.SymmetricProperty, OWL.TransitiveProperty):
        named |= {*ontology.subjects(RDF.type, kind)}
    graph = Graph() + ontology
    for triple in facts:
        if triple[1] == RDF.type or (triple[1] in named and not isinstance(triple[2], Literal)):
            graph.add(triple)
    return graph


def classes(graph: Graph) -> list[URIRef]:
    return sorted(one for one in graph.subjects(RDF.type, OWL.Class) if str(one).startswith(str(PG._NS)))  # type: ignore[type-var]


def types(graph: Graph, among: Iterable[Node]) -> dict[Node, set[Node]]:
    """The classes of each individual."""
    found: dict[Node, set[Node]] = defaultdict(set)
    for cls in among:
        for individual in graph.subjects(RDF.type, cls):
            found[individual].add(cls)
    return {one: mine for one, mine in found.items() if str(one).startswith(str(ID))}


def expression(graph: Graph, kind: URIRef, about: Node | list[Node]) -> BNode:
    """Add a class expression."""
    node = BNode()
    graph.add((node, RDF.type, OWL.Class))
    if isinstance(about, list):
        about = Collection(graph, BNode(), about).uri
    graph.add((node, kind, about))
    return node


def in_no_other_class(facts: Graph, inferred: Graph) -> Graph:
    """The facts, and that each individual is in no class but those that are stated or inferred."""
    graph, all_classes = Graph() + facts, classes(facts)
    groups: dict[frozenset[Node], list[Node]] = defaultdict(list)
    for individual, mine in types(facts + inferred, all_classes).items():
        groups[frozenset(mine)].append(individual)
    for mine, members in groups.items():
        others: list[Node] = [cls for cls in all_classes if cls not in mine]
        outside = expression(graph, OWL.complementOf, expression(graph, OWL.unionOf, others))
        for member in members:
            graph.add((member, RDF.type, outside))
    return graph


def outside_one_of_its_classes(facts: Graph, inferred: Graph) -> Graph:
    """The facts, and that some individual is outside a class that is inferred for it."""
    graph, members = Graph() + facts, defaultdict(list)
    for individual, mine in types(inferred, classes(facts)).items():
        for cls in mine:
            members[cls].append(individual)
    cases: list[Node] = [
        expression(graph, OWL.intersectionOf, [expression(graph, OWL.oneOf, listed), expression(graph, OWL.complementOf, cls)])
        for cls, listed in members.items()
    ]
    graph.add((URIRef("urn:x:some"), RDF.type, expression(graph, OWL.unionOf, cases)))
    return graph


def test_hermit_finds_the_curated_facts_consistent_and_no_class_that_the_rules_miss(facts: Graph, inferred: Graph) -> None:
    assert len(types(facts + inferred, classes(facts))) > 2000
    assert hermit.consistent(in_no_other_class(facts, inferred))


def test_hermit_finds_each_class_that_the_rules_infer(facts: Graph, inferred: Graph) -> None:
    assert not hermit.consistent(outside_one_of_its_classes(facts, inferred))


@pytest.fixture(scope="module")
def one_pact(facts: Graph) -> Graph:
    """The schema, and one pact with its parts."""
    graph = Graph()
    for triple in facts:
        if not str(triple[0]).startswith(str(ID)) or str(triple[0]).startswith(str(CSP)):
            graph.add(triple)
    return graph


def test_the_questions_would_see_one_class_too_few_and_one_too_many(one_pact: Graph, inferred: Graph) -> None:
    mine = Graph()
    for triple in inferred:
        if str(triple[0]).startswith(str(CSP)):
            mine.add(triple)
    fewer, more = Graph() + mine, Graph() + mine
    fewer.remove((CSP, RDF.type, MUTUAL_DEFENCE))
    more.add((CSP, RDF.type, NEUTRALITY))
    assert hermit.consistent(in_no_other_class(one_pact, mine))
    assert not hermit.consistent(in_no_other_class(one_pact, fewer))
    assert not hermit.consistent(outside_one_of_its_classes(one_pact, mine))
    assert hermit.consistent(outside_one_of_its_classes(one_pact, more))
