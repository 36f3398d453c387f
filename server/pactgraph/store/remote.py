"""The remote engine: any that speaks the SPARQL 1.1 Protocol answers, in place of the embedded one and at the same seam.

The guard, the limits and the formats stay here: a query is parsed before it leaves, its dataset is named with it (the graphs of
the release, so that nothing else in the engine shows), and its answer is read whole and written anew. So an answer is complete,
and the same in every format, whatever the engine does; what still differs is in docs/reference/stores.md.

`release publish` says in the graph CURRENT which release the engine holds. That is read again after each answer: what was asked
while it changed is thrown away, so that readers see one release or the other and never both.
"""

from __future__ import annotations

import copy
import logging
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)
from pyoxigraph import Literal as OxLiteral

from pactgraph.errors import (
    QueryImpossible,
    ReleaseMoved,
    RemoteDown,
    RemoteFailed,
    RemoteTimeout,
    ResultTooLarge,
)
from pactgraph.net import Line, Reply
from pactgraph.queries import load
from pactgraph.store.answers import JSON, N_TRIPLES, RESULTS, Asked, Endpoint, Formats, Held, named
from pactgraph.store.days import check_views, name_of
from pactgraph.store.describing import Description, describe
from pactgraph.store.engine_views import WrittenViews
from pactgraph.store.federation import Federation
from pactgraph.store.guard import check, check_schemes, explain, names_dataset
from pactgraph.store.writing import written
from pactgraph.terms import BASE

CURRENT = f"{BASE}release/current"
STORE = "the store behind this server"
_log = logging.getLogger(__name__)
_NO_GRAPH = "urn:x-pactgraph:none"  # Virtuoso reads a dataset without named graphs as one with all
_TRIPLES = (N_TRIPLES, "text/plain", "text/ntriples")  # the older names of N-Triples
_CUT = ("X-SPARQL-MaxRows", "X-SQL-State")  # Virtuoso says so where it gives a part of an answer as if it were all
_BLANK = re.compile(rb'("type"\s*:\s*"bnode"\s*,\s*"value"\s*:\s*")nodeID://')  # Virtuoso's names of blank nodes are IRIs
CSV = RESULTS["csv"]
_OVER_TIME = ("timed out", "timeout", "s1t00", "exceeds the limit of")
_LARGER = 8  # an answer as the engine sends it may be longer than in the format that was asked for


def look(endpoint: Endpoint, *, seconds: float = 5.0) -> Held | None:
    """Give the release that an engine holds; None where it states none, or is between two. Raises as `Line.send` does."""
    return _Asker(endpoint, seconds, 1 << 20).held()


def check_uncut(held: Held, most: int = 1_000_000) -> None:
    """Ask an engine for a row for each statement, `most` at most. Raises RemoteFailed where it gives fewer, and calls that all.

    Virtuoso cuts tables and graphs at the `ResultSetMaxRows` of its configuration, and says so of tables alone.
    """
    query = load("every-row") + f"LIMIT {most}"
    fields = {"query": query, "named-graph-uri": list(held.graphs), "default-graph-uri": list(held.graphs)}
    line = Line(STORE, held.endpoint.login, seconds=120.0)
    reply = line.send("POST", held.endpoint.url, data=fields, headers={"Accept": CSV})
    rows = reply.body.count(b"\n") - 1
    if reply.status != 200 or rows < min(held.quads, most):
        raise RemoteFailed(
            f"the engine gives {max(rows, 0):,} rows where there are {held.quads:,}; take the limit out of its configuration "
            "(of Virtuoso: ResultSetMaxRows), so that no part of an answer passes for all"
        )


