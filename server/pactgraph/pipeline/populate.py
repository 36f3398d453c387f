"""Populate: everything that is asserted, as RDFLib graphs, one for each named graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rdflib import Graph, URIRef
from rdflib.compare import to_canonical_graph

from pactgraph import knowledge, terms
from pactgraph.sources import curated, links
from pactgraph.validation import parse


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
        return self.ontology + self.vocabulary

    def data(self) -> Graph:
        """Give what is asserted of the world, which the shapes look at."""
        return self.curated.graph + self.links

    def quads(self) -> int:
        """Count the asserted statements."""
        return sum(len(graph) for graph in self.graphs().values())

    def asserted_ntriples(self) -> bytes:
        """Give what the rules reason over, as N-Triples: schema and facts, without links and alignments."""
        graphs = (self.ontology, self.vocabulary, self.curated.graph)
        return b"".join(graph.serialize(format="nt", encoding="utf-8") for graph in graphs)

    def nquads(self, inferred: bytes) -> bytes:
        """Give all statements as sorted N-Quads, the inferred ones (N-Triples) in a graph of their own."""
        lines: list[bytes] = list(_quads(inferred, terms.INFERRED))
        for name, graph in self.graphs().items():
            lines.extend(_quads(graph.serialize(format="nt", encoding="utf-8"), name))
        return b"".join(sorted(set(lines)))


def populate(paths: Iterable[Path] | None = None) -> Knowledge:
    """Read the model and the curated facts (all, or those of the given files)."""
    ontology = parse(knowledge.modules())
    return Knowledge(
        ontology=to_canonical_graph(ontology),
        vocabulary=parse(knowledge.vocabularies()),
        alignments=to_canonical_graph(parse(knowledge.alignments())),
        curated=curated.read(paths or knowledge.curated(), curated.date_families(ontology)),
        links=links.read(knowledge.links()),
    )


def _quads(ntriples: bytes, graph: URIRef) -> Iterable[bytes]:
    """Put N-Triples, one a line and ending in ` .`, into a named graph."""
    suffix = f" <{graph}> .\n".encode()
    return (line[: line.rindex(b" .")] + suffix for line in ntriples.split(b"\n") if line.strip())
