"""Leaders: their pacts, who led on the day of a signature, when two led at the same time; pages, JSON, command line."""

from __future__ import annotations

import json
from pathlib import Path

import requests

from tests.conftest import run_cli

HTML = {"Accept": "text/html"}


def test_two_leaders_in_office_and_their_meetings(served_url: str, releases: Path) -> None:
    pair = {"one": "vladimir-putin", "other": "kim-jong-un"}
    answer = requests.get(f"{served_url}/leaders/overlap", pair, timeout=60).json()
    offices = {(row["oneOffice"]["id"].rpartition("/")[2], row["from"], row.get("until")) for row in answer["together"]}
    assert ("russia-president", "2012-05-07", None) in offices and (
        "russia-prime-minister",
        "2011-12-17",
        "2012-05-07",
    ) in offices
    met = [row.get("pact", row["event"])["id"].rpartition("/")[2] for row in answer["meetings"]]
    assert "russia-dprk-csp-2024" in met
    page = requests.get(f"{served_url}/leaders/overlap", pair, headers=HTML, timeout=60).text
    assert "In office together" in page and "signature of" in page.lower()
    done = run_cli("leader", "vladimir-putin", "--with", "kim-jong-un", "--json", "--releases", str(releases))
    assert json.loads(done.stdout) == answer
    never = requests.get(f"{served_url}/leaders/overlap", {"one": "zhou-enlai", "other": "kim-jong-un"}, timeout=60).json()
    assert never["together"] == []


def test_what_is_no_pair_is_refused(served_url: str) -> None:
    for query, status in (
        ("one=vladimir-putin", 400),
        ("one=vladimir-putin&other=vladimir-putin", 400),
        ("one=x&other=y", 404),
    ):
        assert requests.get(f"{served_url}/leaders/overlap?{query}", timeout=60).status_code == status
    assert requests.get(f"{served_url}/leaders/overlap?one=vladimir-putin", headers=HTML, timeout=60).status_code == 200


def test_the_pacts_of_a_leader(served_url: str, releases: Path) -> None:
    found = json.loads(run_cli("leader", "vladimir-putin", "--json", "--releases", str(releases)).stdout)
    pacts = {how: {row["pact"]["id"].rpartition("/")[2]: row for row in rows} for how, rows in found.items()}
    assert pacts["signed"]["russia-dprk-csp-2024"]["personally"] == "true"
    assert pacts["signed"]["russia-dprk-2000"]["personally"] == "false"
    assert "csto-1992" in pacts["inherited"] and not pacts["inherited"].keys() & pacts["signed"].keys()
    assert "russia-dprk-2000" in pacts["ended"]
    page = requests.get(f"{served_url}/page/person/vladimir-putin", headers=HTML, timeout=60).text
    assert "Pacts in this person’s time" in page and "signed in person" in page


def test_who_led_on_the_day_of_the_signature(served_url: str) -> None:
    page = requests.get(f"{served_url}/page/pact/ussr-dprk-1961", headers=HTML, timeout=60).text
    section = page.partition("Who led the parties on the day of the signature")[2].partition("</section>")[0]
    assert "Kim Il Sung" in section and "Putin" not in section
