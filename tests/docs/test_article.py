"""The page on the article: its queries give the answers that it shows, what it names exists, and it copies nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pactgraph import knowledge
from pactgraph.terms import VOCAB, expand
from tests.conftest import ROOT
from tests.questions.test_questions import answer

PAGE = ROOT / "docs" / "model" / "article.md"
TEXT = PAGE.read_text(encoding="utf-8")
SENTENCES = range(1, 18)

Row = dict[str, str]
PREFIXES = re.findall(r"^```turtle\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[0]
SHOWN = re.compile(
    r"^```sparql\n(?P<query>.*?)^```\n\n(?P<answer>(?:\|[^\n]*\n)+|Answer: no row\.\n)", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\]\(([^)#:]+)[^)]*\)")
NAME = re.compile(
    r"\b((?:state|organisation|person|group|office|pact|place|project|thing|event|claim|proposition|source):[a-z0-9][\w-]*(?:#[\w-]+)?"
    r"|pg:\w+|vocab:[\w-]+/[\w-]+)"
)

MAY_BE_QUOTED = 15  # words of the article in a row, as a quotation
MAY_BE_ALIKE = 7  # words in a row that our own wording may share with it
QUOTED = re.compile(r"“[^”]*”|^ *quotation:.*$", re.MULTILINE)


def cells(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in line.removeprefix("|").rstrip().removesuffix("|").split("|")]


def table(text: str) -> list[Row]:
    """Read a table as the rows that a query gives: an empty cell is a variable without a value."""
    if text.startswith("Answer: no row."):
        return []
    head, _, *rows = text.splitlines()
    return [{name: value for name, value in zip(cells(head), cells(row), strict=True) if value} for row in rows]


def iri(name: str) -> str:
    return str(VOCAB) + name.removeprefix("vocab:") if name.startswith("vocab:") else expand(name)


def sections() -> dict[int, str]:
    parts = re.split(r"^## (\d+)\. ", TEXT.partition("\n## What the article alone")[0], flags=re.MULTILINE)[1:]
    return {int(number): body for number, body in zip(parts[::2], parts[1::2], strict=True)}


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.lower().replace("’", "'"))


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[start : start + length]) for start in range(len(found) - length + 1)}


def written() -> list[Path]:
    return [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").rglob("*.yaml")]


@pytest.mark.parametrize(
    "shown", list(SHOWN.finditer(TEXT)), ids=lambda shown: f"line {TEXT[: shown.start()].count(chr(10)) + 1}"
)
def test_a_query_gives_the_answer_that_the_page_shows(shown: re.Match[str], served_url: str) -> None:
    query, want = shown["query"], table(shown["answer"])
    got = answer(served_url, PREFIXES + query)
    if "ORDER BY" not in query:
        got, want = (sorted(rows, key=lambda row: sorted(row.items())) for rows in (got, want))
    assert got == want


def test_each_query_is_followed_by_its_answer() -> None:
    assert TEXT.count("\n```sparql\n") == len(SHOWN.findall(TEXT)) > len(SENTENCES) / 2


def test_each_sentence_has_its_section_with_a_statement_and_a_query() -> None:
    assert list(sections()) == list(SENTENCES)
    for number, body in sections().items():
        assert re.search(r"^- \*\*(agreed|happened|said)\*\*: ", body, re.MULTILINE), number
        assert "```sparql" in body or re.search(r"\[q\d\d\]\(", body), number
        assert "*Naive*" in body and "*Here*" in body, number


def test_what_the_page_links_to_exists() -> None:
    links = LINK.findall(TEXT)
    assert links
    assert [link for link in links if not (PAGE.parent / link).is_file()] == []
    asked = {Path(link).stem for link in links if link.endswith(".rq")}
    assert asked <= {question.stem for question in knowledge.questions()}


def test_what_the_page_names_exists(served_url: str) -> None:
    names = set(NAME.findall(TEXT))
    assert len(names) > 60
    listed = " ".join(f"<{iri(name)}>" for name in names)
    known = answer(served_url, f"SELECT DISTINCT ?name WHERE {{ VALUES ?name {{ {listed} }} ?name ?property ?value }}")
    assert {row["name"] for row in known} == names


def test_each_sentence_is_cited_by_a_statement_in_the_graph(served_url: str) -> None:
    query = "SELECT DISTINCT ?number WHERE { ?what (pg:statedIn|pg:citesSource) ?passage . "
    query += "?passage pg:passageOf source:seed-article ; pg:passageNumber ?number }"
    assert sorted(int(row["number"]) for row in answer(served_url, PREFIXES + query)) == list(SENTENCES)


def test_the_statements_of_a_section_rest_on_its_sentence(served_url: str) -> None:
    """Each claim that a section names is stated in that sentence."""
    for number, body in sections().items():
        claims = {name for name in NAME.findall(body) if name.startswith("claim:")}
        rows = answer(served_url, PREFIXES + f"SELECT ?claim WHERE {{ ?claim pg:statedIn/pg:passageNumber {number} }}")
        assert {row["claim"] for row in rows} == claims, number


def test_the_article_is_not_copied(shared: Path) -> None:
    article = (shared / "seed" / "article.txt").read_text(encoding="utf-8")
    too_long, too_alike = runs(article, MAY_BE_QUOTED + 1), runs(article, MAY_BE_ALIKE + 1)
    for page in written():
        text = page.read_text(encoding="utf-8")
        assert not runs(text, MAY_BE_QUOTED + 1) & too_long, page
        assert not runs(QUOTED.sub(" … ", text), MAY_BE_ALIKE + 1) & too_alike, page
