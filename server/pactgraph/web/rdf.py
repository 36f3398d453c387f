"""RDF as an answer: written by pyoxigraph, with headers that let it be cached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response, request
from pyoxigraph import RdfFormat, Triple, serialize

from pactgraph.store.embedded import PREFIXES
from pactgraph.web.negotiation import GRAPHS

_MAX_AGE = 60


def write(triples: Iterable[Triple], suffix: str, prefixes: Mapping[str, str] = PREFIXES) -> bytes:
    """Write triples in the format of a suffix (ttl, jsonld, nt, rdf), in a stable order."""
    ordered = sorted(set(triples), key=str)
    return serialize(ordered, format=RdfFormat.from_media_type(GRAPHS[suffix]), prefixes=dict(prefixes)) or b""


def content_type(media_type: str) -> str:
    """Give a Content-Type: text formats say their encoding."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def cached(response: Response, etag: str) -> Response:
    """Let a response be kept for a minute, and then checked by its entity tag; a client that has it gets 304.

    The tag is weak: pyoxigraph writes the same graph in an order that varies.
    """
    response.set_etag(etag, weak=True)
    response.vary.add("Accept")
    response.cache_control.public = True
    response.cache_control.max_age = _MAX_AGE
    response.make_conditional(request)
    return response
