"""/findings: what is odd about the world as it is recorded, as a page, JSON or CSV."""

from __future__ import annotations

from collections import defaultdict

from flask import Blueprint, Response, jsonify, render_template, request

from pactgraph.queries import load
from pactgraph.store import Formats
from pactgraph.store.answers import RESULTS
from pactgraph.terms import ID, PG, VOCAB
from pactgraph.web import get_service
from pactgraph.web.names import names_of
from pactgraph.web.negotiation import HTML, one_of
from pactgraph.web.rdf import conditional
from pactgraph.web.records import OFFERED

bp = Blueprint("findings", __name__)

_SEVERAL = ("concerns", "basis", "sources")


@bp.get("/findings")
def findings() -> Response:
    """List the findings of the release, each with whom it concerns, when, and the records and sources that it rests on.

    `?format=csv` or `json` wins over Accept. Raises BadInput, NotAcceptable.
    """
    media_type = OFFERED[one_of(request.accept_mimetypes, request.args.get("format"), OFFERED)]
    if media_type == RESULTS["csv"]:
        return conditional(lambda: get_service().query(load("report/findings"), accept=Formats(media_type, None)), media_type)
    return conditional(_page if media_type == HTML else _json, media_type)


def _rows() -> list[dict[str, object]]:
    return [
        {
            "id": f"{ID}{row['finding'].value}",
            "kind": row["kind"].value,
            "words": row["words"].value,
            "from": row["from"].value,
            "until": row["until"].value,
            **{key: [f"{ID}{name}" for name in row[key].value.split()] if key in row else [] for key in _SEVERAL},
        }
        for row in get_service().rows(load("report/findings"))
    ]


def _json() -> str:
    return jsonify({"findings": _rows()}).get_data(as_text=True)


def _page() -> str:
    kinds = defaultdict(list)
    for row in _rows():
        kinds[f"{VOCAB}finding-kind/{row['kind']}"].append(row)
    cited = {iri for rows in kinds.values() for row in rows for key in ("concerns", "sources") for iri in row[key]}  # type: ignore[attr-defined]
    names = names_of(get_service(), {*kinds, *cited})
    return render_template("findings.html", kinds=kinds, names=names, kind_of=f"{PG._NS}findingKind")
