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
from pyoxigraph import RdfFormat, parse
from rdflib import Dataset

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


def test_two_builds_of_the_same_input_are_byte_identical(release: Path, tmp_path: Path) -> None:
    assert run_cli("build", "--out", str(tmp_path)).returncode == 0
    again = (tmp_path / "current").resolve()
    assert again.name == release.name
    for path in sorted(release.rglob("*")):
        if path.is_file() and "store" not in path.relative_to(release).parts:
            assert (again / path.relative_to(release)).read_bytes() == path.read_bytes(), path.name


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


@pytest.mark.parametrize("case", DAMAGES)
def test_bad_input_gets_one_clear_line_and_changes_nothing(checkout: Path, case: str) -> None:
    name, old, new, word = DAMAGES[case]
    path = checkout / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{name} has no {old!r} to damage"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = run_damaged(checkout, "build", "--out", "out")
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith(f"{name}:")]
    assert lines, done.stderr
    _, line, column, message = lines[0].split(":", 3)
    assert int(line) >= 1 and int(column) >= 1
    assert word in message
    assert "nothing was published" in done.stderr
    assert not (checkout / "out" / "current").exists()


def test_after_a_refused_build_the_old_release_is_still_there(checkout: Path) -> None:
    assert run_damaged(checkout, "build", "--out", "out").returncode == 0
    before = (checkout / "out" / "current").resolve()
    path = checkout / PACT
    path.write_text(
        path.read_text(encoding="utf-8").replace("party: state:north-korea", "party: state:nowhere"), encoding="utf-8"
    )
    assert run_damaged(checkout, "build", "--out", "out").returncode == 1
    assert (checkout / "out" / "current").resolve() == before
    left = {path.name for path in (checkout / "out").iterdir()}
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


def test_a_party_that_ceased_to_exist_or_withdrew_owes_nothing(checkout: Path) -> None:
    path = checkout / "data/pact/china-dprk-1961.yaml"
    act = ["actKind: withdrawal", "actBy: state:china", 'date: "2020-05-05"', "sources: []", "confidence: known"]
    added = "".join(f"\n    {line}" for line in ("type: LifeCycleAct", *act))
    text = path.read_text(encoding="utf-8").replace("\nacts:", f'\nacts:\n  "#withdrawal-china":{added}', 1)
    path.write_text(text, encoding="utf-8")
    assert run_damaged(checkout, "build", "--out", "out").returncode == 0
    query = (ROOT / "ontology/questions/q26.rq").read_text(encoding="utf-8")
    query = query.replace('"1970-01-01"', '"1993-06-01"')
    rows = run_damaged(checkout, "query", query, "--releases", "out", "--format", "csv").stdout
    assert "1993-06-01,https://w3id.org/pactgraph/id/state/china" in rows
    assert "soviet-union" not in rows
    assert "2024-07-01" not in rows, "China withdrew, Russia's treaty was not yet in force"
