"""/openapi.json: every route described (https://spec.openapis.org/oas/v3.1.1), kept as openapi.yaml beside this file."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Blueprint, Response

from pactgraph.sources import yamlld
from pactgraph.web.rdf import conditional

bp = Blueprint("openapi", __name__)


@bp.get("/openapi.json")
def openapi() -> Response:
    """Give the description of the interface."""
    return conditional(lambda: json.dumps(description(), ensure_ascii=False) + "\n", "application/json")


@cache
def description() -> dict[str, Any]:
    """Give the description, as it is in the file, with the version of the program."""
    found: dict[str, Any] = yamlld.load(Path(__file__).with_name("openapi.yaml")).data
    return {**found, "info": {**found["info"], "version": version("pactgraph")}}
