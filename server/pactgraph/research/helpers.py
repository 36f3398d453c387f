"""If a state is attacked on a day: who must help, under which article, on what conditions, and by which source.

Asked in the view of the day (`store.days`). A state that several records bind, such as a treaty's articles here and its coding
in a data set, is one helper with several duties; each names its source. What a data set did not look at is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from pyoxigraph import NamedNode

from pactgraph.errors import NotFound
from pactgraph.queries import load
from pactgraph.research.naming import node_of
from pactgraph.store import Term
from pactgraph.terms import PG

Row = dict[str, Term]
Rows = Callable[[str, date | None], list[Row]]
_INHERITED = (
    "It continues a state that was a party and has ceased to be, or a date or the force of the text is open: whether the pact "
    "binds it is not settled by the record."
)


_WORDS = {
    "certain": "bound to help",
    "possible": "possibly bound to help",
    "pledged": "pledged to help, which binds nobody in law",
}


@dataclass
class Duty:
    """One obligation to help: the pact and article it stands in, what sets it off, its conditions, and its sources.

    And, of curated pacts, the commitment that the rules derive from it, which /explain explains.
    """

    pact: str
    obligation: str
    article: str = ""
    number: str = ""
    trigger: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    summary: str = ""
    sources: list[str] = field(default_factory=list)
    caveat: str = ""
    commitment: str = ""


@dataclass
class Helper:
    """Who helps: certainly (bound in law), possibly (something leaves it open), or by a political pledge alone."""

    agent: str
    certainty: str
    duties: list[Duty]


@dataclass
class Help:
    """The answer: who is attacked, on which day, the helpers, and the data sets that did and did not look at that day."""

    attacked: str
    day: date
    helpers: list[Helper]
    covered: list[Row]
    not_covered: list[Row]
    names: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give the answer as plain data: IRIs under `id`, English names under `name`."""
        return {
            "attacked": self._named(self.attacked),
            "on": self.day.isoformat(),
            "helpers": [self._helper(helper) for helper in self.helpers],
            "covered": [self._source(row) for row in self.covered],
            "notCovered": [self._source(row) for row in self.not_covered],
        }

    def _helper(self, helper: Helper) -> dict[str, Any]:
        duties = [self._duty(duty) for duty in helper.duties]
        return {**self._named(helper.agent), "certainty": helper.certainty, "duties": duties}

    def _named(self, iri: str) -> dict[str, str]:
        return {"id": iri, "name": self.names.get(iri, iri)}

    def _duty(self, duty: Duty) -> dict[str, Any]:
        facts: dict[str, Any] = {"pact": self._named(duty.pact), "obligation": duty.obligation}
        optional = {"article": duty.article, "number": duty.number, "summary": duty.summary, "caveat": duty.caveat}
        optional["commitment"] = duty.commitment
        facts |= {name: value for name, value in optional.items() if value}
        facts |= {"trigger": [self._named(iri) for iri in duty.trigger], "conditions": duty.conditions}
        return facts | {"sources": [self._named(iri) for iri in duty.sources]}

    def _source(self, row: Row) -> dict[str, str]:
        return {**self._named(row["source"].value), "from": row["from"].value, "until": row["until"].value}


def state_of(rows: Rows, text: str) -> str:
    """Give the IRI of a state named by its slug or IRI. Raises NotFound, and BadInput for what cannot be a name."""
    node = node_of(text, "state", "north-korea")
    if not rows(load("is-agent", agent=node), None):
        raise NotFound(f"there is no state or organisation {text[:60]!r}; /page/state lists them")
    return node.value


def who_helps(rows: Rows, attacked: str, day: date) -> Help:
    """Say who must help a state (its IRI) that is attacked on a day; `rows` asks a release, with the view of a day."""
    found = rows(load("who-helps", attacked=NamedNode(attacked)), day)
    coverage = rows(load("coverage"), day)
    helpers = {
        agent: Helper(agent, certainty, _duties(list(of_helper)))
        for (certainty, agent), of_helper in groupby(found, key=lambda row: (row["certainty"].value, row["helper"].value))
    }  # who is bound and has pledged too is listed as bound: the query has the best last
    covered = [row for row in coverage if row["covered"].value == "true"]
    answer = Help(attacked, day, sorted(helpers.values(), key=_rank), covered, [row for row in coverage if row not in covered])
    answer.names = _names(rows, answer)
    return answer


def lines(found: Help) -> Iterator[str]:
    """Give the answer in lines of text, as the command line prints it."""
    name = found.names.get
    if not found.helpers:
        yield f"Nobody must help {name(found.attacked)}, by the sources that are here."
    for helper in found.helpers:
        yield f"{name(helper.agent)}: {_WORDS[helper.certainty]}"
        for duty in helper.duties:
            article = f", article {duty.number}" if duty.number else ""
            yield f"  {name(duty.pact)}{article} ({', '.join(name(iri, iri) for iri in duty.sources) or 'general knowledge'})"
            yield from (f"    {text}" for text in (*duty.conditions, duty.caveat) if text)
    for row in found.not_covered:
        yield f"not covered by {name(row['source'].value)}, which looks at {row['from'].value} to {row['until'].value}"


def _rank(helper: Helper) -> tuple[int, str]:
    return ("certain", "possible", "pledged").index(helper.certainty), helper.agent


def _duties(rows: list[Row]) -> list[Duty]:
    duties: dict[str, Duty] = {}
    for row in rows:
        duty = duties.setdefault(row["obligation"].value, Duty(row["pact"].value, row["obligation"].value))
        for name in ("article", "number", "summary", "commitment"):
            setattr(duty, name, row[name].value if name in row else "")
        for name, kept in (("trigger", duty.trigger), ("condition", duty.conditions), ("source", duty.sources)):
            if name in row and row[name].value not in kept:
                kept.append(row[name].value)
        if row["as"].value == f"{PG._NS}possiblyBoundBy":
            duty.caveat = _INHERITED
    return list(duties.values())


def _names(rows: Rows, answer: Help) -> dict[str, str]:
    duties = [duty for helper in answer.helpers for duty in helper.duties]
    things: set[str] = {answer.attacked, *(helper.agent for helper in answer.helpers), *(duty.pact for duty in duties)}
    things |= {iri for duty in duties for iri in (*duty.sources, *duty.trigger)}
    things |= {row["source"].value for row in (*answer.covered, *answer.not_covered)}
    found = rows(load("page/names", thing=_nodes(things)), None)
    return {row["thing"].value: row["name"].value for row in reversed(found)}


def _nodes(iris: Iterable[str]) -> list[NamedNode]:
    return [NamedNode(iri) for iri in sorted(iris)]
