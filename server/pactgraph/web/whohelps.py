"""/who-helps: if a state is attacked on a day, who must help it; a page for people, JSON for programs."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint, Response, json, render_template, request

from pactgraph.errors import BadInput
from pactgraph.queries import load
from pactgraph.research import helpers
from pactgraph.store.days import day_of
from pactgraph.terms import ID
from pactgraph.web import get_service
from pactgraph.web.negotiation import HTML, prefers_html
from pactgraph.web.rdf import conditional

bp = Blueprint("whohelps", __name__)

_JSON = "application/json"


@bp.get("/who-helps")
def answer() -> Response:
    """Answer for `state` (slug or IRI) and `on` (YYYY-MM-DD; today if left out). Raises BadInput and NotFound."""
    state, page = request.args.get("state", "").strip(), prefers_html(request.accept_mimetypes)
    day = day_of(request.args["on"]) if request.args.get("on") else datetime.now(UTC).date()
    if not state:
        if page:
            return conditional(lambda: _page(day, None), HTML)
        raise BadInput("no state is named", hint="ask for instance /who-helps?state=north-korea&on=2024-07-01")
    rows = get_service().rows
    iri = helpers.state_of(rows, state)
    if page:
        return conditional(lambda: _page(day, helpers.who_helps(rows, iri, day)), HTML)
    return conditional(lambda: json.dumps(helpers.who_helps(rows, iri, day).as_json()), _JSON)


def _page(day: date, found: helpers.Help | None) -> str:
    states = get_service().rows(load("states"))
    slug = found.attacked.removeprefix(str(ID)).partition("/")[2] if found else ""
    names = found.names if found else {}
    return render_template("who-helps.html", help=found, day=day, slug=slug, states=states, names=names)
