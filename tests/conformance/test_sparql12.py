"""SPARQL 1.2 and RDF 1.2 as far as the engine goes, over HTTP; the table in `docs/reference/protocol.md` lists the same."""

from __future__ import annotations

import re

import pytest

from tests.conformance.endpoint import MEDIA_TYPES, Endpoint
from tests.conformance.report import PAGE

XSD = "http://www.w3.org/2001/XMLSchema#"
DATA = """VERSION "1.2"
<x:alice> <x:says> <<( <x:bob> <x:age> 23 )>> .
<x:bob> <x:age> 23 ~ <x:r1> {| <x:source> <x:census> |} .
<< <x:carol> <x:age> 30 >> <x:source> <x:census> .
<x:word> <x:label> "\u0645\u0631\u062d\u0628\u0627"@ar--rtl .
"""
FEATURES = {
    "Triple terms": "ASK { <x:alice> <x:says> <<( <x:bob> ?p 23 )>> }",
    "Reified triples": "ASK { << <x:carol> <x:age> 30 >> <x:source> ?s FILTER NOT EXISTS { <x:carol> ?p ?o } }",
    "Reifiers and annotations": "ASK { <x:bob> <x:age> 23 ~ <x:r1> {| <x:source> <x:census> |} }",
    "Functions on triple terms": """ASK { <x:alice> <x:says> ?t
        FILTER(isTRIPLE(?t) && TRIPLE(SUBJECT(?t), PREDICATE(?t), OBJECT(?t)) = <<( <x:bob> <x:age> 23 )>>) }""",
    "Base direction": """ASK { <x:word> <x:label> ?l
        FILTER(hasLANGDIR(?l) && hasLANG(?l) && LANG(?l) = 'ar' && LANGDIR(?l) = 'rtl') }""",
    "`STRLANGDIR`": "ASK { FILTER(LANGDIR(STRLANGDIR('x', 'he', 'rtl')) = 'rtl') }",
    "`VERSION`": "PREFIX x: <x:> VERSION '1.2' ASK {}",
    "`LATERAL`": "ASK { VALUES ?x { 1 2 } LATERAL { SELECT ?x (?x + 1 AS ?y) {} } FILTER(?x = 2 && ?y = 3) }",
    "`ADJUST`": f"""ASK {{ FILTER(STR(ADJUST("2024-06-19T00:00:00Z"^^<{XSD}dateTime>, "PT9H"^^<{XSD}dayTimeDuration>))
        = "2024-06-19T09:00:00+09:00") }}""",
    "Arithmetic of dates": f"""ASK {{ FILTER(STR("2024-06-19"^^<{XSD}date> - "2024-06-18"^^<{XSD}date>) = "P1D"
        && STR("2024-06-19T23:00:00Z"^^<{XSD}dateTime> + "PT1H"^^<{XSD}dayTimeDuration>) = "2024-06-20T00:00:00Z") }}""",
}
GRAPH_FORMATS = ("ttl", "nt", "rdf")


@pytest.fixture(autouse=True)
def data(endpoint: Endpoint) -> None:
    assert endpoint.update("DROP ALL").ok
    assert endpoint.put(DATA, default="").ok


@pytest.mark.parametrize("feature", FEATURES)
def test_feature(endpoint: Endpoint, feature: str) -> None:
    response = endpoint.query(FEATURES[feature])
    assert response.status_code == 200, response.text
    assert response.json() == {"head": {}, "boolean": True}


def test_triple_terms_and_directions_in_results(endpoint: Endpoint) -> None:
    text = "SELECT ?t ?l { <x:alice> <x:says> ?t . <x:word> <x:label> ?l }"
    row = endpoint.query(text).json()["results"]["bindings"][0]
    assert (row["t"]["type"], row["t"]["value"]["object"]["value"]) == ("triple", "23")
    assert (row["l"]["xml:lang"], row["l"]["its:dir"]) == ("ar", "rtl")
    assert "<triple><subject><uri>x:bob</uri>" in endpoint.query(text, name="xml").text
    assert "<<( <x:bob> <x:age> 23 )>>" in endpoint.query(text, name="tsv").text


@pytest.mark.parametrize("name", GRAPH_FORMATS)
def test_graphs_in_and_out(endpoint: Endpoint, name: str) -> None:
    written = endpoint.send("GET", "graphs?default", headers={"Accept": MEDIA_TYPES[name]})
    assert endpoint.update("DROP ALL").ok
    assert endpoint.send("PUT", "graphs?default", data=written.content, headers={"Content-Type": MEDIA_TYPES[name]}).ok
    for feature in FEATURES:
        assert endpoint.query(FEATURES[feature]).json()["boolean"], feature


def test_what_json_ld_cannot_carry_is_not_acceptable(endpoint: Endpoint) -> None:
    for response in (
        endpoint.send("GET", "graphs?default", headers={"Accept": MEDIA_TYPES["jsonld"]}),
        endpoint.query("CONSTRUCT WHERE { ?s ?p ?o }", name="jsonld"),
    ):
        assert response.status_code == 406
        assert "RDF 1.2" in response.json()["detail"]


def test_the_version_of_a_request_is_accepted_and_not_needed(endpoint: Endpoint) -> None:
    headers = {"Content-Type": "application/sparql-query; version=1.2"}
    assert endpoint.send("POST", "sparql", data=FEATURES["Triple terms"], headers=headers).json()["boolean"]
    assert endpoint.query(FEATURES["Triple terms"], version="1.2").json()["boolean"]


def test_the_table_lists_these_features() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## SPARQL 1.2")[2]
    assert re.findall(r"^\| ([^|]+?) +\|", section, re.M)[2:] == list(FEATURES)
