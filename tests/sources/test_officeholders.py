"""Office-holders of Wikidata: every row accounted for and given back; dates as precise as given; ends that are not known."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pactgraph.errors import BadInput
from pactgraph.sources import imports
from pactgraph.sources.crosswalk import Crosswalk
from tests.conftest import Imported

SOURCE = "officeholders"
FOLDER = "officeholders-wikidata"
TABLES = {
    "holders": ("holders21.csv.gz", 24653, 11),
    "persons": ("bio.csv.gz", 8120, 1),
    "leaders-2021": ("world-leaders-2021.csv", 424, 18),
}
HOLDERS = "PREFIX holders: <https://w3id.org/pactgraph/source/officeholders/holders#> "
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Held:
    """What the data set says in the release of everything, and its account."""

    imported: Imported

    @property
    def accounts(self) -> list[dict[str, Any]]:
        return self.imported.accounts[SOURCE]

    def ask(self, query: str) -> list[tuple[str, ...]]:
        """Give the rows of an answer from what this data set alone says."""
        return self.imported.ask(HOLDERS + query, SOURCE)


@pytest.fixture(scope="module")
def held(imported: Imported) -> Held:
    return Held(imported)


def read(path: Path) -> Rows:
    data = path.read_bytes()
    return list(csv.DictReader(io.StringIO((gzip.decompress(data) if path.suffix == ".gz" else data).decode(), newline="")))


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_accounted_for_and_given_back(held: Held, table: str, shared: Path) -> None:
    file, count, listed = TABLES[table]
    (account,) = (account for account in held.accounts if account["file"].endswith(file))
    assert (account["read"], account["loaded"], len(account["listed"])) == (count, count - listed, listed)
    lost = {number for number, _ in account["listed"]}
    original = [row for number, row in enumerate(read(shared / "data" / FOLDER / file), start=2) if number not in lost]
    assert held.imported.export("members", SOURCE, table) == original


def test_what_cannot_be_read_is_listed_with_the_reason(held: Held) -> None:
    reasons = {number: reason for account in held.accounts for number, reason in account["listed"]}
    assert reasons[8285] == "start is '2014s', which is not a date"
    assert reasons[6055] == "dob is '1946-02-29', which is not a date"
    assert reasons[3351] == "end, 2010-04-09, is before start, 2010-10-30"
    assert reasons[275] == "no state of the register is linked to Wikidata's Q244165"


def test_a_president_is_a_person_an_office_and_tenures(held: Held) -> None:
    spans = held.ask(
        "SELECT ?from (COALESCE(?end, '') AS ?to) { ?t holders:personID 'Q7747' ; holders:positionID 'Q218295' ; pg:start ?from"
        " OPTIONAL { ?t pg:end ?end } } ORDER BY ?from"
    )
    assert spans == [("2000-05-07", "2008-05-07"), ("2012-05-07", "")]
    about = held.ask(
        "SELECT ?label ?item ?born ?precision { person:wikidata-q7747 rdfs:label ?label ; skos:exactMatch ?item ;"
        " pg:born ?born ; pg:bornPrecision ?precision }"
    )
    assert about == [("Vladimir Putin", "Q7747", "1952-10-07", "day")]
    office = "office:wikidata-q218295 rdfs:label ?label ; skos:exactMatch ?item ; pg:officeOf ?of"
    assert held.ask(f"SELECT ?label ?item ?of {{ {office} }}") == [("President of Russia", "Q218295", "russia")]
    offices = "SELECT DISTINCT ?office { person:wikidata-q7747 pg:hasTenure/pg:heldOffice ?office }"
    assert ("wikidata-q218295",) in held.ask(offices)


def test_no_end_is_unknown_and_never_open(held: Held) -> None:
    counts = held.ask("SELECT ?p (COUNT(?t) AS ?n) { ?t holders:start ?s ; pg:endPrecision ?p } GROUP BY ?p")
    assert {precision for precision, _ in counts} == {"day", "month", "year", "unknown"}
    assert sum(int(count) for _, count in counts) == 24642
    assert held.ask("SELECT ?t { ?t holders:start ?s ; pg:end ?end FILTER(STR(?end) IN ('', '..')) }") == []
    unknown = "?t pg:endPrecision <https://w3id.org/pactgraph/vocab/precision/unknown>"
    assert held.ask(f"SELECT ?said {{ {unknown} ; holders:end ?said }}") == []


@pytest.mark.parametrize(
    ("stated", "earliest", "latest", "precision"),
    [("2002-05", "2002-05-01", "2002-05-31", "month"), ("2011", "2011-01-01", "2011-12-31", "year")],
)
def test_dates_are_not_padded(held: Held, stated: str, earliest: str, latest: str, precision: str) -> None:
    found = held.ask(
        f"SELECT DISTINCT ?stated ?from ?to ?p {{ ?t holders:start '{stated}' ; pg:start ?stated ; pg:startEarliest ?from ;"
        " pg:startLatest ?to ; pg:startPrecision ?p }"
    )
    assert found == [(stated, earliest, latest, precision)]


def test_states_by_item_exact_or_close(held: Held) -> None:
    said = held.ask(
        "SELECT DISTINCT ?item ?state { VALUES ?item { 'Q55' 'Q35' 'Q423' } ?t holders:jurisdictionID ?item ;"
        " pg:heldOffice/pg:officeOf ?state } ORDER BY ?item"
    )
    assert said == [("Q35", "denmark"), ("Q423", "north-korea"), ("Q55", "netherlands")]
    disputed = held.ask("SELECT ?state { office:wikidata-q18019781 pg:officeOf ?state } ORDER BY ?state")
    assert disputed == [("russia",), ("ukraine",)]


def test_each_person_office_and_tenure_is_said_once(held: Held) -> None:
    several = "SELECT ?x (COUNT(?l) AS ?n) { ?x rdfs:label ?l } GROUP BY ?x HAVING(COUNT(?l) > 1)"
    assert held.ask(several) == []
    rows = "SELECT ?x (COUNT(?r) AS ?n) { ?x pg:rowNumber ?r } GROUP BY ?x HAVING(COUNT(?r) > 1)"
    assert held.ask(rows) == []
    tenures = held.ask("SELECT (COUNT(DISTINCT ?t) AS ?n) { ?p pg:hasTenure ?t }")
    assert tenures == [(str(24642 + 406),)]


def damaged(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(byte ^ 0x5A for byte in data[middle : middle + 64]) + data[middle + 64 :]


REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut off": (lambda data: data[: len(data) // 2], "cannot be read"),
    "damaged": (damaged, "cannot be read"),
    "not gzip": (gzip.decompress, "cannot be read"),
    "a wrong check sum": (lambda data: data[:-8] + bytes(8), "cannot be read"),
    "another table": (lambda data: gzip.compress(gzip.decompress(data).replace(b"personID", b"who", 1)), "lacks personID"),
}


@pytest.mark.parametrize("damage", REFUSED)
def test_a_damaged_file_is_refused(damage: str, shared: Path, tmp_path: Path, crosswalk: Crosswalk) -> None:
    spoil, words = REFUSED[damage]
    (tmp_path / FOLDER).mkdir()
    for file, _, _ in TABLES.values():
        shutil.copyfile(shared / "data" / FOLDER / file, tmp_path / FOLDER / file)
    path = tmp_path / FOLDER / "holders21.csv.gz"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(BadInput, match=words) as refused:
        imports.run(tmp_path, [SOURCE], crosswalk)
    assert refused.value.file == str(path)
