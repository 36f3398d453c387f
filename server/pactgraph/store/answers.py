"""What passes between the store and those who ask it: formats, answers and terms. All of it is plain data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from pactgraph.errors import BadInput

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

    kind: Literal["iri", "literal", "bnode"]
    value: str
    datatype: str = ""
    language: str = ""

    def __str__(self) -> str:
        """Give the value alone, as pages print it."""
        return self.value


class ReleaseView(Protocol):
    """What the store needs to know of a release (`pactgraph.release.Release`, a layer above)."""

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
