"""`asOf` over HTTP and on the command line: on queries, pages, data and search; and who helps whom."""

from __future__ import annotations

import html as html_text
import json
import re
from pathlib import Path

import pytest
import requests

from tests.conftest import run_cli

WHOLE = """PREFIX pg: <https://w3id.org/pactgraph/ns#>
SELECT ?a { ?a pg:boundToDefend <https://w3id.org/pactgraph/id/state/north-korea> }"""
DPRK = {"1970-01-01": {"china", "soviet-union"}, "2024-07-01": {"china"}, "2024-12-05": {"china", "russia"}}


def slugs(response: requests.Response) -> set[str]:
    assert response.status_code == 200, response.text
    return {row["a"]["value"].rpartition("/")[2] for row in response.json()["results"]["bindings"]}


@pytest.mark.parametrize(("day", "bound"), DPRK.items())
def test_a_whole_query_of_a_day(served_url: str, day: str, bound: set[str]) -> None:
    got = requests.get(f"{served_url}/sparql", {"query": WHOLE, "asOf": day}, timeout=60)
    assert slugs(got) == bound
    assert got.headers["X-As-Of"] == day
    assert slugs(requests.post(f"{served_url}/sparql", {"query": WHOLE, "asOf": day}, timeout=60)) == bound
    body = {"Content-Type": "application/sparql-query"}
    assert slugs(requests.post(f"{served_url}/sparql?asOf={day}", WHOLE, headers=body, timeout=60)) == bound


def test_without_a_day_no_view_shows(served_url: str) -> None:
    assert slugs(requests.get(f"{served_url}/sparql", {"query": WHOLE}, timeout=60)) == set()


def test_each_day_is_cached_as_itself(served_url: str) -> None:
    def get(day: str, **headers: str) -> requests.Response:
        return requests.get(f"{served_url}/sparql", {"query": WHOLE, "asOf": day}, headers=headers, timeout=60)

    one, other = get("2024-07-01"), get("2024-12-05")
    assert one.headers["ETag"] != other.headers["ETag"]
    assert get("2024-07-01", **{"If-None-Match": one.headers["ETag"]}).status_code == 304
    assert get("2024-12-05", **{"If-None-Match": one.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("query", ["asOf=1939", "asOf=1939-02-30", "asOf=2024-07-01&asOf=2024-07-02"])
def test_what_is_no_day_is_refused(served_url: str, query: str) -> None:
    for path in ("sparql?query=ASK%20%7B%7D&", "page/state/north-korea?", "search?q=korea&", "data/state/north-korea.ttl?"):
        got = requests.get(f"{served_url}/{path}{query}", timeout=60)
        assert got.status_code == 400 and got.headers["Content-Type"] == "application/problem+json", (path, got.text)
        assert "YYYY-MM-DD" in got.text or "more than once" in got.text


def test_a_page_says_what_holds_on_the_day(served_url: str) -> None:
    html = {"Accept": "text/html"}
    page = requests.get(f"{served_url}/page/state/north-korea?asOf=2024-12-05", headers=html, timeout=60).text
    assert "On 5 December 2024" in page and "Bound to defend it" in page
    assert "On 5 December" not in requests.get(f"{served_url}/page/state/north-korea", headers=html, timeout=60).text
    sent_on = requests.get(
        f"{served_url}/id/state/north-korea?asOf=2024-12-05", headers=html, allow_redirects=False, timeout=60
    )
    assert sent_on.headers["Location"] == "/page/state/north-korea?asOf=2024-12-05"


def test_data_and_the_view_itself(served_url: str) -> None:
    data = requests.get(f"{served_url}/data/state/north-korea.nt?asOf=2024-12-05", timeout=60).text
    assert "ns#boundToDefend" in data
    assert "ns#boundToDefend" not in requests.get(f"{served_url}/data/state/north-korea.nt", timeout=60).text
    view = requests.get(f"{served_url}/graph/as-of/2024-12-05.nq", timeout=60).text
    assert view.count("<https://w3id.org/pactgraph/graph/as-of/2024-12-05> .\n") == view.count("\n") > 1000


def test_search_leaves_out_what_there_is_not(served_url: str) -> None:
    def found(**more: str) -> dict[str, str]:
        got = requests.get(f"{served_url}/search", {"q": "soviet union", **more}, timeout=60).json()["results"]
        return {result["id"].rpartition("/")[2]: result.get("onDay", "") for result in got if result["kind"] == "state"}

    assert found() == {"soviet-union": ""}
    assert found(asOf="1970-01-01") == {"soviet-union": "exists"}
    assert found(asOf="2024-01-01") == {}


def helpers(answer: dict[str, object]) -> dict[str, str]:
    listed = answer["helpers"]
    assert isinstance(listed, list)
    return {helper["id"].rpartition("/")[2]: helper["certainty"] for helper in listed}


@pytest.mark.parametrize(("day", "bound"), DPRK.items())
def test_who_must_help_north_korea(served_url: str, day: str, bound: set[str]) -> None:
    answer = requests.get(f"{served_url}/who-helps", {"state": "north-korea", "on": day}, timeout=60).json()
    assert helpers(answer) == dict.fromkeys(bound, "certain")


def test_who_must_help_the_united_states(served_url: str) -> None:
    answer = requests.get(f"{served_url}/who-helps", {"state": "united-states", "on": "2024-07-01"}, timeout=60).json()
    assert helpers(answer)["south-korea"] == "certain" and "japan" not in helpers(answer)
    (korea,) = [helper for helper in answer["helpers"] if helper["id"].endswith("/south-korea")]
    (duty,) = korea["duties"]
    assert duty["pact"]["id"].endswith("/us-rok-mdt-1953") and duty["number"] == "3"
    assert "Pacific area" in duty["conditions"][0] and duty["sources"]


def test_who_helps_as_a_page_and_what_it_refuses(served_url: str) -> None:
    html = {"Accept": "text/html"}
    page = requests.get(f"{served_url}/who-helps?state=north-korea&on=2024-12-05", headers=html, timeout=60).text
    assert "Bound to help (2)" in page and "article 4" in page and "general knowledge" not in page
    why = re.search(r'href="(/explain[^"]+csp-2024[^"]+)"', page)
    assert why and requests.get(served_url + html_text.unescape(why[1]), headers=html, timeout=60).status_code == 200
    assert requests.get(f"{served_url}/who-helps", headers=html, timeout=60).status_code == 200
    for query, status in (("", 400), ("state=atlantis&on=2024-12-05", 404), ("state=north-korea&on=2024", 400)):
        assert requests.get(f"{served_url}/who-helps?{query}", timeout=60).status_code == status


def test_the_command_line_says_the_same(releases: Path) -> None:
    done = run_cli("who-helps", "north-korea", "2024-12-05", "--json", "--releases", str(releases))
    assert helpers(json.loads(done.stdout)) == {"china": "certain", "russia": "certain"}
    text = run_cli("who-helps", "north-korea", "2024-07-01", "--releases", str(releases)).stdout
    assert text.startswith("China: bound to help\n") and "article 2" in text and "Russia" not in text
    table = run_cli("query", WHOLE, "--as-of", "2024-12-05", "--format", "csv", "--releases", str(releases)).stdout
    assert len(table.split()) == 3
    bad = run_cli("query", WHOLE, "--as-of", "2024", "--releases", str(releases))
    assert bad.returncode == 2 and "YYYY-MM-DD" in bad.stderr
