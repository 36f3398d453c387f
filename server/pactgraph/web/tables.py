"""Research tables over HTTP: /export lists them, /export/dyad-year.csv gives one (parquet, dta, graphml), .md its codebook."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, jsonify, render_template, request, send_file
from werkzeug.datastructures import MultiDict

from pactgraph.errors import BadInput, NotFound, NotHandedOn
from pactgraph.settings import ServeSettings
from pactgraph.web import get_service
from pactgraph.web.downloads import check_range
from pactgraph.web.making import CODEBOOKS, Maker
from pactgraph.web.negotiation import DOCUMENT, HTML, one_of
from pactgraph.web.rdf import cached, conditional, program

if TYPE_CHECKING:
    from pactgraph.research import Request
    from pactgraph.sources.register import Source

bp = Blueprint("tables", __name__)

# The formats of research.MEDIA_TYPES, which this process need not load, and of codebooks.
TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "dta": "application/x-stata-dta",
    "graphml": "application/graphml+xml",
    "md": "text/markdown",
    "csv-metadata.json": "application/csvm+json",
}
_SINGLE = ("from", "to", "on", "asOf", "layout", "table")
_REPEATED = ("source", "state", "kind")


@bp.get("/export")
def listing() -> Response:
    """List the tables, their formats and codebooks, and which sources are in them; as JSON or as a page."""
    from pactgraph.research.export import described

    chosen = DOCUMENT[one_of(request.accept_mimetypes, None, DOCUMENT)]
    held = [source for name, source in _sources().items() if name in _held(get_service().release.path)]
    left_out = _withheld()
    facts = {
        "tables": [{"name": name, "row": about, "formats": formats} for name, about, formats in described()],
        "sources": [
            {"id": source.id, "title": f"{source.title} {source.version}", "included": source.id not in left_out}
            | ({"reason": source.reason} if source.id in left_out else {})
            for source in held
        ],
        "parameters": [*_REPEATED, *_SINGLE],
    }
    if chosen == HTML:
        return conditional(lambda: render_template("export.html", **facts), HTML)
    return cached(jsonify(facts), f"{get_service().release.id}-{program()}-export")


@bp.get("/export/<file>")
def table(file: str) -> Response:
    """Give a table (`dyad-year.csv`) or its codebook (`dyad-year.md`), whole or not at all.

    Raises BadInput, NotFound, NotHandedOn, and those of `Maker.make`.
    """
    from pactgraph.research.export import NAMES

    table, _, form = file.partition(".")
    if table not in NAMES:
        raise NotFound(f"there is no table {table!r}; there are " + ", ".join(NAMES))
    if form not in TYPES:
        raise NotFound(f"there is no format {form!r}; there are " + ", ".join(TYPES))
    release = get_service().release
    if release.modified is None:
        raise NotFound("this is a store for trying things: it is no release, and has no tables")
    asked = _asked(table)
    name = json.dumps([release.id, program(), form, repr(asked)])
    maker: Maker = current_app.extensions["pactgraph.maker"]
    path = maker.make(release.held or release.store_path, asked, form, name)
    check_range(path.name, release)
    response = send_file(
        path,
        mimetype=TYPES[form],
        download_name=f"{table}.{form}",
        as_attachment=form in ("parquet", "dta"),
        etag=path.name,
        last_modified=release.modified,
        conditional=True,
        max_age=60,
    )
    if form not in CODEBOOKS:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        kind = TYPES["csv-metadata.json"]
        response.headers["Link"] = f'</export/{table}.csv-metadata.json{query}>; rel="describedby"; type="{kind}"'
    return response


def _asked(table: str) -> Request:
    """Read what is asked for. Raises BadInput for a parameter that is not known, or given twice, and NotHandedOn."""
    from pactgraph.research import Request, the_day

    sent: MultiDict[str, str] = request.args
    unknown = sorted(set(sent) - {*_SINGLE, *_REPEATED})
    if unknown:
        hint = "use " + ", ".join((*_REPEATED, *_SINGLE))
        raise BadInput(f"there is no parameter {unknown[0]!r}", hint=hint)
    twice = next((name for name in _SINGLE if len(sent.getlist(name)) > 1), None)
    if twice:
        raise BadInput(f"`{twice}` is given more than once", hint="send it once")
    sources, states, kinds = (tuple(sorted(set(sent.getlist(name)))) for name in _REPEATED)
    for name in sources:
        if name in _withheld():
            fault = f"{name} is not handed on by this server: {_sources()[name].reason}"
            raise NotHandedOn(f"{fault}; its operator may say otherwise (pactgraph serve --hand-on {name})")
    first, last = (_year(sent, name) for name in ("from", "to"))
    without = () if sources else tuple(sorted(_withheld()))
    if "on" in sent and "asOf" in sent:
        raise BadInput("`on` and `asOf` are two names of one thing", hint="send one of them")
    on, layout, own = the_day(sent.get("asOf", sent.get("on", ""))), sent.get("layout", ""), sent.get("table", "")
    return Request(table, sources, first, last, states, kinds, on, layout, own, without)


def _year(sent: MultiDict[str, str], name: str) -> int | None:
    value = sent.get(name, "")
    if value and not (value.isascii() and value.isdigit() and len(value) <= 4):
        raise BadInput(f"`{name}` is not a year: {value[:40]!r}", hint="write it as 1990")
    return int(value) if value else None


def _withheld() -> frozenset[str]:
    """Give the sources that may not be handed on, unless the operator has said that they may."""
    settings: ServeSettings = current_app.extensions["pactgraph.settings"]
    return frozenset(source.id for source in _sources().values() if not source.redistribute) - frozenset(settings.hand_on)


@cache
def _sources() -> dict[str, Source]:
    from pactgraph.sources.register import sources

    return sources()


@lru_cache(maxsize=8)
def _held(release: Path) -> frozenset[str]:
    """Give the sources that a release holds: those that its account has."""
    account = release / "reports" / "accounting.json"
    return frozenset(json.loads(account.read_text(encoding="utf-8"))) if account.is_file() else frozenset()
