"""Every command that README and docs show is run here, as it stands, against a real release and server."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pactgraph.release import SCOPES, add_token
from tests.conftest import ROOT, needs, serving
from tests.release.conftest import tiny

PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SERVER = "http://127.0.0.1:8000"


def shown() -> list[tuple[str, str]]:
    """Give each command line shown, with the page that shows it."""
    commands = []
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            lines = block.replace("\\\n", " ").splitlines()
            commands += [(str(page.relative_to(ROOT)), line.split(" # ")[0].strip()) for line in lines if line.strip()]
    return [(page, command) for page, command in dict.fromkeys(commands) if command and not command.startswith("#")]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small release, for commands that write."""
    return tiny(tmp_path_factory.mktemp("written")).path.parent


@pytest.fixture(scope="module")
def written_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that may be written to with the token in the variable TOKEN."""
    folder = tmp_path_factory.mktemp("served")
    tiny(folder)
    os.environ["TOKEN"] = add_token(folder, "reader", tuple(SCOPES))
    with serving(folder, "--workers", "1") as address:
        yield address
    del os.environ["TOKEN"]


def test_the_readme_shows_the_two_commands() -> None:
    commands = [command for page, command in shown() if page == "README.md"]
    assert "make serve" in commands and "make test" in commands


@pytest.mark.parametrize(("page", "command"), shown())
def test_a_shown_command_works(page: str, command: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    words = shlex.split(command)
    if words[0] == "make":  # the recipes themselves run in CI and in the tests of this suite
        done = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    elif words[:2] == ["pactgraph", "serve"]:  # a server that does not end; the fixture runs it
        assert request.getfixturevalue("served_url")
        return
    elif words == ["pactgraph", "build"]:  # the fixture runs it
        assert request.getfixturevalue("releases")
        return
    elif words[0] in ("pactgraph", "python"):
        done = run_here(command, tmp_path, request)
    else:
        needs(words[0] == "curl", f"a test that knows how to run '{words[0]}' ({page})")
        command = command.replace(SERVER, request.getfixturevalue("written_url" if "$TOKEN" in command else "served_url"))
        done = subprocess.run(
            ["bash", "-c", command + " --fail --silent --show-error"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.stdout.strip(), command
    assert done.returncode == 0, done.stdout + done.stderr


def run_here(command: str, out: Path, request: pytest.FixtureRequest) -> subprocess.CompletedProcess[str]:
    """Run one of our commands in the checkout, its releases in a folder of the test."""
    words = shlex.split(command)
    if words[0] == "python":
        words[0:1] = [sys.executable]
        words += ["--runs", "1"] if words[2].startswith("bench") and words[2] != "bench.pages" else []
        words += ["--releases", str(request.getfixturevalue("releases"))] if words[2] in ("bench.days", "bench.pages") else []
    else:
        words[0:1] = [sys.executable, "-m", "pactgraph"]
        words += ["--out", str(out)] if words[3] == "build" else []
        reading = words[3] in ("query", "release", "export", "who-helps", "leader", "explain")
        words += ["--releases", str(request.getfixturevalue("releases"))] if reading else []
        words += ["--releases", str(request.getfixturevalue("written"))] if words[3] in ("token", "update") else []
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'server'}{os.pathsep}{ROOT}"}
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False)
