"""Alignments to other vocabularies: terms that exist, relations that are safe, and no part in what is inferred."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rdflib import RDF, RDFS, Graph, URIRef, namespace
from rdflib.namespace import DCTERMS, FOAF, ORG, OWL, PROV, SKOS

from pactgraph import knowledge
from pactgraph.pipeline.populate import populate
from pactgraph.terms import BASE, PG, VOCAB
from pactgraph.validation import parse, validate

ABOUT = {
    "atop": (),
    "cow": (),
    "dcterms": (str(DCTERMS), str(FOAF), "http://purl.org/ontology/bibo/"),
    "org": (str(ORG),),
    "owl-time": (str(namespace.TIME),),
    "prov": (str(PROV),),
    "schema": ("http://schema.org/",),
    "sem": ("http://semanticweb.cs.vu.nl/2009/11/sem/",),
    "wikidata": ("http://www.wikidata.org/entity/", "http://wikiba.se/ontology#"),
}
"""The namespaces that each file is about; those without any make a concept scheme of ours, named as the file."""

INCLUSIONS = {RDFS.subClassOf, RDFS.subPropertyOf}
MATCHES = {SKOS.closeMatch, SKOS.exactMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch}
PROPERTY_KINDS = (OWL.ObjectProperty, OWL.DatatypeProperty)
NEWER_THAN_RDFLIB = {
    "legislationAmends",
    "legislationDateOfApplicability",
    "legislationRepeals",
    "legislationEnsuresImplementationOf",
}

FILES = {path.stem: path for path in knowledge.alignments()}


@pytest.fixture(scope="module")
def schema() -> Graph:
    return parse([*knowledge.modules(), *knowledge.vocabularies()])


@pytest.fixture(scope="module")
def aligned() -> Graph:
    return parse(knowledge.alignments())


def read(name: str) -> Graph:
    return parse([FILES[name]])


def statements(graph: Graph) -> list[tuple[URIRef, URIRef, URIRef]]:
    """The statements that align, without headers and without what describes our concepts."""
    return [triple for triple in graph if triple[1] in INCLUSIONS | MATCHES]  # type: ignore[misc]


def ours(term: URIRef) -> bool:
    return str(term).startswith(BASE)


def test_each_vocabulary_has_a_file() -> None:
    assert set(FILES) == set(ABOUT)


@pytest.mark.parametrize("name", ABOUT)
def test_a_file_has_a_header_and_says_what_was_left_out(name: str) -> None:
    graph = read(name)
    header = URIRef(f"{BASE}ontology/align/{name}")
    assert list(graph.subjects(RDF.type, OWL.Ontology)) == [header]
    for predicate in (DCTERMS.title, DCTERMS.description, DCTERMS.creator, DCTERMS.license, DCTERMS.source, OWL.versionInfo):
        assert graph.value(header, predicate), predicate
    assert str(graph.value(header, OWL.versionIRI)).endswith(f"{graph.value(header, OWL.versionInfo)}/ontology/align/{name}")
    comment = FILES[name].read_text(encoding="utf-8").partition("@prefix")[0]
    assert comment.startswith("# ")
    assert "Left out" in comment


@pytest.mark.parametrize("name", ABOUT)
def test_a_file_aligns_terms_of_ours_with_those_it_is_about(schema: Graph, aligned: Graph, name: str) -> None:
    declared = set(schema.subjects(RDF.type)) | set(aligned.subjects(RDF.type, SKOS.Concept))
    found = statements(read(name))
    assert found
    for subject, _, value in found:
        assert subject in declared, subject
        if ours(value):
            assert not ABOUT[name]
            assert value in declared, value
            assert str(subject).startswith(f"{VOCAB}{name}/"), subject
        else:
            assert str(value).startswith(ABOUT[name]), value


def test_alignments_say_nothing_else(aligned: Graph) -> None:
    described = {*aligned.subjects(RDF.type, OWL.Ontology), *aligned.subjects(RDF.type, SKOS.ConceptScheme)}
    concepts = set(aligned.subjects(RDF.type, SKOS.Concept))
    for subject, predicate, _ in aligned:
        assert predicate not in (OWL.sameAs, OWL.equivalentClass, OWL.equivalentProperty, OWL.imports)
        if subject not in described | concepts:
            assert predicate in INCLUSIONS | MATCHES, (subject, predicate)
        assert not (predicate in INCLUSIONS and subject in concepts), subject


def test_no_module_imports_an_alignment(schema: Graph) -> None:
    assert not [module for module in schema.objects(None, OWL.imports) if "/align/" in str(module)]


def test_wikidata_is_only_matched() -> None:
    assert {predicate for _, predicate, _ in statements(read("wikidata"))} <= MATCHES


def test_every_top_level_class_is_aligned(schema: Graph, aligned: Graph) -> None:
    classes = {c for c in schema.subjects(RDF.type, OWL.Class) if str(c).startswith(str(PG._NS))}
    top = {c for c in classes if not classes & set(schema.objects(c, RDFS.subClassOf))}
    assert len(top) > 10
    assert not top - {subject for subject, _, _ in statements(aligned)}


def test_classes_are_included_in_classes_and_properties_in_properties(schema: Graph, aligned: Graph) -> None:
    for subject in aligned.subjects(RDFS.subClassOf):
        assert (subject, RDF.type, OWL.Class) in schema, subject
    for subject in aligned.subjects(RDFS.subPropertyOf):
        assert any((subject, RDF.type, kind) in schema for kind in PROPERTY_KINDS), subject


def test_foreign_terms_are_spelt_as_rdflib_knows_them(aligned: Graph) -> None:
    for _, _, value in statements(aligned):
        for vocabulary in (DCTERMS, FOAF, ORG, PROV, namespace.TIME):
            if str(value).startswith(str(vocabulary)):
                assert value in vocabulary, value
        name = str(value).removeprefix("http://schema.org/")
        if name != str(value) and name not in NEWER_THAN_RDFLIB:
            assert f"{namespace.SDO}{name}" in namespace.SDO, value


def test_matches_keep_the_integrity_conditions_of_skos(schema: Graph, aligned: Graph) -> None:
    """S27: what is related is not broader, however far up; S46: what is exact is neither."""
    hierarchy = Graph()
    for graph in (schema, aligned):
        for narrow, broad in (*graph.subject_objects(SKOS.broader), *graph.subject_objects(SKOS.broadMatch)):
            hierarchy.add((narrow, SKOS.broader, broad))
        for broad, narrow in graph.subject_objects(SKOS.narrowMatch):
            hierarchy.add((narrow, SKOS.broader, broad))
    for one, other in aligned.subject_objects(SKOS.relatedMatch):
        assert other not in set(hierarchy.transitive_objects(one, SKOS.broader)), (one, other)
        assert one not in set(hierarchy.transitive_objects(other, SKOS.broader)), (one, other)
    for one, other in aligned.subject_objects(SKOS.exactMatch):
        assert not {SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch} & set(aligned.predicates(one, other)), (one, other)


def test_alignments_keep_the_style_guide(schema: Graph, aligned: Graph) -> None:
    findings, _ = validate(schema + aligned, parse(knowledge.style_shapes()))
    assert findings == []


def test_the_rules_are_given_the_same_with_alignments_and_without() -> None:
    known = populate()
    assert len(known.alignments) > 0
    assert list(replace(known, alignments=Graph()).asserted().graphs()) == list(known.asserted().graphs())
    for given in (known.schema(), known.facts(), known.world()):
        assert not set(statements(given)) & set(statements(known.alignments))
