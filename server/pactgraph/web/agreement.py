"""/agreement: how what we read in pacts compares with how data sets code them, as a score and row by row; page, JSON or CSV."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from pactgraph.terms import ID, VOCAB
from pactgraph.web import get_service
from pactgraph.web.names import names_of
from pactgraph.web.negotiation import one_of
from pactgraph.web.rdf import conditional
from pactgraph.web.records import OFFERED, Row, csv_of, rows_of

bp = Blueprint("agreement", __name__)

_COLUMNS = ("source", "matter", "pact", "record", "ours", "theirs", "agrees", "article", "explanation", "comparison")
_TYPE = "type"  # the matter of a comparison that is of no kind of obligation


@bp.get("/agreement")
def agreement() -> Response:
    """Give the score by data set and matter, and each comparison; differences with the article that we read.

    `?format=csv` or `json` wins over Accept. Raises BadInput, NotAcceptable.
    """
    chosen = one_of(request.accept_mimetypes, request.args.get("format"), OFFERED)
    write = {"html": _page, "json": _json, "csv": _csv}[chosen]
    return conditional(lambda: write(rows_of("agreement", (*_COLUMNS, "note"))), OFFERED[chosen])


def _scores(rows: list[Row]) -> list[dict[str, Any]]:
    """Count, for each data set and matter, what was compared, what agrees, and the differences that nothing explains."""
    parts: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        parts[row["source"], row["matter"]].append(row)
    return [
        {
            "source": source,
            "matter": matter,
            "compared": len(part),
            "agree": sum(row["agrees"] == "true" for row in part),
            "unexplained": sum(row["agrees"] == "false" and not row["explanation"] for row in part),
        }
        for (source, matter), part in sorted(parts.items())
    ]


def _json(rows: list[Row]) -> str:
    said = [{**{column: row[column] for column in _COLUMNS}, "agrees": row["agrees"] == "true"} for row in rows]
    return jsonify({"scores": _scores(rows), "comparisons": said}).get_data(as_text=True)


def _csv(rows: list[Row]) -> str:
    return csv_of(_COLUMNS, rows)


def _page(rows: list[Row]) -> str:
    differences = [row for row in rows if row["agrees"] == "false"]
    things = {f"{VOCAB}obligation/{row['matter']}" for row in rows if row["matter"] != _TYPE}
    things |= {f"{ID}source/{row['source']}" for row in rows} | {f"{ID}pact/{row['pact']}" for row in differences}
    page = {"scores": _scores(rows), "differences": differences, "names": names_of(get_service(), things), "no_kind": _TYPE}
    return render_template("agreement.html", base_kind=f"{VOCAB}obligation/", base=ID, **page)
