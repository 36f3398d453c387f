"""Importing data sets: every row accounted for, given back field by field; what cannot be used is refused or listed."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pactgraph.research import cow
from tests.conftest import run_cli

MEMBERS = "cow-alliances-v4.1/alliance_v4.1_by_member.csv"
TABLES = {
    "cow-alliances-4.1": (MEMBERS, 1221),
    "cow-states-2024": ("cow-states-v2024/statelist2024.csv", 244),
    "gleditsch-ward": ("gleditsch-ward/gw_system.csv", 239),
}
Rows = list[dict[str, str]]
Built = tuple[Path, dict[str, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def built(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release with the sources in it, and its account."""
    folder = tmp_path_factory.mktemp("imported")
    wanted = [word for source in TABLES for word in ("--with", source)]
    done = run_cli("build", "--out", str(folder), "--sources", str(shared / "data"), "--json", *wanted)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)["accounts"]


def export(folder: Path, table: str, source: str) -> Rows:
    done = run_cli("export", table, "--source", source, "--releases", str(folder))
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def ask(folder: Path, query: str) -> list[list[str]]:
    prefix = "PREFIX pg: <https://w3id.org/pactgraph/ns#> PREFIX pact: <https://w3id.org/pactgraph/id/pact/> "
    done = run_cli("query", prefix + query, "--releases", str(folder), "--format", "csv")
    assert done.returncode == 0, done.stderr
    return [[cell.rpartition("/")[2] for cell in row] for row in csv.reader(io.StringIO(done.stdout))][1:]


@pytest.mark.parametrize("source", TABLES)
def test_every_row_is_accounted_for_and_given_back(built: Built, source: str, shared: Path) -> None:
    folder, accounts = built
    file, count = TABLES[source]
    (account,) = accounts[source]
    assert (account["read"], account["loaded"], account["listed"]) == (count, count, [])
    with (shared / "data" / file).open(encoding="utf-8", newline="") as original:
        assert export(folder, "members", source) == list(csv.DictReader(original))


def test_a_code_means_the_state_of_the_day(built: Built) -> None:
    pacts = "VALUES ?pact { pact:cow-alliance-264 pact:cow-alliance-397 }"
    parties = ask(built[0], f"SELECT ?p {{ {pacts} ?pact pg:hasParticipation/pg:party ?p }} ORDER BY ?p")
    assert parties == [["north-korea"], ["north-korea"], ["russia"], ["soviet-union"]]


def test_flags_are_obligations_open_ends_are_open(built: Built) -> None:
    kinds = ask(
        built[0],
        "SELECT ?k ?m { pact:cow-alliance-264 pg:hasObligation ?o . ?o pg:obligationKind ?k ; pg:mutuality ?m } ORDER BY ?k",
    )
    assert ["defence", "mutual"] in kinds
    assert ask(built[0], "SELECT ?e { pact:cow-alliance-397 pg:endPrecision ?e }") == [["open"]]
    assert ask(built[0], "SELECT ?d { pact:cow-alliance-1 pg:start ?d }") == [["1386-05-09"]]


def test_what_may_not_be_handed_on_is_in_no_file(built: Built) -> None:
    release = (built[0] / "current").resolve()
    for dump in release.glob("dumps/pactgraph.*.gz"):
        assert b"cow-alliance-264" not in gzip.decompress(dump.read_bytes()), dump.name
    assert ask(built[0], "SELECT (COUNT(?p) AS ?n) { ?p a pg:Pact FILTER(CONTAINS(STR(?p), 'cow-alliance')) }") == [["414"]]
    assert run_cli("release", "verify", "--releases", str(built[0])).returncode == 0


def test_the_dyad_tables(built: Built) -> None:
    dyads, directed = (export(built[0], table, "cow-alliances-4.1") for table in ("dyad", "directed-dyad"))
    assert tuple(dyads[0]) == cow.DYAD
    assert tuple(directed[0]) == cow.DIRECTED
    assert len(directed) == 2 * len(dyads)
    years = export(built[0], "dyad-year", "cow-alliances-4.1")
    assert len(years) == sum(int(row["dyad_end_year"] or 2012) - int(row["dyad_st_year"]) + 1 for row in dyads)
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
    assert spans == [("2", "20", "1816", "1840"), ("2", "20", "1850", "1900"), ("20", "40", "1900", "")]
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
    assert pairs[2]["nonaggression"] == "1", "known of one is enough for a one; the other is not known"
    towards = [(row["ccode1"], row["ccode2"], row["defense"]) for row in cow.directed_dyads(rows)][:2]
    assert towards == [("2", "20", "1"), ("2", "20", "1")]


def cut(text: str) -> bytes:
    return text[: len(text) // 2].rstrip("\n").rsplit(",", 3)[0].encode()


REFUSED: dict[str, tuple[Callable[[str], bytes], str]] = {
    "cut off": (cut, "cut off or shifted"),
    "another delimiter": (lambda text: text.replace(",", ";").encode(), "delimiter"),
    "another encoding": (lambda text: text.replace("Portugal", "Portugál", 1).encode("latin-1"), "not UTF-8"),
    "a shifted column": (lambda text: text.replace("1,235,", "1,,235,", 1).encode(), "shifted"),
    "other columns": (lambda text: text.replace("entente,version", "entente,trust,version", 1).encode(), "trust"),
    "a column less": (lambda text: text.replace("ss_type", "type", 1).encode(), "lacks ss_type"),
}


@pytest.fixture
def copy(shared: Path, tmp_path: Path) -> Path:
    """A copy of the member file that a test may damage."""
    (tmp_path / MEMBERS).parent.mkdir(parents=True)
    shutil.copy(shared / "data" / MEMBERS, tmp_path / MEMBERS)
    return tmp_path


def build(copy: Path) -> tuple[int, str, str]:
    done = run_cli("build", "--out", str(copy / "out"), "--sources", str(copy), "--with", "cow-alliances-4.1", "--json")
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("damage", REFUSED)
def test_a_file_that_is_not_the_table_is_refused_in_one_line(copy: Path, damage: str) -> None:
    spoil, words = REFUSED[damage]
    path = copy / MEMBERS
    path.write_bytes(spoil(path.read_text(encoding="utf-8")))
    code, _, error = build(copy)
    assert code == 2
    (line,) = error.strip().splitlines()
    assert MEMBERS in line and words in line
    assert not (copy / "out" / "current").exists()


def test_rows_that_cannot_be_used_are_listed_with_line_and_reason(copy: Path) -> None:
    path = copy / MEMBERS
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[1] = lines[1].replace(",1,0,1,0,4.1", ",7,0,1,0,4.1")
    lines.insert(3, lines[2])
    path.write_text("".join(lines), encoding="utf-8")
    code, out, error = build(copy)
    assert code == 0, error
    (account,) = json.loads(out)["accounts"]["cow-alliances-4.1"]
    assert (account["read"], account["loaded"]) == (1222, 1220)
    assert account["listed"] == [
        [2, "defense is '7', which is neither 0 nor 1"],
        [4, "its key (1, 235, 1816, 1, 1) stands in line 3 already"],
    ]


def test_an_unknown_source_is_named_with_those_that_there_are(copy: Path) -> None:
    done = run_cli("build", "--out", str(copy / "out"), "--sources", str(copy), "--with", "cow-wars")
    assert (done.returncode, "cow-states-2024" in done.stderr) == (2, True)
