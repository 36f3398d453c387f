"""Linked data: 303 by Accept, descriptions with parts, incoming links, labels and sources, and the model's documents."""

from __future__ import annotations

import pytest
import requests
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

BASE = "https://w3id.org/pactgraph/"
PG = BASE + "ns#"
PACT = "pact/russia-dprk-csp-2024"
SUFFIXES = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "rdf": RdfFormat.RDF_XML, "jsonld": RdfFormat.JSON_LD}
LABELS = {"http://www.w3.org/2000/01/rdf-schema#label", "http://www.w3.org/2004/02/skos/core#prefLabel"}


def get(url: str, accept: str = "*/*", **options: object) -> requests.Response:
    headers = {"Accept": accept}
    return requests.get(url, headers=headers, timeout=30, allow_redirects=False, **options)  # type: ignore[arg-type]


def graph(response: requests.Response, form: RdfFormat = RdfFormat.TURTLE) -> set[Triple]:
    assert response.status_code == 200, response.text
    return {quad.triple for quad in parse(input=response.content, format=form)}


@pytest.mark.parametrize("thing", [PACT, "state/russia", "person/vladimir-putin"])
@pytest.mark.parametrize(
    ("accept", "where"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "/page/{}"),
        ("*/*", "/page/{}"),
        ("text/turtle", "/data/{}.ttl"),
        ("application/ld+json", "/data/{}.jsonld"),
        ("application/n-triples", "/data/{}.nt"),
        ("application/rdf+xml;q=0.9, text/html;q=0.1", "/data/{}.rdf"),
    ],
)
def test_an_entity_redirects_to_what_is_accepted(served_url: str, thing: str, accept: str, where: str) -> None:
    response = get(f"{served_url}/id/{thing}", accept)
    assert (response.status_code, response.headers["Location"]) == (303, where.format(thing))
    assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_suffix_names_the_format(served_url: str, suffix: str) -> None:
    for path in (f"id/{PACT}", "vocab/domain/health", "vocab/domain"):
        response = get(f"{served_url}/{path}.{suffix}", "text/html")
        where = f"/data/{path.removeprefix('id/')}.{suffix}"
        assert (response.status_code, response.headers["Location"]) == (303, where)


def test_nothing_acceptable_and_nothing_known(served_url: str) -> None:
    assert get(f"{served_url}/id/{PACT}", "image/png").status_code == 406
    for path in (
        "id/state/atlantis",
        "data/state/atlantis.ttl",
        "data/state/%3Cx%3E.nt",
        "vocab/nothing",
        "graph/nothing",
        "ns.zip",
    ):
        response = get(f"{served_url}/{path}")
        assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json"), path


def test_a_description_has_parts_incoming_links_labels_and_sources(served_url: str) -> None:
    triples = graph(get(f"{served_url}/data/{PACT}.ttl"))
    pact = BASE + "id/" + PACT
    iri = NamedNode(pact)
    label = {
        t.object.value for t in triples if t.subject == iri and t.predicate.value in LABELS and isinstance(t.object, Literal)
    }
    assert any("Comprehensive Strategic Partnership" in text for text in label)
    assert any(str(t.subject).startswith(f"<{pact}#") for t in triples), "its parts"
    assert any(t.object == iri and not str(t.subject).startswith(f"<{pact}") for t in triples), "what points at it"
    named = {t.subject for t in triples if t.predicate.value in LABELS}
    assert NamedNode(BASE + "id/state/russia") in named, "the labels of neighbours"
    assert NamedNode(PG + "Pact") in named, "the labels of terms"
    sources = {t.object for t in triples if t.predicate.value == PG + "citesSource"}
    assert sources
    assert sources <= named, "the labels of sources"
    assert any(t.subject in sources and t.predicate.value == PG + "address" for t in triples), "the addresses of sources"


def test_all_formats_say_the_same(served_url: str) -> None:
    graphs = [graph(get(f"{served_url}/data/{PACT}.{suffix}"), form) for suffix, form in SUFFIXES.items()]
    assert all(other == graphs[0] for other in graphs)
    assert graph(get(f"{served_url}/data/{PACT}", "application/n-triples"), RdfFormat.N_TRIPLES) == graphs[0]


def test_a_kept_description_is_not_sent_again(served_url: str) -> None:
    first = get(f"{served_url}/data/{PACT}.ttl")
    again = requests.get(f"{served_url}/data/{PACT}.ttl", headers={"If-None-Match": first.headers["ETag"]}, timeout=30)
    assert (again.status_code, again.content) == (304, b"")


def test_the_ontology(served_url: str) -> None:
    assert get(f"{served_url}/ns", "text/html").headers["Location"] == "/page/ns"
    for response in (get(f"{served_url}/ns", "text/turtle"), get(f"{served_url}/ns.ttl")):
        assert any(t.subject == NamedNode(PG + "Pact") for t in graph(response))


def test_the_vocabularies(served_url: str) -> None:
    concept = NamedNode(BASE + "vocab/domain/health")
    assert get(f"{served_url}/vocab/domain", "text/html").headers["Location"] == "/page/vocab/domain"
    assert get(f"{served_url}/vocab/domain/health", "text/turtle").headers["Location"] == "/data/vocab/domain/health.ttl"
    for path in ("vocab/domain", "vocab/domain/health"):
        triples = graph(get(f"{served_url}/data/{path}.ttl"))
        assert any(t.subject == concept and t.predicate.value in LABELS for t in triples)


def test_shapes_and_named_graphs(served_url: str) -> None:
    shape = NamedNode("http://www.w3.org/ns/shacl#NodeShape")
    for path in ("shapes", "shapes.ttl", "graph/shapes.ttl"):
        assert any(t.object == shape for t in graph(get(f"{served_url}/{path}", "text/turtle"))), path
    curated = graph(get(f"{served_url}/graph/curated.nt"), RdfFormat.N_TRIPLES)
    assert any(t.subject == NamedNode(BASE + "id/" + PACT) for t in curated)
