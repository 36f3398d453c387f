"""The SPARQL 1.1 Protocol and the Graph Store HTTP Protocol, clause by clause; `docs/reference/protocol.md` is the table.

Each test's name is in the table, and each test in the table is here.
"""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conformance.endpoint import MEDIA_TYPES, WAYS_TO_QUERY, Endpoint
from tests.conformance.results import read, same
from tests.conftest import ROOT

QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
TURTLE = {"Content-Type": "text/turtle"}
G1, G2, G3 = "http://example.org/g1", "http://example.org/g2", "http://example.org/g3"
BOTH = "ASK { <x:s1> ?p 1 . <x:s2> ?p 2 }"
ONLY_1 = "ASK { <x:s1> ?p ?o FILTER NOT EXISTS { <x:s2> ?p ?o } }"
NAMES = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture(autouse=True)
def three_graphs(endpoint: Endpoint) -> None:
    """A default graph with <x:s0>, and graphs 1, 2 and 3 with <x:s1>, <x:s2> and <x:s3>."""
    graphs = "".join(f"GRAPH <http://example.org/g{n}> {{ <x:s{n}> <x:p> {n} }}" for n in (1, 2, 3))
    assert endpoint.update(f"DROP ALL ; INSERT DATA {{ <x:s0> <x:p> 0 {graphs} }}").status_code == 204


def status(response: requests.Response) -> int:
    """Give the status; an error is always problem+json that says the same."""
    if response.status_code >= 400:
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.content == b"" or response.json()["status"] == response.status_code
    return response.status_code


def yes(response: requests.Response) -> bool:
    assert status(response) == 200, response.text
    return bool(response.json()["boolean"])


def names(response: requests.Response) -> set[str]:
    assert status(response) == 200, response.text
    return {row["g"]["value"] for row in response.json()["results"]["bindings"]}


# SPARQL 1.1 Protocol, 2.1: query


def test_query_by_get(endpoint: Endpoint) -> None:
    assert yes(endpoint.send("GET", "sparql?query=ASK%20%7B%20%3Fs+%3Fp%20%3Fo%20%7D"))
    assert yes(endpoint.send("GET", f"sparql?default-graph-uri={G1}&query=ASK%20%7B%3Cx%3As1%3E%3Fp%3Fo%7D"))
    assert yes(endpoint.query('ASK { FILTER("é" = "\\u00e9") }'))


def test_query_by_form(endpoint: Endpoint) -> None:
    assert yes(endpoint.query(ONLY_1, "form", **{"default-graph-uri": G1}))
    text = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    assert yes(endpoint.send("POST", "sparql", data="query=ASK%20%7B%7D", headers=text))
    assert yes(endpoint.send("POST", f"sparql?default-graph-uri={G1}", data={"query": ONLY_1}))  # never overlooked


def test_query_by_body(endpoint: Endpoint) -> None:
    assert yes(endpoint.query(ONLY_1, "body", **{"default-graph-uri": G1}))
    for content_type in (f"{QUERY}; charset=utf-8", f"{QUERY};version=1.2"):
        assert yes(endpoint.send("POST", "sparql", data="ASK {}", headers={"Content-Type": content_type}))


def test_a_request_has_one_query(endpoint: Endpoint) -> None:
    twice = [("query", "ASK {}"), ("query", "SELECT * {}")]
    headers = {"Content-Type": QUERY}
    for response in (
        endpoint.send("GET", "sparql", params=twice),
        endpoint.send("POST", "sparql", data=twice),
        endpoint.send("POST", "sparql", data={"default-graph-uri": G1}),
        endpoint.send("POST", "sparql?query=ASK%7B%7D", data={"query": "ASK {}"}),
        endpoint.send("POST", "sparql?query=ASK%7B%7D", data="ASK {}", headers=headers),
        endpoint.send("POST", "sparql", data={"query": "ASK {}", "update": "DROP ALL"}),
        endpoint.send("POST", "sparql", data={"query": "ASK {}", "using-graph-uri": G1}),
        endpoint.send("GET", "sparql", params={"query": ""}),
        endpoint.send("POST", "sparql", data="", headers=headers),
    ):
        assert status(response) == 400, response.text


def test_query_methods(endpoint: Endpoint) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        response = endpoint.send(method, "sparql", params={"query": "ASK {}"})
        assert status(response) == 405
        assert {"GET", "HEAD", "POST", "QUERY", "OPTIONS"} == set(response.headers["Allow"].split(", "))


def test_query_content_type(endpoint: Endpoint) -> None:
    for body in ("query=ASK%20%7B%7D", "ASK {}"):
        for headers in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/json"}):
            assert status(endpoint.send("POST", "sparql", data=body.encode(), headers=headers)) == 415


def test_query_is_in_utf_8(endpoint: Endpoint) -> None:
    utf_16 = {"Content-Type": f"{QUERY}; charset=UTF-16"}
    assert status(endpoint.send("POST", "sparql", data="ASK {}".encode("utf-16"), headers=utf_16)) == 415
    assert status(endpoint.send("POST", "sparql", data=b"ASK { ?s ?p '\xe9' }", headers={"Content-Type": QUERY})) == 400
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert status(endpoint.send("POST", "sparql", data=b"query=ASK%7B?s?p'%E9'%7D", headers=form)) == 400
    assert status(endpoint.send("GET", "sparql?query=ASK%7B?s?p'%E9'%7D")) == 400


