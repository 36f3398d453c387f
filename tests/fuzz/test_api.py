"""Requests made from the description of the interface, to a release and to a scratch store: no 500, no hang, as described."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from pactgraph.web import openapi
from tests.conftest import serving
from tests.fuzz import texts

LIMITS = ("--query-timeout", "5", "--budget", "0", "--rate", "0")
TOKEN = {"Authorization": "Bearer scratch"}
ACCEPT = (
    *("*/*", "text/html,application/xml;q=0.9,*/*;q=0.8", "application/json", "text/turtle", "application/rdf+xml;q=0.5"),
    *("application/sparql-results+json", "text/csv", "application/ld+json", "application/n-quads", "image/png", ";q=x,,/"),
)
MEDIA_TYPES = {
    "application/sparql-query": texts.QUERIES,
    "application/sparql-update": texts.UPDATES,
    **texts.DOCUMENTS,
}
for name, whole in MEDIA_TYPES.items():
    schemathesis.openapi.media_type(name, texts.bodies(whole))

SCHEMA = schemathesis.openapi.from_dict(openapi.description())
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
NAMES = ("status_code_conformance", "content_type_conformance", "response_headers_conformance", "response_schema_conformance")
CONFORMANCE = CHECKS.get_by_names(list(NAMES))


@pytest.fixture(scope="module", params=["release", "scratch"])
def address(request: pytest.FixtureRequest, releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, options = (releases, ()) if request.param == "release" else (tmp_path_factory.mktemp("none"), ("--scratch",))
    with serving(folder, *options, *LIMITS) as url:
        yield url
        assert requests.get(f"{url}/healthz", timeout=30).ok


@pytest.mark.slow
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_operation(address: str, label: str) -> None:
    operation = OPERATIONS[label]
    cases = operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE)

    @given(case=cases, accept=st.sampled_from(ACCEPT), token=st.booleans())
    @settings(
        max_examples=int(os.environ.get("PACTGRAPH_FUZZ", "30")),
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case: schemathesis.Case, accept: str, token: bool) -> None:
        headers = {"Accept": accept} | (TOKEN if token else {})
        try:
            response = case.call(base_url=address, headers=headers, timeout=30, allow_redirects=False)
        except (requests.exceptions.InvalidHeader, UnicodeError):
            return  # what no client can send
        assert response.status_code not in (500, 502), (response.status_code, case.as_curl_command(), response.text[:500])
        if response.status_code == 400 and "html" in response.headers.get("content-type", [""])[0]:
            return  # a request that is not even HTTP
        case.validate_response(response, checks=CONFORMANCE)

    run()
