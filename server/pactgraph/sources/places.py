"""Where in an RDF text its statements stand: RDFLib's parsers of Turtle, TriG and RDF/XML, made to note places.

pyoxigraph, which decides what is well formed, tells no places. So a text that it accepts is read once more here, and what
RDFLib reads is used only where it is the same: the same statements, but for the names of blank nodes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator, MutableSequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from io import BytesIO
from typing import Any, TypeAlias
from xml.sax import SAXException, make_parser
from xml.sax.handler import ErrorHandler, feature_external_ges, feature_external_pes, feature_namespaces
from xml.sax.xmlreader import InputSource

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse
from rdflib import XSD, BNode, Graph, URIRef
from rdflib import Literal as RdfLiteral
from rdflib.exceptions import ParserError
from rdflib.plugins.parsers.notation3 import RDFSink, sfloat
from rdflib.plugins.parsers.rdfxml import RDFXMLHandler
from rdflib.plugins.parsers.trig import TrigSinkParser
from rdflib.term import Node

from pactgraph.errors import BadInput, Finding

Place: TypeAlias = tuple[int, int]
_Statement: TypeAlias = tuple[Node, Node, Node]
_SPACE = re.compile(r"(?:\s|#[^\n\r]*)*")
_NUMBERS = ((int, XSD.integer), (Decimal, XSD.decimal), (sfloat, XSD.double))
_TRIPLE_TERM = "a triple term (RDF 1.2) is not validated here"
_FAILURES = (
    SyntaxError,
    ValueError,
    AssertionError,
    IndexError,
    KeyError,
    TypeError,
    RecursionError,
    ParserError,
    SAXException,
)


@dataclass
class Statements:
    """The statements of a text, and the first place of each and of each node; no place where it is not known."""

    graph: Graph
    at: dict[_Statement, Place] = field(default_factory=dict)
    nodes: dict[Node, Place] = field(default_factory=dict)

    def locate(self, finding: Finding) -> Finding:
        """Give the finding with line and column of its value, else of its property, else of its node where it first stands."""
        node = BNode(finding.focus[2:]) if finding.focus.startswith("_:") else URIRef(finding.focus)
        said = [(p, o, self.at[node, p, o]) for p, o in self.graph.predicate_objects(node) if (node, p, o) in self.at]
        places = [place for p, o, place in said if str(p) == finding.path and str(o) == finding.value]
        places = places or [place for p, _, place in said if str(p) == finding.path]
        places = places or [place for place in (self.nodes.get(node),) if place]
        places = places or [self.at[triple] for triple in self.graph.triples((None, None, node)) if triple in self.at]
        if not places:
            return finding
        line, column = min(places)
        return replace(finding, line=line, column=column)


def read(data: bytes, quads: Iterable[Quad], form: RdfFormat, base: str) -> Statements:
    """Give the statements of a text that was parsed to `quads`, with their places. Raises BadInput for triple terms."""
    if form in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS):
        return _by_line(data, form)
    plain = Statements(Graph())
    for quad in quads:
        plain.graph.add(triple_of(quad))
    if form == RdfFormat.JSON_LD:
        return plain
    try:
        with _as_written():
            noted = _from_xml(data, base) if form == RdfFormat.RDF_XML else _from_turtle(data.decode("utf-8"), base)
    except _FAILURES:
        return plain
    return noted if _same(noted.graph, plain.graph) else plain


@contextmanager
def _as_written() -> Iterator[None]:
    """Let RDFLib keep literals as they are written: it would make `007` a 7."""
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def triple_of(quad: Quad) -> _Statement:
    """Give the triple of a quad in RDFLib's terms. Raises BadInput for triple terms (RDF 1.2)."""
    return _term(quad.subject), _term(quad.predicate), _term(quad.object)


def _term(term: NamedNode | BlankNode | Literal | Triple) -> Node:
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    if isinstance(term, Triple):
        raise BadInput(_TRIPLE_TERM, hint="send RDF 1.1")
    if term.language:  # a direction (RDF 1.2), of which SHACL says nothing, is left out
        return RdfLiteral(term.value, lang=term.language)
    datatype = URIRef(term.datatype.value)
    return RdfLiteral(term.value, datatype=None if datatype == XSD.string else datatype, normalize=False)


def _same(one: Graph, other: Graph) -> bool:
    return len(one) == len(other) and _named(one) == _named(other)


def _named(graph: Graph) -> Counter[tuple[str, ...]]:
    """Give the statements, blank nodes all alike, texts with and without their datatype alike, languages in lower case."""
    return Counter(tuple(map(_alike, triple)) for triple in graph)


def _alike(term: Node) -> str:
    if isinstance(term, RdfLiteral):
        kind = (term.language or "").lower() or str(term.datatype or XSD.string)
        return f"{kind} {term}"
    return "" if isinstance(term, BNode) else f"<{term}>"


def _by_line(data: bytes, form: RdfFormat) -> Statements:
    """Read N-Triples or N-Quads: a statement is a line."""
    found = Statements(Graph())
    for number, line in enumerate(re.split(rb"\r\n|\n|\r", data), start=1):
        for quad in parse(input=line, format=form):
            triple = triple_of(quad)
            column = len(line) - len(line.lstrip()) + 1
            found.graph.add(triple)
            found.at.setdefault(triple, (number, column))
            found.nodes.setdefault(triple[0], (number, column))
    return found


