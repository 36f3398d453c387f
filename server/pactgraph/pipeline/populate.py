"""Populate: everything that is asserted, as RDFLib graphs, one for each named graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from rdflib import RDF, Graph, URIRef
from rdflib.compare import to_canonical_graph
from rdflib.graph import ReadOnlyGraphAggregate

from pactgraph import knowledge, terms
from pactgraph.joining import Joined
from pactgraph.packed import Packed
from pactgraph.pipeline.asserted import Asserted, packed_of
from pactgraph.sources import curated, imports, links, register
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.validation import parse

_WITH_BLANKS = (terms.ONTOLOGY, terms.ALIGNMENTS)


@dataclass
class Knowledge:
    """What is asserted: the model, the curated facts, the links to others, and what clients have written, as one graph."""

    ontology: Graph
    vocabulary: Graph
    alignments: Graph
    curated: curated.Curated
    links: Graph
    imported: list[imports.Imported] = field(default_factory=list)
    joined: Joined = field(default_factory=Joined)
    written: Graph = field(default_factory=Graph)

    def graphs(self) -> dict[URIRef, Graph]:
        """Give each named graph."""
        return {
            terms.ONTOLOGY: self.ontology,
            terms.VOCABULARY: self.vocabulary,
            terms.ALIGNMENTS: self.alignments,
            terms.CURATED: self.curated.graph,
            terms.LINKS: self.links,
        }

    def schema(self) -> Graph:
        """Give the ontology with its vocabularies: what reasoners and shapes need besides the data."""
        return ReadOnlyGraphAggregate([self.ontology, self.vocabulary])

    def world(self) -> Graph:
        """Give what the shapes look at: facts and links, with the schema that they refer to."""
        return ReadOnlyGraphAggregate([self.curated.graph, self.written, self.links, self.ontology, self.vocabulary])

    def facts(self) -> Graph:
        """Give schema and curated facts, without links: what is reasoned over."""
        return ReadOnlyGraphAggregate([self.curated.graph, self.written, self.ontology, self.vocabulary])

    def asserted(self, written: Mapping[str, Packed] = MappingProxyType({})) -> Asserted:
        """Give what is asserted by named graph; `written` are the graphs that clients have written."""
        imported = {str(one.source.graph): one for one in self.imported}
        free = {name: one.ntriples for name, one in imported.items() if one.source.redistribute}
        local = {name: one.ntriples for name, one in imported.items() if not one.source.redistribute}
        shared, beside = ({str(name): part for name, part in held.items()} for held in (self.joined.shared, self.joined.local))
        return Asserted({**self._ntriples, **free, **shared}, written, {**local, **beside})

    @cached_property
    def _ntriples(self) -> dict[str, Packed]:
        """Each graph as N-Triples; blank nodes (only the model has any) get canonical labels, the same in every build."""
        graphs = {name: to_canonical_graph(graph) if name in _WITH_BLANKS else graph for name, graph in self.graphs().items()}
        return {str(name): packed_of(graph) for name, graph in graphs.items()}


def import_sources(
    known: Knowledge,
    folder: Path,
    identifiers: Iterable[str],
    hand_on: Collection[str] = (),
    tell: imports.Tell = lambda done, of: None,
) -> None:
    """Import sources (all that can be, if none is named) from a folder of copies; those to hand on are taken as free to be.

    `tell` is called as by `imports.run`. Raises BadInput.
    """
    names = list(identifiers) or list(imports.IMPORTERS)
    for name in hand_on:
        register.source(name)
    found = imports.run(folder, names, Crosswalk.of(known.curated.graph, known.links), tell)
    known.imported = [
        replace(one, source=replace(one.source, redistribute=True)) if one.source.id in hand_on else one for one in found
    ]


def populate(paths: Iterable[Path] | None = None) -> Knowledge:
    """Read the model and the curated facts (all, or those of the given files)."""
    ontology = parse(knowledge.modules())
    facts = curated.read(paths or knowledge.curated(), curated.date_families(ontology))
    entities = None if facts.findings else {str(entity) for entity in facts.graph.subjects(RDF.type)}
    return Knowledge(
        ontology=ontology,
        vocabulary=parse(knowledge.vocabularies()),
        alignments=parse(knowledge.alignments()),
        curated=facts,
        links=links.read(knowledge.links(), entities),
    )
