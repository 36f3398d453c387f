"""The workbench at /sparql: a query, its answer as a table, examples, and links to the answer in every format."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, make_response, render_template

from pactgraph import knowledge
from pactgraph.errors import PactgraphError
from pactgraph.store import Formats, Term
from pactgraph.store.admission import caller
from pactgraph.store.answers import GRAPHS, JSON, RESULTS, TURTLE
from pactgraph.store.describing import LINKS
from pactgraph.web import get_service
from pactgraph.web.asked import Asked
from pactgraph.web.names import names_of

_SHOWN = 1000


def page(asked: Asked | None) -> Response:
    """Show the workbench; with a query, its answer or what is wrong with it, under the status that programs get."""
    shown: dict[str, Any] = {}
    status = 200
    if asked:
        try:
            shown = _shown(asked)
        except PactgraphError as error:
            shown, status = {"error": error}, error.status
    examples = [(path.stem, path.read_text(encoding="utf-8")) for path in (*knowledge.questions(), *knowledge.templates())]
    response = make_response(
        render_template("sparql.html", query=asked.text if asked else "", examples=examples, pinned=_pinned(), **shown), status
    )
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


def _pinned() -> str:
    """Give the release that the request names, if it is another than the current one would be."""
    who = caller.get()
    return who.pinned if who else ""


def _shown(asked: Asked) -> dict[str, Any]:
    answer = asked.ask(get_service(), Formats(JSON, TURTLE))
    if answer.media_type == TURTLE:
        return {"turtle": answer.body.decode("utf-8"), "suffixes": list(GRAPHS), "left_off": answer.left_off, "bound": LINKS}
    found = json.loads(answer.body)
    if "boolean" in found:
        return {"boolean": found["boolean"], "suffixes": list(RESULTS)}
    bindings = found["results"]["bindings"]
    rows = [{name: _term(value) for name, value in row.items()} for row in bindings[:_SHOWN]]
    names = names_of(get_service(), (term.value for row in rows for term in row.values() if term.kind == "iri"))
    return {"columns": found["head"]["vars"], "rows": rows, "total": len(bindings), "names": names, "suffixes": list(RESULTS)}


def _term(value: dict[str, Any]) -> Term:
    kinds: dict[str, Any] = {"uri": "iri", "bnode": "bnode"}
    text = value["value"] if isinstance(value["value"], str) else json.dumps(value["value"])
    return Term(kinds.get(value["type"], "literal"), text, value.get("datatype", ""), value.get("xml:lang", ""))
