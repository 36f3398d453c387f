"""Answers: RDF written by pyoxigraph, and the headers that let any answer be cached."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import version

from flask import Response, request
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse, serialize

from pactgraph.errors import ReleaseMoved
from pactgraph.prefixes import PREFIXES
from pactgraph.store import Answer
from pactgraph.web import get_service
from pactgraph.web.negotiation import GRAPHS

_MAX_AGE = 60
_SAFE = ("GET", "HEAD", "QUERY")


def write(triples: Iterable[Triple], suffix: str, prefixes: Mapping[str, str] = PREFIXES) -> bytes:
    """Write triples in the format of a suffix (ttl, jsonld, nt, rdf, trig, nq), in a stable order."""
    ordered = sorted(set(triples), key=str)
    return serialize(ordered, format=RdfFormat.from_media_type(GRAPHS[suffix]), prefixes=dict(prefixes)) or b""


def named(ntriples: bytes, graph: NamedNode, suffix: str) -> bytes:
    """Write N-Triples as the named graph that they are, in TriG or N-Quads."""
    quads = (
        Quad(quad.subject, quad.predicate, quad.object, graph) for quad in parse(input=ntriples, format=RdfFormat.N_TRIPLES)
    )
    return serialize(quads, format=RdfFormat.from_media_type(GRAPHS[suffix]), prefixes=PREFIXES) or b""


def content_type(media_type: str) -> str:
    """Give a Content-Type: text formats say their encoding."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def answered(answer: Answer) -> Response:
    """Give an answer of the store as a response; what a description leaves off, it says in a header."""
    response = Response(answer.body, content_type=content_type(answer.media_type))
    if answer.left_off:
        response.headers["X-Left-Off"] = str(answer.left_off)
    return response


def cached(response: Response, etag: str) -> Response:
    """Let a response be kept for a minute, and then checked; a client that has it gets 304. An answer to a POST is not kept.

    The entity tag is weak: pyoxigraph writes the same graph in an order that varies, and compression changes the bytes.
    """
    response.vary.add("Accept")
    if request.method not in _SAFE:
        response.cache_control.no_store = True
        return response
    response.set_etag(etag, weak=True)
    response.cache_control.public = True
    response.cache_control.max_age = _MAX_AGE
    moment = get_service().release.modified  # after a rollback an older release is served: only the same moment matches
    if moment == request.if_modified_since:
        response.last_modified = moment
    response.make_conditional(request)
    response.last_modified = moment
    return response


def conditional(body: Callable[[], bytes | str | Answer], media_type: str) -> Response:
    """Answer with a body, made only if the client does not have it yet: release, program and address tell."""
    key = f"{request.full_path} {media_type} {program()}"

    def tag() -> str:
        return f"{get_service().release.id}-{hashlib.sha256(key.encode()).hexdigest()[:24]}"

    etag = tag()
    if request.method in _SAFE and request.if_none_match.contains_weak(etag):
        return cached(Response(status=304), etag)
    try:
        made = body()
    except ReleaseMoved:  # between two of its queries
        if not get_service().settled():
            raise
        made = body()
        etag = tag()
    return cached(answered(made) if isinstance(made, Answer) else Response(made, content_type=content_type(media_type)), etag)


@cache
def program() -> str:
    """Give the version of the program: another one may write the same answer otherwise."""
    return version("pactgraph")
