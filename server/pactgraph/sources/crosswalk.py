"""Which entity a code means on a day: COW number 365 is the Russian Empire, the Soviet Union or Russia."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from rdflib import RDFS, SKOS, Graph, URIRef
from rdflib.term import Node

from pactgraph.sources.names import Names
from pactgraph.sources.spans import Span, distance, spans_of
from pactgraph.terms import ID, PG

_DAY = timedelta(days=1)


@dataclass
class States:
    """The states of the register by code, each with the first and the last day on which it can have existed."""

    _spans: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    _continued: dict[URIRef, list[Span]] = field(default_factory=dict)
    _names: dict[URIRef, str] = field(default_factory=dict)

    @classmethod
    def of(cls, register: Graph, code: URIRef = PG.cowCode) -> States:
        """Read the states that have a code of a kind (COW's by default) from the curated facts."""
        states = cls()
        for node, number in register.subject_objects(code):
            state, heir = URIRef(str(node)), register.value(node, PG.continuedBy)
            states._spans[str(number)] += spans_of(register, state)
            states._names[state] = _name(register, state)
            if heir is not None:
                states._continued[state] = spans_of(register, heir)
                states._names[URIRef(str(heir))] = _name(register, heir)
        return states

    def on(self, code: int, day: date) -> URIRef | None:
        """Give the state that a code means on a day: the one that existed, else the nearest in time; None for no such code.

        A code passes to the state that continues one that has ended, if no state has it by itself on that day.
        """
        spans = self._spans.get(str(code))
        if not spans:
            return None
        _, last, state = min(spans, key=lambda span: (distance(day, span), -span[0].toordinal()))
        heirs = [heir for heir in self._continued.get(state, ()) if day > last and not distance(day, heir)]
        return heirs[0][2] if heirs else state

    def during(self, code: int, first: date, last: date) -> list[Span]:
        """Give the states that a code means in turn, from a day to a day, without a gap; nothing for no such code.

        Between two of them, where none existed, the code means the one to come.
        """
        found: list[Span] = []
        points = sorted({first, *(day for day in self._turns(code) if first < day <= last)})
        for begin, after in zip(points, [*points[1:], last + _DAY], strict=True):
            end = after - _DAY
            state = self.on(code, begin if self._exists(code, begin) else end)
            if state is None:
                return []
            if found and found[-1][2] == state:
                begin = found.pop()[0]
            found.append((begin, end, state))
        return found

    def _turns(self, code: int) -> Iterator[date]:
        """Give the days on which the state that a code means can change."""
        for begin, end, _ in self._all(code):
            yield begin
            if end < date.max:
                yield end + _DAY

    def _exists(self, code: int, day: date) -> bool:
        return any(not distance(day, span) for span in self._all(code))

    def _all(self, code: int) -> list[Span]:
        own = self._spans.get(str(code), [])
        return [*own, *(heir for span in own for heir in self._continued.get(span[2], ()))]

    def name(self, state: URIRef) -> str:
        """Give the English name of a state."""
        return self._names[state]


def _name(register: Graph, state: Node) -> str:
    names = [name for name in register.objects(state, RDFS.label) if getattr(name, "language", "") == "en"]
    return str(names[0] if names else state)


@dataclass(frozen=True)
class Crosswalk:
    """What codes mean, by the kind of code."""

    cow: States
    gleditsch_ward: States
    wikidata: dict[str, URIRef]
    names: Names

    @classmethod
    def of(cls, register: Graph, links: Graph) -> Crosswalk:
        """Read it from the curated facts and the links to others."""
        return cls(States.of(register, PG.cowCode), States.of(register, PG.gwCode), _items(links), Names.of(register))


def _items(links: Graph) -> dict[str, URIRef]:
    """Give the state that each Wikidata item is linked to: exactly, or closely where that is to one state alone."""
    items: dict[str, URIRef] = {}
    for predicate in (SKOS.exactMatch, SKOS.closeMatch):
        found: dict[str, set[URIRef]] = defaultdict(set)
        for state, item in links.subject_objects(predicate):
            if str(state).startswith(ID["state/"]):
                found[str(item).rpartition("/")[2]].add(URIRef(str(state)))
        items = {item: state for item, (state, *others) in found.items() if not others} | items
    return items
