"""What changed from one release to another, entity by entity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from pactgraph.packed import without
from pactgraph.release.model import Release, read
from pactgraph.release.write import quads_of
from pactgraph.terms import BASE, SERVICE, curie

_DESCRIBING = f" <{SERVICE}> .\n".encode()


@dataclass
class Diff:
    """The statements that one release has and another lacks, by entity (the whole that a part belongs to)."""

    before: str
    after: str
    added: dict[str, list[str]] = field(default_factory=dict)
    removed: dict[str, list[str]] = field(default_factory=dict)

    def entities(self) -> list[str]:
        """Give the entities with any change, by name."""
        return sorted({*self.added, *self.removed})

    def count(self) -> tuple[int, int]:
        """Give how many statements were added, and how many removed."""
        return sum(map(len, self.added.values())), sum(map(len, self.removed.values()))


def diff(before: Release, after: Release) -> Diff:
    """Compare two releases by their statements, the inferred ones included."""
    added, removed = without(_lines(after), _lines(before)), without(_lines(before), _lines(after))
    return Diff(before.id, after.id, _by_entity(added), _by_entity(removed))


def diff_of(before: str, after: str) -> Diff:
    """Compare the releases in two folders. Raises Damaged."""
    return diff(read(Path(before)), read(Path(after)))


def _lines(release: Release) -> Iterator[bytes]:
    """Give the statements of a release, sorted, but for those that count and describe the others."""
    return (line for line in quads_of(release) if not line.endswith(_DESCRIBING))


def _by_entity(lines: Iterable[bytes]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for quad in parse(input=b"".join(lines), format=RdfFormat.N_QUADS):
        subject = quad.subject.value if isinstance(quad.subject, NamedNode) else str(quad.graph_name).strip("<>")
        whole = subject.partition("#")[0] if subject.startswith(BASE + "id/") else subject
        found[curie(whole)].append(_said(quad))
    return {entity: sorted(statements) for entity, statements in sorted(found.items())}


def _said(quad: Quad) -> str:
    """Give a statement as people read it, with its graph where that is not the curated one."""
    parts = [
        curie(term.value) if isinstance(term, NamedNode) else str(term) for term in (quad.subject, quad.predicate, quad.object)
    ]
    graph = str(quad.graph_name).strip("<>").rpartition("/")[2]
    return " ".join(parts) + (f" [{graph}]" if graph != "curated" else "")
