"""What an engine may do wrong: each fault is a clear 502, 503 or 504 in bounded time, and no part of an answer passes for all.

Here a server of the test plays the faults; engines that work are in `test_stores`.
"""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pactgraph.errors import BadInput, PactgraphError, ReleaseMoved
from pactgraph.net import LOGIN, Line, Reply, read_login
from pactgraph.release import open_held, target
from pactgraph.settings import Login, ServeSettings
from pactgraph.store import Endpoint, Formats, Held, QueryService, RemoteStore, check_uncut
from pactgraph.web.app import create_app

HELD = {
    "id": "2026.1.1-abc",
    "version": "2026.1.1",
    "issued": "2026-01-01",
    "published": "2026-01-02T03:04:05.000001Z",
    "quads": "1",
}
BODY = json.dumps(
    {"head": {"vars": ["n"]}, "results": {"bindings": [{"n": {"type": "literal", "value": value}} for value in ("one", "two")]}}
)
LINES = b"<a:a> <a:b> <a:c> .\n<a:a> <a:b> <a:d> .\n"
JSON, NT = "application/sparql-results+json", "application/n-triples"
SELECT, CONSTRUCT = "SELECT ?n WHERE { ?s ?p ?n }", "CONSTRUCT WHERE { ?s ?p ?o }"


def reply(body: bytes | str, media_type: str = JSON, status: int = 200, length: int | None = -1, *headers: str) -> bytes:
    """Write an HTTP answer; a length of None leaves the field out, one that is too long makes the body one that was cut."""
    data = body.encode() if isinstance(body, str) else body
    said = [] if length is None else [f"Content-Length: {len(data) if length == -1 else length}"]
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {media_type}", "Connection: close", *said, *headers, "", ""]
    return "\r\n".join(lines).encode() + data


def stated(**other: str) -> bytes:
    """Write what an engine says of the release that it holds."""
    row = {
        name: {"type": "literal", "value": value}
        for name, value in (HELD | other | {"graph": "https://w3id.org/pactgraph/graph/curated"}).items()
    }
    return reply(json.dumps({"head": {"vars": list(row)}, "results": {"bindings": [row]}}))


