"""/update: SPARQL 1.1 Protocol, update. https://www.w3.org/TR/sparql11-protocol/#update-operation."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from pactgraph.errors import BadInput, UnsupportedMedia
from pactgraph.web.access import writable
from pactgraph.web.body import FORM, parameters, text_of_body

bp = Blueprint("update", __name__)

UPDATE = "application/sparql-update"
_OF_QUERIES = ("query", "default-graph-uri", "named-graph-uri")


@bp.post("/update")
def update() -> Response:
    """Carry an update out: in a form, or as the body itself. Raises UnsupportedMedia, and as `carry_out` does."""
    if request.mimetype == FORM:
        return carry_out(parameters(form=True))
    if request.mimetype == UPDATE:
        return carry_out(parameters(), text_of_body())
    raise UnsupportedMedia(
        f"a body of type {request.mimetype or 'unknown'!r} is not read here; send {UPDATE} or {FORM} with an `update`"
    )


def carry_out(sent: MultiDict[str, str], body: str | None = None) -> Response:
    """Carry out the one update of a request; 204 when it is done. Raises BadInput, and as `writable` does."""
    service = writable("update")
    texts = sent.getlist("update") + ([body] if body is not None else [])
    if len(texts) != 1:
        raise BadInput(f"a request carries exactly one update; this one carries {len(texts)}", hint="send one `update`")
    for name in _OF_QUERIES:
        if name in sent:
            raise BadInput(f"`{name}` belongs to a query, and this is an update", hint="updates have `using-graph-uri`")
    using, named = sent.getlist("using-graph-uri"), sent.getlist("using-named-graph-uri")
    service.update(texts[0], using=using, using_named=named, base=request.base_url)
    return Response(status=204)
