"""Formats: every one by Accept, by name and by suffix; parameters, q-values, wildcards and older names."""

from __future__ import annotations

import pytest
import requests
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from pactgraph.store.answers import GRAPHS, RESULTS
from pactgraph.web.negotiation import graph_suffix, query_formats

BASE = "https://w3id.org/pactgraph/"
PACT = "pact/russia-dprk-csp-2024"
SELECT = "SELECT ?type WHERE { ?thing a ?type } LIMIT 3"
CONSTRUCT = f"CONSTRUCT WHERE {{ <{BASE}id/{PACT}> ?p ?o }}"
DOCUMENTS = (f"/data/{PACT}", "/data/vocab/domain", "/ns", "/shapes", "/void", "/graph/links")


def get(url: str, accept: str = "*/*", **options: object) -> requests.Response:
    return requests.get(url, headers={"Accept": accept}, timeout=30, **options)  # type: ignore[arg-type]


def triples(response: requests.Response, suffix: str) -> set[Triple]:
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].split(";")[0] == GRAPHS[suffix]
    form = RdfFormat.from_media_type(GRAPHS[suffix])
    assert form is not None
    return {quad.triple for quad in parse(input=response.content, format=form) if "_:" not in str(quad)}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_says_the_same_in_every_format_however_it_is_asked_for(served_url: str, path: str) -> None:
    expected = triples(get(f"{served_url}{path}.ttl"), "ttl")
    assert expected
    for suffix, media_type in GRAPHS.items():
        by_suffix = get(f"{served_url}{path}.{suffix}", "text/html")
        by_accept = get(f"{served_url}{path}", media_type)
        by_name = get(f"{served_url}{path}", "text/html", params={"format": suffix})
        by_type = get(f"{served_url}{path}", "text/html", params={"format": media_type})
        for response in (by_suffix, by_accept, by_name, by_type):
            assert triples(response, suffix) == expected, (suffix, response.url)
        for response in (by_accept, by_name):
            assert "Accept" in response.headers["Vary"].split(", ")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_format_that_is_none(served_url: str, path: str) -> None:
    assert get(f"{served_url}{path}", params={"format": "pdf"}).status_code == 400
    assert get(f"{served_url}{path}", "image/png").status_code == 406


@pytest.mark.parametrize("suffix", GRAPHS)
def test_a_graph_answers_a_query_in_every_format(served_url: str, suffix: str) -> None:
    expected = triples(get(f"{served_url}/sparql", "text/turtle", params={"query": CONSTRUCT}), "ttl")
    for options in (
        {"accept": GRAPHS[suffix], "params": {"query": CONSTRUCT}},
        {"params": {"query": CONSTRUCT, "format": suffix}},
    ):
        assert triples(get(f"{served_url}/sparql", **options), suffix) == expected  # type: ignore[arg-type]
    address = f"{served_url}/graphs?graph={BASE}graph/links"
    assert triples(get(address, GRAPHS[suffix]), suffix) == triples(get(f"{served_url}/graph/links.{suffix}"), suffix)


@pytest.mark.parametrize(("suffix", "form"), [("trig", RdfFormat.TRIG), ("nq", RdfFormat.N_QUADS)])
def test_formats_that_can_say_the_named_graph_of_a_statement(served_url: str, suffix: str, form: RdfFormat) -> None:
    links = NamedNode(f"{BASE}graph/links")
    assert {q.graph_name for q in parse(input=get(f"{served_url}/graph/links.{suffix}").content, format=form)} == {links}
    described = list(parse(input=get(f"{served_url}/data/{PACT}.{suffix}").content, format=form))
    places = {q.graph_name.value.rpartition("/")[2] for q in described if q.subject == NamedNode(f"{BASE}id/{PACT}")}  # type: ignore[union-attr]
    assert {"curated", "inferred"} <= places
    asked = get(f"{served_url}/sparql", params={"query": f"DESCRIBE <{BASE}id/{PACT}>", "format": suffix})
    assert set(parse(input=asked.content, format=form)) == set(described)


def accept(header: str) -> MIMEAccept:
    return parse_accept_header(header, MIMEAccept)


@pytest.mark.parametrize(
    ("header", "results", "graph"),
    [
        ("", "json", "ttl"),
        ("*/*", "json", "ttl"),
        ("application/sparql-results+json;charset=utf-8", "json", None),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', None, "jsonld"),
        ("text/turtle;version=1.2;q=0.1, application/n-triples;q=0.2", None, "nt"),
        ("text/turtle;q=0, */*", "json", "jsonld"),
        ("application/sparql-results+json;q=0, */*;q=0.5", "xml", "ttl"),
        ("text/turtle;version=1.2;q=0, text/turtle", None, "ttl"),
        ("text/*", "csv", "ttl"),
        ("application/*", "json", "jsonld"),
        ("text/*;q=0.5, application/*;q=0.1", "csv", "ttl"),
        ("text/csv, */*;q=0.1", "csv", "ttl"),
        ("application/json", "json", "jsonld"),
        ("application/xml", "xml", "rdf"),
        ("text/plain", "tsv", "nt"),
        ("application/x-turtle;q=0.9, application/json;q=0.8", "json", "ttl"),
        ("TEXT/TURTLE", None, "ttl"),
        ("application/trig, application/n-quads;q=0.5", None, "trig"),
    ],
)
def test_what_an_accept_header_chooses(header: str, results: str | None, graph: str | None) -> None:
    found = query_formats(accept(header), None)
    assert found.results == (RESULTS[results] if results else None)
    assert found.graph == (GRAPHS[graph] if graph else None)


@pytest.mark.parametrize(
    ("header", "with_pages", "without"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html", "ttl"),
        ("text/html;level=1, text/turtle;q=0.9", "html", "ttl"),
        ("text/turtle, text/html;q=0.9", "ttl", "ttl"),
        ("*/*", "html", "ttl"),
        ("text/html;q=0, */*", "ttl", "ttl"),
    ],
)
def test_pages_for_browsers_and_data_for_programs(header: str, with_pages: str, without: str) -> None:
    assert graph_suffix(accept(header)) == with_pages
    assert graph_suffix(accept(header), html=False) == without


def test_a_media_type_with_parameters_over_http(served_url: str) -> None:
    asked = {"query": SELECT}
    json = get(f"{served_url}/sparql", "application/sparql-results+json; charset=UTF-8", params=asked)
    assert json.headers["Content-Type"] == RESULTS["json"]
    assert len(json.json()["results"]["bindings"]) == 3
    assert get(f"{served_url}/sparql", "text/turtle", params=asked).status_code == 406
    assert get(f"{served_url}/sparql", "*/*;q=0", params=asked).status_code == 406
