"""Fetching copies of sources from a server that redirects, breaks off, sends something else, or has nothing."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pactgraph.errors import BadInput, RemoteFailed
from pactgraph.sources import fetch as fetching
from pactgraph.sources import imports, register
from pactgraph.sources.register import Source
from tests.conftest import run_cli

BODY = b"stateabb,ccode\n" + b"".join(f"S{number},{number}\n".encode() for number in range(20_000))

MOVED = {"/moved": "/file.csv", "/away": "http://localhost:9/file.csv", "/round": "/round"}


@dataclass
class Site:
    """A server's behaviour and what it was asked: (path, Range)."""

    breaks_off_at: list[int] = field(default_factory=list)
    ranges: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""


class Handler(BaseHTTPRequestHandler):
    """Answers as its `site` says."""

    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:  # the name that http.server asks for
        wanted = self.headers.get("Range", "")
        self.site.asked.append((self.path, wanted))
        if self.path in MOVED:
            return self._head(302, Location=MOVED[self.path])
        if self.path != "/file.csv":
            return self._head(404)
        goes_on = bool(wanted) and self.site.ranges
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if goes_on else 0
        if start >= len(BODY):
            return self._head(416)
        return self._send(start, 206 if goes_on else 200)

    def _head(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, start: int, status: int) -> None:
        rest = BODY[start:]
        self.send_response(status)
        self.send_header("Content-Length", str(len(rest)))
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        self.end_headers()
        if self.site.breaks_off_at:
            rest, self.close_connection = rest[: self.site.breaks_off_at.pop(0)], True
        self.wfile.write(rest)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Handler,), {"site": found}))
    found.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def source_at(address: str, sha256: str = "") -> Source:
    """A source with one file, at an address."""
    known = register.source("cow-states-2024")
    (name, table), *_ = known.tables.items()
    digest = sha256 or hashlib.sha256(BODY).hexdigest()
    return replace(known, tables={name: replace(table, file="states/list.csv", sha256=digest, download=address)})


