"""/sitemap.xml: every page, for search engines; where there are many, an index of parts. https://www.sitemaps.org/protocol.html."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request

from pactgraph.errors import NotFound
from pactgraph.queries import load
from pactgraph.web import get_service
from pactgraph.web.pages import LISTS
from pactgraph.web.rdf import conditional
from pactgraph.web.text import href

bp = Blueprint("sitemap", __name__)

_MOST = 50_000
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_STANDING = ("/", "/questions", *(f"/page/{kind}" for kind in LISTS), "/page/ns", "/page/vocab", "/download")


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """List the pages, or the parts of the list where it has more than 50,000 entries."""

    def body() -> str:
        parts = _parts()
        if parts == 1:
            return _listing("urlset", "url", _pages(1))
        return _listing("sitemapindex", "sitemap", (f"/sitemap-{number}.xml" for number in range(1, parts + 1)))

    return conditional(body, "application/xml")


@bp.get("/sitemap-<int:number>.xml")
def part(number: int) -> Response:
    """List the pages of a part. Raises NotFound."""
    if not 1 <= number <= _parts():
        raise NotFound(f"the list of pages has no part {number}")
    return conditional(lambda: _listing("urlset", "url", _pages(number)), "application/xml")


def _parts() -> int:
    number = int(get_service().rows(load("page/every-count"))[0]["number"].value)
    return -(-(number + len(_STANDING)) // _MOST)


def _pages(number: int) -> list[str]:
    """Give the addresses in a part; the pages that always are come first."""
    standing = _STANDING if number == 1 else ()
    offset = max(0, (number - 1) * _MOST - len(_STANDING))
    rows = get_service().rows(load("page/every") + f"LIMIT {_MOST - len(standing)} OFFSET {offset}")
    return [*standing, *(href(row["thing"].value) for row in rows)]


def _listing(root: str, entry: str, paths: Iterable[str]) -> str:
    issued = get_service().release.manifest.get("issued")
    dated = f"<lastmod>{issued}</lastmod>" if issued else ""
    lines = (f"<{entry}><loc>{escape(urljoin(request.url_root, path))}</loc>{dated}</{entry}>\n" for path in paths)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{"".join(lines)}</{root}>\n'
