"""Building a release through the command line: complete, checked, the same twice; bad input changes nothing."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, parse
from rdflib import Dataset

from pactgraph import knowledge
from pactgraph.pipeline.populate import populate
from pactgraph.reasoning import rules
from tests.conftest import ROOT, run_cli


@pytest.fixture(scope="module")
def release(releases: Path) -> Path:
    return (releases / "current").resolve()


def test_every_file_has_the_checksum_of_the_manifest(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text())
    listed = set(manifest["files"])
    present = {
        str(p.relative_to(release)) for p in release.rglob("*") if p.is_file() and "store" not in p.relative_to(release).parts
    }
    assert present - {"manifest.json"} == listed
    for name, entry in manifest["files"].items():
        assert hashlib.sha256((release / name).read_bytes()).hexdigest() == entry["sha256"]


def test_the_dumps_say_the_same(release: Path) -> None:
    def quads(suffix: str, form: RdfFormat) -> set[str]:
        data = gzip.decompress((release / f"dumps/pactgraph.{suffix}.gz").read_bytes())
        named = [quad for quad in parse(input=data, format=form) if "_:" not in str(quad)]
        return {str(quad) for quad in named}

    nquads = quads("nq", RdfFormat.N_QUADS)
    assert len(nquads) > 10_000
    assert quads("trig", RdfFormat.TRIG) == nquads
    assert quads("jsonld", RdfFormat.JSON_LD) == nquads


def test_rdflib_reads_the_dump_too(release: Path) -> None:
    dataset = Dataset()
    dataset.parse(data=gzip.decompress((release / "dumps/pactgraph.nq.gz").read_bytes()), format="nquads")
    names = {str(graph.identifier).rpartition("/")[2] for graph in dataset.graphs() if len(graph)}
    assert {"ontology", "vocabulary", "alignments", "curated", "links", "inferred"} <= names


def test_curated_data_has_no_blank_nodes_and_no_same_as(release: Path) -> None:
    for line in gzip.decompress((release / "dumps/pactgraph.nq.gz").read_bytes()).decode().splitlines():
        if "/graph/curated>" in line or "/graph/links>" in line:
            assert "_:" not in line.split('"')[0], line
            assert "owl#sameAs" not in line


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of program and knowledge that a test may damage."""
    for name in ("server", "ontology", "shapes", "data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


PACT = "data/pact/russia-dprk-csp-2024.yaml"
DAMAGES = {
    "an unknown key": (PACT, "\nlabel:", "\nlable: x\nlabel:", "lable"),
    "a day that is none": (PACT, '"2024-06-19"', '"2024-02-30"', "2024-02-30"),
    "a party that does not exist": (PACT, "party: state:north-korea", "party: state:nowhere", "nowhere"),
    "a term that ends before it starts": ("data/person/olaf-scholz.yaml", '"2025-05-06"', '"2020-05-06"', "end"),
    "a signature in an office not held": (
        PACT,
        "inCapacity: office:russia-president",
        "inCapacity: office:united-states-president",
        "inCapacity",
    ),
    "a claim without a claimant": ("data/claim/russia-dprk-treaty.yaml", "claimant: person:vladimir-putin", "", "claimant"),
}


# What is found on reading stops at the first file; what the shapes find is found together.
@pytest.mark.parametrize("cases", [list(DAMAGES)[:1], list(DAMAGES)[1:2], list(DAMAGES)[2:]], ids=", ".join)
def test_bad_input_gets_clear_lines_and_changes_nothing(checkout: Path, releases: Path, cases: list[str]) -> None:
    shutil.copytree(releases, checkout / "out", symlinks=True)
    before = (checkout / "out" / "current").resolve()
    for name, old, new, _ in map(DAMAGES.__getitem__, cases):
        text = (checkout / name).read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r} to damage"
        (checkout / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    done = run_damaged(checkout, "build", "--out", "out")
    assert done.returncode == 1, done.stdout + done.stderr
    for name, _, _, word in map(DAMAGES.__getitem__, cases):
        found = [line.split(":", 3) for line in done.stderr.splitlines() if line.startswith(f"{name}:")]
        assert any(word in message and int(line) >= 1 and int(column) >= 1 for _, line, column, message in found), done.stderr
    assert "nothing was published" in done.stderr
    assert (checkout / "out" / "current").resolve() == before
    left = {path.name for path in (checkout / "out").iterdir()} - {".as-of"}  # views of days that a server made, if any did
    assert left == {"current", before.name, "history.jsonl", ".lock"}


def run_damaged(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on a copy of the knowledge."""
    environment = {**os.environ, "PYTHONPATH": str(checkout / "server")}
    command = [sys.executable, "-m", "pactgraph", *arguments]
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_serving_without_a_release_names_the_command_that_makes_one(tmp_path: Path) -> None:
    done = run_cli("serve", "--releases", str(tmp_path))
    assert done.returncode == 2
    assert "pactgraph build" in done.stderr
    assert "Traceback" not in done.stderr


def test_validating_one_file_is_quick_and_clean() -> None:
    done = run_cli("validate", str(ROOT / PACT))
    assert done.returncode == 0, done.stdout + done.stderr


DENIAL = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix id: <https://w3id.org/pactgraph/id/> .
<https://example.org/denial> a owl:NegativePropertyAssertion ; owl:assertionProperty <https://w3id.org/pactgraph/ns#partyTo> ;
    owl:sourceIndividual id:state\\/russia ; owl:targetIndividual id:pact\\/russia-dprk-csp-2024 .
"""


def test_what_only_reasoning_finds_is_found_on_request(tmp_path: Path) -> None:
    """That Russia is a party is stated nowhere: it follows."""
    (tmp_path / "denial.ttl").write_text(DENIAL, encoding="utf-8")
    assert run_cli("validate", str(tmp_path / "denial.ttl")).returncode == 0
    done = run_cli("validate", "--reason", str(tmp_path / "denial.ttl"))
    assert done.returncode == 1
    assert "denial.ttl:3:" in done.stdout and "Russia does not have “party to”" in done.stdout


def test_a_party_that_ceased_to_exist_or_withdrew_owes_nothing(tmp_path: Path) -> None:
    pact = ROOT / "data/pact/china-dprk-1961.yaml"
    act = ["actKind: withdrawal", "actBy: state:china", 'date: "2020-05-05"', "sources: []", "confidence: known"]
    added = "".join(f"\n    {line}" for line in ("type: LifeCycleAct", *act))
    changed = tmp_path / pact.name
    text = pact.read_text(encoding="utf-8")
    changed.write_text(text.replace("\nacts:", f'\nacts:\n  "#withdrawal-china":{added}', 1), encoding="utf-8")
    known = populate([*(path for path in knowledge.curated() if path != pact), changed])
    assert known.curated.findings == []
    store = known.asserted().loaded()
    rules.closure(store, knowledge.strata())
    query = (ROOT / "ontology/questions/q26.rq").read_text(encoding="utf-8").replace('"1970-01-01"', '"1993-06-01"')
    solutions = store.query(query)
    assert isinstance(solutions, QuerySolutions)
    bound = {tuple(term.value.rpartition("/")[2] for term in solution if term) for solution in solutions}
    assert ("1993-06-01", "china") in {row[:2] for row in bound}
    assert not any("soviet-union" in row for row in bound), "it had ceased to exist"
    assert not any(row[0] == "2024-07-01" for row in bound), "China withdrew, Russia's treaty was not yet in force"
