"""What a client wants changed in a release, and what became of it. Plain data: it passes between processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from pactgraph.errors import Finding

Action = Literal["update", "put", "post", "patch", "delete"]


@dataclass(frozen=True)
class Change:
    """A SPARQL update, or what is to become of one graph.

    `text` is the update, of everything or (patch) of the graph; `ntriples` is what is put into the graph, or added to it.
    `match` are the releases, by identifier, of which one must be the current one; None: any. `by` is the name of the token.
    """

    action: Action
    graph: str = ""
    text: str = ""
    ntriples: bytes = b""
    base: str | None = None
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    match: tuple[str, ...] | None = None
    by: str = ""


@dataclass(frozen=True)
class Changed:
    """The release that a change has made the current one; whether its graph is new; how many statements came and went.

    With findings (one is a violation) the change was refused, and nothing has happened; `report` is theirs, as N-Triples.
    """

    release: str
    new: bool = False
    added: int = 0
    removed: int = 0
    findings: tuple[Finding, ...] = ()
    report: bytes = b""


class Writer(Protocol):
    """What carries changes out, one after the other (`pactgraph.pipeline.writes`, a layer above)."""

    def write(self, change: Change) -> Changed:
        """Carry a change out: once this returns, it is on the disk."""

    def close(self) -> None:
        """End it; a change that is under way is done whole or not at all."""
