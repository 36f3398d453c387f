"""States through time: slices of a list by state, codes with their validity, interruptions, successions, items of Wikidata."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from rdflib import RDF, SKOS, URIRef

from pactgraph.pipeline.populate import Knowledge, populate
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.terms import ID, PG, VOCAB
from tests.sources.said import Said, original

WIKIDATA = "http://www.wikidata.org/entity/"


@pytest.fixture(scope="module")
def curated() -> Knowledge:
    return populate()


@pytest.fixture(scope="module")
def cow(shared: Path, crosswalk: Crosswalk) -> Said:
    return Said("cow-states-2024", shared / "data", crosswalk)


@pytest.fixture(scope="module")
def gw(shared: Path, crosswalk: Crosswalk) -> Said:
    return Said("gleditsch-ward", shared / "data", crosswalk)


@pytest.fixture(scope="module")
def items(shared: Path, crosswalk: Crosswalk) -> Said:
    return Said("wikidata-states", shared / "data", crosswalk)


def slices(said: Said, state: str) -> list[tuple[str, str, str]]:
    """Give start, end and code of the slices of a state."""
    found = [node for node in said.subjects(PG.sliceOf, ID[f"state/{state}"])]
    spans = [tuple(str(next(iter(said.values[node][value]))) for value in (PG.start, PG.end, PG.code)) for node in found]
    return sorted(spans)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("prussia", [("1816-01-01", "1871-01-17", "255")]),
        ("germany", [("1871-01-18", "1945-05-08", "255"), ("1990-10-03", "..", "255")]),
        ("west-germany", [("1955-05-05", "1990-10-02", "260")]),
        ("east-germany", [("1954-03-25", "1990-10-02", "265")]),
        ("russian-empire", [("1816-01-01", "1917-11-07", "365")]),
        ("soviet-union", [("1917-11-08", "1991-12-25", "365")]),
        ("russia", [("1991-12-26", "..", "365")]),
        ("austria-hungary", [("1816-01-01", "1918-11-12", "300")]),
        ("austria", [("1919-09-10", "1938-03-13", "305"), ("1955-07-27", "..", "305")]),
        ("north-yemen", [("1926-09-02", "1990-05-21", "678")]),
        ("south-yemen", [("1967-11-30", "1990-05-21", "680")]),
        ("yemen", [("1990-05-22", "..", "679")]),
        ("korea", [("1887-01-01", "1905-11-17", "730")]),
        ("serbia", [("2006-06-03", "..", "345")]),
        ("serbia-and-montenegro", [("1992-04-27", "2006-06-03", "345")]),
    ],
)
def test_a_code_is_a_slice_of_each_state_that_it_meant_in_turn(cow: Said, state: str, expected: list[tuple[str, ...]]) -> None:
    assert slices(cow, state) == expected


def test_the_other_list_has_its_own_days(gw: Said) -> None:
    assert slices(gw, "west-germany") == [("1949-09-21", "1990-10-02", "260")]
    assert slices(gw, "germany")[-1] == ("1990-10-03", "..", "260"), "Gleditsch and Ward keep the number"
    assert slices(gw, "yemen") == [("1990-05-22", "..", "678")]


@pytest.mark.parametrize(("fixture", "count"), [("cow", 244), ("gw", 239)])
def test_every_row_is_given_back(fixture: str, count: int, shared: Path, request: pytest.FixtureRequest) -> None:
    said: Said = request.getfixturevalue(fixture)
    (account,) = said.accounts
    assert (account.read, account.loaded, account.listed) == (count, count, [])
    assert said.rows("states") == original(shared / "data", said.source.table().file)
    system = {"cow": "cow", "gw": "gleditsch-ward"}[fixture]
    found = said.subjects(RDF.type, PG.StateSlice)
    assert len(found) > count
    assert all(said.values[node][PG.codeSystem] == {VOCAB[f"code-system/{system}"]} for node in found)


def test_slices_of_a_code_do_not_overlap(cow: Said) -> None:
    spans: dict[str, list[tuple[str, str]]] = {}
    for node in cow.subjects(RDF.type, PG.StateSlice):
        values = {name: str(next(iter(cow.values[node][name]))) for name in (PG.start, PG.end, PG.code)}
        spans.setdefault(values[PG.code], []).append((values[PG.start], values[PG.end].replace("..", "9999")))
    for found in spans.values():
        found.sort()
        assert all(one[1] <= other[0] for one, other in pairwise(found)), "COW has one day twice, 3 June 2006"


def test_interruptions_are_dated_and_cited(curated: Knowledge) -> None:
    graph = curated.curated.graph
    broken = {str(state).rpartition("/")[2] for state in graph.subjects(PG.hasInterruption)}
    assert {"germany", "austria", "czechoslovakia", "poland", "estonia", "morocco", "syria"} <= broken
    for node in graph.objects(None, PG.hasInterruption):
        first, last = (date.fromisoformat(str(graph.value(node, bound))) for bound in (PG.startEarliest, PG.endLatest))
        assert first <= last
        assert graph.value(node, PG.citesSource)


def test_a_name_means_no_state_in_its_interruption_if_another_of_its_line_is_there(crosswalk: Crosswalk) -> None:
    day = date(1960, 6, 1)
    assert crosswalk.names.on("DEU", day) == [ID["state/west-germany"]]
    assert crosswalk.names.on("Germany", date(1900, 1, 1)) == [ID["state/germany"]]
    assert crosswalk.names.on("Latvia", day) == [ID["state/latvia"]], "nobody else"


def test_codes_that_were_withdrawn_have_their_time(curated: Knowledge) -> None:
    graph = curated.curated.graph
    found = {str(graph.value(node, PG.code)): graph.value(node, PG.endLatest) for node in graph.objects(None, PG.hasCode)}
    assert {"YUG", "CSK", "DDR", "SUN", "YMD", "SCG", "ANT"} <= set(found)
    assert all(found.values())


@pytest.mark.parametrize(
    ("state", "heir"),
    [
        ("east-germany", "germany"),
        ("north-yemen", "yemen"),
        ("soviet-union", "ukraine"),
        ("austria-hungary", "austria"),
        ("yugoslavia", "slovenia"),
        ("korea", "south-korea"),
        ("bavaria", "germany"),
        ("great-colombia", "ecuador"),
    ],
)
def test_successions(curated: Knowledge, state: str, heir: str) -> None:
    assert (ID[f"state/{state}"], PG.succeededBy, ID[f"state/{heir}"]) in curated.curated.graph


def test_items_are_those_of_their_time(items: Said, shared: Path) -> None:
    assert [(account.read, account.loaded) for account in items.accounts] == [(240, 240), (16, 16)]
    for table in items.source.tables.values():
        assert items.rows(table.name) == original(shared / "data", table.file)
    of = {
        str(next(iter(items.values[node][SKOS.exactMatch]))).removeprefix(WIKIDATA): node
        for node in items.subjects(PG.sliceOf, ID["state/germany"])
    }
    assert set(of) == {"Q183", "Q43287", "Q41304", "Q7318"}
    assert items.values[of["Q183"]][PG.start] != {"1816"}
    present = {"Q159": "russia", "Q183": "germany", "Q881": "vietnam", "Q403": "serbia"}
    for said in items.values.values():
        item = next((str(value).removeprefix(WIKIDATA) for value in said.get(SKOS.exactMatch, ())), "")
        if item in present:
            assert said[PG.sliceOf] == {ID[f"state/{present[item]}"]}, "never the item of today for a state that is past"
    china = items.values[URIRef(f"{ID['state/china']}#wikidata-q148-1860")]
    assert {str(value) for value in china[PG.start]} == {"1949"}, "before that there are slices"


@pytest.mark.parametrize(
    ("identifier", "table", "count", "listed"),
    [
        ("country-codes", "countries", 249, 0),
        ("country-codes", "coder", 392, 142),
        ("country-codes", "regions", 285, 26),
        ("countrycode-1.8.0", "codelist", 292, 22),
    ],
)
def test_lists_of_codes(identifier: str, table: str, count: int, listed: int, lists: dict[str, Said], shared: Path) -> None:
    said = lists[identifier]
    account = said.account(table)
    assert (account.read, account.loaded, len(account.listed)) == (count, count - listed, listed)
    lost = {number for number, _ in account.listed}
    assert said.rows(table) == original(shared / "data", said.source.tables[table].file, lost)


@pytest.fixture(scope="module")
def lists(shared: Path, crosswalk: Crosswalk) -> dict[str, Said]:
    return {name: Said(name, shared / "data", crosswalk) for name in ("country-codes", "countrycode-1.8.0")}


def test_codes_of_today_are_open(lists: dict[str, Said]) -> None:
    said = lists["country-codes"]
    namibia = said.of("state/namibia", PG.hasCode)
    assert namibia == {f"state/namibia#iso-3166-1-{code}" for code in ("alpha-2-na", "alpha-3-nam", "numeric-516")}
    assert said.one("state/namibia#iso-3166-1-alpha-2-na", PG.code) == "NA", "Namibia, and nothing missing"
    assert said.one("state/afghanistan#iso-3166-1-numeric-004", PG.code) == "004"
    assert said.one("state/namibia#iso-3166-1-alpha-2-na", PG.end) == ".."
    assert said.of("territory/faroe-islands", PG.hasCode)
    assert not [node for node in said.values if str(node).endswith("state/soviet-union")], "no code of today for the past"
