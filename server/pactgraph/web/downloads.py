"""Files of the release with their checksums, its description (VoID, DCAT), and what operators and crawlers ask for."""

from __future__ import annotations

import mimetypes
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, send_file, url_for
from pyoxigraph import RdfFormat, parse
from werkzeug.http import http_date, quote_etag
from werkzeug.wrappers import Response as Redirect

from pactgraph.errors import Damaged, NotFound, PactgraphError
from pactgraph.prefixes import DESCRIBING, PREFIXES
from pactgraph.release import LOCAL
from pactgraph.store import ReleaseView
from pactgraph.web import get_service
from pactgraph.web.errors import problem
from pactgraph.web.negotiation import DOCUMENT, GRAPHS, HTML, graph_suffix, one_of, prefers_html
from pactgraph.web.rdf import cached, conditional, program, write

bp = Blueprint("downloads", __name__)


_TYPES = {
    ".gz": "application/gzip",
    ".ttl": "text/turtle",
    ".json": "application/json",
    ".tsv": "text/tab-separated-values",
}
_ROBOTS = "User-agent: *\nDisallow: /sparql\nDisallow: /search\nDisallow: /export/\n"


@bp.get("/download")
def listing() -> Response:
    """List the files of the release with size and checksum, as JSON or as a page."""
    chosen = DOCUMENT[one_of(request.accept_mimetypes, None, DOCUMENT)]
    release = get_service().release
    files = [
        {"path": path, "url": url_for(".download", path=path, _external=True), **entry}
        for path, entry in sorted(files_of(release).items())
    ]
    facts = {name: release.manifest.get(name) for name in ("id", "version", "issued", "quads")}
    if chosen == HTML:
        return conditional(lambda: render_template("download.html", facts=facts, files=files), HTML)
    return cached(jsonify({"release": facts, "files": files}), f"{release.id}-{program()}-listing")


def files_of(release: ReleaseView) -> dict[str, dict[str, Any]]:
    """Give the files of a release that are handed on, with size and checksum."""
    return {path: entry for path, entry in release.manifest["files"].items() if not path.startswith(LOCAL)}


@bp.get("/download/<path:path>")
def download(path: str) -> Response:
    """Give a file that the manifest of the release lists; its entity tag is its SHA-256. Raises NotFound."""
    return send(get_service().release, path)


def send(release: ReleaseView, path: str) -> Response:
    """Give a file that the manifest of a release lists. Raises NotFound."""
    entry = files_of(release).get(path)
    if entry is None:
        raise NotFound(f"the release has no file {path!r}; /download/ lists what it has")
    target = (release.path / path).resolve()
    if not target.is_file():
        raise Damaged(f"the file {path!r} of {release.id} is missing; its operator restores the release from a backup")
    suffix = target.suffix
    media_type = _TYPES.get(suffix) or mimetypes.guess_type(target.name)[0] or "application/octet-stream"
    check_range(entry["sha256"], release)
    return send_file(
        target,
        mimetype=media_type,
        as_attachment=suffix == ".gz",
        etag=entry["sha256"],
        last_modified=release.modified,
        conditional=True,
        max_age=60,
    )


def check_range(etag: str, release: ReleaseView) -> None:
    """Leave a range aside if it is of another file: Werkzeug also takes weak tags and later dates (RFC 9110, 13.1.5)."""
    moment = release.modified
    same = (quote_etag(etag), http_date(moment) if moment else "")
    if request.headers.get("If-Range", same[0]) not in same:
        request.environ.pop("HTTP_RANGE", None)


@bp.get("/void")
@bp.get("/void.<suffix>")
def void(suffix: str = "") -> Redirect:
    """Give the description of the release (https://www.w3.org/TR/void/) by Accept; browsers are sent to its page.

    Raises NotFound, NotAcceptable.
    """
    if suffix and suffix not in GRAPHS:
        raise NotFound(f"there is no format {suffix!r}; there are " + ", ".join(GRAPHS))
    page = prefers_html(request.accept_mimetypes)
    suffix = suffix or graph_suffix(request.accept_mimetypes, request.args.get("format"), html=page)
    if suffix == "html":
        response = redirect("/page/void", 303)
        response.vary.add("Accept")
        return response
    path = get_service().release.path / "void.ttl"
    if not path.is_file():
        raise NotFound("this release has no description")

    def body() -> bytes:
        """Give the file as it is, or in another format."""
        if suffix == "ttl":
            return path.read_bytes()
        return write((quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE)), suffix, PREFIXES | DESCRIBING)

    return conditional(body, GRAPHS[suffix])


@bp.get("/.well-known/void")
def well_known() -> Redirect:
    """Send crawlers to the description. Source: https://www.w3.org/TR/void/#discovery."""
    return redirect(url_for(".void"), 303)


@bp.get("/healthz")
def health() -> Response:
    """Say whether a query worker answers: status, release and its quads; 503 when not."""
    service = get_service()
    try:
        service.ask("ASK {}")
    except PactgraphError as error:
        return problem(503, "Not healthy", f"the query workers do not answer: {error.detail}")
    response = jsonify({"status": "ok", "release": service.release.id, "quads": service.release.manifest.get("quads")})
    response.cache_control.no_store = True
    return response


@bp.get("/robots.txt")
def robots() -> Response:
    """Ask crawlers to leave queries alone, and say where the pages are listed."""
    return Response(f"{_ROBOTS}\nSitemap: {url_for('sitemap.sitemap', _external=True)}\n", mimetype="text/plain")
