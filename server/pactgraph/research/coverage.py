"""Coverage: which sources looked for a kind of thing in a state on a day, so that "none found" is told from "nobody looked"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode

from pactgraph.queries import load

Rows = Callable[[str], Iterable[Mapping[str, str]]]
_DAY = NamedNode("http://www.w3.org/2001/XMLSchema#date")


@dataclass(frozen=True)
class Look:
    """A source (IRI, name) and from when to when it looked at a state (ISO days); empty days: at other states only."""

    source: str
    name: str
    first: str = ""
    last: str = ""

    def __str__(self) -> str:
        """Say it: `ATOP 5.1 (1815–2018)`."""
        return f"{self.name} ({self.first[:4]}–{self.last[:4]})" if self.first else f"{self.name} (not this state)"


@dataclass(frozen=True)
class Covered:
    """Which sources looked, and which of the others look for this kind of thing at other times or in other states."""

    by: tuple[Look, ...]
    not_by: tuple[Look, ...]

    @property
    def statement(self) -> str:
        """Say what an empty answer means."""
        if self.by:
            return "looked at by " + ", ".join(map(str, self.by))
        others = ", ".join(map(str, self.not_by))
        return f"not covered by {others}" if others else "not covered by any source of this release"


def covered(rows: Rows, state: str, day: date, kind: str) -> Covered:
    """Say who looked for a kind of thing (IRI of a concept: an obligation, a domain, an office) in a state (IRI) on a day.

    `rows` gives the solutions of a SELECT, each value as text: `EmbeddedStore.values`.
    """
    slots = {"state": NamedNode(state), "kind": NamedNode(kind)}
    by = [_look(row) for row in rows(load("coverage/looked", **slots, day=Literal(day.isoformat(), datatype=_DAY)))]
    looked = {look.source for look in by}
    others = [_look(row) for row in rows(load("coverage/elsewhere", **slots))]
    return Covered(tuple(by), tuple(look for look in others if look.source not in looked))


def _look(row: Mapping[str, str]) -> Look:
    return Look(row["source"], row["name"], row.get("from", ""), row.get("to", ""))
