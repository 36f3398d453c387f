"""Populate: everything that is asserted, as RDFLib graphs, one for each named graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rdflib import Graph, URIRef
from rdflib.compare import to_canonical_graph
from rdflib.graph import ReadOnlyGraphAggregate

from pactgraph import knowledge, terms
from pactgraph.sources import curated, links
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
        return sum(len(graph) for graph in self.graphs().values())

    def asserted_ntriples(self) -> bytes:
        """Give what the rules reason over, as N-Triples: schema and facts, without links and alignments."""
        return b"".join(self._ntriples[name] for name in (terms.ONTOLOGY, terms.VOCABULARY, terms.CURATED))

    def nquads(self, inferred: bytes) -> bytes:
        """Give all statements as sorted N-Quads, the inferred ones (N-Triples) in a graph of their own."""
        lines: list[bytes] = list(_quads(inferred, terms.INFERRED))
        for name, ntriples in self._ntriples.items():
            lines.extend(_quads(ntriples, name))
        return b"".join(sorted(set(lines)))

    @cached_property
    def _ntriples(self) -> dict[URIRef, bytes]:
        """Each graph as N-Triples; blank nodes (only the model has any) get canonical labels, the same in every build."""
        graphs = {name: to_canonical_graph(graph) if name in _WITH_BLANKS else graph for name, graph in self.graphs().items()}
        return {name: graph.serialize(format="nt", encoding="utf-8") for name, graph in graphs.items()}


def populate(paths: Iterable[Path] | None = None) -> Knowledge:
    """Read the model and the curated facts (all, or those of the given files)."""
    ontology = parse(knowledge.modules())
    return Knowledge(
        ontology=ontology,
        vocabulary=parse(knowledge.vocabularies()),
        alignments=parse(knowledge.alignments()),
        curated=curated.read(paths or knowledge.curated(), curated.date_families(ontology)),
        links=links.read(knowledge.links()),
    )


def _quads(ntriples: bytes, graph: URIRef) -> Iterable[bytes]:
    """Put N-Triples, one a line and ending in ` .`, into a named graph."""
    suffix = f" <{graph}> .\n".encode()
    return (line[: line.rindex(b" .")] + suffix for line in ntriples.split(b"\n") if line.strip())
