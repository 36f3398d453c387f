"""RDF text to statements, for text that strangers wrote: strict, with line and column, and never a look at another address.

The parsers are pyoxigraph's. They recurse, and take time by the square, on deep nesting, and expand XML entities without end:
what is nested or expanded past any use is refused first.
"""

from __future__ import annotations

import re
from io import BytesIO
from xml.parsers import expat

from pyoxigraph import Quad, RdfFormat, parse

from pactgraph.errors import BadInput

DEEPEST = 128
_BOM = b"\xef\xbb\xbf"
_PLACE = re.compile(
    r"Parser error at line \d+ (?:between columns \d+ and \d+|column \d+)(?: and line \d+ column \d+)?: |\(line \d+\)$"
)
_REMOTE = "LoadDocumentCallback"
# Strings, comments and IRIs, in which a bracket is none; a last one may lack its end, so that no text is read twice.
_JSON = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)
_TURTLE = re.compile(
    rb'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)?|' + rb"'''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\Z)?|"
    rb'"(?:[^"\\\n]|\\.)*+"?|' + rb"'(?:[^'\\\n]|\\.)*+'?|"
    rb"<[^<>\"{}|^`\\\s][^<>\"{}|^`\s]*+>|#[^\n]*+|\\.|(?P<open><<)|(?P<close>>>)",
    re.DOTALL,
)
_BRACKETS = {
    RdfFormat.JSON_LD: _JSON,
    RdfFormat.TURTLE: _TURTLE,
    RdfFormat.TRIG: _TURTLE,
    RdfFormat.N_TRIPLES: _TURTLE,
    RdfFormat.N_QUADS: _TURTLE,
}


def read(data: bytes, form: RdfFormat, *, base: str, name: str = "") -> list[Quad]:
    """Give the statements of a text; relative IRIs are resolved against `base`, `name` is what errors call the text.

    Raises BadInput with the place of the fault.
    """
    data = data.removeprefix(_BOM)
    refuse_depth(data, form, name)
    try:
        return list(parse(input=data, format=form, base_iri=base))
    except (SyntaxError, ValueError) as error:
        raise _fault(error, data, form, base, name) from None


def refuse_depth(data: bytes, form: RdfFormat, name: str = "") -> None:
    """Refuse text that is nested or expanded past any use, which the parsers do not survive. Raises BadInput."""
    if form == RdfFormat.RDF_XML:
        _read_xml(data, name)
        return
    depth = 0
    for match in _BRACKETS[form].finditer(data):
        depth += (match["open"] is not None) - (match["close"] is not None)
        if depth > DEEPEST:
            line, column = _line_column(data, match.start())
            raise _too_deep(name, line, column)


def _too_deep(name: str, line: int, column: int) -> BadInput:
    return BadInput(f"nested more than {DEEPEST} deep", file=name, line=line, column=column, hint="write it flatter")


def _read_xml(data: bytes, name: str) -> None:
    """Read XML for its form alone: expat limits what entities expand to, and says where a fault is."""
    parser = expat.ParserCreate()
    depth = 0

    def start(element: str, attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise _too_deep(name, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def end(element: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        fault = f"not XML: {expat.ErrorString(error.code)}"
        raise BadInput(fault, file=name, line=error.lineno, column=error.offset + 1) from None


def _fault(error: Exception, data: bytes, form: RdfFormat, base: str, name: str) -> BadInput:
    """Give a parser's error with its place; where it names none, the line that it had come to."""
    line, column = getattr(error, "lineno", None), getattr(error, "offset", None)
    if not line:
        line, column = _line_reached(data, form, base), 1
    message = " ".join(str(error).split())
    if _REMOTE in message:
        fault = "the JSON-LD context lies at another address, and none is asked from here"
        return BadInput(fault, file=name, line=line, column=column or 1, hint="put the context itself into the document")
    return BadInput(_PLACE.sub("", message).strip(), file=name, line=line, column=column or 1)


def _line_reached(data: bytes, form: RdfFormat, base: str) -> int:
    """Give the line at which the parser stops, reading line by line."""
    lines = _Lines(data)
    try:
        for _ in parse(input=lines, format=form, base_iri=base):
            pass
    except (SyntaxError, ValueError):
        pass
    return max(lines.count, 1)


class _Lines(BytesIO):
    """A file that gives one line at a time and counts them."""

    count = 0

    def read(self, size: int | None = -1) -> bytes:
        """Give the next line, whatever size is asked for."""
        line = self.readline()
        self.count += bool(line)
        return line


def _line_column(data: bytes, offset: int) -> tuple[int, int]:
    start = data.rfind(b"\n", 0, offset) + 1
    return data.count(b"\n", 0, offset) + 1, len(data[start:offset].decode("utf-8", "replace")) + 1
