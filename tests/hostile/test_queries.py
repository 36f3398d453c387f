"""Hostile queries, all of them at once, against a real server: each ends in time, and a well-behaved client does not notice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests

from tests.hostile.cases import EGRESS, QUERIES, Hostile
from tests.hostile.harness import MIB, Server, WellBehaved, assert_undisturbed, client, load, memory, quiet, server

LIMIT = 1.5
MEMORY = 512
THREADS = 6
OPTIONS = ("--workers", "2", "--query-memory-mib", str(MEMORY), "--max-bytes-mib", "8", "--log", "all", "--budget", "0")
pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")


@dataclass
class Storm:
    """What was seen while the hostile queries ran."""

    before: WellBehaved
    reader: WellBehaved
    answers: dict[str, requests.Response] = field(default_factory=dict)
    lines: dict[str, dict[str, object]] = field(default_factory=dict)
    peaks: dict[int, int] = field(default_factory=dict)
    web: int = 0
    busy: float = 1.0
    seen: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another server, and the requests that it saw."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_error(500)

        do_POST = do_GET

    other = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=other.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{other.server_port}/x", seen
    other.shutdown()
    thread.join()
    other.server_close()


def storm(running: Server, cases: list[Hostile], address: str) -> Storm:
    """Ask everything from three hostile addresses, six at a time, while a well-behaved client reads."""
    busy = load()
    found = Storm(quiet(running), WellBehaved(running), web=running.web_process())
    todo = iter(cases)
    lock, done = threading.Lock(), threading.Event()

    def attack(number: int) -> None:
        with client(f"127.0.0.{2 + number % 3}") as session:
            while True:
                with lock:
                    case = next(todo, None)
                if case is None:
                    return
                found.answers[case.name] = running.ask(session, case.query.replace("@", address), accept=case.accept)

    with found.reader:
        watcher = threading.Thread(target=_watch, args=(running, done, found.peaks))
        threads = [threading.Thread(target=attack, args=(number,)) for number in range(THREADS)]
        for thread in (watcher, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        watcher.join()
    found.lines, found.busy = running.lines(), max(busy, load())
    return found


def _watch(running: Server, done: threading.Event, peaks: dict[int, int]) -> None:
    """Note the most memory that each process of the server uses."""
    while not done.wait(0.1):
        for pid in running.family():
            peaks[pid] = max(peaks.get(pid, 0), memory(pid))


def in_time(found: Storm, response: requests.Response, limit: float) -> bool:
    """Say whether a query was over within 1.2 times its limit: the tenths are for ending it, which a busy machine delays."""
    return float(str(found.lines[response.headers["X-Query-Id"]]["seconds"])) <= limit + 0.2 * limit * found.busy


@pytest.fixture(scope="module")
def stormed(releases: Path, elsewhere: tuple[str, list[str]]) -> Iterator[Storm]:
    """The short form: every query once, with a limit of one and a half seconds."""
    address, seen = elsewhere
    with server(releases, *OPTIONS, "--query-timeout", str(LIMIT)) as running:
        found = storm(running, QUERIES, address)
        found.seen = seen
        yield found


@pytest.mark.parametrize("case", QUERIES, ids=lambda case: case.name)
def test_a_hostile_query_is_ended_or_refused(stormed: Storm, case: Hostile) -> None:
    response = stormed.answers[case.name]
    assert response.status_code in case.outcomes, response.text[:300]
    if response.status_code != 200:
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["queryId"] == response.headers["X-Query-Id"]
    assert in_time(stormed, response, LIMIT)


def test_there_are_enough_of_them() -> None:
    assert len({case.name for case in QUERIES}) == len(QUERIES) >= 60


def test_a_well_behaved_client_does_not_notice(stormed: Storm) -> None:
    assert_undisturbed(stormed.reader, stormed.before, stormed.busy)


def test_memory_is_bounded(stormed: Storm) -> None:
    assert stormed.peaks[stormed.web] <= 400 * MIB
    assert max(stormed.peaks.values()) <= (MEMORY + 150) * MIB


def test_no_other_server_was_asked(stormed: Storm) -> None:
    assert len([case for case in EGRESS if "@" in case.query]) >= 12
    assert not stormed.seen


def test_the_log_says_what_became_of_each(stormed: Storm) -> None:
    for case in QUERIES:
        line = stormed.lines[stormed.answers[case.name].headers["X-Query-Id"]]
        assert line["status"] == stormed.answers[case.name].status_code
        assert len(str(line["query"])) <= 2000
        assert str(line["client"]).startswith("127.0.0.")


@pytest.mark.slow
def test_the_long_form(releases: Path, elsewhere: tuple[str, list[str]]) -> None:
    """Every query four times, with a limit of three seconds; ten minutes at most."""
    address, seen = elsewhere
    started = time.monotonic()
    with server(releases, *OPTIONS, "--query-timeout", "3") as running:
        cases = [replace(case, name=f"{case.name} #{turn}") for turn in range(4) for case in QUERIES]
        found = storm(running, cases, address)
    for case in cases:
        response = found.answers[case.name]
        assert response.status_code in case.outcomes, (case.name, response.text[:300])
        assert in_time(found, response, 3.0), case.name
    assert_undisturbed(found.reader, found.before, found.busy)
    assert found.peaks[found.web] <= 400 * MIB
    assert not seen
    assert time.monotonic() - started < 600
