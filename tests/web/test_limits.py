"""Limits that a client meets: time, rows, its turn, its rate, its share; what it may lower; and what the server says of it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import serving
from tests.hostile.harness import Server, client, server

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
FIVE = 'SELECT ?x ?y { VALUES ?x { 1 2 3 4 5 } BIND("a\\n},{\\r\\n" AS ?y) }'
FORMATS = ("json", "xml", "csv", "tsv")


def ask(url: str, query: str, **parameters: object) -> requests.Response:
    return requests.get(f"{url}/sparql", params={"query": query, **parameters}, timeout=60)  # type: ignore[dict-item]


def test_a_client_may_lower_the_time_of_its_query(served_url: str) -> None:
    started = time.monotonic()
    for response in (
        ask(served_url, SLOW, timeout=1),
        requests.post(f"{served_url}/sparql", data={"query": SLOW, "timeout": "1"}, timeout=30),
    ):
        assert response.status_code == 504
        assert "ended after 1 seconds" in response.json()["detail"]
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("form", FORMATS)
def test_a_client_may_lower_the_rows_of_its_answer(served_url: str, form: str) -> None:
    assert ask(served_url, FIVE, format=form, maxrows=5).status_code == 200
    response = ask(served_url, FIVE, format=form, maxrows=4)
    assert response.status_code == 413
    assert "use LIMIT" in response.json()["detail"]
    assert ask(served_url, "ASK {}", format=form, maxrows=1).status_code == 200


def test_rows_are_those_of_tables(served_url: str) -> None:
    assert ask(
        served_url, "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 50".replace(" LIMIT 50", ""), maxrows=1, timeout=20
    ).status_code in (200, 413)
    assert ask(served_url, "SELECT * {} ", maxrows=1).status_code == 200
    assert ask(served_url, "SELECT ?x { FILTER(false) }", maxrows=1).status_code == 200


@pytest.mark.parametrize(
    "parameters",
    [{"timeout": "0"}, {"timeout": "-1"}, {"timeout": "nan"}, {"timeout": "soon"}, {"maxrows": "0"}, {"timeout": ["1", "2"]}],
)
def test_a_limit_is_a_number(served_url: str, parameters: dict[str, object]) -> None:
    response = ask(served_url, "ASK {}", **parameters)
    assert response.status_code == 400
    assert "`" in response.json()["detail"]


@pytest.fixture(scope="module")
def small(releases: Path) -> Iterator[Server]:
    """A server on which every limit is soon met."""
    limits = ("--workers", "1", "--query-timeout", "2", "--queue", "2", "--queue-wait", "3", "--max-rows", "4")
    others = ("--max-query-kib", "1", "--max-nesting", "10", "--budget", "10", "--trusted-proxies", "1")
    with server(releases, *limits, *others, "--log", "all", "--log-clients", "hash") as running:
        yield running


def from_(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


def test_a_client_cannot_raise_a_limit(small: Server) -> None:
    response = requests.get(
        f"{small.url}/sparql",
        params={"query": FIVE, "maxrows": "1000", "timeout": "1000"},
        headers=from_("192.0.2.1"),
        timeout=30,
    )
    assert response.status_code == 413
    response = requests.get(
        f"{small.url}/sparql", params={"query": SLOW, "timeout": "1000"}, headers=from_("192.0.2.1"), timeout=30
    )
    assert response.status_code == 504
    assert response.elapsed.total_seconds() < 10


def test_a_query_has_a_length_and_a_depth(small: Server) -> None:
    for query, status in (
        ("ASK {}" + " " * 1100, 413),
        ("ASK " + "{" * 11 + "}" * 11, 400),
        ("ASK " + "{" * 10 + "}" * 10, 200),
    ):
        response = requests.post(f"{small.url}/sparql", data={"query": query}, headers=from_("192.0.2.2"), timeout=30)
        assert response.status_code == status, response.text


def test_past_the_queue_a_client_is_told_when_to_come_again(small: Server) -> None:
    answers: list[requests.Response] = []

    def attack() -> None:
        answers.append(requests.get(f"{small.url}/sparql", params={"query": SLOW}, headers=from_("192.0.2.3"), timeout=60))

    threads = [threading.Thread(target=attack) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(answer.status_code for answer in answers)
    assert set(statuses) <= {429, 503, 504} and 503 in statuses
    for answer in answers:
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) == answer.json()["retryAfter"] == 3


def test_a_client_has_a_share_of_the_time(small: Server) -> None:
    session = requests.Session()
    session.headers.update(from_("192.0.2.4"))
    for _ in range(8):
        response = session.get(f"{small.url}/sparql", params={"query": SLOW}, timeout=60)
        if response.status_code == 429:
            break
    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 30
    assert session.get(f"{small.url}/healthz", timeout=30).status_code == 200  # monitors are not charged
    other = requests.get(f"{small.url}/sparql", params={"query": "ASK {}"}, headers=from_("192.0.2.5"), timeout=30)
    assert other.status_code == 200


def test_a_line_says_what_became_of_a_query(small: Server) -> None:
    query = "SELECT ?x { VALUES ?x { 1 2 3 } } # " + "x" * 900
    response = requests.post(f"{small.url}/sparql", data={"query": query}, headers=from_("192.0.2.6"), timeout=30)
    line = small.lines()[response.headers["X-Query-Id"]]
    assert (line["status"], line["rows"], line["bytes"]) == (200, 3, len(response.content))
    assert (line["route"], line["query"], line["ended"]) == ("sparql.post", query, None)
    assert line["seconds"] > 0 and line["wait"] >= 0 and line["release"] and len(line["hash"]) == 16
    assert "192.0.2.6" not in small.log.read_text()  # the operator asked for hashes
    assert "X-Query-Id" in response.headers["Access-Control-Expose-Headers"]
    refused = requests.post(f"{small.url}/sparql", data={"query": "ASK"}, headers=from_("192.0.2.6"), timeout=30)
    assert small.lines()[refused.json()["queryId"]]["status"] == 400
    assert "X-Query-Id" not in requests.get(f"{small.url}/robots.txt", timeout=30).headers


def test_metrics_count_what_happened(small: Server) -> None:
    requests.get(f"{small.url}/sparql", params={"query": SLOW}, headers=from_("192.0.2.7"), timeout=60)
    response = requests.get(f"{small.url}/metrics", timeout=30)
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    values = dict(line.rsplit(" ", 1) for line in response.text.splitlines() if line and not line.startswith("#"))
    assert float(values['pactgraph_requests_total{route="/sparql",status="504"}']) >= 1
    assert float(values['pactgraph_queries_ended_total{reason="time"}']) >= 1
    assert float(values["pactgraph_worker_restarts_total"]) >= 1
    assert float(values["pactgraph_queries_waiting"]) >= 0
    assert float(values["pactgraph_queries_running"]) >= 0
    assert float(values["pactgraph_query_seconds_count"]) >= 1
    assert any(name.startswith("pactgraph_release_info{") for name in values)


def test_a_client_has_a_rate(releases: Path) -> None:
    with server(releases, "--rate", "2", "--log", "none") as running, client("127.0.0.9") as other:
        first = requests.get(f"{running.url}/robots.txt", timeout=30)
        assert "RateLimit-Limit" not in first.headers  # what crawlers and monitors ask for is not counted
        answers = [requests.get(f"{running.url}/ns", timeout=30) for _ in range(30)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert answers[0].headers["RateLimit-Limit"] == "2"
        assert refused, [answer.elapsed for answer in answers]
        assert int(refused[0].headers["Retry-After"]) >= 1
        assert refused[0].headers["Content-Type"] == "application/problem+json"
        assert other.get(f"{running.url}/ns", timeout=30).status_code == 200
        assert requests.get(f"{running.url}/healthz", timeout=30).status_code == 200
        assert running.lines() == {}
        spoofed = requests.get(f"{running.url}/ns", headers=from_("192.0.2.1"), timeout=30)
        assert int(spoofed.headers["RateLimit-Remaining"]) < 2


def test_nothing_is_limited_on_a_scratch_store(releases: Path) -> None:
    with serving(releases, "--scratch", "--rate", "1", "--budget", "1") as url, requests.Session() as session:
        for _ in range(20):
            answer = session.get(f"{url}/sparql", params={"query": "ASK {}"}, timeout=30)
            assert answer.status_code == 200
            assert "RateLimit-Limit" not in answer.headers


def test_ready_says_whether_queries_are_taken(served_url: str, tmp_path: Path) -> None:
    ready = requests.get(f"{served_url}/readyz", timeout=30)
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert ready.headers["Cache-Control"] == "no-store"


def test_a_server_that_ends_says_so_to_those_who_wait(releases: Path) -> None:
    with server(releases, "--log", "none") as running:
        answers: list[requests.Response] = []
        thread = threading.Thread(target=lambda: answers.append(ask(running.url, SLOW)))
        thread.start()
        time.sleep(1)
        os.kill(running.pid, signal.SIGTERM)
        thread.join()
        assert answers[0].status_code == 503
        assert "the server ends" in answers[0].json()["detail"]
        assert int(answers[0].headers["Retry-After"]) >= 1


def test_logs_are_json_for_machines(releases: Path) -> None:
    with server(releases, "--query-timeout", "1") as running:
        requests.get(f"{running.url}/sparql", params={"query": "ASK {}"}, timeout=30)
        requests.get(f"{running.url}/sparql", params={"query": SLOW}, timeout=30)
        lines = list(running.lines().values())
    assert [line["query"] for line in lines] == [SLOW]  # by default: what was slow or failed
    assert lines[0]["client"] == "127.0.0.1"
    assert json.dumps(lines[0])
