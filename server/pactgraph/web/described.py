"""Pages about what a release says of itself: its graphs and files (/void), and the shapes that its data keeps to (/shapes)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, render_template
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store

from pactgraph.errors import NotFound
from pactgraph.prefixes import PREFIXES
from pactgraph.queries import load
from pactgraph.web import get_service
from pactgraph.web.negotiation import HTML
from pactgraph.web.rdf import conditional

bp = Blueprint("described", __name__)

_SH = PREFIXES["sh"]
_TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")


@bp.get("/page/void")
def void() -> Response:
    """Show what the release holds, graph by graph, and where its description and files are."""

    def page() -> str:
        rows = get_service().rows(load("page/parts"))
        return render_template("void.html", rows=rows, facts=get_service().release.manifest)

    return conditional(page, HTML)


@bp.get("/page/shapes")
def shapes() -> Response:
    """Show what the data keeps to: each rule in words, with what is said where it is broken. Raises NotFound."""
    path = get_service().release.path / "dumps" / "shapes.ttl"
    if not path.is_file():
        raise NotFound("this release has no shapes")
    return conditional(lambda: render_template("shapes.html", shapes=_shapes(path)), HTML)


@lru_cache(maxsize=2)
def _shapes(path: Path) -> list[dict[str, object]]:
    """Give each named shape: name, what it is for, what it looks at, what it says, how grave it is."""
    store = Store()
    store.load(path=str(path), format=RdfFormat.TURTLE)
    named = {
        quad.subject for quad in store.quads_for_pattern(None, _sh("message"), None) if isinstance(quad.subject, NamedNode)
    }
    return [
        {
            "name": shape.value.rpartition("#")[2],
            "words": _value(store, shape, NamedNode(PREFIXES["rdfs"] + "comment")),
            "targets": [text for name in _TARGETS for text in _values(store, shape, _sh(name))],
            "message": _value(store, shape, _sh("message")),
            "severity": _value(store, shape, _sh("severity")).rpartition("#")[2] or "Violation",
        }
        for shape in sorted(named, key=str)
    ]


def _sh(name: str) -> NamedNode:
    return NamedNode(_SH + name)


def _values(store: Store, subject: NamedNode, predicate: NamedNode) -> list[str]:
    found = (quad.object for quad in store.quads_for_pattern(subject, predicate, None))
    return sorted(term.value for term in found if isinstance(term, NamedNode | Literal | BlankNode))


def _value(store: Store, subject: NamedNode, predicate: NamedNode) -> str:
    return next(iter(_values(store, subject, predicate)), "")
