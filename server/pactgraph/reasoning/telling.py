"""Explanations in words: sentences, statements and axioms as people read them, and the whole as indented text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, Triple, Variable

from pactgraph.prefixes import PREFIXES
from pactgraph.reasoning.short import is_type, short
from pactgraph.reasoning.steps import Absence, Step, Term
from pactgraph.reasoning.why import Explanation, Source, Statement, is_name
from pactgraph.terms import ID

_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=(?!one\b|eu)[aeio])")
_FIRST, _REST, _NIL = (PREFIXES["rdf"] + name for name in ("first", "rest", "nil"))


def statement(triple: Triple) -> str:
    """Give a statement in few letters."""
    return " ".join(map(short, triple))


def name(term: Term | Variable, names: Mapping[str, str]) -> str:
    """Give the name of a thing, without that of its whole if it is a part; a value as it is."""
    if not isinstance(term, NamedNode):
        return term.value if isinstance(term, Literal) else short(term)
    found = names.get(term.value, short(term))
    return found.partition(" (")[0] if "#" in term.value and term.value.startswith(str(ID)) else found


def sentence(step: Step, names: Mapping[str, str], words: str) -> str:
    """Give what an application of a rule comes to, in words; those of the rule where it has no sentence."""
    text = "".join(piece if isinstance(piece, str) else name(piece, names) for piece in step.sentence)
    return _BEFORE_VOWEL.sub(r"\1n ", text) or words


def notes(step: Step, names: Mapping[str, str]) -> Iterator[str]:
    """Give in words what a rule looked at besides statements that there are."""
    for note in dict.fromkeys(step.notes):
        yield _note(note, names)


def _note(note: Absence, names: Mapping[str, str]) -> str:
    value = name(note.value, names) if note.value else ""
    if note.kind == "number":
        return f"counted, each once: {value}"
    if note.kind == "sample":
        return f"{value} is one of those that there are"
    if note.kind != "absent":
        lower = "lower" if note.kind == "least" else "higher"
        return f"{value} is the {note.kind} of all such values: none {lower} is stated"
    patterns = "; ".join(" ".join(_worded(term, names) for term in pattern) for pattern in note.patterns)
    return f"nothing is known such that {patterns}"


def _worded(term: Term | Variable, names: Mapping[str, str]) -> str:
    return short(term) if isinstance(term, Variable) else f"“{name(term, names)}”" if not is_type(term) else "is a"


def premises(step: Step) -> list[Triple]:
    """Give the premises of a step that are about named things, what they are called last."""
    named = [one for one in step.premises if not _blank(one)]
    return sorted(named, key=is_name)


def axioms(step: Step) -> str:
    """Give the premises of a step that name blank nodes, as Turtle; they are axioms of the ontology."""
    about: dict[object, list[Triple]] = {}
    for one in filter(_blank, step.premises):
        about.setdefault(one.subject, []).append(one)
    inner = {one.object for ones in about.values() for one in ones}
    return " ".join(f"{_axiom(subject, about)} ." for subject in about if subject not in inner)


def _axiom(subject: object, about: Mapping[object, list[Triple]]) -> str:
    """Give an axiom: what a blank node says of itself in brackets, then what is said of it."""
    if not isinstance(subject, BlankNode):
        return f"{short(subject)} {_properties(about[subject], about)}"  # type: ignore[arg-type]
    outward = [one for one in about[subject] if one.predicate.value.startswith(PREFIXES["rdfs"])]
    inward = [one for one in about[subject] if one not in outward]
    return f"[ {_properties(inward, about)} ] {_properties(outward, about)}".rstrip()


def _properties(triples: Iterable[Triple], about: Mapping[object, list[Triple]]) -> str:
    return " ; ".join(f"{short(one.predicate)} {_value(one.object, about)}" for one in triples)


def _value(term: object, about: Mapping[object, list[Triple]]) -> str:
    """Give a value: a list in round brackets (… for members that no premise names), another blank node in square ones."""
    if not isinstance(term, BlankNode) or term not in about:
        return short(term)  # type: ignore[arg-type]
    found = {one.predicate.value: one.object for one in about[term]}
    if _FIRST in found or _REST in found:
        return f"( {' '.join(_members(term, about))} )"
    return f"[ {_properties(about[term], about)} ]"


def _members(cell: object, about: Mapping[object, list[Triple]]) -> Iterator[str]:
    while cell != NamedNode(_NIL):
        found = {one.predicate.value: one.object for one in about.get(cell, ())}
        yield _value(found[_FIRST], about) if _FIRST in found else "…"
        if _REST not in found and found:
            yield "…"
        cell = found.get(_REST, NamedNode(_NIL))


def _blank(triple: Triple) -> bool:
    return isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)


def text(explanation: Explanation) -> Iterator[str]:
    """Give an explanation as lines of text: indented under each statement why it holds; sources and rules at the end."""
    sources = list(dict.fromkeys(source for one in explanation.statements.values() for source in one.sources))
    yield from _lines(explanation, explanation.triple, 0, {}, sources)
    yield ""
    yield "Sources"
    yield from (f"  [{number}] {source}" for number, source in enumerate(sources, 1))
    for rule in explanation.rules.values():
        yield ""
        yield f"Rule {rule.name}: {rule.words}"
        yield from (f"    {line}" for line in rule.code.splitlines() if not line.startswith(("#", "PREFIX")))


def _lines(
    explanation: Explanation, triple: Triple, depth: int, seen: dict[Triple, None], sources: Sequence[Source]
) -> Iterator[str]:
    found, pad = explanation.statements[triple], "  " * depth
    if found.steps and triple in seen:
        yield f"{pad}{statement(triple)}  (see above)"
        return
    seen[triple] = None
    yield f"{pad}{statement(triple)}"
    if not found.steps:
        yield f"{pad}  stated: {origin(found, sources)}"
    for index, step in enumerate(found.steps):
        words = sentence(step, explanation.names, explanation.rules[step.rule].words)
        yield f"{pad}  {'or ' if index else ''}because {words}  [{step.rule}]"
        if axiom := axioms(step):
            yield f"{pad}    {axiom}"
        for note in notes(step, explanation.names):
            yield f"{pad}    {note}"
        for premise in premises(step):
            yield from _lines(explanation, premise, depth + 2, seen, sources)


def origin(found: Statement, sources: Sequence[Source] = ()) -> str:
    """Give in words where a stated thing comes from; sources by their numbers, where they are numbered."""
    said = [f"[{sources.index(one) + 1}]" for one in found.sources] if sources else [f"{one};" for one in found.sources]
    if found.known:
        said.append("general knowledge")
    return " ".join(said) or "in the graph " + ", ".join(graph.rpartition("/")[2] for graph in found.graphs)