# 2.1.4: the dataset of a query


@pytest.mark.parametrize("way", WAYS_TO_QUERY)
def test_default_graphs_of_a_query(endpoint: Endpoint, way: str) -> None:
    assert yes(endpoint.query(ONLY_1, way, **{"default-graph-uri": G1}))
    assert yes(endpoint.query(BOTH, way, **{"default-graph-uri": [G1, G2]}))
    assert not yes(endpoint.query("ASK { <x:s0> ?p ?o }", way, **{"default-graph-uri": [G1, G2]}))
    assert names(endpoint.query(NAMES, way, **{"default-graph-uri": G1})) == set()


@pytest.mark.parametrize("way", WAYS_TO_QUERY)
def test_named_graphs_of_a_query(endpoint: Endpoint, way: str) -> None:
    assert names(endpoint.query(NAMES, way, **{"named-graph-uri": [G1, G2]})) == {G1, G2}
    assert not yes(endpoint.query("ASK { ?s ?p ?o }", way, **{"named-graph-uri": G1}))


@pytest.mark.parametrize("way", WAYS_TO_QUERY)
def test_both_kinds_of_graphs_of_a_query(endpoint: Endpoint, way: str) -> None:
    graphs = {"default-graph-uri": [G1, G2], "named-graph-uri": [G2, G3]}
    assert yes(endpoint.query(BOTH, way, **graphs))
    assert names(endpoint.query(NAMES, way, **graphs)) == {G2, G3}


@pytest.mark.parametrize("way", WAYS_TO_QUERY)
def test_graphs_of_the_request_come_before_those_of_the_query(endpoint: Endpoint, way: str) -> None:
    query = ONLY_1.replace("ASK", f"ASK FROM <{G2}> FROM NAMED <{G3}>")
    assert not yes(endpoint.query(query, way))
    assert yes(endpoint.query(query, way, **{"default-graph-uri": G1}))
    query = NAMES.replace("{ GRAPH", f"FROM <{G2}> FROM NAMED <{G3}> {{ GRAPH")
    assert names(endpoint.query(query, way)) == {G3}
    assert names(endpoint.query(query, way, **{"named-graph-uri": [G1, G2]})) == {G1, G2}


def test_dataset_where_none_is_given(endpoint: Endpoint) -> None:
    assert yes(endpoint.query("ASK { <x:s0> ?p ?o FILTER NOT EXISTS { <x:s1> ?p ?o } }"))
    assert names(endpoint.query(NAMES)) == {G1, G2, G3}


def test_graphs_of_a_query_that_are_not_there_or_no_iris(endpoint: Endpoint) -> None:
    assert not yes(endpoint.query("ASK { ?s ?p ?o }", **{"default-graph-uri": "http://127.0.0.1:1/never-fetched"}))
    for name in ("default-graph-uri", "named-graph-uri"):
        for value in ("g1", "not an iri", ""):
            assert status(endpoint.query("ASK {}", **{name: value})) == 400


# 2.1.5 to 2.1.7: answers to a query


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("SELECT * { ?s ?p ?o }", ("json", "xml", "csv", "tsv")),
        ("ASK { ?s ?p ?o }", ("json", "xml")),
        ("CONSTRUCT WHERE { ?s ?p ?o }", ("ttl", "nt", "rdf", "jsonld")),
        ("DESCRIBE <x:s0>", ("ttl", "nt", "rdf", "jsonld")),
    ],
)
def test_answers_are_in_an_accepted_format(endpoint: Endpoint, query: str, offered: tuple[str, ...]) -> None:
    first = endpoint.send("GET", "sparql", params={"query": query})
    expected = read(first.content, offered[0])
    for name in offered:
        for accept in (MEDIA_TYPES[name], f"image/png, {MEDIA_TYPES[name]};q=0.5, */*;q=0.1"):
            response = endpoint.send("GET", "sparql", params={"query": query}, headers={"Accept": accept})
            assert status(response) == 200, response.text
            assert response.headers["Content-Type"].split(";")[0] == MEDIA_TYPES[name]
            assert name == "csv" or same(expected, read(response.content, name))
    assert first.headers["Content-Type"].split(";")[0] == MEDIA_TYPES[offered[0]]


def test_no_accepted_format(endpoint: Endpoint) -> None:
    for query, accept in (
        ("ASK {}", "image/png"),
        ("SELECT * {}", "text/turtle"),
        ("CONSTRUCT {} {}", "text/csv"),
        ("ASK {}", "application/sparql-results+json;q=0"),
    ):
        assert status(endpoint.send("GET", "sparql", params={"query": query}, headers={"Accept": accept})) == 406


def test_a_bad_query(endpoint: Endpoint) -> None:
    for way in WAYS_TO_QUERY:
        for text in ("ASK {", "ASK { ?s ?p }", "ASK { a:b ?p ?o }", "DELETE WHERE { ?s ?p ?o }", "nothing"):
            assert status(endpoint.query(text, way)) == 400
    problem = endpoint.query("ASK {\n  ?s ?p ¿ }").json()
    assert (problem["line"], problem["status"]) == (2, 400)
    assert problem["detail"]