class RemoteStore(Asked):
    """An engine, and the release that it holds; without one (`held` is None), whatever the engine takes for its dataset."""

    def __init__(
        self,
        source: Held | Endpoint,
        max_bytes: int = sys.maxsize,
        *,
        seconds: float = 3600.0,
        name: str = STORE,
        federation: Federation | None = None,
    ) -> None:
        """Take what is asked; answers stay below `max_bytes`, and each request of it below `seconds`."""
        self._held = source if isinstance(source, Held) else None
        endpoint = source.endpoint if isinstance(source, Held) else source
        self._graphs = self._held.graphs if self._held else ()
        self._asker = _Asker(endpoint, seconds, max_bytes * _LARGER, name)
        self._views = WrittenViews(self._held, self._asker, seconds, name) if self._held else None
        self._max_bytes, self._federation = max_bytes, federation

    def evaluate(
        self,
        text: str,
        formats: Formats,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str | None = None,
        as_of: date | None = None,
    ) -> tuple[bytes, str, int]:
        """Evaluate a query, as `EmbeddedStore.evaluate` does; a day's view is written to the engine (`store.engine_views`).

        Raises as that does, and ReleaseMoved, RemoteDown, RemoteFailed and RemoteTimeout.
        """
        check_views(text, (*default_graphs, *named_graphs), as_of)
        if self._federation:
            text = self._federation.answered(text, base)
        check(text)
        check_schemes(text)
        given = bool(default_graphs or named_graphs)
        options: dict[str, Any] = {
            "base_iri": base,
            "use_default_graph_as_union": not given and not names_dataset(text),
            "default_graph": [NamedNode(iri) for iri in default_graphs] if given else None,
            "named_graphs": [NamedNode(iri) for iri in named_graphs] if given else None,
        }
        try:
            Store().query(text, base_iri=base)
        except SyntaxError as error:
            raise explain(error, text) from None
        except RuntimeError as error:
            raise QueryImpossible(f"the query cannot be evaluated: {error}") from None
        with self._on(as_of) as store:
            try:
                found = (describe(store, text, options) if formats.graph else None) or store.query(text, **options)
                return written(found, formats, self._max_bytes, store._placed)
            except SyntaxError as error:  # tables are read while they are written
                raise self._asker.unreadable(error) from None

    def solutions(self, text: str, as_of: date | None = None) -> Iterator[dict[str, NamedNode | BlankNode | OxLiteral]]:
        """Give the solutions of a SELECT of ours, as `EmbeddedStore.solutions` does."""
        with self._on(as_of) as store:
            solutions = store.query(text, use_default_graph_as_union=not names_dataset(text))
        try:
            yield from named(solutions)
        except SyntaxError as error:
            raise self._asker.unreadable(error) from None

    def has_graph(self, name: str) -> bool:
        """Say whether there is a named graph with anything in it."""
        return bool(self.query(load("has-graph", graph=NamedNode(name)), use_default_graph_as_union=True))

    def query(
        self,
        text: str,
        *,
        base_iri: str | None = None,
        use_default_graph_as_union: bool = False,
        default_graph: Iterable[NamedNode | DefaultGraph] | None = None,
        named_graphs: Iterable[NamedNode] | None = None,
    ) -> Any:
        """Ask the engine: a table, a boolean, or a list of triples. The options are those of pyoxigraph's `Store.query`.

        Raises SyntaxError and RuntimeError as that does, before the engine is asked.
        """
        graph = isinstance(Store().query(text, base_iri=base_iri), QueryTriples)
        fields: dict[str, Any] = {"query": f"BASE <{base_iri}> {text}" if base_iri else text}
        if use_default_graph_as_union and self._held:
            default_graph = named_graphs = [NamedNode(iri) for iri in self._graphs]
        if default_graph is not None or named_graphs is not None:
            fields["default-graph-uri"] = [node.value for node in default_graph or () if isinstance(node, NamedNode)]
            fields["named-graph-uri"] = [node.value for node in named_graphs or ()] or [_NO_GRAPH]
        return self._asker.triples(fields) if graph else self._asker.table(fields)

    def quads_for_pattern(self, *pattern: object) -> Iterable[Quad]:
        """Give nothing: a blank node has another name in each answer, so nothing can be asked of it."""
        return ()

    def _placed(self, description: Description) -> Iterator[Quad]:
        """Give the triples of a description in order, each in every named graph that states it."""
        triples = description.in_order()
        subjects = sorted({triple.subject for triple in triples if isinstance(triple.subject, NamedNode)}, key=str)
        graphs: dict[Triple, set[NamedNode]] = {}
        for start in range(0, len(subjects), 500):
            rows = self.query(load("describe/placed", subject=subjects[start : start + 500]), use_default_graph_as_union=True)
            for graph, *parts in rows:
                graphs.setdefault(Triple(*parts), set()).add(graph)
        for triple in triples:
            for graph in sorted(graphs.get(triple, ()), key=str):
                if not description.graphs or graph in description.graphs:
                    yield Quad(triple.subject, triple.predicate, triple.object, graph)

    @contextmanager
    def _on(self, day: date | None) -> Iterator[RemoteStore]:
        """Give the release, with the view of a day if one is asked for; see afterwards that both were there all the time.

        Raises ReleaseMoved where they were not, and QueryImpossible where there can be no view.
        """
        if day is None:
            yield self
        elif self._views is None:
            raise QueryImpossible("the view of a day is made of a release, and this engine is asked as it is; ask our server")
        else:
            before = self._views.ready(day)
            dated = copy.copy(self)
            dated._graphs = (*self._graphs, name_of(day).value)
            yield dated
            self._views.check(day, before)
        if self._held and self._asker.held() != self._held:
            raise ReleaseMoved("a release is being published; ask again in a moment", retry_after=2)


