"""/validate: RDF in, SHACL report out, with line and column; by a process of its own, which asks nobody and can be ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from rdflib import RDF, SH, Graph, Namespace

from tests.conftest import ROOT, serving
from tests.web.test_errors import BROWSER, _descendants, _until

PG = "https://w3id.org/pactgraph/ns#"
SHAPES = "https://w3id.org/pactgraph/shapes#"
PLACE = "https://w3id.org/pactgraph/id/place/atlantis"
PTR = Namespace("http://www.w3.org/2009/pointers#")
EARL = Namespace("http://www.w3.org/ns/earl#")
BAD = f"""@prefix pg: <{PG}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<{PLACE}>
    a pg:Place ;
    rdfs:label "Atlantis" ;
    pg:citesSource <https://w3id.org/pactgraph/id/source/nowhere> .
"""
GOOD = (ROOT / "data/pact/us-japan-1960.yaml").read_text(encoding="utf-8")
RDF_TYPES = {
    "text/turtle": "turtle",
    "application/trig": "trig",
    "application/n-triples": "nt",
    "application/n-quads": "nt",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
}


def post(url: str, text: str | bytes, media_type: str = "text/turtle", accept: str = "application/json") -> requests.Response:
    data = text.encode() if isinstance(text, str) else text
    return requests.post(f"{url}/validate", data=data, headers={"Content-Type": media_type, "Accept": accept}, timeout=120)


def report(url: str, text: str | bytes, media_type: str = "text/turtle") -> dict[str, Any]:
    response = post(url, text, media_type)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json"), response.text
    return response.json()  # type: ignore[no-any-return]


def fired(url: str, text: str | bytes, media_type: str = "text/turtle") -> set[str]:
    return {finding.get("shape", "").removeprefix(SHAPES) for finding in report(url, text, media_type)["findings"]}


@pytest.mark.parametrize("media_type", ["application/yaml", "text/yaml", "application/ld+yaml"])
def test_a_curated_file_of_the_release_conforms(served_url: str, media_type: str) -> None:
    found = report(served_url, GOOD, media_type)
    assert (found["conforms"], found["findings"]) == (True, [])
    assert found["statements"] > 50 and found["checked"] > 5
    assert found["release"] == requests.get(f"{served_url}/healthz", timeout=30).json()["release"]


def test_a_file_with_faults_of_form_and_of_date(served_url: str) -> None:
    (finding,) = report(served_url, GOOD + "\nlable: x\n", "application/yaml")["findings"]
    assert (finding["line"], finding["column"], finding["severity"]) == (GOOD.count("\n") + 2, 1, "Violation")
    assert "'lable' is not a key" in finding["message"]
    line = next(number for number, line in enumerate(GOOD.splitlines(), start=1) if "1960-01-19" in line)
    findings = report(served_url, GOOD.replace("1960-01-19", "1960-01-39"), "application/yaml")["findings"]
    assert any(finding["line"] == line and "1960-01-39" in finding["message"] for finding in findings)


@pytest.mark.parametrize("media_type", RDF_TYPES)
def test_findings_in_each_syntax(served_url: str, media_type: str) -> None:
    graph = Graph()
    graph.parse(data=BAD, format="turtle")
    text = BAD if media_type in ("text/turtle", "application/trig") else graph.serialize(format=RDF_TYPES[media_type])
    found = report(served_url, text, media_type)
    assert not found["conforms"]
    shapes = {finding["shape"].removeprefix(SHAPES): finding for finding in found["findings"]}
    assert {"LabelHasLanguage", "LabelEnglish", "ReferenceDeclared"} <= set(shapes)
    assert all(finding["line"] >= 1 and finding["column"] >= 1 for finding in found["findings"]), found
    label = shapes["LabelHasLanguage"]
    assert "Atlantis" in text.splitlines()[label["line"] - 1]
    assert label["focus"] == PLACE and label["value"] == "Atlantis" and label["path"].endswith("#label")
    if text == BAD:
        assert (label["line"], label["column"]) == (5, 16)
        assert (shapes["LabelEnglish"]["line"], shapes["LabelEnglish"]["column"]) == (3, 1)
        assert shapes["ReferenceDeclared"]["line"] == 6


def test_what_the_release_has_is_known(served_url: str) -> None:
    tokyo = BAD.replace("source/nowhere", "source/seed-article")
    assert "ReferenceDeclared" not in fired(served_url, tokyo)
    label = '<https://w3id.org/pactgraph/id/state/japan> <http://www.w3.org/2000/01/rdf-schema#label> "Nippon"@en .'
    assert fired(served_url, label) == {"OneLabelPerLanguage"}, "a node without a type adds to what is known"
    assert fired(served_url, label.replace("@en", "@pt")) == set(), "and what was posted before is gone"
    assert fired(served_url, GOOD.replace("en: ", "en: New ", 1), "application/yaml") == set(), "a whole one takes the place"


EXAMPLES = {path.parent.name: path for path in sorted((ROOT / "tests/shapes/invalid").glob("*/*.ttl"))}
EXAMPLES.pop("style")


@pytest.mark.parametrize("module", EXAMPLES)
def test_each_module_of_shapes_is_looked_at(served_url: str, module: str) -> None:
    text = EXAMPLES[module].read_text(encoding="utf-8")
    expected = text.split("\n")[0].removeprefix("# expect: ")
    assert expected in fired(served_url, text)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/turtle", "turtle"),
        ("application/ld+json", "json-ld"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
    ],
)
def test_the_report_as_rdf(served_url: str, accept: str, form: str) -> None:
    response = post(served_url, BAD, accept=accept)
    assert (response.status_code, response.headers["Content-Type"].split(";")[0]) == (200, accept)
    assert "Accept" in response.headers["Vary"]
    graph = Graph()
    graph.parse(data=response.text, format=form)
    whole = graph.value(None, RDF.type, SH.ValidationReport)
    assert str(graph.value(whole, SH.conforms)).lower() == "false"
    assert len(set(graph.objects(whole, SH.result))) >= 3
    for result in graph.objects(whole, SH.result):
        assert graph.value(result, SH.resultSeverity) and graph.value(result, SH.focusNode)
        pointer = graph.value(result, EARL.pointer)
        assert int(str(graph.value(pointer, PTR.lineNumber))) >= 3
        assert int(str(graph.value(pointer, PTR.charNumber))) >= 1


def test_the_report_of_faults_of_form_as_rdf(served_url: str) -> None:
    graph = Graph()
    graph.parse(data=post(served_url, GOOD + "\nlable: x\n", "application/yaml", "text/turtle").text, format="turtle")
    whole = graph.value(None, RDF.type, SH.ValidationReport)
    assert str(graph.value(whole, SH.conforms)).lower() == "false"
    assert "lable" in str(graph.value(graph.value(whole, SH.result), SH.resultMessage))
    conforming = post(served_url, GOOD, "application/yaml", "text/turtle").text
    assert "sh:conforms true" in conforming


def test_the_page(served_url: str) -> None:
    page = requests.get(f"{served_url}/validate", headers={"Accept": BROWSER}, timeout=30)
    assert page.status_code == 200 and "<textarea" in page.text and "<script" not in page.text
    form = {"data": BAD.replace("\n", "\r\n") + "# <script>alert(1)</script>", "type": "text/turtle"}
    shown = requests.post(f"{served_url}/validate", data=form, headers={"Accept": BROWSER}, timeout=60)
    assert shown.status_code == 200
    assert "The data does not conform" in shown.text and "Give every label a language" in shown.text
    assert '<td class="number">5</td><td class="number">16</td>' in shown.text
    assert "<script" not in shown.text and "place/atlantis&gt;" in shown.text, "the text is still there"
    fault = requests.post(
        f"{served_url}/validate", data={"data": "<a>", "type": "text/turtle"}, headers={"Accept": BROWSER}, timeout=60
    )
    assert fault.status_code == 400 and 'role="alert"' in fault.text and "line 1, column 4" in fault.text
    good = requests.post(
        f"{served_url}/validate", data={"data": GOOD, "type": "application/yaml"}, headers={"Accept": BROWSER}, timeout=60
    )
    assert "The data conforms" in good.text
    asked = requests.post(f"{served_url}/validate?format=json", data=form, headers={"Accept": BROWSER}, timeout=60)
    assert asked.json()["conforms"] is False


@pytest.mark.parametrize(
    ("text", "media_type", "accept", "status"),
    [
        ("<a>", "text/turtle", "application/json", 400),
        ("id: [", "application/yaml", "application/json", 400),
        ("", "application/yaml", "application/json", 400),
        ("\xff\xfe", "application/yaml", "application/json", 400),
        ("{", "application/ld+json", "text/turtle", 400),
        ("x", "text/plain", "application/json", 415),
        ("x", "", "application/json", 415),
        ("x", "text/turtle; charset=latin-1", "application/json", 415),
        ("", "application/x-www-form-urlencoded", "application/json", 400),
        ("data=x&type=text/plain", "application/x-www-form-urlencoded", "application/json", 415),
        ("", "text/turtle", "image/png", 406),
        ("#" * (2**20 + 1), "text/turtle", "application/json", 413),
    ],
)
def test_what_is_refused(served_url: str, text: str, media_type: str, accept: str, status: int) -> None:
    response = post(served_url, text.encode("latin-1"), media_type, accept)
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    if status == 400 and "form" not in media_type:
        problem = response.json()
        assert problem["line"] >= 1 and problem["column"] >= 1 and "line" in problem["detail"]


def test_other_requests(served_url: str) -> None:
    compressed = requests.post(
        f"{served_url}/validate", data=b"x", headers={"Content-Type": "text/turtle", "Content-Encoding": "gzip"}, timeout=30
    )
    assert compressed.status_code == 415
    assert requests.get(f"{served_url}/validate", headers={"Accept": "text/turtle"}, timeout=30).status_code == 406
    assert requests.post(f"{served_url}/validate?format=pdf", data=b"", timeout=30).status_code == 400
    assert requests.put(f"{served_url}/validate", data=b"", timeout=30).status_code == 405
    empty = report(served_url, "")
    assert (empty["conforms"], empty["statements"], empty["checked"]) == (True, 0, 0)


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """A listener on loopback, and what it was sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                heard.append(b"connected")
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", heard


