"""The files of the release, its description, and what operators ask for."""

from __future__ import annotations

import gzip
import hashlib

import pytest
import requests
from pyoxigraph import RdfFormat, parse


def listing(url: str) -> dict[str, object]:
    return requests.get(f"{url}/download/", headers={"Accept": "application/json"}, timeout=30).json()  # type: ignore[no-any-return]


def test_every_listed_file_has_its_checksum(served_url: str) -> None:
    listed = listing(served_url)
    files = listed["files"]
    assert isinstance(files, list)
    assert {"dumps/pactgraph.nq.gz", "void.ttl", "dumps/shapes.ttl"} <= {entry["path"] for entry in files}
    for entry in files:
        response = requests.get(entry["url"], timeout=60)
        assert response.status_code == 200, entry
        assert hashlib.sha256(response.content).hexdigest() == entry["sha256"]
        assert response.headers["ETag"] == f'"{entry["sha256"]}"'


def test_a_dump_is_gzip_not_an_encoding(served_url: str) -> None:
    response = requests.get(f"{served_url}/download/dumps/pactgraph.nq.gz", timeout=60)
    assert response.headers["Content-Type"] == "application/gzip"
    assert "Content-Encoding" not in response.headers
    quads = gzip.decompress(response.content)
    release = listing(served_url)["release"]
    assert isinstance(release, dict)
    assert quads.count(b"\n") == release["quads"]


def test_a_kept_file_is_not_sent_again_and_parts_are_sent(served_url: str) -> None:
    address = f"{served_url}/download/void.ttl"
    first = requests.get(address, timeout=30)
    assert first.headers["Content-Type"] == "text/turtle; charset=utf-8"
    again = requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=30)
    assert (again.status_code, again.content) == (304, b"")
    part = requests.get(address, headers={"Range": "bytes=0-9"}, timeout=30)
    assert (part.status_code, part.content) == (206, first.content[:10])


@pytest.mark.parametrize("path", ["manifest.json", "store/CURRENT", "nothing", "..%2Fmanifest.json", "%2Fetc%2Fpasswd"])
def test_only_listed_files_are_given(served_url: str, path: str) -> None:
    assert requests.get(f"{served_url}/download/{path}", timeout=30).status_code == 404


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/rdf+xml", RdfFormat.RDF_XML),
        ("application/n-triples", RdfFormat.N_TRIPLES),
    ],
)
def test_the_description_by_accept(served_url: str, accept: str, form: RdfFormat) -> None:
    response = requests.get(f"{served_url}/.well-known/void", headers={"Accept": accept}, timeout=30)
    assert (response.status_code, response.url) == (200, f"{served_url}/void")
    assert response.headers["Content-Type"].split(";")[0] == accept
    assert any("void#Dataset" in str(quad.object) for quad in parse(input=response.content, format=form))


def test_health_and_robots(served_url: str) -> None:
    health = requests.get(f"{served_url}/healthz", timeout=30).json()
    assert health["status"] == "ok"
    assert health["quads"] > 0
    assert health["release"] == listing(served_url)["release"]["id"]  # type: ignore[index]
    assert "Disallow: /sparql" in requests.get(f"{served_url}/robots.txt", timeout=30).text
