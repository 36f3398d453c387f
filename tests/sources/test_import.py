"""Importing data sets: every row accounted for, given back field by field; what cannot be used is refused or listed."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from pathlib import Path

import pytest

from pactgraph.research import cow
from pactgraph.sources import imports
from pactgraph.sources.crosswalk import Crosswalk
from tests.conftest import Imported, run_cli

MEMBERS = "cow-alliances-v4.1/alliance_v4.1_by_member.csv"
TABLES = {
    "cow-alliances-4.1": (MEMBERS, 1221),
    "cow-states-2024": ("cow-states-v2024/statelist2024.csv", 244),
    "gleditsch-ward": ("gleditsch-ward/gw_system.csv", 239),
}
Rows = list[dict[str, str]]


@pytest.mark.parametrize("source", TABLES)
def test_every_row_is_accounted_for_and_given_back(imported: Imported, source: str, shared: Path) -> None:
    file, count = TABLES[source]
    (account,) = imported.accounts[source]
    assert (account["read"], account["loaded"], account["listed"]) == (count, count, [])
    with (shared / "data" / file).open(encoding="utf-8", newline="") as original:
        assert imported.export("members", source) == list(csv.DictReader(original))


def test_the_command_line_writes_the_same_table(imported: Imported, tmp_path: Path) -> None:
    command = ("export", "members", "--source", "cow-states-2024", "--releases", str(imported.folder))
    done = run_cli(*command)
    assert list(csv.DictReader(io.StringIO(done.stdout))) == imported.export("members", "cow-states-2024"), done.stderr
    assert run_cli(*command, "--output", str(tmp_path / "states.csv")).returncode == 0
    assert (tmp_path / "states.csv").read_text(encoding="utf-8") == done.stdout


def test_a_code_means_the_state_of_the_day(imported: Imported) -> None:
    pacts = "VALUES ?pact { pact:cow-alliance-264 pact:cow-alliance-397 }"
    parties = imported.ask(f"SELECT ?p {{ {pacts} ?pact pg:hasParticipation/pg:party ?p }} ORDER BY ?p")
    assert parties == [("north-korea",), ("north-korea",), ("russia",), ("soviet-union",)]


def test_flags_are_obligations_open_ends_are_open(imported: Imported) -> None:
    kinds = imported.ask(
        "SELECT ?k ?m { pact:cow-alliance-264 pg:hasObligation ?o . ?o pg:obligationKind ?k ; pg:mutuality ?m } ORDER BY ?k",
    )
    assert ("defence", "mutual") in kinds
    assert imported.ask("SELECT ?e { pact:cow-alliance-397 pg:endPrecision ?e }") == [("open",)]
    assert imported.ask("SELECT ?d { pact:cow-alliance-1 pg:start ?d }") == [("1386-05-09",)]


def test_what_may_not_be_handed_on_is_in_no_file(imported: Imported) -> None:
    release = (imported.folder / "current").resolve()
    for dump in release.glob("dumps/pactgraph.*.gz"):
        assert b"cow-alliance-264" not in gzip.decompress(dump.read_bytes()), dump.name
    assert imported.ask("SELECT (COUNT(?p) AS ?n) { ?p a pg:Pact FILTER(CONTAINS(STR(?p), 'cow-alliance')) }") == [("414",)]
    assert run_cli("release", "verify", "--releases", str(imported.folder)).returncode == 0


def test_the_dyad_tables(imported: Imported) -> None:
    dyads, directed = (imported.export(table, "cow-alliances-4.1") for table in ("dyad", "directed-dyad"))
    assert tuple(dyads[0]) == cow.DYAD
    assert tuple(directed[0]) == cow.DIRECTED
    assert len(directed) == 2 * len(dyads)
    years = imported.export("dyad-year", "cow-alliances-4.1")
    assert tuple(years[0]) == cow.YEARLY
    assert {row["year"] for row in years if row["version4id"] == "264"} == {str(year) for year in range(1961, 1996)}


HEADER = "version4id,ccode,state_name,mem_st_day,mem_st_month,mem_st_year,mem_end_day,mem_end_month,mem_end_year,left_censor"
HEADER += ",right_censor,defense,neutrality,nonaggression,entente,version"


def members(*lines: str) -> Rows:
    return list(csv.DictReader(io.StringIO("\n".join([HEADER, *lines]))))


def test_a_dyad_lasts_from_the_later_entry_to_the_earlier_exit() -> None:
    rows = members(
        "7,2,A,1,1,1816,5,6,1900,1,0,1,0,0,1,4.1",
        "7,20,B,3,4,1850,,,,0,1,0,0,1,1,4.1",
        "7,20,B,1,1,1816,1,1,1840,1,0,0,0,1,1,4.1",
        "7,40,C,6,6,1900,,,,0,1,1,0,,1,4.1",
    )
    pairs = list(cow.dyads(rows))
    spans = [(row["ccode1"], row["ccode2"], row["dyad_st_year"], row["dyad_end_year"]) for row in pairs]
    assert spans == [
        ("2", "20", "1816", "1840"),
        ("2", "20", "1850", "1900"),
        ("2", "40", "1900", "1900"),
        ("20", "40", "1900", ""),
    ]
    first = pairs[0]
    assert [first[name] for name in (*cow.FLAGS, "asymmetric", "left_censor", "right_censor")] == [
        "1",
        "0",
        "1",
        "1",
        "1",
        "1",
        "0",
    ]
    assert pairs[3]["nonaggression"] == "1", "known of one is enough for a one; the other is not known"
    towards = [(row["ccode1"], row["ccode2"], row["defense"]) for row in cow.directed_dyads(rows)][:2]
    assert towards == [("2", "20", "1"), ("2", "20", "1")]


@pytest.fixture
def copy(shared: Path, tmp_path: Path) -> Path:
    """A copy of the member file that a test may damage."""
    (tmp_path / MEMBERS).parent.mkdir(parents=True)
    shutil.copy(shared / "data" / MEMBERS, tmp_path / MEMBERS)
    return tmp_path


def test_a_build_with_a_refused_file_ends_in_one_line_and_the_last_release_stays(copy: Path, imported: Imported) -> None:
    path = copy / MEMBERS
    path.write_bytes(path.read_bytes().replace(b"1,235,", b"1,,235,", 1))
    before = (imported.folder / "current").resolve()
    done = run_cli("build", "--out", str(imported.folder), "--sources", str(copy), "--with", "cow-alliances-4.1")
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert MEMBERS in line and "shifted" in line
    assert (imported.folder / "current").resolve() == before


def test_rows_that_cannot_be_used_are_listed_with_line_and_reason(copy: Path, crosswalk: Crosswalk) -> None:
    path = copy / MEMBERS
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[1] = lines[1].replace(",1,0,1,0,4.1", ",7,0,1,0,4.1")
    lines.insert(3, lines[2])
    path.write_text("".join(lines), encoding="utf-8")
    (account,) = imports.run(copy, ["cow-alliances-4.1"], crosswalk)[0].accounts
    assert (account.read, account.loaded) == (1222, 1220)
    assert account.listed == [
        (2, "defense is '7', which is neither 0 nor 1"),
        (4, "its key (1, 235, 1816, 1, 1) stands in line 3 already"),
    ]


def test_an_unknown_source_is_named_with_those_that_there_are(copy: Path) -> None:
    done = run_cli("build", "--out", str(copy / "out"), "--sources", str(copy), "--with", "cow-wars")
    assert (done.returncode, "cow-states-2024" in done.stderr) == (2, True)


def test_no_record_makes_two_things_one(imported: Imported) -> None:
    """A functional property with two values would: rules then say of each whatever is said of the other."""
    same = "PREFIX owl: <http://www.w3.org/2002/07/owl#> SELECT ?x ?y { ?x owl:sameAs ?y }"
    assert list(imported.store.values(same)) == []
