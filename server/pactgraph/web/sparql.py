"""/sparql: the SPARQL 1.1 Protocol (query) and the service description. https://www.w3.org/TR/sparql11-protocol/.

A query may also come by QUERY, the safe method with a body (IETF, draft-ietf-httpbis-safe-method-w-body).
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from pactgraph.errors import BadInput, UnsupportedMedia
from pactgraph.store import Formats
from pactgraph.web import description, get_service, workbench
from pactgraph.web.asked import Asked
from pactgraph.web.asof import asked_day
from pactgraph.web.body import FORM, parameters, text_of_body
from pactgraph.web.negotiation import prefers_html, query_formats
from pactgraph.web.rdf import answered, cached
from pactgraph.web.update import UPDATE, carry_out

bp = Blueprint("sparql", __name__)

_QUERY = "application/sparql-query"
_OF_UPDATES = ("update", "using-graph-uri", "using-named-graph-uri")


@bp.get("/sparql")
def get() -> Response:
    """Answer a query; without one, give the workbench to browsers and the service description to programs."""
    sent = parameters()
    if prefers_html(request.accept_mimetypes) and "format" not in sent:
        return workbench.page(_read(sent, formats=Formats()) if sent.get("query") else None)
    if "query" in sent or any(name in sent for name in _OF_UPDATES):
        return _answer(_read(sent))
    return description.answer()


@bp.post("/sparql")
def post() -> Response:
    """Answer a query in a form, or as the body itself; an update too. Raises UnsupportedMedia for other bodies."""
    if request.mimetype == UPDATE:
        return carry_out(parameters(), text_of_body())
    if request.mimetype == FORM:
        sent = parameters(form=True)
        return carry_out(sent) if "update" in sent and "query" not in sent else _answer(_read(sent))
    return _answer(_in_body())


@bp.route("/sparql", methods=["QUERY"])
def query() -> Response:
    """Answer a query sent by QUERY: as by POST, but nothing changes, and the answer is cached. Raises UnsupportedMedia."""
    return _answer(_in_body())


@bp.after_request
def _say_what_query_takes(response: Response) -> Response:
    response.headers["Accept-Query"] = f"{_QUERY}, {FORM}"
    return response


def _in_body() -> Asked:
    """Read a query from the body: a form, or the query itself. Raises UnsupportedMedia, BadInput and NotAcceptable."""
    if request.mimetype == FORM:
        return _read(parameters(form=True))
    if request.mimetype == _QUERY:
        return _read(parameters(), text_of_body())
    kind = request.mimetype or "unknown"
    raise UnsupportedMedia(f"a body of type {kind!r} is not read here; send {_QUERY} or {FORM} with a `query`")


def _read(sent: MultiDict[str, str], body: str | None = None, formats: Formats | None = None) -> Asked:
    """Read the parameters of the protocol; the formats too, unless given. Raises BadInput and NotAcceptable."""
    for name in _OF_UPDATES:
        if name in sent:
            raise BadInput(f"`{name}` belongs to an update, and this is a query", hint="an update is sent by POST, alone")
    texts = sent.getlist("query") + ([body] if body is not None else [])
    if len(texts) != 1:
        raise BadInput(f"a request carries exactly one query; this one carries {len(texts)}", hint="send one `query`")
    formats = formats or query_formats(request.accept_mimetypes, sent.get("format"))
    default, named = sent.getlist("default-graph-uri"), sent.getlist("named-graph-uri")
    return Asked(texts[0], formats, tuple(default), tuple(named), request.base_url, asked_day(sent))


def _answer(asked: Asked) -> Response:
    service = get_service()
    if asked.may_ask_others:
        response = answered(asked.ask(service))
        response.cache_control.no_store = True
        response.vary.add("Accept")
        return response
    etag = asked.etag(service.release.id)
    if request.method in ("GET", "HEAD", "QUERY") and request.if_none_match.contains_weak(etag):
        return cached(Response(status=304), etag)
    answer = asked.ask(service)
    return cached(answered(answer), asked.etag(answer.release))
