"""Releases over HTTP: which there are, what they changed, a feed, citations, and what a token of the scope `release` may do."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
import requests

from pactgraph.release import add_token, cite, open_current, open_release, releases_of, rollback
from tests.conftest import run_cli, serving
from tests.release.conftest import make

HTML = {"Accept": "text/html,*/*;q=0.8"}
ATOM = "{http://www.w3.org/2005/Atom}"
QUERY = 'SELECT ?o { ?s <https://w3id.org/pactgraph/ns#cowCode> ?o } LIMIT 1 # 50 % & "_{}"'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three releases, of which the last one is the current one."""
    folder = tmp_path_factory.mktemp("releases")
    for number in (1, 2, 3):
        make(folder, number)
    return folder


@pytest.fixture(scope="module")
def ids(folder: Path) -> list[str]:
    return [release.id for release in releases_of(folder)]


@pytest.fixture(scope="module")
def address(folder: Path, ids: list[str]) -> Iterator[str]:
    with serving(folder, "--workers", "1", "--pinned", "1") as address:
        yield address


def get(url: str, status: int = 200, **options: object) -> requests.Response:
    response = requests.get(url, timeout=30, **options)  # type: ignore[arg-type]
    assert response.status_code == status, response.text
    return response


def test_the_releases_are_listed(address: str, ids: list[str]) -> None:
    found = get(f"{address}/releases").json()
    assert found["current"] == ids[2]
    assert [one["id"] for one in found["releases"]] == ids[::-1]
    assert all(one["became_current"] for one in found["releases"])
    page = get(f"{address}/releases", headers=HTML).text
    assert all(f'href="/releases/{one}"' in page for one in ids) and "/releases.atom" in page
    tag = get(f"{address}/releases").headers["ETag"]
    get(f"{address}/releases", 304, headers={"If-None-Match": tag})


def test_a_release_has_its_files_and_what_it_changed(address: str, ids: list[str]) -> None:
    facts = get(f"{address}/releases/{ids[2]}").json()
    assert (facts["quads"], facts["current"], facts["before"]) == (3, True, ids[1])
    for name, entry in facts["files"].items():
        data = get(f"{address}/releases/{ids[2]}/download/{name}").content
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
    page = get(f"{address}/releases/{ids[2]}", headers=HTML).text
    assert "3 statements added and 3 removed" in page and "<del>pact:p0 pg:cowCode &#34;2&#34;</del>" in page
    changed = get(f"{address}/releases/{ids[2]}/diff").json()
    assert (changed["before"], changed["added"]["pact:p0"]) == (ids[1], ['pact:p0 pg:cowCode "3"'])
    assert get(f"{address}/releases/{ids[2]}/diff", params={"from": ids[0]}).json()["before"] == ids[0]
    get(f"{address}/releases/{ids[0]}/diff", 404)
    for name in ("none", "%00", "x" * 300, "2026.1.1-é"):
        get(f"{address}/releases/{name}", 404)
    get(f"{address}/releases/{ids[0]}/download/../manifest.json", 404)
    assert get(f"{address}/release/2026.1.2").url.endswith(f"/releases/{ids[1]}")


def test_changes_are_a_feed(address: str, ids: list[str]) -> None:
    response = get(f"{address}/releases.atom")
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(response.content)
    assert all(feed.find(ATOM + name) is not None for name in ("id", "title", "updated", "author"))
    entries = feed.findall(ATOM + "entry")
    titles = [entry.findtext(ATOM + "title") for entry in entries]
    assert titles == [f"Release {one}: built and published" for one in ids[::-1]]
    assert len({entry.findtext(ATOM + "id") for entry in entries}) == 3
    for entry in entries:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", entry.findtext(ATOM + "updated") or "")
        link = entry.find(ATOM + "link")
        assert link is not None
        get(link.attrib["href"])


