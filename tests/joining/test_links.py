"""Links and conflicts in the release of everything: as many as were measured before, right where judged, nothing merged."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from pathlib import Path

import pytest
from bench.links import LABELLED, quality, rows

from tests.conftest import Imported

LINK = "?link pg:linkSubject ?one ; pg:linkObject ?other ; pg:linkMethod ?method"


def report(imported: Imported, name: str) -> Path:
    return imported.folder / "current" / "local" / "reports" / name


def number(imported: Imported, pattern: str) -> int:
    return int(imported.ask(f"SELECT (COUNT(DISTINCT *) AS ?n) {{ {pattern} }}")[0][0])


def test_atop_and_cow_are_linked_by_key_and_held_against_days_and_members(imported: Imported) -> None:
    keyed = "SELECT ?one ?other ?evidence { ?link pg:linkMethod <https://w3id.org/pactgraph/vocab/link-method/shared-key> ; "
    found = imported.ask(keyed + "pg:linkSubject ?one ; pg:linkObject ?other ; pg:linkEvidence ?evidence }")
    assert len(found) == len({one for one, *_ in found}) == 394
    assert len({other for _, other, _ in found}) == 393
    assert sum("first day agrees" in evidence for *_, evidence in found) / 394 > 0.95
    assert sum("members agree" in evidence for *_, evidence in found) / 394 > 0.93


@pytest.mark.parametrize(
    ("curated", "other"),
    [
        ("russia-dprk-2000", "atop-4940"),
        ("russia-dprk-2000", "cow-alliance-397"),
        ("ussr-dprk-1961", "atop-3440"),
        ("north-atlantic-treaty-1949", "atop-3180"),
        ("north-atlantic-treaty-1949", "cow-alliance-227"),
        ("csto-1992", "atop-4220"),
    ],
)
def test_curated_pacts_reach_the_data_sets(imported: Imported, curated: str, other: str) -> None:
    found = imported.ask(f"SELECT ?other {{ pact:{curated} skos:exactMatch|skos:closeMatch ?other }}")
    assert (other,) in found


def test_leaders_reach_one_item_of_wikidata(imported: Imported) -> None:
    """Of the spells that ended from 2000 on in the states with office-holders, at least the 227 measured before."""
    place = "pg:heldOffice ?office . ?office pg:officeOf ?state"
    table = "<https://w3id.org/pactgraph/source/{}>"
    states = imported.ask(f"SELECT DISTINCT ?state {{ ?held pg:inTable {table.format('officeholders/holders')} ; {place} }}")
    spells = imported.ask(
        f"""SELECT ?spell ?state ?left {{ ?spell pg:inTable {table.format("archigos-4.1/spells")} ; {place} .
        OPTIONAL {{ ?spell pg:endLatest ?day }} BIND (COALESCE(STR(?day), "2015-12-31") AS ?left) }}"""
    )
    items: dict[str, set[str]] = defaultdict(set)
    for row in rows(report(imported, "identity.sssom.tsv")):
        if row["object_id"].startswith("wikidata:"):
            items[row["subject_id"].removeprefix("person:")].add(row["object_id"])
    reached = [len(items[spell.partition("#")[0]]) for spell, state, left in spells if left >= "2000" and (state,) in states]
    assert len(reached) > 280
    assert reached.count(1) >= 255
    assert max(reached) == 1


def test_links_that_were_judged_are_right(imported: Imported) -> None:
    found = quality(rows(report(imported, "identity.sssom.tsv")), rows(LABELLED))
    assert found.right >= 85
    assert found.precision >= 0.98
    assert len(found.missed) <= 12


def test_nothing_is_merged_and_every_link_is_whole(imported: Imported) -> None:
    assert number(imported, "?a <http://www.w3.org/2002/07/owl#sameAs> ?b") == 0
    links = number(imported, "?link a pg:IdentityLink")
    assert links > 1000
    assert links == number(imported, f"{LINK} ; pg:linkEvidence ?words ; pg:linkConfidence ?sure ; rdfs:label ?label")
    assert number(imported, "?link a pg:IdentityLink FILTER NOT EXISTS { ?link pg:citesSource ?source }") == 0


def test_conflicts_say_who_says_what_and_by_how_much(imported: Imported) -> None:
    found = list(csv.DictReader(io.StringIO(report(imported, "conflicts.csv").read_text(encoding="utf-8"))))
    assert len(found) == number(imported, "?conflict a pg:Conflict") > 800
    by_id = {row["conflict"].rpartition("/")[2]: row for row in found}
    lapse = by_id["pact-end-atop-3440-cow-alliance-264"]
    assert (lapse["source_1"], lapse["says_1"], lapse["source_2"], lapse["says_2"]) == (
        "atop-5-1",
        "1996-09-10",
        "cow-alliances-4-1",
        "1995-09-07",
    )
    assert (lapse["days"], lapse["years"]) == ("369", "1.01")
    assert {"member", "obligation", "tenure-start", "state-start"} < {row["kind"] for row in found}


def test_what_a_source_did_not_look_at_is_no_conflict(imported: Imported) -> None:
    conflicts = imported.ask("SELECT ?c { ?c a pg:Conflict }")
    names = {name for (name,) in conflicts}
    assert not [
        name for name in names if name.startswith("obligation-atop") and name.endswith("-offence")
    ]  # COW does not code it
    found = csv.DictReader(io.StringIO(report(imported, "conflicts.csv").read_text(encoding="utf-8")))
    entries = [(row["says_1"], row["says_2"]) for row in found if row["kind"] == "member-start"]
    assert entries
    assert not [one for one, other in entries if other == "1816-01-01" and one < other]  # COW counts from 1816
