"""Which entity a code means on a day: COW number 365 is the Russian Empire, the Soviet Union or Russia."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from rdflib import RDFS, SKOS, Graph, URIRef
from rdflib.term import Node

from pactgraph.terms import ID, PG

Span: TypeAlias = tuple[date, date, URIRef]

_BEFORE, _AFTER = date.min, date.max


@dataclass
class States:
    """The states of the register by code, each with the first and the last day on which it can have existed."""

    _spans: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    _continued: dict[URIRef, Span] = field(default_factory=dict)
    _names: dict[URIRef, str] = field(default_factory=dict)

    @classmethod
    def of(cls, register: Graph, code: URIRef = PG.cowCode) -> States:
        """Read the states that have a code of a kind (COW's by default) from the curated facts."""
        states = cls()
        for state, number in register.subject_objects(code):
            span = _span(register, state)
            states._spans[str(number)].append(span)
            states._names[span[2]] = _name(register, state)
            heir = register.value(state, PG.continuedBy)
            if heir is not None:
                states._continued[span[2]] = _span(register, heir)
                states._names[URIRef(str(heir))] = _name(register, heir)
        return states

    def on(self, code: int, day: date) -> URIRef | None:
        """Give the state that a code means on a day: the one that existed, else the nearest in time; None for no such code.

        A code passes to the state that continues one that has ended, if no state has it by itself on that day.
        """
        spans = self._spans.get(str(code))
        if not spans:
            return None
        _, last, state = min(spans, key=lambda span: (_distance(day, span), -span[0].toordinal()))
        heir = self._continued.get(state)
        return heir[2] if heir and day > last and not _distance(day, heir) else state

    def name(self, state: URIRef) -> str:
        """Give the English name of a state."""
        return self._names[state]


def _distance(day: date, span: Span) -> int:
    """Count the days from a day to a state's time; 0 inside it."""
    return max((span[0] - day).days, (day - span[1]).days, 0)


def _span(register: Graph, state: Node) -> Span:
    first, last = register.value(state, PG.startEarliest), register.value(state, PG.endLatest)
    return _day(first) or _BEFORE, _day(last) or _AFTER, URIRef(str(state))


def _name(register: Graph, state: Node) -> str:
    names = [name for name in register.objects(state, RDFS.label) if getattr(name, "language", "") == "en"]
    return str(names[0] if names else state)


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value is not None else None


@dataclass(frozen=True)
class Crosswalk:
    """What codes mean, by the kind of code."""

    cow: States
    gleditsch_ward: States
    wikidata: dict[str, URIRef]

    @classmethod
    def of(cls, register: Graph, links: Graph) -> Crosswalk:
        """Read it from the curated facts and the links to others."""
        return cls(States.of(register, PG.cowCode), States.of(register, PG.gwCode), _items(links))


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