def test_a_query_that_cannot_be_answered(endpoint: Endpoint) -> None:
    assert status(endpoint.query("SELECT (<x:function>(1) AS ?one) {}")) == 422
    assert status(endpoint.query("ASK { SERVICE <http://127.0.0.1:1/sparql> { ?s ?p ?o } }")) == 403


# 2.2: update


@pytest.mark.parametrize("path", ["update", "sparql"])
def test_update_by_form_and_by_body(endpoint: Endpoint, path: str) -> None:
    done = endpoint.send("POST", path, data={"update": "INSERT DATA { <x:new> <x:p> 1 } ; INSERT DATA { <x:new> <x:p> 2 }"})
    assert (done.status_code, done.content) == (204, b"")
    assert endpoint.ask("ASK { <x:new> <x:p> 1, 2 }")
    for kind in (UPDATE, f"{UPDATE}; charset=utf-8"):
        text = "DELETE DATA { <x:new> <x:p> 1 } ; INSERT DATA { <x:new> <x:p> 'é' }"
        done = endpoint.send("POST", path, data=text.encode(), headers={"Content-Type": kind})
        assert (done.status_code, done.content) == (204, b"")
    assert endpoint.ask("ASK { <x:new> <x:p> 'é' FILTER NOT EXISTS { <x:new> <x:p> 1 } }")


def test_update_with_prologues_between_operations(endpoint: Endpoint) -> None:
    update = """PREFIX a: <x:a> # PREFIX c: <x:c>
        INSERT DATA { a:1 a:p "; PREFIX a: <x:z>" } ;
        PREFIX a: <x:a> PREFIX b: <x:b> INSERT { b:1 b:p a:1 } WHERE { ?s ?p ?o FILTER(?s = a:1) }"""
    assert endpoint.update(update).status_code == 204
    assert endpoint.ask("ASK { <x:a1> <x:ap> '; PREFIX a: <x:z>' . <x:b1> <x:bp> <x:a1> }")
    for second in ("PREFIX a: <x:z> CLEAR ALL", "BASE <x:y> CLEAR ALL"):  # the engine's limit: refused, never misread
        assert status(endpoint.update(f"PREFIX a: <x:a> CLEAR DEFAULT ; {second}")) == 400


def test_a_request_has_one_update(endpoint: Endpoint) -> None:
    twice = [("update", "CLEAR DEFAULT"), ("update", "CLEAR NAMED")]
    for path in ("update", "sparql"):
        for options in (
            {"data": twice},
            {"data": {"using-graph-uri": G1}},
            {"data": {"update": "DROP ALL", "query": "ASK {}"}},
            {"data": {"update": "DROP ALL", "default-graph-uri": G1}},
            {"data": "DROP ALL", "params": {"update": "DROP ALL"}, "headers": {"Content-Type": UPDATE}},
        ):
            assert status(endpoint.send("POST", path, **options)) == 400
    assert endpoint.names() == {G1, G2, G3}


def test_update_methods(endpoint: Endpoint) -> None:
    assert status(endpoint.send("GET", "sparql", params={"update": "DROP ALL"})) == 400
    assert status(endpoint.send("QUERY", "sparql", data={"update": "DROP ALL"})) == 400
    assert status(endpoint.send("QUERY", "sparql", data="DROP ALL", headers={"Content-Type": UPDATE})) == 415
    for method in ("GET", "PUT", "DELETE", "QUERY"):
        response = endpoint.send(method, "update", params={"update": "DROP ALL"})
        assert (status(response), set(response.headers["Allow"].split(", "))) == (405, {"POST", "OPTIONS"})
    assert endpoint.names() == {G1, G2, G3}


def test_update_content_type(endpoint: Endpoint) -> None:
    for path in ("update", "sparql"):
        for body in ("update=DROP%20ALL", "DROP ALL"):
            for headers in ({}, {"Content-Type": "text/plain"}):
                assert status(endpoint.send("POST", path, data=body.encode(), headers=headers)) == 415


def test_update_is_in_utf_8(endpoint: Endpoint) -> None:
    utf_16 = {"Content-Type": f"{UPDATE}; charset=UTF-16"}
    assert status(endpoint.send("POST", "update", data="DROP ALL".encode("utf-16"), headers=utf_16)) == 415
    latin = b"INSERT DATA { <x:s> <x:p> '\xe9' }"
    assert status(endpoint.send("POST", "update", data=latin, headers={"Content-Type": UPDATE})) == 400


# 2.2.3: the dataset of an update


@pytest.mark.parametrize("way", ["form", "body"])
def test_default_graphs_of_an_update(endpoint: Endpoint, way: str) -> None:
    copy = "INSERT { GRAPH <x:copy> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
    assert endpoint.update(copy, way, **{"using-graph-uri": G1}).status_code == 204
    assert endpoint.query(ONLY_1, **{"default-graph-uri": "x:copy"}).json()["boolean"]
    assert endpoint.update(copy, way, **{"using-graph-uri": [G1, G2]}).status_code == 204
    assert endpoint.query(BOTH, **{"default-graph-uri": "x:copy"}).json()["boolean"]
    assert not endpoint.ask("ASK { GRAPH <x:copy> { <x:s0> ?p ?o } }")