def test_a_query_is_asked_of_the_release_that_it_names(address: str, ids: list[str]) -> None:
    for number, one in enumerate(ids, 1):
        for sent in ({"params": {"query": QUERY, "release": one}}, {"params": {"query": QUERY}, "headers": {}}):
            answer = get(f"{address}/sparql", params={**sent["params"], "format": "csv"})
            assert answer.text.split()[1] == str(number if "release" in sent["params"] else 3)
            assert answer.headers["ETag"].startswith(f'W/"{one if "release" in sent["params"] else ids[2]}-')
    form = {"query": QUERY, "release": ids[0], "format": "csv"}
    assert requests.post(f"{address}/sparql", data=form, timeout=30).text.split()[1] == "1"
    get(f"{address}/sparql", 404, params={"query": QUERY, "release": "2026.1.9-none"})
    for asked in ({}, {"query": QUERY}):
        assert "2026.1.9-none" in get(f"{address}/sparql", 404, params={**asked, "release": "2026.1.9-none"}, headers=HTML).text
    get(f"{address}/sparql", 400, params=[("query", QUERY), ("release", ids[0]), ("release", ids[1])])
    page = get(f"{address}/sparql", params={"query": QUERY, "release": ids[0]}, headers=HTML).text
    assert f"Of release {ids[0]}" in page and f"/cite?release={ids[0]}" in page


def test_a_query_is_cited_so_that_it_can_be_asked_again(address: str, ids: list[str]) -> None:
    asked = {"query": QUERY, "release": ids[0]}
    item = get(f"{address}/cite", params={**asked, "format": "csl"}).json()[0]
    assert (item["type"], item["version"], item["issued"]) == ("dataset", ids[0], {"date-parts": [[2026, 1, 1]]})
    assert hashlib.sha256(QUERY.encode()).hexdigest() in item["note"]
    assert parse_qs(urlsplit(item["URL"]).query) == {"release": [ids[0]], "query": [QUERY]}
    assert get(item["URL"], headers={"Accept": "text/csv"}).text.split()[1] == "1"
    bibtex = get(f"{address}/cite", params={**asked, "format": "bibtex"})
    assert bibtex.headers["Content-Type"].startswith("application/x-bibtex")
    assert re.match(r"@misc\{pactgraph-2026\.1\.1-\w+-\w{8},\n", bibtex.text) and bibtex.text.count("{") == bibtex.text.count(
        "}"
    )
    assert "asOf=1939-09-01" in get(f"{address}/cite", params={**asked, "asOf": "1939-09-01"}).text
    assert get(f"{address}/cite", params=asked).text.startswith("Pactgraph project (2026).")
    assert "CSL JSON" in get(f"{address}/cite", params=asked, headers=HTML).text
    assert ids[2] in get(f"{address}/cite").text
    get(f"{address}/cite", 400, params={"format": "word"})
    get(f"{address}/cite", 404, params={"release": "none"})


def test_the_command_line_cites_too(folder: Path, ids: list[str]) -> None:
    done = run_cli("release", "cite", ids[1], "--query", QUERY, "--format", "csl", "--releases", str(folder))
    item = json.loads(done.stdout)[0]
    assert (item["version"], item["URL"].split("?")[0]) == (ids[1], "https://w3id.org/pactgraph/sparql")
    long = cite(open_release(folder, ids[1]), "#" * 5000)
    assert long.address == f"https://w3id.org/pactgraph/release/{ids[1]}" and "SHA-256" in long.note


def test_a_token_switches_and_removes_releases(folder: Path, address: str, ids: list[str]) -> None:
    token = {"Authorization": f"Bearer {add_token(folder, 'keeper', ('release',))}"}
    other = {"Authorization": f"Bearer {add_token(folder, 'writer', ('update',))}"}
    switch = f"{address}/releases/current"
    for headers, status in (({}, 401), (other, 403)):
        assert requests.put(switch, json={"release": ids[1]}, headers=headers, timeout=30).status_code == status
        assert requests.delete(f"{address}/releases/{ids[0]}", headers=headers, timeout=30).status_code == status
    assert requests.put(switch, data="x", headers=token, timeout=30).status_code == 400
    assert requests.put(switch, json={"release": "none"}, headers=token, timeout=30).status_code == 404
    done = requests.put(switch, json={"release": ids[1]}, headers=token, timeout=30)
    assert (done.status_code, done.headers["X-Release"], open_current(folder).id) == (204, ids[1], ids[1])
    assert get(f"{address}/sparql", params={"query": QUERY, "format": "csv"}).text.split()[1] == "2"
    assert requests.delete(f"{address}/releases/{ids[1]}", headers=token, timeout=30).status_code == 409
    assert requests.delete(f"{address}/releases/{ids[0]}", headers=token, timeout=30).status_code == 204
    get(f"{address}/releases/{ids[0]}", 410)
    get(f"{address}/sparql", 410, params={"query": QUERY, "release": ids[0]})
    assert "This release was removed." in get(f"{address}/releases.atom").text
    rollback(folder, ids[2])
