"""The W3C's SPARQL 1.1 suites, each test over HTTP against one running server, from their manifests.

Data goes in by the Graph Store Protocol, requests by GET, form, body and QUERY in turn, answers come in each format in turn.
`expected.yaml` has a reason for each test that fails; one that passes though it is listed there fails the run.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from rdflib import Graph

from tests.conformance import manifests, report
from tests.conformance.endpoint import WAYS_TO_QUERY, WAYS_TO_UPDATE, Endpoint
from tests.conformance.manifests import ROOT, Case, State
from tests.conformance.report import FAILURES, LEFT_OUT
from tests.conformance.results import Found, canonical_graph, read, same

GRAPH_FORMATS = ("ttl", "nt", "rdf", "jsonld")


@functools.cache
def all_cases() -> list[Case]:
    return manifests.cases() if ROOT.is_dir() else []


def _parameters() -> Iterator[Any]:
    for number, case in enumerate(all_cases()):
        reason = FAILURES.get(case.iri)
        marks = [pytest.mark.xfail(strict=True, raises=AssertionError, reason=reason)] if reason else []
        if case.folder not in LEFT_OUT:
            yield pytest.param(case, number, id=case.id, marks=marks)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(("case", "number"), [*_parameters()] or [(None, 0)])
def test_w3c(endpoint: Endpoint, case: Case, number: int) -> None:
    check = {
        "QueryEvaluationTest": check_query,
        "CSVResultFormatTest": check_query,
        "UpdateEvaluationTest": check_update,
        "PositiveSyntaxTest11": check_accepted,
        "PositiveUpdateSyntaxTest11": check_accepted,
        "NegativeSyntaxTest11": check_refused,
        "NegativeUpdateSyntaxTest11": check_refused,
    }
    check[case.kind](endpoint, case, number)


def check_query(endpoint: Endpoint, case: Case, number: int) -> None:
    assert case.result
    endpoint.prepare(case.before)
    suffix = case.result.path.suffix.removeprefix(".")
    expected = read(case.result.path.read_bytes(), suffix, case.result.iri)
    name = _format(suffix, expected, number)
    response = endpoint.query(f"BASE <{case.request.iri}>\n{case.request.text}", WAYS_TO_QUERY[number % 4], name)
    assert response.status_code == 200, response.text
    actual = read(response.content, name)
    assert same(expected, actual), f"expected {expected}\nfound {actual}\nin {response.text}"


def _format(suffix: str, expected: Found, number: int) -> str:
    """Give the format to ask for: the one that a test is about, or else one that can carry the result."""
    if suffix in ("csv", "tsv", "srj"):
        return "json" if suffix == "srj" else suffix
    if isinstance(expected, Graph):
        return GRAPH_FORMATS[number % 4]
    return ("json", "xml")[number % 2] if isinstance(expected, bool) else ("json", "xml", "tsv")[number % 3]


def check_update(endpoint: Endpoint, case: Case, number: int) -> None:
    endpoint.prepare(case.before)
    response = endpoint.update(f"BASE <{case.request.iri}>\n{case.request.text}", WAYS_TO_UPDATE[number % 2])
    assert response.status_code == 204, response.text
    expected = {name: read(file.path.read_bytes(), "ttl", file.iri) for name, file in case.after.named}
    assert endpoint.names() == {name for name, graph in expected.items() if graph}
    for name, graph in expected.items():
        assert same(graph, endpoint.graph(graph=name)), name
    assert len(case.after.default) <= 1
    default = [read(file.path.read_bytes(), "ttl", file.iri) for file in case.after.default] or [canonical_graph(())]
    assert same(default[0], endpoint.graph(default=""))


def check_accepted(endpoint: Endpoint, case: Case, number: int) -> None:
    """A request in the language: it is answered; or it says that it cannot be (422), or is not allowed to be (403)."""
    response = _send(endpoint, case, number)
    assert response.status_code in (200, 204, 422, 403), response.text
    assert response.status_code != 403 or "not available here" in response.json()["detail"]


def check_refused(endpoint: Endpoint, case: Case, number: int) -> None:
    response = _send(endpoint, case, number)
    assert response.status_code == 400, response.text


def _send(endpoint: Endpoint, case: Case, number: int) -> requests.Response:
    """Send a request as it is; a relative IRI has the base of the service."""
    endpoint.prepare(State())
    if case.request.path.suffix == ".ru":
        return endpoint.update(case.request.text, WAYS_TO_UPDATE[number % 2])
    name = "ttl" if re.search("construct|describe", case.request.text, re.I) else "json"
    return endpoint.query(case.request.text, WAYS_TO_QUERY[number % 4], name)


@pytest.mark.usefixtures("shared")
def test_every_expected_failure_is_a_test_and_every_folder_is_run_or_left_out() -> None:
    assert FAILURES.keys() <= {case.iri for case in all_cases()}
    folders = {path.parent.name for path in ROOT.glob("*/manifest.ttl")}
    assert LEFT_OUT.keys() < folders == {case.folder for case in all_cases()}


@pytest.mark.usefixtures("shared")
def test_the_reference_says_what_these_tests_say() -> None:
    assert report.written() == report.text(), "write it anew: python -m tests.conformance.report"
