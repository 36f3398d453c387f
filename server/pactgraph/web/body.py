"""Request bodies: text in UTF-8, and RDF in the formats that are read here."""

from __future__ import annotations

from flask import request
from pyoxigraph import RdfFormat, Triple, parse, serialize

from pactgraph.errors import BadInput, UnsupportedMedia

READ = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json")


def text_of_body() -> str:
    """Give the body as text. Raises BadInput where it is not UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMedia(f"the charset {charset!r} is not read here; send UTF-8")
    try:
        return request.get_data().decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"the body is not UTF-8: {error.reason} at byte {error.start}") from None


def ntriples_of(data: bytes, media_type: str, base: str) -> bytes:
    """Give RDF as N-Triples; relative IRIs are resolved against `base`. Raises UnsupportedMedia and BadInput (with line)."""
    if media_type not in READ:
        raise UnsupportedMedia(f"a body of type {media_type or 'unknown'!r} is not read here; send one of " + ", ".join(READ))
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    try:
        triples = [Triple(quad.subject, quad.predicate, quad.object) for quad in parse(input=data, format=form, base_iri=base)]
    except SyntaxError as error:
        line, column = error.lineno or 0, error.offset or 0
        raise BadInput(f"the body does not parse as {media_type}: {error.msg}", file="body", line=line, column=column) from None
    except ValueError as error:
        raise BadInput(f"the body does not parse as {media_type}: {error}") from None
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""
