"""Answers: RDF written by pyoxigraph, and the headers that let any answer be cached."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import version

from flask import Response, request
from pyoxigraph import RdfFormat, Triple, serialize

from pactgraph.store.embedded import PREFIXES
from pactgraph.web import get_service
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


def conditional(body: Callable[[], bytes | str], media_type: str) -> Response:
    """Answer with a body, made only if the client does not have it yet: release, program and address tell."""
    key = f"{request.full_path} {media_type} {_program()}"
    etag = f"{get_service().release.id}-{hashlib.sha256(key.encode()).hexdigest()[:24]}"
    if request.if_none_match.contains_weak(etag):
        return cached(Response(status=304), etag)
    return cached(Response(body(), content_type=content_type(media_type)), etag)


@cache
def _program() -> str:
    return version("pactgraph")
