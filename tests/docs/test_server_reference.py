"""The server's reference and the security page say what is there: options, defaults, statuses, metrics, fields, tests."""

from __future__ import annotations

import ast
import re

import pytest
import requests
from typer.main import get_command

from pactgraph import cli, errors
from pactgraph.settings import OPTIONS
from tests.conftest import ROOT

REFERENCE = (ROOT / "docs/reference/server.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "docs/reference/security.md").read_text(encoding="utf-8")


def test_every_option_is_there() -> None:
    serve = get_command(cli.app).commands["serve"]  # type: ignore[attr-defined]
    names = {name for parameter in serve.params for name in parameter.opts} - {"--help"}
    assert len(names) > 20
    assert {name for name in names if f"`{name}`" not in REFERENCE} == set()
    rows = dict(re.findall(r"^\| `(--[\w-]+)` \| (\S+) \|", REFERENCE, re.MULTILINE))
    for option in OPTIONS:
        assert float(rows[option.name]) == option.default


def test_every_status_is_there() -> None:
    found, todo = set(), [errors.PactgraphError]
    while todo:
        kind = todo.pop()
        found.add(kind.status)
        todo += kind.__subclasses__()
    rows = set(re.findall(r"\d{3}", " ".join(re.findall(r"^\| (\d{3}(?:, \d{3})*) \|", REFERENCE, re.MULTILINE))))
    assert {str(status) for status in found} <= rows


def test_every_metric_is_there(served_url: str) -> None:
    requests.get(f"{served_url}/sparql", params={"query": "ASK {}"}, timeout=30)
    text = requests.get(f"{served_url}/metrics", timeout=30).text
    shown = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    assert shown == set(re.findall(r"`(pactgraph_\w+)`", REFERENCE))


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", SECURITY))))
def test_the_tests_that_the_security_page_names_exist(named: str) -> None:
    path, name = named.split("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_threat_names_a_test() -> None:
    rows = [row for row in SECURITY.split("## Who is there")[1].splitlines() if row.count("|") == 4]
    threats = [
        row for row in rows if not row.startswith(("| ---", "| Threat", "| Who", "| Anyone", "| A proxy", "| The operator"))
    ]
    assert len(threats) > 20
    assert [row for row in threats if "`tests/" not in row] == []
