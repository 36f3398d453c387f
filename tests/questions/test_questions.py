"""The competency questions, asked over HTTP; the answers were written by hand, see each expected file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from pactgraph import knowledge
from pactgraph.sources import yamlld
from pactgraph.terms import VOCAB, curie

Row = dict[str, str]
QUESTIONS = knowledge.questions()


def short(binding: dict[str, str]) -> str:
    """Write a value as the expected files do: IRIs of ours as `pact:…`, `pg:…`, `vocab:…`; literals as their text."""
    value = binding["value"]
    if binding["type"] == "uri" and value.startswith(str(VOCAB)):
        return "vocab:" + value[len(str(VOCAB)) :]
    return curie(value) if binding["type"] == "uri" else value


def expected(question: Path) -> dict[str, Any]:
    return dict(yamlld.load(question.with_suffix(".expected.yaml")).data)


def answer(url: str, query: str) -> list[Row]:
    response = requests.post(
        f"{url}/sparql", data={"query": query}, headers={"Accept": "application/sparql-results+json"}, timeout=30
    )
    assert response.status_code == 200, response.text
    return [{name: short(value) for name, value in row.items()} for row in response.json()["results"]["bindings"]]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_the_answer_is_the_one_written_by_hand(question: Path, served_url: str) -> None:
    want = expected(question)
    got = answer(served_url, question.read_text(encoding="utf-8"))
    if not want.get("ordered"):
        got, want["rows"] = (sorted(rows, key=lambda row: sorted(row.items())) for rows in (got, want["rows"]))
    assert got == want["rows"]


@pytest.mark.parametrize("template", knowledge.templates(), ids=lambda path: path.stem)
def test_a_template_has_an_answer(template: Path, served_url: str) -> None:
    query = template.read_text(encoding="utf-8")
    assert query.startswith("# Template: ") and answer(served_url, query)


def test_each_question_is_stated_in_words_in_both_files() -> None:
    for question in QUESTIONS:
        first = question.read_text(encoding="utf-8").splitlines()[0]
        assert first == f"# {expected(question)['question']}"


def test_the_questions_of_the_article_are_all_there() -> None:
    assert {f"q{number:02}" for number in range(1, 26)} <= {question.stem for question in QUESTIONS}
