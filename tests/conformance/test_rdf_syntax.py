"""The W3C suites of RDF syntax, posted to /validate and put to /graphs: the bad refused, the good taken, and never a 500."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from pyoxigraph import CanonicalizationAlgorithm, Dataset, DefaultGraph, Quad, RdfFormat, parse

from pactgraph.sources import documents
from pactgraph.validation import quads
from tests.conftest import serving

SUITES = {
    "turtle": "text/turtle",
    "trig": "application/trig",
    "n-triples": "application/n-triples",
    "n-quads": "application/n-quads",
    "rdf-xml": "application/rdf+xml",
    "json-ld": "application/ld+json",
}
GRAPHS = ("turtle", "n-triples", "rdf-xml", "json-ld")  # a graph store takes graphs, not data sets
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "rdf_syntax.yaml").read_text(encoding="utf-8"))


@cache
def manifest(folder: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return entries


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("none"), "--scratch") as address:
        yield address


def expected(folder: Path, suite: str, entry: dict[str, Any], door: str) -> bool:
    """Say whether a text is to be taken: as the suite says, but for the failures that are listed, each with its reason.

    The graph store takes one graph at a time, so what has named graphs is refused there.
    """
    taken = not entry["kind"].startswith("negative")
    if listed := EXPECTED.get(suite, {}).get(entry["id"]):
        taken = taken != (door in listed["at"])
    return taken and not (door == "graphs" and entry["result"] and has_named_graphs(folder / entry["result"]))


def has_named_graphs(path: Path) -> bool:
    lines = (line for line in path.read_bytes().splitlines() if not re.match(rb"\S+ _:", line))  # generalised RDF, in one test
    found = parse(input=b"\n".join(lines), format=RdfFormat.N_QUADS, lenient=True)
    return any(not isinstance(quad.graph_name, DefaultGraph) for quad in found)


def sweep(folder: Path, suite: str, door: str, send: Any) -> None:
    wrong = []
    for entry in manifest(folder / suite):
        data = (folder / suite / entry["action"]).read_bytes()
        response = send(data)
        taken = response.status_code in (200, 201, 204)
        assert taken or 400 <= response.status_code < 500, (entry["id"], response.status_code, response.text)
        if taken != expected(folder / suite, suite, entry, door):
            wrong.append((entry["id"], entry["kind"], response.status_code, response.text[:200]))
    assert not wrong, f"{len(wrong)} of {len(manifest(folder / suite))}: {wrong}"


@pytest.mark.parametrize("suite", SUITES)
def test_texts_posted_to_validate(shared: Path, scratch: str, suite: str) -> None:
    with requests.Session() as session:
        headers = {"Content-Type": SUITES[suite]}
        sweep(
            shared / "suites",
            suite,
            "validate",
            lambda data: session.post(f"{scratch}/validate", data, headers=headers, timeout=60),
        )


@pytest.mark.parametrize("suite", GRAPHS)
def test_texts_put_to_graphs(shared: Path, scratch: str, suite: str) -> None:
    with requests.Session() as session:
        headers = {"Content-Type": SUITES[suite], "Authorization": "Bearer scratch"}
        address = f"{scratch}/graphs?graph=http://a.example/{suite}"
        sweep(shared / "suites", suite, "graphs", lambda data: session.put(address, data, headers=headers, timeout=60))


def test_a_refused_text_says_where(shared: Path, scratch: str) -> None:
    """Every negative test of the line- and token-based syntaxes names the line, and most a column past the first."""
    for suite in ("turtle", "trig", "n-triples", "n-quads", "rdf-xml"):
        for entry in manifest(shared / "suites" / suite):
            if entry["kind"].startswith("negative"):
                data = (shared / "suites" / suite / entry["action"]).read_bytes()
                problem = requests.post(f"{scratch}/validate", data, headers={"Content-Type": SUITES[suite]}, timeout=60).json()
                assert 1 <= problem["line"] <= data.count(b"\n") + 1 and problem["column"] >= 1, (entry["id"], problem)


@pytest.mark.parametrize("suite", ["turtle", "trig", "rdf-xml", "json-ld"])
def test_what_is_validated_is_what_the_text_says(shared: Path, suite: str) -> None:
    """The statements that are read, their places noted, are those of the suite."""
    folder, wrong = shared / "suites" / suite, set()
    for entry in manifest(folder):
        generalised = entry.get("option", {}).get("produceGeneralizedRdf")
        if entry["kind"] == "positive-eval" and not generalised and expected(folder, suite, entry, "validate"):
            base = entry.get("option", {}).get("base", entry["base"])
            read = documents.read((folder / entry["action"]).read_bytes(), SUITES[suite], {}, base=base)
            if canonical(quads(read.graph)) != canonical(parse(path=str(folder / entry["result"]), format=RdfFormat.N_QUADS)):
                wrong.add(entry["id"])
    assert wrong == {name for name, listed in EXPECTED.get(suite, {}).items() if "eval" in listed["at"]}


def canonical(found: Iterable[Quad]) -> set[str]:
    dataset = Dataset(Quad(quad.subject, quad.predicate, quad.object) for quad in found)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return set(map(str, dataset))


def test_each_expected_failure_has_its_reason(shared: Path) -> None:
    for suite, listed in EXPECTED.items():
        ids = {entry["id"] for entry in manifest(shared / "suites" / suite)}
        for identifier, entry in listed.items():
            assert identifier in ids
            assert entry["reason"].endswith(".") and len(entry["reason"]) > 20
