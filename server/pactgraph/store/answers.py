"""What passes between the store and those who ask it: formats, answers and terms. All of it is plain data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol
from typing import Literal as OneOf

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, Variable, parse_query_results

from pactgraph.errors import BadInput
from pactgraph.settings import Login

JSON = "application/sparql-results+json"
N_TRIPLES = "application/n-triples"
TURTLE = "text/turtle"
# The formats by the names that `?format=`, suffixes and the command line use.
RESULTS = {
    "json": JSON,
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
GRAPHS = {
    "ttl": TURTLE,
    "jsonld": "application/ld+json",
    "nt": N_TRIPLES,
    "rdf": "application/rdf+xml",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
# Those of GRAPHS that can say which named graph a statement is in.
DATASETS = ("application/trig", "application/n-quads")


@dataclass(frozen=True)
class Formats:
    """The media types to answer in: one for SELECT and ASK, one for CONSTRUCT and DESCRIBE; None: not acceptable."""

    results: str | None = JSON
    graph: str | None = N_TRIPLES


def formats_named(name: str) -> Formats:
    """Give the formats that a name stands for: `json` is one for tables and booleans, `ttl` one for graphs.

    A media type is a name too. Raises BadInput for an unknown name.
    """
    results = name if name in RESULTS.values() else RESULTS.get(name)
    graph = name if name in GRAPHS.values() else GRAPHS.get(name)
    if results is None and graph is None:
        raise BadInput(f"there is no format {name!r}", hint="use one of " + ", ".join((*RESULTS, *GRAPHS)))
    return Formats(results, graph)


@dataclass(frozen=True)
class Answer:
    """A complete answer to a query, and the release that gave it.

    Only a description may leave something off: `left_off` counts the links past the bound (`store.describing`).
    """

    body: bytes
    media_type: str
    release: str
    left_off: int = 0


@dataclass(frozen=True)
class Term:
    """An RDF term in a row. `datatype` and `language` are empty but for literals that have them."""

    kind: OneOf["iri", "literal", "bnode"]
    value: str
    datatype: str = ""
    language: str = ""

    def __str__(self) -> str:
        """Give the value alone, as pages print it."""
        return self.value


class Asked(ABC):
    """What an index and an engine answer alike. `as_of` adds the view of a day."""

    @abstractmethod
    def solutions(self, text: str, as_of: date | None = None) -> Iterator[dict[str, NamedNode | BlankNode | Literal]]:
        """Give the solutions of a SELECT of ours one by one; unbound variables are absent."""

    @abstractmethod
    def evaluate(
        self,
        text: str,
        formats: Formats,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str | None = None,
        as_of: date | None = None,
    ) -> tuple[bytes, str, int]:
        """Answer a query: the body, its media type, and how many links a description left off."""

    def values(self, text: str, as_of: date | None = None) -> Iterator[dict[str, str]]:
        """Give the solutions of a SELECT of ours one by one, each value as text, without blank nodes."""
        for solution in self.solutions(text, as_of):
            yield {name: term.value for name, term in solution.items() if not isinstance(term, BlankNode)}

    def rows(self, text: str, as_of: date | None = None) -> list[dict[str, Term]]:
        """Give the solutions of a SELECT of ours, as `QueryService.rows` does."""
        return rows_of(self.evaluate(text, Formats(JSON, None), as_of=as_of)[0])


def named(solutions: Any) -> Iterator[dict[str, NamedNode | BlankNode | Literal]]:
    """Give solutions as the engine gives them, by the names of their variables."""
    names = [variable.value for variable in solutions.variables]
    for solution in solutions:
        pairs = zip(names, solution, strict=True)
        yield {name: term for name, term in pairs if isinstance(term, NamedNode | BlankNode | Literal)}


def rows_of(body: bytes) -> list[dict[str, Term]]:
    """Give the solutions of a SELECT that was answered in JSON; unbound variables are absent."""
    solutions = parse_query_results(body, QueryResultsFormat.JSON)
    assert isinstance(solutions, QuerySolutions)
    return [_row(solutions.variables, list(solution)) for solution in solutions]


def _row(variables: list[Variable], values: list[object]) -> dict[str, Term]:
    pairs = zip(variables, values, strict=True)
    return {variable.value: _term(value) for variable, value in pairs if value is not None}


def _term(value: object) -> Term:
    if isinstance(value, NamedNode):
        return Term("iri", value.value)
    if isinstance(value, BlankNode):
        return Term("bnode", value.value)
    assert isinstance(value, Literal), value
    return Term("literal", value.value, value.datatype.value, value.language or "")


@dataclass(frozen=True)
class Endpoint:
    """Where an engine takes queries, and as whom it is asked."""

    url: str
    login: Login | None = None


@dataclass(frozen=True)
class Held:
    """A release that an engine holds, as it states itself. `published` is a moment (UTC), new for each publication."""

    endpoint: Endpoint
    id: str
    version: str
    issued: str
    published: str
    quads: int
    graphs: tuple[str, ...]


class ReleaseView(Protocol):
    """What the store needs to know of a release (`pactgraph.release.Release`, a layer above)."""

    @property
    def held(self) -> Held | None:
        """Give where an engine holds the release; None: it is in the index at `store_path`."""

    @property
    def modified(self) -> datetime | None:
        """Give the time at which the release was made; None where there is none."""

    @property
    def path(self) -> Path:
        """Give the release's directory."""

    @property
    def manifest(self) -> dict[str, Any]:
        """Give the release's manifest."""

    @property
    def id(self) -> str:
        """Give the release's identifier."""

    @property
    def store_path(self) -> Path:
        """Give the directory of the index."""


@dataclass
class Scratch:
    """A scratch store as a release view: its folder, and a version that each write changes."""

    path: Path
    count: int = 0
    held: None = None
    modified: None = None

    @property
    def manifest(self) -> dict[str, Any]:
        """Give an empty manifest: a scratch store has no files to download."""
        return {"id": self.id, "files": {}}

    @property
    def id(self) -> str:
        """Give the version."""
        return f"scratch-{self.count}"

    @property
    def store_path(self) -> Path:
        """Give the directory of the store."""
        return self.path / "store"
