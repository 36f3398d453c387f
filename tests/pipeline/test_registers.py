"""The registers of states and organisations agree with the lists they were made from, and so do the links to Wikidata."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store

from tests.conftest import ROOT

PREFIXES = """PREFIX pg: <https://w3id.org/pactgraph/ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX state: <https://w3id.org/pactgraph/id/state/> PREFIX rank: <https://w3id.org/pactgraph/vocab/rank/> """
Row = dict[str, str]
STATE_COLUMNS = ["cowCode", "cowAbbreviation", "gwCode", "isoAlpha2", "isoAlpha3", "isoNumeric", "recognition", "start", "end"]

KOSOVO = "347"  # has no ISO code; the crosswalk lists its item as that of a code without a present state
FIRST_DAY, LAST_DAY = "1816-01-01", "2024-12-31"  # of the COW register: neither is a beginning or an end
OPEN = "2020-12-31"  # the last day of the Gleditsch-Ward list

# One COW code, several states; which state is which is general knowledge.
SHARED_CODES = {
    "255": {"prussia", "germany"},
    "325": {"sardinia-piedmont", "italy"},
    "345": {"kingdom-of-serbia", "yugoslavia", "serbia-and-montenegro", "serbia"},
    "365": {"russian-empire", "soviet-union", "russia"},
    "510": {"tanganyika", "tanzania"},
    "640": {"ottoman-empire", "turkey"},
    "816": {"north-vietnam", "vietnam"},
}

# Who goes on as the same legal person, and who comes after by separation or merger.
CONTINUED = {
    "soviet-union": {"russia"},
    "ottoman-empire": {"turkey"},
    "prussia": {"germany"},
    "sardinia-piedmont": {"italy"},
    "west-germany": {"germany"},
    "north-vietnam": {"vietnam"},
    "serbia-and-montenegro": {"serbia"},
}
SUCCEEDED = {
    "austria-hungary": {"austria", "hungary"},
    "czechoslovakia": {"czechia", "slovakia"},
    "east-germany": {"germany"},
    "kingdom-of-serbia": {"yugoslavia"},
    "north-yemen": {"yemen"},
    "russian-empire": {"soviet-union"},
    "serbia-and-montenegro": {"montenegro"},
    "south-vietnam": {"vietnam"},
    "south-yemen": {"yemen"},
    "soviet-union": (
        {"armenia", "azerbaijan", "belarus", "georgia", "kazakhstan", "kyrgyzstan", "moldova", "tajikistan"}
        | {"turkmenistan", "ukraine", "uzbekistan"}
    ),
    "tanganyika": {"tanzania"},
    "yugoslavia": {"bosnia-and-herzegovina", "croatia", "north-macedonia", "serbia-and-montenegro", "slovenia"},
    "zanzibar": {"tanzania"},
}


@pytest.fixture(scope="module")
def store(releases: Path) -> Store:
    store = Store()
    dump = gzip.decompress((releases / "current/dumps/pactgraph.nq.gz").read_bytes())
    store.bulk_load(input=dump, format=RdfFormat.N_QUADS)
    return store


def select(store: Store, query: str) -> Iterator[tuple[str, ...]]:
    solutions = store.query(PREFIXES + query, use_default_graph_as_union=True)
    assert isinstance(solutions, QuerySolutions)
    for solution in solutions:
        yield tuple(term.value.rpartition("/id/state/")[2] if term else "" for term in solution)


@pytest.fixture(scope="module")
def states(store: Store) -> dict[str, Row]:
    """Each state's codes and dates, by its slug; an empty text for what it has not."""
    wanted = " ".join(f"OPTIONAL {{ ?state pg:{column} ?{column} }}" for column in STATE_COLUMNS)
    found = select(store, f"SELECT ?state {' '.join('?' + c for c in STATE_COLUMNS)} WHERE {{ ?state a pg:State {wanted} }}")
    rows = {slug: dict(zip(STATE_COLUMNS, values, strict=True)) for slug, *values in found}
    return {slug: row | {"recognition": row["recognition"].rpartition("/")[2]} for slug, row in rows.items()}


