"""What people call things by."""

from __future__ import annotations

from pyoxigraph import NamedNode

from pactgraph.errors import BadInput
from pactgraph.terms import expand


def node_of(text: str, kind: str, example: str) -> NamedNode:
    """Give the IRI of a thing of a kind (`state`, `person`) named by slug or IRI. Raises BadInput for what cannot be a name."""
    try:
        return NamedNode(expand(text if ":" in text or "/" in text else f"{kind}/{text}"))
    except ValueError:
        raise BadInput(f"{text[:60]!r} names no {kind}", hint=f"give a slug such as {example}") from None
