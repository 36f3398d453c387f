"""The command line: what it prints, for people and for programs, and its exit statuses."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.conftest import ROOT, run_cli

PREFIX = "PREFIX pg: <https://w3id.org/pactgraph/ns#> "


def query(releases: Path, text: str, *options: str) -> str:
    done = run_cli("query", text, "--releases", str(releases), *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_query_from_a_file_is_a_table(releases: Path) -> None:
    lines = query(releases, str(ROOT / "ontology/questions/q05.rq")).splitlines()
    assert lines[0].split() == ["older", "signed", "replaced"]
    assert lines[1].split() == ["pact:russia-dprk-2000", "2000-02-09", "2024-12-04"]


def test_a_query_is_not_taken_for_the_name_of_a_file_however_long(releases: Path) -> None:
    """A file name has 255 bytes at most; a text without a slash that is longer is an error to the system, not to us."""
    assert query(releases, "ASK { " + "?s ?p ?o . " * 60 + "}").strip() == "yes"
    done = run_cli("release", "cite", "--query", "ASK { " + "?s ?p ?o . " * 60 + "}", "--releases", str(releases))
    assert done.returncode == 0 and "SPARQL query" in done.stdout, done.stderr


def test_a_file_that_cannot_be_read_is_named(releases: Path, tmp_path: Path) -> None:
    (tmp_path / "latin.rq").write_bytes("ASK { ?s ?p 'é' }".encode("latin-1"))
    for name, words in ((str(tmp_path / "latin.rq"), "not UTF-8"), (str(tmp_path / "none.rq"), "no such file")):
        for command in (("query", name), ("release", "cite", "--query", name)):
            done = run_cli(*command, "--releases", str(releases))
            assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr


def test_other_forms_and_formats(releases: Path) -> None:
    assert query(releases, PREFIX + "ASK { ?pact a pg:MutualDefencePact }").strip() == "yes"
    assert "pg:continuedBy" in query(releases, PREFIX + "CONSTRUCT { ?a pg:continuedBy ?b } WHERE { ?a pg:continuedBy ?b }")
    select = PREFIX + "SELECT ?b WHERE { <https://w3id.org/pactgraph/id/state/soviet-union> pg:continuedBy ?b }"
    rows = list(csv.reader(io.StringIO(query(releases, select, "--format", "csv"))))
    assert rows == [["b"], ["https://w3id.org/pactgraph/id/state/russia"]]
    assert json.loads(query(releases, select, "--format", "json"))["head"]["vars"] == ["b"]


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("SELECT * { ?s foo:bar ?o }", (), ["line 1, column 15", "'foo:' is not declared", "^"]),
        ("SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }", (), ["SERVICE is not available"]),
        ("ASK {}", ("--format", "pdf"), ["no format 'pdf'", "json"]),
        ("ASK {}", ("--format", "ttl"), ["none of these formats"]),
    ],
)
def test_a_query_that_cannot_be_answered(releases: Path, text: str, options: tuple[str, ...], words: list[str]) -> None:
    done = run_cli("query", text, "--releases", str(releases), *options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_release_the_message_names_the_command(tmp_path: Path) -> None:
    done = run_cli("query", "ASK {}", "--releases", str(tmp_path))
    assert (done.returncode, "pactgraph build" in done.stderr) == (2, True)


def test_findings_for_programs(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "id: pact:nonsense\ntype: Pact\nlabel: {en: Nonsense}\nsources: []\nconfidence: known\nlable: x\n", encoding="utf-8"
    )
    done = run_cli("validate", str(bad), "--json")
    assert done.returncode == 1
    (finding,) = [found for found in json.loads(done.stdout) if "lable" in found["message"]]
    assert (finding["file"], finding["line"], finding["column"], finding["severity"]) == (str(bad), 6, 1, "Violation")
    shown = run_cli("validate", str(bad))
    assert f"{bad}:6:1: violation: 'lable' is not a key" in shown.stdout


@pytest.mark.parametrize(
    "arguments", [("validate", "nowhere.yaml"), ("build", "--nonsense"), ("nonsense",), ("serve", "--port", "x")]
)
def test_wrong_usage_is_two(arguments: tuple[str, ...]) -> None:
    done = run_cli(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
