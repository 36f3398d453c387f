"""The embedded engine: a release's pyoxigraph index, opened read-only, and queries evaluated to bytes.

Runs in query workers only (`store.workers`): pyoxigraph cannot cancel a query, so a query ends with its process.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from pactgraph.errors import BadInput, QueryFailed, QueryImpossible
from pactgraph.store.answers import Asked, Formats, named
from pactgraph.store.days import DayViews, check_views
from pactgraph.store.describing import Description, describe
from pactgraph.store.federation import Federation
from pactgraph.store.guard import check, check_update, explain, names_dataset, with_dataset
from pactgraph.store.writing import written


def index_fault(path: Path) -> bool:
    """Say whether the index at a path cannot be opened."""
    try:
        Store.read_only(str(path))
    except (OSError, RuntimeError, ValueError):
        return True
    return False


class EmbeddedStore(Asked):
    """One release's index. Graphs are named; the default graph of a query is their union unless it names its own.

    A scratch store is written to, and has a default graph of its own.
    """

    def __init__(
        self, path: Path, max_bytes: int = sys.maxsize, *, scratch: bool = False, federation: Federation | None = None
    ) -> None:
        """Open the index at `path`, read-only unless it is scratch; answers stay below `max_bytes`. Raises OSError.

        Without a federation, a query that asks another server is refused.
        """
        self._store = Store(str(path)) if scratch else Store.read_only(str(path))
        self._max_bytes = max_bytes
        self._union = not scratch
        self._federation = federation
        self._views = None if scratch else DayViews(path)

    def evaluate(
        self,
        text: str,
        formats: Formats,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str | None = None,
        as_of: date | None = None,
    ) -> tuple[bytes, str, int]:
        """Evaluate a query; give its body and media type, and how many links a description leaves off.

        Graphs given here replace those in the query (SPARQL 1.1 Protocol, 2.1.4). Relative IRIs are resolved against `base`.
        `as_of` adds the view of a day, a named graph that is in the default graph with the others.
        Raises QuerySyntax, QueryRefused, QueryImpossible, BadInput (a graph IRI), NotAcceptable and ResultTooLarge; where
        another server is asked, RemoteFailed and RemoteTimeout.
        """
        if self._federation:
            text = self._federation.answered(text, base)
        check(text)
        check_views(text, (*default_graphs, *named_graphs), as_of)
        store = self._on(as_of)
        given = bool(default_graphs or named_graphs)
        options: dict[str, Any] = {
            "base_iri": base,
            "use_default_graph_as_union": self._union and not given and not names_dataset(text),
            "default_graph": _nodes(default_graphs) if given else None,
            "named_graphs": _nodes(named_graphs) if given else None,
        }
        try:
            description = describe(store, text, options) if formats.graph else None
            results = description or store.query(text, **options)
        except SyntaxError as error:
            raise explain(error, text) from None
        except RuntimeError as error:
            if str(error).startswith("Corruption"):
                raise QueryFailed("the index is damaged; its operator mends it with `pactgraph release mend`") from None
            raise QueryImpossible(f"the query cannot be evaluated: {error}") from None
        return written(results, formats, self._max_bytes, partial(_placed, store))

    def update(self, text: str, using: Sequence[str] = (), using_named: Sequence[str] = (), base: str | None = None) -> None:
        """Carry an update out, whole or not at all. `using` graphs are those of the protocol (SPARQL 1.1 Protocol, 2.2.3).

        Raises QuerySyntax, QueryRefused (LOAD, SERVICE), QueryImpossible and BadInput.
        """
        allowed = check_update(text)
        try:
            self._store.update(with_dataset(allowed, _nodes(using), _nodes(using_named)), base_iri=base)
        except SyntaxError as error:
            raise explain(error, text, update=True) from None
        except RuntimeError as error:
            raise QueryImpossible(f"the update cannot be carried out: {error}") from None

    def _on(self, day: date | None) -> Store:
        """Give the index, with the view of a day if one is asked for. Raises BadInput for a scratch store."""
        if day is None:
            return self._store
        if self._views is None:
            raise BadInput("a scratch store has no views of days", hint="leave asOf out")
        return self._views.open(day)

    def solutions(self, text: str, as_of: date | None = None) -> Iterator[dict[str, NamedNode | BlankNode | Literal]]:
        """Give the solutions of a SELECT of ours one by one; for programs on this machine alone."""
        solutions = self._on(as_of).query(text, use_default_graph_as_union=self._union and not names_dataset(text))
        yield from named(solutions)

    def has_graph(self, name: str) -> bool:
        """Say whether there is a named graph."""
        return bool(self._store.contains_named_graph(_nodes([name])[0]))

    def write_graph(self, name: str | None, ntriples: bytes, *, replace: bool) -> bool:
        """Put triples (N-Triples) in a graph (None: the default graph, new while empty), or add them; say if it is new."""
        graph = f"GRAPH {_nodes([name])[0]}" if name else ""
        new = not self.has_graph(name) if name else not any(self._store.quads_for_pattern(None, None, None, DefaultGraph()))
        content = f"{graph} {{ {ntriples.decode()} }}" if name else ntriples.decode()
        clear = f"CLEAR SILENT {graph or 'DEFAULT'} ; " if replace else ""
        create = f"CREATE SILENT {graph} ; " if name else ""
        self._store.update(f"{clear}{create}INSERT DATA {{ {content} }}")  # one update, so it happens whole or not at all
        return new

    def patch_graph(self, text: str, name: str | None, *, base: str | None = None) -> None:
        """Carry an update out within one graph (None: the default graph), all that it sees. Raises as `update` does."""
        graph = _nodes([name])[0] if name else DefaultGraph()
        before = {quad.triple for quad in self._store.quads_for_pattern(None, None, None, graph)}
        aside = EmbeddedStore.__new__(EmbeddedStore)
        aside._store = Store()
        aside._store.extend(Quad(one.subject, one.predicate, one.object) for one in before)
        aside.update(text, base=base)
        if next(aside._store.named_graphs(), None) is not None:
            raise QueryImpossible("an update of one graph touches no other; send it to /update, and leave GRAPH out here")
        after = {quad.triple for quad in aside._store}
        for gone in before - after:
            self._store.remove(Quad(gone.subject, gone.predicate, gone.object, graph))
        self._store.extend(Quad(new.subject, new.predicate, new.object, graph) for new in after - before)

    def drop_graph(self, name: str | None) -> None:
        """Remove a graph (None: what is in the default graph)."""
        self._store.update(f"DROP SILENT {'GRAPH ' + str(_nodes([name])[0]) if name else 'DEFAULT'}")


def _placed(store: Store, description: Description) -> Iterator[Quad]:
    """Give the triples of a description in order, each in every named graph that states it."""
    for triple in description.in_order():
        for quad in store.quads_for_pattern(triple.subject, triple.predicate, triple.object):
            if not description.graphs or quad.graph_name in description.graphs:
                yield quad


def _nodes(iris: Sequence[str]) -> list[Any]:
    try:
        return [NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise BadInput(f"a graph is not named by an absolute IRI: {error}") from None
