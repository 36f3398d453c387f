"""What the tests of joining share: sources imported and joined once, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from pactgraph.joining import Joined, join
from pactgraph.packed import Packed
from pactgraph.pipeline.asserted import packed_of
from pactgraph.pipeline.populate import Knowledge, import_sources, populate
from pactgraph.sources.register import sources

Ask = Callable[[str], list[dict[str, str]]]
PREFIXES = """
PREFIX pg: <https://w3id.org/pactgraph/ns#> PREFIX id: <https://w3id.org/pactgraph/id/>
PREFIX kind: <https://w3id.org/pactgraph/vocab/conflict-kind/> PREFIX method: <https://w3id.org/pactgraph/vocab/link-method/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


@pytest.fixture(scope="session")
def curated() -> Knowledge:
    """The curated facts and the model."""
    return populate()


def asker(parts: Iterable[Packed]) -> Ask:
    """Give a function that asks N-Triples by SPARQL, each value as text."""
    store = Store()
    for part in parts:
        store.bulk_load(input=part.file(), format=RdfFormat.N_TRIPLES)

    def ask(query: str) -> list[dict[str, str]]:
        solutions = store.query(PREFIXES + query if "PREFIX" not in query else query)
        names = [variable.value for variable in solutions.variables]  # type: ignore[union-attr]
        return [
            {name: value.value for name, value in zip(names, row, strict=True) if isinstance(value, NamedNode | Literal)}
            for row in solutions  # type: ignore[union-attr]
        ]

    return ask


def compare(known: Knowledge, shared: Path, *identifiers: str) -> tuple[Joined, list[Packed]]:
    """Import some sources and join them, as if all of the register were held; give also what they were joined from."""
    import_sources(known, shared / "data", identifiers)
    parts = [*known.asserted().graphs(), packed_of(known.links)]
    return join(parts, list(sources().values())), parts
