"""How much of what a graph holds: counts, and partitions by class and property, as VoID has them.

An editor completes from the crossed partitions: of each class its properties, of each of those the classes and datatypes of its
values (void-ext is the vocabulary that void-generator uses for datatypes). A subject's class counts whichever graph states it.
https://www.w3.org/TR/void/#class-property-partitions
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from rdflib import RDF, VOID, XSD, URIRef

from pactgraph.packed import Packed
from pactgraph.pipeline.describe.statements import VOID_EXT, Statements, name_of

_TYPE = str(RDF.type)
_IS = f" <{_TYPE}> "
Classes = tuple[str, ...]
Types = dict[str, Classes]
Kind = tuple[Classes, str, Classes, str]


@dataclass
class Graph:
    """The counts of a graph, or of several as one. `kinds` counts statements alike in the classes of their ends."""

    triples: int = 0
    subjects: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    objects: set[str] = field(default_factory=set)
    kinds: Counter[Kind] = field(default_factory=Counter)
    _last: str = ""

    def add(self, subject: str, value: str, kind: Kind) -> None:
        """Count a statement of a kind; its ends as N-Quads writes them. Those of a subject follow each other."""
        self.triples += 1
        if subject != self._last:
            self._last = subject
            self.subjects += 1
            self.classes.update(kind[0])
        self.objects.add(value)
        self.kinds[kind] += 1

    def state(self, statements: Statements, part: URIRef) -> None:
        """State the counts, and the partitions by class and by property."""
        properties = Counter[str]()
        for (_, prop, _, _), number in self.kinds.items():
            properties[prop] += number
        statements.type(part, VOID.Dataset)
        statements.add(part, VOID.triples, self.triples)
        statements.add(part, VOID.distinctSubjects, self.subjects)
        statements.add(part, VOID.distinctObjects, len(self.objects))
        statements.add(part, VOID.properties, len(properties))
        statements.add(part, VOID.classes, len(self.classes))
        for name, number in self.classes.items():
            inner = _below(part, VOID["class"], name)
            statements.add(part, VOID.classPartition, inner)
            statements.add(inner, VOID["class"], URIRef(name))
            statements.add(inner, VOID.entities, number)
        for name, number in properties.items():
            inner = _below(part, VOID.property, name)
            statements.add(part, VOID.propertyPartition, inner)
            statements.add(inner, VOID.property, URIRef(name))
            statements.add(inner, VOID.triples, number)

    def state_crossed(self, statements: Statements, part: URIRef) -> None:
        """State the partitions of each class by property, and of those by class or datatype of the value."""
        by_property, by_value = Counter[tuple[str, str]](), Counter[tuple[str, str, URIRef, str]]()
        for (names, prop, classes, datatype), number in self.kinds.items():
            for name in names:
                by_property[name, prop] += number
                for term in classes:
                    by_value[name, prop, VOID["class"], term] += number
                if datatype:
                    by_value[name, prop, VOID_EXT.datatype, datatype] += number
        for (name, prop), number in by_property.items():
            outer = _below(part, VOID["class"], name)
            inner = _below(outer, VOID.property, prop)
            statements.add(outer, VOID.propertyPartition, inner)
            statements.add(inner, VOID.property, URIRef(prop))
            statements.add(inner, VOID.triples, number)
        for (name, prop, by, term), number in by_value.items():
            inner = _below(_below(part, VOID["class"], name), VOID.property, prop)
            innermost = _below(inner, by, term)
            statements.add(inner, VOID_EXT.datatypePartition if by == VOID_EXT.datatype else VOID.classPartition, innermost)
            statements.add(innermost, by, URIRef(term))
            statements.add(innermost, VOID.triples, number)


@dataclass
class Counted:
    """The counts of each named graph, by its IRI, and of all as one; and the classes of each subject."""

    whole: Graph = field(default_factory=Graph)
    graphs: dict[str, Graph] = field(default_factory=lambda: defaultdict(Graph))
    types: Types = field(default_factory=dict)

    def terms(self) -> set[str]:
        """Give the properties and classes that the data uses."""
        return {prop for _, prop, _, _ in self.whole.kinds} | {name for names in self.types.values() for name in names}

    def uses(self, graph: str, prop: str) -> int:
        """Count the statements of a graph with a property."""
        return (
            sum(number for kind, number in self.graphs[graph].kinds.items() if kind[1] == prop) if graph in self.graphs else 0
        )


def count(nquads: Packed, known: Types | None = None) -> Counted:
    """Count sorted N-Quads, one a line; sorted, equal triples of several graphs follow each other. `known` are classes stated
    elsewhere.

    Lines are taken apart as text: terms of pyoxigraph's take five times as long.
    """
    counted = Counted(types=_types(_lines(nquads), known or {}))
    before = ""
    for line in _lines(nquads):
        triple, _, graph = line[:-2].rpartition(" ")
        subject, prop, value = triple.split(" ", 2)
        kind = _kind(subject, prop[1:-1], value, counted.types)
        counted.graphs[graph[1:-1]].add(subject, value, kind)
        if triple != before:
            counted.whole.add(subject, value, kind)
            before = triple
    return counted


def _lines(nquads: Packed) -> Iterator[str]:
    """Give the lines without their ends, one by one: together they would take several times the memory."""
    return (line[:-1].decode() for line in nquads)


def _kind(subject: str, prop: str, value: str, types: Types) -> Kind:
    datatype = _datatype(value) if value.startswith('"') else ""
    return types.get(subject, ()), prop, () if datatype or prop == _TYPE else types.get(value, ()), datatype


def _datatype(literal: str) -> str:
    if literal.endswith(">"):
        return literal.rpartition("^^<")[2][:-1]
    return str(XSD.string if literal.endswith('"') else RDF.langString)


def _types(lines: Iterable[str], known: Types) -> Types:
    found, kept = dict(known), dict[Classes, Classes]()  # many have the same classes: these are held once
    for subject, values in groupby(_typed(lines), itemgetter(0)):
        classes = tuple(sorted({*(value[1:-1] for _, value in values), *known.get(subject, ())}))
        found[subject] = kept.setdefault(classes, classes)
    return found


def _typed(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give each subject with each class that it is said to have, as N-Quads writes them."""
    for line in lines:
        if _IS in line:
            subject, prop, value = line.rpartition(" <")[0].split(" ", 2)
            if prop == _IS.strip() and value.startswith("<"):
                yield subject, value


def _below(part: URIRef, by: URIRef, name: str) -> URIRef:
    mark = "=" if by == VOID.property else "/"
    return URIRef(f"{part}{mark}{name_of(name)}")
