"""A wheel, installed in a clean environment outside the checkout, builds the same release, byte for byte, and serves it."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import requests

from tests.conftest import ROOT, serving


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a clean environment that has the wheel (its dependencies are those of this environment)."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    venv.create(folder / "env")
    python = folder / "env" / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(install, check=True)
    site = subprocess.run(
        [sys.executable, "-c", "import flask; print(flask.__path__[0])"], check=True, capture_output=True, text=True
    )
    packages = next((folder / "env" / "lib").glob("python*")) / "site-packages"
    (packages / "dependencies.pth").write_text(str(Path(site.stdout.strip()).parent) + "\n")
    return python


def test_the_wheel_builds_the_same_release_and_serves_it(installed: Path, releases: Path, tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    where = [str(installed), "-c", "import pactgraph; print(pactgraph.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True).stdout
    assert str(installed.parents[1]) in found
    built = [str(installed), "-m", "pactgraph", "build"]
    subprocess.run(built, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120)
    assert_same((tmp_path / "releases/current").resolve(), (releases / "current").resolve())
    with serving(tmp_path / "releases", python=installed) as address:
        assert "Pactgraph" in requests.get(address, timeout=20).text
        answer = requests.get(f"{address}/sparql", params={"query": "ASK { ?s ?p ?o }", "format": "json"}, timeout=20)
        assert answer.json()["boolean"] is True


def assert_same(again: Path, release: Path) -> None:
    """Hold that two releases have the same name, and the same bytes in every file but those of the index."""
    assert again.name == release.name
    for path in sorted(release.rglob("*")):
        if path.is_file() and "store" not in path.relative_to(release).parts:
            assert (again / path.relative_to(release)).read_bytes() == path.read_bytes(), path.name
