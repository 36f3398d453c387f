"""Every route of the server is in the reference."""

from __future__ import annotations

import re

from pactgraph.settings import ServeSettings
from pactgraph.store import QueryService
from pactgraph.web import headers
from pactgraph.web.app import create_app
from pactgraph.web.negotiation import GRAPHS, RESULTS
from tests.conftest import ROOT

REFERENCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "reference").glob("*.md")))


def test_every_route_is_in_the_reference() -> None:
    app = create_app(ServeSettings(), QueryService.__new__(QueryService))  # its routes are looked at, nothing is asked
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules() if rule.endpoint != "static"}
    assert len(rules) > 30
    assert {rule for rule in rules if f"`{rule}`" not in REFERENCE} == set()


def test_every_format_is_in_the_reference() -> None:
    for name, media_type in (RESULTS | GRAPHS).items():
        assert f"| `{name}` | `{media_type}` |" in REFERENCE


def test_the_headers_that_scripts_may_send_are_in_the_reference() -> None:
    assert {name for name in headers.SENT if f"`{name}`" not in REFERENCE} == set()
