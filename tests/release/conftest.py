"""Small releases, written in milliseconds, for tests of what happens to releases."""

from __future__ import annotations

from pathlib import Path

import pytest

from pactgraph.packed import Packed
from pactgraph.release import Content, Release, publish
from pactgraph.sources import release_facts


def make(releases: Path, number: int, statements: int = 3) -> Release:
    """Publish a small release: its number is in every statement."""
    lines = [
        f"<https://w3id.org/pactgraph/id/pact/p{index}> <https://w3id.org/pactgraph/ns#cowCode> "
        f'"{number}" <https://w3id.org/pactgraph/graph/curated> .\n'
        for index in range(statements)
    ]
    nquads = Packed.sorted(line.encode() for line in lines)
    return publish(Content(f"2026.1.{number}", "2026-01-01", nquads, {"void.ttl": b""}), releases)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two releases, the second one current."""
    releases = tmp_path / "releases"
    make(releases, 1)
    make(releases, 2)
    return releases


PG = "https://w3id.org/pactgraph/ns#"
STATE = "https://w3id.org/pactgraph/id/state/"
MINE = "https://w3id.org/pactgraph/graph/written/mine"
TINY = f"""
<{PG}State> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <{PG}Agent> <https://w3id.org/pactgraph/graph/ontology> .
<{STATE}a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{PG}State> <https://w3id.org/pactgraph/graph/curated> .
<{STATE}a> <http://www.w3.org/2000/01/rdf-schema#label> "A"@en <https://w3id.org/pactgraph/graph/curated> .
"""
SHAPES = f"""
@prefix : <https://w3id.org/pactgraph/shapes#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:Labelled a sh:PropertyShape ; sh:targetClass <{PG}State> ; sh:path rdfs:label ; sh:minCount 1 ; sh:maxCount 1 ;
    sh:message "Give the state one label."@en .
:Said a sh:PropertyShape ; sh:targetClass <{PG}State> ; sh:path rdfs:comment ; sh:maxLength 20 ; sh:severity sh:Warning ;
    sh:message "Say it in fewer words."@en .
"""


def tiny(releases: Path) -> Release:
    """Publish a release of three statements that can be written to: what takes seconds of a real one takes a moment of it."""
    lines = Packed.sorted(f"{line}\n".encode() for line in TINY.split("\n") if line)
    files = {"void.ttl": b"", "dumps/shapes.ttl": SHAPES.encode()}
    return publish(Content(release_facts.read().version, "2026-01-01", lines, files), releases)


@pytest.fixture
def writable(tmp_path: Path) -> Path:
    """A folder with one tiny release."""
    tiny(tmp_path / "releases")
    return tmp_path / "releases"
