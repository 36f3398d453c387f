"""/openapi.json describes every route that there is, and no other."""

from __future__ import annotations

import re

import requests
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from pactgraph.settings import ServeSettings
from pactgraph.store import QueryService
from pactgraph.web import openapi
from pactgraph.web.app import create_app

# HEAD and OPTIONS come with GET; OpenAPI 3.1 has no word for QUERY.
UNSAID = {"HEAD", "OPTIONS", "QUERY"}


def app() -> Flask:
    return create_app(ServeSettings(), QueryService.__new__(QueryService))  # its routes are looked at, nothing is asked


def test_it_is_valid() -> None:
    validate(openapi.description(), cls=OpenAPIV31SpecValidator)


def test_it_describes_every_route_and_method() -> None:
    routed: dict[str, set[str]] = {}
    for rule in app().url_map.iter_rules():
        if rule.endpoint != "static":
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            routed.setdefault(path, set()).update((rule.methods or set()) - UNSAID)
    methods = {"get", "put", "post", "delete", "patch"}
    described = {
        path: {name.upper() for name in item if name in methods} for path, item in openapi.description()["paths"].items()
    }
    assert described == routed


def test_it_is_served(served_url: str) -> None:
    response = requests.get(f"{served_url}/openapi.json", timeout=30)
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["info"]["version"] == openapi.description()["info"]["version"] != "0"
    again = requests.get(f"{served_url}/openapi.json", headers={"If-None-Match": response.headers["ETag"]}, timeout=30)
    assert again.status_code == 304


def test_every_operation_says_what_goes_wrong() -> None:
    names = set()
    for path, item in openapi.description()["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            names.add(operation["operationId"])
            assert operation["summary"].endswith("."), (path, method)
            assert "500" not in operation["responses"], (path, method)
    assert len(names) == sum(len(set(item) - {"parameters"}) for item in openapi.description()["paths"].values())
