"""Leaders: the pacts that one signed, inherited or ended, and when two led at the same time and met.

A leader is whoever holds the office of head of state or of government, supreme leader, or effective leader as a data set counts
it; the same for curated people and those of data sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pyoxigraph import NamedNode

from pactgraph.errors import BadInput, NotFound
from pactgraph.queries import load
from pactgraph.research.naming import node_of
from pactgraph.store import Term

Row = dict[str, Term]
Rows = Callable[[str, date | None], list[Row]]


@dataclass
class Overlap:
    """Two people: the times in which both led, with their offices, and the occasions on which both took part or signed."""

    one: str
    other: str
    together: list[Row]
    meetings: list[Row]
    names: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give the answer as plain data: IRIs under `id`, English names under `name`; days as xsd:date, dates as stated."""
        return {
            "one": named(self.names, self.one),
            "other": named(self.names, self.other),
            "together": [plain(self.names, row) for row in self.together],
            "meetings": [plain(self.names, row) for row in self.meetings],
        }


def person_of(rows: Rows, text: str) -> str:
    """Give the IRI of a person named by slug or IRI. Raises NotFound, and BadInput for what cannot be a name."""
    node = node_of(text, "person", "vladimir-putin")
    if not rows(load("leader/is-person", person=node), None):
        raise NotFound(f"there is no person {text[:60]!r}; /search finds by name")
    return node.value


def pacts_of(rows: Rows, person: str) -> list[Row]:
    """Give the pacts of a leader: `how` (signed, inherited, ended), `pact`, `day`, `state`, and whether signed `personally`."""
    return rows(load("page/person-pacts", entity=NamedNode(person)), None)


def overlap(rows: Rows, one: str, other: str) -> Overlap:
    """Say when two people led at the same time, and where they met. Raises BadInput for one and the same."""
    if one == other:
        raise BadInput("both are the same person", hint="name two people")
    pair = {"one": NamedNode(one), "other": NamedNode(other)}
    found = Overlap(one, other, rows(load("leader/overlap", **pair), None), rows(load("leader/meetings", **pair), None))
    found.names = names_in(rows, [*found.together, *found.meetings], one, other)
    return found


def names_in(rows: Rows, found: Iterable[Row], *more: str) -> dict[str, str]:
    """Give the English names of all that rows, and more IRIs, mention."""
    iris = sorted({*more, *(term.value for row in found for term in row.values() if term.kind == "iri")})
    listed = rows(load("page/names", thing=[NamedNode(iri) for iri in iris]), None) if iris else []
    return {row["thing"].value: row["name"].value for row in reversed(listed)}


def named(names: dict[str, str], iri: str) -> dict[str, str]:
    """Give an IRI and its name as plain data."""
    return {"id": iri, "name": names.get(iri, iri)}


def plain(names: dict[str, str], row: Row) -> dict[str, Any]:
    """Give a row as plain data."""
    return {key: named(names, term.value) if term.kind == "iri" else term.value for key, term in row.items()}
