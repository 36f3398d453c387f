"""RDF that others wrote, read. Runs in query workers only (`QueryService.run`): a small document can become a large one."""

from __future__ import annotations

from pyoxigraph import RdfFormat, Triple, parse, serialize

from pactgraph.errors import BadInput, UnsupportedMedia
from pactgraph.store.syntax import refuse_depth

READ = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json")
UNSAID = "application/rdf+xml"  # Graph Store HTTP Protocol, section 5: what a body is that does not say


def ntriples_of(data: bytes, media_type: str, base: str) -> bytes:
    """Give one RDF graph as N-Triples, its blank nodes with names of their own; `base` is that of relative IRIs.

    Raises UnsupportedMedia, and BadInput (with line) where the data does not parse or has named graphs.
    """
    if media_type not in READ:
        raise UnsupportedMedia(f"a body of type {media_type or 'unknown'!r} is not read here; send one of " + ", ".join(READ))
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    if media_type == UNSAID and not data.strip():
        raise BadInput(f"the body is empty, which is no {media_type}; an empty graph is an empty body of another type")
    refuse_depth(data, form, "body")
    try:
        quads = parse(input=data, format=form, base_iri=base, without_named_graphs=True, rename_blank_nodes=True)
        triples = [Triple(quad.subject, quad.predicate, quad.object) for quad in quads]
    except SyntaxError as error:
        line, column = error.lineno or 0, error.offset or 0
        raise BadInput(f"the body does not parse as {media_type}: {error.msg}", file="body", line=line, column=column) from None
    except ValueError as error:
        raise BadInput(f"the body does not parse as {media_type}: {error}") from None
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""
