"""/graphs: the SPARQL 1.1 Graph Store HTTP Protocol. https://www.w3.org/TR/sparql11-http-rdf-update/.

A graph is named by `?graph=IRI` or `?default` (indirect, section 4.2), or is the address itself: /graphs/NAME (direct, 4.1).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from pactgraph.errors import BadInput, NotFound, UnsupportedMedia
from pactgraph.queries import load
from pactgraph.store import Formats
from pactgraph.web import get_service
from pactgraph.web.access import writable
from pactgraph.web.body import parameters, rdf_of_body, text_of_body
from pactgraph.web.negotiation import GRAPHS, graph_suffix
from pactgraph.web.rdf import cached, content_type, program
from pactgraph.web.update import UPDATE

bp = Blueprint("graphs", __name__)


@dataclass(frozen=True)
class _Target:
    """The graph of a request; None is the default graph."""

    name: str | None

    def describe(self) -> str:
        return f"the graph <{self.name}>" if self.name else "the default graph"


@bp.get("/graphs")
@bp.get("/graphs/<path:name>")
def read(name: str = "") -> Response:
    """Give a graph, whole, by Accept. Raises NotFound and NotAcceptable."""
    target = _target()
    suffix = graph_suffix(request.accept_mimetypes, request.args.get("format"), html=False)
    if target.name and not _exists(target.name):
        raise NotFound(f"there is no graph <{target.name}>")
    query = load("graph", graph=NamedNode(target.name)) if target.name else load("default-graph")
    answer = get_service().query(query, accept=Formats(None, GRAPHS[suffix]))
    return cached(
        Response(answer.body, content_type=content_type(answer.media_type)), f"{answer.release}-{program()}-graph-{suffix}"
    )


@bp.put("/graphs")
@bp.put("/graphs/<path:name>")
def replace(name: str = "") -> Response:
    """Put the body in place of a graph (section 5.3): 201 if it is new, else 204. Raises Unauthorised, BadInput …"""
    service, target = writable("graphs"), _target()
    return Response(status=201 if service.write_graph(target.name, _body(target), replace=True) else 204)


@bp.post("/graphs")
@bp.post("/graphs/<path:name>")
def merge(name: str = "") -> Response:
    """Add the body to a graph (section 5.5): 201 if it is new, else 204; without a graph, to one with a new name.

    An empty body adds nothing: 204.
    """
    service = writable("graphs")
    stores = not name and not request.query_string
    target = _Target(f"{request.base_url.rstrip('/')}/{uuid.uuid4()}") if stores else _target()
    if not request.get_data():
        return Response(status=204)
    if stores:
        service.write_graph(target.name, _body(target), replace=False)
        return Response(status=201, headers={"Location": target.name or ""})
    return Response(status=201 if service.write_graph(target.name, _body(target), replace=False) else 204)


@bp.delete("/graphs")
@bp.delete("/graphs/<path:name>")
def remove(name: str = "") -> Response:
    """Remove a graph (section 5.4): 204. Raises NotFound, Unauthorised."""
    service, target = writable("graphs"), _target()
    if target.name and not service.has_graph(target.name):
        raise NotFound(f"there is no graph <{target.name}>")
    service.drop_graph(target.name)
    return Response(status=204)


@bp.patch("/graphs")
@bp.patch("/graphs/<path:name>")
def patch(name: str = "") -> Response:
    """Carry out an update within a graph (section 5.7), which is its default graph and all that it has: 204.

    Raises NotFound, Unauthorised, UnsupportedMedia, BadInput, and QueryImpossible where the update touches another graph.
    """
    service, target = writable("graphs"), _target()
    if request.mimetype != UPDATE:
        raise UnsupportedMedia(f"a body of type {request.mimetype or 'unknown'!r} changes no graph; send {UPDATE}")
    if target.name and not service.has_graph(target.name):
        raise NotFound(f"there is no graph <{target.name}>")
    service.patch_graph(target.name, text_of_body(), base=target.name or request.base_url)
    return Response(status=204)


@bp.after_request
def _say_what_patch_takes(response: Response) -> Response:
    response.headers["Accept-Patch"] = UPDATE
    return response


def _target() -> _Target:
    """Read which graph is meant. Raises BadInput where none or several are, or where it is no absolute IRI."""
    sent = parameters()
    named = sent.getlist("graph")
    if request.view_args and request.view_args.get("name"):
        if sent:
            raise BadInput("a graph is named by the address or by a parameter, not by both")
        return _Target(_iri(request.base_url))
    if len(named) + ("default" in sent) != 1:
        raise BadInput("a request names one graph", hint="send `?graph=IRI` or `?default`")
    if "default" in sent:
        return _Target(None)
    return _Target(_iri(named[0]))


def _iri(text: str) -> str:
    """Give an absolute IRI as it is. Raises BadInput for other text."""
    try:
        return NamedNode(text).value
    except ValueError:
        raise BadInput(f"{text!r} is not an absolute IRI", hint="send the graph's whole IRI, percent-encoded") from None


def _exists(name: str) -> bool:
    return get_service().ask(load("has-graph", graph=NamedNode(name)))


def _body(target: _Target) -> bytes:
    """Give the triples of the body; relative IRIs are resolved against the graph's own IRI, or else the request's."""
    return rdf_of_body(target.name or request.url)
