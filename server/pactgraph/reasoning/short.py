"""Terms in few letters, and back: `pact:russia-dprk-2000`, `pg:Pact`, `status:in-force`, `a`."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode, Variable

from pactgraph.prefixes import PREFIXES
from pactgraph.terms import BASE, curie, expand

_TYPE = PREFIXES["rdf"] + "type"
_VOCAB = BASE + "vocab/"


def short(term: NamedNode | Literal | BlankNode | Variable) -> str:
    """Give a term in few letters; a value in quotes; a variable as something unnamed."""
    if isinstance(term, Variable):
        return f"some {term.value.lstrip('_').partition('_')[0]}"
    if isinstance(term, Literal):
        return f'"{term.value}"'
    if isinstance(term, BlankNode):
        return "[]"
    if is_type(term):
        return "a"
    if term.value.startswith(_VOCAB):
        return term.value.removeprefix(_VOCAB).replace("/", ":", 1)
    for prefix, namespace in PREFIXES.items():
        if prefix != "pg" and term.value.startswith(namespace):
            return f"{prefix}:{term.value.removeprefix(namespace)}"
    return curie(term.value)


def whole(name: str) -> str:
    """Give the IRI that a short name of a thing or property stands for; whole IRIs stay."""
    prefix, colon, local = name.partition(":")
    if name == "a":
        return _TYPE
    if colon and prefix != "pg" and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    return expand(name)


def is_type(term: object) -> bool:
    """Say whether a term is rdf:type."""
    return isinstance(term, NamedNode) and term.value == _TYPE
