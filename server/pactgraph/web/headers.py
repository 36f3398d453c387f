"""What every answer carries: who may read it (any site, without credentials), what browsers may do with it, where more is.

And compression, of what is made for the request: files of a release are given as they are, so that checksums and ranges hold.
"""

from __future__ import annotations

from flask import Flask, Response, request
from flask_compress import Compress

from pactgraph.store import ScratchService
from pactgraph.terms import BASE
from pactgraph.web import get_service
from pactgraph.web.negotiation import GRAPHS, HTML, RESULTS

_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
_SECURITY = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_EXPOSED = (
    *("Accept-Query", "Allow", "Content-Range", "ETag", "Link", "Location", "Retry-After", "WWW-Authenticate"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-As-Of", "X-Left-Off", "X-Query-Id", "X-Release"),
)
SENT = (
    *("Accept", "Authorization", "Cache-Control", "Content-Type", "If-Match", "If-Modified-Since", "If-None-Match"),
    *("If-Range", "Range"),
)
_COMPRESSED = (
    *(HTML, "text/css", "text/plain", "text/xml", "application/xml", "application/json", "image/svg+xml"),
    *RESULTS.values(),
    *GRAPHS.values(),
)
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_OPEN = ("sparql", "graphs", "resources", "downloads", "search", "pages", "described", "whohelps", "leaders")


def register(app: Flask) -> None:
    """Make an app set them."""
    app.config.update(
        COMPRESS_MIMETYPES=list(_COMPRESSED),
        COMPRESS_REGISTER=False,
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
        COMPRESS_STREAMS=False,
    )
    compress = Compress(app)

    def compressed(response: Response) -> Response:
        return response if response.direct_passthrough else compress.after_request(response)

    app.before_request(_no_refused_codings)
    app.after_request(compressed)
    app.after_request(_set)


def _no_refused_codings() -> None:
    """Leave out of Accept-Encoding what has the quality 0, which Flask-Compress would take; `*` stands for gzip."""
    if request.headers.get("Accept-Encoding"):
        codings = [("gzip" if coding == "*" else coding, quality) for coding, quality in request.accept_encodings if quality]
        request.environ["HTTP_ACCEPT_ENCODING"] = ", ".join(f"{coding};q={quality}" for coding, quality in codings)


def _set(response: Response) -> Response:
    for name, value in _SECURITY.items():
        response.headers.setdefault(name, value)
    page = response.mimetype == HTML
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin" if page else "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = ", ".join(_EXPOSED)
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = ", ".join(SENT)
        response.headers["Access-Control-Max-Age"] = "86400"
    elif response.status_code < 400 and request.blueprint in _OPEN and not isinstance(get_service(), ScratchService):
        links = (*_alternates(request.path), '</void>; rel="describedby"', f'<{_LICENCE}>; rel="license"')
        response.headers["Link"] = ", ".join(links)
    return response


def _alternates(path: str) -> list[str]:
    """Give the links from a page or a data document to the others about the same thing, and to the thing itself."""
    stem, _, suffix = path.rpartition(".")
    stem = stem if suffix in GRAPHS else path
    data, page, thing = _forms(stem)
    links = [f'<{page}>; rel="alternate"; type="{HTML}"'] if page and page != path else []
    for name, media_type in GRAPHS.items() if data else ():
        if f"{data}.{name}" != path:
            links.append(f'<{data}.{name}>; rel="alternate"; type="{media_type}"')
    return [*links, f'<{BASE}{thing}>; rel="describes"'] if thing else links


def _forms(stem: str) -> tuple[str, str, str]:
    """Give the address of the data and of the page about a thing, without suffix, and its own name; each may be missing."""
    if stem in ("/ns", "/page/ns"):
        return "/ns", "/page/ns", ""
    if stem.removeprefix("/page") in ("/shapes", "/void"):
        return stem.removeprefix("/page"), f"/page{stem.removeprefix('/page')}", ""
    if stem.startswith("/graph/"):
        return stem, "", ""
    for start in ("/data/", "/page/"):
        name = stem.removeprefix(start)
        if name != stem and "/" in name:
            return f"/data/{name}", f"/page/{name}", name if name.startswith("vocab/") else f"id/{name}"
    return "", "", ""
