"""Every row of the curated fact sheets is in the release, or is listed here with the reason why it is something else."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from pactgraph.terms import ID

PREFIXES = "PREFIX pg: <https://w3id.org/pactgraph/ns#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
Row = dict[str, str]

# Rows that are not what their file says, and what carries them instead.
ELSEWHERE = {
    ("pacts.csv", "armenia-csto-freeze-2024"): "pact:csto-1992#suspension-armenia",  # an act about a pact, not a pact
    ("claims.csv", "us-rok-arms-2024"): "claim:us-rok-arms-2024-us",  # two governments, two claims
}


@pytest.fixture(scope="module")
def store(releases: Path) -> Store:
    store = Store()
    dump = gzip.decompress((releases / "current/dumps/pactgraph.nq.gz").read_bytes())
    store.bulk_load(input=dump, format=RdfFormat.N_QUADS)
    return store


def iri(name: str) -> str:
    kind, _, slug = name.partition(":")
    return f"<{ID}{kind}/{slug}>"


def holds(store: Store, pattern: str) -> bool:
    return bool(store.query(f"{PREFIXES} ASK {{ {pattern} }}", use_default_graph_as_union=True))


def exists(store: Store, name: str) -> bool:
    return holds(store, f"{iri(name)} a ?class")


def agent(store: Store, slug: str) -> str:
    return iri(f"state:{slug}" if exists(store, f"state:{slug}") else f"organisation:{slug}")


def pact(row: Row) -> str:
    return iri(f"pact:{row.get('pact_id') or row['subject_pact_id']}")


def is_pact(store: Store, row: Row) -> bool:
    return holds(store, f"{pact(row)} a pg:Pact ; pg:citesSource|skos:note|pg:confidence ?x")


def is_party(store: Store, row: Row) -> bool:
    return holds(store, f"{pact(row)} pg:hasParticipation/pg:party {agent(store, row['party_id'])}")


def is_signing(store: Store, row: Row) -> bool:
    return holds(store, f"{pact(row)} pg:hasAct/pg:hasSigning/pg:signer {iri('person:' + row['leader_id'])}")


def is_obligation(store: Store, row: Row) -> bool:
    part = f"<{ID}pact/{row['pact_id']}#{row['obligation_id'].rpartition('-')[2]}>"
    return holds(store, f"{pact(row)} pg:hasObligation {part} . {part} pg:obligationKind ?kind ; pg:confidence ?c")


def is_domain(store: Store, row: Row) -> bool:
    return holds(store, f"{pact(row)} pg:coversDomain <https://w3id.org/pactgraph/vocab/domain/{row['domain_id']}>")


def is_relation(store: Store, row: Row) -> bool:
    other = iri(f"pact:{row['object_pact_id']}")
    said = f"?claim pg:affirms ?p . ?p pg:allegedSubject {pact(row)} ; pg:allegedObject {other}"
    act = f"{other} pg:hasAct/pg:actKind <https://w3id.org/pactgraph/vocab/act/suspension>"
    found = holds(store, f"{pact(row)} pg:hasRelation/pg:toPact {other}") or holds(store, said)
    return found or (row["relation"] == "suspends" and holds(store, act))


def is_tenure(store: Store, row: Row) -> bool:
    start = f' ; pg:start ?s FILTER(STR(?s) = "{row["term_start"]}")' if row["term_start"] else ""
    return holds(store, f"{iri('person:' + row['leader_id'])} pg:hasTenure ?t . ?t pg:heldOffice ?office{start}")


def is_claim(store: Store, row: Row) -> bool:
    return holds(store, f"{iri('claim:' + row['claim_id'])} a pg:Claim ; pg:claimant ?who ; pg:statement ?what")


def is_article(store: Store, row: Row) -> bool:
    name = "preamble" if row["article"] == "preamble" else f"article-{row['article']}"
    return holds(store, f"<{ID}pact/russia-dprk-csp-2024#{name}> a pg:Provision ; pg:summary ?s ; pg:confidence ?c")


def is_event(store: Store, row: Row) -> bool:
    """An event, an act of the treaty or something said, on the day (or month) of the row."""
    day = f'FILTER(STR(?d) = "{row["date"]}")'
    cited = " ".join(iri(f"source:{source}") for source in row["source_ids"].split(";"))
    return holds(store, f"VALUES ?source {{ {cited} }} ?x pg:date|pg:reported ?d ; pg:citesSource ?source {day}")


def is_source(store: Store, row: Row) -> bool:
    return holds(store, f"{iri('source:' + row['source_id'])} a ?class ; pg:publisherName ?p")


def is_agent(store: Store, row: Row) -> bool:
    return holds(store, f"{agent(store, row['party_id'])} a ?class")


CHECKS: dict[str, tuple[str, Callable[[Store, Row], bool]]] = {
    "pacts.csv": ("pact_id", is_pact),
    "pact-parties.csv": ("pact_id", is_party),
    "parties.csv": ("party_id", is_agent),
    "signatories.csv": ("pact_id", is_signing),
    "obligations.csv": ("obligation_id", is_obligation),
    "domains.csv": ("pact_id", is_domain),
    "relations.csv": ("relation_id", is_relation),
    "leaders.csv": ("leader_id", is_tenure),
    "claims.csv": ("claim_id", is_claim),
    "russia-dprk-2024-articles.csv": ("article", is_article),
    "russia-dprk-events.csv": ("event_id", is_event),
    "sources.csv": ("source_id", is_source),
}


def missing(store: Store, rows: Iterator[Row], name: str) -> list[str]:
    key, check = CHECKS[name]
    lost = []
    for row in rows:
        elsewhere = ELSEWHERE.get((name, row[key])) or ELSEWHERE.get(("pacts.csv", row.get("pact_id", "")))
        found = holds(store, f"{iri(elsewhere)} ?p ?o") if elsewhere else check(store, row)
        if not found:
            lost.append(" | ".join(list(row.values())[:4]))
    return lost


@pytest.mark.parametrize("name", CHECKS)
def test_every_row_is_in_the_release(store: Store, shared: Path, name: str) -> None:
    with (shared / "data" / "curated-facts" / name).open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert rows
    assert missing(store, iter(rows), name) == []


def test_every_state_and_organisation_of_the_crosswalk_is_linked(store: Store, shared: Path) -> None:
    lost = []
    for name in ("cow_wikidata.csv", "organisations_wikidata.csv"):
        with (shared / "data" / "wikidata-states" / name).open(encoding="utf-8", newline="") as table:
            for row in csv.DictReader(table):
                item = f"<http://www.wikidata.org/entity/{row['wikidata']}>"
                if row["wikidata"] and not holds(store, f"?entity skos:exactMatch|skos:closeMatch {item}"):
                    lost.append(row["wikidata"])
    assert lost == []


def test_every_sentence_of_the_article_is_covered(store: Store) -> None:
    for number in range(1, 18):
        passage = iri(f"source:seed-article#s{number}")
        assert holds(store, f"?x pg:statedIn|pg:citesSource {passage}"), number