def _over(query: str, graphs: Sequence[str]) -> dict[str, Any]:
    return {"query": query, "default-graph-uri": list(graphs), "named-graph-uri": list(graphs)}


class _Asker:
    """Sends queries to an engine, and reads its answers, as long as each is what was asked for and whole."""

    def __init__(self, endpoint: Endpoint, seconds: float, most: int, name: str = STORE) -> None:
        self._endpoint, self._name = endpoint, name
        self._line = Line(name, endpoint.login, seconds=seconds, most=most)

    def table(self, fields: dict[str, Any]) -> QuerySolutions | QueryBoolean:
        """Give the answer to a SELECT or ASK."""
        reply = self._ask(fields, (JSON,))
        try:
            return parse_query_results(_BLANK.sub(rb"\1", reply.body), QueryResultsFormat.JSON)
        except (SyntaxError, ValueError) as error:
            raise self.unreadable(error) from None

    def triples(self, fields: dict[str, Any]) -> list[Triple]:
        """Give the answer to a CONSTRUCT."""
        reply = self._ask(fields, _TRIPLES)
        try:
            return [quad.triple for quad in parse(input=reply.body, format=RdfFormat.N_TRIPLES)]
        except (SyntaxError, ValueError) as error:
            raise self.unreadable(error) from None

    def rows(self, query: str, graphs: Sequence[str]) -> QuerySolutions:
        """Give the answer to a SELECT over some graphs, each of them named too."""
        found = self.table(_over(query, graphs))
        assert isinstance(found, QuerySolutions)
        return found

    def found(self, query: str, graphs: Sequence[str]) -> list[Triple]:
        """Give the answer to a CONSTRUCT over some graphs."""
        return self.triples(_over(query, graphs))

    def held(self) -> Held | None:
        """Give the release that the engine states."""
        query = load("release", release=NamedNode(CURRENT))
        found = self.table({"query": query, "default-graph-uri": [CURRENT], "named-graph-uri": [_NO_GRAPH]})
        assert isinstance(found, QuerySolutions)
        rows = [{name: row[name].value for name in ("id", "version", "issued", "published", "quads", "graph")} for row in found]
        if not rows:
            return None
        one = rows[0]
        graphs = tuple(sorted(row["graph"] for row in rows))
        return Held(self._endpoint, one["id"], one["version"], one["issued"], one["published"], int(one["quads"]), graphs)

    def _ask(self, fields: dict[str, Any], accepted: tuple[str, ...]) -> Reply:
        accept = ", ".join(f"{name};q={1 - number / 10}" for number, name in enumerate(accepted))
        reply = self._line.send("POST", self._endpoint.url, data=fields, headers={"Accept": accept})
        if reply.status != 200:
            raise self._refusal(reply)
        if any(name in reply.headers for name in _CUT):
            raise ResultTooLarge(f"{self._name} cut the answer at a limit of its own; ask for less, or download a dump")
        if reply.media_type not in accepted:
            raise RemoteFailed(f"{self._name} answers with {reply.media_type or 'no media type'!r}, which was not asked for")
        if not reply.framed:  # neither lines nor rows say which is the last
            raise RemoteFailed(f"{self._name} does not say where its answer ends, so it cannot be known to be whole")
        return reply

    def _refusal(self, reply: Reply) -> Exception:
        """Say what an answer with another status than 200 means to who asked. What a store says of itself goes to the log."""
        said = reply.first_line
        _log.warning("%s answers with %d: %s", self._endpoint.url, reply.status, said)
        if any(sign in said.lower() for sign in _OVER_TIME):
            return RemoteTimeout(f"{self._name} ended the query at its own time limit; ask for less")
        if reply.status == 400:
            return QueryImpossible(f"{self._name} cannot evaluate this query: {said}")
        if reply.status in (429, 503):
            return RemoteDown(f"{self._name} takes no queries now; ask again later", retry_after=5)
        if reply.status in (401, 403):
            return RemoteFailed(f"{self._name} does not let this server in ({reply.status}); its login is missing or wrong")
        return RemoteFailed(f"{self._name} failed (status {reply.status})")

    def unreadable(self, error: Exception) -> RemoteFailed:
        """Say that an answer is none."""
        _log.warning("%s sent what does not parse: %s", self._endpoint.url, error)
        return RemoteFailed(f"the answer of {self._name} was cut off, or is not in the format that it says")
