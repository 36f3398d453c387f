"""What a release asserts, as N-Triples by named graph; what follows from it; and what of it is published."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import pairwise
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Store, parse
from rdflib import Graph

from pactgraph import knowledge, terms
from pactgraph.errors import Finding
from pactgraph.joining import STEPS
from pactgraph.reasoning import rules
from pactgraph.reasoning.contradictions import contradictions
from pactgraph.release import Release, current_if_any, quads_of
from pactgraph.sources.places import triple_of

_DERIVED = (str(terms.INFERRED), str(terms.SERVICE))
_COMPARED = tuple(map(str, STEPS.values()))
_COLUMN = f" <{terms.BASE}source/".encode()
_NOT_REASONED_OVER = (str(terms.LINKS), str(terms.ALIGNMENTS), *_COMPARED)


@dataclass(frozen=True)
class Inferred:
    """What follows from what may be handed on; as N-Triples what follows only with sources for local use; what cannot be so."""

    closure: rules.Closure
    local: bytes = b""
    contradictions: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Asserted:
    """Named graphs: `made` from files, `written` by clients (`release.changes`), and `local`, which are not handed on."""

    made: Mapping[str, bytes]
    written: Mapping[str, bytes] = field(default_factory=dict)
    local: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, release: Release) -> Asserted:
        """Read what a release asserts. Raises Damaged."""
        found = _by_graph(quads_of(release))
        made = {name: ntriples for name, ntriples in found.items() if name not in _DERIVED}
        written = {name: made.pop(name, b"") for name in release.written}
        return cls(made, written, _local(release, made, {*made, *written, *_DERIVED}))

    def loaded(self) -> Store:
        """Give all that the rules reason over as a store in memory."""
        return rules.loaded(self._facts(local=True))

    def infer_shared(self) -> rules.Closure | None:
        """Give what follows from what may be handed on; None where that is everything."""
        return rules.closure(rules.loaded(self._facts(local=False)), knowledge.strata()) if self.local else None

    def infer(self, whole: Store | None = None, shared: rules.Closure | None = None) -> Inferred:
        """Give what follows by the rules, and what contradicts itself.

        `whole` are all facts as `loaded` gives them; what follows is added to it. `shared` is what `infer_shared` gave: whoever
        has both asks for it first, since a store of millions of statements takes gigabytes.
        """
        shared = shared or self.infer_shared()
        whole = whole or self.loaded()
        inferred = rules.closure(whole, knowledge.strata())
        found = tuple(one.finding() for one in contradictions(whole))
        if shared is None:
            return Inferred(inferred, contradictions=found)
        more = set(inferred.ntriples.splitlines(keepends=True)) - set(shared.ntriples.splitlines(keepends=True))
        return Inferred(shared, b"".join(sorted(more)), found)

    def facts(self, *, local: bool = False) -> bytes:
        """Give what the rules reason over: schema and facts, without links, alignments and comparisons of sources.

        What rows have in their columns is left out, too: it is most of an import, and no rule looks at it.
        """
        return b"".join(self._facts(local=local))

    def _facts(self, *, local: bool) -> Iterator[bytes]:
        return map(_without_columns, self.graphs(local=local))

    def graphs(self, *, local: bool = False) -> Iterator[bytes]:
        """Give what `facts` gives graph by graph, what rows have in their columns included."""
        for part in (self.made, self.written, self.local if local else {}):
            yield from (ntriples for name, ntriples in part.items() if name not in _NOT_REASONED_OVER)

    def nquads(self, inferred: bytes) -> bytes:
        """Give what may be handed on, as sorted N-Quads; the inferred statements (N-Triples) in a graph of their own."""
        return sorted_quads({**self.made, **self.written, str(terms.INFERRED): inferred})

    def local_nquads(self, inferred: bytes) -> bytes:
        """Give what is for local use alone, as sorted N-Quads."""
        return sorted_quads({**self.local, str(terms.INFERRED): inferred}) if self.local else b""

    def count(self) -> int:
        """Count the statements."""
        return sum(ntriples.count(b"\n") for part in (self.made, self.written, self.local) for ntriples in part.values())


def merged(*nquads: bytes) -> bytes:
    """Give sorted N-Quads as one, sorted."""
    return _joined(merge(*map(io.BytesIO, nquads)))


def written_in(releases: Path) -> dict[str, bytes]:
    """Give the graphs that clients have written to the current release, as N-Triples; none if there is no release.

    Raises Damaged where there may be some that cannot be read.
    """
    release = current_if_any(releases)
    return dict(Asserted.of(release).written) if release and release.written else {}


def graph_of(graphs: Mapping[str, bytes]) -> Graph:
    """Give N-Triples of several graphs as one graph for the shapes to look at."""
    graph = Graph()
    for quad in parse(input=b"".join(graphs.values()), format=RdfFormat.N_TRIPLES):
        graph.add(triple_of(quad))
    return graph


def in_graph(finding: Finding, written: Mapping[str, bytes]) -> Finding:
    """Give a finding that no file is known for the name of the written graph that its node is in."""
    if finding.file or not finding.focus:
        return finding
    start = f"<{finding.focus}> ".encode()
    name = next((name for name, ntriples in written.items() if ntriples.startswith(start) or b"\n" + start in ntriples), "")
    return replace(finding, file=name) if name else finding


def sorted_quads(graphs: Mapping[str, bytes]) -> bytes:
    """Give N-Triples by graph as sorted N-Quads."""
    return _joined(merge(*(_quads(ntriples, name) for name, ntriples in graphs.items())))


def _without_columns(ntriples: bytes) -> bytes:
    """Leave out the statements whose property is a column of a table (`Table.property`)."""
    if _COLUMN not in ntriples:
        return ntriples
    return _joined(line for line in io.BytesIO(ntriples) if not line.split(b" ", 2)[1].startswith(_COLUMN[1:]))


def _quads(ntriples: bytes, graph: str) -> Iterator[bytes]:
    """Put N-Triples, one a line and ending in ` .`, into a named graph, sorted."""
    suffix = f" <{graph}> .\n".encode()
    return (line[: line.rindex(b" .")] + suffix for line in _ordered(ntriples) if line.strip())


def _ordered(ntriples: bytes) -> Iterable[bytes]:
    """Give the lines in order, each once; what is in order already is not taken apart, which would take much memory."""
    ordered = all(one < other for one, other in pairwise(io.BytesIO(ntriples)))
    return io.BytesIO(ntriples) if ordered else sorted(set(io.BytesIO(ntriples)))


def _joined(lines: Iterable[bytes]) -> bytes:
    """Put lines together one by one."""
    whole = io.BytesIO()
    whole.writelines(lines)
    return whole.getvalue()


def _by_graph(nquads: bytes) -> dict[str, bytes]:
    """Take N-Quads apart, one a line and ending in ` <graph> .`."""
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for line in nquads.split(b"\n"):
        if line:
            triple, _, graph = line.rpartition(b" .")[0].rpartition(b" ")
            found[graph].append(triple)
    return {graph[1:-1].decode(): b"".join(triple + b" .\n" for triple in triples) for graph, triples in found.items()}


def ntriples_in(store: Store, graph: str) -> bytes:
    """Give a named graph of a store as N-Triples."""
    return store.dump(format=RdfFormat.N_TRIPLES, from_graph=NamedNode(graph)) or b""


def _local(release: Release, made: Mapping[str, bytes], others: set[str]) -> dict[str, bytes]:
    """Give what is in the index of a release alone: graphs, and parts of those that compare sources."""
    if not release.manifest.get("local_quads"):
        return {}
    store = Store.read_only(str(release.store_path))
    names = sorted(graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode))
    found = {name: ntriples_in(store, name) for name in names if name not in others or name in _COMPARED}
    for name in found.keys() & made.keys():
        lines = set(found[name].splitlines(keepends=True)) - set(made[name].splitlines(keepends=True))
        found[name] = b"".join(sorted(lines))
    return {name: ntriples for name, ntriples in found.items() if ntriples}
