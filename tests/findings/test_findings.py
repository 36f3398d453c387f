"""Findings: each rule fires on a planted case and on nothing near it; each finding of the release is served and explained."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import requests
from pyoxigraph import NamedNode, RdfFormat, Store

from pactgraph import knowledge
from pactgraph.reasoning import why
from pactgraph.reasoning.rulefile import rules
from pactgraph.reasoning.rules import construct
from pactgraph.release import open_current
from pactgraph.store import EmbeddedStore
from pactgraph.terms import FINDINGS

PREFIXES = """
@prefix pg: <https://w3id.org/pactgraph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix obligation: <https://w3id.org/pactgraph/vocab/obligation/> .
@prefix mutuality: <https://w3id.org/pactgraph/vocab/mutuality/> .
@prefix role: <https://w3id.org/pactgraph/vocab/involvement/> .
@prefix situation: <https://w3id.org/pactgraph/vocab/situation/> .
@prefix : <https://w3id.org/pactgraph/id/> .
:a rdfs:label "A"@en . :b rdfs:label "B"@en . :c rdfs:label "C"@en . :p rdfs:label "P"@en . :q rdfs:label "Q"@en .
:person rdfs:label "Person"@en . :office rdfs:label "Office"@en .
"""


def day(text: str) -> str:
    return f'"{text}"^^xsd:date'


PACTS = f"""
:a pg:partyTo :p , :q . :b pg:partyTo :p . :c pg:partyTo :q .
:p pg:hasParty :a , :b ; pg:partyCount 2 ; pg:hasObligation :one .
:q pg:hasParty :a , :c ; pg:partyCount 2 ; pg:hasObligation :two .
:one pg:mutuality mutuality:mutual . :two pg:mutuality mutuality:mutual ; pg:onAxis obligation:defence .
:p pg:startEarliest {day("1930-01-01")} ; pg:startLatest {day("1930-01-01")} ; pg:endEarliest {day("1940-01-01")} ;
    pg:endLatest {day("1940-01-01")} .
"""
Q_RUNS = f"""
:q pg:startEarliest {day("1935-01-01")} ; pg:startLatest {day("1935-01-01")} ; pg:endEarliest {day("1945-01-01")} ;
    pg:endLatest {day("1945-01-01")} .
"""
Q_LATER = Q_RUNS.replace("1935", "1941")
WAR = f"""
:war a pg:MilitaryAction ; pg:dateEarliest {day("1936-01-01")} ; pg:dateLatest {day("1936-01-01")} ;
    pg:hasInvolvement :w1 , :w2 .
