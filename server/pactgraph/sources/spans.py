"""The time of a state, and which of several states existed on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TypeAlias

from rdflib import Graph, URIRef
from rdflib.term import Node

from pactgraph.terms import PG

Span: TypeAlias = tuple[date, date, URIRef]

_BEFORE, _AFTER = date.min, date.max


def spans_of(register: Graph, state: Node) -> list[Span]:
    """Give the times in which a state can have existed: from its first day to its last, without its interruptions."""
    name, first, last = URIRef(str(state)), _first(register, state), _last(register, state)
    spans = []
    breaks = sorted((_first(register, one), _last(register, one)) for one in register.objects(state, PG.hasInterruption))
    for ceased, resumed in breaks:
        spans.append((first, ceased - timedelta(days=1), name))
        first = resumed + timedelta(days=1)
    return [*spans, (first, last, name)]


def distance(day: date, span: Span) -> int:
    """Count the days from a day to a state's time; 0 inside it."""
    return max((span[0] - day).days, (day - span[1]).days, 0)


def nearest(spans: Iterable[Span], day: date, prefer: URIRef | None = None) -> URIRef:
    """Give the state that existed on a day, else the nearest in time; of several the preferred one, else the latest."""
    return min(spans, key=lambda span: (distance(day, span), span[2] != prefer, -span[0].toordinal()))[2]


def _first(register: Graph, node: Node) -> date:
    value = register.value(node, PG.startEarliest)
    return _BEFORE if value is None else date.fromisoformat(str(value))


def _last(register: Graph, node: Node) -> date:
    value = register.value(node, PG.endLatest)
    return _AFTER if value is None else date.fromisoformat(str(value))
