"""/conflicts: where sources disagree, chosen by kind and source, in each format."""

from __future__ import annotations

import csv
import io

import requests

TWO_ENDS = {"says_1": "1995-09-07", "says_2": "1996-09-10", "days": "369", "years": "1.01"}


def test_a_conflict_says_who_says_what_and_by_how_much(served_url: str) -> None:
    found = requests.get(f"{served_url}/conflicts?format=json&kind=pact-end", timeout=30).json()
    assert found["kinds"]["pact-end"] == len(found["conflicts"])
    (lapse,) = (row for row in found["conflicts"] if "ussr-dprk-1961" in row["conflict"])
    assert lapse["matter"].startswith("Treaty of Friendship, Co-operation and Mutual Assistance between the USSR and the DPRK")
    assert {key: lapse[key] for key in TWO_ENDS} == TWO_ENDS
    assert (lapse["source_1"], lapse["source_2"]) == ("gibler-1961-ussr-dprk", "atop-5-1")


def test_formats_and_filters_agree(served_url: str) -> None:
    everything = requests.get(f"{served_url}/conflicts", headers={"Accept": "application/json"}, timeout=30).json()
    assert sum(everything["kinds"].values()) == len(everything["conflicts"]) > 50
    answer = requests.get(f"{served_url}/conflicts?format=csv&source=atop-5-1", timeout=30)
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == everything["sources"]["atop-5-1"]
    assert all("atop-5-1" in row["source_1"].split() + row["source_2"].split() for row in rows)
    page = requests.get(f"{served_url}/conflicts?kind=pact-start", headers={"Accept": "text/html"}, timeout=30).text
    assert "2024-06-18" in page
    assert "1995-09-07" not in page


def test_a_conflict_is_a_resource_and_a_row_of_the_report(served_url: str) -> None:
    (row, *_) = requests.get(f"{served_url}/conflicts?format=json&kind=date", timeout=30).json()["conflicts"]
    path = row["conflict"].removeprefix("https://w3id.org/pactgraph/")
    assert "differenceInDays" in requests.get(f"{served_url}/{path}", headers={"Accept": "text/turtle"}, timeout=30).text
    report = requests.get(f"{served_url}/download/reports/conflicts.csv", timeout=30).text
    assert row["conflict"] in {line["conflict"] for line in csv.DictReader(io.StringIO(report))}


def test_what_cannot_be_chosen_is_refused_with_what_can(served_url: str) -> None:
    answer = requests.get(f"{served_url}/conflicts?kind=weather&format=json", timeout=30)
    assert answer.status_code == 400
    assert "pact-end" in answer.text
    refused = requests.get(f"{served_url}/conflicts", headers={"Accept": "image/png"}, timeout=30)
    assert refused.status_code == 406
