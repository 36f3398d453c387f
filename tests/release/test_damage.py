"""What happens to releases that is nobody's wish: no room, no leave to write, damage, loss. The message says what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from pyoxigraph import Store

from pactgraph.release import add_token, history, mend, open_current, releases_of, rollback, verify
from pactgraph.release import write as writing
from tests.conftest import run_cli, wait_until_served
from tests.ports import free_port
from tests.release.conftest import make

LARGE = "".join(f'<x:a> <x:b> "{number}" .\n' for number in range(20_000))


class Server:
    """A server with a token, on a folder that things happen to."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.headers = address, {"Authorization": f"Bearer {token}", "Content-Type": "text/turtle"}

    def put(self, data: str) -> requests.Response:
        return requests.put(f"{self.address}/graphs?graph=x:g", data=data, headers=self.headers, timeout=60)

    def reads(self) -> bool:
        asked = {"query": "ASK { ?s ?p ?o }", "format": "json"}
        return requests.get(f"{self.address}/sparql", params=asked, timeout=60).json() == {"head": {}, "boolean": True}


@contextmanager
def served(folder: Path, limit: str = "true") -> Iterator[Server]:
    """Serve a folder from a shell that sets a limit first."""
    token, port = add_token(folder, "writer", ("graphs",)), free_port()
    command = f"{limit}; exec {sys.executable} -m pactgraph serve --releases {folder} --port {port} --workers 1"
    process = subprocess.Popen(["bash", "-c", command])
    try:
        wait_until_served(f"http://127.0.0.1:{port}", process)
        yield Server(f"http://127.0.0.1:{port}", token)
    finally:
        process.terminate()
        process.wait(timeout=20)


def whole(folder: Path) -> bool:
    """Say whether every release is whole, and nothing else is left in the folder."""
    left = {path.name for path in folder.iterdir()} - {release.id for release in releases_of(folder)}
    assert left == {"current", "history.jsonl", ".lock", "tokens.json"}
    return all(not list(verify(folder, release.id)) for release in releases_of(folder))


def test_a_full_disk_refuses_what_does_not_fit_and_no_more(writable: Path) -> None:
    """The limit is that of the system on the size of a file (RLIMIT_FSIZE), which is met as a full disk is: while writing."""
    with served(writable, "ulimit -f 2048") as server:
        assert server.put("<x:a> <x:b> 1 .").status_code == 201
        before = open_current(writable).id
        refused = server.put(LARGE)
        assert (refused.status_code, "make room" in refused.json()["detail"]) == (507, True), refused.text
        assert open_current(writable).id == before and server.reads()
        assert server.put("<x:a> <x:b> 2 .").status_code == 204
    assert whole(writable) and len(history(writable)) == 3


def test_a_folder_that_cannot_be_written_to_is_still_served(writable: Path) -> None:
    with served(writable) as server:
        (writable / ".lock").unlink()
        (writable / ".lock").mkdir()
        refused = server.put("<x:a> <x:b> 1 .")
        assert (refused.status_code, "let this user write there" in refused.json()["detail"]) == (503, True), refused.text
        assert server.reads()
        (writable / ".lock").rmdir()
        assert server.put("<x:a> <x:b> 1 .").status_code == 201
    assert whole(writable)


def test_a_damaged_dump_stops_writes_not_reads(writable: Path) -> None:
    with served(writable) as server:
        assert server.put("<x:a> <x:b> 1 .").status_code == 201
        dump = open_current(writable).path / "dumps/pactgraph.nq.gz"
        good = dump.read_bytes()
        dump.write_bytes(good[:-8])
        refused = server.put("<x:a> <x:b> 2 .")
        assert (refused.status_code, "restore it from a backup" in refused.json()["detail"]) == (503, True), refused.text
        assert server.reads()
        dump.write_bytes(good)
        assert server.put("<x:a> <x:b> 2 .").status_code == 204
    assert whole(writable)


def test_a_release_that_goes_missing_is_served_until_the_server_ends(writable: Path) -> None:
    with served(writable) as server:
        assert server.reads()
        lost = open_current(writable).path
        lost.rename(lost.with_name(".lost"))
        time.sleep(1.1)  # the server looks which release is current once a second
        assert server.reads()
        for response in (server.put("<x:a> <x:b> 1 ."), requests.get(f"{server.address}/download/void.ttl", timeout=60)):
            assert response.status_code == 503, response.text
            assert "pactgraph build" in response.text or "from a backup" in response.text
    done = run_cli("serve", "--releases", str(writable))
    assert (done.returncode, "pactgraph build" in done.stderr) == (2, True), done.stderr


def test_a_damaged_index_is_not_served_and_is_mended(writable: Path) -> None:
    first = open_current(writable)
    make(writable, 9)
    second = open_current(writable)
    rollback(writable, first.id)
    (second.store_path / "CURRENT").write_bytes(b"")
    with served(writable) as server:
        writing.switch(writable, second.id, "restore")
        time.sleep(1.1)
        assert server.reads()
        ready = requests.get(f"{server.address}/readyz", timeout=60).json()
        assert ready["release"] == first.id  # the one that cannot be opened is not moved to
        done = run_cli("serve", "--releases", str(writable))
        assert (done.returncode, f"pactgraph release mend {second.id}" in done.stderr) == (2, True), done.stderr
        assert run_cli("release", "mend", "--releases", str(writable)).returncode == 0
        time.sleep(1.1)
        assert server.reads()
        assert requests.get(f"{server.address}/readyz", timeout=60).json()["release"] == second.id
    assert whole(writable)


def test_an_index_that_is_not_there_is_made_anew(writable: Path) -> None:
    store = open_current(writable).store_path
    shutil.rmtree(store)
    assert mend(writable).id == open_current(writable).id
    assert len(Store.read_only(str(store))) and list(verify(writable)) == []


def test_a_history_that_cannot_be_written_does_not_undo_what_is_done(writable: Path) -> None:
    (writable / "history.jsonl").rename(writable / "old")
    (writable / "history.jsonl").mkdir()
    made = make(writable, 5)
    assert open_current(writable).id == made.id


def test_a_torn_line_of_the_history_costs_no_other(writable: Path) -> None:
    with (writable / "history.jsonl").open("a") as file:
        file.write('{"at": "2026')
    make(writable, 5)
    assert [entry["action"] for entry in history(writable)] == ["publish", "publish"]
