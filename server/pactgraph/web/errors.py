"""The one place where errors become answers: problem+json (RFC 9457), or a page for browsers. Never a traceback."""

from __future__ import annotations

import json
import logging
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from pyoxigraph import RdfFormat, parse
from werkzeug.exceptions import HTTPException, InternalServerError

from pactgraph.errors import Forbidden, Later, PactgraphError, Unauthorised, WriteRefused
from pactgraph.store.admission import caller
from pactgraph.web.negotiation import GRAPHS, HTML, best, prefers_html
from pactgraph.web.rdf import content_type, write

PROBLEM = "application/problem+json"
_REALM = 'Bearer realm="Pactgraph"'
_log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Make an app answer every error here."""
    app.register_error_handler(PactgraphError, _ours)
    app.register_error_handler(HTTPException, _werkzeug)
    app.register_error_handler(Exception, _unexpected)


def problem(status: int, title: str, detail: str, extra: dict[str, Any] | None = None) -> Response:
    """Give an error as an answer, in the format that the client prefers."""
    members = {"type": "about:blank", "title": title, "status": status, "detail": detail, **(extra or {})}
    who = caller.get()
    if who and who.asked:
        members["queryId"] = who.id
    if who:
        who.pinned = ""  # the release that was asked for may not be there; the page of an error is in the current one
    if prefers_html(request.accept_mimetypes):
        response = make_response(render_template("error.html", **members))
    else:
        response = Response(json.dumps(members, ensure_ascii=False) + "\n", mimetype=PROBLEM)
    response.status_code = status
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


def _ours(error: PactgraphError) -> Response:
    if error.status >= 500:
        _log.warning("%s %s: %s", request.method, request.path, error.detail)
    response = (
        _refused(error) if isinstance(error, WriteRefused) else problem(error.status, error.title, error.detail, error.extra)
    )
    if isinstance(error, Later):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthorised):
        response.headers["WWW-Authenticate"] = _REALM + (f', error="{error.fault}"' if error.fault else "")
    if isinstance(error, Forbidden):
        response.headers["WWW-Authenticate"] = f'{_REALM}, error="insufficient_scope", scope="{error.scope}"'
    return response


def _refused(error: WriteRefused) -> Response:
    """Say why a write was refused: the SHACL report where RDF is accepted before JSON, else a problem with the findings."""
    chosen = best(request.accept_mimetypes, (PROBLEM, "application/json", HTML, *GRAPHS.values()))
    suffix = next((name for name, media_type in GRAPHS.items() if media_type == chosen), None)
    if suffix is None:
        findings = [
            {"graph" if name == "file" else name: value for name, value in vars(finding).items() if value}
            for finding in error.findings
        ]
        return problem(error.status, error.title, error.detail, {"findings": findings})
    triples = (quad.triple for quad in parse(input=error.report, format=RdfFormat.N_TRIPLES))
    response = Response(write(triples, suffix), status=error.status, content_type=content_type(GRAPHS[suffix]))
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


def _werkzeug(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response(request.environ))
    response = problem(error.code, error.name, error.description or error.name)
    for name, value in error.get_headers(request.environ):
        if name.lower() in ("allow", "retry-after", "content-range"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    fault = InternalServerError()
    return problem(500, fault.name, "the server met an error that it did not expect; it is logged")
