"""/contested: positions on contested propositions, in the order of time, each with claimant and sources."""

from __future__ import annotations

import requests


def test_positions_are_given_in_the_order_of_time_with_both_sides(served_url: str) -> None:
    found = requests.get(f"{served_url}/contested", headers={"Accept": "application/json"}, timeout=30).json()["propositions"]
    arms = next(one for one in found if one["id"].endswith("/dprk-arms-to-russia"))
    assert {position["stance"] for position in arms["positions"]} == {"affirms", "denies"}
    assert set(arms["since"]) <= {"affirms", "denies"} and arms["since"]
    assert all(position["claimants"] and position["sources"] for position in arms["positions"])
    claims = [position["claim"] for position in arms["positions"]]
    assert len(claims) == len(set(claims))


def test_a_claim_that_two_make_is_held_by_both(served_url: str) -> None:
    found = requests.get(f"{served_url}/contested", headers={"Accept": "application/json"}, timeout=30).json()["propositions"]
    positions = [position for one in found for position in one["positions"]]
    (joint,) = [one for one in positions if one["claim"].endswith("/cho-blinken-threat-2024")]
    assert [name.rpartition("/")[2] for name in joint["claimants"]] == ["antony-blinken", "cho-tae-yul"]
    page = requests.get(f"{served_url}/contested", headers={"Accept": "text/html"}, timeout=30).text
    assert "/person/antony-blinken" in page and "/person/cho-tae-yul" in page


def test_the_page_says_who_denies(served_url: str) -> None:
    page = requests.get(f"{served_url}/contested", headers={"Accept": "text/html"}, timeout=30)
    assert page.status_code == 200
    assert "denies" in page.text and "North Korea" in page.text
