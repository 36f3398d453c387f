"""/conflicts: where sources disagree, as a page, JSON or CSV, by kind and by source."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, Response, jsonify, render_template, request

from pactgraph.errors import BadInput
from pactgraph.terms import ID, VOCAB
from pactgraph.web import get_service
from pactgraph.web.names import names_of
from pactgraph.web.negotiation import one_of
from pactgraph.web.rdf import conditional
from pactgraph.web.records import OFFERED, Row, csv_of, rows_of

bp = Blueprint("conflicts", __name__)

_COLUMNS = ("conflict", "kind", "matter", "source_1", "says_1", "source_2", "says_2", "days", "years")


@bp.get("/conflicts")
def conflicts() -> Response:
    """List the conflicts of the release: what about, who says what, by how much. `kind` and `source` choose among them.

    `?format=csv` or `json` wins over Accept. Raises NotAcceptable, and BadInput for an unknown format, kind or source.
    """
    chosen = one_of(request.accept_mimetypes, request.args.get("format"), OFFERED)
    write = {"html": _page, "json": _json, "csv": _csv}[chosen]
    return conditional(lambda: write(rows_of("conflicts", _COLUMNS)), OFFERED[chosen])


def _chosen(rows: list[Row]) -> list[Row]:
    kind, source = request.args.get("kind", ""), request.args.get("source", "")
    found = [row for row in rows if kind in ("", row["kind"]) and (not source or source in _sources(row))]
    if (kind or source) and not found:
        kinds, sources = _counts(rows)
        hint = f"kinds are {', '.join(kinds) or 'none'}; sources are {', '.join(sources) or 'none'}"
        raise BadInput(f"there is no conflict of kind {kind!r} and source {source!r}", hint=hint)
    return found


def _sources(row: Row) -> set[str]:
    return {*row["source_1"].split(), *row["source_2"].split()}


def _counts(rows: list[Row]) -> tuple[dict[str, int], dict[str, int]]:
    """Count conflicts by kind and by source, in alphabetical order."""
    kinds = Counter(row["kind"] for row in rows)
    sources = Counter(source for row in rows for source in _sources(row))
    return dict(sorted(kinds.items())), dict(sorted(sources.items()))


def _json(rows: list[Row]) -> str:
    kinds, sources = _counts(rows)
    return jsonify({"kinds": kinds, "sources": sources, "conflicts": _chosen(rows)}).get_data(as_text=True)


def _csv(rows: list[Row]) -> str:
    return csv_of(_COLUMNS, _chosen(rows))


def _page(rows: list[Row]) -> str:
    kinds, sources = _counts(rows)
    names = names_of(
        get_service(), {*(f"{VOCAB}conflict-kind/{kind}" for kind in kinds), *(f"{ID}source/{name}" for name in sources)}
    )
    chosen = {"kind": request.args.get("kind", ""), "source": request.args.get("source", "")}
    page = {"kinds": kinds, "sources": sources, "rows": _chosen(rows), "chosen": chosen, "names": names}
    return render_template("conflicts.html", base_kind=f"{VOCAB}conflict-kind/", base_source=f"{ID}source/", **page)
