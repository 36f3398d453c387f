"""Tables of a release of all sources: what sources publish comes back out of the graph, and what is joined says who looked."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from pactgraph import research
from pactgraph.research import Request, atop, cow
from tests.conftest import Imported

Rows = list[dict[str, Any]]


def file(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "data" / name).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def table(imported: Imported, name: str, **asked: Any) -> Rows:
    return list(research.plan(imported.store, Request(name, **asked)).rows())


def test_the_tables_of_cow_come_out_of_the_graph_as_out_of_the_file(imported: Imported, shared: Path) -> None:
    members = file(shared, "cow-alliances-v4.1/alliance_v4.1_by_member.csv")
    source = "cow-alliances-4.1"
    assert imported.export("dyad", source) == list(cow.dyads(members))
    assert imported.export("directed-dyad", source) == list(cow.directed_dyads(members))
    assert imported.export("member-year", source) == list(cow.member_years(members))


def test_the_tables_of_atop_come_out_of_the_graph_as_out_of_the_file(imported: Imported, shared: Path) -> None:
    members = file(shared, "atop-v5.1/atop5_1m.csv")
    theirs = {row["atopid"] for row in members if row["member"] == "731"}
    years = list(atop.state_years(row for row in members if row["atopid"] in theirs))
    states = table(imported, "state-year", sources=("atop-5.1",), states=("PRK",))
    assert len(states) > 50
    assert states == [row for row in years if row["state"] == "731"]
    korea = table(imported, "dyad-year", sources=("atop-5.1",), states=("PRK",), first=1961, last=1961)
    assert {(row["dyad"], row["defense"], row["atopid1"]) for row in korea} >= {
        ("365731", "1", "3440"),
        ("710731", "1", "3445"),
    }


def test_joined_rows_say_which_sources_have_them_and_who_looked(imported: Imported) -> None:
    rows = table(imported, "dyad-year", states=("PRK",), first=1961, last=1961, kinds=("defense",))
    pairs = {row["state1"]: row for row in rows}
    assert {"state/soviet-union", "state/china"} <= set(pairs)
    soviet = pairs["state/soviet-union"]
    assert set(soviet["sources"].split(";")) >= {"atop-5.1", "cow-alliances-4.1"}
    assert set((soviet["looked_at_by"] or "").split(";")) >= {"atop-5.1", "cow-alliances-4.1"}
    assert soviet["defense"] == 1


def test_open_ends_go_on_until_the_source_ends(imported: Imported) -> None:
    for source, last in (("atop-5.1", 2018), ("cow-alliances-4.1", 2012)):
        rows = table(imported, "dyad-year", sources=(source,), layout="pactgraph", states=("2",), first=2010)
        assert max(row["year"] for row in rows) == last
    leaders = table(imported, "leader-year", sources=("archigos-4.1",), states=("USA",), first=2009)
    assert [row["year"] for row in leaders if row["leader_name"] == "Obama"] == list(range(2009, 2016))


def test_our_dyad_years_of_atop_are_its_own(imported: Imported) -> None:
    """But for a state that it has a day longer than it lived; and for flags, where to whom it is owed is not coded."""
    ours = {
        (row["cow1"], row["cow2"], row["year"]): row["defense"]
        for row in table(imported, "dyad-year", sources=("atop-5.1",), layout="pactgraph", states=("SYR",))
    }
    its = {
        (int(row["mem1"]), int(row["mem2"]), int(row["year"])): row["defense"]
        for row in table(imported, "dyad-year", sources=("atop-5.1",), states=("SYR",))
    }
    assert not set(ours) - set(its)
    assert set(its) - set(ours) == {(315, 652, 1993)}, "Czechoslovakia and Syria"
    assert all(ours[key] is None or ours[key] == int(its[key]) for key in ours)


def test_a_state_that_goes_on_as_the_same_goes_on_in_its_pacts(imported: Imported) -> None:
    """ATOP's member 365 of the Helsinki Final Act is the Soviet Union until December 1991, then Russia."""
    rows = table(imported, "dyad-year", sources=("atop-5.1",), layout="pactgraph", states=("USA",), first=1990, last=1993)
    whom = {(row["state2"], row["year"]) for row in rows if row["cow2"] == 365}
    assert whom == {(f"state/{name}", year) for name, year in (("soviet-union", 1990), ("soviet-union", 1991))} | {
        ("state/russia", year) for year in (1991, 1992, 1993)
    }