@pytest.mark.parametrize("way", ["form", "body"])
def test_named_graphs_of_an_update(endpoint: Endpoint, way: str) -> None:
    copy = "INSERT { GRAPH <x:copy> { ?g <x:held> ?s } } WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert endpoint.update(copy, way, **{"using-named-graph-uri": [G1, G2]}).status_code == 204
    rows = endpoint.query("SELECT ?g { GRAPH <x:copy> { ?g ?p ?o } }")
    assert names(rows) == {G1, G2}


@pytest.mark.parametrize("way", ["form", "body"])
def test_both_kinds_of_graphs_of_an_update(endpoint: Endpoint, way: str) -> None:
    copy = "INSERT { GRAPH <x:copy> { ?d ?g ?n } } WHERE { ?d ?p ?o GRAPH ?g { ?n ?q ?r } }"
    graphs = {"using-graph-uri": G1, "using-named-graph-uri": [G2, G3]}
    assert endpoint.update(copy, way, **graphs).status_code == 204
    expected = f"<x:s1> <{G2}> <x:s2> ; <{G3}> <x:s3> ."
    assert same(read(expected.encode(), "ttl"), endpoint.graph(graph="x:copy"))


def test_graphs_of_an_update_are_those_of_every_operation(endpoint: Endpoint) -> None:
    update = """
        INSERT { GRAPH <x:a> { ?s ?p ?o } } WHERE { ?s ?p ?o } ;
        # WHERE { in a comment }
        DELETE { GRAPH <http://example.org/g1> { ?s ?p ?o } } INSERT { GRAPH <x:b> { ?s ?p "WHERE {" } } WHERE { ?s ?p ?o
            { SELECT * WHERE { ?s ?p ?o } } } ;
        DELETE WHERE { ?s ?p ?o }"""
    assert endpoint.update(update, **{"using-graph-uri": G1}).status_code == 204
    assert endpoint.ask("ASK { GRAPH <x:a> { <x:s1> ?p 1 } GRAPH <x:b> { <x:s1> ?p 'WHERE {' } }")
    assert not endpoint.ask(f"ASK {{ GRAPH <{G1}> {{ ?s ?p ?o }} }}")
    assert endpoint.ask("ASK { <x:s0> ?p ?o }")  # DELETE WHERE matched graph 1, which was empty by then


def test_graphs_of_the_request_exclude_those_of_the_update(endpoint: Endpoint) -> None:
    for operation in (
        f"INSERT {{ ?s ?p 9 }} USING <{G1}> WHERE {{ ?s ?p ?o }}",
        f"INSERT {{ ?s ?p 9 }} USING NAMED <{G1}> WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        f"WITH <{G1}> INSERT {{ ?s ?p 9 }} WHERE {{ ?s ?p ?o }}",
        f"CLEAR SILENT GRAPH <x:none> ; with <{G1}> DELETE {{ ?s ?p 9 }} WHERE {{ ?s ?p ?o }}",
    ):
        for name in ("using-graph-uri", "using-named-graph-uri"):
            for way in ("form", "body"):
                assert status(endpoint.update(operation, way, **{name: G2})) == 400
    assert not endpoint.ask("ASK { { ?s ?p 9 } UNION { GRAPH ?g { ?s ?p 9 } } }")
    assert status(endpoint.update("CLEAR DEFAULT", **{"using-graph-uri": "not an iri"})) == 400


# 2.2.4 and 2.2.5: answers to an update


def test_a_bad_update(endpoint: Endpoint) -> None:
    for way in ("form", "body"):
        for text in ("INSERT DATA {", "DELETE DATA { ?s ?p ?o }", "ASK {}", "nothing"):
            assert status(endpoint.update(text, way)) == 400
    assert endpoint.update("DROP\nALL ; ¿").json()["line"] == 2


def test_an_update_that_cannot_be_carried_out(endpoint: Endpoint) -> None:
    assert status(endpoint.update(f"DROP DEFAULT ; CREATE GRAPH <{G1}>")) == 422
    assert status(endpoint.update("DROP DEFAULT ; LOAD <http://127.0.0.1:1/data>")) == 403
    assert endpoint.ask("ASK { <x:s0> ?p ?o }")  # nothing of it was done


def test_clear_of_a_graph_that_is_not_there(endpoint: Endpoint) -> None:
    for operation in ("CLEAR GRAPH <x:none>", "DROP GRAPH <x:none>"):
        assert status(endpoint.update(f"DROP DEFAULT ; {operation}")) == 422
        assert endpoint.update(operation.replace("GRAPH", "SILENT GRAPH")).status_code == 204
    assert endpoint.ask("ASK { <x:s0> ?p ?o }")  # nothing of the failed ones was done
    assert endpoint.update(f"CREATE GRAPH <x:new> ; CLEAR GRAPH <x:new> ; CLEAR GRAPH <{G1}>").status_code == 204
    assert endpoint.names() == {G2, G3}


def test_load_silent_does_nothing(endpoint: Endpoint) -> None:
    for load in ("LOAD SILENT <http://127.0.0.1:1/a>", "load silent # a comment\n <http://127.0.0.1:1/a> INTO GRAPH <x:new>"):
        text = f"PREFIX load: <x:> INSERT DATA {{ load:LOAD load:SILENT 'LOAD SILENT <x:a>' }} ; {load} ; {load}"
        assert endpoint.update(text).status_code == 204
    assert endpoint.ask("ASK { <x:LOAD> <x:SILENT> 'LOAD SILENT <x:a>' }")
    assert endpoint.names() == {G1, G2, G3}