def table(shared: Path, name: str) -> list[Row]:
    path = shared / "data" / name
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def links() -> list[Row]:
    rows = []
    for path in sorted((ROOT / "data" / "links").glob("*.sssom.tsv")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        rows += list(csv.DictReader(lines, delimiter="\t"))
    return rows


def linked(predicate: str) -> dict[str, set[str]]:
    """The items that an entity is linked to by a predicate, by the id of the entity."""
    items: dict[str, set[str]] = {}
    for row in links():
        if row["predicate_id"] == predicate:
            items.setdefault(row["subject_id"], set()).add(row["object_id"].removeprefix("wikidata:"))
    return items


def spells(shared: Path) -> dict[str, list[Row]]:
    """The spells of each COW code, with whole dates, in order."""
    codes: dict[str, list[Row]] = {}
    for row in table(shared, "cow-states-v2024/statelist2024.csv"):
        dates = {
            side: f"{row[f'{short}year']}-{int(row[f'{short}month']):02}-{int(row[f'{short}day']):02}"
            for side, short in (("start", "st"), ("end", "end"))
        }
        codes.setdefault(row["ccode"], []).append(row | dates)
    return codes


def test_every_state_of_the_cow_register_is_there_with_its_dates(states: dict[str, Row], shared: Path) -> None:
    wrong = []
    for code, rows in spells(shared).items():
        slugs = {slug for slug, state in states.items() if state["cowCode"] == code}
        exists = rows[-1]["end"] == LAST_DAY
        assert len(slugs) == 1 or slugs == SHARED_CODES.get(code), code
        assert len([slug for slug in slugs if states[slug]["recognition"] != "historical"]) == exists, (code, slugs)
        for slug in slugs:
            state, shares = states[slug], code in SHARED_CODES
            start = "" if rows[0]["start"] == FIRST_DAY else rows[0]["start"]
            end = ".." if exists else rows[-1]["end"]
            ends_well = state["end"] == end if state["recognition"] != "historical" or not shares else state["end"] < LAST_DAY
            starts_well = shares or state["start"] == start
            if not (starts_well and ends_well and state["cowAbbreviation"] in {row["stateabb"] for row in rows}):
                wrong.append((code, slug, state))
    assert wrong == []


def test_iso_codes_are_those_of_the_code_lists(states: dict[str, Row], shared: Path) -> None:
    codes = {row["ISO3166-1-Alpha-3"]: row for row in table(shared, "country-codes/country-codes.csv")}
    of_cow = {row["ccode"]: row["iso_alpha3"] for row in table(shared, "wikidata-states/cow_wikidata.csv") if row["iso_alpha3"]}
    for slug, state in states.items():
        exists = bool(state["cowCode"]) and state["recognition"] != "historical"
        assert state["isoAlpha3"] == (of_cow[state["cowCode"]] if exists and state["cowCode"] != KOSOVO else ""), slug
        if state["isoAlpha3"]:
            listed = codes[state["isoAlpha3"]]
            assert state["isoAlpha2"] == listed["ISO3166-1-Alpha-2"], slug
            assert state["isoNumeric"] == listed["ISO3166-1-numeric"].zfill(3), slug


def test_where_the_gleditsch_ward_list_has_another_day_it_is_stated(store: Store, states: dict[str, Row], shared: Path) -> None:
    listed: dict[str, list[Row]] = {}
    for row in table(shared, "gleditsch-ward/gw_system.csv"):
        listed.setdefault(row["gwcode"], []).append(row)
    query = """SELECT ?state ?role ?date WHERE { ?state a pg:State ; pg:hasDateStatement ?statement .
        ?statement pg:rank rank:normal ; pg:date ?date ; pg:statedFor ?role ;
            pg:citesSource <https://w3id.org/pactgraph/id/source/gleditsch-ward> }"""
    stated = {(slug, role.rpartition("/")[2]): date for slug, role, date in select(store, query)}
    assert {state["gwCode"] for state in states.values() if state["gwCode"]} <= listed.keys()
    for (slug, role), date in stated.items():
        assert date in {row[role] for row in listed[states[slug]["gwCode"]]} - {FIRST_DAY, OPEN}, slug
        assert date != states[slug][role], slug
    codes = [state["gwCode"] for state in states.values()]
    for slug, state in states.items():
        alone = state["gwCode"] and codes.count(state["gwCode"]) == 1 and state["cowCode"] not in SHARED_CODES
        for role in ("start", "end"):
            days = {row[role] for row in listed.get(state["gwCode"], [])}
            differs = alone and state[role] not in ("", "..") and days.isdisjoint({state[role], FIRST_DAY, OPEN})
            assert not differs or (slug, role) in stated, (slug, role)


def test_continuation_and_succession(store: Store) -> None:
    for key, expected in (("continuedBy", CONTINUED), ("succeededBy", SUCCEEDED)):
        found: dict[str, set[str]] = {}
        for before, after in select(store, f"SELECT ?before ?after WHERE {{ ?before pg:{key} ?after }}"):
            found.setdefault(before, set()).add(after)
        assert found == expected


def test_states_are_linked_to_the_items_of_the_crosswalk(states: dict[str, Row], shared: Path) -> None:
    """A present state is never the exact match of a former one's item, nor the other way round."""
    exact, close = linked("skos:exactMatch"), linked("skos:closeMatch")
    for row in table(shared, "wikidata-states/cow_wikidata.csv"):
        slugs = [slug for slug, state in states.items() if state["cowCode"] == row["ccode"]]
        present = row["scope"] == "present-state" or row["ccode"] == KOSOVO
        same = [slug for slug in slugs if row["wikidata"] in exact.get(f"state:{slug}", set())]
        like = [slug for slug in slugs if row["wikidata"] in close.get(f"state:{slug}", set())]
        assert len(same + like) == 1, row
        assert all((states[slug]["recognition"] != "historical") == present for slug in same), row
        assert same or not present, row


def test_organisations_are_linked_to_the_items_of_the_list(shared: Path) -> None:
    listed = {row["wikidata"]: row["label"] for row in table(shared, "wikidata-states/organisations_wikidata.csv")}
    found = {row["object_id"]: row["object_label"] for row in links() if row["subject_id"].startswith("organisation:")}
    assert found == {f"wikidata:{item}": label for item, label in listed.items()}


def seen_items(shared: Path) -> dict[str, set[str]]:
    """Give the labels under which each Wikidata item stands in the source data."""
    columns = {
        "wikidata-states/cow_wikidata.csv": ("wikidata", "wikidata_label"),
        "wikidata-states/organisations_wikidata.csv": ("wikidata", "label"),
        "curated-facts/parties.csv": ("wikidata_qid", "name"),
        "curated-facts/leaders.csv": ("wikidata_qid", "full_name"),
        "country-codes/country-coder-properties.csv": ("wikidata", "nameEn"),
        "officeholders-wikidata/holders21.csv.gz": ("personID", "person"),
        "officeholders-wikidata/world-leaders-2021.csv": ("officeholder", "officeholderLabel"),
    }
    labels: dict[str, set[str]] = {}
    for name, (item, label) in columns.items():
        for row in table(shared, name):
            labels.setdefault(row[item], set()).add(row[label])
    return labels


def test_every_link_has_its_columns_filled_and_an_item_that_was_seen(store: Store, shared: Path) -> None:
    seen, rows = seen_items(shared), links()
    labelled = select(store, "SELECT (STR(?x) AS ?id) ?label WHERE { ?x rdfs:label ?label FILTER(LANG(?label) = 'en') }")
    names = {name: label for name, label in labelled}
    keys = [(row["subject_id"], row["object_id"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert len({item for _, item in keys}) == len(keys)
    for row in rows:
        kind, _, slug = row["subject_id"].partition(":")
        assert row["predicate_id"] in ("skos:exactMatch", "skos:closeMatch"), row
        assert row["mapping_justification"].startswith("semapv:"), row
        assert 0 < float(row["confidence"]) <= 1, row
        assert row["subject_label"] == names[slug if kind == "state" else f"https://w3id.org/pactgraph/id/{kind}/{slug}"], row
        labels = seen.get(row["object_id"].removeprefix("wikidata:"), set())
        assert any(set(row["object_label"].split()) <= set(label.split()) for label in labels), row


def test_nothing_is_the_same_as_another_thing(store: Store) -> None:
    assert not store.query("ASK { ?x <http://www.w3.org/2002/07/owl#sameAs> ?y }", use_default_graph_as_union=True)
