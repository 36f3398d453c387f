"""DESCRIBE: parts, links, labels and blank nodes, in the dataset of the query; what is left off is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from pyoxigraph import Literal as OxLiteral
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from pactgraph.packed import Packed
from pactgraph.release import Content, publish
from pactgraph.store import EmbeddedStore, Formats, describing
from tests.conftest import serving

BASE = "https://w3id.org/pactgraph/"
PG = f"{BASE}ns#"
PACT = f"{BASE}id/pact/russia-dprk-csp-2024"
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")


def describe(url: str, query: str, **options: str) -> tuple[set[Triple], requests.Response]:
    asked = {"query": query, "format": "nt", **options}
    response = requests.get(f"{url}/sparql", params=asked, timeout=30)
    assert response.status_code == 200, response.text
    return {quad.triple for quad in parse(input=response.content, format=RdfFormat.N_TRIPLES)}, response


def test_describe_gives_what_data_gives(served_url: str) -> None:
    described, _ = describe(served_url, f"DESCRIBE <{PACT}>")
    data = requests.get(f"{served_url}{PACT.replace(f'{BASE}id', '/data')}.nt", timeout=30).content
    assert described == {quad.triple for quad in parse(input=data, format=RdfFormat.N_TRIPLES)}


@pytest.mark.parametrize(
    "query",
    [
        f"DESCRIBE <{PACT}>",
        f"BASE <{BASE}id/> PREFIX p: <pact/> DESCRIBE p:russia-dprk-csp-2024",
        f"# a comment\ndescribe ?pact where {{ ?pact <{PG}hasObligation> ?o }} limit 1",
        f"DESCRIBE ?pact {{ VALUES ?pact {{ <{PACT}> }} }}",
        f"DESCRIBE * WHERE {{ BIND (<{PACT}> AS ?pact) }}",
        f"DESCRIBE <{PACT}> ?state WHERE {{ <{PACT}> <{PG}hasParty> ?state }} ORDER BY ?state",
    ],
)
def test_a_description_has_parts_links_to_it_and_labels(served_url: str, query: str) -> None:
    found, _ = describe(served_url, query)
    wholes = {t.subject for t in found if t.predicate.value == f"{PG}hasParty"}
    assert wholes
    for whole in wholes:
        assert any(str(t.subject).startswith(f"<{whole.value}#") for t in found), "its parts"  # type: ignore[union-attr]
        assert any(t.object == whole and not str(t.subject).startswith(f"<{whole.value}") for t in found), "links to it"  # type: ignore[union-attr]
    assert NamedNode(f"{PG}hasParty") in {t.subject for t in found if t.predicate == LABEL}, "the labels of terms"


def test_describe_gives_what_only_points_at_a_thing(served_url: str) -> None:
    korea, same = NamedNode("http://www.wikidata.org/entity/Q423"), NamedNode("http://www.w3.org/2004/02/skos/core#exactMatch")
    found, _ = describe(served_url, f"DESCRIBE {korea}")
    assert Triple(NamedNode(f"{BASE}id/state/north-korea"), same, korea) in found
    assert Triple(NamedNode(f"{BASE}id/state/north-korea"), LABEL, OxLiteral("North Korea", language="en")) in found


def test_describe_gives_the_axioms_of_a_class(served_url: str) -> None:
    found, _ = describe(served_url, f"DESCRIBE <{PG}MutualDefencePact>")
    assert any(t.predicate.value.endswith("#someValuesFrom") for t in found), "blank nodes belong to what is said"


@pytest.mark.parametrize("query", ["DESCRIBE <x:nothing>", f"DESCRIBE ?x {{ ?x a <{PG}Nothing> }}"])
def test_nothing_to_describe_is_an_empty_graph(served_url: str, query: str) -> None:
    assert describe(served_url, query)[0] == set()


def test_a_description_keeps_to_the_dataset_of_the_query(served_url: str) -> None:
    links, curated = f"{BASE}graph/links", f"{BASE}graph/curated"
    korea = f"{BASE}id/state/north-korea"
    by_clause, _ = describe(served_url, f"PREFIX g: <{BASE}graph/> DESCRIBE <{korea}> FROM g:links")
    by_parameter, _ = describe(served_url, f"DESCRIBE <{korea}>", **{"default-graph-uri": links})
    assert by_clause == by_parameter
    assert {t.predicate.value for t in by_clause} == {"http://www.w3.org/2004/02/skos/core#exactMatch"}
    parameter_wins, _ = describe(served_url, f"DESCRIBE <{korea}> FROM <{curated}>", **{"default-graph-uri": links})
    assert parameter_wins == by_parameter


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("DESCRIBE ?x, ?y { ?x ?p ?y }", 400),
        ("DESCRIBE", 400),
        ("DESCRIBE ?x { ?x a pg:Pact }", 400),
        ("DESCRIBE ?x { SERVICE <http://127.0.0.1:9/> { ?x ?p ?o } }", 403),
        ("DESCRIBE <x:a> # \n SERVICE <http://127.0.0.1:9/> { }", 400),
    ],
)
def test_a_describe_that_is_none(served_url: str, query: str, status: int) -> None:
    assert requests.get(f"{served_url}/sparql", params={"query": query}, timeout=30).status_code == status


def test_a_long_list_of_things_is_no_danger(served_url: str) -> None:
    things = " ".join(f"<x:{number}>" for number in range(10_000))
    response = requests.post(f"{served_url}/sparql", data={"query": f"DESCRIBE {things} <{PACT}>"}, timeout=30)
    assert response.status_code == 200
    assert PACT in response.text


def test_links_past_the_bound_are_counted_not_hidden(tmp_path: Path) -> None:
    """A release with one hub: what is left off is said, and the properties with few links are whole."""
    more = 25
    lines = [f"<x:{n:06}> <x:many> <x:hub> <x:g> .\n" for n in range(describing.LINKS + more)]
    lines += [f"<x:{n}> <x:few> <x:hub> <x:g> .\n" for n in range(3)] + ["<x:hub> <x:p> <x:o> <x:g> .\n"]
    publish(Content("0.0.1", "2026-01-01", Packed.sorted(line.encode() for line in lines), {}), tmp_path)
    with serving(tmp_path) as url:
        for query in ("DESCRIBE <x:hub>", "DESCRIBE ?x { ?x <x:p> <x:o> }"):
            found, response = describe(url, query)
            assert response.headers["X-Left-Off"] == str(more)
            numbers = {name: sum(t.predicate.value == f"x:{name}" for t in found) for name in ("many", "few", "p")}
            assert numbers == {"many": describing.LINKS, "few": 3, "p": 1}
            assert describe(url, query)[0] == found, "the same links each time"
        page = requests.get(f"{url}/sparql", params={"query": "DESCRIBE <x:hub>"}, headers={"Accept": "text/html"}, timeout=30)
        assert f"{more} more are left off" in page.text
        assert "X-Left-Off" not in describe(url, "DESCRIBE <x:o>")[1].headers


def test_the_command_line_describes_as_the_server_does(releases: Path, served_url: str) -> None:
    body, _, _ = EmbeddedStore(releases / "current" / "store").evaluate(f"DESCRIBE <{PACT}>", Formats())
    assert {q.triple for q in parse(input=body, format=RdfFormat.N_TRIPLES)} == describe(served_url, f"DESCRIBE <{PACT}>")[0]
