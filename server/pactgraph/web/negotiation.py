"""Which format to answer in: by `?format=` or by the Accept header. Pure: headers in, media types out."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.datastructures import MIMEAccept

from pactgraph.errors import BadInput, NotAcceptable
from pactgraph.store import Formats, formats_named
from pactgraph.store.answers import GRAPHS, RESULTS

__all__ = ["DOCUMENT", "GRAPHS", "HTML", "RESULTS", "best", "graph_suffix", "one_of", "prefers_html", "query_formats"]

HTML = "text/html"
DOCUMENT = {"json": "application/json", "html": HTML}
# What clients also write, most of it older names; served under the exact name.
_RESULTS_ALSO = {
    "application/json": RESULTS["json"],
    "application/xml": RESULTS["xml"],
    "text/xml": RESULTS["xml"],
    "text/plain": RESULTS["tsv"],
}
_GRAPHS_ALSO = {
    "application/json": GRAPHS["jsonld"],
    "application/xml": GRAPHS["rdf"],
    "text/xml": GRAPHS["rdf"],
    "text/plain": GRAPHS["nt"],
    "application/x-turtle": GRAPHS["ttl"],
    "text/n3": GRAPHS["ttl"],
    "application/x-trig": GRAPHS["trig"],
    "text/x-nquads": GRAPHS["nq"],
}


def query_formats(accept: MIMEAccept, name: str | None) -> Formats:
    """Give the formats of an answer to a query that may be of either kind.

    `name` is the value of `?format=`, which wins. Raises BadInput for an unknown name, NotAcceptable when nothing fits.
    """
    if name:
        return formats_named(name)
    formats = Formats(_best_of(accept, RESULTS, _RESULTS_ALSO), _best_of(accept, GRAPHS, _GRAPHS_ALSO))
    if formats.results is None and formats.graph is None:
        raise NotAcceptable(_offer(RESULTS | GRAPHS))
    return formats


def graph_suffix(accept: MIMEAccept, name: str | None = None, *, html: bool = True) -> str:
    """Give `ttl`, `jsonld`, `nt`, `rdf`, `trig`, `nq`, or `html` where pages exist (which is then the default).

    `name` is the value of `?format=`, which wins. Raises BadInput for an unknown name, NotAcceptable when nothing fits.
    """
    offered = ({"html": HTML} if html else {}) | GRAPHS
    if name:
        found = next((suffix for suffix, media_type in offered.items() if name in (suffix, media_type)), None)
        if found is None:
            raise BadInput(f"there is no format {name!r}", hint="use one of " + ", ".join(offered))
        return found
    also = {} if prefers_html(accept) else _GRAPHS_ALSO  # a browser's application/xml means a page
    chosen = _best_of(accept, offered, also)
    if chosen is None:
        raise NotAcceptable(_offer(offered))
    return next(suffix for suffix, media_type in offered.items() if media_type == chosen)


def one_of(accept: MIMEAccept, name: str | None, offered: Mapping[str, str]) -> str:
    """Give the suffix, of some offered with their media types, that is asked for; the first where the client likes all alike.

    `name` is the value of `?format=`, which wins. Raises BadInput for an unknown name, NotAcceptable when nothing fits.
    """
    if name and name not in offered:
        raise BadInput(f"there is no format {name!r}", hint="use one of " + ", ".join(offered))
    chosen = offered[name] if name else best(accept, tuple(offered.values()))
    if chosen is None:
        raise NotAcceptable(_offer(offered))
    return next(suffix for suffix, media_type in offered.items() if media_type == chosen)


def best(accept: MIMEAccept, offered: tuple[str, ...]) -> str | None:
    """Give the offered media type that the client likes best; the first offered where it says nothing, or likes all alike.

    Parameters of media types (`;charset=`, `;profile=`) say nothing here that would make a difference.
    """
    return _plain(accept).best_match(offered) if accept else offered[0]


def prefers_html(accept: MIMEAccept) -> bool:
    """Say whether the client asks for HTML by name, as browsers do."""
    asked = HTML in _plain(accept).values()
    return asked and best(accept, ("application/problem+json", "application/json", HTML)) == HTML


def _best_of(accept: MIMEAccept, offered: dict[str, str], also: dict[str, str]) -> str | None:
    chosen = best(accept, (*offered.values(), *also))
    return also.get(chosen, chosen) if chosen else None


def _plain(accept: MIMEAccept) -> MIMEAccept:
    """Give an Accept header without parameters; of a type that is there twice, the higher quality counts."""
    found: dict[str, float] = {}
    for value, quality in accept:
        media_type = value.partition(";")[0].strip().lower()
        found[media_type] = max(quality, found.get(media_type, 0))
    return MIMEAccept(list(found.items()))


def _offer(offered: Mapping[str, str]) -> str:
    return "none of the accepted formats is available; available are " + ", ".join(offered.values())
