"""A scratch server: an empty store on loopback, written to by whoever has the token; nothing of it is left."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import run_cli, serving

TURTLE = {"Content-Type": "text/turtle", "Authorization": "Bearer secret"}
TOKEN = {"Authorization": "Bearer secret"}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("none"), "--scratch", "--token", "secret") as address:
        yield address


@pytest.fixture(autouse=True)
def empty(scratch: str) -> None:
    assert requests.post(f"{scratch}/update", data={"update": "DROP ALL"}, headers=TOKEN, timeout=30).status_code == 204


def ask(url: str, query: str) -> bool:
    answer = requests.get(f"{url}/sparql", params={"query": query, "format": "json"}, timeout=30)
    return bool(answer.json()["boolean"])


def test_what_is_written_is_read_at_once_and_caches_know(scratch: str) -> None:
    query = {"query": "ASK { <x:a> <x:b> 1 }", "format": "json"}
    before = requests.get(f"{scratch}/sparql", params=query, timeout=30)
    update = requests.post(f"{scratch}/update", data={"update": "INSERT DATA { <x:a> <x:b> 1 }"}, headers=TOKEN, timeout=30)
    assert update.status_code == 204
    after = requests.get(f"{scratch}/sparql", params=query, headers={"If-None-Match": before.headers["ETag"]}, timeout=30)
    assert (before.json()["boolean"], after.status_code, after.json()["boolean"]) == (False, 200, True)


def test_the_default_graph_is_no_union(scratch: str) -> None:
    requests.put(f"{scratch}/graphs", params={"graph": "x:g"}, data="<x:a> <x:b> 1 .", headers=TURTLE, timeout=30)
    assert not ask(scratch, "ASK { <x:a> <x:b> 1 }")
    assert ask(scratch, "ASK { GRAPH <x:g> { <x:a> <x:b> 1 } }")


def test_an_update_happens_whole_or_not_at_all(scratch: str) -> None:
    update = "INSERT DATA { <x:a> <x:b> 1 } ; CREATE GRAPH <x:g> ; CREATE GRAPH <x:g>"
    failed = requests.post(f"{scratch}/update", data={"update": update}, headers=TOKEN, timeout=30)
    assert failed.status_code == 422
    assert not ask(scratch, "ASK { <x:a> <x:b> 1 }")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic c2VjcmV0Og=="}])
def test_without_the_token_nothing_is_written(scratch: str, headers: dict[str, str]) -> None:
    requests_made = [
        requests.post(f"{scratch}/update", data={"update": "INSERT DATA { <x:a> <x:b> 1 }"}, headers=headers, timeout=30),
        requests.put(
            f"{scratch}/graphs?default", data="<x:a> <x:b> 1 .", headers=TURTLE | headers | {"Authorization": ""}, timeout=30
        ),
        requests.delete(f"{scratch}/graphs?default", headers=headers, timeout=30),
    ]
    for response in requests_made:
        assert (response.status_code, response.headers["Content-Type"]) == (401, "application/problem+json")
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert not ask(scratch, "ASK { ?s ?p ?o }")


def test_a_release_is_read_only_whatever_is_sent(served_url: str) -> None:
    for response in (
        requests.post(f"{served_url}/update", data={"update": "DROP ALL"}, headers={"Authorization": "Bearer "}, timeout=30),
        requests.put(f"{served_url}/graphs?default", data="<x:a> <x:b> 1 .", headers=TURTLE, timeout=30),
    ):
        assert response.status_code == 403
        assert "changes nothing" in response.json()["detail"]
    assert requests.get(f"{served_url}/graphs", params={"graph": "https://w3id.org/pactgraph/graph/links"}, timeout=30).ok


def test_a_scratch_store_has_no_releases_to_name(scratch: str) -> None:
    for release in ("x", "2026.11.0-1f0c"):
        asked = requests.get(f"{scratch}/sparql", params={"query": "ASK {}", "release": release}, timeout=30)
        assert asked.status_code == 404, asked.text
    assert requests.get(f"{scratch}/releases", timeout=30).status_code == 404
    assert requests.put(f"{scratch}/releases/current", json={"release": "x"}, headers=TOKEN, timeout=30).status_code == 403
    assert ask(scratch, "ASK {}")


def test_a_scratch_store_stays_on_this_machine(tmp_path: Path) -> None:
    done = run_cli("serve", "--scratch", "--host", "0.0.0.0", cwd=tmp_path)
    assert (done.returncode, "loopback" in done.stderr) == (2, True)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    def folders() -> set[Path]:
        return set(Path(tempfile.gettempdir()).glob("pactgraph-scratch-*"))

    before = folders()
    with serving(tmp_path, "--scratch") as address:
        assert requests.get(f"{address}/sparql", params={"query": "ASK {}"}, timeout=30).ok
        assert len(folders() - before) == 1
    assert not folders() - before


def test_what_a_killed_server_left_is_removed_by_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    left = tmp_path / "pactgraph-scratch-of-a-killed-one"
    left.mkdir()
    with serving(tmp_path, "--scratch"), serving(tmp_path, "--scratch"):
        folders = list(tmp_path.glob("pactgraph-scratch-*"))
        assert len(folders) == 2 and left not in folders, "nor is that of a server that runs removed by another"
