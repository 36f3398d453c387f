"""/validate: RDF in, SHACL report out, with line and column; a page with a form for people.

The text is held against the shapes in the light of the release, by a process of its own (`checking`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request

from pactgraph.errors import BadInput, NotAcceptable, PactgraphError, UnsupportedMedia
from pactgraph.release import Release
from pactgraph.sources.documents import MEDIA_TYPES, YAML
from pactgraph.web import get_service
from pactgraph.web.body import FORM, parameters
from pactgraph.web.checking import Checked, Checker
from pactgraph.web.negotiation import GRAPHS, HTML, best, one_of
from pactgraph.web.rdf import conditional, content_type

bp = Blueprint("validate", __name__)

_JSON = "application/json"
_WRITERS = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml"}
_ANSWERS = {"json": _JSON, "html": HTML, **{suffix: GRAPHS[suffix] for suffix in _WRITERS}}
_SHOWN = 500
_CHOICES = (
    ("Turtle", "text/turtle"),
    ("YAML-LD", YAML),
    ("JSON-LD", "application/ld+json"),
    ("TriG", "application/trig"),
    ("N-Triples", "application/n-triples"),
    ("N-Quads", "application/n-quads"),
    ("RDF/XML", "application/rdf+xml"),
)


@dataclass(frozen=True)
class _Sent:
    """The text that a request carries, and its media type."""

    data: bytes
    media_type: str


@bp.get("/validate")
def form() -> Response:
    """Give the page with the form."""
    if best(request.accept_mimetypes, (HTML,)) is None:
        raise NotAcceptable("without a text to validate there is only a page, text/html; POST the text")
    return conditional(lambda: render_template("validate.html", choices=_CHOICES), HTML)


@bp.post("/validate")
def validate() -> Response:
    """Validate the body, or the text in a form. The answer is 200 whether or not the data conforms.

    Raises UnsupportedMedia, NotAcceptable, BadInput (with line and column), ValidationTimeout, DataTooLarge, Busy.
    """
    answer = one_of(request.accept_mimetypes, request.args.get("format"), _ANSWERS)
    if answer != "html":
        return _answer(_check(_sent(), _WRITERS.get(answer)), answer)
    sent = _Sent(b"", "")
    try:
        sent = _sent()
        shown, status = _shown(_check(sent, None), sent), 200
    except PactgraphError as error:
        shown, status = {"error": error}, error.status
    text = sent.data.decode("utf-8", "replace")
    page = render_template("validate.html", choices=_CHOICES, text=text, chosen=sent.media_type, **shown)
    return _uncached(make_response(page, status))


def _sent() -> _Sent:
    """Read the text of a request. Raises BadInput, UnsupportedMedia."""
    if request.mimetype == FORM:
        sent = parameters(form=True)
        if "data" not in sent:
            raise BadInput("the form has no `data`", hint="send `data`, the text, and `type`, its media type")
        return _Sent(sent["data"].replace("\r\n", "\n").encode(), sent.get("type", "text/turtle"))
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMedia(f"the charset {charset!r} is not read here; send UTF-8")
    return _Sent(request.get_data(), request.mimetype)


def _check(sent: _Sent, writer: str | None) -> Checked:
    if sent.media_type not in MEDIA_TYPES:
        offered = ", ".join((*MEDIA_TYPES, FORM))
        raise UnsupportedMedia(f"a text of type {sent.media_type or 'unknown'!r} is not read here; send one of {offered}")
    checker: Checker = current_app.extensions["pactgraph.checker"]
    release = get_service().release
    path = release.path if isinstance(release, Release) else None
    return checker.check(path, sent.data, sent.media_type, request.base_url, writer)


def _answer(checked: Checked, suffix: str) -> Response:
    if suffix in _WRITERS:
        return _uncached(Response(checked.report, content_type=content_type(_ANSWERS[suffix])))
    found = {
        "conforms": checked.conforms,
        "release": get_service().release.id,
        "statements": checked.statements,
        "checked": checked.checked,
        "findings": [_members(asdict(finding)) for finding in checked.findings],
    }
    return _uncached(Response(json.dumps(found, ensure_ascii=False) + "\n", mimetype=_JSON))


def _members(finding: dict[str, Any]) -> dict[str, Any]:
    """Give what is known of a finding; there is no file here."""
    return {name: value for name, value in finding.items() if value and name != "file"}


def _shown(checked: Checked, sent: _Sent) -> dict[str, Any]:
    lines = sent.data.decode("utf-8", "replace").split("\n")
    rows = [
        (finding, lines[finding.line - 1].strip()[:160] if 0 < finding.line <= len(lines) else "")
        for finding in checked.findings[:_SHOWN]
    ]
    return {"checked": checked, "rows": rows}


def _uncached(response: Response) -> Response:
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response
