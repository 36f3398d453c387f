"""Results of queries, read by RDFLib (the server writes by another library), and compared as the specifications define.

- Solutions are a multiset of mappings; they are a sequence only where the expected result has `rs:index`. The variables
  must be the same; their order is not compared (`SELECT *` has none).
- Blank nodes match by one renaming for the whole result; graphs match if they are isomorphic.
- IRIs, strings and languages (in any case) match exactly. A number, boolean, date or time matches if datatype and value are
  the same, however it is written: operators, functions and aggregates are defined on values, and a store may keep values.
- CSV has no types: there fields match as text, or as numbers of the same value.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.query import Result
from rdflib.term import Node

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
_INTEGERS = re.compile(r"(unsigned)?(Int|Long|Short|Byte)|((non)?(Positive|Negative))?Integer", re.I)
_READERS = {"json": "json", "srj": "json", "xml": "xml", "srx": "xml"}

Row = Mapping[str, Node]


@dataclass(frozen=True)
class Solutions:
    """A table: variables, and one mapping for each solution; unbound variables are absent."""

    variables: frozenset[str]
    rows: tuple[Row, ...]
    ordered: bool = False


Found = Solutions | bool | Graph


def read(data: bytes, suffix: str, base: str = "") -> Found:
    """Read a result, in the format of a suffix."""
    if suffix == "csv":
        return _csv(data)
    if suffix == "tsv":
        return _tsv(data)
    if suffix in _READERS:
        return _table(Result.parse(io.BytesIO(data), format=_READERS[suffix]))
    formats = {"ttl": "turtle", "rdf": "xml", "nt": "nt", "jsonld": "json-ld"}
    graph = Graph().parse(data=data, format=formats[suffix], publicID=base)
    table = next(graph.subjects(RDF.type, RS.ResultSet), None)
    return _of_graph(graph, table) if table else canonical_graph(graph)


def same(expected: Found, actual: Found) -> bool:
    """Say whether two results are the same, in the sense of this module."""
    if isinstance(expected, Graph) and isinstance(actual, Graph):
        return bool(isomorphic(expected, actual))
    if not isinstance(expected, Solutions) or not isinstance(actual, Solutions):
        return type(expected) is type(actual) and expected == actual
    if expected.variables != actual.variables or len(expected.rows) != len(actual.rows):
        return False
    return _match(list(expected.rows), list(actual.rows), {}, ordered=expected.ordered)


def canonical_graph(triples: Iterable[tuple[Node, Node, Node]]) -> Graph:
    """Give a graph with every number, boolean, date and time written in one way."""
    graph = Graph()
    for subject, predicate, value in triples:
        graph.add((subject, predicate, canonical(value)))
    return graph


def canonical(term: Node) -> Node:
    """Give a term; a literal whose value can be written in several ways, in one."""
    if not isinstance(term, Literal):
        return term
    if not term.datatype or term.datatype == XSD.string:
        return Literal(str(term), lang=term.language)
    return Literal(_canonical_text(str(term), term), datatype=term.datatype, normalize=False)


def _canonical_text(text: str, term: Literal) -> str:
    name = str(term.datatype).removeprefix(str(XSD))
    if term.value is None or not str(term.datatype).startswith(str(XSD)):
        return text
    if _INTEGERS.fullmatch(name):
        return str(int(text))
    if name == "decimal":
        return f"{Decimal(text).normalize():f}"
    if name in ("double", "float"):
        return repr(float(text))
    if name in ("boolean", "dateTime", "date", "time"):
        return str(term.value)
    return text


def _table(result: Result) -> Found:
    if result.type == "ASK":
        return bool(result.askAnswer)
    rows = [{str(name): canonical(term) for name, term in row.items()} for row in result.bindings]
    return Solutions(frozenset(map(str, result.vars or ())), tuple(rows))


def _csv(data: bytes) -> Solutions:
    lines = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    header = lines[0] if lines else []
    rows = [dict(zip(header, map(_field, line), strict=True)) for line in lines[1:]]
    return Solutions(frozenset(header), tuple(rows))


def _tsv(data: bytes) -> Solutions:
    """Read a table whose fields are terms in Turtle: RDFLib's own reader of TSV does not know an empty field in every place."""
    lines = [line.split("\t") for line in data.decode("utf-8").removesuffix("\n").split("\n")]
    header = [name.removeprefix("?") for name in lines[0] if name]
    fields = [(row, header[column], text) for row, line in enumerate(lines[1:]) for column, text in enumerate(line) if text]
    turtle = "".join(f"<tsv:{row}> <tsv:{name}> {text} .\n" for row, name, text in fields)
    graph = Graph().parse(data=turtle, format="turtle")
    predicates = {URIRef(f"tsv:{name}"): name for name in header}
    rows = [
        {predicates[predicate]: canonical(term) for predicate, term in graph.predicate_objects(URIRef(f"tsv:{row}"))}  # type: ignore[index]
        for row in range(len(lines) - 1)
    ]
    return Solutions(frozenset(header), tuple(rows))


def _field(text: str) -> Node:
    if text.startswith("_:"):
        return BNode(text[2:])
    try:
        return Literal(f"{Decimal(text).normalize():f}")
    except InvalidOperation:
        return Literal(text)


def _of_graph(graph: Graph, table: Node) -> Solutions:
    """Read a table in the vocabulary of the test suites."""
    found = sorted(graph.objects(table, RS.solution), key=lambda node: int(str(graph.value(node, RS["index"]) or 0)))
    rows = []
    for solution in found:
        bindings = list(graph.objects(solution, RS.binding))
        rows.append({str(graph.value(b, RS.variable)): canonical(next(graph.objects(b, RS.value))) for b in bindings})
    ordered = any(graph.objects(None, RS["index"]))
    return Solutions(frozenset(map(str, graph.objects(table, RS.resultVariable))), tuple(rows), ordered)


def _match(expected: list[Row], actual: list[Row], names: dict[BNode, BNode], *, ordered: bool) -> bool:
    """Say whether each expected row can be paired with an actual one, under one renaming that extends `names`."""
    if not expected:
        return True
    first, rest = expected[0], expected[1:]
    for number, row in enumerate(actual[:1] if ordered else actual):
        extended = _rename(first, row, names)
        if extended is not None and _match(rest, actual[:number] + actual[number + 1 :], extended, ordered=ordered):
            return True
        if extended == names:  # a pairing that decides nothing is as good as any other
            return False
    return False


def _rename(expected: Row, actual: Row, names: dict[BNode, BNode]) -> dict[BNode, BNode] | None:
    """Give the renaming extended so that two rows are the same, or None."""
    if expected.keys() != actual.keys():
        return None
    extended = dict(names)
    for name, term in expected.items():
        other = actual[name]
        if isinstance(term, BNode) and isinstance(other, BNode):
            if extended.setdefault(term, other) != other:
                return None
        elif type(term) is not type(other) or term != other:
            return None
    return extended if len(set(extended.values())) == len(extended) else None
