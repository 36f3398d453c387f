"""A wheel, installed in a clean environment outside the checkout, builds a release and serves it."""

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
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)], check=True)
    site = subprocess.run(
        [sys.executable, "-c", "import flask; print(flask.__path__[0])"], check=True, capture_output=True, text=True
    )
    packages = next((folder / "env" / "lib").glob("python*")) / "site-packages"
    (packages / "dependencies.pth").write_text(str(Path(site.stdout.strip()).parent) + "\n")
    return python


def test_the_wheel_serves_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    where = [str(installed), "-c", "import pactgraph; print(pactgraph.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True).stdout
    assert str(installed.parents[1]) in found
    built = [str(installed), "-m", "pactgraph", "build"]
    subprocess.run(built, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120)
    with serving(tmp_path / "releases", python=installed) as address:
        assert "Pactgraph" in requests.get(address, timeout=20).text
        answer = requests.get(f"{address}/sparql", params={"query": "ASK { ?s ?p ?o }", "format": "json"}, timeout=20)
        assert answer.json()["boolean"] is True
