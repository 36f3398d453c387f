"""What a release asserts, as N-Triples by named graph; what follows from it; and what of it is published."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from pyoxigraph import NamedNode, RdfFormat, Store, parse
from rdflib import Graph

from pactgraph import knowledge, terms
from pactgraph.errors import Finding
from pactgraph.joining import STEPS
from pactgraph.packed import Packed, merged, packing, without
from pactgraph.reasoning import rules
from pactgraph.reasoning.contradictions import contradictions
from pactgraph.release import Release, current_if_any, quads_of
from pactgraph.sources.places import triple_of

_DERIVED = (str(terms.INFERRED), str(terms.SERVICE))
_COMPARED = tuple(map(str, STEPS.values()))
_COLUMN = f"<{terms.BASE}source/".encode()
_ROW = tuple(f"<{name}>".encode() for name in (terms.PG.rowAsRead, terms.PG.rowNumber))
_NOT_REASONED_OVER = (str(terms.LINKS), str(terms.ALIGNMENTS), *_COMPARED)
Graphs = Mapping[str, Packed]


@dataclass(frozen=True)
class Inferred:
    """What follows from what may be handed on; as N-Triples what follows only with sources for local use; what cannot be so."""

    closure: rules.Closure = field(default_factory=rules.Closure)
    local: Packed = field(default_factory=Packed)
    contradictions: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Asserted:
    """Named graphs: `made` from files, `written` by clients (`release.changes`), and `local`, which are not handed on.

    Each is sorted N-Triples.
    """

    made: Graphs
    written: Graphs = field(default_factory=dict)
    local: Graphs = field(default_factory=dict)

    @classmethod
    def of(cls, release: Release) -> Asserted:
        """Read what a release asserts. Raises Damaged."""
        found = _by_graph(quads_of(release))
        made = {name: ntriples for name, ntriples in found.items() if name not in _DERIVED}
        written = {name: made.pop(name, Packed()) for name in release.written}
        return cls(made, written, _local(release, made, {*made, *written, *_DERIVED}))

    def loaded(self) -> Store:
        """Give schema and facts, without what rows have in their columns, as a store in memory."""
        return rules.loaded(_facts(self.made, self.written, self.local))

    def infer(self) -> Inferred:
        """Give what follows by the rules, and what contradicts itself.

        The rules run once over what may be handed on, and once over all: a higher stratum may not see what the lower ones lack.
        """
        shared = self._closed(local=False)[1] if self.local else None
        store, whole = self._closed(local=True)
        found = tuple(one.finding() for one in contradictions(store))
        if shared is None:
            return Inferred(whole, contradictions=found)
        return Inferred(shared, Packed.of(without(whole.ntriples, shared.ntriples)), found)

    def _closed(self, *, local: bool) -> tuple[Store, rules.Closure]:
        """Give all, or what may be handed on, with what follows from it, and what does.

        Rows as read and their numbers are left out, as columns are: they are much of an import, and no rule looks at them.
        """
        store = rules.loaded(_facts(self.made, self.written, self.local if local else {}, leaving_out=(_COLUMN, *_ROW)))
        return store, rules.closure(store, knowledge.strata())

    def graphs(self) -> Iterator[Packed]:
        """Give schema and facts graph by graph: all but links, alignments and comparisons of sources."""
        return _reasoned_over(self.made, self.written, self.local)

    def nquads(self, inferred: Packed) -> Iterator[bytes]:
        """Give what may be handed on, as sorted N-Quads; the inferred statements (N-Triples) in a graph of their own."""
        return sorted_quads({**self.made, **self.written, str(terms.INFERRED): inferred})

    def local_nquads(self, inferred: Packed) -> Iterator[bytes]:
        """Give what is for local use alone, as sorted N-Quads."""
        return sorted_quads({**self.local, str(terms.INFERRED): inferred} if self.local else {})

    def count(self) -> int:
        """Count the statements."""
        return sum(ntriples.count() for part in (self.made, self.written, self.local) for ntriples in part.values())


def written_in(releases: Path) -> dict[str, Packed]:
    """Give the graphs that clients have written to the current release, as N-Triples; none if there is no release.

    Raises Damaged where there may be some that cannot be read.
    """
    release = current_if_any(releases)
    return dict(Asserted.of(release).written) if release and release.written else {}


def graph_of(parts: Iterable[Packed]) -> Graph:
    """Give N-Triples of several graphs as one graph for the shapes to look at."""
    graph = Graph()
    for quad in chain.from_iterable(parse(input=part.file(), format=RdfFormat.N_TRIPLES) for part in parts):
        graph.add(triple_of(quad))
    return graph


def packed_of(graph: Graph) -> Packed:
    """Give a graph as sorted N-Triples."""
    return Packed.sorted(graph.serialize(format="nt", encoding="utf-8").splitlines(keepends=True))


def in_graph(finding: Finding, written: Graphs) -> Finding:
    """Give a finding that no file is known for the name of the written graph that its node is in."""
    if finding.file or not finding.focus:
        return finding
    start = f"<{finding.focus}> ".encode()
    name = next((name for name, ntriples in written.items() if any(line.startswith(start) for line in ntriples)), "")
    return replace(finding, file=name) if name else finding


def sorted_quads(graphs: Graphs) -> Iterator[bytes]:
    """Give N-Triples by graph as sorted N-Quads."""
    return merged(*(_quads(ntriples, name) for name, ntriples in graphs.items()))


def _reasoned_over(*graphs: Graphs) -> Iterator[Packed]:
    return (ntriples for part in graphs for name, ntriples in part.items() if name not in _NOT_REASONED_OVER)


def _facts(*graphs: Graphs, leaving_out: tuple[bytes, ...] = (_COLUMN,)) -> Iterator[Packed]:
    """Leave out the statements whose property begins so; a column of a table is one (`Table.property`)."""
    for ntriples in _reasoned_over(*graphs):
        yield Packed.of(line for line in ntriples if not line.split(b" ", 2)[1].startswith(leaving_out))


def _quads(ntriples: Packed, graph: str) -> Iterator[bytes]:
    """Put N-Triples, one a line and ending in ` .`, into a named graph."""
    suffix = f" <{graph}> .\n".encode()
    return (line[: line.rindex(b" .")] + suffix for line in ntriples)


def _by_graph(nquads: Packed) -> dict[str, Packed]:
    """Take N-Quads apart, one a line and ending in ` <graph> .`."""
    found: dict[bytes, io.BytesIO] = {}
    files: dict[bytes, BinaryIO] = {}
    with ExitStack() as opened:
        for line in nquads:
            triple, _, graph = line.rpartition(b" .")[0].rpartition(b" ")
            if graph not in files:
                found[graph] = io.BytesIO()
                files[graph] = opened.enter_context(packing(found[graph]))
            files[graph].write(triple + b" .\n")
    return {graph[1:-1].decode(): Packed(target.getvalue()) for graph, target in found.items()}


def ntriples_in(store: Store, graph: str) -> Packed:
    """Give a named graph of a store as sorted N-Triples."""
    return Packed.sorted(dumped(store, graph).splitlines(keepends=True))


def dumped(store: Store, graph: str) -> bytes:
    """Give a named graph of a store as N-Triples, in the order of the store: that of a copy, if nothing was changed in it."""
    return store.dump(format=RdfFormat.N_TRIPLES, from_graph=NamedNode(graph)) or b""


def _local(release: Release, made: Graphs, others: set[str]) -> dict[str, Packed]:
    """Give what is in the index of a release alone: graphs, and parts of those that compare sources."""
    if not release.manifest.get("local_quads"):
        return {}
    store = Store.read_only(str(release.store_path))
    names = sorted(graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode))
    found = {name: ntriples_in(store, name) for name in names if name not in others or name in _COMPARED}
    for name in found.keys() & made.keys():
        found[name] = Packed.of(without(found[name], made[name]))
    return {name: ntriples for name, ntriples in found.items() if ntriples}
