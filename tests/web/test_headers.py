"""Headers: validators and 304, compression, ranges, CORS without credentials, links, and what browsers may do."""

from __future__ import annotations

import gzip
import hashlib
import http.client
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
import requests

BASE = "https://w3id.org/pactgraph/"
PACT = "pact/russia-dprk-csp-2024"
SELECT = "SELECT ?thing ?type WHERE { ?thing a ?type } ORDER BY ?thing ?type LIMIT 200"
ASKED = requests.Request("GET", "http://x/sparql", params={"query": SELECT}).prepare().path_url
KEPT = (
    ASKED,
    f"/data/{PACT}.ttl",
    f"/page/{PACT}",
    "/",
    "/ns.ttl",
    "/shapes.nt",
    "/void",
    "/graph/links.nq",
    "/sitemap.xml",
    "/download/void.ttl",
)
DUMP = "/download/dumps/pactgraph.nq.gz"


def raw(url: str, path: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Send a request with these headers and no others but Host."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, response.headers, body


@pytest.mark.parametrize("path", KEPT)
def test_what_a_client_has_is_not_sent_again(served_url: str, path: str) -> None:
    status, first, body = raw(served_url, path)
    assert (status, bool(body)) == (200, True)
    assert "max-age=60" in first["Cache-Control"]
    made = parsedate_to_datetime(first["Last-Modified"])
    for unchanged in (
        {"If_None_Match": first["ETag"]},
        {"If_None_Match": f'"x", {first["ETag"]}'},
        {"If_Modified_Since": first["Last-Modified"]},
    ):
        status, kept, body = raw(served_url, path, **unchanged)
        assert (status, body) == (304, b""), unchanged
        for name in ("ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin"):
            assert kept[name] == first[name], name
    changed = [{"If_None_Match": '"x"'}, {"If_Modified_Since": format_datetime(made - timedelta(days=1), usegmt=True)}]
    if not path.startswith("/download"):
        changed.append({"If_None_Match": '"x"', "If_Modified_Since": first["Last-Modified"]})
    for other in changed:
        assert raw(served_url, path, **other)[0] == 200, other


def test_after_a_rollback_an_older_release_is_not_taken_for_the_newer(served_url: str) -> None:
    made = parsedate_to_datetime(raw(served_url, ASKED)[1]["Last-Modified"])
    later = format_datetime(made + timedelta(hours=1), usegmt=True)
    assert raw(served_url, ASKED, If_Modified_Since=later)[0] == 200


def test_the_time_of_the_release_is_the_same_everywhere(served_url: str) -> None:
    assert len({raw(served_url, path)[1]["Last-Modified"] for path in (*KEPT, DUMP)}) == 1


def test_an_answer_to_a_post_is_not_kept(served_url: str) -> None:
    response = requests.post(f"{served_url}/sparql", data={"query": SELECT}, timeout=30)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize(
    "path", [ASKED, f"/data/{PACT}.ttl", f"/data/{PACT}.jsonld", f"/page/{PACT}", "/void.rdf", "/graph/links.trig"]
)
@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip;q=0.5, identity;q=0.1", "gzip"),
        ("x-unknown, gzip", "gzip"),
        ("*", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
        ("gzip;q=0, br;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("", None),
    ],
)
def test_compression_as_the_client_asks(served_url: str, path: str, accepted: str, coding: str | None) -> None:
    _, plain, expected = raw(served_url, path)
    assert "Content-Encoding" not in plain
    status, headers, body = raw(served_url, path, **({"Accept_Encoding": accepted} if accepted else {}))
    assert (status, headers["Content-Encoding"]) == (200, coding)
    assert "Accept-Encoding" in headers["Vary"]
    assert headers["ETag"] == plain["ETag"]
    assert headers["ETag"].startswith("W/"), "bytes differ by coding, so the tag is weak"
    assert int(headers["Content-Length"]) == len(body)
    if coding:
        assert len(body) < len(expected)
    assert len(gzip.decompress(body) if coding else body) == len(expected)


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate"])
def test_other_codings(served_url: str, coding: str) -> None:
    status, headers, body = raw(served_url, ASKED, Accept_Encoding=coding)
    assert (status, headers["Content-Encoding"]) == (200, coding)
    assert len(body) < len(raw(served_url, ASKED)[2])


def test_a_compressed_answer_is_checked_too(served_url: str) -> None:
    first = raw(served_url, ASKED, Accept_Encoding="gzip")[1]
    assert raw(served_url, ASKED, Accept_Encoding="gzip", If_None_Match=first["ETag"])[0] == 304
    assert raw(served_url, ASKED, If_None_Match=first["ETag"])[0] == 304


@pytest.mark.parametrize("path", [DUMP, "/download/void.ttl", "/download/reports/shacl.json"])
def test_files_are_given_as_they_are(served_url: str, path: str) -> None:
    _, headers, body = raw(served_url, path, Accept_Encoding="gzip, br")
    assert "Content-Encoding" not in headers
    assert headers["ETag"] == f'"{hashlib.sha256(body).hexdigest()}"'


def test_ranges_of_a_dump(served_url: str) -> None:
    _, headers, whole = raw(served_url, DUMP)
    assert headers["Accept-Ranges"] == "bytes"
    for wanted, expected in (("bytes=0-9", whole[:10]), ("bytes=-7", whole[-7:]), (f"bytes={len(whole) - 3}-", whole[-3:])):
        status, part, body = raw(served_url, DUMP, Range=wanted)
        assert (status, body) == (206, expected)
        assert part["Content-Range"].endswith(f"/{len(whole)}")
    assert raw(served_url, DUMP, Range=f"bytes={len(whole)}-")[0] == 416


def test_a_range_is_given_only_of_the_file_that_the_client_has(served_url: str) -> None:
    _, headers, whole = raw(served_url, DUMP)
    for same in (headers["ETag"], headers["Last-Modified"]):
        assert raw(served_url, DUMP, Range="bytes=0-9", If_Range=same)[::2] == (206, whole[:10])
    for other in ('"x"', f"W/{headers['ETag']}", "Wed, 01 Jan 2020 00:00:00 GMT", "Wed, 01 Jan 2070 00:00:00 GMT", ""):
        assert raw(served_url, DUMP, Range="bytes=0-9", If_Range=other)[::2] == (200, whole), other


ANSWERS = (
    *((path, "GET", {}) for path in (ASKED, f"/id/{PACT}", f"/data/{PACT}.ttl", "/", DUMP, "/healthz", "/robots.txt")),
    *((path, "GET", {}) for path in ("/nothing", "/sparql?query=SELECT", "/data/state/atlantis.ttl")),
    (f"/data/{PACT}", "GET", {"Accept": "image/png"}),
    ("/healthz", "DELETE", {}),
    ("/update", "POST", {"Content_Type": "text/plain", "Content_Length": "0"}),
)


@pytest.mark.parametrize(("path", "method", "sent"), ANSWERS)
def test_any_site_may_read_every_answer_without_credentials(
    served_url: str, path: str, method: str, sent: dict[str, str]
) -> None:
    _, headers, _ = raw(served_url, path, method, Origin="https://example.org", **sent)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers
    exposed = headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Link", "Location", "Retry-After", "X-Query-Id", "X-Left-Off"} <= set(exposed)


@pytest.mark.parametrize(
    ("path", "method"),
    [("/sparql", "POST"), ("/sparql", "QUERY"), ("/update", "POST"), ("/graphs", "PUT"), ("/graphs", "DELETE"), (DUMP, "GET")],
)
def test_a_browser_may_ask_first(served_url: str, path: str, method: str) -> None:
    wanted = ("authorization", "content-type", "if-match", "if-none-match", "accept", "range")
    status, headers, _ = raw(
        *(served_url, path, "OPTIONS"),
        Origin="https://example.org",
        Access_Control_Request_Method=method,
        Access_Control_Request_Headers=",".join(wanted),
    )
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert method in headers["Access-Control-Allow-Methods"].split(", ")
    assert set(wanted) <= {name.lower() for name in headers["Access-Control-Allow-Headers"].split(", ")}
    assert int(headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize("path", [ASKED, f"/page/{PACT}", "/nothing", DUMP, "/static/style.css"])
def test_what_browsers_may_do(served_url: str, path: str) -> None:
    headers = raw(served_url, path, Accept="text/html" if path.startswith(("/page", "/nothing")) else "*/*")[1]
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    page = headers["Content-Type"].startswith("text/html")
    assert headers["Cross-Origin-Resource-Policy"] == ("same-origin" if page else "cross-origin")


def links(url: str, path: str) -> dict[tuple[str, str], str]:
    """Give the links of an answer, by relation and media type."""
    response = requests.get(url + path, timeout=30)
    assert response.status_code == 200
    parsed = requests.utils.parse_header_links(response.headers["Link"])
    return {(link["rel"], link.get("type", "")): link["url"] for link in parsed}


@pytest.mark.parametrize(
    ("path", "data", "page"),
    [
        (f"/page/{PACT}", f"/data/{PACT}", None),
        (f"/data/{PACT}.nt", f"/data/{PACT}", f"/page/{PACT}"),
        ("/data/vocab/domain/health", "/data/vocab/domain/health", "/page/vocab/domain/health"),
        ("/page/ns", "/ns", None),
        ("/ns.ttl", "/ns", "/page/ns"),
        ("/void", "/void", "/page/void"),
        ("/graph/links.ttl", "/graph/links", None),
    ],
)
def test_links_to_the_other_forms_of_a_document(served_url: str, path: str, data: str, page: str | None) -> None:
    found = links(served_url, path)
    assert found.get(("alternate", "text/html")) == page
    assert found["alternate", "application/trig"] == f"{data}.trig"
    for (relation, media_type), address in found.items():
        if relation == "alternate":
            response = requests.get(served_url + address, timeout=30)
            assert (response.status_code, response.headers["Content-Type"].split(";")[0]) == (200, media_type)
    if data.startswith("/data"):
        thing = data.removeprefix("/data/")
        assert found["describes", ""] == BASE + (thing if thing.startswith("vocab/") else f"id/{thing}")


@pytest.mark.parametrize("path", [ASKED, f"/data/{PACT}.ttl", "/", DUMP, "/search?q=korea"])
def test_links_to_description_and_licence(served_url: str, path: str) -> None:
    found = links(served_url, path)
    assert found["describedby", ""] == "/void"
    assert found["license", ""] == "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize("name", ["void", "shapes"])
def test_browsers_are_sent_to_a_page(served_url: str, name: str) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = requests.get(f"{served_url}/{name}", headers=browser, timeout=30)
    assert (page.status_code, page.url) == (200, f"{served_url}/page/{name}")
    assert f'href="/{name}.ttl"' in page.text
    assert ("ActHasKind" if name == "shapes" else "curated facts") in page.text
    assert requests.get(f"{served_url}/{name}", timeout=30).headers["Content-Type"].startswith("text/turtle")
