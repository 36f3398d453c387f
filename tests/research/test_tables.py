"""Tables of the joined graph: what a row says, what is not known, filters, formats and codebooks."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import networkx
import pandas
import pytest
from pyarrow import parquet
from pyoxigraph import RdfFormat, Store

from pactgraph import research
from pactgraph.errors import BadInput, NotFound
from pactgraph.release import open_current
from pactgraph.research import Request
from pactgraph.research.own import OWN
from pactgraph.store import EmbeddedStore
from tests.conftest import run_cli

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    path = tmp_path_factory.mktemp("joined")
    made = Store(str(path))
    made.load((Path(__file__).parent / "joined.trig").read_bytes(), RdfFormat.TRIG)
    made.flush()
    del made
    return EmbeddedStore(path)


def table(store: EmbeddedStore, name: str, **asked: Any) -> Rows:
    planned = research.plan(store, Request(name, **asked))
    rows = list(planned.rows())
    assert all(list(row) == [column.name for column in planned.columns] for row in rows)
    assert all(column.meaning for column in planned.columns)
    return rows


def between(store: EmbeddedStore, one: str, other: str) -> dict[int, dict[str, Any]]:
    rows = table(store, "directed-dyad-year")
    return {row["year"]: row for row in rows if (row["name1"], row["name2"]) == (one, other)}


def test_two_records_of_one_pact_count_once(store: EmbeddedStore) -> None:
    first, *rest = table(store, "dyad-year", states=("b",))
    assert (first["state1"], first["state2"], first["year"]) == ("state/a", "state/b", 1950)
    assert (first["pacts"], first["pact_ids"], first["sources"]) == (1, "pact/one-7=pact/two-9", "atop-5.1;cow-alliances-4.1")
    assert [row["year"] for row in rest if row["state1"] == "state/a"] == [1951, 1952, 1953, 1954]


def test_missing_is_not_zero(store: EmbeddedStore) -> None:
    by_year = {
        row["year"]: row for row in table(store, "directed-dyad-year") if row["name1"] == "Aland" and row["name2"] == "Beland"
    }
    assert by_year[1951]["defense"] == 1, "bearer of two: owed to the other"
    assert by_year[1951]["offense"] is None, "bearer of three: to whom is not coded"
    assert by_year[1951]["neutrality"] is None, "neither source codes it"
    assert by_year[1954]["offense"] is None, "the one source that is left does not code it"
    back = {
        row["year"]: row for row in table(store, "directed-dyad-year") if row["name1"] == "Beland" and row["name2"] == "Aland"
    }
    assert (back[1951]["defense"], back[1951]["offense"], back[1951]["consultation"]) == (0, 0, 1)
    assert back[1951]["asymmetric"] == 1


def test_an_open_end_goes_on_until_its_source_ends(store: EmbeddedStore) -> None:
    """One looked until 1954, and says so; the state lived a year longer."""
    assert max(row["year"] for row in table(store, "dyad-year", sources=("atop-5.1",), layout="pactgraph")) == 1954


def test_uncertain_years_and_those_who_looked(store: EmbeddedStore) -> None:
    rows = {
        row["year"]: row
        for row in table(store, "dyad-year", sources=("cow-alliances-4.1",), layout="pactgraph")
        if row["name2"] == "Beland"
    }
    assert {year: row["uncertain"] for year, row in rows.items()} == {1950: 1, 1951: 0, 1952: 0, 1953: 0}
    joined = {row["year"]: row for row in table(store, "dyad-year") if row["name2"] == "Beland"}
    assert joined[1950]["looked_at_by"] == "atop-5.1"
    later = next(row for row in table(store, "dyad-year") if row["name2"] == "Celand")
    assert (later["year"], later["looked_at_by"], later["transition"]) == (1952, None, 1)


def test_states_by_year_have_those_without_a_pact(store: EmbeddedStore) -> None:
    rows = {(row["name"], row["year"]): row for row in table(store, "state-year", first=1949, last=1954)}
    assert (rows["Aland", 1949]["pacts"], rows["Aland", 1949]["defense"]) == (0, 0)
    assert rows["Celand", 1951]["defense"] is None, "nobody looked there"
    assert (rows["Aland", 1952]["partners"], rows["Aland", 1952]["defense"]) == (2, 1)
    assert ("Celand", 1949) not in rows


def test_leaders(store: EmbeddedStore) -> None:
    years = table(store, "leader-year", states=("AAA",))
    assert [(row["leader_name"], row["year"], row["days"]) for row in years] == [
        ("P", 1949, 365),
        ("P", 1950, 365),
        ("P", 1951, 364),
    ]
    (pair,) = table(store, "leader-dyad")
    assert (pair["leader1"], pair["leader2"], pair["start"], pair["end"]) == (
        "person/p",
        "person/q",
        "1951-12-01",
        "1951-12-30",
    )
    assert (pair["days"], pair["pacts"], pair["consultation"]) == (30, 1, 1)


def test_the_network_of_a_day(store: EmbeddedStore) -> None:
    on = research.the_day("1953-01-01")
    assert [(row["name"], row["degree"]) for row in table(store, "nodes", on=on)] == [
        ("Aland", 2),
        ("Beland", 2),
        ("Celand", 2),
    ]
    edges = table(store, "edges", on=on)
    assert [(row["name1"], row["name2"], row["pacts"]) for row in edges] == [
        ("Aland", "Beland", 1),
        ("Aland", "Celand", 1),
        ("Beland", "Celand", 1),
    ]
    body = io.BytesIO()
    planned = research.plan(store, Request("network", on=on))
    assert research.write(planned, "graphml", body) == 3
    graph = networkx.parse_graphml(body.getvalue().decode())
    assert graph.nodes["state/a"]["name"] == "Aland"
    assert graph.edges["state/a", "state/b"]["pact_ids"] == "pact/one-7=pact/two-9"


def test_filters(store: EmbeddedStore) -> None:
    assert {row["year"] for row in table(store, "dyad-year", first=1951, last=1952)} == {1951, 1952}
    assert {row["name2"] for row in table(store, "dyad-year", states=("2",))} == {"Beland", "Celand"}
    offence = table(store, "dyad-year", kinds=("offense",))
    assert "defense" not in offence[0]
    assert {row["pact_ids"] for row in offence} == {"pact/two-9"}
    assert [row["pact"] for row in table(store, "treaties", kinds=("offence",))] == ["pact/two-9"]
    assert len(table(store, "members", states=("c",))) == 1


def test_a_source_left_out_is_in_no_row_and_the_codebook_says_why(store: EmbeddedStore) -> None:
    planned = research.plan(store, Request("dyad-year", without=("cow-alliances-4.1",)))
    assert {row["sources"] for row in planned.rows()} == {"atop-5.1"}
    assert "Left out: cow-alliances-4.1, as" in planned.codebook()
    assert "Gibler" not in planned.codebook()


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        (Request("dyad-yaer"), "use one of"),
        (Request("dyad", ("cow-alliances",)), "use one of"),
        (Request("dyad", states=("narnia",)), "ISO code"),
        (Request("dyad", kinds=("love",)), "use one of"),
        (Request("edges"), "--on"),
        (Request("member-year"), "cow-alliances-4.1"),
        (Request("dyad", first=2000, last=1990), "first year"),
        (Request("leader-year", layout="source"), "--layout"),
    ],
)
def test_what_cannot_be_asked_for(store: EmbeddedStore, asked: Request, hint: str) -> None:
    with pytest.raises(BadInput) as refused:
        research.plan(store, asked)
    assert hint in refused.value.detail


def test_a_source_that_the_release_lacks(store: EmbeddedStore) -> None:
    with pytest.raises(NotFound, match="does not hold archigos"):
        research.plan(store, Request("members", ("archigos-4.1",)))


@pytest.mark.parametrize(("source", "name"), [(source, name) for source, tables in OWN.items() for name in tables])
def test_every_column_of_a_published_table_is_explained(store: EmbeddedStore, source: str, name: str) -> None:
    planned = research.plan(store, Request(name, (source,)))
    assert OWN[source][name].published in planned.title
    assert [column.name for column in planned.columns if not column.meaning] == []


def test_the_formats_hold_the_same(store: EmbeddedStore, tmp_path: Path) -> None:
    planned = research.plan(store, Request("directed-dyad-year"))
    rows = list(planned.rows())
    for form in ("csv", "parquet", "dta"):
        assert research.write_file(planned, form, tmp_path / f"t.{form}") == len(rows)
    assert not list(tmp_path.glob(".*")), "no half of a file is left"
    with (tmp_path / "t.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert read == [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    whole = parquet.read_table(tmp_path / "t.parquet")
    assert whole.to_pylist() == rows
    assert whole.schema.field("year").metadata[b"description"] == b"Calendar year."
    frame = pandas.read_stata(tmp_path / "t.dta")
    assert frame["year"].tolist() == [row["year"] for row in rows]
    assert frame["offense"].isna().sum() == sum(row["offense"] is None for row in rows)
    with pandas.io.stata.StataReader(tmp_path / "t.dta") as reader:
        assert reader.variable_labels()["year"] == "Calendar year."


def test_the_command_line(releases: Path, tmp_path: Path) -> None:
    file = tmp_path / "ties.csv"
    done = run_cli(
        *("export", "dyad-year", "--state", "PRK", "--from", "2024", "--to", "2025", "--kind", "defense"),
        *("--output", str(file), "--releases", str(releases)),
    )
    assert done.returncode == 0, done.stderr
    with file.open(newline="", encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    assert {(row["iso1"], row["year"], row["defense"]) for row in rows} >= {("RUS", "2024", "1"), ("CHN", "2025", "1")}
    described = json.loads((tmp_path / "ties.csv-metadata.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in described["tableSchema"]["columns"]] == list(rows[0])
    assert "| `defense` | flag |" in (tmp_path / "ties.codebook.md").read_text(encoding="utf-8")
    assert run_cli("export").stdout.split()[0] == "treaties"
    assert run_cli("export", "dyad", "--format", "xls", "--releases", str(releases)).returncode == 2


def test_rows_that_hold_on_a_day(releases: Path) -> None:
    release = EmbeddedStore(open_current(releases).store_path)

    def allies(day: date) -> set[str]:
        rows = table(release, "directed-dyad", states=("PRK",), kinds=("defense",), on=day)
        return {row["iso1"] or row["name1"] for row in rows if row["iso2"] == "PRK"}

    assert allies(date(1970, 1, 1)) == {"CHN", "Soviet Union"}
    assert allies(date(2024, 7, 1)) == {"CHN"} and allies(date(2024, 12, 5)) == {"CHN", "RUS"}
    with pytest.raises(BadInput, match="first and last day"):
        table(release, "dyad-year", on=date(2024, 7, 1))


def test_a_suspended_party_is_bound_no_more(releases: Path) -> None:
    """Armenia suspended its part in the Collective Security Treaty in February 2024."""
    release = EmbeddedStore(open_current(releases).store_path)
    rows = table(release, "dyad-year", states=("ARM",), kinds=("defense",), first=2023, last=2025)
    years = {row["year"] for row in rows if "pact/csto-1992" in row["pact_ids"] and row["iso1"] == "RUS"}
    assert years == {2023, 2024}
    every = table(release, "dyad-year", sources=("curated",))
    assert max(row["year"] for row in every) < 2030, "planned ends are no reason to look into the future"