class _Sink(RDFSink):
    """Takes what the Turtle parser reads, all into one graph, each statement with the offset that the parser names."""

    def __init__(self) -> None:
        super().__init__(Graph())
        self.offset = 0
        self.at: dict[_Statement, int] = {}

    def newGraph(self, identifier: Any) -> Graph:
        return self.graph

    def makeStatement(self, quadruple: Any, why: object = None) -> None:
        _, p, s, o = quadruple
        s, p, o = (self.normalise(None, term) for term in (s, p, o))
        self.graph.add((s, p, o))
        self.at.setdefault((s, p, o), self.offset)


class _TurtleParser(TrigSinkParser):
    """RDFLib's parser of TriG (of which Turtle is a part), which tells its sink where each object begins."""

    def __init__(self, sink: _Sink, base: str) -> None:
        super().__init__(sink, baseURI=base, turtle=True)
        self.sink = sink
        self.nodes: dict[Node, int] = {}
        self._begun: list[int] = []
        self._listed: deque[int] = deque()

    def statement(self, argstr: str, i: int) -> int:
        """Note where the subject begins."""
        found: list[Node] = []
        i = self.object(argstr, i, found)
        if i < 0:
            return i
        self.nodes.setdefault(found[0], self._begun.pop())
        return self.property_list(argstr, i, found[0])

    def anonymousNode(self, ln: str) -> BNode:
        """Keep the name of a blank node, so that a finding shows it."""
        return BNode(ln)

    def object(self, argstr: str, i: int, res: MutableSequence[Any]) -> int:
        """Note where an object begins; the statements of a collection are noted there too."""
        start = self.sink.offset = _begin(argstr, i)
        end = super().object(argstr, i, res)
        if end >= 0:
            self._begun.append(start)
            if isinstance(res[-1], BNode):
                self.nodes.setdefault(res[-1], start)
        return end

    def nodeOrLiteral(self, argstr: str, i: int, res: MutableSequence[Any]) -> int:
        """Keep numbers as they are written."""
        end = super().nodeOrLiteral(argstr, i, res)
        number = next((datatype for kind, datatype in _NUMBERS if end >= 0 and type(res[-1]) is kind), None)
        if number:
            res[-1] = RdfLiteral(argstr[_begin(argstr, i) : end], datatype=number)
        return end

    def objectList(self, argstr: str, i: int, res: MutableSequence[Any]) -> int:
        """Keep the places of this list apart from those of lists within it."""
        outer, self._begun = self._begun, []
        end = super().objectList(argstr, i, res)
        self._listed, self._begun = deque(self._begun), outer
        return end

    def makeStatement(self, quadruple: Any) -> None:
        """Give the statement of the next object of the list."""
        self.sink.offset = self._listed.popleft()
        super().makeStatement(quadruple)


def _begin(text: str, offset: int) -> int:
    match = _SPACE.match(text, offset)
    return match.end() if match else offset


def _from_turtle(text: str, base: str) -> Statements:
    text = text.removeprefix("\ufeff")
    sink = _Sink()
    parser = _TurtleParser(sink, base)
    parser.loadBuf(text)
    starts = [0, *(match.end() for match in re.finditer(r"\n", text))]

    def place(offset: int) -> Place:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    return Statements(
        sink.graph,
        {triple: place(offset) for triple, offset in sink.at.items()},
        {node: place(offset) for node, offset in parser.nodes.items()},
    )


class _Notes:
    """Takes the statements that the RDF/XML handler stores, each with the place that is noted at the time."""

    def __init__(self) -> None:
        self.found = Statements(Graph())
        self.here: Place = (1, 1)

    def add(self, triple: _Statement) -> None:
        self.found.graph.add(triple)
        self.found.at.setdefault(triple, self.here)

    def bind(self, *arguments: object, **options: object) -> None:
        """Leave prefixes alone."""


class _Handler(RDFXMLHandler):
    """RDFLib's handler of RDF/XML, which notes at which element a statement and a node begin."""

    def __init__(self, notes: _Notes) -> None:
        super().__init__(notes)  # type: ignore[arg-type]  # all that it asks of a graph
        self.notes = notes
        self.preserve_bnode_ids = True
        self._open: list[Place] = []

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:
        """Note where an element begins, and the node that it describes."""
        self.notes.here = (self.locator.getLineNumber() or 1, (self.locator.getColumnNumber() or 0) + 1)
        self._open.append(self.notes.here)
        super().startElementNS(name, qname, attrs)
        if self.current.subject is not None:
            self.notes.found.nodes.setdefault(self.current.subject, self.notes.here)

    def endElementNS(self, name: Any, qname: Any) -> None:
        """Go back to where the element began: some statements are made only here."""
        self.notes.here = self._open.pop()
        super().endElementNS(name, qname)


def _from_xml(data: bytes, base: str) -> Statements:
    notes = _Notes()
    parser = make_parser()
    parser.start_namespace_decl("xml", "http://www.w3.org/XML/1998/namespace")  # type: ignore[attr-defined]
    parser.setFeature(feature_namespaces, 1)
    parser.setFeature(feature_external_ges, 0)
    parser.setFeature(feature_external_pes, 0)
    parser.setContentHandler(_Handler(notes))
    parser.setErrorHandler(ErrorHandler())
    source = InputSource(base)
    source.setByteStream(BytesIO(data))
    parser.parse(source)
    return notes.found
