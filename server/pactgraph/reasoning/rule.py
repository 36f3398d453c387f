"""Rules turned around for explaining, as plain data: what `reasoning.rulefile` reads, and `reasoning.steps` asks by.

A release carries them as JSON too (`as_json`): to read their files takes seconds, which whoever asks first would wait.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Variable, parse

from pactgraph.terms import VIEWS

Slot = NamedNode | Literal | Variable


@dataclass(frozen=True)
class Premise:
    """A pattern that a rule matched, if the branches that it stands in (marks) did.

    `path` is the sign of a repeated predicate (`*`, `+`, `?`): then the premises are the steps from subject to object.
    """

    subject: Slot
    predicate: Slot
    object: Slot
    marks: tuple[str, ...] = ()
    path: str = ""

    def slots(self) -> tuple[Slot, Slot, Slot]:
        """Give subject, predicate and object."""
        return self.subject, self.predicate, self.object


@dataclass(frozen=True)
class Gap:
    """A place in a question where known values of some variables may be put; `outer` are those of places around it."""

    names: tuple[str, ...]
    outer: frozenset[str]


@dataclass(frozen=True)
class Note:
    """What a rule looked at besides statements that there are: `absent` patterns, or what a value is least or the number of."""

    kind: str
    patterns: tuple[Premise, ...]
    marks: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule. `body` is its turned pattern, in pieces.

    `sure` are the variables that a known value may be put in for; `gathered` those that differ between rows which together
    are one application (what is counted); `listed` those that the rule has a list of values for, with these.
    """

    name: str
    words: str
    sentence: str
    code: str
    template: tuple[Premise, ...]
    body: tuple[str | Gap, ...]
    premises: tuple[Premise, ...]
    notes: tuple[Note, ...]
    sure: frozenset[str]
    gathered: frozenset[str]
    listed: Mapping[str, frozenset[Slot]]


_DATE = NamedNode("http://www.w3.org/2001/XMLSchema#date")
_SLOT = re.compile(r"VALUES \?(day|view)(\w*) \{ UNDEF \}")


def on(day: date, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Give the rules of the view of a day, their slots filled with the day."""
    values = {"day": Literal(day.isoformat(), datatype=_DATE), "view": NamedNode(VIEWS + day.isoformat())}

    def fill(text: str) -> str:
        return _SLOT.sub(lambda slot: f"VALUES ?{slot[1]}{slot[2]} {{ {values[slot[1]]} }}", text)

    return tuple(
        replace(rule, body=tuple(fill(piece) if isinstance(piece, str) else piece for piece in rule.body), code=fill(rule.code))
        for rule in rules
    )


def as_json(rules: Iterable[Rule], origin: str) -> bytes:
    """Give rules as JSON; `origin` tells what they were made from, and by which program, from others."""
    return json.dumps({"origin": origin, "rules": list(rules)}, default=_plain, ensure_ascii=False).encode()


def from_json(data: bytes, origin: str) -> tuple[Rule, ...] | None:
    """Give rules that `as_json` wrote; None where they were made from or by something else, or are damaged."""
    try:
        told = json.loads(data)
        return tuple(map(_rule, told["rules"])) if told["origin"] == origin else None
    except (ValueError, KeyError, TypeError):
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value, key=str)
    return str(value) if isinstance(value, NamedNode | Literal | Variable) else vars(value)


def _rule(told: dict[str, Any]) -> Rule:
    return Rule(
        told["name"],
        told["words"],
        told["sentence"],
        told["code"],
        _premises(told["template"]),
        tuple(one if isinstance(one, str) else Gap(tuple(one["names"]), frozenset(one["outer"])) for one in told["body"]),
        _premises(told["premises"]),
        tuple(Note(one["kind"], _premises(one["patterns"]), tuple(one["marks"]), one["value"]) for one in told["notes"]),
        frozenset(told["sure"]),
        frozenset(told["gathered"]),
        {name: frozenset(map(_slot, values)) for name, values in told["listed"].items()},
    )


def _premises(told: Iterable[dict[str, Any]]) -> tuple[Premise, ...]:
    return tuple(
        Premise(_slot(one["subject"]), _slot(one["predicate"]), _slot(one["object"]), tuple(one["marks"]), one["path"])
        for one in told
    )


def _slot(text: str) -> Slot:
    """Read a term as it is written in N-Triples, or a variable as in SPARQL."""
    if text.startswith("?"):
        return Variable(text[1:])
    (quad,) = parse(input=f"<x:> <x:> {text} .", format=RdfFormat.N_TRIPLES)
    assert isinstance(quad.object, NamedNode | Literal)
    return quad.object
