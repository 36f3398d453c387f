"""Whom a name or an ISO code means on a day: `Germany` is West Germany in 1960, `GOLD COAST` is Ghana before its time.

Names are those of the registers, and those of data/names/agents.tsv, where sources call somebody otherwise.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from rdflib import RDF, RDFS, SKOS, Graph, URIRef

from pactgraph import knowledge
from pactgraph.errors import BadInput
from pactgraph.sources.spans import Span, nearest, spans_of
from pactgraph.terms import ID, PG

_KINDS = (PG.State, PG.Territory, PG.Organisation)
_NAMES = (RDFS.label, SKOS.altLabel, PG.officialName, PG.isoAlpha3)
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class _Meaning:
    agent: URIRef
    until: date | None = None


@dataclass
class Names:
    """Agents by name, and the line of continuation of each state."""

    _meanings: dict[str, list[_Meaning]] = field(default_factory=lambda: defaultdict(list))
    _lines: dict[URIRef, list[Span]] = field(default_factory=dict)

    @classmethod
    def of(cls, register: Graph) -> Names:
        """Read the registers and the list of other names. Raises BadInput for a name of an agent that no register has."""
        names = cls()
        agents = {str(agent) for kind in _KINDS for agent in register.subjects(RDF.type, kind)}
        for agent, name in _labels(register):
            if str(agent) in agents and not any(known.agent == agent for known in names._meanings[key(name)]):
                names._meanings[key(name)].append(_Meaning(agent))
        names._read_others(agents)
        names._lines = _lines(register)
        return names

    def _read_others(self, agents: set[str]) -> None:
        others: dict[str, list[_Meaning]] = defaultdict(list)
        for line, row in _others():
            kind, _, slug = row["agent"].partition(":")
            agent = ID[f"{kind}/{slug}"]
            if str(agent) not in agents:
                raise BadInput(f"there is no {row['agent']!r}", file=knowledge.name(knowledge.names()), line=line, column=1)
            others[key(row["name"])].append(_Meaning(agent, date.fromisoformat(row["until"]) if row["until"] else None))
        for name, meanings in others.items():
            dated = all(meaning.until for meaning in meanings)
            self._meanings[name] = meanings + self._meanings.get(name, []) if dated else meanings

    def on(self, name: str, day: date | None) -> list[URIRef]:
        """Give whom a name means on a day: nobody if no register knows it, several if it stands for them together."""
        meanings = self._meanings.get(key(name), [])
        earlier = [meaning for meaning in meanings if meaning.until and day and day <= meaning.until]
        lasting = earlier or [meaning for meaning in meanings if not meaning.until]
        agents = (self._of_the_day(meaning.agent, day) for meaning in lasting)
        return list(dict.fromkeys(agents))

    def _of_the_day(self, agent: URIRef, day: date | None) -> URIRef:
        line = self._lines.get(agent)
        if line is None or day is None:
            return agent
        return nearest(line, day, prefer=agent)


@lru_cache(maxsize=65536)
def key(name: str) -> str:
    """Give what two writings of a name have in common: its words without case, accents, punctuation and `the`."""
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ").replace("’", "'")).encode("ascii", "ignore").decode()
    return " ".join(word for word in _WORD.findall(plain.casefold()) if word != "the")


def _labels(register: Graph) -> Iterator[tuple[URIRef, str]]:
    for predicate in _NAMES:
        for agent, name in register.subject_objects(predicate):
            if getattr(name, "language", None) in (None, "en"):
                yield URIRef(str(agent)), str(name)


def _others() -> Iterator[tuple[int, dict[str, str]]]:
    with knowledge.names().open(encoding="utf-8", newline="") as file:
        lines = [(number, line) for number, line in enumerate(file, start=1) if not line.startswith("#")]
    reader = csv.DictReader((line for _, line in lines), delimiter="\t", restval="")
    for (number, _), row in zip(lines[1:], reader, strict=True):
        yield number, row


def _lines(register: Graph) -> dict[URIRef, list[Span]]:
    """Give, for each state of a line of continuation, the states of that line: one continued another, or passed on its code."""
    lines: dict[URIRef, set[URIRef]] = {}
    for state in register.subjects(RDF.type, PG.State):
        found, waiting = set(), [URIRef(str(state))]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += _beside(register, one)
        lines[URIRef(str(state))] = found
    return {
        state: [span for one in sorted(line) for span in spans_of(register, one)]
        for state, line in lines.items()
        if len(line) > 1
    }


def _beside(register: Graph, state: URIRef) -> list[URIRef]:
    heirs = [*register.objects(state, PG.continuedBy), *register.subjects(PG.continuedBy, state)]
    sharing = [other for code in register.objects(state, PG.cowCode) for other in register.subjects(PG.cowCode, code)]
    return [URIRef(str(one)) for one in (*heirs, *sharing)]
