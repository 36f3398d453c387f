"""Publishing a release to an engine: by the Graph Store Protocol to graphs aside, checked, then switched for readers.

Each graph that differs from what the engine holds is loaded under a name of the release, read back and compared. Then the
graphs get their own names, and the graph `store.remote.CURRENT` says which release it is: where an update is one step for
readers, in one update; elsewhere CURRENT is emptied first and filled last, and servers of ours wait meanwhile. A publication
that broke off is resumed by asking for it again: what the engine holds already is neither sent nor moved again.

Graph Store Protocol: https://www.w3.org/TR/sparql11-http-rdf-update/; updates: https://www.w3.org/TR/sparql11-update/.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse
from rdflib import DCTERMS, VOID, XSD

from pactgraph.errors import RemoteFailed
from pactgraph.net import Line
from pactgraph.queries import load
from pactgraph.release.model import Release
from pactgraph.release.write import quads_of
from pactgraph.store import RemoteStore, look, updates
from pactgraph.store.engine_views import WRITTEN
from pactgraph.store.engines import Target
from pactgraph.store.remote import CURRENT
from pactgraph.terms import BASE, GRAPH, VIEWS

_PIECE = 20_000
_SECONDS = 600.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """A named graph: its triples as sorted lines of N-Triples, their digest, and whether any has a blank node."""

    lines: tuple[str, ...]
    digest: str
    blanks: bool


@dataclass(frozen=True)
class Published:
    """What became of each graph, by its IRI: `sent`, `kept` (the engine had it) or `removed`; and the statements held now."""

    release: str
    engine: str
    graphs: Mapping[str, str]
    quads: int


def withheld(release: Release) -> dict[str, int]:
    """Count the statements of each named graph that are for local use alone: those in the index and in no dump."""
    if not release.manifest.get("local_quads"):
        return {}
    public = {graph: len(part.lines) for graph, part in parts(release).items()}
    everything = {graph: len(part.lines) for graph, part in parts(release, local=True).items()}
    return {graph: more for graph, count in everything.items() if (more := count - public.get(graph, 0))}


def parts(release: Release, *, local: bool = False) -> dict[str, Part]:
    """Give the graphs of a release by their IRIs: of its dump, or with `local` of its index."""
    found: dict[str, list[Quad]] = defaultdict(list)
    quads: Iterable[Quad] = (
        Store.read_only(str(release.store_path)) if local else parse(input=quads_of(release).file(), format=RdfFormat.N_QUADS)
    )
    for quad in quads:
        found[quad.graph_name.value].append(quad)  # type: ignore[union-attr]
    return {graph: _part(found[graph]) for graph in sorted(found)}


def publish_to(content: Mapping[str, Part], release: Release, target: Target, say: Say = lambda line: None) -> Published:
    """Publish graphs as a release, and compare what the engine then holds. Raises RemoteFailed and as `Line.send` does."""
    return _Publication(content, release, target, say).carry_out()


class _Publication:
    def __init__(self, content: Mapping[str, Part], release: Release, target: Target, say: Say) -> None:
        self._content, self._release, self._target, self._say = content, release, target, say
        self._quads = sum(len(part.lines) for part in content.values())
        self._line = Line(target.query.url, target.login, seconds=_SECONDS)
        self._asked = RemoteStore(target.query, seconds=_SECONDS, name=target.query.url)

    def carry_out(self) -> Published:
        """Send what differs, switch, remove what is left over, and compare."""
        held = set(self._values("graphs-filled"))
        sent = [graph for graph in self._content if not self._has(graph, self._content[graph])]
        for graph in sent:
            self._send(graph)
        views = sorted(graph for graph in held if graph.startswith(VIEWS))  # of what was held before, made again when asked for
        gone = sorted(graph for graph in held - {*self._content, *views} if graph.startswith(str(GRAPH)))
        stated = look(self._target.query, seconds=_SECONDS)
        if sent or gone or stated is None or (stated.id, stated.quads) != (self._release.id, self._quads):
            self._switch(sent, [WRITTEN, *views, *gone])
        for graph in sent:
            if not self._has(graph, self._content[graph]):
                raise RemoteFailed(f"{graph} is not in the engine as it was sent; publish again")
        for graph in held:
            if graph.startswith(f"{BASE}release/") and graph not in (CURRENT, WRITTEN):
                self._update(updates.clear(graph))
        became = {graph: "sent" if graph in sent else "kept" for graph in self._content} | dict.fromkeys(gone, "removed")
        return Published(self._release.id, self._target.engine, became, self._quads)

    def _send(self, graph: str) -> None:
        """Load a graph aside, from where an earlier attempt broke off, and compare it; if it differs, again from the start."""
        part, aside = self._content[graph], self._aside(graph)
        for attempt in (1, 2):
            count = self._count(aside)
            for start in self._starts(part, count, attempt):
                self._load(aside, part, start)
                self._say(f"{graph}: {min(start + _PIECE, len(part.lines)):,} of {len(part.lines):,} statements")
            if self._has(aside, part):
                return
            self._update(updates.clear(aside))
        raise RemoteFailed(f"{self._target.query.url} does not keep {graph} as it was sent")

    def _starts(self, part: Part, count: int, attempt: int) -> Iterable[int]:
        """Give where the pieces begin that are still to be sent; a graph with blank nodes is one piece, sent once."""
        if part.blanks:
            return [0]
        whole = count // _PIECE * _PIECE if attempt == 1 and count <= len(part.lines) else 0
        return range(whole, len(part.lines), _PIECE) if count != len(part.lines) or attempt == 2 else ()

    def _load(self, aside: str, part: Part, start: int) -> None:
        lines = part.lines if part.blanks else part.lines[start : start + _PIECE]
        self._write("PUT" if part.blanks else "POST", aside, "\n".join((*lines, "")).encode())

    def _write(self, method: str, graph: str, body: bytes) -> None:
        reply = self._target.send_graph(self._line, method, graph, body)
        if reply.status not in (200, 201, 204):
            raise self._refused("takes no graph", reply.status, reply.first_line)

    def _update(self, text: str) -> None:
        reply = self._target.send_update(self._line, text)
        if reply.status not in (200, 204):
            raise self._refused("takes no update", reply.status, reply.first_line)

    def _refused(self, what: str, status: int, said: str) -> RemoteFailed:
        why = "the login is missing or wrong" if status in (401, 403) else said or "it does not say why"
        return RemoteFailed(
            f"{self._target.query.url} {what} (status {status}): {why}; what was sent stays for the next attempt"
        )

    def _switch(self, sent: list[str], gone: list[str]) -> None:
        """Give the graphs their own names, and say which release it is."""
        steps = [
            updates.clear(CURRENT),
            *(step for graph in sent for step in _moved(self._aside(graph), graph)),
            *map(updates.clear, gone),
            updates.insert(CURRENT, self._stated()),
        ]
        self._say("switching")
        for update in [" ;\n".join(steps)] if self._target.atomic else steps:
            self._update(update)

    def _stated(self) -> Iterator[Triple]:
        """Give what CURRENT holds."""
        facts, here = self._release.manifest, NamedNode(CURRENT)
        literals = {
            DCTERMS.identifier: Literal(self._release.id),
            DCTERMS.hasVersion: Literal(facts["version"]),
            DCTERMS.issued: Literal(facts["issued"], datatype=NamedNode(str(XSD.date))),
            DCTERMS.modified: updates.now(),
            VOID.triples: Literal(self._quads),
        }
        yield from (Triple(here, NamedNode(str(name)), value) for name, value in literals.items())
        yield from (Triple(here, NamedNode(str(DCTERMS.hasPart)), NamedNode(graph)) for graph in self._content)

    def _aside(self, graph: str) -> str:
        """Give the name under which a graph waits for the switch."""
        return f"{BASE}release/{self._release.id}/graph/{graph.removeprefix(str(GRAPH))}"

    def _has(self, graph: str, part: Part) -> bool:
        """Say whether the engine holds a graph as it is: its count first, then a digest of what it gives back."""
        if self._count(graph) != len(part.lines):
            return False
        reply = self._line.send(
            "GET",
            self._target.graphs,
            params={self._target.parameter: graph},
            headers={"Accept": "application/n-triples, text/plain;q=0.5"},
        )
        if reply.status != 200 or not reply.framed:
            raise self._refused("does not give a graph back", reply.status, reply.first_line)
        try:
            return _part(parse(input=reply.body, format=RdfFormat.N_TRIPLES)).digest == part.digest
        except SyntaxError:
            return False

    def _count(self, graph: str) -> int:
        return int(self._values("graph-size", "triples", graph=NamedNode(graph))[0])

    def _values(self, name: str, column: str = "graph", **slots: NamedNode) -> list[str]:
        return [row[column] for row in self._asked.values(load(name, **slots))]


def _moved(source: str, target: str) -> tuple[str, ...]:
    """Give the steps that move a graph."""
    return updates.clear(target), updates.copy(source, target), updates.clear(source)


def _part(quads: Iterable[Quad]) -> Part:
    """Give a graph as it can be compared: numbers as the embedded engine writes them, blank nodes named by RDFC-1.0."""
    store = Store()
    store.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    found: Iterable[Quad] = store
    blanks = any(isinstance(term, BlankNode) for quad in store for term in (quad.subject, quad.object))
    if blanks:
        dataset = Dataset(store)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        found = dataset
    lines = tuple(sorted(f"{quad.triple} ." for quad in found))
    return Part(lines, hashlib.sha256("\n".join(lines).encode()).hexdigest(), blanks)
