"""Fixtures that all tests share: one built release, one real server on it, and what a machine may lack."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
REQUIRE_ALL = "PACTGRAPH_REQUIRE_ALL"


def needs(present: object, what: str) -> None:
    """Skip a test whose machine lacks something; under PACTGRAPH_REQUIRE_ALL that is a failure."""
    if not present:
        (pytest.fail if os.environ.get(REQUIRE_ALL) else pytest.skip)(f"needs {what}")


def run_cli(*arguments: str, cwd: Path | None = None, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does, in a process of its own."""
    command = [sys.executable, "-m", "pactgraph", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False)


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one release of the curated knowledge, built through the command line."""
    folder = tmp_path_factory.mktemp("releases")
    done = run_cli("build", "--out", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@contextlib.contextmanager
def serving(releases: Path, *options: str, python: Path | str = sys.executable) -> Iterator[str]:
    """Run a real server on a free port; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(python), "-m", "pactgraph", "serve", "--releases", str(releases), "--port", str(port), *options]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, text=True)
        try:
            for _ in range(200):
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/healthz", timeout=2):
                    break
                assert process.poll() is None, log.seek(0) or log.read()
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="session")
def served_url(releases: Path) -> Iterator[str]:
    """The address of a real server on the built release, without a trailing slash."""
    with serving(releases) as address:
        yield address


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of source data and conformance suites beside the checkout."""
    needs(SHARED.is_dir(), "the folder ../shared with source data and suites")
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> str:
    """A Chromium browser."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    needs(path, "Chromium")
    return str(path)