def test_no_update_asks_another_server(endpoint: Endpoint) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.setblocking(False)
        for text, codes in (
            ("LOAD <@>", {403}),
            ("LOAD SILENT <@>", {204}),
            ("PREFIX o: <@> LOAD SILENT o:data INTO GRAPH <x:new>", {204}),
            ("LOAD SILENT <@> ; LOAD <@>", {403}),
            ("\\u004COAD SILENT <@>", {400, 403}),
            ("CLEAR DEFAULT ; PREFIX o: <@> LOAD o:data", {400, 403}),
            ("INSERT { ?s ?p ?o } WHERE { SERVICE SILENT <@> { ?s ?p ?o } }", {403}),
            ("INSERT { ?s ?p ?o } WHERE { { SELECT * { S\\u0045RVICE <@> { ?s ?p ?o } } } }", {400, 403}),
        ):
            for using in ({}, {"using-graph-uri": G1}):
                address = f"http://127.0.0.1:{other.getsockname()[1]}/"
                assert status(endpoint.update(text.replace("@", address), **using)) in codes, text
        with pytest.raises(BlockingIOError):
            other.accept()


# 2.3: the base IRI


@pytest.mark.parametrize("way", WAYS_TO_QUERY)
def test_base_of_a_query(endpoint: Endpoint, way: str) -> None:
    text = "SELECT (STR(<a>) AS ?a) (STR(<#b>) AS ?b) (STR(IRI('c')) AS ?c) {}"
    row = endpoint.query(text, way).json()["results"]["bindings"][0]
    address = endpoint.address
    assert [row[name]["value"] for name in "abc"] == [f"{address}/a", f"{address}/sparql#b", f"{address}/c"]
    assert yes(endpoint.query("BASE <http://example.org/x/> ASK { FILTER(<y> = <http://example.org/x/y>) }", way))


def test_base_of_an_update(endpoint: Endpoint) -> None:
    for way in ("form", "body"):
        assert endpoint.update(f"INSERT DATA {{ <{way}> <x:p> 1 }}", way).ok
        assert endpoint.update(f"BASE <x:y/> INSERT DATA {{ <{way}> <x:p> 2 }}", way).ok
        assert endpoint.ask(f"ASK {{ <{endpoint.address}/{way}> <x:p> 1 . <x:y/{way}> <x:p> 2 }}")


# 4: policy; and what HTTP itself asks


def test_who_may_write(endpoint: Endpoint) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer wrong"}):
        for response in (
            endpoint.send("POST", "update", data={"update": "DROP ALL"}, headers=headers),
            endpoint.send("POST", "sparql", data={"update": "DROP ALL"}, headers=headers),
            endpoint.send("PUT", "graphs?default", data="", headers=TURTLE | headers),
            endpoint.send("POST", "graphs?default", data="", headers=TURTLE | headers),
            endpoint.send("DELETE", "graphs?default", headers=headers),
        ):
            assert status(response) == 401
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert endpoint.send("GET", "graphs?default", headers=headers).ok


