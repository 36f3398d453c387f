"""The embedded engine: a release's pyoxigraph index, opened read-only, and queries evaluated to bytes.

Runs in query workers only (`store.workers`): pyoxigraph cannot cancel a query, so a query ends with its process.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Store, serialize

from pactgraph.errors import BadInput, NotAcceptable, ResultTooLarge
from pactgraph.store.answers import Formats
from pactgraph.store.guard import check, check_update, explain, names_dataset, with_dataset

PREFIXES = {
    "pg": "https://w3id.org/pactgraph/ns#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "sh": "http://www.w3.org/ns/shacl#",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
}


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
        self, text: str, formats: Formats, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> tuple[bytes, str]:
        """Evaluate a query; give its body and media type.

        Graphs given here replace those in the query (SPARQL 1.1 Protocol, 2.1.4).
        Raises QuerySyntax, QueryRefused, BadInput (a graph IRI), NotAcceptable and ResultTooLarge.
        """
        check(text)
        given = bool(default_graphs or named_graphs)
        try:
            results = self._store.query(
                text,
                use_default_graph_as_union=self._union and not given and not names_dataset(text),
                default_graph=_nodes(default_graphs) if given else None,
                named_graphs=_nodes(named_graphs) if given else None,
            )
        except SyntaxError as error:
            raise explain(error, text) from None
        except RuntimeError as error:
            raise BadInput(f"the query cannot be evaluated: {error}") from None
        return self._serialize(results, formats)

    def update(self, text: str, using: Sequence[str] = (), using_named: Sequence[str] = (), base: str | None = None) -> None:
        """Carry an update out, whole or not at all. `using` graphs are those of the protocol (SPARQL 1.1 Protocol, 2.2.3).

        Raises QuerySyntax, QueryRefused (LOAD, SERVICE) and BadInput.
        """
        check_update(text)
        try:
            self._store.update(with_dataset(text, _nodes(using), _nodes(using_named)), base_iri=base)
        except SyntaxError as error:
            raise explain(error, text, update=True) from None
        except RuntimeError as error:
            raise BadInput(f"the update cannot be carried out: {error}") from None

    def has_graph(self, name: str) -> bool:
        """Say whether there is a named graph."""
        return bool(self._store.contains_named_graph(_nodes([name])[0]))

    def write_graph(self, name: str | None, ntriples: bytes, *, replace: bool) -> bool:
        """Put triples (N-Triples) in a graph (None: the default graph), or add them; say whether the graph is new."""
        graph = f"GRAPH {_nodes([name])[0]}" if name else ""
        new = bool(name) and not self.has_graph(name or "")
        content = f"{graph} {{ {ntriples.decode()} }}" if name else ntriples.decode()
        clear = f"CLEAR SILENT {graph or 'DEFAULT'} ; " if replace else ""
        create = f"CREATE SILENT {graph} ; " if name else ""
        self._store.update(f"{clear}{create}INSERT DATA {{ {content} }}")  # one update, so it happens whole or not at all
        return new

    def drop_graph(self, name: str | None) -> None:
        """Remove a graph (None: what is in the default graph)."""
        self._store.update(f"DROP SILENT {'GRAPH ' + str(_nodes([name])[0]) if name else 'DEFAULT'}")

    def _serialize(self, results: QuerySolutions | QueryBoolean | QueryTriples, formats: Formats) -> tuple[bytes, str]:
        graph = isinstance(results, QueryTriples)
        media_type = formats.graph if graph else formats.results
        if media_type is None:
            kind = "a graph (Turtle, N-Triples, RDF/XML, JSON-LD)" if graph else "a table or a boolean (JSON, XML, CSV, TSV)"
            raise NotAcceptable(f"this query answers with {kind}, and none of these formats is accepted")
        buffer = _Capped(self._max_bytes)
        try:
            if isinstance(results, QueryTriples):
                form = RdfFormat.from_media_type(media_type)
                assert form is not None
                serialize(results, buffer, form, prefixes=PREFIXES)
            else:
                results.serialize(buffer, format=QueryResultsFormat.from_media_type(media_type))
        except OSError:
            if buffer.full:
                size = f"{self._max_bytes:,} bytes"
                raise ResultTooLarge(f"the answer is larger than {size}; use LIMIT, or download a dump") from None
            raise
        return buffer.getvalue(), media_type


def _nodes(iris: Sequence[str]) -> list[Any]:
    try:
        return [NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise BadInput(f"a graph is not named by an absolute IRI: {error}") from None
