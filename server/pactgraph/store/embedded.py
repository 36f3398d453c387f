"""The embedded engine: a release's pyoxigraph index, opened read-only, and queries evaluated to bytes.

Runs in query workers only (`store.workers`): pyoxigraph cannot cancel a query, so a query ends with its process.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from pactgraph.errors import BadInput, NotAcceptable, QueryImpossible, ResultTooLarge
from pactgraph.prefixes import PREFIXES
from pactgraph.store.answers import DATASETS, Formats
from pactgraph.store.describing import Description, describe
from pactgraph.store.guard import check, check_update, explain, names_dataset, with_dataset

_GRAPH = "graph (Turtle, JSON-LD, N-Triples, RDF/XML, TriG, N-Quads)"
_TABLE = "table or a boolean (JSON, XML, CSV, TSV)"


class _Capped(io.BytesIO):
    """A buffer that refuses to grow past a number of bytes."""

    def __init__(self, cap: int) -> None:
        super().__init__()
        self.cap, self.full = cap, False

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self.tell() + len(data) > self.cap:
            self.full = True
            raise OSError("the answer is past the cap")
        return super().write(data)


class EmbeddedStore:
    """One release's index. Graphs are named; the default graph of a query is their union unless it names its own.

    A scratch store is written to, and has a default graph of its own.
    """

    def __init__(self, path: Path, max_bytes: int = sys.maxsize, *, scratch: bool = False) -> None:
        """Open the index at `path`, read-only unless it is scratch; answers stay below `max_bytes`. Raises OSError."""
        self._store = Store(str(path)) if scratch else Store.read_only(str(path))
        self._max_bytes = max_bytes
        self._union = not scratch

    def evaluate(
        self,
        text: str,
        formats: Formats,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str | None = None,
    ) -> tuple[bytes, str, int]:
        """Evaluate a query; give its body and media type, and how many links a description leaves off.

        Graphs given here replace those in the query (SPARQL 1.1 Protocol, 2.1.4). Relative IRIs are resolved against `base`.
        Raises QuerySyntax, QueryRefused, QueryImpossible, BadInput (a graph IRI), NotAcceptable and ResultTooLarge.
        """
        check(text)
        given = bool(default_graphs or named_graphs)
        options: dict[str, Any] = {
            "base_iri": base,
            "use_default_graph_as_union": self._union and not given and not names_dataset(text),
            "default_graph": _nodes(default_graphs) if given else None,
            "named_graphs": _nodes(named_graphs) if given else None,
        }
        try:
            description = describe(self._store, text, options) if formats.graph else None
            results = description or self._store.query(text, **options)
        except SyntaxError as error:
            raise explain(error, text) from None
        except RuntimeError as error:
            raise QueryImpossible(f"the query cannot be evaluated: {error}") from None
        return self._serialize(results, formats)

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

    def values(self, text: str) -> Iterator[dict[str, str]]:
        """Give the solutions of a SELECT of ours one by one, each value as text; for programs on this machine alone."""
        solutions = self._store.query(text, use_default_graph_as_union=self._union)
        assert isinstance(solutions, QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        for solution in solutions:
            values = zip(names, solution, strict=True)
            yield {name: value.value for name, value in values if isinstance(value, NamedNode | Literal)}

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

    def drop_graph(self, name: str | None) -> None:
        """Remove a graph (None: what is in the default graph)."""
        self._store.update(f"DROP SILENT {'GRAPH ' + str(_nodes([name])[0]) if name else 'DEFAULT'}")

    def _serialize(
        self, results: QuerySolutions | QueryBoolean | QueryTriples | Description, formats: Formats
    ) -> tuple[bytes, str, int]:
        graph = isinstance(results, QueryTriples | Description)
        media_type = formats.graph if graph else formats.results
        if media_type is None:
            kind = (
                "graph (Turtle, JSON-LD, N-Triples, RDF/XML, TriG, N-Quads)"
                if graph
                else "table or boolean (JSON, XML, CSV, TSV)"
            )
            raise NotAcceptable(f"this query answers with a {kind}, and none of these formats is accepted")
        buffer = _Capped(self._max_bytes)
        try:
            if isinstance(results, QueryTriples | Description):
                form = RdfFormat.from_media_type(media_type)
                assert form is not None
                serialize(self._statements(results, media_type), buffer, form, prefixes=PREFIXES)
            else:
                results.serialize(buffer, format=QueryResultsFormat.from_media_type(media_type))
        except OSError as error:
            if buffer.full:
                size = f"{self._max_bytes:,} bytes"
                raise ResultTooLarge(f"the answer is larger than {size}; use LIMIT, or download a dump") from None
            raise NotAcceptable(f"this answer cannot be written as {media_type}: {error}") from None
        return buffer.getvalue(), media_type, results.left_off if isinstance(results, Description) else 0

    def _statements(self, results: QueryTriples | Description, media_type: str) -> Iterable[Triple] | Iterable[Quad]:
        """Give the statements of a graph; those of a description with their named graphs, where the format has any."""
        if isinstance(results, QueryTriples):
            return results
        return results.placed(self._store) if media_type in DATASETS else results.in_order()


def _nodes(iris: Sequence[str]) -> list[Any]:
    try:
        return [NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise BadInput(f"a graph is not named by an absolute IRI: {error}") from None
