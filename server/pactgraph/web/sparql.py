"""/sparql: the SPARQL 1.1 Protocol (query) and the service description. https://www.w3.org/TR/sparql11-protocol/."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, request, url_for
from pyoxigraph import BlankNode, NamedNode, Triple
from werkzeug.datastructures import MultiDict

from pactgraph.errors import BadInput, QueryRefused, UnsupportedMedia
from pactgraph.queries import load
from pactgraph.store import Formats
from pactgraph.web import get_service, workbench
from pactgraph.web.asked import Asked
from pactgraph.web.body import text_of_body
from pactgraph.web.negotiation import GRAPHS, RESULTS, graph_suffix, prefers_html, query_formats
from pactgraph.web.rdf import cached, content_type, write
from pactgraph.web.update import UPDATE, carry_out

bp = Blueprint("sparql", __name__)

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_SUPPORTED = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "jsonld": "JSON-LD",
    "nt": "N-Triples",
    "rdf": "RDF_XML",
}


@bp.get("/sparql")
def get() -> Response:
    """Answer a query; without one, give the workbench to browsers and the service description to programs."""
    if prefers_html(request.accept_mimetypes) and "format" not in request.args:
        return workbench.page(_read(request.args, formats=Formats()) if request.args.get("query") else None)
    if "query" in request.args or "update" in request.args:
        return _answer(_read(request.args))
    return _description()


@bp.post("/sparql")
def post() -> Response:
    """Answer a query in a form, or as the body itself; an update too. Raises UnsupportedMedia for other bodies."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return carry_out(request.form) if "update" in request.form else _answer(_read(request.form))
    if request.mimetype == "application/sparql-query":
        return _answer(_read(request.args, text_of_body()))
    if request.mimetype == UPDATE:
        return carry_out(request.args, text_of_body())
    raise UnsupportedMedia(
        f"a body of type {request.mimetype or 'unknown'!r} is not read here; send application/sparql-query "
        "or application/x-www-form-urlencoded with a `query`"
    )


def _read(parameters: MultiDict[str, str], body: str | None = None, formats: Formats | None = None) -> Asked:
    """Read the parameters of the protocol; the formats too, unless given. Raises BadInput, QueryRefused and NotAcceptable."""
    if "update" in parameters or "using-graph-uri" in parameters or "using-named-graph-uri" in parameters:
        raise QueryRefused("there is no update here; this server answers queries and changes nothing")
    texts = parameters.getlist("query") + ([body] if body is not None else [])
    if len(texts) != 1:
        raise BadInput(f"a request carries exactly one query; this one carries {len(texts)}", hint="send one `query`")
    formats = formats or query_formats(request.accept_mimetypes, parameters.get("format") or request.args.get("format"))
    default, named = parameters.getlist("default-graph-uri"), parameters.getlist("named-graph-uri")
    return Asked(texts[0], formats, tuple(default), tuple(named))


def _answer(asked: Asked) -> Response:
    service = get_service()
    etag = asked.etag(service.release.id)
    if request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(etag):
        return cached(Response(status=304), etag)
    answer = asked.ask(service)
    response = Response(answer.body, content_type=content_type(answer.media_type))
    return cached(response, asked.etag(answer.release))


def _description() -> Response:
    """Describe the service. Source: https://www.w3.org/TR/sparql11-service-description/."""
    suffix = graph_suffix(request.accept_mimetypes, html=False)
    body = write(_statements(), suffix, {"sd": _SD, "formats": _FORMATS})
    response = Response(body, content_type=content_type(GRAPHS[suffix]))
    return cached(response, f"{get_service().release.id}-description-{suffix}")


def _statements() -> list[Triple]:
    service, dataset, default = NamedNode(url_for("sparql.get", _external=True)), BlankNode("dataset"), BlankNode("default")
    a = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")

    def sd(name: str) -> NamedNode:
        return NamedNode(_SD + name)

    triples = [
        Triple(service, a, sd("Service")),
        Triple(service, sd("endpoint"), service),
        Triple(service, sd("supportedLanguage"), sd("SPARQL11Query")),
        Triple(service, sd("feature"), sd("UnionDefaultGraph")),
        Triple(service, sd("defaultDataset"), dataset),
        Triple(dataset, a, sd("Dataset")),
        Triple(dataset, sd("defaultGraph"), default),
        Triple(default, a, sd("Graph")),
    ]
    for suffix in (*RESULTS, *GRAPHS):
        triples.append(Triple(service, sd("resultFormat"), NamedNode(_FORMATS + _SUPPORTED[suffix])))
    for row in get_service().rows(load("graphs")):
        name = row["graph"].value
        node = BlankNode("g" + hashlib.sha256(name.encode()).hexdigest()[:8])
        triples += [
            Triple(dataset, sd("namedGraph"), node),
            Triple(node, a, sd("NamedGraph")),
            Triple(node, sd("name"), NamedNode(name)),
        ]
    return triples
