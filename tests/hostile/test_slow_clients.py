"""Clients that are slow on purpose: they hold connections, never threads, and each has its time."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from pactgraph.web.patience import LINGER_SECONDS, READ_SECONDS, WRITE_SECONDS
from tests.hostile.harness import MIB, Server, WellBehaved, assert_undisturbed, load, memory, quiet, raise_file_limit, server

HEAD = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
BIG = "SELECT * { ?s ?p ?o } LIMIT 20000"
ASK_BIG = f"GET /sparql?query={requests.utils.quote(BIG)} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")


@pytest.fixture(scope="module")
def running(releases: Path) -> Iterator[Server]:
    raise_file_limit()
    with server(releases, "--query-timeout", "2", "--max-bytes-mib", "16", "--log", "none", "--rate", "0") as found:
        yield found


@pytest.fixture(scope="module", autouse=True)
def untaken(releases: Path) -> Iterator[tuple[socket.socket, float]]:
    """A connection to another server whose answer nobody takes, and when it asked: long before its test, which comes last."""
    with server(releases, "--log", "none") as other, contextlib.ExitStack() as closing:
        sock, *_ = [closing.enter_context(sock) for sock in slow_readers(other)]
        yield sock, time.monotonic()


@pytest.fixture(scope="module")
def before(running: Server) -> WellBehaved:
    """A well-behaved client, alone."""
    return quiet(running)


def trickle(socks: list[socket.socket], done: threading.Event) -> None:
    """Send a byte on each connection, once a second."""
    while not done.wait(1):
        for sock in socks:
            with contextlib.suppress(OSError):
                sock.send(b"a")


def idle(running: Server) -> list[socket.socket]:
    """A thousand connections that send nothing."""
    return [running.connect("127.0.0.5") for _ in range(1000)]


def slow_heads(running: Server) -> list[socket.socket]:
    """Heads that never end."""
    return _begin(running, b"GET /" + b"?", 200)


def slow_bodies(running: Server) -> list[socket.socket]:
    """Bodies that never end."""
    return _begin(running, HEAD + b"Content-Length: 100000\r\n\r\nquery=", 200)


def slow_chunks(running: Server) -> list[socket.socket]:
    """Chunked bodies that never end."""
    return _begin(running, HEAD + b"Transfer-Encoding: chunked\r\n\r\n10000\r\nquery=", 200)


def slow_readers(running: Server) -> list[socket.socket]:
    """Large answers that nobody takes."""
    return _begin(running, ASK_BIG, 24)


def no_closing(running: Server) -> list[socket.socket]:
    """Connections that the server has ended, and the client has not."""
    return _begin(running, b"GET /robots.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200)


def _begin(running: Server, sent: bytes, count: int) -> list[socket.socket]:
    socks = []
    for _ in range(count):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.bind(("127.0.0.5", 0))
        sock.connect(("127.0.0.1", running.port))
        sock.sendall(sent)
        socks.append(sock)
    return socks


ATTACKS = [idle, slow_heads, slow_bodies, slow_chunks, slow_readers, no_closing]


def withstand(running: Server, before: WellBehaved, attacks: list[Callable[[Server], list[socket.socket]]]) -> None:
    """Hold the latency of a well-behaved client under attack against its quiet value, and the memory of the server."""
    busy = load()
    done = threading.Event()
    socks = [sock for attack in attacks for sock in attack(running)]
    thread = threading.Thread(target=trickle, args=(socks, done))
    thread.start()
    try:
        with WellBehaved(running) as reader:
            reader.wait()
    finally:
        done.set()
        thread.join()
        for sock in socks:
            sock.close()
    assert_undisturbed(reader, before, max(busy, load()))
    assert memory(running.web_process()) <= 600 * MIB


def test_slow_clients_of_every_kind_stop_nobody(running: Server, before: WellBehaved) -> None:
    withstand(running, before, ATTACKS)


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS)
def test_slow_clients_of_one_kind_stop_nobody(
    running: Server, before: WellBehaved, attack: Callable[[Server], list[socket.socket]]
) -> None:
    withstand(running, before, [attack])


def test_old_connections_make_room_for_new_ones(releases: Path) -> None:
    raise_file_limit()
    with server(releases, "--connections", "100", "--log", "none") as running:
        socks = [running.connect("127.0.0.5") for _ in range(300)]
        try:
            assert requests.get(f"{running.url}/healthz", timeout=5).ok
        finally:
            for sock in socks:
                sock.close()


@pytest.mark.slow
def test_a_request_has_its_time(running: Server) -> None:
    done = threading.Event()
    started = time.monotonic()
    silent, slow = idle(running), [*slow_heads(running), *slow_bodies(running), *slow_chunks(running)]
    thread = threading.Thread(target=trickle, args=(slow, done))
    thread.start()
    try:
        for sock in (*slow[::20], *silent[::50]):
            sock.settimeout(READ_SECONDS + 20)
            answer = sock.recv(65536)
            assert (int(answer.split()[1]) if answer else 0) == (408 if sock in slow else 0)
        assert READ_SECONDS - 2 < time.monotonic() - started < READ_SECONDS + LINGER_SECONDS + 10
    finally:
        done.set()
        thread.join()
        for sock in (*silent, *slow):
            sock.close()


def test_an_answer_that_nobody_takes_is_cut_so_that_it_shows(untaken: tuple[socket.socket, float]) -> None:
    sock, asked = untaken
    time.sleep(max(0.0, asked + WRITE_SECONDS + 10 - time.monotonic()))
    taken, reset = b"", False
    sock.settimeout(20)
    try:
        while piece := sock.recv(65536):
            taken += piece
    except ConnectionResetError:
        reset = True
    head, _, body = taken.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0]) if head else 1
    assert reset or len(body) < length
