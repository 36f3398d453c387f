"""deploy/nginx.conf as it is, but for addresses and files, in front of two real servers: TLS, links, failures, large files."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import trustme

from tests.conftest import ROOT, needs, serving
from tests.ports import free_port

NAME = "localhost"
SLOW = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
OPTIONS = ("--trusted-proxies", "1", "--query-timeout", "2", "--workers", "1", "--queue", "1", "--queue-wait", "1")
MAIN = """
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/pactgraph.conf;
}}
"""


@dataclass
class Proxy:
    """The address over TLS, that of plain HTTP, the certificate to trust, and what ends the second server."""

    url: str
    plain: str
    trusted: str
    end_one: Callable[[], None]

    def get(self, path: str, **options: object) -> requests.Response:
        return requests.get(self.url + path, verify=self.trusted, timeout=60, **options)  # type: ignore[arg-type]


def configure(folder: Path, servers: list[str], tls: int, plain: int) -> None:
    """Write the configuration with the addresses and files of the test in place of the operator's."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r"^\s*listen \[::\].*\n", "", text, flags=re.M)
    for old, new in (
        ("127.0.0.1:8000", servers[0].removeprefix("http://")),
        ("127.0.0.1:8001", servers[1].removeprefix("http://")),
        ("listen 443 ", f"listen 127.0.0.1:{tls} "),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("https://$host$request_uri", f"https://$host:{tls}$request_uri"),
        ("data.example.org", NAME),
        ("/etc/ssl/pactgraph", str(folder)),
    ):
        assert old in text, f"deploy/nginx.conf has no {old!r}"
        text = text.replace(old, new)
    (folder / "pactgraph.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user), encoding="utf-8")


@contextlib.contextmanager
def running(folder: Path, port: int) -> Iterator[None]:
    """Run nginx until the test ends."""
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    needs(nginx, "nginx (Debian: nginx-light)")
    process = subprocess.Popen(
        [str(nginx), "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE, text=True
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextlib.contextmanager
def proxied(folder: Path, releases: Path, *options: str) -> Iterator[Proxy]:
    """Run nginx in front of two servers."""
    authority = trustme.CA()
    certificate = authority.issue_cert(NAME)
    certificate.private_key_pem.write_to_path(str(folder / "privkey.pem"))
    (folder / "fullchain.pem").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    tls, plain = free_port(), free_port()
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(serving(releases, *options))
        other = contextlib.ExitStack()
        stack.push(other)
        second = other.enter_context(serving(releases, *options))
        configure(folder, [first, second], tls, plain)
        stack.enter_context(running(folder, tls))
        yield Proxy(f"https://{NAME}:{tls}", f"http://{NAME}:{plain}", str(folder / "authority.pem"), other.close)


@pytest.fixture(scope="module")
def proxy(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxied(tmp_path_factory.mktemp("nginx"), releases, *OPTIONS) as found:
        yield found


def test_answers_over_tls(proxy: Proxy) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(proxy.url, timeout=10)
    sent = requests.post(f"{proxy.plain}/sparql", data={"query": "ASK {}"}, timeout=10, allow_redirects=False)
    assert (sent.status_code, sent.headers["Location"]) == (308, f"{proxy.url}/sparql")
    for method, options in (
        ("GET", {"params": {"query": "ASK {}"}}),
        ("POST", {"data": {"query": "ASK {}"}}),
        ("QUERY", {"data": "ASK {}", "headers": {"Content-Type": "application/sparql-query"}}),
    ):
        response = requests.request(method, f"{proxy.url}/sparql", verify=proxy.trusted, timeout=30, **options)  # type: ignore[arg-type]
        assert (response.status_code, response.json()["boolean"]) == (200, True), method
        assert response.headers["Strict-Transport-Security"]
        assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_both_servers_give_the_same_answer(proxy: Proxy) -> None:
    first = proxy.get("/data/state/russia.ttl", headers={"Accept-Encoding": "gzip"})
    assert (first.headers["Content-Encoding"], first.status_code) == ("gzip", 200)
    tags = {proxy.get("/data/state/russia.ttl").headers["ETag"] for _ in range(6)}
    assert tags == {first.headers["ETag"]}, "both servers give the same tag"
    assert proxy.get("/data/state/russia.ttl", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_what_the_proxy_keeps_out(proxy: Proxy) -> None:
    assert proxy.get("/metrics").status_code == 404
    too_large = requests.post(f"{proxy.url}/sparql", data=b"#" * (2 << 20), verify=proxy.trusted, timeout=30)
    assert too_large.status_code == 413


def test_addresses_are_those_of_the_proxy(proxy: Proxy) -> None:
    away = proxy.get("/id/state/russia", headers={"Accept": "text/turtle"})
    assert away.url == f"{proxy.url}/data/state/russia.ttl"
    assert f"<{proxy.url}/sparql>" in proxy.get("/sparql", headers={"Accept": "application/n-triples"}).text
    assert f"Sitemap: {proxy.url}/sitemap.xml" in proxy.get("/robots.txt").text
    listed = proxy.get("/download", headers={"Accept": "application/json"}).json()["files"]
    assert all(entry["url"].startswith(f"{proxy.url}/download/") for entry in listed)


def test_files_come_whole_and_in_parts(proxy: Proxy) -> None:
    whole = proxy.get("/download/void.ttl")
    assert len(whole.content) > 500_000
    tag = whole.headers["ETag"]
    assert tag == f'"{hashlib.sha256(whole.content).hexdigest()}"'
    for start in (0, 400_000):
        part = proxy.get("/download/void.ttl", headers={"Range": f"bytes={start}-{start + 99_999}", "If-Range": tag})
        assert (part.status_code, part.content) == (206, whole.content[start : start + 100_000])


def test_refusals_are_passed_on(proxy: Proxy) -> None:
    """More slow queries than two servers may run and keep waiting: some end at their time, the others are refused at once."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda number: proxy.get("/sparql", params={"query": f"{SLOW} # {number}"}), range(8)))
    assert {answer.status_code for answer in answers} == {503, 504}
    for answer in answers:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers if answer.status_code == 503)


def test_one_server_is_enough(proxy: Proxy) -> None:
    """The last test, since it ends a server."""
    proxy.end_one()
    for number in range(12):
        response = proxy.get("/sparql", params={"query": f"ASK {{}} # {number}"})
        assert (response.status_code, response.json()["boolean"]) == (200, True)
