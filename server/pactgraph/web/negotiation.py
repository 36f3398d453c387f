"""Which format to answer in: by `?format=` or by the Accept header. Pure: headers in, media types out."""

from __future__ import annotations

from werkzeug.datastructures import MIMEAccept

from pactgraph.errors import NotAcceptable
from pactgraph.store import Formats, formats_named
from pactgraph.store.answers import GRAPHS, RESULTS

__all__ = ["GRAPHS", "HTML", "RESULTS", "best", "graph_suffix", "prefers_html", "query_formats"]

HTML = "text/html"
# What clients also write: served under the exact name.
_ALSO = {"application/json": RESULTS["json"], "application/xml": RESULTS["xml"]}


def query_formats(accept: MIMEAccept, name: str | None) -> Formats:
    """Give the formats of an answer to a query that may be of either kind.

    `name` is the value of `?format=`, which wins. Raises BadInput for an unknown name, NotAcceptable when nothing fits.
    """
    if name:
        return formats_named(name)
    results = best(accept, (*RESULTS.values(), *_ALSO))
    formats = Formats(_ALSO.get(results or "", results), best(accept, tuple(GRAPHS.values())))
    if formats.results is None and formats.graph is None:
        raise NotAcceptable(_offer(RESULTS | GRAPHS))
    return formats


def graph_suffix(accept: MIMEAccept, *, html: bool = True) -> str:
    """Give `ttl`, `jsonld`, `nt`, `rdf`, or `html` where pages exist (which is then the default). Raises NotAcceptable."""
    offered = ({"html": HTML} if html else {}) | GRAPHS
    chosen = best(accept, tuple(offered.values()))
    if chosen is None:
        raise NotAcceptable(_offer(offered))
    return next(suffix for suffix, media_type in offered.items() if media_type == chosen)


def best(accept: MIMEAccept, offered: tuple[str, ...]) -> str | None:
    """Give the offered media type that the client likes best; the first offered where it says nothing, or likes all alike."""
    return accept.best_match(offered) if accept else offered[0]


def prefers_html(accept: MIMEAccept) -> bool:
    """Say whether the client asks for HTML by name, as browsers do."""
    return HTML in accept.values() and best(accept, ("application/problem+json", "application/json", HTML)) == HTML


def _offer(offered: dict[str, str]) -> str:
    return "none of the accepted formats is available; available are " + ", ".join(offered.values())
