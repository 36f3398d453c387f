"""/search: entities, concepts and terms by name, other name or code; JSON for programs, a page for people."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from pyoxigraph import Literal

from pactgraph.errors import BadInput
from pactgraph.queries import load
from pactgraph.store import Term
from pactgraph.terms import curie
from pactgraph.web import get_service
from pactgraph.web.names import names_of
from pactgraph.web.negotiation import HTML, prefers_html
from pactgraph.web.rdf import conditional
from pactgraph.web.text import href

bp = Blueprint("search", __name__)

_DASH = re.compile("[-\u2013]")
_LIMIT = 100
_LONGEST = 200


@bp.get("/search")
def search() -> Response:
    """Find what has a text (`q`) in its name; at most 100, and the answer says whether there are more. Raises BadInput."""
    text = " ".join(request.args.get("q", "").split())
    if len(text) > _LONGEST:
        raise BadInput(f"a search of {len(text)} characters", hint=f"use {_LONGEST} at most")
    if prefers_html(request.accept_mimetypes):
        return conditional(lambda: render_template("search.html", text=text, **_found(text)), HTML)
    if not text:
        raise BadInput("nothing to search for", hint="give `q`, for instance /search?q=korea")
    found = _found(text)
    response = jsonify({"query": text, "complete": found["complete"], "results": found["results"]})
    response.vary.add("Accept")
    return response


def _found(text: str) -> dict[str, Any]:
    plain = _DASH.sub(" ", text.lower())
    words = sorted(set(plain.split()))
    if not words:
        return {"results": [], "complete": True}
    query = load("search", word=[Literal(word) for word in words], count=Literal(len(words)), text=Literal(plain))
    rows = get_service().rows(query)
    names = names_of(get_service(), (row["thing"].value for row in rows))
    results = [_result(row["thing"], row["matched"], names) for row in rows[:_LIMIT]]
    return {"results": results, "complete": len(rows) <= _LIMIT}


def _result(thing: Term, matched: Term, names: dict[str, str]) -> dict[str, str]:
    kind = curie(thing.value).partition(":")[0]
    name = names.get(thing.value, matched.value)
    return {"id": thing.value, "name": name, "kind": kind, "matched": matched.value, "page": href(thing.value)}
