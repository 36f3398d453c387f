"""/leaders/overlap: when two leaders led at the same time, and where they met; a page for people, JSON for programs."""

from __future__ import annotations

from flask import Blueprint, Response, json, render_template, request

from pactgraph.errors import BadInput
from pactgraph.research import leading
from pactgraph.terms import ID
from pactgraph.web import get_service
from pactgraph.web.negotiation import HTML, prefers_html
from pactgraph.web.rdf import conditional

bp = Blueprint("leaders", __name__)


@bp.get("/leaders/overlap")
def overlap() -> Response:
    """Answer for `one` and `other`, people by slug or IRI. Raises BadInput and NotFound."""
    asked = [request.args.get(name, "").strip() for name in ("one", "other")]
    page = prefers_html(request.accept_mimetypes)
    if page and not all(asked):
        return conditional(lambda: render_template("overlap.html", found=None, slugs=asked, names={}), HTML)
    if not all(asked):
        raise BadInput("two people are to be named", hint="for instance /leaders/overlap?one=vladimir-putin&other=kim-jong-un")
    rows = get_service().rows
    one, other = (leading.person_of(rows, name) for name in asked)
    if not page:
        return conditional(lambda: json.dumps(leading.overlap(rows, one, other).as_json()), "application/json")

    def shown() -> str:
        found = leading.overlap(rows, one, other)
        slugs = [iri.removeprefix(str(ID)).partition("/")[2] for iri in (one, other)]
        return render_template("overlap.html", found=found, slugs=slugs, names=found.names)

    return conditional(shown, HTML)
