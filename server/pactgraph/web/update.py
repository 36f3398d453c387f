"""/update: SPARQL 1.1 Protocol, update. https://www.w3.org/TR/sparql11-protocol/#update-operation."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from pactgraph.errors import BadInput, UnsupportedMedia
from pactgraph.web.access import writable
from pactgraph.web.body import text_of_body

bp = Blueprint("update", __name__)

UPDATE = "application/sparql-update"


@bp.post("/update")
def update() -> Response:
    """Carry an update out: in a form, or as the body itself. Raises Unauthorised, ReadOnly, BadInput, UnsupportedMedia."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return carry_out(request.form)
    if request.mimetype == UPDATE:
        return carry_out(request.args, text_of_body())
    raise UnsupportedMedia(
        f"a body of type {request.mimetype or 'unknown'!r} is not read here; send {UPDATE} "
        "or application/x-www-form-urlencoded with an `update`"
    )


def carry_out(parameters: MultiDict[str, str], body: str | None = None) -> Response:
    """Carry out the one update of a request; 204 when it is done. Raises BadInput, Unauthorised and ReadOnly."""
    service = writable()
    texts = parameters.getlist("update") + ([body] if body is not None else [])
    if "query" in parameters or len(texts) != 1:
        raise BadInput(f"a request carries exactly one update; this one carries {len(texts)}", hint="send one `update`")
    using, named = parameters.getlist("using-graph-uri"), parameters.getlist("using-named-graph-uri")
    service.update(texts[0], using=using, using_named=named, base=request.base_url)
    return Response(status=204)