ASKING = {
    "context": ('{{"@context": "{0}c.jsonld", "@id": "a:"}}', "application/ld+json", 400),
    "context in a list": ('{{"@context": [{{}}, "{0}c.jsonld"], "@id": "a:"}}', "application/ld+json", 400),
    "context in a node": ('{{"b:": {{"@context": "{0}c.jsonld", "@id": "a:"}}}}', "application/ld+json", 400),
    "imported context": (
        '{{"@context": {{"@version": 1.1, "@import": "{0}c.jsonld"}}, "@id": "a:"}}',
        "application/ld+json",
        400,
    ),
    "context of a term": (
        '{{"@context": {{"t": {{"@id": "a:t", "@context": "{0}c.jsonld"}}}}, "t": {{"@id": "a:"}}}}',
        "application/ld+json",
        400,
    ),
    "context in YAML-LD": ('"@context": {0}c.jsonld\n"@id": a:b\n', "application/ld+yaml", 400),
    "context in a curated file": (
        "id: place:atlantis\ntype: Place\nlabel: {{'@context': '{0}c.jsonld', en: x}}\n",
        "application/yaml",
        200,
    ),
    "imports": (
        "<{0}o> a <http://www.w3.org/2002/07/owl#Ontology> ; <http://www.w3.org/2002/07/owl#imports> <{0}i> .",
        "text/turtle",
        200,
    ),
    "shapes": ("<{0}o> <http://www.w3.org/ns/shacl#shapesGraph> <{0}i> .", "text/turtle", 200),
    "document type": (
        '<!DOCTYPE r SYSTEM "{0}d.dtd"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
        "application/rdf+xml",
        200,
    ),
    "external entity": (
        '<!DOCTYPE r [<!ENTITY e SYSTEM "{0}e">]><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&e;</r:RDF>',
        "application/rdf+xml",
        400,
    ),
}


