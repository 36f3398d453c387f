"""Small releases, written in milliseconds, for tests of what happens to releases."""

from __future__ import annotations

from pathlib import Path

import pytest

from pactgraph.release import Content, Release, publish


def make(releases: Path, number: int, statements: int = 3) -> Release:
    """Publish a small release: its number is in every statement."""
    lines = [
        f"<https://w3id.org/pactgraph/id/pact/p{index}> <https://w3id.org/pactgraph/ns#cowCode> "
        f'"{number}" <https://w3id.org/pactgraph/graph/curated> .\n'
        for index in range(statements)
    ]
    return publish(Content(f"2026.1.{number}", "2026-01-01", "".join(sorted(lines)).encode(), {"void.ttl": b""}), releases)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two releases, the second one current."""
    releases = tmp_path / "releases"
    make(releases, 1)
    make(releases, 2)
    return releases