def test_a_file_is_fetched_checked_and_put_in_its_place(site: Site, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    source = source_at(f"{site.address}/file.csv")
    assert fetching.fetch(source, tmp_path, lambda *told: seen.append(told)) == [tmp_path / "states/list.csv"]
    assert (tmp_path / "states/list.csv").read_bytes() == BODY
    assert seen[0] == ("states/list.csv", 0, len(BODY)) and seen[-1] == ("states/list.csv", len(BODY), len(BODY))
    assert [path.name for path in (tmp_path / "states").iterdir()] == ["list.csv"]
    assert fetching.fetch(source, tmp_path) == [], "what is right already is left"
    assert len(site.asked) == 1


def test_a_broken_transfer_goes_on_where_it_broke_off(site: Site, tmp_path: Path) -> None:
    site.breaks_off_at = [70_000, 50_000]
    fetching.fetch(source_at(f"{site.address}/file.csv"), tmp_path)
    assert (tmp_path / "states/list.csv").read_bytes() == BODY
    ranges = [wanted for _, wanted in site.asked]
    assert ranges[0] == "" and len(ranges) == 3
    starts = [int(wanted.removeprefix("bytes=").rstrip("-")) for wanted in ranges[1:]]
    assert 0 < starts[0] <= 70_000 < starts[1] <= 120_000


def test_one_that_keeps_breaking_off_is_kept_for_the_next_run(site: Site, tmp_path: Path) -> None:
    site.breaks_off_at = [10_000, 10_000, 10_000]
    source = source_at(f"{site.address}/file.csv")
    with pytest.raises(RemoteFailed, match=r"ended its answer too soon; 30,000 bytes are kept, run it again to go on"):
        fetching.fetch(source, tmp_path)
    assert not (tmp_path / "states/list.csv").exists(), "a part of a file is never in the place of the file"
    fetching.fetch(source, tmp_path)
    assert site.asked[-1][1] == "bytes=30000-"
    assert (tmp_path / "states/list.csv").read_bytes() == BODY


def test_a_server_without_ranges_sends_it_all_again(site: Site, tmp_path: Path) -> None:
    site.ranges, site.breaks_off_at = False, [70_000]
    fetching.fetch(source_at(f"{site.address}/file.csv"), tmp_path)
    assert (tmp_path / "states/list.csv").read_bytes() == BODY


def test_a_whole_part_of_an_earlier_run_is_only_checked(site: Site, tmp_path: Path) -> None:
    (tmp_path / "states").mkdir()
    (tmp_path / "states/.list.csv.part").write_bytes(BODY)
    fetching.fetch(source_at(f"{site.address}/file.csv"), tmp_path)
    assert (tmp_path / "states/list.csv").read_bytes() == BODY


def test_a_wrong_checksum_is_refused_and_nothing_is_changed(site: Site, tmp_path: Path) -> None:
    (tmp_path / "states").mkdir()
    (tmp_path / "states/list.csv").write_bytes(b"an older copy")
    with pytest.raises(BadInput, match=r"sha256 is [0-9a-f]{64}, not 0000") as refused:
        fetching.fetch(source_at(f"{site.address}/file.csv", "0" * 64), tmp_path)
    assert refused.value.file == f"{site.address}/file.csv"
    assert (tmp_path / "states/list.csv").read_bytes() == b"an older copy"
    assert [path.name for path in (tmp_path / "states").iterdir()] == ["list.csv"], "no part of it stays"


def test_a_redirect_is_followed_if_it_stays_on_the_list(site: Site, tmp_path: Path) -> None:
    fetching.fetch(source_at(f"{site.address}/moved"), tmp_path)
    assert [path for path, _ in site.asked] == ["/moved", "/file.csv"]
    for path, words in (("/away", "is not on the list"), ("/round", "redirects without end")):
        with pytest.raises(RemoteFailed, match=words):
            fetching.fetch(source_at(f"{site.address}{path}"), tmp_path / "other")


def test_what_is_not_there_is_said_with_the_status(site: Site, tmp_path: Path) -> None:
    with pytest.raises(RemoteFailed, match=r"list\.csv: .*/gone answered with status 404"):
        fetching.fetch(source_at(f"{site.address}/gone"), tmp_path)
    assert len(site.asked) == 1, "it is not asked again"
    assert not list((tmp_path / "states").iterdir())


def test_copies_are_right_missing_or_other(tmp_path: Path, shared: Path) -> None:
    files = {copy.file: copy.state for copy in fetching.check(register.sources().values(), shared / "data")}
    assert set(files.values()) == {"right"}, "the register describes the copies that the tests use"
    source = source_at("http://127.0.0.1/")
    assert [copy.state for copy in fetching.check([source], tmp_path)] == ["missing"]
    (tmp_path / "states").mkdir()
    (tmp_path / "states/list.csv").write_bytes(b"else")
    assert [copy.state for copy in fetching.check([source], tmp_path)] == ["other"]


def test_a_source_that_is_at_no_address_says_how_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"at no address as such.*Archigos_4.1_stata14.dta.*github"):
        fetching.fetch(register.source("archigos-4.1"), tmp_path)


@pytest.mark.parametrize("identifier", sorted(register.sources()))
def test_every_entry_of_the_register_is_whole(identifier: str) -> None:
    source = register.source(identifier)
    assert all((source.title, source.version, source.citation, source.licence, source.address.startswith("http")))
    assert source.redistribute or source.reason
    assert source.fetchable or source.prepared
    assert str(source.graph).endswith(f"/graph/{identifier}")
    for table in source.tables.values():
        assert len(table.sha256) == 64 and table.columns and all(column.definition for column in table.columns.values())
        assert set(table.key) <= set(table.columns)
    assert identifier in imports.IMPORTERS


def test_on_the_command_line(tmp_path: Path, shared: Path) -> None:
    listed = run_cli("sources", "list")
    assert listed.returncode == 0 and "not handed on: the maintainer of the data set asks" in listed.stdout
    checked = run_cli("sources", "check", "cow-states-2024", "--sources", str(shared / "data"))
    assert (checked.returncode, checked.stdout) == (0, "cow-states-2024: cow-states-v2024/statelist2024.csv: right\n")
    missing = run_cli("sources", "check", "cow-states-2024", "--sources", str(tmp_path))
    assert (missing.returncode, "missing" in missing.stdout) == (1, True)
    unknown = run_cli("sources", "fetch", "cow-wars", "--sources", str(tmp_path))
    assert (unknown.returncode, "there is no source 'cow-wars'" in unknown.stderr) == (2, True)