class Faulty(socketserver.ThreadingTCPServer):
    """An engine that says which release it holds, and answers anything else as a test tells it to."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self) -> None:
        self.answer, self.state, self.pause = reply(BODY), stated(), 0.0
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/sparql"


class Handler(socketserver.StreamRequestHandler):
    server: Faulty

    def handle(self) -> None:
        length = 0
        while line := self.rfile.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        asked = self.rfile.read(length)
        if b"release%2Fcurrent" in asked:
            self.wfile.write(self.server.state)
            return
        head, line, body = self.server.answer.partition(b"\r\n\r\n")
        self.wfile.write(head + line)
        for number in range(len(body) if self.server.pause else 1):
            time.sleep(self.server.pause)
            self.wfile.write(body[number : number + 1] if self.server.pause else body)


@pytest.fixture
def engine() -> Iterator[Faulty]:
    with Faulty() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


def held(url: str) -> Held:
    return open_held(Endpoint(url), Path("nowhere")).held


FAULTS: list[tuple[str, str, bytes, int, str]] = [
    ("500", SELECT, reply("secret trace of the engine", "text/plain", 500), 502, "failed (status 500)"),
    ("cut", SELECT, reply(BODY, length=5000), 502, "cut off"),
    ("cut at the end of a line", CONSTRUCT, reply(LINES[:20], NT, length=None), 502, "does not say where its answer ends"),
    ("cut, and called whole", SELECT, reply(BODY[:-30]), 502, "cut off"),
    ("chunk missing", SELECT, reply(b'5\r\n{"hea\r\n', JSON, 200, None, "Transfer-Encoding: chunked"), 502, "cut off"),
    ("nothing", SELECT, b"", 502, "closed the connection"),
    ("not HTTP", SELECT, b"hello\r\n\r\n", 502, ""),
    ("wrong type", SELECT, reply("<html>", "text/html"), 502, "'text/html', which was not asked for"),
    ("wrong form", CONSTRUCT, reply(BODY), 502, "which was not asked for"),
    ("not what it says", SELECT, reply("{}", JSON), 502, "cut off, or is not in the format"),
    ("redirect", SELECT, reply("", JSON, 307, -1, "Location: http://127.0.0.1:1/"), 502, "sends to another address"),
    ("busy", SELECT, reply("later", "text/plain", 503), 503, "takes no queries now"),
    ("its own limit", SELECT, reply("Query timed out", "text/plain", 503), 504, "own time limit"),
    ("no login", SELECT, reply("", "text/plain", 401), 502, "login is missing or wrong"),
    ("part as all", SELECT, reply(BODY, JSON, 200, -1, "X-SPARQL-MaxRows: 2"), 413, "cut the answer at a limit of its own"),
    ("refuses the query", SELECT, reply("Virtuoso 37000 Error SP031\nmore", "text/plain", 400), 422, "Error SP031"),
]


@pytest.mark.parametrize(("query", "answer", "status", "said"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_a_fault_is_a_clear_error(engine: Faulty, query: str, answer: bytes, status: int, said: str) -> None:
    store = RemoteStore(held(engine.url))
    engine.answer = answer
    with pytest.raises(PactgraphError) as caught:
        store.evaluate(query, Formats())
    error = caught.value
    assert error.status == status and said in error.detail, error.detail
    assert "secret" not in error.detail and "127.0.0.1" not in error.detail


@pytest.mark.parametrize("case", [case for case in FAULTS if case[1] == SELECT], ids=lambda case: case[0])
def test_a_fault_while_a_view_is_looked_for_is_as_clear(engine: Faulty, case: tuple[str, str, bytes, int, str]) -> None:
    store = RemoteStore(held(engine.url))
    engine.answer = case[2]
    with pytest.raises(PactgraphError) as caught:
        store.evaluate("ASK {}", Formats(), as_of=date(1970, 1, 1))
    assert caught.value.status == case[3] and (case[4] in caught.value.detail or "another table" in caught.value.detail)
    assert "secret" not in caught.value.detail and "127.0.0.1" not in caught.value.detail


NO_ROWS = reply('{"head":{"vars":["view"]},"results":{"bindings":[]}}')


@pytest.mark.parametrize(
    ("login", "answer", "status", "said"),
    [
        (Login("a", "b"), reply(BODY), 502, "another table"),
        (None, NO_ROWS, 422, "--login"),
        (Login("a", "b"), NO_ROWS, 422, "takes views of days is not known"),
    ],
)
def test_views_that_cannot_be_written_say_why(engine: Faulty, login: Login, answer: bytes, status: int, said: str) -> None:
    store = RemoteStore(open_held(Endpoint(engine.url, login), Path("nowhere")).held)
    engine.answer = answer
    with pytest.raises(PactgraphError, match=said) as caught:
        store.evaluate("ASK {}", Formats(), as_of=date(1970, 1, 1))
    assert caught.value.status == status and "127.0.0.1" not in caught.value.detail


def test_a_login_that_may_not_write_is_said(engine: Faulty) -> None:
    store = RemoteStore(open_held(Endpoint(engine.url, Login("a", "b")), Path("nowhere")).held)
    assert store._views
    for status, other in ((401, 422), (403, 422), (500, 502), (503, 503)):
        with pytest.raises(PactgraphError) as caught:
            store._views._accepted(Reply(status, "text/plain", b"secret", {}, True))
        assert caught.value.status == other and "secret" not in caught.value.detail


def test_what_is_whole_is_taken(engine: Faulty) -> None:
    store = RemoteStore(held(engine.url))
    assert store.evaluate(SELECT, Formats("text/csv", None))[0] == b"n\r\none\r\ntwo\r\n"
    engine.answer = reply(LINES, "text/plain; charset=utf-8")
    assert store.evaluate(CONSTRUCT, Formats(None, NT))[0] == LINES


def test_an_engine_that_gives_a_part_as_all_is_not_served(engine: Faulty) -> None:
    """As Virtuoso does under ResultSetMaxRows, of graphs in silence."""
    one = held(engine.url)
    engine.answer = reply("one\n" + "1\n" * 4, "text/csv")
    check_uncut(replace(one, quads=4))
    with pytest.raises(PactgraphError, match="4 rows where there are 5"):
        check_uncut(replace(one, quads=5))


def test_an_answer_of_another_release_is_thrown_away(engine: Faulty) -> None:
    store = RemoteStore(held(engine.url))
    for state in (
        stated(id="2026.1.2-def"),
        stated(published="2027-01-01T00:00:00Z"),
        reply('{"head":{"vars":["id"]},"results":{"bindings":[]}}'),
    ):
        engine.state = state
        with pytest.raises(ReleaseMoved):
            store.evaluate(SELECT, Formats())


@pytest.mark.parametrize("pause", [0.0, 0.02])
def test_a_slow_engine_costs_no_more_than_the_time_limit(engine: Faulty, pause: float, tmp_path: Path) -> None:
    """One that never answers, and one that sends a byte now and then: 504 on time, and the next query is answered."""
    settings = ServeSettings(releases=tmp_path, workers=1, query_timeout=1.0)
    service = QueryService(settings, lambda releases, identifier: open_held(Endpoint(engine.url), releases, identifier))
    try:
        client = create_app(settings, service).test_client()
        engine.answer, engine.pause = (reply(BODY * 40), pause) if pause else (reply(BODY), 60.0)
        started = time.monotonic()
        seen = client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": "application/json"})
        assert (seen.status_code, seen.mimetype) == (504, "application/problem+json") and time.monotonic() - started < 8
        engine.answer, engine.pause = reply(BODY), 0.0
        assert client.get("/sparql", query_string={"query": SELECT}).status_code == 200
        engine.answer = reply("", "text/plain", 503)
        busy = client.get("/sparql", query_string={"query": SELECT})
        assert busy.status_code == 503 and busy.headers["Retry-After"] == "5"
    finally:
        service.close()


def test_an_engine_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(PactgraphError) as caught:
        open_held(Endpoint("http://127.0.0.1:9/sparql"), tmp_path)
    assert caught.value.status == 503 and "cannot be reached" in caught.value.detail


def test_a_line_has_limits(engine: Faulty) -> None:
    """Of time for the whole answer, however it comes; of size; and of what an address is."""
    engine.answer, engine.pause = reply(BODY), 0.05
    started = time.monotonic()
    with pytest.raises(PactgraphError) as late:
        Line("it", seconds=1.0).send("GET", engine.url)
    assert late.value.status == 504 and time.monotonic() - started < 4
    engine.pause = 0.0
    with pytest.raises(PactgraphError) as large:
        Line("it", most=20).send("GET", engine.url)
    assert large.value.status == 413
    for address in ("file:///etc/passwd", "ftp://a/", "http://user:secret@127.0.0.1/", "nonsense"):
        with pytest.raises(BadInput):
            Line("it").send("GET", address)


def test_an_engine_that_is_not_known_says_where_it_is_written(engine: Faulty) -> None:
    with pytest.raises(BadInput, match="--update-url"):
        target(engine.url, None)
    found = target(engine.url, None, update="http://a/update", graphs="http://a/data")
    assert (found.engine, found.atomic) == ("sparql", False)


def test_logins(tmp_path: Path) -> None:
    file = tmp_path / "login"
    file.write_text("name:a:b\n", encoding="utf-8")
    login: Any = read_login(file)
    assert (login.user, login.password) == ("name", "a:b") and "a:b" not in repr(login)
    assert read_login(None, {}) is None and read_login(None, {LOGIN: "u:p"}).user == "u"  # type: ignore[union-attr]
    file.write_text("no colon", encoding="utf-8")
    with pytest.raises(BadInput, match="user:password"):
        read_login(file)
    with pytest.raises(BadInput, match="cannot be read"):
        read_login(tmp_path / "none")
