"""kill -9 while releases are written to, built, switched, rolled back: nothing acknowledged is lost, nothing half is served."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pyoxigraph import Store

from pactgraph.release import add_token, backup, history, open_current, open_release, releases_of, tokens_of, verify
from tests.conftest import wait_until_served
from tests.ports import free_port
from tests.release.conftest import MINE, make, tiny
from tests.release.crash import ACTIONS, run, write

POINTS = 8  # of each action; bench/writes.py sweeps all


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive and with releases: one built, two written."""
    folder = tmp_path_factory.mktemp("crash") / "releases"
    make(folder, 0)
    backup(folder, folder.parent / "backup.tar")
    tiny(folder)
    write(folder)
    write(folder)
    return folder


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared.parent, tmp_path / "copy", symlinks=True)
    return tmp_path / "copy" / "releases"


def check(folder: Path, action: str, before: str, said: str) -> None:
    """Hold a folder, after a crash, to what must be true of it; then go on with it."""
    current = open_current(folder)
    assert current.id == said or not said
    if action == "write":  # what was acknowledged before is there, whether or not this was
        assert current.written[MINE] - open_release(folder, before).written[MINE] in (0, 1)
    for release in releases_of(folder):
        assert list(verify(folder, release.id)) == []
    written = Store.read_only(str(current.store_path))
    assert len(written) == current.manifest["quads"]
    assert all(entry["release"] for entry in history(folder))
    tokens_of(folder)
    if current.manifest["version"].startswith("2026.1."):  # the small one of another version, built or restored
        make(folder, 1)
    else:
        assert write(folder) == open_current(folder).id
    left = {path.name for path in folder.iterdir()} - {release.id for release in releases_of(folder)}
    assert left - {"tokens.json"} == {"current", "history.jsonl", ".lock"}


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS)
def test_a_kill_before_any_step_leaves_a_whole_current_release(
    action: str, prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def copy() -> Path:
        copied = tmp_path_factory.mktemp("copy") / "copy"
        shutil.copytree(prepared.parent, copied, symlinks=True)
        return copied / "releases"

    said, steps = run(copy(), action)
    assert said and steps > 3
    for step in sorted({1 + number * (steps - 1) // (POINTS - 1) for number in range(POINTS)}):
        folder = copy()
        before = open_current(folder).id
        said, _ = run(folder, action, step=step)
        check(folder, action, before, said)
        shutil.rmtree(folder.parent)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(6))
def test_a_kill_at_any_time_leaves_a_whole_current_release(folder: Path, point: int) -> None:
    before = open_current(folder).id
    action = ("write", "build")[point % 2]
    said, _ = run(folder, action, seconds=random.Random(point).uniform(0.01, 0.4))
    check(folder, action, before, said)


@pytest.fixture
def killable(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, str]]:
    """A server that a test may kill, its address, and a token."""
    token, port = add_token(folder, "writer", ("graphs",)), free_port()
    command = [sys.executable, "-m", "pactgraph", "serve", "--releases", str(folder), "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        wait_until_served(f"http://127.0.0.1:{port}", process)
        yield process, f"http://127.0.0.1:{port}", token
    finally:
        process.kill()
        process.wait()


def test_what_a_server_acknowledged_outlives_it(folder: Path, killable: tuple[subprocess.Popen[bytes], str, str]) -> None:
    """All processes of a server are killed while it takes writes."""
    process, address, token = killable
    acknowledged: list[int] = []

    def send() -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/turtle"}
        for number in range(1000):
            try:
                data = f"<x:a> <x:number> {number} ."
                if requests.post(f"{address}/graphs?graph=x:g", data=data, headers=headers, timeout=30).status_code > 204:
                    return
            except requests.RequestException:
                return
            acknowledged.append(number)
            if number == 2:
                threading.Timer(0.3, kill).start()

    def kill() -> None:
        os.killpg(process.pid, signal.SIGKILL)

    send()
    assert len(acknowledged) >= 3
    current = open_current(folder)
    assert list(verify(folder)) == []
    index = Store.read_only(str(current.store_path))
    for number in acknowledged:
        assert index.query(f"ASK {{ GRAPH <x:g> {{ <x:a> <x:number> {number} }} }}")
    assert current.written["x:g"] - len(acknowledged) in (0, 1)
    assert json.loads((folder / "history.jsonl").read_text().splitlines()[-1])["by"] == "writer"
