"""Why a statement holds: the rules that give it, their premises, and so on down to what is stated and by whom.

Made by asking a release (`reasoning.steps`), so it takes milliseconds and needs nothing that a build kept. It is
well-founded: no statement is explained by itself, however long the way.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, zip_longest
from typing import Protocol
from urllib.parse import urldefrag

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from pactgraph.errors import BadInput, NotFound
from pactgraph.queries import load
from pactgraph.reasoning.rule import Rule
from pactgraph.reasoning.short import short, whole
from pactgraph.reasoning.steps import Ask, Row, Step, Steps
from pactgraph.terms import (
    AGREEMENT,
    ALIGNMENTS,
    CONFLICTS,
    COVERAGE,
    FINDINGS,
    IDENTITY,
    INFERRED,
    LINKS,
    ONTOLOGY,
    SERVICE,
    VIEWS,
)

ALTERNATIVES = 5
# What rules do not see: links and alignments, what describes the service, and what is found by comparing sources.
_UNSEEN = tuple(map(str, (ALIGNMENTS, LINKS, SERVICE, COVERAGE, IDENTITY, CONFLICTS, AGREEMENT)))
_DERIVED = (str(INFERRED), str(FINDINGS))
_NAMES = ("http://www.w3.org/2000/01/rdf-schema#label", "http://www.w3.org/2004/02/skos/core#prefLabel")
_ROWS = 30


@dataclass(frozen=True)
class Source:
    """Where a stated thing comes from: a document (its IRI) and perhaps a row of it, or the words of a term's own source."""

    iri: str = ""
    name: str = ""
    publisher: str = ""
    date: str = ""
    address: str = ""
    row: str = ""

    def __str__(self) -> str:
        """Give it in one line."""
        parts = (self.name or self.iri, self.publisher, self.date, f"row {self.row}" if self.row else "", self.address)
        return ", ".join(filter(None, parts))


@dataclass
class Statement:
    """A statement in an explanation: stated (in `graphs`, by `sources`), or the conclusion of each of `steps`."""

    triple: Triple
    graphs: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    known: bool = False
    steps: list[Step] = field(default_factory=list)

    @property
    def stated(self) -> bool:
        """Say whether it is stated, and not inferred."""
        return not self.steps


@dataclass
class Explanation:
    """Why a statement holds: every statement that it rests on, by triple; names of things; the rules it takes, by name."""

    triple: Triple
    statements: dict[Triple, Statement]
    names: dict[str, str]
    rules: dict[str, Rule]
    release: str = ""


class Asked(Protocol):
    """What an explanation is asked of: a release's store."""

    def solutions(self, text: str, as_of: date | None = None) -> Iterable[Row]:
        """Give the solutions of a SELECT, with the view of a day if one is given."""


def answer(
    store: Asked,
    rules: Sequence[Rule],
    asked: tuple[str, str, str],
    alternatives: int = ALTERNATIVES,
    as_of: date | None = None,
) -> Explanation:
    """Explain a statement that a person names, in short forms or whole; with `as_of`, also one of the view of that day.

    Raises BadInput, NotFound.
    """

    def ask(text: str) -> Iterable[Row]:
        return store.solutions(text, as_of)

    return explain(ask, rules, resolve(ask, *asked), alternatives)


def resolve(ask: Ask, subject: str, predicate: str, value: str) -> Triple:
    """Give the statement that a person names; the object may be a value as text. Raises BadInput, and NotFound with what is."""
    about, by = _node(subject), _node(predicate)
    found = [row["object"] for row in ask(load("explain/objects", subject=about, predicate=by))]
    for term in found:
        if value in (term.value, str(term), short(term)) or whole(value) == term.value:
            return Triple(about, by, term)
    there = ", ".join(map(short, found[:5])) + (" …" if len(found) > 5 else "")
    raise NotFound(
        f"the release does not state {short(about)} {short(by)} {value}; "
        + (f"it has {there}" if there else "it has no such property of it")
    )


def _node(name: str) -> NamedNode:
    try:
        return NamedNode(whole(name))
    except ValueError:
        raise BadInput(
            f"{name!r} is not an IRI, nor the short form of one", hint="write pact:russia-dprk-2000, or pg:Pact"
        ) from None


