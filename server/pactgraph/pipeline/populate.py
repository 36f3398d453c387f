"""Populate: everything that is asserted, as RDFLib graphs, one for each named graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rdflib import RDF, Graph, URIRef
from rdflib.compare import to_canonical_graph
from rdflib.graph import ReadOnlyGraphAggregate

from pactgraph import knowledge, terms
from pactgraph.sources import curated, imports, links
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.validation import parse

_WITH_BLANKS = (terms.ONTOLOGY, terms.ALIGNMENTS)


@dataclass
class Knowledge:
    """What is asserted: the model, the curated facts and the links to others."""

    ontology: Graph
    vocabulary: Graph
    alignments: Graph
    curated: curated.Curated
    links: Graph
    imported: list[imports.Imported] = field(default_factory=list)

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
        return ReadOnlyGraphAggregate([self.curated.graph, self.links, self.ontology, self.vocabulary])

    def facts(self) -> Graph:
        """Give schema and curated facts, without links: what is reasoned over."""
        return ReadOnlyGraphAggregate([self.curated.graph, self.ontology, self.vocabulary])

    def quads(self) -> int:
        """Count the asserted statements."""
        own = sum(len(graph) for graph in self.graphs().values())
        return own + sum(source.ntriples.count(b"\n") for source in self.imported)

    def asserted_ntriples(self, *, local: bool = False) -> bytes:
        """Give what the rules reason over, as N-Triples: schema and facts, without links and alignments.

        Sources that may not be handed on are left out unless `local`.
        """
        own = [self._ntriples[name] for name in (terms.ONTOLOGY, terms.VOCABULARY, terms.CURATED)]
        return b"".join([*own, *(one.ntriples for one in self.imported if local or one.source.redistribute)])

    def nquads(self, inferred: bytes) -> bytes:
        """Give what may be handed on, as sorted N-Quads; the inferred statements (N-Triples) in a graph of their own."""
        graphs = {terms.INFERRED: inferred, **self._ntriples}
        graphs.update({one.source.graph: one.ntriples for one in self.imported if one.source.redistribute})
        return _sorted_quads(graphs)

    def local_nquads(self, inferred: bytes) -> bytes:
        """Give what is for local use alone, as sorted N-Quads."""
        graphs = {one.source.graph: one.ntriples for one in self.imported if not one.source.redistribute}
        return _sorted_quads({terms.INFERRED: inferred, **graphs} if graphs else {})

    @cached_property
    def _ntriples(self) -> dict[URIRef, bytes]:
        """Each graph as N-Triples; blank nodes (only the model has any) get canonical labels, the same in every build."""
        graphs = {name: to_canonical_graph(graph) if name in _WITH_BLANKS else graph for name, graph in self.graphs().items()}
        return {name: graph.serialize(format="nt", encoding="utf-8") for name, graph in graphs.items()}


def import_sources(known: Knowledge, folder: Path, identifiers: Iterable[str]) -> None:
    """Import sources (all that can be, if none is named) from a folder of copies. Raises BadInput."""
    names = list(identifiers) or list(imports.IMPORTERS)
    known.imported = imports.run(folder, names, Crosswalk.of(known.curated.graph, known.links))


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


def _sorted_quads(graphs: dict[URIRef, bytes]) -> bytes:
    return b"".join(sorted({line for name, ntriples in graphs.items() for line in _quads(ntriples, name)}))


def _quads(ntriples: bytes, graph: URIRef) -> Iterable[bytes]:
    """Put N-Triples, one a line and ending in ` .`, into a named graph."""
    suffix = f" <{graph}> .\n".encode()
    return (line[: line.rindex(b" .")] + suffix for line in ntriples.split(b"\n") if line.strip())
