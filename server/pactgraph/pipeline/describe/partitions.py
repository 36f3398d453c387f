"""How much of what a graph holds: counts, and partitions by class and property, as VoID has them.

An editor completes from the crossed partitions: of each class its properties, of each of those the classes and datatypes of its
values (void-ext is the vocabulary that void-generator uses for datatypes). A subject's class counts whichever graph states it.
https://www.w3.org/TR/void/#class-property-partitions
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from rdflib import RDF, VOID, URIRef

from pactgraph.pipeline.describe.statements import VOID_EXT, Statements, name_of

_TYPE = str(RDF.type)
Classes = tuple[str, ...]
Types = dict[str, Classes]


@dataclass
class Graph:
    """The counts of a graph, or of several as one. `kinds` counts statements alike in the classes of their ends."""

    triples: int = 0
    subjects: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    kinds: Counter[tuple[Classes, str, Classes, str]] = field(default_factory=Counter)

    def add(self, quad: Quad, types: Types) -> None:
        """Count a statement, the classes of its subject and of its object being known."""
        subject, prop, value = str(quad.subject), quad.predicate.value, quad.object
        written = str(value)
        self.triples += 1
        self.subjects.add(subject)
        self.objects.add(written)
        datatype = value.datatype.value if isinstance(value, Literal) else ""
        classes = () if datatype or prop == _TYPE else types.get(written, ())
        self.kinds[types.get(subject, ()), prop, classes, datatype] += 1

    def state(self, statements: Statements, part: URIRef, types: Types) -> None:
        """State the counts, and the partitions by class and by property."""
        properties, classes = Counter[str](), Counter[str]()
        for (_, prop, _, _), number in self.kinds.items():
            properties[prop] += number
        for subject in self.subjects:
            classes.update(types.get(subject, ()))
        statements.type(part, VOID.Dataset)
        statements.add(part, VOID.triples, self.triples)
        statements.add(part, VOID.distinctSubjects, len(self.subjects))
        statements.add(part, VOID.distinctObjects, len(self.objects))
        statements.add(part, VOID.properties, len(properties))
        statements.add(part, VOID.classes, len(classes))
        for name, number in classes.items():
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


def count(nquads: bytes, known: Types | None = None) -> Counted:
    """Count sorted N-Quads; sorted, equal triples of several graphs follow each other. `known` are classes stated elsewhere."""
    quads = list(parse(input=nquads, format=RdfFormat.N_QUADS))
    counted = Counted(types=_types(quads, known or {}))
    before = None
    for quad in quads:
        counted.graphs[quad.graph_name.value].add(quad, counted.types)
        if quad.triple != before:
            counted.whole.add(quad, counted.types)
            before = quad.triple
    return counted


def _types(quads: list[Quad], known: Types) -> Types:
    found: dict[str, set[str]] = defaultdict(set)
    for quad in quads:
        if quad.predicate.value == _TYPE and isinstance(quad.object, NamedNode):
            found[str(quad.subject)].add(quad.object.value)
    return known | {subject: tuple(sorted({*names, *known.get(subject, ())})) for subject, names in found.items()}


def _below(part: URIRef, by: URIRef, name: str) -> URIRef:
    mark = "=" if by == VOID.property else "/"
    return URIRef(f"{part}{mark}{name_of(name)}")