def explain(ask: Ask, rules: Sequence[Rule], triple: Triple, alternatives: int = ALTERNATIVES) -> Explanation:
    """Explain a statement, with so many alternatives for each that is inferred.

    Raises NotFound for what the release does not state, and for what its rules do not give.
    """
    graphs = [row["graph"].value for row in ask(load("graphs"))]
    stated = [graph for graph in graphs if graph not in _UNSEEN and not _is_derived(graph)]
    inferred = [graph for graph in graphs if _is_derived(graph)]
    steps = Steps(ask, rules, stated, inferred)
    for limit in (alternatives, 10 * alternatives, 0):
        found = _collect(ask, steps, triple, limit)
        _keep_well_founded(found, triple, alternatives)
        if found[triple].steps or found[triple].graphs:
            break
    else:
        raise NotFound(f"no rule gives {triple}; the release does not state it, or was made by other rules")
    kept = _reachable(found, triple)
    _add_sources(ask, kept.values())
    used = {step.rule for statement in kept.values() for step in statement.steps}
    return Explanation(triple, kept, _names(ask, kept.values()), {rule.name: rule for rule in rules if rule.name in used})


def _collect(ask: Ask, steps: Steps, triple: Triple, limit: int) -> dict[Triple, Statement]:
    """Give a statement and all that its explanations rest on, level by level; up to `limit` steps each (0: all)."""
    found: dict[Triple, Statement] = {}
    level = [triple]
    while level:
        for one in level:
            found[one] = Statement(one, _stated_in(ask, one))
        given = steps.of([one for one in level if not found[one].graphs], limit and max(limit, _ROWS))
        for one, ways in given.items():
            found[one].steps = _varied(ways)[: limit or None]
        premises = dict.fromkeys(p for one in given for step in found[one].steps for p in step.premises)
        level = [premise for premise in premises if premise not in found]
    return found


def _stated_in(ask: Ask, triple: Triple) -> tuple[str, ...]:
    """Give the graphs that state a triple. Only the model has blank nodes."""
    subject, predicate, value = triple
    if isinstance(subject, BlankNode) or isinstance(value, BlankNode):
        return (str(ONTOLOGY),)
    assert isinstance(subject, NamedNode)
    assert isinstance(value, NamedNode | Literal)
    rows = ask(load("explain/placed", subject=subject, predicate=predicate, object=value))
    return tuple(row["graph"].value for row in rows if not _is_derived(row["graph"].value))


def _is_derived(graph: str) -> bool:
    return graph in _DERIVED or graph.startswith(VIEWS)


def _varied(steps: Iterable[Step]) -> list[Step]:
    """Order steps: one by each rule first, then the second of each; the shorter before the longer."""
    by_rule: dict[str, list[Step]] = defaultdict(list)
    for step in sorted(steps, key=lambda step: (step.rule, len(step.premises), str(step.premises))):
        by_rule[step.rule].append(step)
    return [step for steps in zip_longest(*by_rule.values()) for step in steps if step]


def ranks(statements: dict[Triple, Statement]) -> dict[Triple, int]:
    """Give how far each statement is from what is stated: 0 if it is itself, else one more than its nearest step's premises.

    A statement without a rank is only explained by itself, or not at all.
    """
    rank: dict[Triple, int] = {triple: 0 for triple, one in statements.items() if one.graphs}
    waiting: dict[Triple, list[tuple[Triple, set[Triple]]]] = defaultdict(list)
    ready: dict[Triple, None] = {}
    for triple, step in ((triple, step) for triple, one in statements.items() for step in one.steps):
        missing = {premise for premise in step.premises if premise not in rank}
        for premise in missing:
            waiting[premise].append((triple, missing))
        if not missing:
            ready[triple] = None
    height = 0
    while ready:
        height += 1
        new = [triple for triple in ready if triple not in rank]
        rank.update(dict.fromkeys(new, height))
        met = [(conclusion, missing, triple) for triple in new for conclusion, missing in waiting[triple]]
        for _, missing, triple in met:
            missing.discard(triple)
        ready = {conclusion: None for conclusion, missing, _ in met if not missing}
    return rank


def _keep_well_founded(found: dict[Triple, Statement], triple: Triple, most: int) -> None:
    """Leave each statement the steps by which nothing comes to rest on itself, `most` at most; its nearest one in any case."""
    rank = ranks(found)
    below: dict[Triple, set[Triple]] = {}
    usable = {t: [step for step in one.steps if all(premise in rank for premise in step.premises)] for t, one in found.items()}
    for one in sorted(rank, key=lambda one: rank[one]):
        nearest = [step for step in usable[one] if all(rank[premise] < rank[one] for premise in step.premises)]
        found[one].steps = nearest[:1]
        below[one] = set(nearest[0].premises) if nearest else set()
    for one in _outward(found, triple):
        for step in usable.get(one, ()):
            more = len(found[one].steps) < most and step not in found[one].steps
            if more and not any(_leads(below, premise, one) for premise in step.premises):
                found[one].steps.append(step)
                below[one] |= set(step.premises)
    for one, statement in found.items():
        if one not in rank:
            statement.steps = []


