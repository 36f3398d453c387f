"""Writing to a served release over HTTP: who may, what is answered, and what becomes of readers and of other writers."""

from __future__ import annotations

import json
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from pactgraph import cli_token
from pactgraph.release import SCOPES, add_token, history, holder, open_current, remove_token, rollback, tokens_of
from tests.conftest import run_cli, serving
from tests.release.conftest import MINE, PG, STATE, tiny

GRAPHS = f"/graphs?graph={MINE}"
B = f'<{STATE}b> a <{PG}State> ; <http://www.w3.org/2000/01/rdf-schema#label> "B"@en .'


class Client:
    """Sends requests with a token."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token = address, token

    def send(self, method: str, path: str, data: str = "", kind: str = "text/turtle", **headers: str) -> requests.Response:
        sent = {"Content-Type": kind, "Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(method, self.address + path, data=data.encode(), headers=sent, timeout=60)

    def update(self, text: str, **headers: str) -> requests.Response:
        return self.send("POST", "/update", text, "application/sparql-update", **headers)

    def ask(self, pattern: str, **more: str) -> bool:
        asked = {"query": f"ASK {{ {pattern} }}", "format": "json", **more}
        return bool(requests.get(f"{self.address}/sparql", params=asked, timeout=60).json()["boolean"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("writes") / "releases"
    tiny(folder)
    return folder


@pytest.fixture(scope="module")
def tokens(folder: Path) -> dict[str, str]:
    found = {scope: add_token(folder, f"only-{scope}", (scope,)) for scope in SCOPES}
    return {**found, "all": add_token(folder, "all", tuple(SCOPES))}


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder, "--workers", "1") as address:
        yield address


@pytest.fixture
def client(address: str, tokens: dict[str, str]) -> Client:
    return Client(address, tokens["all"])


def test_without_a_token_a_release_is_read_only_and_one_with_tokens_says_who_may(address: str, folder: Path) -> None:
    nobody = Client(address, "")
    assert nobody.send("PUT", GRAPHS, B).status_code == 403  # there is no token yet
    token = add_token(folder, "first", ("graphs",))
    for sent, status, words in (
        ({"Authorization": ""}, 401, 'Bearer realm="Pactgraph"'),
        ({"Authorization": "Basic eDp5"}, 401, 'Bearer realm="Pactgraph"'),
        ({"Authorization": "Bearer wrong"}, 401, 'error="invalid_token"'),
        ({"Authorization": f"Bearer {token[:-1]}"}, 401, 'error="invalid_token"'),
    ):
        refused = nobody.send("PUT", GRAPHS, B, **sent)
        assert (refused.status_code, words in refused.headers["WWW-Authenticate"]) == (status, True), refused.text
    remove_token(folder, "first")
    assert Client(address, token).send("PUT", GRAPHS, B).status_code == 403
    assert history(folder)[1:] == []


def test_a_token_allows_what_its_scopes_say(address: str, tokens: dict[str, str]) -> None:
    for scope, write in (
        ("graphs", lambda one: one.update("INSERT DATA {}")),
        ("release", lambda one: one.send("DELETE", GRAPHS)),
        ("update", lambda one: one.send("PATCH", GRAPHS, "CLEAR DEFAULT", "application/sparql-update")),
    ):
        refused = write(Client(address, tokens[scope]))
        assert (refused.status_code, 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]) == (403, True)
    assert Client(address, tokens["graphs"]).send("DELETE", GRAPHS).status_code == 404
    assert Client(address, tokens["update"]).update("INSERT DATA {}").status_code == 204


def test_what_is_acknowledged_is_there_and_is_the_current_release(client: Client, folder: Path) -> None:
    made = client.send("PUT", GRAPHS, B)
    assert (made.status_code, made.headers["X-Release"]) == (201, open_current(folder).id)
    assert made.headers["ETag"] == f'"{open_current(folder).id}"'
    assert client.ask(f"GRAPH <https://w3id.org/pactgraph/graph/inferred> {{ <{STATE}b> a <{PG}Agent> }}")
    read = requests.get(client.address + GRAPHS, headers={"Accept": "application/n-triples"}, timeout=60)
    assert read.text.count("\n") == 2
    assert client.send("POST", GRAPHS, "<x:a> <x:b> [] .").status_code == 204
    patch = "DELETE WHERE { <x:a> ?p ?o } ; INSERT DATA { <x:a> <x:c> 1 }"
    assert client.send("PATCH", GRAPHS, patch, "application/sparql-update").status_code == 204
    update = f"INSERT {{ GRAPH <{MINE}> {{ ?s <x:d> 2 }} }} WHERE {{ ?s <x:c> 1 }}"
    assert client.update(update).status_code == 204
    assert client.ask(f"GRAPH <{MINE}> {{ <x:a> <x:c> 1 ; <x:d> 2 }}") and not client.ask("<x:a> <x:b> ?o")
    stored = client.send("POST", "/graphs", "<x:a> <x:e> 3 .")
    assert (stored.status_code, requests.get(stored.headers["Location"], timeout=60).status_code) == (201, 200)
    assert client.send("DELETE", GRAPHS).status_code == 204
    assert requests.get(client.address + GRAPHS, timeout=60).status_code == 404
    assert {entry["by"] for entry in history(folder)[1:]} == {"all"}


def test_what_does_not_conform_is_422_with_the_report_as_asked(client: Client, folder: Path) -> None:
    before = open_current(folder).id, len(history(folder))
    bad = f"<{STATE}c> a <{PG}State> ."
    problem = client.send("PUT", GRAPHS, bad)
    assert (problem.status_code, problem.headers["Content-Type"]) == (422, "application/problem+json")
    found = problem.json()["findings"]
    assert [(one["focus"], one["message"], one["graph"]) for one in found] == [(f"{STATE}c", "Give the state one label.", MINE)]
    for media_type in ("text/turtle", "application/ld+json", "application/rdf+xml"):
        report = client.update(f"INSERT DATA {{ GRAPH <{MINE}> {{ {bad} }} }}", Accept=media_type)
        assert (report.status_code, report.headers["Content-Type"].split(";")[0]) == (422, media_type)
        assert "ValidationReport" in report.text and "Give the state one label." in report.text
    assert (open_current(folder).id, len(history(folder))) == before
    assert not client.ask(f"<{STATE}c> ?p ?o")


def test_graphs_of_files_are_not_written_to(client: Client) -> None:
    curated = "https://w3id.org/pactgraph/graph/curated"
    for response in (
        client.send("PUT", f"/graphs?graph={curated}", B),
        client.send("DELETE", f"/graphs?graph={curated}"),
        client.send("POST", "/graphs?default", B),
        client.update(f"CLEAR GRAPH <{curated}>"),
    ):
        assert response.status_code == 403
        assert "name a graph" in response.text or "made from files" in response.text


def test_if_match_means_a_release(client: Client, folder: Path) -> None:
    first = open_current(folder).id
    client.send("PUT", GRAPHS, B)
    read = requests.get(client.address + GRAPHS, timeout=60)
    for tag, status in ((f'"{first}"', 412), ('"x"', 412), (read.headers["ETag"], 204), ("*", 204)):
        response = client.send("POST", GRAPHS, f"<x:a> <x:b> {len(tag)} .", If_Match=tag)
        assert response.status_code == status, (tag, response.text)
    assert client.update("DROP ALL", If_Match=f'"{first}"').json()["release"] == open_current(folder).id


def test_writers_take_turns_and_none_is_lost(client: Client, folder: Path) -> None:
    """Six writers to two servers; of six that mean the same release, one is first."""
    with serving(folder, "--workers", "1") as other:
        clients = [Client(other if number % 2 else client.address, client.token) for number in range(6)]
        statuses: list[int] = []

        def each(write: str, **headers: str) -> None:
            statuses.clear()
            threads = [
                threading.Thread(target=lambda n=n, one=one: statuses.append(one.update(write % n, **headers).status_code))  # type: ignore[misc]
                for n, one in enumerate(clients)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        each("INSERT DATA { GRAPH <x:turns> { <x:writer> <x:number> %d } }")
        assert statuses == [204] * 6
        pattern = "GRAPH <x:turns> { " + " ".join(f"<x:writer> <x:number> {number} ." for number in range(6)) + " }"
        until = time.monotonic() + 10
        for one in clients[:2]:
            while not one.ask(pattern):  # the other server looks once a second
                assert time.monotonic() < until
                time.sleep(0.1)
        each("INSERT DATA { GRAPH <x:turns> { <x:first> <x:number> %d } }", If_Match=f'"{open_current(folder).id}"')
        assert sorted(statuses) == [204] + [412] * 5


def test_a_query_may_ask_an_earlier_release(client: Client, folder: Path) -> None:
    before = open_current(folder).id
    client.send("PUT", "/graphs?graph=x:later", "<x:later> <x:b> 1 .")
    pattern = "<x:later> ?p ?o"
    assert client.ask(pattern) and not client.ask(pattern, release=before)
    rollback(folder, before)
    client.send("PUT", "/graphs?graph=x:other", "<x:o> <x:b> 1 .")
    assert not client.ask(pattern)


def test_no_reader_is_dropped_while_releases_change(client: Client) -> None:
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(requests.get(f"{client.address}/sparql", params={"query": "ASK {}"}, timeout=60).status_code)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(3):
        assert client.send("PUT", GRAPHS, f"<x:a> <x:b> {number} .").ok
    done.set()
    reader.join()
    assert set(seen) == {200} and len(seen) > 3


def test_tokens_are_kept_as_hashes_in_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    done = run_cli("token", "add", "somebody", "--scope", "update", "--scope", "graphs", "--releases", str(folder))
    token = done.stdout.strip()
    assert done.returncode == 0 and len(token) > 40
    file = folder / "tokens.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token not in file.read_text()
    listed = run_cli("token", "list", "--json", "--releases", str(folder))
    assert [(one["name"], one["scopes"]) for one in json.loads(listed.stdout)] == [("somebody", ["graphs", "update"])]
    assert {scope.value for scope in cli_token.Scope} == set(SCOPES)
    found = holder(folder, token)
    assert found and found.name == "somebody" and holder(folder, token + "x") is None
    again = run_cli("token", "add", "somebody", "--scope", "update", "--releases", str(folder))
    assert (again.returncode, "already" in again.stderr) == (2, True)
    assert run_cli("token", "remove", "somebody", "--releases", str(folder)).returncode == 0
    assert (tokens_of(folder), stat.S_IMODE(file.stat().st_mode)) == ([], 0o600)
    file.write_text("{")
    assert "no file of tokens" in run_cli("token", "list", "--releases", str(folder)).stderr
