"""The SPARQL 1.1 Protocol against a real server: formats, caching, limits, and what is refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pyoxigraph import RdfFormat, parse

from pactgraph.packed import Packed
from pactgraph.release import open_release
from pactgraph.settings import ServeSettings
from pactgraph.store import QueryService
from pactgraph.store.guard import check
from tests.conftest import serving

PG = "https://w3id.org/pactgraph/ns#"
PACT = "https://w3id.org/pactgraph/id/pact/russia-dprk-csp-2024"
CURATED = "https://w3id.org/pactgraph/graph/curated"
SELECT = f"SELECT ?type WHERE {{ <{PACT}> a ?type }}"
CONSTRUCT = f"CONSTRUCT WHERE {{ <{PACT}> ?p ?o }}"
COUNT_ALL = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def ask(url: str, query: str, **options: object) -> requests.Response:
    return requests.get(f"{url}/sparql", params={"query": query}, timeout=60, **options)  # type: ignore[arg-type]


def values(response: requests.Response, name: str) -> list[str]:
    assert response.status_code == 200, response.text
    return [row[name]["value"] for row in response.json()["results"]["bindings"]]


@pytest.mark.parametrize("way", ["get", "form", "body"])
def test_three_ways_to_ask(served_url: str, way: str) -> None:
    if way == "get":
        response = ask(served_url, SELECT)
    elif way == "form":
        response = requests.post(f"{served_url}/sparql", data={"query": SELECT}, timeout=30)
    else:
        headers = {"Content-Type": "application/sparql-query"}
        response = requests.post(f"{served_url}/sparql", data=SELECT.encode(), headers=headers, timeout=30)
    assert f"{PG}Pact" in values(response, "type")


@pytest.mark.parametrize(
    ("query", "accept", "name", "media_type"),
    [
        (SELECT, "application/sparql-results+json", "json", "application/sparql-results+json"),
        (SELECT, "application/sparql-results+xml", "xml", "application/sparql-results+xml"),
        (SELECT, "text/csv", "csv", "text/csv"),
        (SELECT, "text/tab-separated-values", "tsv", "text/tab-separated-values"),
        (SELECT, "text/turtle, text/csv;q=0.1", "csv", "text/csv"),
        (CONSTRUCT, "text/turtle", "ttl", "text/turtle"),
        (CONSTRUCT, "application/n-triples", "nt", "application/n-triples"),
        (CONSTRUCT, "application/rdf+xml", "rdf", "application/rdf+xml"),
        (CONSTRUCT, "application/ld+json", "jsonld", "application/ld+json"),
        ("ASK {}", "application/sparql-results+xml;q=0.2, application/json", "json", "application/sparql-results+json"),
    ],
)
def test_formats_by_accept_and_by_name(served_url: str, query: str, accept: str, name: str, media_type: str) -> None:
    by_accept = ask(served_url, query, headers={"Accept": accept})
    by_name = requests.get(f"{served_url}/sparql", params={"query": query, "format": name}, timeout=30)
    for response in (by_accept, by_name):
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"].split(";")[0] == media_type
        assert "Accept" in response.headers["Vary"]
        assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_nothing_acceptable_is_406(served_url: str) -> None:
    for query, accept in ((SELECT, "image/png"), (SELECT, "text/turtle"), (CONSTRUCT, "text/csv")):
        response = ask(served_url, query, headers={"Accept": accept})
        assert (response.status_code, response.headers["Content-Type"]) == (406, "application/problem+json")


def test_the_default_graph_is_the_union_unless_said_otherwise(served_url: str) -> None:
    everywhere = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    whole = int(values(ask(served_url, everywhere), "n")[0])
    from_clause = int(values(ask(served_url, everywhere.replace("WHERE", f"FROM <{CURATED}> WHERE")), "n")[0])
    parameters = {"query": everywhere, "default-graph-uri": CURATED}
    by_parameter = int(values(requests.get(f"{served_url}/sparql", params=parameters, timeout=30), "n")[0])
    assert whole > from_clause == by_parameter > 0
    named = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
    parameters = {"query": named, "named-graph-uri": CURATED}
    assert values(requests.get(f"{served_url}/sparql", params=parameters, timeout=30), "g") == [CURATED]


def test_answers_are_cached_by_entity_tag(served_url: str) -> None:
    first = ask(served_url, SELECT)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = ask(served_url, SELECT, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = ask(served_url, SELECT, headers={"If-None-Match": first.headers["ETag"], "Accept": "text/csv"})
    assert other.status_code == 200


def test_head_and_options(served_url: str) -> None:
    head = requests.head(f"{served_url}/sparql", params={"query": SELECT}, timeout=30)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) > 0
    options = requests.options(f"{served_url}/sparql", headers={"Origin": "https://example.org"}, timeout=30)
    assert options.ok
    assert {"GET", "POST"} <= set(options.headers["Access-Control-Allow-Methods"].replace(" ", "").split(","))


def test_service_description(served_url: str) -> None:
    response = requests.get(f"{served_url}/sparql", headers={"Accept": "text/turtle"}, timeout=30)
    found = {(q.predicate.value.split("#")[-1], getattr(q.object, "value", "")) for q in _triples(response)}
    assert ("endpoint", f"{served_url}/sparql") in found
    assert ("feature", "http://www.w3.org/ns/sparql-service-description#UnionDefaultGraph") in found
    assert ("name", CURATED) in found


def _triples(response: requests.Response) -> Iterator:  # type: ignore[type-arg]
    assert response.status_code == 200, response.text
    return parse(input=response.content, format=RdfFormat.TURTLE)


def test_syntax_errors_point_at_the_place(served_url: str) -> None:
    response = ask(served_url, "SELECT *\nWHERE { ?s foo:bar ?o }")
    problem = response.json()
    assert response.status_code == 400
    assert (problem["line"], problem["column"]) == (2, 12)
    line, caret = problem["excerpt"].split("\n")
    assert line == "WHERE { ?s foo:bar ?o }"
    assert caret.index("^") == 11
    assert "the prefix 'foo:' is not declared" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "options", "status"),
    [
        ("get", {"params": [("query", SELECT), ("query", SELECT)]}, 400),
        ("get", {"params": {"query": SELECT, "format": "pdf"}}, 400),
        ("get", {"params": {"query": SELECT, "default-graph-uri": "not an iri"}}, 400),
        ("get", {"params": {"query": ""}}, 400),
        ("post", {"data": {"nothing": "1"}}, 400),
        ("post", {"data": b"\xff", "headers": {"Content-Type": "application/sparql-query"}}, 400),
        ("post", {"data": SELECT, "headers": {"Content-Type": "text/plain"}}, 415),
        ("post", {"data": "DROP ALL", "headers": {"Content-Type": "application/sparql-update"}}, 403),
        ("post", {"data": {"update": "DROP ALL"}}, 403),
        ("get", {"params": {"query": "# x\nPREFIX a: <a:a> DELETE WHERE { ?s ?p ?o }"}}, 400),
        ("get", {"params": {"query": "SELECT (<x:f>(1) AS ?one) {}"}}, 422),
        ("post", {"data": b"#" * (1 << 20) + b"x", "headers": {"Content-Type": "application/sparql-query"}}, 413),
        ("put", {"data": SELECT}, 405),
    ],
)
def test_bad_requests(served_url: str, method: str, options: dict[str, object], status: int) -> None:
    response = requests.request(method, f"{served_url}/sparql", timeout=30, **options)  # type: ignore[arg-type]
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


@pytest.mark.parametrize(
    "query",
    [
        "ASK { SERVICE <@> { ?s ?p ?o } }",
        "SELECT * { service silent <@> { ?s ?p ?o } }",
        "ASK { # a comment that ends at a carriage return\rSERVICE <@> { ?s ?p ?o } }",
        "ASK { \\u0053ERVICE <@> { ?s ?p ?o } }",
        "ASK { \u017fERVICE <@> { ?s ?p ?o } }",
        'ASK { ?s ?p "#" . SERVICE <@> { ?s ?p ?o } }',
        "ASK { ?s ?p <x:#> . { OPTIONAL { SERVICE <@> { ?s ?p ?o } } } }",
        "ASK { VALUES ?where { <@> } SERVICE ?where { ?s ?p ?o } }",
        "CONSTRUCT { ?s ?p ?o } WHERE { { SELECT * { SERVICE<@>{ ?s ?p ?o } } } }",
        "ASK { FILTER EXISTS { SERVICE <@> { ?s ?p ?o } } }",
    ],
)
def test_no_other_server_is_ever_asked(served_url: str, elsewhere: tuple[str, list[str]], query: str) -> None:
    address, seen = elsewhere
    response = ask(served_url, query.replace("@", address))
    assert response.status_code in (400, 403), response.text
    assert not seen


def test_from_loads_nothing(served_url: str, elsewhere: tuple[str, list[str]]) -> None:
    address, seen = elsewhere
    assert values(ask(served_url, f"SELECT * FROM <{address}> WHERE {{ ?s ?p ?o }}"), "s") == []
    assert not seen


@pytest.mark.parametrize(
    "query",
    [
        'ASK { ?s ?p ?label FILTER (CONTAINS(?label, "SERVICE <http://x/> {}")) }',
        "ASK { ?service ?servicePoint ?o } # SERVICE <http://x/> { }",
        "PREFIX service: <http://service.example/> ASK { ?s service:Service <http://x/service> }",
    ],
)
def test_the_word_service_is_no_offence(served_url: str, query: str) -> None:
    check(query)
    assert ask(served_url, query).status_code == 200


def service(releases: Path, **limits: float) -> QueryService:
    return QueryService(ServeSettings(releases=releases, workers=1, **limits), open_release)  # type: ignore[arg-type]


def test_limits_end_a_query_and_the_next_one_is_served(releases: Path) -> None:
    from pactgraph.errors import PactgraphError, QueryMemory, QueryTimeout, ResultTooLarge

    cross = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    cases: list[tuple[dict[str, float], str, type[PactgraphError]]] = [
        ({"query_timeout": 1}, COUNT_ALL, QueryTimeout),
        ({"query_memory": 1 << 30}, cross + " ORDER BY ?a", QueryMemory),
        ({"max_bytes": 1 << 16}, cross, ResultTooLarge),
    ]
    for limits, query, error in cases:
        asked = service(releases, **limits)
        try:
            with pytest.raises(error):
                asked.query(query)
            assert asked.ask("ASK {}")
        finally:
            asked.close()


def test_a_new_release_takes_over_without_losing_requests(tmp_path: Path) -> None:
    from pactgraph.release import Content, publish

    def release(number: int) -> None:
        quad = f'<x:s> <x:p> "{number}" <x:g> .\n'.encode()
        publish(Content(f"0.0.{number}", "2026-01-01", Packed.of([quad]), {}), tmp_path)

    release(1)
    with serving(tmp_path) as url:
        seen: list[tuple[int, list[str]]] = []
        done = threading.Event()

        def reader() -> None:
            while not done.is_set():
                response = ask(url, "SELECT ?o WHERE { ?s ?p ?o }")
                seen.append((response.status_code, values(response, "o")))

        threads = [threading.Thread(target=reader) for _ in range(4)]
        for thread in threads:
            thread.start()
        done.wait(1)
        release(2)
        end = time.monotonic() + 30
        while seen[-1][1] != ["2"] and time.monotonic() < end:
            time.sleep(0.1)
        done.wait(1)
        done.set()
        for thread in threads:
            thread.join()
    assert {status for status, _ in seen} == {200}
    assert seen[0][1] == ["1"]
    assert seen[-1][1] == ["2"]