def _outward(found: dict[Triple, Statement], triple: Triple) -> list[Triple]:
    """Give the statements, those nearest to the one explained first (the order in which they were collected)."""
    return [triple, *(one for one in found if one != triple)]


def _leads(below: dict[Triple, set[Triple]], start: Triple, end: Triple) -> bool:
    """Say whether one statement rests on another."""
    seen, todo = {start}, [start]
    while todo:
        one = todo.pop()
        if one == end:
            return True
        new = below.get(one, set()) - seen
        seen |= new
        todo += new
    return False


def _reachable(found: dict[Triple, Statement], triple: Triple) -> dict[Triple, Statement]:
    """Give a statement and those that it rests on, nearest first."""
    kept: dict[Triple, Statement] = {}
    todo = [triple]
    while todo:
        kept |= {one: found[one] for one in todo}
        premises = dict.fromkeys(p for one in todo for step in found[one].steps for p in step.premises)
        todo = [premise for premise in premises if premise not in kept]
    return kept


def _add_sources(ask: Ask, statements: Iterable[Statement]) -> None:
    """Add to each stated one where its record comes from; a part that cites nothing itself is from where the whole is."""
    about = ((one, one.triple.subject) for one in statements if one.graphs)
    stated = [(one, subject.value) for one, subject in about if isinstance(subject, NamedNode)]
    owners = {subject: _owners(subject) for _, subject in stated}
    cited, known = _cited(ask, dict.fromkeys(chain.from_iterable(owners.values())))
    for one, subject in stated:
        records = owners[subject]
        record = next((record for record in records if record in cited), records[0])
        one.sources = cited.get(record, ())
        one.known = record in known


def _owners(iri: str) -> tuple[str, ...]:
    whole = urldefrag(iri).url
    return (iri, whole) if whole != iri else (iri,)


def _cited(ask: Ask, records: Iterable[str]) -> tuple[dict[str, tuple[Source, ...]], set[str]]:
    """Give the sources of records, and those that are only generally known."""
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    nodes = [NamedNode(record) for record in records]
    for row in ask(load("explain/records", node=nodes)) if nodes else ():
        said[row["node"].value][re.split("[#/]", row["property"].value)[-1]].append(row["value"].value)
    documents = _documents(ask, {iri for one in said.values() for iri in (*one["citesSource"], *one["inTable"])})
    cited = {}
    for record, one in said.items():
        rows = [replace(documents[iri], row=", ".join(one["rowNumber"])) for iri in one["inTable"]]
        sources = (*(documents[iri] for iri in one["citesSource"]), *rows, *(Source(name=name) for name in one["source"]))
        if sources:
            cited[record] = sources
    return cited, {record for record, one in said.items() if any(value.endswith("/known") for value in one["confidence"])}


def _documents(ask: Ask, iris: set[str]) -> dict[str, Source]:
    if not iris:
        return {}
    rows = list(ask(load("page/sources", source=[NamedNode(iri) for iri in sorted(iris)])))
    names = _labels(ask, {row["document"].value for row in rows})
    return {
        row["source"].value: Source(
            row["source"].value,
            names.get(row["document"].value, ""),
            _value(row, "publisher"),
            _value(row, "date"),
            _value(row, "address") or _value(row, "locator"),
        )
        for row in rows
    }


def _value(row: Row, name: str) -> str:
    return row[name].value if name in row else ""


def _names(ask: Ask, statements: Iterable[Statement]) -> dict[str, str]:
    """Give the English name of each thing that the statements and their notes name."""
    terms: set[str] = set()
    for one in statements:
        noted = (term for step in one.steps for note in step.notes for pattern in note.patterns for term in pattern)
        sentences = (piece for step in one.steps for piece in step.sentence)
        terms |= {term.value for term in (*one.triple, *noted, *sentences) if isinstance(term, NamedNode)}
    return _labels(ask, terms)


def _labels(ask: Ask, iris: set[str]) -> dict[str, str]:
    nodes = [NamedNode(iri) for iri in sorted(iris)]
    names: dict[str, str] = {}
    for row in ask(load("page/names", thing=nodes)) if nodes else ():
        names.setdefault(row["thing"].value, row["name"].value)
    return names


def is_name(triple: Triple) -> bool:
    """Say whether a statement only says what something is called."""
    return triple.predicate.value in _NAMES
