"""Errors are answers: problem+json for programs, pages for browsers, never a traceback; and a server ends cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from flask import Flask

from pactgraph.errors import NotFound, QueryTimeout
from pactgraph.web import errors
from tests.conftest import run_cli
from tests.ports import free_port

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/sparql?query=SELECT", 400),
        ("/id/state/atlantis", 404),
        ("/findings?format=word", 400),
        ("/conflicts?format=word", 400),
    ],
)
def test_programs_get_problems_and_browsers_pages(served_url: str, path: str, status: int) -> None:
    problem = requests.get(served_url + path, timeout=30)
    assert (problem.status_code, problem.headers["Content-Type"]) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= set(problem.json())
    page = requests.get(served_url + path, headers={"Accept": BROWSER}, timeout=30)
    assert (page.status_code, page.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    for response in (problem, page):
        assert "Accept" in response.headers["Vary"]
        assert "Traceback" not in response.text


def test_a_method_that_is_not_allowed(served_url: str) -> None:
    response = requests.delete(f"{served_url}/healthz", timeout=30)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/robots.txt", "/sparql?query=ASK{}"])
def test_every_answer_is_safe_to_show(served_url: str, path: str) -> None:
    headers = requests.get(served_url + path, timeout=30).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_unexpected_errors_tell_nothing(caplog: pytest.LogCaptureFixture) -> None:
    app = Flask("pactgraph.web")
    errors.register(app)
    raised: dict[str, Exception] = {
        "/secret": ValueError("the secret"),
        "/slow": QueryTimeout("ended"),
        "/gone": NotFound("no such thing", hint="look elsewhere"),
    }

    def view(error: Exception) -> Callable[[], str]:
        def run() -> str:
            raise error

        return run

    for path, error in raised.items():
        app.add_url_rule(path, path, view(error))
    client = app.test_client()
    hidden = client.get("/secret")
    assert (hidden.status_code, "secret" in hidden.text) == (500, False)
    assert "the secret" in caplog.text
    assert client.get("/slow").status_code == 504
    assert client.get("/gone").get_json(force=True)["hint"] == "look elsewhere"


def test_no_release_says_what_to_do(tmp_path: Path) -> None:
    done = run_cli("serve", "--releases", str(tmp_path))
    assert done.returncode == 2
    assert "pactgraph build" in done.stderr


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_with_its_queries(releases: Path, number: signal.Signals) -> None:
    port = free_port()
    command = [sys.executable, "-m", "pactgraph", "serve", "--releases", str(releases), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert f"http://127.0.0.1:{port}" in process.stdout.readline()
    url = f"http://127.0.0.1:{port}/sparql"
    _until(lambda: _alive(url))
    slow = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    thread = threading.Thread(target=lambda: _alive(url, slow))
    thread.start()
    time.sleep(1)
    family = _descendants(process.pid)
    assert len(family) >= 3
    process.send_signal(number)
    process.wait(timeout=15)
    thread.join()
    _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))
    process.stdout.close()


def _alive(url: str, query: str = "ASK {}") -> bool:
    try:
        return requests.get(url, params={"query": query}, timeout=40).ok
    except requests.ConnectionError:
        return False


def _until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def _descendants(pid: int) -> set[int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid, os.getpid()}
