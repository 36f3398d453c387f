"""Fixtures that all tests share: built releases (one build for all test processes), a real server, what a machine may lack."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import IO, Any

import pytest

from pactgraph import research
from pactgraph.pipeline.populate import populate
from pactgraph.release import open_current
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.imports import IMPORTERS
from pactgraph.store import EmbeddedStore
from pactgraph.terms import GRAPH
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
# Millions of statements: tests/sources/test_treaties.py imports them without building a release.
COLLECTIONS = ("manytreaties-1.0.0", "uk-treaties", "un-multilateral-2015")
DEAR = ("imported", "derivations")  # fixtures
LONG = ("stores", "docs", "ontology", "fuzz", "browser")
REQUIRE_ALL = "PACTGRAPH_REQUIRE_ALL"
PREFIXES = """PREFIX pg: <https://w3id.org/pactgraph/ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX pact: <https://w3id.org/pactgraph/id/pact/>
PREFIX person: <https://w3id.org/pactgraph/id/person/> PREFIX office: <https://w3id.org/pactgraph/id/office/>
"""


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: tests often wait, for a server or for a limit of time."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, and in one all that want the same dear fixture: others would wait for it, idle.

    What takes longest begins first, so that no process is left with it at the end.
    """
    wanted = {item.path: name for name in DEAR for item in items if name in getattr(item, "fixturenames", ())}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(wanted.get(item.path, item.nodeid.partition("::")[0])))
    items.sort(key=lambda item: (item.path not in wanted, item.path.parent.name not in LONG))


def needs(present: object, what: str) -> None:
    """Skip a test whose machine lacks something; under PACTGRAPH_REQUIRE_ALL that is a failure."""
    if not present:
        (pytest.fail if os.environ.get(REQUIRE_ALL) else pytest.skip)(f"needs {what}")


def run_cli(*arguments: str, cwd: Path | None = None, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does, in a process of its own."""
    command = [sys.executable, "-m", "pactgraph", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False)


Once = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Make a folder for all test processes: the first that asks makes it, the others wait. Tests only read it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, partial = base / name, base / f"{name}.partial"
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir()
                make(partial)
                partial.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what tests import out of the user's cache."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def releases(once: Once) -> Path:
    """A folder with one release of the curated knowledge, built through the command line."""

    def build(folder: Path) -> None:
        done = run_cli("build", "--out", str(folder))
        assert done.returncode == 0, done.stdout + done.stderr

    return once("releases", build)


@dataclass(frozen=True)
class Imported:
    """A folder with one release of the curated knowledge and all sources but the large collections; and what the build said."""

    folder: Path
    report: dict[str, Any]

    @property
    def accounts(self) -> dict[str, list[dict[str, Any]]]:
        """For each source its files, each with the rows read, loaded and listed."""
        return self.report["accounts"]  # type: ignore[no-any-return]

    @cached_property
    def store(self) -> EmbeddedStore:
        """The index of the release."""
        return EmbeddedStore(open_current(self.folder).store_path)

    def ask(self, query: str, source: str = "") -> list[tuple[str, ...]]:
        """Give the rows of an answer (of what one source says), IRIs shortened to what follows the last slash."""
        where = f"FROM <{GRAPH[source]}> {{" if source else "{"
        found = self.store.values(PREFIXES + query.replace("{", where, 1))
        return [tuple(value.rpartition("/")[2] for value in row.values()) for row in found]

    def export(self, table: str, source: str, own: str = "") -> list[dict[str, str]]:
        """Give the rows of a research table."""
        out = io.BytesIO()
        assert research.write(research.plan(self.store, research.Request(table, (source,), own=own)), "csv", out) > 0
        return list(csv.DictReader(io.StringIO(out.getvalue().decode())))


@pytest.fixture(scope="session")
def imported(once: Once, shared: Path) -> Imported:
    """The release of all sources but the large collections of treaties, built through the command line."""
    wanted = [word for name in IMPORTERS if name not in COLLECTIONS for word in ("--with", name)]

    def build(folder: Path) -> None:
        done = run_cli("build", "--out", str(folder), "--sources", str(shared / "data"), "--json", *wanted, timeout=900)
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "report.json").write_text(done.stdout, encoding="utf-8")

    folder = once("imported", build)
    return Imported(folder, json.loads((folder / "report.json").read_text(encoding="utf-8")))


def wait_until_served(address: str, process: subprocess.Popen[Any], log: IO[str] | None = None) -> None:
    """Wait until a server answers; fail with its log if it ends."""
    for _ in range(200):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/healthz", timeout=2):
            break
        assert process.poll() is None, log and (log.seek(0) or log.read())
        time.sleep(0.1)


@contextlib.contextmanager
def serving(releases: Path, *options: str, python: Path | str = sys.executable) -> Iterator[str]:
    """Run a real server on a free port; give its address."""
    port = free_port()
    command = [str(python), "-m", "pactgraph", "serve", "--releases", str(releases), "--port", str(port), *options]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, text=True)
        try:
            wait_until_served(address, process, log)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
            log.seek(0)
            if "Traceback" in (said := log.read()):
                sys.stderr.write(said)  # shown where a test failed


@pytest.fixture(scope="session")
def crosswalk() -> Crosswalk:
    """What codes of states mean."""
    known = populate()
    return Crosswalk.of(known.curated.graph, known.links)


@pytest.fixture(scope="session")
def served_url(releases: Path) -> Iterator[str]:
    """The address of a real server on the built release, without a trailing slash."""
    with serving(releases) as address:
        yield address


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of source data and conformance suites beside the checkout."""
    needs(SHARED.is_dir(), "the folder ../shared with source data and suites")
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> str:
    """A Chromium browser."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    needs(path, "Chromium")
    return str(path)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another server, and the requests that it saw."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_error(500)

        do_POST = do_GET

    other = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=other.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{other.server_port}/x", seen
    other.shutdown()
    thread.join()
    other.server_close()
