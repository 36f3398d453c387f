"""Why: every inferred statement is explained, well-founded, down to what is stated and by whom."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
import requests
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from pactgraph import knowledge
from pactgraph.errors import BadInput, NotFound
from pactgraph.reasoning import prov, telling, why
from pactgraph.reasoning.rule import on
from pactgraph.reasoning.rulefile import TURNED, day_rules, of_folder, rules, turned
from pactgraph.reasoning.steps import Steps
from pactgraph.reasoning.why import Explanation, Statement
from pactgraph.release import open_current
from pactgraph.terms import BASE, INFERRED, VIEWS
from tests.conftest import run_cli
from tests.reasoning.conftest import STATED, Opened

CSP = "pact:russia-dprk-csp-2024"
PREFIXES = "PREFIX pg: <https://w3id.org/pactgraph/ns#>\n"


def explained(opened: Opened, subject: str, predicate: str, value: str, alternatives: int = 5) -> Explanation:
    return why.answer(opened.store, opened.rules, (subject, predicate, value), alternatives)


def rests_on_itself(explanation: Explanation) -> bool:
    """Whether any way down comes back to where it was."""
    done: set[Triple] = set()

    def meets(triple: Triple, above: frozenset[Triple]) -> bool:
        if triple in above:
            return True
        if triple in done:
            return False
        below = (premise for step in explanation.statements[triple].steps for premise in step.premises)
        found = any([meets(premise, above | {triple}) for premise in below])
        done.add(triple)
        return found

    return meets(explanation.triple, frozenset())


@pytest.mark.slow
def test_every_inferred_statement_of_the_release_is_explained(opened: Opened, derivations: dict[Triple, Statement]) -> None:
    rank = why.ranks(derivations)
    inferred = opened.inferred()
    assert len(inferred) > 30_000
    assert [triple for triple in inferred if triple not in rank] == []
    assert {step.rule for triple in inferred for step in derivations[triple].steps} <= {rule.name for rule in opened.rules}


@pytest.mark.slow
def test_every_premise_is_in_the_release(derivations: dict[Triple, Statement]) -> None:
    assert [triple for triple, one in derivations.items() if not one.steps and not one.graphs] == []


def test_a_class_comes_from_an_article_and_its_sources(opened: Opened) -> None:
    found = explained(opened, CSP, "a", "pg:MutualDefencePact")
    step = found.statements[found.triple].steps[0]
    assert step.rule == "2-owl-rl/cls-svf1"
    assert "mutual defence obligation" in telling.sentence(step, found.names, "")
    assert "owl:someValuesFrom pg:MutualDefenceObligation" in telling.axioms(step)
    stated = [one for one in found.statements.values() if not one.steps]
    assert stated and all(one.graphs for one in stated)
    kind = next(one for one in stated if one.triple.predicate.value.endswith("#obligationKind"))
    assert any("kcnawatch.org" in source.address for source in kind.sources)


def test_alternatives_are_given_up_to_the_limit_and_differ(opened: Opened) -> None:
    def steps(most: int) -> list[object]:
        found = explained(opened, "pact:russia-dprk-csp-2024", "a", "pg:DefencePact", most)
        return list(found.statements[found.triple].steps)

    assert len(steps(1)) == 1
    assert len(set(steps(5))) == len(steps(5)) == 2


@pytest.mark.parametrize(
    "statement",
    [
        (CSP, "pg:echoes", "pact:ussr-dprk-1961"),
        ("state:russia", "a", "pg:Agent"),
        ("state:soviet-union", "pg:hasSuccessor", "state:russia"),
        ("pact:north-atlantic-treaty-1949", "pg:partyCount", "33"),
        (f"{CSP}#o1/defence/russia/north-korea", "pg:startEarliest", "2024-12-04"),
    ],
)
def test_no_statement_is_explained_by_itself(opened: Opened, statement: tuple[str, str, str]) -> None:
    found = explained(opened, *statement, alternatives=20)
    assert found.statements[found.triple].steps
    assert not rests_on_itself(found)
    assert all(one.steps or one.graphs for one in found.statements.values())


def test_what_is_symmetric_is_explained_by_the_side_that_is_stated(opened: Opened) -> None:
    rows = opened.store.solutions(
        PREFIXES + "SELECT ?x ?y { GRAPH <https://w3id.org/pactgraph/graph/inferred> { ?x pg:rivalOf ?y } }"
    )
    row = next(iter(rows))
    found = explained(opened, row["x"].value, "pg:rivalOf", row["y"].value)
    assert [step.rule for step in found.statements[found.triple].steps] == ["2-owl-rl/prp-symp"]


def test_absence_and_counting_are_said_in_words(opened: Opened) -> None:
    text = "\n".join(telling.text(explained(opened, CSP, "pg:endPrecision", "precision:open")))
    assert "nothing is known such that" in text
    text = "\n".join(telling.text(explained(opened, CSP, "pg:partyCount", "2")))
    assert "counted, each once: 2" in text
    text = "\n".join(telling.text(explained(opened, CSP, "pg:signedOn", "2024-06-19")))
    assert "none lower is stated" in text


def test_a_sentence_has_the_right_article(opened: Opened) -> None:
    found = explained(opened, "state:russia", "a", "pg:Agent")
    assert "because every state is an agent." in "\n".join(telling.text(found))


def test_what_is_stated_has_its_sources_and_no_rule(opened: Opened) -> None:
    found = explained(opened, CSP, "pg:pactForm", "https://w3id.org/pactgraph/vocab/pact-form/treaty")
    assert found.statements[found.triple].steps == []
    assert found.statements[found.triple].sources
    assert found.rules == {}


def test_what_is_not_so_is_refused_with_what_is(opened: Opened) -> None:
    with pytest.raises(NotFound, match="it has"):
        explained(opened, CSP, "pg:partyCount", "3")
    with pytest.raises(BadInput):
        explained(opened, "<>", "a", "pg:Pact")


def test_an_explanation_takes_milliseconds(opened: Opened) -> None:
    explained(opened, CSP, "a", "pg:Pact")
    start = time.process_time()
    for name in ("MutualDefencePact", "DefencePact", "BilateralPact", "ConsultationPact", "CooperationPact"):
        explained(opened, CSP, "a", f"pg:{name}")
    assert (time.process_time() - start) / 5 < 0.5


def test_prov_has_rules_steps_and_sources(opened: Opened) -> None:
    found = explained(opened, CSP, "a", "pg:MutualDefencePact")
    triples = list(prov.triples(found))
    this = NamedNode(BASE + prov.address(found.triple))
    predicates = {triple.predicate.value for triple in triples if triple.subject == this}
    assert "http://www.w3.org/ns/prov#wasGeneratedBy" in predicates
    plans = {triple.object for triple in triples if triple.predicate.value.endswith("#hadPlan")}
    codes = {triple.subject: triple.object for triple in triples if triple.predicate.value.endswith("#construct")}
    assert plans == set(codes) and all(isinstance(code, Literal) and "CONSTRUCT" in code.value for code in codes.values())
    assert any(triple.predicate.value.endswith("#hadPrimarySource") for triple in triples)


RULES = {
    "service": "CONSTRUCT { ?x pg:a ?y } WHERE { SERVICE <http://example.org/> { ?x pg:b ?y } }",
    "sum": "CONSTRUCT { ?x pg:a ?z } WHERE { { SELECT ?x (SUM(?y) AS ?z) WHERE { ?x pg:b ?y } GROUP BY ?x } }",
    "broken": "CONSTRUCT { ?x pg:a ?y WHERE",
    "select": "SELECT * WHERE { ?x pg:b ?y }",
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_could_not_be_explained_by_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.rq").write_text(PREFIXES + RULES[name], encoding="utf-8")
    with pytest.raises(BadInput):
        of_folder(tmp_path)


RULE_FILES = {f"{path.parent.name}/{path.name}": path for path in (*knowledge.rules(), *knowledge.day_rules())}


def carrying(release: Path, held: bytes, **other: str) -> Path:
    """Make what a release has of its rules: their files, some with another text, and as they were read when it was made."""
    for name, path in RULE_FILES.items():
        file = release / "rules" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(other.get(path.stem, path.read_text(encoding="utf-8")), encoding="utf-8")
    (release / "rules" / TURNED).write_bytes(held)
    return release


def test_the_rules_that_a_release_carries_are_those_of_its_files(tmp_path: Path) -> None:
    held = turned(RULE_FILES)
    asked = rules(carrying(tmp_path / "held", held)) + day_rules(tmp_path / "held")
    read = rules(carrying(tmp_path / "files", b"")) + day_rules(tmp_path / "files")
    assert asked == read and len(asked) == len(RULE_FILES)
    marked = held.replace(b'"words": "', b'"words": "As carried: ')
    assert all(rule.words.startswith("As carried: ") for rule in rules(carrying(tmp_path / "marked", marked)))
    assert turned(RULE_FILES, held) is held and turned(RULE_FILES, b"{") == held


def test_rules_are_turned_around_the_same_in_every_process() -> None:
    code = "import sys; from tests.reasoning.test_why import *; sys.stdout.buffer.write(turned(RULE_FILES))"
    made = [
        subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in ("1", "2")
    ]
    assert made[0].stdout == made[1].stdout == turned(RULE_FILES)


def test_rules_that_were_read_from_other_files_are_read_again(tmp_path: Path) -> None:
    other = "# Other words.\n" + (knowledge.day_rules()[0]).read_text(encoding="utf-8")
    first = day_rules(carrying(tmp_path, turned(RULE_FILES), **{knowledge.day_rules()[0].stem: other}))[0]
    assert first.words.startswith("Other words.") and first.code == other


def test_what_a_rule_takes_away_is_told_as_absent(tmp_path: Path) -> None:
    (tmp_path / "minus.rq").write_text(
        PREFIXES + "CONSTRUCT { ?x pg:a ?y } WHERE { ?x pg:b ?y MINUS { ?x pg:c ?y } }", encoding="utf-8"
    )
    (rule,) = of_folder(tmp_path)
    assert [(note.kind, [pattern.predicate.value for pattern in note.patterns]) for note in rule.notes] == [
        ("absent", ["https://w3id.org/pactgraph/ns#c"])
    ]
    assert [premise.predicate.value for premise in rule.premises] == ["https://w3id.org/pactgraph/ns#b"]


@pytest.mark.slow
def test_what_holds_on_a_day_is_explained_every_fortieth(opened: Opened, releases: Path) -> None:
    day, path = date(2024, 12, 5), open_current(releases).path
    graph = f"{VIEWS}{day}"
    found = opened.store.solutions(f"SELECT * {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}", day)
    view = [Triple(row["s"], row["p"], row["o"]) for row in found]  # type: ignore[arg-type]
    known = opened.rules + on(day, day_rules(path))
    steps = Steps(lambda text: opened.store.solutions(text, day), known, STATED, [str(INFERRED), graph])
    assert len(view) > 1000
    assert [triple for triple in sorted(view, key=str)[::40] if not steps.of([triple], 20)[triple]] == []
    asked = ("state:russia", "pg:boundToDefend", "state:north-korea")
    explanation = why.answer(opened.store, known, asked, as_of=day)
    assert not rests_on_itself(explanation)
    assert any(one.graphs for one in explanation.statements.values())


def test_every_rule_says_what_it_means(opened: Opened) -> None:
    assert [rule.name for rule in opened.rules if not rule.words or not rule.sentence.endswith(".")] == []


def test_by_http_as_page_and_as_json_ld(served_url: str) -> None:
    asked = {"subject": CSP, "predicate": "a", "object": "pg:MutualDefencePact"}
    page = requests.get(f"{served_url}/explain", params=asked, headers={"Accept": "text/html"}, timeout=30)
    assert page.status_code == 200 and "Because whatever has" in page.text and "kcnawatch.org" in page.text
    data = requests.get(f"{served_url}/explain", params=asked, headers={"Accept": "application/ld+json"}, timeout=30)
    assert data.headers["Content-Type"] == "application/ld+json"
    objects = {quad.object for quad in parse(input=data.content, format=RdfFormat.JSON_LD)}
    assert NamedNode("http://www.w3.org/ns/prov#Activity") in objects
    entity = requests.get(f"{served_url}/page/pact/russia-dprk-csp-2024", timeout=30).text
    assert "/explain?subject=" in entity and "why?" in entity
    rule = requests.get(f"{served_url}/rule/2-owl-rl/cls-svf1", timeout=30)
    assert "CONSTRUCT" in rule.text


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"subject": CSP, "predicate": "a"}, 400),
        ({"subject": CSP, "predicate": "a", "object": "pg:Person"}, 404),
        ({"subject": CSP, "predicate": "a", "object": "pg:Pact", "alternatives": "-1"}, 400),
        ({"subject": CSP, "predicate": "a", "object": "pg:Pact", "alternatives": "00019999999"}, 400),
        ({"subject": "a b", "predicate": "a", "object": "pg:Pact"}, 400),
    ],
)
def test_by_http_what_cannot_be_explained_says_so(served_url: str, asked: dict[str, str], status: int) -> None:
    response = requests.get(f"{served_url}/explain", params=asked, headers={"Accept": "application/ld+json"}, timeout=30)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"


def test_by_the_command_line(releases: Path) -> None:
    done = run_cli("explain", CSP, "pg:signedOn", "2024-06-19", "--releases", str(releases))
    assert done.returncode == 0, done.stderr
    assert "1-facts/signed-on" in done.stdout and "CONSTRUCT" in done.stdout and "tass.com" in done.stdout
