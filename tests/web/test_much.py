"""What has most to show, on a release with all sources but the large collections: every page and table answers."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from bench.pages import most_connected, paths

from pactgraph.release import open_release
from pactgraph.settings import ServeSettings
from pactgraph.store import QueryService
from pactgraph.terms import ID
from pactgraph.web.names import names_of
from tests.conftest import Imported, serving


@pytest.mark.slow
def test_what_has_most_to_show_answers_within_the_limits_of_a_server(imported: Imported) -> None:
    with serving(imported.folder) as address:
        found = {
            path: requests.get(address + path, headers={"Accept": "text/html"}, timeout=120) for path in paths(imported.folder)
        }
    assert {path: answer.text[:300] for path, answer in found.items() if answer.status_code != 200} == {}
    assert len(found) >= len(most_connected(imported.folder)) == 8


def test_names_are_asked_for_in_queries_that_are_not_too_long(releases: Path) -> None:
    service = QueryService(ServeSettings(releases=releases, workers=1), open_release)
    try:
        unknown = [f"{ID}pact/a-pact-that-nobody-has-recorded-and-with-a-long-name-{number}" for number in range(5000)]
        assert names_of(service, [*unknown, str(ID["state/russia"])]) == {str(ID["state/russia"]): "Russia"}
    finally:
        service.close()
