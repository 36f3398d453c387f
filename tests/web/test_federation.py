"""SERVICE: nobody is asked but whom the operator allows, each in bounded time, and nothing of an error is passed on."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import requests

from pactgraph.errors import BadInput, QueryRefused, RemoteFailed, RemoteTimeout
from pactgraph.net import Door
from pactgraph.store import Formats
from pactgraph.store.embedded import EmbeddedStore
from pactgraph.store.federation import Federation
from tests.conftest import run_cli, serving

TABLE = (
    b'{"head":{"vars":["a","b"]},"results":{"bindings":[{"a":{"type":"uri","value":"x:1"},"b":{"type":"bnode","value":"n"}},'
    b'{"a":{"type":"literal","value":"\\"}","xml:lang":"en"}}]}}'
)


class Other(http.server.BaseHTTPRequestHandler):
    """A server that answers as its address says; it remembers what it was asked."""

    asked: list[tuple[str, str]]

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked.append((self.path, parse_qs(text)["query"][0]))
        if self.path == "/slow":
            time.sleep(2)
        status = {"/error": 500, "/away": 302, "/on": 307}.get(self.path, 200)
        self.send_response(status)
        self.send_header("Location", {"/away": "http://away.example/", "/on": "/table"}.get(self.path, ""))
        self.send_header("Content-Type", "text/html" if self.path == "/page" else "application/sparql-results+json")
        body = b"secret" if status == 500 else b"{" if self.path == "/broken" else TABLE
        self.send_header("Content-Length", str(len(body) + (9 if self.path == "/cut" else 0)))
        self.end_headers()
        with contextlib.suppress(OSError):
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(0.05 if self.path == "/drip" else 0)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def other() -> Iterator[str]:
    Other.asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def store(releases: Path, other: str) -> EmbeddedStore:
    federation = Federation(Door([f"{other}/"]), seconds=0.5, most=10_000)
    return EmbeddedStore((releases / "current").resolve() / "store", federation=federation)


def csv(store: EmbeddedStore, query: str) -> list[str]:
    return store.evaluate(query, Formats("text/csv"), base="http://here.example/")[0].decode().split()


def test_an_answer_takes_the_place_of_its_clause(store: EmbeddedStore, other: str) -> None:
    Other.asked.clear()
    query = f"""PREFIX o: <{other}/> PREFIX z: <z:> # SERVICE o:none {{ }}
        SELECT (COUNT(*) AS ?n) (SAMPLE(?b) AS ?one) {{
        VALUES ?a {{ <x:1> }} service o:table {{ ?a z:b ?b . FILTER (?b < "}}") }}
        FILTER NOT EXISTS {{ SERVICE SILENT o:error {{ ?a z:c ?c }} FILTER (BOUND(?c)) }}
        {{ SELECT ?a {{ SERVICE <{other}/on> {{ }} }} }} }}"""
    assert csv(store, query)[1].startswith("1,https://w3id.org/.well-known/genid/pactgraph/")
    assert [path for path, _ in Other.asked] == ["/table", "/error", "/on", "/table"]
    asked = Other.asked[0][1]
    assert asked.startswith("BASE <http://here.example/>")
    assert "PREFIX z: <z:>" in asked and asked.endswith('SELECT * { ?a z:b ?b . FILTER (?b < "}") }')


def test_equal_clauses_are_asked_once(store: EmbeddedStore, other: str) -> None:
    Other.asked.clear()
    clause = f"SERVICE <{other}/table> {{ ?a <x:b> ?b }}"
    assert csv(store, f"SELECT (COUNT(*) AS ?n) {{ {{ {clause} }} UNION {{ {clause} }} }}") == ["n", "4"]
    assert len(Other.asked) == 1


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("error", RemoteFailed, "status 500"),
        ("slow", RemoteTimeout, "within 0.5 seconds"),
        ("drip", RemoteTimeout, "within 0.5 seconds"),
        ("away", RemoteFailed, "redirects to an address that this server may not ask"),
        ("cut", RemoteFailed, "too soon"),
        ("page", RemoteFailed, "text/html"),
        ("broken", RemoteFailed, "cannot be read"),
    ],
)
def test_another_server_that_fails(store: EmbeddedStore, other: str, path: str, error: type[RemoteFailed], words: str) -> None:
    began = time.monotonic()
    with pytest.raises(error, match=words) as caught:
        csv(store, f"SELECT * {{ SERVICE <{other}/{path}> {{ ?a ?p ?b }} }}")
    assert time.monotonic() - began < 3
    assert "secret" not in str(caught.value) and "away.example" not in str(caught.value)
    assert csv(store, f"SELECT * {{ BIND (1 AS ?x) SERVICE SILENT <{other}/{path}> {{ ?a ?p ?b }} }}") == ["x", "1"]


def test_only_what_the_list_has_is_asked(store: EmbeddedStore, other: str) -> None:
    Other.asked.clear()
    allowed = f"SERVICE <{other}/table> {{ ?a ?p ?b }}"
    for query in (
        "ASK { SERVICE <http://away.example/> { ?s ?p ?o } }",
        f"ASK {{ {allowed} FILTER NOT EXISTS {{ SERVICE SILENT <{other}0/> {{ ?s ?p ?o }} }} }}",
        "ASK { VALUES ?w { <http://away.example/> } SERVICE ?w { ?s ?p ?o } }",
        f"ASK {{ {allowed.replace('SERVICE', 'S' + chr(92) + 'u0045RVICE')} }}",
        f"ASK {{ {' '.join(f'SERVICE <{other}/{n}> {{ ?a ?p ?b }}' for n in range(9))} }}",
        f"BASE <http://away.example/> ASK {{ SERVICE </{other}/> {{ }} }}",
    ):
        with pytest.raises(QueryRefused):
            csv(store, query)
    assert Other.asked == []


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://example.org/sparql", True),
        ("https://EXAMPLE.org:443/sparql?x=1", True),
        ("https://example.org/sparql/more", True),
        ("https://example.org/sparqlmore", False),
        ("https://example.org/sparql/../secret", False),
        ("https://example.org/sparql/%252e%252e/secret", False),
        ("http://example.org/sparql", False),
        ("https://example.org:8443/sparql", False),
        ("https://user@example.org/sparql", False),
        ("https://example.org@away.example/sparql", False),
        ("file:///sparql", False),
        ("http://open.example", True),
        ("http://open.example/any", True),
    ],
)
def test_what_an_entry_allows(address: str, allowed: bool) -> None:
    assert Door(["https://example.org/sparql", "http://open.example"]).permits(address) is allowed


@pytest.mark.parametrize(
    "target", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "224.0.0.1"]
)
def test_a_name_that_leads_inside_is_not_followed(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **options: [(family, 1, 6, "", (target, 80))])
    monkeypatch.setattr(socket, "create_connection", lambda *asked, **options: pytest.fail("somebody was asked"))
    with pytest.raises(RemoteFailed, match="not public"):
        Door(["http://inside.example/"]).post("http://inside.example/", b"", {}, seconds=1, most=1)


def test_an_entry_is_an_address() -> None:
    for entry in ("example.org", "ftp://example.org/", "http://", "http://x:y@example.org/"):
        with pytest.raises(BadInput):
            Door([entry])
    done = run_cli("serve", "--allow-service", "example.org")
    assert (done.returncode, "http or https URL" in done.stderr) == (2, True)


def test_two_servers(releases: Path, served_url: str) -> None:
    """One of our servers asks another, over HTTP, with all limits of a query; its answer is not kept."""
    query = """PREFIX pg: <https://w3id.org/pactgraph/ns#>
        SELECT (COUNT(DISTINCT ?state) AS ?states) { SERVICE <@/sparql> { ?state a pg:State } ?state a pg:State }"""
    with serving(releases, "--allow-service", f"{served_url}/sparql", "--workers", "1") as address:

        def ask(text: str, **more: str) -> requests.Response:
            asked = {"query": text.replace("@", served_url), "format": "json", **more}
            return requests.get(f"{address}/sparql", params=asked, timeout=30)

        answer = ask(query)
        assert int(answer.json()["results"]["bindings"][0]["states"]["value"]) > 100
        assert (answer.headers["Cache-Control"], "ETag" in answer.headers) == ("no-store", False)
        assert ask("SELECT * { SERVICE <@/sparql> { ?s ?p } }").status_code == 400
        assert ask("SELECT * { SERVICE <@/graphs> { ?s ?p ?o } }").status_code == 403
        failed = ask("SELECT * { SERVICE <@/sparql/none> { ?s ?p ?o } }")
        assert (failed.status_code, "status 404" in failed.json()["detail"]) == (502, True)
        description = requests.get(f"{address}/sparql", headers={"Accept": "text/turtle"}, timeout=30).text
        assert "sd:BasicFederatedQuery" in description
