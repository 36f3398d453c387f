"""kill -9 while releases are written, switched, rolled back, pruned: nothing acknowledged is lost, nothing half is served."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pactgraph.release import open_current, releases_of, verify
from tests.conftest import ROOT
from tests.release.conftest import make

# Writes, switches and prunes without end; says on its output what it has done, once it is done.
WRITER = """
import sys
from pathlib import Path
from pactgraph.release import prune, rollback
from tests.release.conftest import make
folder, number = Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
while True:
    number += 1
    print("try", f"2026.1.{number}", flush=True)
    print("done", make(folder, number, 300).id, flush=True)
    if number % 3 == 0:
        print("try", "rollback", flush=True)
        print("done", rollback(folder).id, flush=True)
    if number % 4 == 0:
        prune(folder, 2)
"""


def killed_while_writing(folder: Path, number: int, after: float) -> list[list[str]]:
    """Run the writer, kill it some seconds after it began, and give the lines that it had written."""
    command = [sys.executable, "-c", WRITER, str(folder), str(number)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    lines = process.stdout.read().splitlines()
    process.wait()
    process.stdout.close()
    return [line.split() for line in lines if len(line.split()) == 2]


@pytest.mark.parametrize("point", range(32))
def test_a_killed_writer_leaves_a_whole_current_release(tmp_path: Path, point: int) -> None:
    folder = tmp_path / "releases"
    make(folder, 0)
    last = open_current(folder).id
    lines = killed_while_writing(folder, 1, random.Random(point).uniform(0, 0.25))
    for word, name in lines:
        last = name if word == "done" else last
    tried = lines[-1][1] if lines and lines[-1][0] == "try" else None
    current = open_current(folder)
    assert list(verify(folder)) == []
    moved_on = tried == "rollback" or (tried is not None and current.id.startswith(tried))
    assert current.id == last or moved_on, (current.id, lines[-3:])
    for release in releases_of(folder):
        assert list(verify(folder, release.id)) == []
    make(folder, 1000)
    assert open_current(folder).manifest["version"] == "2026.1.1000"
    left = {path.name for path in folder.iterdir()} - {release.id for release in releases_of(folder)}
    assert left == {"current", "history.jsonl", ".lock"}
