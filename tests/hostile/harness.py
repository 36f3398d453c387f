"""A real server with small limits, clients with addresses of their own, and what the system says of the server's processes."""

from __future__ import annotations

import contextlib
import json
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from tests.ports import free_port

PACT = "https://w3id.org/pactgraph/id/pact/russia-dprk-csp-2024"
QUERY_TYPE = "application/sparql-query"
MIB = 1024 * 1024


class _From(HTTPAdapter):
    """Sends from an address of its own: all of 127.0.0.0/8 is this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__(pool_connections=1, pool_maxsize=64)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, source_address=(self._address, 0), **options)


def client(address: str) -> requests.Session:
    """Give a client with an address."""
    session = requests.Session()
    session.mount("http://", _From(address))
    return session


@dataclass
class Server:
    """A running server: its address, its process, its log."""

    url: str
    port: int
    pid: int
    log: Path

    def ask(self, session: requests.Session, query: str, **options: Any) -> requests.Response:
        headers = {"Content-Type": QUERY_TYPE, "Accept": options.pop("accept", "*/*")}
        data = query.encode("utf-8", "surrogatepass")
        return session.post(f"{self.url}/sparql", data=data, headers=headers, timeout=60, **options)

    def lines(self) -> dict[str, dict[str, Any]]:
        """Give the log lines of queries, by query id."""
        texts = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        found = [json.loads(text) for text in texts if text.startswith('{"query_id"')]
        return {line["query_id"]: line for line in found}

    def connect(self, address: str = "127.0.0.1", timeout: float = 30) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout, source_address=(address, 0))

    def send(self, sent: bytes, address: str = "127.0.0.1") -> tuple[int, bytes]:
        """Send bytes; give the status (0: closed without one) and the head of the answer."""
        with self.connect(address) as sock:
            answer = b""
            with contextlib.suppress(ConnectionError, BrokenPipeError):
                sock.sendall(sent)
            with contextlib.suppress(ConnectionError):
                while b"\r\n\r\n" not in answer and (piece := sock.recv(65536)):
                    answer += piece
        return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0, answer

    def family(self) -> set[int]:
        """Give the processes of the server."""
        parents: dict[int, int] = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with contextlib.suppress(OSError):
                    parents[int(folder.name)] = parent(int(folder.name))
        found = {self.pid}
        while more := {child for child, parent in parents.items() if parent in found} - found:
            found |= more
        return found

    def workers(self) -> set[int]:
        """Give the processes that evaluate queries: forkserver's children."""
        servers = {pid for pid in self.family() if b"forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()}
        return {pid for pid in servers if parent(pid) in servers}

    def web_process(self) -> int:
        """Give the process that serves requests: the child of the one that was started."""
        return next(pid for pid in sorted(self.family()) if pid != self.pid)


def parent(pid: int) -> int:
    """Give the process that started one. Raises OSError if it is gone."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def memory(pid: int, name: str = "VmRSS") -> int:
    """Give bytes that a process uses (VmRSS), or used at most (VmHWM); 0 if it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def alive(pids: set[int]) -> set[int]:
    """Give those processes that still run (one that only waits to be reaped does not)."""
    found = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.add(pid)
    return found


def raise_file_limit() -> None:
    """Let this process hold a few thousand connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 65536, hard))


@contextlib.contextmanager
def server(releases: Path, *options: str) -> Iterator[Server]:
    """Run a server; at the end, it must end, and every process of it."""
    port = free_port()
    command = [sys.executable, "-m", "pactgraph", "serve", "--releases", str(releases), "--port", str(port), *options]
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        running = Server(f"http://127.0.0.1:{port}", port, process.pid, Path(log.name))
        try:
            _wait_until_ready(running, process)
            yield running
        finally:
            family = running.family()
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
        end = time.monotonic() + 10
        while alive(family) and time.monotonic() < end:
            time.sleep(0.1)
        assert not alive(family), "processes are left behind"


def _wait_until_ready(running: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"{running.url}/readyz", timeout=2).ok:
                return
        assert process.poll() is None, running.log.read_text()
        time.sleep(0.1)
    raise AssertionError(running.log.read_text())


@dataclass
class WellBehaved:
    """A client that asks for one thing after another, as a reader does, and notes how long each took."""

    server: Server
    address: str = "127.0.0.1"
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"query": [], "page": []})
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> WellBehaved:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _read(self) -> None:
        number = 0
        with client(self.address) as session:
            while not self._done.wait(0.02):
                number += 1
                page = number % 5 == 0
                path = "/page/pact/russia-dprk-csp-2024" if page else "/sparql"
                query = {} if page else {"query": f"SELECT ?p ?o {{ <{PACT}> ?p ?o }} # {number}"}
                started = time.monotonic()
                try:
                    status = session.get(self.server.url + path, params=query, timeout=30).status_code
                except requests.RequestException as error:
                    status = 0
                    self.failures.append(repr(error))
                self.seconds["page" if page else "query"].append(time.monotonic() - started)
                if status not in (0, 200):
                    self.failures.append(f"{path}: {status}")

    def p95(self, kind: str) -> float:
        """Give the time in which 95 of 100 were answered."""
        return statistics.quantiles(self.seconds[kind], n=20, method="inclusive")[-1]

    def wait(self, seconds: float = 3, queries: int = 60, most: float = 20) -> None:
        """Let it read for a while, and on a busy machine on until it has read enough."""
        end = time.monotonic() + seconds
        while time.monotonic() < end or (len(self.seconds["query"]) < queries and time.monotonic() < end + most):
            time.sleep(0.1)


def quiet(running: Server) -> WellBehaved:
    """Measure the well-behaved client alone."""
    with WellBehaved(running) as reader:
        reader.wait()
    assert not reader.failures, reader.failures
    return reader


def load() -> float:
    """Say how much longer work takes than on an idle machine, because others use the processors: 1 is idle."""
    walls, works = time.monotonic(), time.thread_time()
    for _ in range(20):
        end = time.thread_time() + 0.01
        while time.thread_time() < end:
            pass
        time.sleep(0.01)
    return max(1.0, (time.monotonic() - walls - 20 * 0.01) / (time.thread_time() - works))


def assert_undisturbed(reader: WellBehaved, before: WellBehaved, busy: float) -> None:
    """Hold what a client saw against its quiet value: none refused, and p95 within 2 times, or a tenth of a second.

    The floor is there because a quiet answer takes a few milliseconds, to which any machine adds several by chance; it is
    higher on a machine that is busy with other things (`load`).
    """
    assert not reader.failures, reader.failures[:5]
    for kind in ("query", "page"):
        assert len(reader.seconds[kind]) >= 10, "too few to measure"
        assert reader.p95(kind) <= max(2 * before.p95(kind), 0.1) * busy, (kind, reader.p95(kind), before.p95(kind), busy)