def test_head_and_options(endpoint: Endpoint) -> None:
    for path in ("sparql?query=ASK%7B%7D", f"graphs?graph={G1}"):
        get, head = (endpoint.send(method, path, headers={"Accept-Encoding": "identity"}) for method in ("GET", "HEAD"))
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["Content-Length"] == str(len(get.content))
        assert head.headers["Content-Type"] == get.headers["Content-Type"]
    for path, methods in (
        ("sparql", {"GET", "HEAD", "POST", "QUERY", "OPTIONS"}),
        ("update", {"POST", "OPTIONS"}),
        ("graphs", {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"}),
        ("graphs/a/b", {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"}),
    ):
        response = endpoint.send("OPTIONS", path)
        assert response.ok
        assert set(response.headers["Allow"].replace(" ", "").split(",")) == methods


def test_the_method_query(endpoint: Endpoint) -> None:
    form = {"data": {"query": BOTH, "default-graph-uri": [G1, G2]}}
    for options in (form, {"data": "ASK {}", "headers": {"Content-Type": QUERY}}):
        response = endpoint.send("QUERY", "sparql", **options)
        assert yes(response)
        assert response.headers["Cache-Control"] == "public, max-age=60"
        headers = options.get("headers", {}) | {"If-None-Match": response.headers["ETag"]}
        again = endpoint.send("QUERY", "sparql", **options | {"headers": headers})
        assert (again.status_code, again.content) == (304, b"")
    for headers in ({}, {"Content-Type": "text/plain"}):
        assert status(endpoint.send("QUERY", "sparql", data=b"ASK {}", headers=headers)) == 415
    assert QUERY in endpoint.send("OPTIONS", "sparql").headers["Accept-Query"]


# SPARQL 1.1 Graph Store HTTP Protocol, 4: which graph


def test_graphs_named_by_the_address(endpoint: Endpoint) -> None:
    for path in ("graphs/people/1.ttl", "graphs/a%20b"):
        name = f"{endpoint.address}/{path}"
        assert endpoint.send("PUT", path, data="<> <#p> <other> .", headers=TURTLE).status_code == 201
        other = name.rpartition("/")[0] + "/other"
        assert endpoint.ask(f"ASK {{ GRAPH <{name}> {{ <{name}> <{name}#p> <{other}> }} }}")
        assert same(endpoint.graph(graph=name), read(endpoint.send("GET", path).content, "ttl"))
        assert endpoint.send("DELETE", path).status_code == 204
        assert status(endpoint.send("GET", path)) == 404


def test_graphs_named_by_a_parameter(endpoint: Endpoint) -> None:
    assert endpoint.send("PUT", "graphs?graph=http%3A//example.org/%C3%A9", data="<x:a> <x:b> 1 .", headers=TURTLE).ok
    assert endpoint.ask("ASK { GRAPH <http://example.org/é> { <x:a> <x:b> 1 } }")
    assert endpoint.send("GET", "graphs", params={"graph": "http://example.org/é"}).ok
    assert endpoint.put("<x:a> <x:b> 2 .", default="").ok
    assert endpoint.ask("ASK { <x:a> <x:b> 2 }")


def test_requests_that_name_no_graph(endpoint: Endpoint) -> None:
    paths = ["graphs", "graphs?graph=relative", "graphs?graph=", "graphs?graph=%E9:x", f"graphs?graph={G1}&graph={G2}"]
    paths += [f"graphs?graph={G1}&default", "graphs?other=1", f"graphs/a?graph={G1}", "graphs/a?default"]
    for path in paths:
        for method in ("GET", "PUT", "DELETE"):
            assert status(endpoint.send(method, path, data="", headers=TURTLE)) == 400, path
    for path in paths[1:]:
        assert status(endpoint.send("POST", path, data="", headers=TURTLE)) == 400, path


# 5: bodies and status codes


def test_relative_iris_of_a_body(endpoint: Endpoint) -> None:
    rdf = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="x:">'
    rdf += '<rdf:Description rdf:about="r"><p>2</p></rdf:Description></rdf:RDF>'
    named, default = {"graph": "http://example.org/dir/g"}, {"default": ""}
    for graph, base in ((named, "http://example.org/dir/"), (default, f"{endpoint.address}/")):
        assert endpoint.put("<r> <x:p> 1 .", **graph).ok
        assert same(read(f"<{base}r> <x:p> 1 .".encode(), "ttl"), endpoint.graph(**graph))
        headers = {"Content-Type": "application/rdf+xml"}
        assert endpoint.send("PUT", "graphs", params=graph, data=rdf, headers=headers).ok
        assert same(read(f"<{base}r> <x:p> '2' .".encode(), "ttl"), endpoint.graph(**graph))


def test_a_body_is_read_by_its_content_type(endpoint: Endpoint) -> None:
    graph = "INSERT DATA { GRAPH <x:all> { <x:s> <x:p> 'é'@fr, _:b . _:b <x:q> 1.5 } }"
    assert endpoint.update(graph).ok
    expected = endpoint.graph(graph="x:all")
    for name in ("ttl", "nt", "rdf", "jsonld"):
        body = endpoint.send("GET", "graphs", params={"graph": "x:all"}, headers={"Accept": MEDIA_TYPES[name]})
        assert body.headers["Content-Type"].split(";")[0] == MEDIA_TYPES[name]
        assert same(expected, read(body.content, name))
        for kind in (MEDIA_TYPES[name], f"{MEDIA_TYPES[name]}; charset=utf-8"):
            target = {"graph": f"x:{name}"}
            assert endpoint.send("PUT", "graphs", params=target, data=body.content, headers={"Content-Type": kind}).ok
            assert same(expected, endpoint.graph(graph=f"x:{name}"))


def test_a_body_without_content_type_is_rdf_xml(endpoint: Endpoint) -> None:
    rdf = endpoint.send("GET", "graphs", params={"graph": G1}, headers={"Accept": MEDIA_TYPES["rdf"]}).content
    assert endpoint.send("PUT", "graphs?graph=x:new", data=rdf).status_code == 201
    assert same(endpoint.graph(graph=G1), endpoint.graph(graph="x:new"))
    assert status(endpoint.send("PUT", "graphs?graph=x:new", data=b"<x:a> <x:b> 1 .")) == 400


def test_a_body_that_does_not_parse(endpoint: Endpoint) -> None:
    turtle, quads = b"<x:a> <x:b> 1 .", b'{"@id": "x:g", "@graph": [{"@id": "x:s", "x:p": 1}]}'
    cases = [(turtle, "application/rdf+xml"), (b"<x:a> <x:b>", "text/turtle"), (b"\xe9", "text/turtle")]
    for body, kind in [*cases, (turtle, "application/ld+json"), (quads, "application/ld+json"), (b"", "application/rdf+xml")]:
        for path in (f"graphs?graph={G1}", "graphs?default", "graphs/new"):
            for method in ("PUT", "POST") if body else ("PUT",):
                assert status(endpoint.send(method, path, data=body, headers={"Content-Type": kind})) == 400, (body, kind)
    assert endpoint.ask(f"ASK {{ GRAPH <{G1}> {{ <x:s1> ?p 1 }} <x:s0> ?p 0 }}")
    problem = endpoint.put("<x:a> <x:b> 1 .\n<x:a> ¿", graph=G1).json()["detail"]
    assert problem.startswith("body:2:"), problem


def test_a_body_in_a_format_that_is_not_read(endpoint: Endpoint) -> None:
    for kind in ("text/plain", "application/json", "text/csv", "application/trig", "text/turtle; charset=utf-16"):
        for method in ("PUT", "POST"):
            for path in (f"graphs?graph={G1}", "graphs/new"):
                assert status(endpoint.send(method, path, data=b"x", headers={"Content-Type": kind})) == 415
    assert status(endpoint.send("POST", "graphs", data=b"x", headers={"Content-Type": "text/plain"})) == 415


def test_graph_methods(endpoint: Endpoint) -> None:
    for method in ("QUERY", "LOCK"):
        for path in (f"graphs?graph={G1}", "graphs/a"):
            response = endpoint.send(method, path, data="", headers={"Content-Type": UPDATE})
            assert status(response) == 405
            assert {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"} == set(response.headers["Allow"].split(", "))


def test_patch_a_graph(endpoint: Endpoint) -> None:
    def patch(text: str, content_type: str = UPDATE, **graph: str) -> requests.Response:
        return endpoint.send("PATCH", "graphs", params=graph, data=text.encode(), headers={"Content-Type": content_type})

    before = endpoint.graph(graph=G2)
    assert patch("DELETE { ?s ?p ?o } INSERT { ?s ?p 7 , [] } WHERE { ?s ?p ?o }", graph=G1).status_code == 204
    assert endpoint.ask(f"ASK {{ GRAPH <{G1}> {{ ?s ?p 7 FILTER NOT EXISTS {{ ?s ?p 1 }} }} }}")
    assert patch("INSERT DATA { <> <x:p> 1 }", graph=G1).status_code == 204
    assert endpoint.ask(f"ASK {{ GRAPH <{G1}> {{ <{G1}> <x:p> 1 }} }}")
    assert patch("INSERT DATA { <x:new> <x:p> 1 }", default="").status_code == 204
    assert endpoint.ask("ASK { <x:new> ?p 1 }")
    for text in (f"INSERT DATA {{ GRAPH <{G2}> {{ <x:s> <x:p> 9 }} }}", "CREATE GRAPH <x:new>", f"CLEAR GRAPH <{G2}>"):
        assert status(patch(text, graph=G1)) == 422
    assert same(endpoint.graph(graph=G2), before)
    assert status(patch("INSERT DATA {", graph=G1)) == 400
    assert status(patch("CLEAR DEFAULT", graph="x:none")) == 404
    refused = patch("x", "text/turtle", graph=G1)
    assert (status(refused), refused.headers["Accept-Patch"]) == (415, UPDATE)
    assert endpoint.send("PUT", "graphs/patched", data="<x:a> <x:b> 1 .", headers={"Content-Type": "text/turtle"}).ok
    update = {"data": "CLEAR DEFAULT", "headers": {"Content-Type": UPDATE}}
    assert endpoint.send("PATCH", "graphs/patched", **update).status_code == 204
    assert endpoint.send("GET", "graphs/patched").ok


def test_graphs_that_are_not_there(endpoint: Endpoint) -> None:
    for method in ("GET", "HEAD", "DELETE"):
        for path in ("graphs?graph=x:none", "graphs/none"):
            assert status(endpoint.send(method, path)) == 404


# 5.2 and 5.6: GET and HEAD


def test_get_a_graph(endpoint: Endpoint) -> None:
    for graph, number in (({"graph": G1}, 1), ({"default": ""}, 0)):
        response = endpoint.send("GET", "graphs", params=graph)
        assert response.headers["Content-Type"] == "text/turtle; charset=utf-8"
        assert same(read(f"<x:s{number}> <x:p> {number} .".encode(), "ttl"), read(response.content, "ttl"))
        assert status(endpoint.send("GET", "graphs", params=graph, headers={"Accept": "image/png"})) == 406


def test_get_a_graph_again(endpoint: Endpoint) -> None:
    first = endpoint.send("GET", "graphs", params={"graph": G1})
    unchanged = {"If-None-Match": first.headers["ETag"]}
    for method in ("GET", "HEAD"):
        assert endpoint.send(method, "graphs", params={"graph": G1}, headers=unchanged).status_code == 304
    assert endpoint.put("<x:a> <x:b> 1 .", graph=G1).status_code == 204
    changed = endpoint.send("GET", "graphs", params={"graph": G1}, headers=unchanged)
    assert changed.status_code == 200
    assert changed.content != first.content


# 5.3: PUT


def test_put_a_graph(endpoint: Endpoint) -> None:
    assert endpoint.put("<x:new> <x:p> 1 .", graph="x:new").status_code == 201
    assert endpoint.put("<x:new> <x:p> 2 .", graph="x:new").status_code == 204
    assert same(read(b"<x:new> <x:p> 2 .", "ttl"), endpoint.graph(graph="x:new"))
    assert endpoint.names() == {G1, G2, G3, "x:new"}


def test_put_the_default_graph(endpoint: Endpoint) -> None:
    assert endpoint.put("<x:new> <x:p> 1 .", default="").status_code == 204
    assert same(read(b"<x:new> <x:p> 1 .", "ttl"), endpoint.graph(default=""))
    assert endpoint.update("DROP ALL").ok
    assert endpoint.put("<x:new> <x:p> 1 .", default="").status_code == 201


def test_put_an_empty_graph(endpoint: Endpoint) -> None:
    assert endpoint.put("", graph="x:empty").status_code == 201
    for method in ("GET", "HEAD"):
        assert endpoint.send(method, "graphs?graph=x:empty").status_code == 200
    assert endpoint.put("<x:a> <x:b> 1 .", graph="x:empty").status_code == 204
    assert endpoint.put("", graph="x:empty").status_code == 204
    assert endpoint.send("GET", "graphs?graph=x:empty", headers={"Accept": MEDIA_TYPES["nt"]}).content == b""


# 5.4: DELETE


def test_delete_a_graph(endpoint: Endpoint) -> None:
    assert endpoint.send("DELETE", f"graphs?graph={G1}").status_code == 204
    assert status(endpoint.send("GET", f"graphs?graph={G1}")) == 404
    assert status(endpoint.send("DELETE", f"graphs?graph={G1}")) == 404
    assert endpoint.names() == {G2, G3}


def test_delete_the_default_graph(endpoint: Endpoint) -> None:
    assert endpoint.send("DELETE", "graphs?default").status_code == 204
    assert endpoint.send("GET", "graphs?default", headers={"Accept": MEDIA_TYPES["nt"]}).content == b""
    assert endpoint.names() == {G1, G2, G3}


# 5.5: POST


def post(endpoint: Endpoint, path: str, turtle: str) -> requests.Response:
    return endpoint.send("POST", path, data=turtle.encode(), headers=TURTLE)


def test_post_to_a_graph(endpoint: Endpoint) -> None:
    assert post(endpoint, f"graphs?graph={G1}", "<x:more> <x:p> 1 .").status_code == 204
    assert same(read(b"<x:s1> <x:p> 1 . <x:more> <x:p> 1 .", "ttl"), endpoint.graph(graph=G1))
    assert post(endpoint, "graphs?graph=x:new", "<x:more> <x:p> 1 .").status_code == 201
    assert post(endpoint, "graphs/new", "<x:more> <x:p> 1 .").status_code == 201
    assert post(endpoint, "graphs?default", "<x:more> <x:p> 1 .").status_code == 204
    assert endpoint.ask("ASK { <x:s0> ?p ?o . <x:more> ?q ?r }")


def test_post_keeps_blank_nodes_apart(endpoint: Endpoint) -> None:
    for _ in range(2):
        assert post(endpoint, "graphs?graph=x:blank", "_:b <x:p> 1 .").ok
    assert same(read(b"[] <x:p> 1 . [] <x:p> 1 .", "ttl"), endpoint.graph(graph="x:blank"))


def test_post_in_parts(endpoint: Endpoint) -> None:
    parts = {
        "a": ("a", "_:b <x:a> <r> .", "text/turtle; charset=utf-8"),
        "b": (None, "_:b <x:b> <r> .", "text/turtle"),
        "c": ("c.nt", '_:b <x:c> "é" .', "application/octet-stream"),
        "d.ttl": ("d.ttl", "_:b <x:d> 1 .", None),
    }
    assert endpoint.send("POST", f"graphs?graph={G1}", files=parts).status_code == 204
    expected = f"<x:s1> <x:p> 1 . [] <x:a> <{G1[:-2]}r> . [] <x:b> <{G1[:-2]}r> . [] <x:c> 'é' . [] <x:d> 1 ."
    assert same(read(expected.encode(), "ttl"), endpoint.graph(graph=G1))
    for bad, code in (({"a": ("a", "<x:a>", "text/turtle")}, 400), ({"a": ("a.txt", "x", "text/plain")}, 415)):
        assert status(endpoint.send("POST", f"graphs?graph={G1}", files={"ok": parts["a"]} | bad)) == code
    assert same(read(expected.encode(), "ttl"), endpoint.graph(graph=G1))


def test_post_to_the_store(endpoint: Endpoint) -> None:
    first, second = (post(endpoint, "graphs", "<> <x:p> 1 .") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    for response in (first, second):
        name = response.headers["Location"]
        assert name.startswith(f"{endpoint.address}/graphs/")
        assert same(read(f"<{name}> <x:p> 1 .".encode(), "ttl"), read(requests.get(name, timeout=30).content, "ttl"))
        assert endpoint.ask(f"ASK {{ GRAPH <{name}> {{ <{name}> <x:p> 1 }} }}")
    assert first.headers["Location"] != second.headers["Location"]


def test_post_of_nothing(endpoint: Endpoint) -> None:
    for path in (f"graphs?graph={G1}", "graphs?graph=x:new", "graphs?default", "graphs"):
        assert post(endpoint, path, "").status_code == 204
    assert post(endpoint, f"graphs?graph={G1}", "# an empty graph").status_code == 204
    assert same(read(b"<x:s1> <x:p> 1 .", "ttl"), endpoint.graph(graph=G1))
    assert endpoint.names() == {G1, G2, G3}


# The table


def _tests(module: dict[str, Any]) -> set[str]:
    return {name for name, value in module.items() if name.startswith("test_") and callable(value)}


def test_the_table_and_the_tests_are_the_same() -> None:
    table = (ROOT / "docs" / "reference" / "protocol.md").read_text(encoding="utf-8")
    rows = [line for line in table.splitlines() if line.startswith("|") and "`test_" in line]
    mine = {"test_the_table_and_the_tests_are_the_same"}
    assert set(re.findall(r"`(test_\w+)`", "\n".join(rows))) == _tests(globals()) - mine
    assert Path(__file__).name in table
