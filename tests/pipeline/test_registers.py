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
OLDER = f"../{FIRST_DAY}"  # in a list when it begins

# Both lists write a year as its first day; these states did begin on one.
NEW_YEAR = {"australia", "brunei", "cameroon", "czechia", "samoa", "slovakia", "sudan"}

# The Gleditsch-Ward day is the state's own, as it follows independence, but here: it is another than that of independence,
# or, for an end, after the annexation or that of an occupation. General knowledge; COW's day is kept.
NOT_INDEPENDENCE = {
    "start": {
        *("bosnia-and-herzegovina", "croatia", "czechoslovakia", "estonia", "laos", "latvia", "maldives", "norway"),
        *("rwanda", "slovenia"),
    },
    "end": {"hanover", "hesse-kassel", "kingdom-of-serbia", "modena", "parma", "tuscany"},
}

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

# States of neither list that conclude treaties; ISO has codes for them.
UNLISTED = {"cook-islands": "COK", "niue": "NIU", "palestine": "PSE", "vatican-city": "VAT"}

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
    **{key: {"germany"} for key in ("baden", "bavaria", "hesse-darmstadt", "mecklenburg-schwerin", "saxony", "wurttemberg")},
    **{key: {"prussia"} for key in ("hanover", "hesse-kassel")},
    **{key: {"italy"} for key in ("modena", "papal-states", "parma", "tuscany", "two-sicilies")},
    **{key: {"south-africa"} for key in ("orange-free-state", "transvaal")},
    "great-colombia": {"colombia", "ecuador", "venezuela"},
    "korea": {"north-korea", "south-korea"},
    "united-provinces-of-central-america": {"costa-rica", "el-salvador", "guatemala", "honduras", "nicaragua"},
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


def stated(slug: str, day: str) -> str:
    """Write a day of a list as the register does: no first of January that stands for a year."""
    return day[:4] if day.endswith("-01-01") and slug not in NEW_YEAR else day


def statements(store: Store, source: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Give the date and its rank that a source has for a state's start or end, by slug and role."""
    query = f"""SELECT ?state ?role ?date ?rank WHERE {{ ?state a pg:State ; pg:hasDateStatement ?statement .
        ?statement pg:rank ?rank ; pg:date ?date ; pg:statedFor ?role ;
            pg:citesSource <https://w3id.org/pactgraph/id/source/{source}> }}"""
    found = select(store, query)
    return {(slug, role.rpartition("/")[2]): (date, rank.rpartition("/")[2]) for slug, role, date, rank in found}


def test_every_state_of_the_cow_register_is_there_with_its_dates(store: Store, states: dict[str, Row], shared: Path) -> None:
    """The day of COW is among the state's values: its own, or stated beside it."""
    by_cow = statements(store, "cow-states-2024")
    wrong = []
    for code, rows in spells(shared).items():
        slugs = {slug for slug, state in states.items() if state["cowCode"] == code}
        exists = rows[-1]["end"] == LAST_DAY
        assert len(slugs) == 1 or slugs == SHARED_CODES.get(code), code
        assert len([slug for slug in slugs if states[slug]["recognition"] != "historical"]) == exists, (code, slugs)
        for slug in slugs:
            state, shares = states[slug], code in SHARED_CODES
            start = OLDER if rows[0]["start"] == FIRST_DAY else stated(slug, rows[0]["start"])
            end = ".." if exists else stated(slug, rows[-1]["end"])
            starts, ends = ({state[role], by_cow.get((slug, role), ("", ""))[0]} for role in ("start", "end"))
            ends_well = end in ends if state["recognition"] != "historical" or not shares else state["end"] < LAST_DAY
            starts_well = shares or start in starts
            if not (starts_well and ends_well and state["cowAbbreviation"] in {row["stateabb"] for row in rows}):
                wrong.append((code, slug, state))
    assert wrong == []


def test_iso_codes_are_those_of_the_code_lists(states: dict[str, Row], shared: Path) -> None:
    codes = {row["ISO3166-1-Alpha-3"]: row for row in table(shared, "country-codes/country-codes.csv")}
    of_cow = {row["ccode"]: row["iso_alpha3"] for row in table(shared, "wikidata-states/cow_wikidata.csv") if row["iso_alpha3"]}
    for slug, state in states.items():
        exists = bool(state["cowCode"]) and state["recognition"] != "historical"
        own = of_cow[state["cowCode"]] if exists and state["cowCode"] != KOSOVO else UNLISTED.get(slug, "")
        assert state["isoAlpha3"] == own, slug
        if state["isoAlpha3"]:
            listed = codes[state["isoAlpha3"]]
            assert state["isoAlpha2"] == listed["ISO3166-1-Alpha-2"], slug
            assert state["isoNumeric"] == listed["ISO3166-1-numeric"].zfill(3), slug


def test_a_state_begins_and_ends_on_the_gleditsch_ward_day(store: Store, states: dict[str, Row], shared: Path) -> None:
    """Where the two lists differ both are stated, and the state's own is the preferred one, which is COW's for a few."""
    listed: dict[str, list[Row]] = {}
    for row in table(shared, "gleditsch-ward/gw_system.csv"):
        listed.setdefault(row["gwcode"], []).append(row)
    by_list, by_cow = statements(store, "gleditsch-ward"), statements(store, "cow-states-2024")
    assert {state["gwCode"] for state in states.values() if state["gwCode"]} <= listed.keys()
    for (slug, role), (date, rank) in by_list.items():
        assert date in {stated(slug, row[role]) for row in listed[states[slug]["gwCode"]]} - {FIRST_DAY, OPEN}, slug
        assert rank == ("normal" if slug in NOT_INDEPENDENCE[role] else "preferred"), slug
        assert (date == states[slug][role]) == (rank == "preferred"), slug
    for (slug, role), (date, rank) in by_cow.items():
        assert rank == "normal", slug
        assert date != states[slug][role], slug
    codes = [state["gwCode"] for state in states.values()]
    for slug, state in states.items():
        if not state["gwCode"] or codes.count(state["gwCode"]) > 1 or state["cowCode"] in SHARED_CODES:
            continue
        for role in ("start", "end"):
            days = {row[role] for row in listed[state["gwCode"]]}
            own = {OLDER if day == FIRST_DAY else ".." if day == OPEN else stated(slug, day) for day in days}
            assert state[role] in own or slug in NOT_INDEPENDENCE[role], (slug, role)


def test_no_state_begins_or_ends_with_a_list(states: dict[str, Row]) -> None:
    for slug, state in states.items():
        for role in ("start", "end"):
            assert state[role] in (OLDER, stated(slug, state[role])), slug
            assert state[role] not in ("", FIRST_DAY, LAST_DAY, OPEN), slug


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
