"""Faults outside the curated facts (model, rules, links, the file of the release): one line with its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rdflib import Graph

from pactgraph import knowledge, pipeline
from pactgraph.errors import BadInput
from pactgraph.packed import Packed
from pactgraph.pipeline.populate import import_sources, populate
from pactgraph.reasoning import rules
from pactgraph.sources import links, release_facts
from pactgraph.validation import parse, validate

STATES = {"https://w3id.org/pactgraph/id/state/russia"}
HEADER = "# a comment\nsubject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\n"
ROW = "state:russia\tskos:exactMatch\twikidata:Q159\tsemapv:ManualMappingCuration\t1.0\n"


def refused(path: Path, text: str | bytes, read: object, line: int, words: str) -> None:
    """Hold that a file is refused, at a line, with words that say why."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(BadInput) as caught:
        read(path)  # type: ignore[operator]
    assert (caught.value.file, caught.value.line) == (str(path), line)
    assert words in caught.value.detail


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEADER + ROW.replace("russia", "atlantis"), 3, "there is no entity 'state:atlantis'"),
        (HEADER + ROW.replace("state:", "stat:"), 3, "there is no entity"),
        (HEADER + ROW.replace("skos:exactMatch", "owl:sameAs"), 3, "not a predicate for links"),
        (HEADER + ROW.replace("Q159", "159"), 3, "not a Wikidata item"),
        (HEADER + ROW.replace("1.0", "7"), 3, "from 0 to 1"),
        (HEADER + ROW.replace("semapv:ManualMappingCuration", ""), 3, "without a justification"),
        (HEADER + ROW + "state:russia\tskos:exactMatch\n", 4, "a row of 2 values"),
        (HEADER.replace("object_id", "object") + ROW, 2, "lacks the columns object_id"),
        (HEADER, 2, "has no row"),
        ((HEADER + ROW).encode() + b"\xe9\n", 1, "not UTF-8"),
    ],
)
def test_a_table_of_links(tmp_path: Path, text: str | bytes, line: int, words: str) -> None:
    refused(tmp_path / "x.sssom.tsv", text, lambda path: links.read([path], STATES), line, words)


def test_a_right_table_of_links(tmp_path: Path) -> None:
    path = tmp_path / "x.sssom.tsv"
    path.write_text(HEADER + ROW, encoding="utf-8")
    assert len(links.read([path], STATES)) == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('version: ../../evil\nissued: "2026-11-24"\n', 1, "not a version"),
        ('version: 2026.11.0\nissued: "2026-13-45"\n', 2, "not a day"),
        ('version: [1]\nissued: "2026-11-24"\n', 1, "not a version"),
        ("version: 2026.11.0\n", 1, "not a day"),
        ('version: 2026.11.0\nisued: "2026-11-24"\n', 2, "'isued' is not a key"),
        ("- version\n", 1, "not a version"),
    ],
)
def test_the_file_of_the_release(tmp_path: Path, text: str, line: int, words: str) -> None:
    refused(tmp_path / "release.yaml", text, release_facts.read, line, words)


def test_a_module_that_is_not_turtle(tmp_path: Path) -> None:
    text = "@prefix pg: <https://w3id.org/pactgraph/ns#> .\n\npg:X a pg:Y\npg:Z a pg:Y .\n"
    refused(tmp_path / "x.ttl", text, lambda path: parse([path]), 4, "not Turtle")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("CONSTRUCT { ?s ?p ?o }\nWHERE { ?s ?p }", "expected"),
        ("SELECT * WHERE { ?s ?p ?o }", "not a CONSTRUCT query"),
        ("CONSTRUCT { ?n <x:p> ?n } WHERE { ?s ?p ?o BIND(IRI(CONCAT(STR(?s), 'x')) AS ?n) }", "not come to rest"),
    ],
)
def test_a_rule(tmp_path: Path, rule: str, words: str) -> None:
    (tmp_path / "1-new").mkdir()
    (tmp_path / "1-new" / "mine.rq").write_text(rule, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        rules.closure(rules.loaded([Packed.of([b"<x:a> <x:p> <x:b> .\n"])]), [tmp_path / "1-new"])
    assert words in caught.value.detail
    assert "ontology/rules/1-new" in caught.value.detail
    assert "mine" in caught.value.detail


def test_a_condition_of_a_shape_that_is_not_sparql() -> None:
    shapes = parse(knowledge.shapes())
    target = next(subject for subject, text in shapes.subject_objects() if str(text).startswith("\nSELECT DISTINCT ?this"))
    for triple in list(shapes.triples((target, None, None))):
        if str(triple[2]).startswith("\nSELECT"):
            shapes.remove(triple)
            shapes.add((triple[0], triple[1], type(triple[2])("SELECT ?this WHERE")))  # type: ignore[call-arg]
    with pytest.raises(BadInput, match=r"sh:select of https://w3id\.org"):
        validate(Graph(), shapes)


def test_a_process_of_a_build_that_is_ended_from_outside_is_a_clear_error(shared: Path) -> None:
    known = populate()
    import_sources(known, shared / "data", ["cow-states-2024"])
    assert pipeline._apart(known, len, [1, 2]) == 2
    with pytest.raises(BadInput, match=r"was ended.*enough memory"):
        pipeline._apart(known, os._exit, 9)
