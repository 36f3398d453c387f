"""Shapes as queries: for each shape, one SELECT of the nodes that violate it, evaluated by pyoxigraph.

pySHACL takes about a millisecond for each node and constraint; a query of ours takes microseconds. So the nodes that violate a
shape are selected first, and pySHACL looks at those alone and says what is wrong with them (docs/decisions/0004). The
translation follows the definitions in SHACL (https://www.w3.org/TR/shacl/, sections 2 to 4). A shape with a part that is not
translated has no query; its nodes are all looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from rdflib import RDF, RDFS, SH, XSD, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

_STEP = " / "
_LARGEST = 3  # a count up to this is written out as so many distinct values
_CASTS = {"date", "dateTime", "integer", "decimal", "double", "float", "boolean"}
_KINDS = {
    SH.IRI: "isIRI({0})",
    SH.BlankNode: "isBlank({0})",
    SH.Literal: "isLiteral({0})",
    SH.BlankNodeOrIRI: "(isIRI({0}) || isBlank({0}))",
    SH.BlankNodeOrLiteral: "(isLiteral({0}) || isBlank({0}))",
    SH.IRIOrLiteral: "(isIRI({0}) || isLiteral({0}))",
}
_PATHS = {SH.inversePath: "^{}", SH.zeroOrMorePath: "{}*", SH.oneOrMorePath: "{}+", SH.zeroOrOnePath: "{}?"}
_SILENT = {
    *(RDF.type, RDFS.comment, RDFS.label, SH.name, SH.description, SH.order, SH.group, SH.message, SH.severity),
    *(
        SH.path,
        SH.flags,
        SH.ignoredProperties,
        SH.target,
        SH.targetClass,
        SH.targetNode,
        SH.targetObjectsOf,
        SH.targetSubjectsOf,
    ),
}


class Untranslated(Exception):
    """A part of a shape that is not translated."""


def violators(shapes: Graph, shape: Node) -> list[str] | None:
    """Give the queries, one for each target, of the nodes that violate a shape; None if it is not translated."""
    try:
        fails = _Translation(shapes).fails(shape, "?this")
        return [f"SELECT DISTINCT ?this {{ {{ {target} }} FILTER({fails}) }}" for target in _targets(shapes, shape)]
    except Untranslated:
        return None


def _targets(shapes: Graph, shape: Node) -> Iterator[str]:
    if (shape, RDF.type, RDFS.Class) in shapes:
        raise Untranslated("implicit class target")
    for kind in shapes.objects(shape, SH.targetClass):
        yield f"?this {RDF.type.n3()}/{RDFS.subClassOf.n3()}* {kind.n3()}"
    for prop in shapes.objects(shape, SH.targetSubjectsOf):
        yield f"?this {prop.n3()} ?any"
    for prop in shapes.objects(shape, SH.targetObjectsOf):
        yield f"?any {prop.n3()} ?this"
    for node in shapes.objects(shape, SH.targetNode):
        yield f"VALUES ?this {{ {node.n3()} }}"


class _Translation:
    """Expressions that are true of a node that violates a shape, and never an error."""

    def __init__(self, shapes: Graph) -> None:
        self._shapes = shapes
        self._numbers = count()
        self._within: list[Node] = []
        self._of_values: dict[URIRef, Callable[[Node, str], str]] = {
            SH["class"]: lambda value, x: f"NOT EXISTS {{ {x} {RDF.type.n3()}/{RDFS.subClassOf.n3()}* {value.n3()} }}",
            SH.nodeKind: lambda value, x: f"!{_KINDS[URIRef(str(value))].format(x)}",
            SH.hasValue: lambda value, x: f"!sameTerm({x}, {value.n3()})",
            SH["in"]: lambda value, x: f"{x} NOT IN ({', '.join(self._iris(value))})",
            SH.datatype: _other_datatype,
            SH.languageIn: self._other_language,
            SH.node: self.fails,
            SH.property: self.fails,
            SH["not"]: lambda value, x: f"!({self.fails(value, x)})",
            SH["and"]: lambda value, x: " || ".join(f"({self.fails(part, x)})" for part in self._list(value)),
            SH["or"]: lambda value, x: " && ".join(f"({self.fails(part, x)})" for part in self._list(value)),
        }
        self._of_paths: dict[URIRef, Callable[[Node, str, str], str]] = {
            SH.minCount: lambda value, x, path: self._fewer(x, path, value),
            SH.maxCount: lambda value, x, path: self._more(x, path, value),
            SH.hasValue: lambda value, x, path: f"NOT EXISTS {{ {self._reach(x, path, value.n3(), '')} }}",
            SH.disjoint: self._shared,
            SH.lessThanOrEquals: self._greater,
            SH.uniqueLang: self._language_twice,
        }

    def fails(self, shape: Node, x: str) -> str:
        """Give an expression that is true if the node `x` violates a shape. Raises Untranslated."""
        if (shape, SH.deactivated, Literal(True)) in self._shapes:
            return "false"
        if shape in self._within:
            raise Untranslated("a shape that refers to itself")
        self._within.append(shape)
        path = self._shapes.value(shape, SH.path)
        parts = list(self._node_parts(shape, x) if path is None else self._path_parts(shape, x, self._path(path)))
        self._within.pop()
        return " || ".join(f"({part})" for part in parts) or "false"

    def _node_parts(self, shape: Node, x: str) -> Iterator[str]:
        for kind, value in self._constraints(shape):
            if kind == SH.pattern:
                yield self._unlike(shape, value, x)
            elif kind == SH.closed:
                yield self._open(shape, x)
            else:
                yield self._translated(self._of_values, kind)(value, x)

    def _path_parts(self, shape: Node, x: str, path: str) -> Iterator[str]:
        """Constraints on the number of values, or on them all; any other is one on each value."""
        value = self._new()
        each = []
        for kind, wanted in self._constraints(shape):
            if kind in self._of_paths:
                yield self._of_paths[kind](wanted, x, path)
            elif kind in (SH.qualifiedMinCount, SH.qualifiedMaxCount):
                counted = self._fewer if kind == SH.qualifiedMinCount else self._more
                yield counted(x, path, wanted, self._shapes.value(shape, SH.qualifiedValueShape))
            elif kind == SH.pattern:
                each.append(self._unlike(shape, wanted, value))
            elif kind != SH.qualifiedValueShape:
                each.append(self._translated(self._of_values, kind)(wanted, value))
        if each:
            fails = " || ".join(f"({part})" for part in each)
            yield f"EXISTS {{ {self._reach(x, path, value, fails)} }}"

    def _constraints(self, shape: Node) -> list[tuple[URIRef, Node]]:
        found = [(URIRef(str(kind)), value) for kind, value in self._shapes.predicate_objects(shape)]
        return sorted((kind, value) for kind, value in found if kind not in _SILENT and kind.startswith(str(SH)))

    def _translated(self, table: dict[URIRef, Callable[[Node, str], str]], kind: URIRef) -> Callable[[Node, str], str]:
        if kind not in table:
            raise Untranslated(kind)
        return table[kind]

    def _distinct(self, x: str, path: str, number: int, shape: Node | None, others: tuple[str, ...] = ()) -> str:
        """Give a pattern that matches if there are so many different values, of a shape if one is given."""
        value = self._new()
        tests = [f"!sameTerm({value}, {other})" for other in others]
        tests += [f"!({self.fails(shape, value)})"] if shape is not None else []
        tests += [f"EXISTS {{ {self._distinct(x, path, number - 1, shape, (*others, value))} }}"] if number > 1 else []
        return self._reach(x, path, value, " && ".join(tests))

    def _reach(self, x: str, path: str, value: str, test: str) -> str:
        """Give a pattern that matches if a path leads to a value that passes a test.

        A sequence is followed step by step, each from where the last one led: as one pattern, pyoxigraph joins all that its
        steps could lead to, anew for every node.
        """
        first, step, rest = path.partition(_STEP)
        if not step:
            return f"{x} {path} {value}" + (f" FILTER({test})" if test else "")
        middle = self._new()
        return f"{x} {first} {middle} FILTER EXISTS {{ {self._reach(middle, rest, value, test)} }}"

    def _fewer(self, x: str, path: str, least: Node, shape: Node | None = None) -> str:
        number = _number(least)
        return f"NOT EXISTS {{ {self._distinct(x, path, number, shape)} }}" if number else "false"

    def _more(self, x: str, path: str, most: Node, shape: Node | None = None) -> str:
        return f"EXISTS {{ {self._distinct(x, path, _number(most) + 1, shape)} }}"

    def _shared(self, other: Node, x: str, path: str) -> str:
        value = self._new()
        return f"EXISTS {{ {x} {other.n3()} {value} FILTER EXISTS {{ {self._reach(x, path, value, '')} }} }}"

    def _greater(self, other: Node, x: str, path: str) -> str:
        one, two = self._new(), self._new()
        greater = f"EXISTS {{ {x} {other.n3()} {two} FILTER(!COALESCE({one} <= {two}, false)) }}"
        return f"EXISTS {{ {self._reach(x, path, one, greater)} }}"

    def _language_twice(self, wanted: Node, x: str, path: str) -> str:
        one, two = self._new(), self._new()
        same = f"COALESCE(LANG({one}) != '' && LCASE(LANG({one})) = LCASE(LANG({two})), false)"
        twice = f"EXISTS {{ {self._reach(x, path, two, f'!sameTerm({one}, {two}) && {same}')} }}"
        return f"EXISTS {{ {self._reach(x, path, one, twice)} }}"

    def _open(self, shape: Node, x: str) -> str:
        ignored = self._shapes.value(shape, SH.ignoredProperties)
        own = [path for inner in self._shapes.objects(shape, SH.property) for path in self._shapes.objects(inner, SH.path)]
        allowed = [
            *(self._iris(ignored) if ignored is not None else ()),
            *(path.n3() for path in own if isinstance(path, URIRef)),
        ]
        prop, value = self._new(), self._new()
        return f"EXISTS {{ {x} {prop} {value} FILTER({prop} NOT IN ({', '.join(allowed)})) }}"

    def _unlike(self, shape: Node, pattern: Node, x: str) -> str:
        flags = Literal(str(self._shapes.value(shape, SH.flags) or ""))
        return f"isBlank({x}) || !COALESCE(REGEX(STR({x}), {Literal(str(pattern)).n3()}, {flags.n3()}), false)"

    def _other_language(self, languages: Node, x: str) -> str:
        known = " || ".join(f"LANGMATCHES(LANG({x}), {language.n3()})" for language in self._list(languages))
        return f"!COALESCE({known}, false)"

    def _path(self, path: Node) -> str:
        """Write a path as SPARQL does, the steps of a sequence apart (`_STEP`)."""
        if isinstance(path, URIRef):
            return path.n3()
        if (path, RDF.first, None) in self._shapes:
            return _STEP.join(map(self._path, self._list(path)))
        for kind, form in _PATHS.items():
            inner = self._shapes.value(path, kind)
            if inner is not None:
                return f"({form.format(_whole(self._path(inner)))})"
        choices = self._list(self._shapes.value(path, SH.alternativePath))
        return f"({'|'.join(_whole(self._path(choice)) for choice in choices)})"

    def _list(self, node: Node | None) -> list[Node]:
        if node is None:
            raise Untranslated("a path of a kind that is not known")
        return list(Collection(self._shapes, node))

    def _iris(self, node: Node) -> list[str]:
        """Give the members of a list of IRIs: for them, equal and the same are one."""
        members = self._list(node)
        if not all(isinstance(member, URIRef) for member in members):
            raise Untranslated(SH["in"])
        return [member.n3() for member in members]

    def _new(self) -> str:
        return f"?v{next(self._numbers)}"


def _whole(path: str) -> str:
    """Give a sequence as a part of another path."""
    return f"({path.replace(_STEP, '/')})"


def _other_datatype(datatype: Node, x: str) -> str:
    """True of what is no literal of a datatype, or has a form that the datatype does not have."""
    fails = f"!isLiteral({x}) || DATATYPE({x}) != {datatype.n3()}"
    cast = str(datatype).removeprefix(str(XSD))
    return fails + (f" || !COALESCE(sameTerm({datatype.n3()}(STR({x})), {x}), false)" if cast in _CASTS else "")


def _number(value: Node) -> int:
    number = int(str(value))
    if number > _LARGEST:
        raise Untranslated(value)
    return number
