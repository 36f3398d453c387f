"""/contested: what is claimed and denied, by whom, since when; a timeline of positions on each contested proposition."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from pactgraph.queries import load
from pactgraph.web import get_service
from pactgraph.web.names import names_of
from pactgraph.web.negotiation import HTML, prefers_html
from pactgraph.web.rdf import conditional

bp = Blueprint("contested", __name__)


@bp.get("/contested")
def contested() -> Response:
    """List the contested propositions, each with its positions in the order of time; a page, or JSON."""
    if prefers_html(request.accept_mimetypes):
        return conditional(_page, HTML)
    return conditional(lambda: jsonify({"propositions": _propositions()}).get_data(as_text=True), "application/json")


def _propositions() -> list[dict[str, Any]]:
    """Give the propositions; `since` is the first day on which each side can have taken its position, where that is known."""
    found: dict[str, dict[str, Any]] = {}
    for row in get_service().rows(load("contested")):
        name, stance, claim = row["proposition"].value, row["stance"].value, row["claim"].value
        one = found.setdefault(name, {"id": name, "statement": row["statement"].value, "since": {}, "positions": {}})
        if "earliest" in row:
            one["since"].setdefault(stance, row["earliest"].value)
        position = one["positions"].setdefault(
            claim,
            {
                "claim": claim,
                "stance": stance,
                "claimants": [],
                "date": row["date"].value if "date" in row else "",
                "statement": row["words"].value if "words" in row else "",
                "sources": [],
            },
        )
        for several, name in (("claimants", "claimant"), ("sources", "source")):
            if name in row and row[name].value not in position[several]:
                position[several].append(row[name].value)
    return [{**one, "positions": list(one["positions"].values())} for one in found.values()]


def _page() -> str:
    propositions = _propositions()
    positions = [position for one in propositions for position in one["positions"]]
    things = {iri for one in positions for iri in (*one["claimants"], *one["sources"])}
    return render_template("contested.html", propositions=propositions, names=names_of(get_service(), things))
