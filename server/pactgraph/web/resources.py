"""Linked data: /id/… answers 303 to a page or to data; /data/…, /ns, /vocab/…, /shapes and /graph/… give the data itself.

IRIs in data are the canonical ones, whatever address the server has. https://www.w3.org/TR/cooluris/#r303gendocument.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from werkzeug.wrappers import Response as Redirect

from pactgraph.errors import NotFound
from pactgraph.queries import load
from pactgraph.store import Answer, Formats
from pactgraph.store.answers import DATASETS
from pactgraph.store.days import day_of, name_of
from pactgraph.terms import BASE
from pactgraph.web import get_service
from pactgraph.web.asof import asked_day, parameter
from pactgraph.web.negotiation import GRAPHS, graph_suffix, prefers_html
from pactgraph.web.rdf import conditional, named, write

bp = Blueprint("resources", __name__)

SHAPES_FILE = "dumps/shapes.ttl"


@bp.get("/id/<kind>/<slug>")
def entity(kind: str, slug: str) -> Redirect:
    """Send the client of an entity to its page or its data. Raises NotFound, NotAcceptable."""
    return _see_other(f"id/{kind}/{slug}")


@bp.get("/vocab/<scheme>")
@bp.get("/vocab/<scheme>/<concept>")
def vocabulary(scheme: str, concept: str = "") -> Redirect:
    """Send the client of a concept scheme or concept to its page or its data. Raises NotFound, NotAcceptable."""
    return _see_other(f"vocab/{scheme}/{concept}".rstrip("/"))


@bp.get("/data/<path:name>")
def data(name: str) -> Response:
    """Describe an entity, concept or scheme, as DESCRIBE does. Raises NotFound, NotAcceptable."""
    name, suffix = _split(name)
    iri, day = _iri(name if name.startswith("vocab/") else f"id/{name}"), asked_day()
    return conditional(lambda: _describe(iri, suffix, day), GRAPHS[suffix])


@bp.get("/ns")
@bp.get("/ns.<suffix>")
def ontology(suffix: str = "") -> Redirect:
    """Give the ontology; browsers are sent to its documentation. Raises NotFound, NotAcceptable."""
    chosen = _known_suffix(suffix) if suffix else _chosen(html=True)
    if chosen == "html":
        return _varying(redirect("/page/ns", 303))
    return _graph("ontology", chosen)


@bp.get("/shapes")
@bp.get("/shapes.<suffix>")
def shapes(suffix: str = "") -> Redirect:
    """Give the SHACL shapes; browsers are sent to their page. Raises NotFound, NotAcceptable."""
    chosen = _known_suffix(suffix) if suffix else _chosen(html=prefers_html(request.accept_mimetypes))
    return _varying(redirect("/page/shapes", 303)) if chosen == "html" else _shapes(chosen)


@bp.get("/graph/<name>")
def graph(name: str) -> Response:
    """Give a named graph, whole. Raises NotFound, NotAcceptable."""
    name, suffix = _split(name)
    return _shapes(suffix) if name == "shapes" else _graph(name, suffix)


@bp.get("/graph/as-of/<day>")
def view(day: str) -> Response:
    """Give the view of a day, whole: `/graph/as-of/1939-09-01`. Raises BadInput, NotFound, NotAcceptable."""
    stem, suffix = _split(day)
    name = name_of(day_of(stem))

    def body() -> bytes:
        """Give the view; a format that can says its name."""
        named_here = GRAPHS[suffix] in DATASETS
        formats = Formats(None, GRAPHS["nt" if named_here else suffix])
        found = get_service().query(load("graph", graph=name), accept=formats, as_of=day_of(stem)).body
        return named(found, name, suffix) if named_here else found

    return conditional(body, GRAPHS[suffix])


def _see_other(name: str) -> Redirect:
    name, suffix = _split(name, html=True)
    if not get_service().ask(load("known", entity=_iri(name))):
        raise NotFound(f"nothing is known of {BASE}{name}; /search finds by name")
    path = name.removeprefix("id/")
    kept = f"?{urlencode(parameter())}" if asked_day() else ""
    return _varying(redirect((f"/page/{path}" if suffix == "html" else f"/data/{path}.{suffix}") + kept, 303))


def _varying(response: Redirect) -> Redirect:
    response.vary.add("Accept")
    return response


def _split(name: str, *, html: bool = False) -> tuple[str, str]:
    """Split a suffix off a name; without one, the request chooses among the data formats, and `html` where it may."""
    stem, _, suffix = name.rpartition(".")
    return (stem, suffix) if stem and suffix in GRAPHS else (name, _chosen(html=html))


def _chosen(*, html: bool = False) -> str:
    return graph_suffix(request.accept_mimetypes, request.args.get("format"), html=html)


def _known_suffix(suffix: str) -> str:
    if suffix not in GRAPHS:
        raise NotFound(f"there is no format {suffix!r}; there are " + ", ".join(GRAPHS))
    return suffix


def _iri(name: str) -> NamedNode:
    try:
        return NamedNode(BASE + name)
    except ValueError:
        raise NotFound(f"{name!r} cannot be part of an IRI") from None


def _describe(iri: NamedNode, suffix: str, day: date | None) -> Answer:
    service = get_service()
    if not service.ask(load("known", entity=iri)):
        raise NotFound(f"nothing is known of {iri.value}; /search finds by name")
    return service.query(load("describe/thing", node=iri), accept=Formats(None, GRAPHS[suffix]), as_of=day)


def _graph(name: str, suffix: str) -> Response:
    iri = _iri(f"graph/{name}")
    if not get_service().ask(load("has-graph", graph=iri)):
        raise NotFound(f"there is no named graph {iri.value}; /sparql describes those that there are")

    def body() -> bytes:
        """Give the graph; a format that can says its name."""
        named_here = GRAPHS[suffix] in DATASETS
        formats = Formats(None, GRAPHS["nt" if named_here else suffix])
        found = get_service().query(load("graph", graph=iri), accept=formats).body
        return named(found, iri, suffix) if named_here else found

    return conditional(body, GRAPHS[suffix])


def _shapes(suffix: str) -> Response:
    path = get_service().release.path / SHAPES_FILE
    if not path.is_file():
        raise NotFound("this release has no shapes")
    quads: Iterable[Triple] = (quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE))
    return conditional(lambda: write(quads, suffix), GRAPHS[suffix])
