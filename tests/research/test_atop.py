"""The tables by year that ATOP derives from its member file: the numbers and examples of its codebook, and public counts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pactgraph.research import atop
from pactgraph.research.rows import Record

Rows = list[Record]
EAST_ASIA = {"710", "750", "740", "732", "731", "840", "800", "816"}  # China, India, Japan, the Koreas, Philippines …
PARTNERS = {"371", "705", "703", "770", "365", "702", "701", "369", "2", "704"}


@pytest.fixture(scope="module")
def members(shared: Path) -> Rows:
    with (shared / "data/atop-v5.1/atop5_1m.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def directed(members: Rows) -> Rows:
    return list(atop.directed_dyad_years(members))


def flags(rows: Rows, pair: tuple[int, int], year: int) -> str:
    (row,) = [row for row in rows if (row["ddyad"], row["year"]) == (str(pair[0] * 1000 + pair[1]), str(year))]
    return "".join(row[flag] for flag in atop.FLAGS)


def test_the_published_counts(members: Rows, directed: Rows) -> None:
    """peacesciencer, data-raw/atop_alliance.R: atop5_1ddyr has 273296 rows, one a pair and year; atop5_1dy has 136648."""
    dyads = list(atop.dyad_years(members))
    assert (len(directed), len(dyads)) == (273_296, 136_648)
    assert len({(row["ddyad"], row["year"]) for row in directed}) == len(directed)
    assert (tuple(directed[0]), tuple(dyads[0])) == (atop.DIRECTED_YEAR, atop.DYAD_YEAR)
    assert max(int(row["number"]) for row in dyads) == 9, "codebook p. 52"
    assert all(int(row["bilatno"]) + int(row["multino"]) == int(row["number"]) for row in dyads)
    assert {row["shareob"] for row in dyads} == {"", "1"}
    assert all((row["shareob"] == "1") == ("1" not in [row[flag] for flag in atop.FLAGS]) for row in dyads)


def test_the_example_of_the_codebook(directed: Rows) -> None:
    """p. 54: Britain and France both defend Sweden (1855) and not each other; all three consult."""
    of_1855 = [row for row in directed if row["year"] == "1855" and "1190" in [row[f"atopid{n}"] for n in range(1, 10)]]
    assert len(of_1855) == 6
    assert {(row["stateA"], row["stateB"]): row["defense"] for row in of_1855 if "380" in (row["stateA"], row["stateB"])} == {
        ("200", "380"): "1",
        ("220", "380"): "1",
        ("380", "200"): "0",
        ("380", "220"): "0",
    }
    assert {row["consul"] for row in of_1855} == {"1"}


def test_who_only_shares_an_alliance_owes_nothing(directed: Rows) -> None:
    """Spain, 1847: Britain, France and Spain defend the queen of Portugal."""
    pair = next(row for row in directed if row["ddyad"] == "200230" and row["year"] == "1847")
    assert (pair["atopid1"], pair["number"]) == ("1120", "1")
    assert (pair["shareob"], pair["defense"], pair["asymm"]) == ("1", "0", "1")


def test_locarno(directed: Rows) -> None:
    """1925: Germany and France will not attack each other, Britain guarantees; nonaggression is not owed to the guarantor."""
    assert flags(directed, (220, 255), 1930)[3] == "1"
    assert flags(directed, (255, 200), 1930)[3] == "0"


def test_states_by_year(members: Rows) -> None:
    rows = list(atop.state_years(members))
    assert tuple(rows[0]) == atop.STATE_YEAR
    assert max(int(row["number"]) for row in rows) == 59, "codebook p. 50"
    assert len({(row["state"], row["year"]) for row in rows}) == len(rows)
    korea = next(row for row in rows if (row["state"], row["year"]) == ("731", "1970"))
    assert "3440" in korea.values() and korea["defense"] == "1"


def test_consultation_in_asia(directed: Rows) -> None:
    """The R package srm slices consultation of eight states from atop5_1dy, 2010 to 2018 (`atop_EA`): 156 dyads, 64 China's."""
    consulting = [
        {row["stateA"], row["stateB"]}
        for row in directed
        if int(row["stateA"]) < int(row["stateB"]) and int(row["year"]) >= 2010 and row["consul"] == "1"
    ]
    there = [pair for pair in consulting if pair & EAST_ASIA and pair <= EAST_ASIA | PARTNERS]
    assert (len(there), sum("710" in pair for pair in there), sum("2" in pair for pair in there)) == (156, 64, 36)
