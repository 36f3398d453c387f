"""Applications of rules that give a statement, found by asking what a release holds: no rule is run.

A statement is matched against what a rule concludes; the variables that this binds go into the question for the rule's
premises. Where a rule mints the subject, the other statements that it makes of it say the rest.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import BlankNode, Literal, NamedNode, Triple, Variable

from pactgraph.prefixes import PREFIXES
from pactgraph.reasoning.rule import Gap, Premise, Rule, Slot

Term = NamedNode | Literal | BlankNode
Row = Mapping[str, Term]
Ask = Callable[[str], Iterable[Row]]
_CHUNK = 1000
_VARIABLE = re.compile(r"\?([A-Za-z]+)")
_IS = "_is_"
_MODEL = ("http://www.w3.org/2002/07/owl#", PREFIXES["rdfs"] + "sub", PREFIXES["rdf"] + "first", PREFIXES["rdf"] + "rest")


@dataclass(frozen=True)
class Absence:
    """A note of a rule, with what is known put in: a variable that is left stands for anything."""

    kind: str
    patterns: tuple[tuple[Term | Variable, Term | Variable, Term | Variable], ...]
    value: Term | None = None


@dataclass(frozen=True)
class Step:
    """One application of a rule: the premises it matched, what else it looked at, and its sentence with the terms put in."""

    rule: str
    premises: tuple[Triple, ...]
    notes: tuple[Absence, ...] = ()
    sentence: tuple[str | Term, ...] = ()


class Steps:
    """Finds the applications of some rules that give statements, in some graphs (`stated`, and those that were inferred)."""

    def __init__(self, ask: Ask, rules: Sequence[Rule], stated: Sequence[str], inferred: Sequence[str]) -> None:
        """Take how to ask, the rules, and the graphs that they see."""
        self._ask = ask
        self._dataset = "".join(f"FROM <{graph}> " for graph in (*stated, *inferred))
        self._dataset += "".join(f"FROM NAMED <{graph}> " for graph in stated)
        self._predicates: dict[str, frozenset[Term]] = {}
        self._chains: dict[tuple[Term, str, Term], tuple[Triple, ...]] = {}
        self._rules = self._with_axioms(rules)

    def _with_axioms(self, rules: Sequence[Rule]) -> list[Rule]:
        """Leave out the rules that work by axioms of which there are none."""
        needed = {rule.name: pattern for rule in rules if (pattern := _axioms(rule))}
        numbers = {pattern: number for number, pattern in enumerate(dict.fromkeys(needed.values()))}
        looks = " UNION ".join(f"{{ SELECT ({n} AS ?number) {{ {pattern} }} LIMIT 1 }}" for pattern, n in numbers.items())
        rows = self._ask(f"SELECT ?number {self._dataset} WHERE {{ {looks} }}") if numbers else ()
        there = {int(row["number"].value) for row in rows}
        return [rule for rule in rules if rule.name not in needed or numbers[needed[rule.name]] in there]

    def of(self, targets: Iterable[Triple], limit: int = 0) -> dict[Triple, list[Step]]:
        """Give, for each statement, the steps that give it; `limit` bounds the rows that each rule is asked for (0: all)."""
        found: dict[Triple, dict[Step, None]] = {target: {} for target in targets}
        for rule in self._rules:
            for known in self._known(rule, found):
                for chunk in _chunks(known):
                    self._ask_rule(rule, chunk, found, limit)
        return {target: list(steps) for target, steps in found.items()}

    def _ask_rule(self, rule: Rule, known: list[dict[str, Term]], found: dict[Triple, dict[Step, None]], limit: int) -> None:
        together: dict[tuple[object, ...], list[Row]] = defaultdict(list)
        bound = limit * len(known) if not rule.gathered else 0
        for row in self._ask(_question(rule, known, self._dataset, bound)):
            key = tuple(sorted((name, str(term)) for name, term in row.items() if name not in rule.gathered))
            together[key].append(row)
        for rows in together.values():
            given = [triple for one in rule.template for triple in _instance(one, rows[0]) if triple in found]
            if given:
                step = self._step(rule, rows)
                for triple in given:
                    if triple not in step.premises:
                        found[triple].setdefault(step)

    def _known(self, rule: Rule, targets: Iterable[Triple]) -> Iterator[list[dict[str, Term]]]:
        """Give what targets say of the variables of a rule, a row for each; `_is_x` is x, and to be checked.

        Of what the rule mints, its other statements say it, once for all of them.
        """
        minted: dict[str, dict[Term, None]] = defaultdict(dict)
        for conclusion in rule.template:
            subject, possible = conclusion.subject, self._possible(rule, conclusion)
            within = (target for target in targets if possible is None or target.predicate in possible)
            unified = (bindings for target in within if (bindings := _unify(conclusion, target)) is not None)
            matched = [one for one in unified if all(one[name] in terms for name, terms in rule.listed.items() if name in one)]
            if isinstance(subject, Variable) and subject.value not in rule.sure:
                minted[subject.value].update(dict.fromkeys(bindings[subject.value] for bindings in matched))
            elif matched:
                yield [_sorted_out(rule, bindings) for bindings in matched]
        for name, subjects in minted.items():
            if subjects:
                yield self._siblings(rule, name, list(subjects))

    def _possible(self, rule: Rule, conclusion: Premise) -> frozenset[Term] | None:
        """Give the predicates that a rule can conclude by what it says of them; None if it says nothing, or names one."""
        slot = conclusion.predicate
        about = [one for one in rule.premises if slot in (one.subject, one.object) and isinstance(one.predicate, NamedNode)]
        if not isinstance(slot, Variable) or not about:
            return None
        if rule.name not in self._predicates:
            patterns = " UNION ".join(f"{{ {one.subject} {one.predicate} {one.object} }}" for one in about)
            rows = self._ask(f"SELECT DISTINCT {slot} {self._dataset} WHERE {{ {patterns} }}")
            self._predicates[rule.name] = frozenset(row[slot.value] for row in rows)
        return self._predicates[rule.name]

    def _siblings(self, rule: Rule, name: str, subjects: list[Term]) -> list[dict[str, Term]]:
        """Give what the statements about minted subjects say of the variables of their rule."""
        patterns = " . ".join(
            f"?{name} {one.predicate} {one.object}"
            for one in rule.template
            if one.subject == Variable(name) and isinstance(one.object, Variable) and one.object.value in rule.sure
        )
        values = " ".join(map(str, subjects))
        rows = self._ask(f"SELECT DISTINCT * {self._dataset} WHERE {{ VALUES ?{name} {{ {values} }} {patterns} }}")
        return [_sorted_out(rule, dict(row)) for row in rows]

    def _step(self, rule: Rule, rows: list[Row]) -> Step:
        premises: dict[Triple, None] = {}
        for row in rows:
            for premise in rule.premises:
                if all(mark in row for mark in premise.marks):
                    premises.update(dict.fromkeys(self._statements(premise, row)))
        notes = (
            Absence(note.kind, tuple(_partly(one, rows[0]) for one in note.patterns), rows[0].get(note.value))
            for note in rule.notes
            if all(mark in rows[0] for mark in note.marks)
        )
        return Step(rule.name, tuple(premises), tuple(notes), tuple(_filled(rule.sentence, rows[0])))

    def _statements(self, premise: Premise, row: Row) -> Iterable[Triple]:
        """Give what a premise matched: one statement, or those that lead along a repeated predicate."""
        if not premise.path:
            return _instance(premise, row)
        start, _, end = _partly(premise, row)
        assert isinstance(premise.predicate, NamedNode)
        assert not isinstance(start, Variable)
        assert not isinstance(end, Variable)
        key = (start, premise.predicate.value, end)
        if key not in self._chains:
            self._chains[key] = self._chain(start, premise.predicate, end)
        return self._chains[key]

    def _chain(self, start: Term, predicate: NamedNode, end: Term) -> tuple[Triple, ...]:
        """Give the shortest way from one term to another along a predicate; none from a term to itself.

        A blank node cannot be named in a question: of those (lists, in the model) all are asked for.
        """
        came: dict[Term, tuple[Triple, ...]] = {start: ()}
        while end not in came:
            blank = any(isinstance(term, BlankNode) for term in came)
            values = "" if blank else f"VALUES ?x {{ {' '.join(map(str, came))} }}"
            rows = self._ask(f"SELECT DISTINCT ?x ?y {self._dataset} WHERE {{ {values} ?x {predicate} ?y }} ORDER BY ?x ?y")
            new = {}
            for row in rows:
                x, y = row["x"], row["y"]
                if x in came and y not in came and y not in new and not isinstance(x, Literal):
                    new[y] = (*came[x], Triple(x, predicate, y))
            if not new:
                break
            came |= new
        return came.get(end, ())


def _axioms(rule: Rule) -> str:
    """Give the pattern of the axioms that a rule works by: what it says in terms of OWL and RDFS, wherever it applies."""
    certain = [one for one in rule.premises if not one.marks and isinstance(one.predicate, NamedNode)]
    about = [
        one for one in certain if any(isinstance(slot, NamedNode) and slot.value.startswith(_MODEL) for slot in one.slots())
    ]
    return " . ".join(f"{one.subject} {one.predicate}{one.path} {one.object}" for one in about)


def _question(rule: Rule, known: list[dict[str, Term]], dataset: str, limit: int) -> str:
    """Write the question for the premises of a rule, with what is known put in."""
    columns = sorted({name for row in known for name in row})
    checks = "".join(f" FILTER (sameTerm(?{name.removeprefix(_IS)}, ?{name}))" for name in columns if name.startswith(_IS))
    body = "".join(piece if isinstance(piece, str) else _fill(piece, columns, known) for piece in rule.body)
    bound = f" LIMIT {limit}" if limit else ""
    return f"SELECT DISTINCT * {dataset} WHERE {{ {_values(columns, known)} {body}{checks} }}{bound}"


def _fill(gap: Gap, columns: Sequence[str], known: list[dict[str, Term]]) -> str:
    """Write what is known into a gap.

    Of many rows only what no gap around it says: the engine would go through them for each solution of what stands there.
    """
    outer = gap.outer if len(known) > 1 else ()
    return _values([name for name in gap.names if name in columns and name not in outer], known)


def _values(columns: Sequence[str], known: list[dict[str, Term]]) -> str:
    if not columns:
        return ""
    rows = dict.fromkeys(" ".join(str(row[column]) if column in row else "UNDEF" for column in columns) for row in known)
    return f" VALUES ({' '.join(f'?{column}' for column in columns)}) {{ {' '.join(f'({row})' for row in rows)} }}"


def _sorted_out(rule: Rule, bindings: dict[str, Term]) -> dict[str, Term]:
    """Name the variables that no value may be put in for as those to be checked."""
    return {name if name in rule.sure else f"{_IS}{name}": term for name, term in bindings.items()}


def _unify(pattern: Premise, triple: Triple) -> dict[str, Term] | None:
    """Give the variables of a conclusion that would make it a triple; None if nothing does."""
    bindings: dict[str, Term] = {}
    for slot, term in zip(pattern.slots(), triple, strict=True):
        if isinstance(slot, Variable):
            if bindings.setdefault(slot.value, term) != term:
                return None
        elif slot != term:
            return None
    return bindings


def _partly(pattern: Premise, row: Row) -> tuple[Term | Variable, Term | Variable, Term | Variable]:
    subject, predicate, value = (_value(slot, row) for slot in pattern.slots())
    return subject, predicate, value


def _value(slot: Slot, row: Row) -> Term | Variable:
    return row.get(slot.value, slot) if isinstance(slot, Variable) else slot


def _instance(pattern: Premise, row: Row) -> Iterator[Triple]:
    """Give the triple that a pattern stands for; none if a variable of it is not bound."""
    terms = _partly(pattern, row)
    if not any(isinstance(term, Variable) for term in terms):
        yield Triple(*terms)  # type: ignore[arg-type]


def _filled(sentence: str, row: Row) -> Iterator[str | Term]:
    """Give a sentence in pieces, with the terms that its variables stand for; one that is not bound is left out."""
    for index, piece in enumerate(_VARIABLE.split(sentence)):
        if index % 2 == 0 and piece:
            yield piece
        elif piece in row:
            yield row[piece]


def _chunks(rows: list[dict[str, Term]]) -> Iterator[list[dict[str, Term]]]:
    rest = iter(rows)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
