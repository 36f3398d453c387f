"""Pages for people: what a reader finds on them, asked for as browsers do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from pactgraph.store import Term
from pactgraph.web.text import href, said, said_date, short

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
BASE = "https://w3id.org/pactgraph/"


def page(url: str, path: str, status: int = 200) -> str:
    """Give the text of a page, without its markup."""
    response = requests.get(url + path, headers={"Accept": BROWSER}, timeout=30)
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())
    return re.sub(r"(?<=\() | (?=[,.;:)])", "", text)


SHOWN = {
    "/": [
        "what is agreed",
        "Which pact did Russia and North Korea sign in June 2024",
        "19 June 2024",
        "Pyongyang",
        "article 4",
        "Who accuses whom",
    ],
    "/page/pact/russia-dprk-csp-2024": [
        "mutual defence pact by article 4",
        "Signed 19 June 2024",
        "In force from 4 December 2024",
        "Vladimir Putin for Russia",
        "President of the State Affairs of North Korea (since 29 June 2016)",
        "Article 4: Mutual military assistance",
        "18 June 2024 (deprecated)",
        "Supersedes Treaty of Friendship, Good-Neighbourliness and Cooperation",
        "Echoes Treaty of Friendship, Co-operation and Mutual Assistance between the USSR and the DPRK inferred",
        "health",
        "number: general knowledge",
    ],
    "/page/pact/russia-dprk-2000": ["supersedes this, 4 December 2024", "Ended 4 December 2024"],
    "/page/pact/us-japan-1960": ["one-sided guarantee by article 5", "United States to Japan"],
    "/page/state/north-korea": ["since 9 September 1948", "by China", "KP", "Q423", "Kim Jong Un, since 29 June 2016"],
    "/page/state/soviet-union": ["Continued by Russia", "30 December 1922 – 26 December 1991"],
    "/page/person/vladimir-putin": [
        "President of Russia",
        "since 7 May 2012",
        "for Russia, as President of Russia",
        "breakthrough",
    ],
    "/page/claim/us-rok-arms-2024-us": [
        "accusation",
        "June 2024",
        "contested",
        "Denied by Kwon Jong Gun, 29 January 2023",
        "Published in Sentence 11",
        "says nothing about whether it is so",
    ],
    "/page/proposition/anti-western-bloc": ["Nothing in the graph follows from it", "China, Russia"],
    "/page/event/aurus-ride-2024": ["Vladimir Putin (driver)", "Kim Jong Un (passenger)"],
    "/page/office/russia-president": ["Vladimir Putin, 7 May 2000 – 7 May 2008"],
    "/page/source/seed-article": ["Sentences, in our words"],
    "/page/vocab": ["Kinds of obligation"],
    "/page/vocab/domain": ["health"],
    "/page/vocab/obligation/defence": ["To help, by force or other means", "Narrower"],
    "/page/ns": ["pg:MutualDefencePact", "pg:hasParty", "Derived"],
    "/page/pact": ["Treaty on Comprehensive Strategic Partnership", "19 June 2024"],
    "/questions": ["Is an anti-Western bloc a fact in the graph?", "No row: the graph holds none."],
    "/search?q=russia+dprk+treaty": ["pact Treaty on Comprehensive Strategic Partnership"],
    "/search?q=atlantis": ["Nothing has this in its name"],
    "/search?q=KIM+JONG-UN": ["person Kim Jong Un"],
    "/search": ["Give a name"],
    "/sparql": ["Ask by SPARQL", "Examples"],
    "/download": ["dumps/pactgraph.nq.gz", "SHA-256"],
}


@pytest.mark.parametrize("path", SHOWN)
def test_a_page_shows_what_its_reader_came_for(served_url: str, path: str) -> None:
    text = page(served_url, path)
    missing = [words for words in SHOWN[path] if words not in text]
    assert not missing, text[:6000]


@pytest.mark.parametrize("path", ["/page/pact/nothing", "/page/nothing", "/page/vocab/nothing", "/page/vocab/domain/nothing"])
def test_what_is_not_there_is_said_to_be_not_there(served_url: str, path: str) -> None:
    assert "Not found" in page(served_url, path, 404)


@pytest.fixture(scope="module")
def status(served_url: str) -> Iterator[Callable[[str], int]]:
    """Ask for a page once, whichever test wants it; give its status."""
    with requests.Session() as session:
        yield cache(lambda path: session.get(served_url + path, headers={"Accept": BROWSER}, timeout=30).status_code)


def test_every_entity_of_the_release_has_a_page(served_url: str, status: Callable[[str], int]) -> None:
    query = f"SELECT DISTINCT ?e WHERE {{ GRAPH <{BASE}graph/curated> {{ ?e a ?c }} FILTER(!CONTAINS(STR(?e), '#')) }}"
    answer = requests.get(f"{served_url}/sparql", params={"query": query, "format": "json"}, timeout=30).json()
    entities = [row["e"]["value"] for row in answer["results"]["bindings"]]
    assert len(entities) > 900
    for iri in entities:
        assert status(href(iri)) == 200, iri


def test_the_links_of_the_main_pages_lead_somewhere(served_url: str, status: Callable[[str], int]) -> None:
    """Of the links to explanations one for each property: tests/reasoning/test_why.py has each statement explained."""
    found = set()
    for path in SHOWN:
        text = requests.get(served_url + path, headers={"Accept": BROWSER}, timeout=30).text
        found |= {unescape(link).split("#")[0] for link in re.findall(r'(?:href|src)="(/[^"]*)"', text)}
    assert len(found) > 300
    why = {parse_qs(urlsplit(link).query)["predicate"][0]: link for link in sorted(found) if link.startswith("/explain?")}
    assert len(why) > 20
    for link in (*(link for link in sorted(found - {""}) if not link.startswith("/explain?")), *why.values()):
        assert status(link) == 200, link


def test_fragments_that_pages_link_to_exist(served_url: str) -> None:
    path = "/page/pact/russia-dprk-csp-2024"
    text = requests.get(served_url + path, headers={"Accept": BROWSER}, timeout=30).text
    ids = set(re.findall(r'id="([^"]+)"', text))
    assert {fragment for fragment in re.findall(r'href="#([^"]+)"', text)} <= ids
    assert {"article-4", "signature", "source-1"} <= ids
    assert len(re.findall(r'id="([^"]+)"', text)) == len(ids), "an id stands once"


def test_a_page_offers_its_data(served_url: str) -> None:
    response = requests.get(f"{served_url}/page/state/russia", headers={"Accept": BROWSER}, timeout=30)
    assert '<link rel="alternate" type="text/turtle" href="/data/state/russia.ttl">' in response.text
    again = requests.get(response.url, headers={"Accept": BROWSER, "If-None-Match": response.headers["ETag"]}, timeout=30)
    assert (again.status_code, again.content) == (304, b"")


def test_the_workbench_answers_and_says_what_is_wrong(served_url: str) -> None:
    def ask(query: str, status: int = 200) -> str:
        return page(served_url, "/sparql?" + requests.models.RequestEncodingMixin._encode_params({"query": query}), status)

    prefix = "PREFIX pg: <https://w3id.org/pactgraph/ns#> "
    assert "Soviet Union" in ask(prefix + "SELECT * { ?s pg:continuedBy ?o }")
    assert "Yes" in ask(prefix + "ASK { ?s pg:continuedBy ?o }")
    assert "pg:continuedBy" in ask(prefix + "CONSTRUCT { ?s pg:continuedBy ?o } WHERE { ?s pg:continuedBy ?o }")
    assert "this page shows the first 1,000" in ask("SELECT * { ?s ?p ?o } LIMIT 1500")
    assert "the prefix 'foo:' is not declared" in ask("SELECT * { ?s foo:bar ?o }", 400)
    assert "SERVICE is not available here" in ask("SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }", 403)


def test_search_for_programs(served_url: str) -> None:
    found = requests.get(f"{served_url}/search", params={"q": "PRK"}, timeout=30).json()
    assert found["complete"] is True
    assert found["results"][0] == {
        "id": BASE + "id/state/north-korea",
        "name": "North Korea",
        "kind": "state",
        "matched": "PRK",
        "page": "/page/state/north-korea",
    }
    assert requests.get(f"{served_url}/search", params={"q": "a"}, timeout=30).json()["complete"] is False
    assert requests.get(f"{served_url}/search", timeout=30).status_code == 400
    assert requests.get(f"{served_url}/search", params={"q": "x" * 201}, timeout=30).status_code == 400
    for text in ('" OR name MATCH "a', "NEAR(a b)", "a* NOT b", "'); DROP TABLE names; --"):
        assert requests.get(f"{served_url}/search", params={"q": text}, timeout=30).status_code == 200, text
    assert found == requests.get(f"{served_url}/search", params={"q": "PRK"}, timeout=30).json()


def test_markup_in_a_question_stays_text(served_url: str) -> None:
    for path in (
        "/search?q=<script>alert(1)</script>",
        "/sparql?query=<script>alert(1)</script>",
        "/page/<script>alert(1)<script>",
    ):
        response = requests.get(f"{served_url}{path}<script>alert(1)</script>", headers={"Accept": BROWSER}, timeout=30)
        assert "<script" not in response.text


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("2024-06-19", "19 June 2024"),
        ("2024-06", "June 2024"),
        ("2024-06~", "about June 2024"),
        ("2024", "2024"),
        ("1984?", "perhaps 1984"),
        ("1995-09/1996-09", "between September 1995 and September 1996"),
        ("/2026-01", "by January 2026"),
        ("../1995", "by 1995"),
        ("2024-06-19/..", "from 19 June 2024 on"),
        ("../..", "not known"),
        ("..", "open"),
        ("", "not known"),
        ("2024-23", "2024-23"),
    ],
)
def test_dates_in_words(stated: str, words: str) -> None:
    assert said_date(stated) == words


def test_words_for_terms() -> None:
    assert said(Term("literal", "true", "http://www.w3.org/2001/XMLSchema#boolean")) == "yes"
    assert said(Term("literal", "2024-06-19", "http://www.w3.org/2001/XMLSchema#date")) == "19 June 2024"
    assert said(Term("literal", "2024")) == "2024"
    assert href(BASE + "id/pact/x#article-4") == "/page/pact/x#article-4"
    assert href(BASE + "vocab/domain/health") == "/page/vocab/domain/health"
    assert href(BASE + "ns#Pact") == "/page/ns#Pact"
    assert href("http://www.wikidata.org/entity/Q159") == "http://www.wikidata.org/entity/Q159"
    assert short(BASE + "id/pact/x#article-4") == "article 4"
    assert short("http://www.wikidata.org/entity/Q159") == "Q159"
