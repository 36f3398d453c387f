"""Hostile requests: what is not HTTP, or too much of it; documents that reach out or grow. Each has an answer, at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.hostile.cases import RAW, Raw
from tests.hostile.harness import MIB, Server, memory, server

SECONDS = 3.0
pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")


@pytest.fixture(scope="module")
def running(releases: Path) -> Iterator[Server]:
    with server(releases, "--query-timeout", "2", "--log", "none") as found:
        yield found


@pytest.mark.parametrize("case", RAW, ids=lambda case: case.name)
def test_a_hostile_request_is_answered_or_closed(running: Server, case: Raw) -> None:
    started = time.monotonic()
    status, answer = running.send(case.sent)
    assert status in case.outcomes, answer[:500]
    assert time.monotonic() - started < SECONDS
    if status >= 400:
        assert b"application/problem+json" in answer
        assert b"Traceback" not in answer


def test_what_follows_an_ambiguous_request_is_not_answered(running: Server) -> None:
    for case in RAW:
        if case.name.startswith("smuggling"):
            with running.connect() as sock:
                sock.sendall(case.sent + b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                answer = b""
                while piece := sock.recv(65536):
                    answer += piece
            assert answer.count(b"HTTP/1.1 ") <= 1, case.name


def test_requests_in_pieces_and_in_rows_are_answered(running: Server) -> None:
    body = b"6\r\nquery=\r\n8\r\nASK%7B%7D\r\n0\r\n\r\n".replace(b"8\r\n", b"9\r\n")
    head = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n" + body
    plain = head + b"Content-Length: 15\r\n\r\nquery=ASK%7B%7D"
    with running.connect() as sock:
        for number in range(0, len(chunked), 7):
            sock.sendall(chunked[number : number + 7])
        answer = b""
        while b'"boolean":true}' not in answer:
            answer += sock.recv(65536)
        sock.sendall(plain * 2 + chunked)  # three at once
        answer = b""
        while answer.count(b'"boolean":true}') < 3:
            answer += sock.recv(65536)
    assert answer.count(b"HTTP/1.1 200 OK") == 3


def test_a_client_that_asks_first_may_go_on(running: Server) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nContent-Length: 6\r\n"
    with running.connect() as sock:
        sock.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert sock.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"ASK {}")
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_the_web_process_stays_small(running: Server) -> None:
    assert memory(running.web_process(), "VmHWM") <= 300 * MIB
    assert requests.get(f"{running.url}/healthz", timeout=10).ok


ENTITIES = '<!DOCTYPE r [<!ENTITY a0 "aaaaaaaaaa">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
RDF_XML = (
    f'<?xml version="1.0"?>{ENTITIES}]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="x:">'
    '<rdf:Description rdf:about="x:a"><x:p>&a11;</x:p></rdf:Description></rdf:RDF>'
)
EXTERNAL = RDF_XML.replace(f"{ENTITIES}]>", '<!DOCTYPE r [<!ENTITY a11 SYSTEM "@">]>')
# @ is the address of a server that must see no request.
DOCUMENTS = {
    "JSON-LD: a context elsewhere": ("application/ld+json", '{"@context": "@", "@id": "x:a", "x:p": 1}', {400}),
    "JSON-LD: an import elsewhere": (
        "application/ld+json",
        '{"@context": {"@version": 1.1, "@import": "@"}, "@id": "x:a", "x:p": 1}',
        {400},
    ),
    "JSON-LD: deep": ("application/ld+json", '{"x:p":' * 50_000 + "1" + "}" * 50_000, {400, 413, 504, 507}),
    "RDF/XML: entities of entities": ("application/rdf+xml", RDF_XML, {400, 413, 504, 507}),
    "RDF/XML: an entity elsewhere": ("application/rdf+xml", EXTERNAL, {400}),
    "RDF/XML: an entity of a file": ("application/rdf+xml", EXTERNAL.replace("@", "file:///etc/passwd"), {400}),
    "RDF/XML: deep": (
        "application/rdf+xml",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="x:">' + "<rdf:Description><x:p>" * 20_000,
        {400, 504, 507},
    ),
    "Turtle: deep": (
        "text/turtle",
        "<x:a> <x:p> " + "[ <x:p> " * 5_000 + "1" + "]" * 5_000 + " .",
        {201, 204, 400, 504, 507},
    ),
    "Turtle: lists of lists": ("text/turtle", "<x:a> <x:p> " + "(" * 100_000, {400}),
    "Turtle: imports": ("text/turtle", "<x:a> <http://www.w3.org/2002/07/owl#imports> <@> .", {201, 204}),
}
UPDATES = {
    "LOAD": "LOAD <@>",
    "LOAD INTO": "LOAD <@> INTO GRAPH <x:g>",
    "LOAD escaped": "L\\u004FAD <@>",
    "LOAD second": "INSERT DATA { <x:a> <x:b> 1 } ; LOAD <@>",
    "SERVICE in WHERE": "INSERT { ?s ?p ?o } WHERE { SERVICE <@> { ?s ?p ?o } }",
    "SERVICE in NOT EXISTS": "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o FILTER NOT EXISTS { SERVICE <@> { ?s ?p ?o } } }",
}


@pytest.fixture(scope="module")
def scratch(releases: Path) -> Iterator[Server]:
    with server(releases, "--scratch", "--query-timeout", "3", "--query-memory-mib", "512", "--log", "none") as found:
        yield found


TOKEN = {"Authorization": "Bearer scratch"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_is_refused(scratch: Server, elsewhere: tuple[str, list[str]], name: str) -> None:
    address, seen = elsewhere
    media_type, text, outcomes = DOCUMENTS[name]
    response = requests.put(
        f"{scratch.url}/graphs?graph=x:g",
        data=text.replace('@"', f'{address}"').replace("<@>", f"<{address}>").encode(),
        headers={**TOKEN, "Content-Type": media_type},
        timeout=20,
    )
    assert response.status_code in outcomes, response.text[:300]
    assert response.elapsed.total_seconds() < 2 * 1.2 * 3 + 1  # read, then written: each has its limit
    assert not seen
    assert memory(scratch.web_process(), "VmHWM") <= 300 * MIB


@pytest.mark.parametrize("name", UPDATES)
def test_an_update_that_reaches_out_is_refused(scratch: Server, elsewhere: tuple[str, list[str]], name: str) -> None:
    address, seen = elsewhere
    text = UPDATES[name].replace("@", address)
    response = requests.post(f"{scratch.url}/update", data={"update": text}, headers=TOKEN, timeout=20)
    assert response.status_code in (400, 403), response.text
    assert not seen


def test_a_load_that_may_fail_loads_nothing(scratch: Server, elsewhere: tuple[str, list[str]]) -> None:
    address, seen = elsewhere
    requests.post(f"{scratch.url}/update", data={"update": f"LOAD SILENT <{address}>"}, headers=TOKEN, timeout=20)
    assert not seen


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_nobody_writes_without_the_token(scratch: Server, running: Server, method: str) -> None:
    for token in ({}, {"Authorization": "Bearer other"}, {"Authorization": "Basic c2NyYXRjaDo="}):
        answer = requests.request(method, f"{scratch.url}/graphs?graph=x:g", data=b"", headers=token, timeout=20)
        assert answer.status_code == 401
    released = requests.request(method, f"{running.url}/graphs?graph=x:g", data=b"", headers=TOKEN, timeout=20)
    assert released.status_code == 403
