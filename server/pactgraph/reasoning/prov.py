"""Explanations as PROV-O: each statement an entity, each application of a rule an activity, each rule a plan.

A statement is named by the address of its own explanation; a blank node of the ontology by a Skolem IRI (RDF 1.1, 3.5).
The code of a rule is sh:construct, as in SHACL Advanced Features, section 8.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from pactgraph.prefixes import PREFIXES
from pactgraph.reasoning import telling
from pactgraph.reasoning.rule import Rule
from pactgraph.reasoning.steps import Step, Term
from pactgraph.reasoning.why import Explanation, Statement
from pactgraph.terms import BASE

_PROGRAM = NamedNode(BASE)


def address(triple: Triple) -> str:
    """Give the address of the explanation of a statement, below the base; an object is an IRI or a literal as in Turtle."""
    subject, predicate, value = triple
    written = value.value if isinstance(value, NamedNode) else str(value)
    return "explain?" + urlencode({"subject": _iri(subject).value, "predicate": predicate.value, "object": written})


def triples(explanation: Explanation) -> Iterator[Triple]:
    """Give an explanation in PROV-O."""
    for found in explanation.statements.values():
        yield from _statement(found, explanation)
    for rule in explanation.rules.values():
        yield from _rule(rule)


def written(explanation: Explanation, media_type: str) -> bytes:
    """Give an explanation in PROV-O in a format of graphs, in a stable order."""
    ordered = sorted(set(triples(explanation)), key=str)
    return serialize(ordered, format=RdfFormat.from_media_type(media_type), prefixes=PREFIXES) or b""


def rule_iri(name: str) -> NamedNode:
    """Give the IRI of a rule."""
    return NamedNode(f"{BASE}rule/{name}")


def _term(prefixed: str) -> NamedNode:
    prefix, _, local = prefixed.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def _iri(term: object) -> NamedNode:
    assert isinstance(term, NamedNode | BlankNode)
    return NamedNode(f"{BASE}.well-known/genid/{term.value}") if isinstance(term, BlankNode) else term


def _named(term: Term) -> NamedNode | Literal:
    return term if isinstance(term, Literal) else _iri(term)


def _statement(found: Statement, explanation: Explanation) -> Iterator[Triple]:
    subject, predicate, value = found.triple
    this = NamedNode(BASE + address(found.triple))
    for kind in ("rdf:Statement", "prov:Entity"):
        yield Triple(this, _term("rdf:type"), _term(kind))
    yield Triple(this, _term("rdf:subject"), _iri(subject))
    yield Triple(this, _term("rdf:predicate"), predicate)
    yield Triple(this, _term("rdf:object"), _named(value))
    for graph in found.graphs:
        yield Triple(this, _term("dcterms:isPartOf"), NamedNode(graph))
    for source in found.sources:
        if source.iri:
            yield Triple(this, _term("prov:hadPrimarySource"), NamedNode(source.iri))
            yield Triple(NamedNode(source.iri), _term("rdfs:label"), Literal(source.name or source.iri, language="en"))
        else:
            yield Triple(this, _term("dcterms:source"), Literal(source.name))
    for number, step in enumerate(found.steps, 1):
        yield from _step(this, NamedNode(f"{this.value}#step-{number}"), step, explanation)


def _step(this: NamedNode, activity: NamedNode, step: Step, explanation: Explanation) -> Iterator[Triple]:
    association = NamedNode(f"{activity.value}-association")
    yield Triple(this, _term("prov:wasGeneratedBy"), activity)
    yield Triple(activity, _term("rdf:type"), _term("prov:Activity"))
    words = telling.sentence(step, explanation.names, explanation.rules[step.rule].words)
    yield Triple(activity, _term("rdfs:label"), Literal(words, language="en"))
    for note in telling.notes(step, explanation.names):
        yield Triple(activity, _term("rdfs:comment"), Literal(note, language="en"))
    for premise in step.premises:
        used = NamedNode(BASE + address(premise))
        yield Triple(activity, _term("prov:used"), used)
        yield Triple(this, _term("prov:wasDerivedFrom"), used)
    yield Triple(activity, _term("prov:qualifiedAssociation"), association)
    yield Triple(association, _term("rdf:type"), _term("prov:Association"))
    yield Triple(association, _term("prov:agent"), _PROGRAM)
    yield Triple(association, _term("prov:hadPlan"), rule_iri(step.rule))


def _rule(rule: Rule) -> Iterator[Triple]:
    this = rule_iri(rule.name)
    for kind in ("prov:Plan", "sh:SPARQLRule"):
        yield Triple(this, _term("rdf:type"), _term(kind))
    yield Triple(this, _term("rdfs:label"), Literal(rule.name, language="en"))
    yield Triple(this, _term("rdfs:comment"), Literal(rule.words, language="en"))
    yield Triple(this, _term("sh:construct"), Literal(rule.code))