:w1 pg:involvementRole role:attacker ; pg:involved :b . :w2 pg:involvementRole role:target ; pg:involved :c .
:one pg:onAxis obligation:defence .
"""
SIGNS = f"""
:act pg:hasSigning :s ; pg:dateEarliest {day("2000-01-01")} ; pg:dateLatest {day("2000-01-01")} .
:s pg:signer :person ; pg:inCapacity :office . :person pg:hasTenure :t . :t pg:heldOffice :office .
"""
ENDS = f":p pg:signedOn {day('2024-06-19')} . :q pg:endLatest {day('1996-09-30')} ."

CASES = {
    "member-before-existence": (
        f":p pg:hasParticipation :m . :m pg:party :a "
        f"; pg:startLatest {day('1912-01-01')} . :a pg:startEarliest {day('1918-01-01')} .",
        f":p pg:hasParticipation :m . :m pg:party :a "
        f"; pg:startLatest {day('1918-01-01')} . :a pg:startEarliest {day('1918-01-01')} .",
    ),
    "member-after-existence": (
        f":p pg:hasParticipation :m . :m pg:party :a "
        f"; pg:endEarliest {day('1992-01-01')} . :a pg:endLatest {day('1991-12-26')} .",
        f":p pg:hasParticipation :m . :m pg:party :a "
        f"; pg:endEarliest {day('1991-12-26')} . :a pg:endLatest {day('1991-12-26')} .",
    ),
    "signatory-not-in-office": (
        SIGNS + f":t pg:startEarliest {day('2001-01-01')} .",
        SIGNS + f":t pg:startEarliest {day('1999-01-01')} ; pg:endLatest {day('2000-01-01')} .",
    ),
    "replaced-had-lapsed": (
        ENDS + ":r pg:situationType situation:replacement ; pg:allegedSubject :p ; pg:allegedObject :q .",
        ENDS.replace("1996", "2025") + ":p pg:supersedes :q ; pg:hasRelation :r . :r pg:toPact :q .",
    ),
    "mutual-duty-of-one": (
        ":p pg:partyCount 1 ; pg:hasObligation :o "
        "; pg:hasParticipation :m . :m pg:party :a . :o pg:mutuality mutuality:mutual .",
        ":p pg:partyCount 2 ; pg:hasObligation :o "
        "; pg:hasParticipation :m . :m pg:party :a . :o pg:mutuality mutuality:mutual .",
    ),
    "mutual-duty-in-halves": (
        """:p pg:hasObligation :o , :x . :o pg:mutuality mutuality:one-sided ; pg:bearer :a ; pg:beneficiary :b ;
    pg:obligationKind :k .
        :x pg:mutuality mutuality:one-sided ; pg:bearer :b ; pg:beneficiary :a ; pg:obligationKind :k .""",
        """:p pg:hasObligation :o , :x . :o pg:mutuality mutuality:one-sided ; pg:bearer :a ; pg:beneficiary :b ;
    pg:obligationKind :k .
        :x pg:mutuality mutuality:one-sided ; pg:bearer :b ; pg:beneficiary :a ; pg:obligationKind :other .""",
    ),
    "defends-both-sides": (PACTS + WAR + Q_RUNS, PACTS + WAR + Q_LATER),
    "neutrality-against-defence": (
        PACTS + Q_RUNS + ":one pg:onAxis obligation:neutrality .",
        PACTS + Q_LATER + ":one pg:onAxis obligation:neutrality .",
    ),
}


def found(rule: str, data: str) -> set[str]:
    store = Store()
    store.bulk_load(input=PREFIXES + data, format=RdfFormat.TURTLE)
    path = next(path for path in knowledge.joins("findings") if path.stem == rule)
    return {str(triple.subject) for triple in construct(store, path.read_text(encoding="utf-8"), rule)}


def test_every_rule_has_a_case() -> None:
    assert {path.stem for path in knowledge.joins("findings")} == {*CASES, "sources"}


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_finds_what_is_odd_and_nothing_near_it(rule: str) -> None:
    odd, near = CASES[rule]
    assert len(found(rule, odd)) == 1
    assert found(rule, near) == set()


def test_a_pact_between_the_two_lifts_the_collision_of_neutrality_and_defence() -> None:
    between = f""":b pg:partyTo :r . :r pg:hasParty :b , :c ; pg:partyCount 2 ; pg:startEarliest {day("1934-01-01")} ."""
    odd = CASES["neutrality-against-defence"][0]
    assert found("neutrality-against-defence", odd + between) == set()


def test_the_release_has_them_as_a_graph_and_a_table_and_each_is_explained(releases: Path) -> None:
    release = open_current(releases)
    store, known = EmbeddedStore(release.store_path), rules(release.path)
    rows = list(csv.DictReader(io.StringIO((release.path / "reports" / "findings.csv").read_text(encoding="utf-8"))))
    assert "replaced-had-lapsed" in {row["kind"] for row in rows}
    for row in rows:
        subject, kind = row["finding"], f"https://w3id.org/pactgraph/vocab/finding-kind/{row['kind']}"
        assert row["words"] and row["basis"] and row["sources"]
        assert store.has_graph(str(FINDINGS))
        explanation = why.answer(store, known, (subject, "pg:findingKind", kind))
        steps = explanation.statements[explanation.triple].steps
        assert steps and steps[0].rule.startswith("findings/")


def test_no_rule_of_inference_sees_a_finding() -> None:
    for path in knowledge.rules():
        text = path.read_text(encoding="utf-8")
        assert "pg:finding" not in text and "pg:Finding" not in text, path


def test_served_as_page_json_and_csv(served_url: str) -> None:
    data = requests.get(f"{served_url}/findings", headers={"Accept": "application/json"}, timeout=30).json()["findings"]
    lapsed = next(one for one in data if one["kind"] == "replaced-had-lapsed")
    assert "https://w3id.org/pactgraph/id/pact/ussr-dprk-1961" in lapsed["concerns"] and lapsed["sources"]
    page = requests.get(f"{served_url}/findings", headers={"Accept": "text/html"}, timeout=30)
    assert page.status_code == 200 and "why?" in page.text and "1996-09-30" in page.text
    table = requests.get(f"{served_url}/findings?format=csv", timeout=30)
    assert table.headers["Content-Type"].startswith("text/csv") and len(table.text.splitlines()) == len(data) + 1
    entity = requests.get(lapsed["id"].replace("https://w3id.org/pactgraph/id", f"{served_url}/page"), timeout=30)
    assert entity.status_code == 200


def test_they_are_asked_by_sparql(releases: Path) -> None:
    store = EmbeddedStore(open_current(releases).store_path)
    query = f"SELECT ?x {{ GRAPH <{FINDINGS}> {{ ?x a <https://w3id.org/pactgraph/ns#Finding> }} }}"
    assert all(isinstance(row["x"], NamedNode) for row in store.solutions(query)) and len(list(store.solutions(query))) > 1