@pytest.mark.parametrize("name", ASKING)
def test_no_address_is_asked(served_url: str, listener: tuple[str, list[bytes]], name: str) -> None:
    address, heard = listener
    text, media_type, status = ASKING[name]
    response = post(served_url, text.format(address), media_type)
    assert response.status_code == status, response.text
    if "context" in name and status == 400:
        assert "context" in response.json()["detail"] and "put the context itself" in response.json()["detail"]
    time.sleep(0.1)
    assert heard == []


def test_the_process_of_the_validator_has_no_way_out() -> None:
    code = "\n".join(
        (
            "import urllib.request, socket",
            "from pactgraph.settings import ServeSettings",
            "from pactgraph.errors import BadInput",
            "from pactgraph.web import checking",
            "checking._start(ServeSettings())",
            "page = lambda: urllib.request.urlopen('http://127.0.0.1:9/')",
            "for ask in (page, lambda: socket.create_connection(('127.0.0.1', 9))):",
            "    try:",
            "        ask()",
            "    except BadInput as error:",
            "        assert 'another address' in error.detail",
            "    else:",
            "        raise SystemExit('asked')",
        )
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_web_process_never_loads_pyshacl() -> None:
    code = "import sys; from pactgraph.web import server, validate, checking; assert 'pyshacl' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.fixture(scope="module")
def hurried_url(releases: Path) -> Iterator[str]:
    """A server with little time for each text."""
    with serving(releases, "--query-timeout", "6") as address:
        yield address


def test_a_validation_is_ended_at_its_time_limit(hurried_url: str) -> None:
    assert report(hurried_url, BAD)["statements"] == 3, "to read the release is not counted"
    many = f"@prefix pg: <{PG}> .\n" + "".join(f"pg:x{n} a pg:Pact , pg:Claim ; pg:y{n} pg:x{n + 1} .\n" for n in range(9000))
    start = time.monotonic()
    response = post(hurried_url, many)
    assert response.status_code == 504, response.text
    assert "6 seconds" in response.json()["detail"]
    assert time.monotonic() - start < 60
    assert report(hurried_url, BAD)["statements"] == 3, "the next one is served by a new process"


def test_more_than_can_wait_are_told_to_come_again(served_url: str) -> None:
    report(served_url, BAD)
    slow = f"@prefix pg: <{PG}> .\n" + "".join(f"pg:x{n} a pg:Pact .\n" for n in range(300))
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: post(served_url, slow), range(20)))
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 503}, statuses
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert int(refused.headers["Retry-After"]) >= 1
    assert requests.get(f"{served_url}/healthz", timeout=30).ok


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_a_server_ends_with_its_validator(releases: Path) -> None:
    slow = f"@prefix pg: <{PG}> .\n" + "".join(f"pg:x{n} a pg:Pact , pg:Claim ; pg:y{n} pg:x{n + 1} .\n" for n in range(9000))
    before = _descendants(os.getpid())
    with ThreadPoolExecutor(1) as threads, serving(releases) as address:
        report(address, BAD)
        waiting = threads.submit(post, address, slow)
        time.sleep(1)
        family = _descendants(os.getpid()) - before
        assert len(family) >= 5
    assert waiting.exception() or waiting.result().status_code == 503
    _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


def test_a_scratch_server_holds_data_against_the_model_alone(tmp_path: Path) -> None:
    with serving(tmp_path, "--scratch") as address:
        assert "ReferenceDeclared" in fired(address, BAD.replace("source/nowhere", "source/seed-article"))
        assert fired(address, (ROOT / "tests/shapes/valid/agent.ttl").read_bytes()) == set()
