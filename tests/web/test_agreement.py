"""/agreement: what we read, held against how data sets code it; nothing of them leaves with the files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
import requests

from tests.conftest import Imported, serving


@pytest.fixture(scope="module")
def address(imported: Imported) -> Iterator[str]:
    with serving(imported.folder) as url:
        yield url


def test_every_difference_has_its_reason(address: str) -> None:
    found = requests.get(f"{address}/agreement", headers={"Accept": "application/json"}, timeout=60).json()
    scores = {(score["source"], score["matter"]): score for score in found["scores"]}
    assert scores["atop-5-1", "defence"]["agree"] == scores["atop-5-1", "defence"]["compared"] >= 15
    assert scores["cow-alliances-4-1", "type"]["compared"] >= 9
    differ = [one for one in found["comparisons"] if not one["agrees"]]
    assert len(differ) == sum(score["compared"] - score["agree"] for score in found["scores"]) > 10
    assert [one["comparison"] for one in differ if not one["explanation"]] == []
    (korea,) = (one for one in differ if (one["pact"], one["source"]) == ("us-rok-mdt-1953", "cow-alliances-4-1"))
    said = (korea["matter"], korea["ours"], korea["theirs"], korea["article"])
    assert said == ("defence", "owed by each", "owed by some", "3")


def test_the_formats_say_the_same(address: str) -> None:
    rows = list(csv.DictReader(io.StringIO(requests.get(f"{address}/agreement?format=csv", timeout=60).text)))
    assert len(rows) == len(requests.get(f"{address}/agreement?format=json", timeout=60).json()["comparisons"])
    page = requests.get(f"{address}/agreement", headers={"Accept": "text/html"}, timeout=60).text
    assert "type of alliance" in page and "Article 3 binds each of the two" in page
    assert requests.get(f"{address}/agreement?format=word", timeout=60).status_code == 400


def test_what_may_not_be_handed_on_is_in_no_file_that_is_served(address: str, imported: Imported) -> None:
    listed = requests.get(f"{address}/download", headers={"Accept": "application/json"}, timeout=60).json()["files"]
    reports = [file["url"] for file in listed if "reports/" in file["path"]]
    assert len(reports) > 5 and not [url for url in reports if "/local/" in url]
    own = imported.folder / "current" / "local" / "reports"
    for name in ("conflicts", "agreement", "coverage"):
        assert "cow-alliances" not in requests.get(f"{address}/download/reports/{name}.csv", timeout=60).text
        assert "cow-alliances" in (own / f"{name}.csv").read_text(encoding="utf-8")
    assert requests.get(f"{address}/download/local/reports/conflicts.csv", timeout=60).status_code == 404


def test_without_data_sets_only_the_notes_are_there(served_url: str) -> None:
    assert requests.get(f"{served_url}/agreement?format=json", timeout=60).json() == {"scores": [], "comparisons": []}
    page = requests.get(f"{served_url}/agreement", headers={"Accept": "text/html"}, timeout=60).text
    assert "no data set of alliances" in page
    pact = requests.get(f"{served_url}/page/pact/us-rok-mdt-1953", headers={"Accept": "text/html"}, timeout=60).text
    assert "Where data sets code otherwise" in pact and 'id="coding-cow-defence"' in pact


def test_the_service_says_what_the_graph_is(address: str) -> None:
    query = """PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> PREFIX dcterms: <http://purl.org/dc/terms/>
        SELECT ?words { [] sd:name <https://w3id.org/pactgraph/graph/agreement> ; sd:graph/dcterms:description ?words }"""
    said = requests.get(f"{address}/sparql", params={"query": query}, headers={"Accept": "text/csv"}, timeout=60).text
    assert "held against how data sets code" in said
