"""Rule files, read for explaining: what a rule says in words, what it concludes, and the question for its premises.

A rule is a CONSTRUCT query. Turned around, its WHERE becomes a SELECT of everything that it matched: each branch of a UNION
or OPTIONAL leaves a mark when it matched, property paths are taken apart, and a subquery that aggregates is asked a second
time for the rows behind its value. RDFLib's parser reads the rule (SPARQL 1.1 Query, section 19.8); what comes out is plain
data that needs no parser.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Variable
from pyparsing import ParseException
from rdflib import BNode, URIRef
from rdflib import Literal as RdfLiteral
from rdflib import Variable as RdfVariable
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.plugins.sparql.algebra import translatePath, translatePName, translatePrologue, traverse
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from pactgraph import knowledge
from pactgraph.errors import BadInput
from pactgraph.reasoning import rule
from pactgraph.reasoning.rule import Gap, Note, Premise, Rule, Slot, as_json, from_json

TURNED = "turned.json"
_IN_WORDS = "In words:"
_UNSUPPORTED = "a rule that is to be explained cannot have"
_AGGREGATES = {"Aggregate_Min": "least", "Aggregate_Max": "greatest", "Aggregate_Count": "number", "Aggregate_Sample": "sample"}


def rules(release: Path) -> tuple[Rule, ...]:
    """Give the rules that a release was made by, which it carries. Raises BadInput for one that cannot be turned around."""
    return tuple(rule for rule in _in(release / "rules") if not rule.name.startswith("day/"))


def day_rules(release: Path) -> tuple[Rule, ...]:
    """Give the rules by which the view of a day is made, without a day (`rule.on` gives them one)."""
    return tuple(rule for rule in _in(release / "rules") if rule.name.startswith("day/"))


@lru_cache(maxsize=4)
def _in(folder: Path) -> tuple[Rule, ...]:
    """Give the rules in the folders of one, as they were turned around when the release was made, if these are they."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("*/*.rq")}
    read = folder / TURNED
    held = from_json(read.read_bytes(), _origin(files)) if read.is_file() else None
    return tuple(rule for stratum in _strata(files) for rule in of_folder(folder / stratum)) if held is None else held


def turned(files: Mapping[str, Path], kept: bytes | None = None) -> bytes:
    """Turn rules around, for a release to carry them so. `files` are by stratum and name; `kept` is taken if it is of them.

    Raises BadInput for a rule that cannot be turned around.
    """
    origin = _origin({name: path.read_bytes() for name, path in files.items()})
    if kept and from_json(kept, origin) is not None:
        return kept
    folders = {stratum: path.parent for name, path in files.items() for stratum in [name.partition("/")[0]]}
    return as_json((rule for stratum in _strata(files) for rule in of_folder(folders[stratum])), origin)


def _strata(files: Iterable[str]) -> list[str]:
    return sorted({name.partition("/")[0] for name in files})


def _origin(files: Mapping[str, bytes]) -> str:
    """Give what tells rules, and the program that turned them around, from others."""
    digest = hashlib.sha256(b"".join(Path(str(name)).read_bytes() for name in (__file__, rule.__file__)))
    for name, text in sorted(files.items()):
        digest.update(f"{name} {len(text)}\n".encode() + text)
    return digest.hexdigest()


def of_folder(folder: Path) -> list[Rule]:
    """Give the rules in a folder. Raises BadInput for one that cannot be turned around."""
    files = sorted(folder.glob("*.rq"))
    parsed = {path: _parse(path.read_text(encoding="utf-8"), knowledge.name(path)) for path in files}
    concluded = {path: {str(triple[1]) for triple in _triples(tree.template)} for path, tree in parsed.items()}
    together = set().union(*concluded.values()) if folder.name[0].isdigit() else None  # other folders run in order, once
    return [_rule(path, tree, concluded[path] if together is None else together) for path, tree in parsed.items()]


def _parse(text: str, file: str) -> CompValue:
    try:
        tree = _tree(text)
    except ParseException as error:
        raise BadInput(f"not SPARQL: {error.msg}", file=file, line=error.lineno, column=error.column) from None
    if tree.name != "ConstructQuery":
        raise BadInput("the rule is not a CONSTRUCT query", file=file, line=1, column=1)
    return tree


@lru_cache(maxsize=512)
def _tree(text: str) -> CompValue:
    """Parse a query, once for all releases that have the same: each write makes a release, and all rules take seconds."""
    prologue, query = parseQuery(text)
    names = translatePrologue(prologue, None)
    tree: CompValue = traverse(traverse(query, visitPost=partial(translatePName, prologue=names)), visitPost=translatePath)
    return tree


def _rule(path: Path, tree: CompValue, derived: set[str]) -> Rule:
    code = path.read_text(encoding="utf-8")
    words, sentence = _comment(code)
    writer = _Writer(derived)
    try:
        body = writer.write(tree.where)
    except NotImplementedError as error:
        raise BadInput(f"{_UNSUPPORTED} {error}", file=knowledge.name(path), line=1, column=1) from None
    template = tuple(Premise(_slot(s), _slot(p), _slot(o)) for s, p, o in _triples(tree.template))
    gathered, sure = frozenset(writer.gathered), frozenset(writer.sure - writer.computed)
    name = f"{path.parent.name}/{path.stem}"
    notes, listed = tuple(writer.notes), {name: values for name, values in writer.listed.items() if name in sure}
    return Rule(name, words, sentence, code, template, tuple(body), tuple(writer.premises), notes, sure, gathered, listed)


def _comment(code: str) -> tuple[str, str]:
    """Give the meaning of a rule, from the comment at its top, and the sentence about one application of it."""
    lines: list[str] = []
    for line in code.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    words, _, sentence = " ".join(lines).partition(_IN_WORDS)
    return words.strip(), sentence.strip()


@dataclass
class _Scope:
    """Where a pattern stands: the marks of its branches, the names its variables get, and whether it is matched at all."""

    marks: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    positive: bool = True
    optional: bool = False
    known: frozenset[str] | None = None
    silent: bool = False
    outer: frozenset[str] = frozenset()


class _Writer:
    """Writes the pattern of a rule as the question for its premises, noting the premises on the way."""

    def __init__(self, derived: set[str]) -> None:
        """Take the predicates that the rule's own stratum concludes: that there is none of those means that none is stated."""
        self._derived = derived
        self._count = 0
        self.premises: list[Premise] = []
        self.notes: list[Note] = []
        self.sure: set[str] = set()
        self.computed: set[str] = set()
        self.gathered: set[str] = set()
        self.listed: dict[str, frozenset[Slot]] = {}

    def write(self, where: CompValue) -> list[str | Gap]:
        """Write a rule's WHERE. All that is known is put before it, so that its first gap can be left."""
        first, *rest = self._group(where, _Scope())
        return rest if isinstance(first, Gap) else [first, *rest]

    def _fresh(self, stem: str) -> str:
        self._count += 1
        return f"_{stem}{self._count}"

    def _group(self, node: CompValue, scope: _Scope) -> Iterator[str | Gap]:
        if node.name == "SubSelect":
            yield from self._select(node, scope)
            return
        parts = node.part or []
        names = {scope.names.get(name, name) for name in _mentioned(parts) if scope.known is None or name in scope.known}
        if scope.positive:
            yield Gap(tuple(sorted(names)), scope.outer)
        for part in parts:
            yield from self._part(part, replace(scope, outer=scope.outer | names))

    def _part(self, part: CompValue, scope: _Scope) -> Iterator[str | Gap]:
        write = getattr(self, f"_write_{part.name}", None)
        if write is None:
            raise NotImplementedError(part.name)
        yield from write(part, scope)

    def _write_TriplesBlock(self, part: CompValue, scope: _Scope) -> Iterator[str]:
        for triple in _triples(part.triples):
            yield from self._pattern(triple, scope)

    def _pattern(self, triple: tuple[Any, Any, Any], scope: _Scope) -> Iterator[str]:
        subject, predicate, value = triple
        if isinstance(predicate, SequencePath):
            ends = [subject, *(RdfVariable(self._fresh("via")) for _ in predicate.args[1:]), value]
            for index, step in enumerate(predicate.args):
                yield from self._pattern((ends[index], step, ends[index + 1]), scope)
        elif isinstance(predicate, InvPath):
            yield from self._pattern((value, predicate.arg, subject), scope)
        elif isinstance(predicate, AlternativePath):
            yield from self._alternatives([(subject, step, value) for step in predicate.args], scope)
        else:
            yield self._simple(subject, predicate, value, scope)

    def _alternatives(self, triples: list[tuple[Any, Any, Any]], scope: _Scope) -> Iterator[str]:
        for index, triple in enumerate(triples):
            inside, mark = self._marked(scope)
            yield " UNION {" if index else "{"
            yield from self._pattern(triple, inside)
            yield f"{mark}}}"

    def _simple(self, subject: Any, predicate: Any, value: Any, scope: _Scope) -> str:
        repeated = isinstance(predicate, MulPath)
        step, sign = (predicate.path, predicate.mod) if repeated else (predicate, "")
        if not isinstance(step, URIRef | RdfVariable):
            raise NotImplementedError(f"the path {predicate.n3()}")
        ends = self._renamed(subject, scope), self._renamed(step, scope), self._renamed(value, scope)
        premise = Premise(*ends, scope.marks, sign)
        written = f" {premise.subject} {premise.predicate}{sign} {premise.object} ."
        if scope.positive and not scope.silent:
            self.premises.append(premise)
            if not scope.optional:
                self.sure |= {slot.value for slot in premise.slots() if isinstance(slot, Variable)}
        if not scope.positive and str(step) in self._derived:
            return f" GRAPH ?{self._fresh('graph')} {{{written} }}"
        return written

    def _write_Filter(self, part: CompValue, scope: _Scope) -> Iterator[str]:
        yield f" FILTER ({self._expression(part.expr, scope)})"

    def _write_Bind(self, part: CompValue, scope: _Scope) -> Iterator[str]:
        name = self._renamed(part.var, scope)
        self.computed.add(name.value)
        yield f" BIND ({self._expression(part.expr, scope)} AS {name})"

    def _write_InlineData(self, part: CompValue, scope: _Scope) -> Iterator[str]:
        several = len(part.var) > 1
        names = [self._renamed(var, scope) for var in part.var]
        values = part.value if several else [[value] for value in part.value]
        if scope.positive and not (scope.silent or scope.optional or scope.marks):
            self._list(names, values)
        written, rows = " ".join(map(str, names)), " ".join(f"({_row(row)})" if several else _row(row) for row in values)
        yield f" VALUES ({written}) {{ {rows} }}" if several else f" VALUES {written} {{ {rows} }}"

    def _list(self, names: Sequence[Slot], rows: Sequence[Sequence[Any]]) -> None:
        """Note which values each variable may have: what else a statement says of it need not be asked for."""
        for name, column in zip(names, zip(*rows, strict=True), strict=True):
            if isinstance(name, Variable) and "UNDEF" not in column:
                self.sure.add(name.value)
                self.listed[name.value] = frozenset(map(_slot, column))

    def _write_OptionalGraphPattern(self, part: CompValue, scope: _Scope) -> Iterator[str | Gap]:
        inside, mark = self._marked(scope)
        inside.optional = True
        yield " OPTIONAL {"
        yield from self._group(part.graph, inside)
        yield f"{mark}}}"

    def _write_GroupOrUnionGraphPattern(self, part: CompValue, scope: _Scope) -> Iterator[str | Gap]:
        if len(part.graph) == 1:
            yield " {"
            yield from self._group(part.graph[0], scope)
            yield "}"
            return
        for index, graph in enumerate(part.graph):
            inside, mark = self._marked(scope)
            yield " UNION {" if index else " {"
            yield from self._group(graph, inside)
            yield f"{mark}}}"

    def _marked(self, scope: _Scope) -> tuple[_Scope, str]:
        """Give the scope of a branch, and the text that marks it as matched."""
        if not scope.positive or scope.silent:
            return replace(scope), ""
        name = self._fresh("mark")
        return replace(scope, marks=(*scope.marks, name)), f" BIND (true AS ?{name}) "

    def _select(self, node: CompValue, scope: _Scope) -> Iterator[str | Gap]:
        """Write a subquery: without aggregates as its pattern alone; with them as it is, and the rows behind each value."""
        kept = {name: scope.names.get(name, name) for name in (str(var.var or var.evar) for var in node.projection)}
        aggregates = [(kept[str(var.evar)], _aggregate(var.expr)) for var in node.projection if var.expr is not None]
        if not aggregates:
            hidden = {name: f"{name}{self._fresh('in')}" for name in sorted(_variables(node.where)) if name not in kept}
            yield from self._group(node.where, replace(scope, names={**kept, **hidden}))
            return
        groups = {name: kept[name] for name in map(str, node.groupby.condition)}
        listed = " ".join(f"?{name}" for name in groups.values())
        self.computed |= {name for name, _ in aggregates}
        yield (
            f" {{ SELECT {listed}" + "".join(f" ({_call(aggregate)} AS ?{name})" for name, aggregate in aggregates) + " WHERE {"
        )
        yield from self._group(node.where, replace(scope, silent=True, names=groups, known=frozenset(groups)))
        yield f" }} GROUP BY {listed} }}"
        if scope.positive and not scope.silent:
            for name, aggregate in aggregates:
                yield from self._behind(node, name, aggregate, groups, scope)

    def _behind(
        self, node: CompValue, name: str, aggregate: CompValue, groups: dict[str, str], scope: _Scope
    ) -> Iterator[str | Gap]:
        """Write the pattern of a subquery again, for the rows behind the value of one aggregate."""
        suffix = self._fresh("of")
        hidden = {var: f"{var}{suffix}" for var in _variables(node.where) if var not in groups}
        before = len(self.premises)
        yield " {"
        yield from self._group(node.where, replace(scope, names={**hidden, **groups}, known=frozenset(groups)))
        yield "}"
        found = tuple(self.premises[before:])
        self.notes.append(Note(_AGGREGATES[aggregate.name], found, scope.marks, name))
        if aggregate.name == "Aggregate_Count":
            named = {slot.value for one in found for slot in one.slots() if isinstance(slot, Variable)}
            self.gathered |= named - set(groups.values()) | {mark for one in found for mark in one.marks}
        else:
            yield f" FILTER (?{hidden[str(_plain(aggregate.vars))]} = ?{name})"

    def _expression(self, node: Any, scope: _Scope) -> str:
        node = _plain(node)
        if not isinstance(node, CompValue):
            return str(self._renamed(node, scope))
        if node.name in ("Builtin_NOTEXISTS", "Builtin_EXISTS"):
            return self._existence(node, scope)
        if node.name.startswith("Builtin_"):
            arguments = (one for value in node.values() for one in (value if isinstance(value, list) else [value]))
            return f"{node.name.removeprefix('Builtin_')}({', '.join(self._expression(one, scope) for one in arguments)})"
        if node.name.startswith("Unary"):
            sign = {"UnaryNot": "!", "UnaryMinus": "-", "UnaryPlus": "+"}[node.name]
            return f"({sign}{self._expression(node.expr, scope)})"
        return self._operation(node, scope)

    def _operation(self, node: CompValue, scope: _Scope) -> str:
        first = self._expression(node.expr, scope)
        if node.name == "RelationalExpression" and node.op in ("IN", "NOT IN"):
            return f"({first} {node.op} ({', '.join(self._expression(one, scope) for one in node.other)}))"
        if node.name not in _OPERATORS:
            raise NotImplementedError(node.name)
        others = node.other if isinstance(node.other, list) else [node.other]
        signs = node.op if isinstance(node.op, list) else [node.op or _OPERATORS[node.name]] * len(others)
        rest = " ".join(f"{sign} {self._expression(one, scope)}" for sign, one in zip(signs, others, strict=True))
        return f"({first} {rest})"

    def _write_MinusGraphPattern(self, part: CompValue, scope: _Scope) -> Iterator[str]:
        """Write it as what is not there, which it says where it shares a variable that is bound."""
        yield f" FILTER ({self._existence(part, scope)})"

    def _existence(self, node: CompValue, scope: _Scope) -> str:
        before, absent = len(self.premises), node.name != "Builtin_EXISTS"
        inside = replace(scope, positive=False)
        text = "".join(piece for piece in self._group(node.graph, inside) if isinstance(piece, str))
        assert len(self.premises) == before
        if scope.positive and not scope.silent and absent:
            patterns = tuple(self._noted(triple, scope) for triple in _every_triple(node.graph))
            self.notes.append(Note("absent", patterns, scope.marks))
        return f"{'NOT ' if absent else ''}EXISTS {{{text}}}"

    def _noted(self, triple: tuple[Any, Any, Any], scope: _Scope) -> Premise:
        """Give a pattern that is only told of; of a path, its first step."""
        subject, path, value = triple
        step = path
        while not isinstance(step, URIRef | RdfVariable):
            step = step.path if isinstance(step, MulPath) else step.arg if isinstance(step, InvPath) else step.args[0]
        return Premise(self._renamed(subject, scope), self._renamed(step, scope), self._renamed(value, scope))

    def _renamed(self, term: Any, scope: _Scope) -> Slot:
        slot = _slot(term)
        return Variable(scope.names.get(slot.value, slot.value)) if isinstance(slot, Variable) else slot


_OPERATORS = {
    "ConditionalOrExpression": "||",
    "ConditionalAndExpression": "&&",
    "RelationalExpression": "",
    "AdditiveExpression": "",
    "MultiplicativeExpression": "",
}


def _slot(term: Any) -> Slot:
    """Give an RDFLib term in pyoxigraph's terms."""
    if isinstance(term, RdfVariable):
        return Variable(str(term))
    if isinstance(term, URIRef):
        return NamedNode(str(term))
    if isinstance(term, BNode):
        return Variable(f"_blank{re.sub(r'[^0-9A-Za-z]', '', str(term))}")
    if isinstance(term, RdfLiteral):
        datatype = NamedNode(str(term.datatype)) if term.datatype and not term.language else None
        return Literal(str(term), datatype=datatype, language=term.language)
    raise NotImplementedError(str(term))


def _row(values: Sequence[Any]) -> str:
    return " ".join("UNDEF" if value == "UNDEF" else str(_slot(value)) for value in values)


def _triples(blocks: Iterable[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Give the triples of a block, which the parser leaves as runs of terms."""
    for run in blocks or ():
        terms = list(run)
        yield from ((terms[i], terms[i + 1], terms[i + 2]) for i in range(0, len(terms), 3))


def _every_triple(node: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Give the triples of a pattern, however deep."""
    if isinstance(node, CompValue):
        if node.name == "TriplesBlock":
            yield from _triples(node.triples)
        else:
            for value in node.values():
                yield from _every_triple(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _every_triple(value)


def _variables(node: Any) -> set[str]:
    """Give the names of the variables in a pattern, however deep."""
    if isinstance(node, RdfVariable):
        return {str(node)}
    if isinstance(node, CompValue):
        return _variables(list(node.values()))
    if isinstance(node, Iterable) and not isinstance(node, str):
        return {name for value in node for name in _variables(value)}
    return set()


def _mentioned(parts: Iterable[CompValue]) -> set[str]:
    """Give the variables that the triples of a group itself mention."""
    return {
        name
        for part in parts
        if part.name == "TriplesBlock"
        for triple in _triples(part.triples)
        for name in _variables(list(triple))
    }


def _plain(node: Any) -> Any:
    """Give an expression without the levels of precedence that say nothing."""
    while isinstance(node, CompValue) and node.name in _OPERATORS and node.other is None:
        node = node.expr
    return node


def _aggregate(node: Any) -> CompValue:
    found = _plain(node)
    if not isinstance(found, CompValue) or found.name not in _AGGREGATES or not isinstance(_plain(found.vars), RdfVariable):
        raise NotImplementedError("an aggregate other than MIN, MAX, COUNT or SAMPLE of one variable")
    return found


def _call(aggregate: CompValue) -> str:
    distinct = "DISTINCT " if aggregate.distinct else ""
    return f"{aggregate.name.removeprefix('Aggregate_').upper()}({distinct}{_slot(_plain(aggregate.vars))})"
