"""/search: entities, concepts and terms by name, other name or code; JSON for programs, a page for people.

SQLite's full-text index (FTS5) finds the words, accents folded; it is made once for each release, in memory.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from pyoxigraph import NamedNode

from pactgraph.errors import BadInput
from pactgraph.queries import load
from pactgraph.store import QueryService
from pactgraph.terms import BASE, curie
from pactgraph.web import get_service
from pactgraph.web.asof import asked_day
from pactgraph.web.names import names_of
from pactgraph.web.negotiation import HTML, prefers_html
from pactgraph.web.rdf import conditional
from pactgraph.web.text import href

bp = Blueprint("search", __name__)

_LIMIT = 100
_LONGEST = 200
# What readers look for first: the folders of entities by rank; concepts, terms and what is not listed come after.
_RANKS = {kind: rank for rank, kind in enumerate(("state", "person", "pact", "organisation", "office", "event", "claim"))}
_DATED = ("state", "pact")
_WORD = re.compile(r"\w+")
# An exact name first, then by kind, by how near the name is to being its own, and by length.
_FIND = """
SELECT thing, name, MIN((LOWER(name) != :text) * 100 + kind * 10 + weight + (LENGTH(name) > 60)) AS rank, LENGTH(name) AS length
FROM names WHERE names MATCH :words GROUP BY thing ORDER BY rank, length, thing LIMIT 101
"""


class _Index:
    """The names of one release, searchable by their words."""

    def __init__(self, service: QueryService) -> None:
        self.release = service.release.id
        self._lock = threading.Lock()
        self._base = sqlite3.connect(":memory:", check_same_thread=False)
        options = (
            "thing UNINDEXED, weight UNINDEXED, kind UNINDEXED, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'"
        )
        self._base.execute(f"CREATE VIRTUAL TABLE names USING fts5(name, {options})")
        rows = service.rows(load("search"))
        self._base.executemany(
            "INSERT INTO names VALUES (?, ?, ?, ?)",
            ((row["name"].value, row["thing"].value, row["weight"].value, _rank(row["thing"].value)) for row in rows),
        )

    def find(self, text: str) -> list[tuple[str, str]]:
        """Give things with all words of a text in one name (the last may be unfinished), and the name; the closest first."""
        words = _WORD.findall(text)
        if not words:
            return []
        quoted = " AND ".join(f'"{word}"' for word in words) + "*"
        with self._lock:
            found = self._base.execute(_FIND, {"words": quoted, "text": text.casefold()}).fetchall()
        return [(thing, name) for thing, name, *_ in found]


_lock = threading.Lock()
_indexes: list[_Index] = []


@bp.get("/search")
def search() -> Response:
    """Find what has a text (`q`) in its name; at most 100, and the answer says whether there are more. Raises BadInput.

    With `asOf`, states and pacts that there are not on that day are left out, and the others say how they are.
    """
    text, day = " ".join(request.args.get("q", "").split()), asked_day()
    if len(text) > _LONGEST:
        raise BadInput(f"a search of {len(text)} characters", hint=f"use {_LONGEST} at most")
    if prefers_html(request.accept_mimetypes):
        return conditional(lambda: render_template("search.html", text=text, **_found(text, day)), HTML)
    if not text:
        raise BadInput("nothing to search for", hint="give `q`, for instance /search?q=korea")
    found = _found(text, day)
    response = jsonify({"query": text, "complete": found["complete"], "results": found["results"]})
    response.vary.add("Accept")
    return response


def _found(text: str, day: date | None) -> dict[str, Any]:
    found = _index(get_service()).find(text) if text else []
    complete, found = len(found) <= _LIMIT, found[:_LIMIT]
    on_day = _on_day([thing for thing, _ in found], day) if day else {}
    if day:
        found = [(thing, name) for thing, name in found if thing in on_day or _kind(thing) not in _DATED]
    names = names_of(get_service(), (thing for thing, _ in found))
    results = [_result(thing, matched, names) | on_day.get(thing, {}) for thing, matched in found]
    return {"results": results, "complete": complete}


def _on_day(things: list[str], day: date) -> dict[str, dict[str, str]]:
    """Give what the view of a day says of states and pacts: that they exist, their status, or that this is possible."""
    nodes = [NamedNode(thing) for thing in things if _kind(thing) in _DATED]
    rows = get_service().rows(load("found-on-day", thing=nodes), day) if nodes else []
    return {row["thing"].value: {"onDay": row["status"].value} for row in rows}


def _index(service: QueryService) -> _Index:
    """Give the index of the current release; that of another one is dropped."""
    with _lock:
        if not _indexes or _indexes[0].release != service.release.id:
            _indexes[:] = [_Index(service)]
        return _indexes[0]


def _result(thing: str, matched: str, names: dict[str, str]) -> dict[str, str]:
    return {"id": thing, "name": names.get(thing, matched), "kind": _kind(thing), "matched": matched, "page": href(thing)}


def _kind(thing: str) -> str:
    """Give what a reader would call the kind of a thing: `pact`, `term`, `concept`."""
    if thing.startswith(f"{BASE}vocab/"):
        return "concept"
    kind = curie(thing).partition(":")[0]
    return "term" if kind == "pg" else kind if kind in _RANKS or "/" not in kind else "other"


def _rank(thing: str) -> int:
    return _RANKS.get(_kind(thing), len(_RANKS))
