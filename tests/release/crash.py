"""A process that changes releases and is killed (SIGKILL) on the way: before its n-th step, or after a time.

A step is a file or folder below the releases that is opened, made, renamed, linked or removed, or written through to the disk.
Python tells of each before it happens (audit hooks), so every state that a crash can leave between two steps can be made. What
happens inside the engine's own library has no steps; there the time decides.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pactgraph.pipeline.writes import apply
from pactgraph.release import Change, add_token, open_current, prune, restore, rollback
from tests.release.conftest import MINE, make

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__, "pyshacl"])
_STEPS = {"open", "os.rename", "os.symlink", "os.mkdir", "os.remove", "os.rmdir", "os.link"}


def write(folder: Path) -> str:
    return apply(folder, Change("post", graph=MINE, ntriples=f'<x:a> <x:b> "{time.time_ns()}" .\n'.encode())).release


def build(folder: Path) -> str:
    return make(folder, time.time_ns() % 1_000_000).id


def roll_back(folder: Path) -> str:
    return rollback(folder).id


def restored(folder: Path) -> str:
    return restore(folder, folder.parent / "backup.tar").id


def pruned(folder: Path) -> str:
    prune(folder, 0)
    return open_current(folder).id


def token(folder: Path) -> str:
    add_token(folder, "another", ("update",))
    return open_current(folder).id


ACTIONS: dict[str, Callable[[Path], str]] = {
    "write": write,
    "build": build,
    "rollback": roll_back,
    "restore": restored,
    "prune": pruned,
    "token": token,
}


def run(folder: Path, action: str, *, step: int = 0, seconds: float = 0.0) -> tuple[str, int]:
    """Do something in a process that is killed before a step, or after a time (0: neither).

    Give the release that it said to be current, empty if it was killed before; and how many steps it took.
    """
    receiver, sender = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_child, args=(str(folder), action, step, sender))
    process.start()
    sender.close()
    try:
        if seconds:
            receiver.recv()  # it begins
            time.sleep(seconds)
            process.kill()
        answers = []
        while True:
            answers.append(receiver.recv())
    except EOFError:
        pass
    process.join()
    done: Any = next((answer for answer in answers if isinstance(answer, tuple)), ("", 0))
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return done


def _child(folder: str, action: str, step: int, sender: Connection) -> None:
    taken = 0

    def next_step() -> None:
        nonlocal taken
        taken += 1
        if taken == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(event: str, arguments: tuple[object, ...]) -> None:
        if event in _STEPS and any(str(one).startswith(folder) for one in arguments[:2]):
            next_step()

    def synced(descriptor: int, real: Callable[[int], None] = os.fsync) -> None:
        next_step()
        real(descriptor)

    sender.send("begins")
    os.fsync = synced
    sys.addaudithook(audited)
    sender.send((ACTIONS[action](Path(folder)), taken))
