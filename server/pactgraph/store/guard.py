r"""What a query may not do. `SERVICE` would make pyoxigraph ask another server, without a time limit; there is no switch.

The engine's own parser decides, so that no second parser can disagree with it: every spelling of the word (any case, any
`\uXXXX` escape) is changed into a word of the same shape that is no keyword. Where the word was text (a string, an IRI, a
comment, a variable, a prefix) the query still parses; where it was the keyword, it does not. The trial runs on an empty store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import QuerySolutions, Store

from pactgraph.errors import BadInput, PactgraphError, QueryRefused, QuerySyntax

_POSITION = re.compile(r"error at (\d+):(\d+): ")
PROLOGUE = r"""(?:\s|#[^\r\n]*+|prefix\s*+[^\s<]*+\s*+<[^>]*+>|base\s*+<[^>]*+>|version\s*+["'][^"']*+["'])*+"""
_OPERATIONS = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_PROLOGUE = re.compile(PROLOGUE, re.I)
_UPDATE = re.compile(PROLOGUE + rf"(?:{'|'.join(_OPERATIONS)})\b", re.I)


def _any_spelling(word: str) -> str:
    def letter(char: str) -> str:
        codes = f"{ord(char.lower()):x}|{ord(char.upper()):x}"
        return rf"(?:{char}|\\u00(?:{codes})|\\U000000(?:{codes}))"

    return "".join(map(letter, word))


_SERVICE = re.compile(_any_spelling("service"), re.I)
_SILENT = re.compile(r"(?<![\w?$:-])silent(?![\w:-])", re.I)
_CLAUSE = re.compile(rf"(?<![\w?$:-]){_SERVICE.pattern}(?![\w:-])", re.I)
_FROM = re.compile("from", re.I)
_LOAD = re.compile(_any_spelling("load"), re.I)
_LOAD_CLAUSE = re.compile(rf"(?<![\w?$:-]){_LOAD.pattern}\s+(?:silent\s+)?<[^>]*>(?:\s+into\s+graph\s+<[^>]*>)?", re.I)
# The tokens that can hide a word: IRIs, strings, comments, variables, prefixed names; then words and braces.
_TOKEN = re.compile(
    r"""<[^<>"{}|^`\\\x00-\x20]*>|\"{3}(?:[^"\\]|\\.|"(?!""))*\"{3}|'{3}(?:[^'\\]|\\.|'(?!''))*'{3}"""
    r"""|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|\#[^\r\n]*|[?$]\w+|@[\w-]+|(?<![\w.-])[\w.-]*+:[\w.%:\\-]*|\w+|[{}]""",
    re.S,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U(00[01][0-9A-Fa-f]{5})")
_CODE = re.compile(r"<(?:java|bif|sql):", re.I)
_PREFIXED = re.compile(r"(?<![\w:?$<@.-])(?:[^\W\d_][\w.-]*)?:(?=[\w%\\])")
_MOST_PREFIXES = 12
_BASE = "http://base.invalid/"  # trials have a base, so relative IRIs parse; whether there is one, the evaluation tells


@dataclass(frozen=True)
class Clause:
    """A SERVICE clause: where it is in the text, the IRI that it names, whether it may fail, and its pattern with braces."""

    start: int
    end: int
    endpoint: str
    silent: bool
    pattern: str


def names_service(text: str) -> bool:
    """Say whether a text may have a SERVICE clause: it has the word, wherever."""
    return bool(_SERVICE.search(text))


def prologue(text: str) -> str:
    """Give the declarations at the beginning of a query."""
    found = _PROLOGUE.match(text)
    return found[0] if found else ""


def clauses(text: str, base: str | None) -> Iterator[Clause]:
    """Give the SERVICE clauses of a query, outermost, in order; what they name is resolved by the engine.

    A text that is read otherwise by the engine than here keeps a clause, which `check` then refuses. Raises QuerySyntax, and
    QueryRefused for an endpoint that is a variable: it would be known only while the query runs.
    """
    error = _fault(_as_graph(text))
    if error:
        raise explain(error, text) from None
    tokens = [token for token in _TOKEN.finditer(text) if not token[0].startswith("#")]
    number = 0
    while number < len(tokens):
        if tokens[number][0].upper() == "SERVICE":
            silent = tokens[number + 1][0].upper() == "SILENT"
            named = number + 1 + silent
            last = _closing(tokens, named + 1)
            pattern = text[tokens[named + 1].start() : tokens[last].end()]
            endpoint = _resolved(tokens[named][0], text, base)
            yield Clause(tokens[number].start(), tokens[last].end(), endpoint, silent, pattern)
            number = last
        number += 1


def _closing(tokens: Sequence[re.Match[str]], opening: int) -> int:
    """Give the number of the brace that closes one."""
    depth = 0
    for number in range(opening, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[number][0], 0)
        if depth == 0:
            return number
    return len(tokens) - 1


def _resolved(name: str, text: str, base: str | None) -> str:
    """Give the IRI that a name in a query means, as the engine reads it."""
    if name.startswith(("?", "$")):
        raise QueryRefused(f"SERVICE {name} names no server: write its address in the query")
    found = Store().query(f"{prologue(text)} SELECT ({name} AS ?iri) {{}}", base_iri=base)
    assert isinstance(found, QuerySolutions)
    return str(next(found)["iri"].value)


def check(text: str) -> None:
    """Refuse a query that has a SERVICE clause. Raises QueryRefused, or QuerySyntax where it does not parse anyway."""
    if _SERVICE.search(text) and _fault(_SERVICE.sub("SxRVICE", text)):
        _refuse(text)


def check_schemes(text: str) -> None:
    """Refuse IRIs that make an engine run its own code (`java:` in Jena; `bif:`, `sql:` in Virtuoso). Raises QueryRefused."""
    for token in _TOKEN.finditer(_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)):
        if _CODE.match(token[0]):
            raise QueryRefused(f"{token[0]} names code of an engine, which is not run here")


def check_update(text: str) -> str:
    """Give an update as it is carried out. Raises QueryRefused (LOAD, SERVICE), or QuerySyntax for a bad one.

    A LOAD SILENT does nothing: its load fails, and SILENT asks that this be no error (SPARQL 1.1 Update, 3.1.4).
    No trial holds either keyword, so none can reach out, and neither can what is given back.
    """
    harmless = _without_silent_loads(text)
    for allowed in (harmless, _with_one_prologue(harmless)):
        if not _update_fault(allowed):
            return allowed
    twin = _LOAD_CLAUSE.sub(lambda match: "CLEAR ALL".ljust(len(match[0])), _as_graph(text))
    error = _update_fault(twin)
    if error:
        raise explain(error, text, update=True) from None
    raise QueryRefused("LOAD and SERVICE are not available here: this server never asks another server; send the data itself")


def with_dataset(text: str, using: Sequence[object], using_named: Sequence[object]) -> str:
    """Give an update whose operations have USING clauses for the graphs of the protocol's parameters.

    Raises BadInput if the update names graphs itself (SPARQL 1.1 Protocol, 2.2.3). Only a WHERE outside all braces begins the
    pattern of an operation. `DELETE WHERE {…}` has no place for the clauses; it is short for `DELETE {…} WHERE {…}`, which has.
    """
    if not using and not using_named:
        return text
    clauses = "".join(f"USING {graph} " for graph in using) + "".join(f"USING NAMED {graph} " for graph in using_named)
    written, last, before = [], 0, ""
    tokens = list(_outside_braces(text))
    for number, token in enumerate(tokens):
        word = token[0].upper()
        if word in ("USING", "WITH"):
            raise BadInput("the update names its graphs (USING, WITH), and so does the request", hint="use one of the two")
        if word == "WHERE":
            pattern = text[tokens[number + 1].start() : tokens[number + 2].end()] if before == "DELETE" else ""
            written += [text[last : token.start()], pattern, clauses]
            last = token.start()
        before = word
    return "".join([*written, text[last:]])


def update_names_graphs(text: str) -> bool:
    """Say whether an update names the graphs that its patterns look at (USING, WITH)."""
    return any(token[0].upper() in ("USING", "WITH") for token in _outside_braces(text))


def _outside_braces(text: str) -> Iterator[re.Match[str]]:
    """Give the tokens outside all braces, the outermost braces too; comments left out."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth -= token[0] == "}"
        if depth == 0 and not token[0].startswith("#"):
            yield token
        depth += token[0] == "{"


def _without_silent_loads(text: str) -> str:
    """Give an update with an operation that does nothing in place of each LOAD SILENT, spelled without escapes."""
    if not _LOAD.search(text):
        return text
    written, last = [], 0
    tokens = list(_outside_braces(text))
    words = [token[0].upper() for token in tokens]
    for number in range(len(tokens) - 2):
        if words[number : number + 2] == ["LOAD", "SILENT"]:
            end = number + (5 if words[number + 3 : number + 5] == ["INTO", "GRAPH"] else 2)
            written += [text[last : tokens[number].start()], "INSERT DATA {}"]
            last = tokens[min(end, len(tokens) - 1)].end()
    return "".join([*written, text[last:]])


def _with_one_prologue(text: str) -> str:
    """Give an update with its PREFIX declarations before the first operation: the engine takes none after a `;`.

    An update that means two things by a prefix, or that has BASE, stays as it is.
    """
    tokens = list(_outside_braces(text))
    words = [token[0].upper() for token in tokens]
    first = next((number for number, word in enumerate(words) if word in _OPERATIONS), 0)
    declared: dict[str, str] = {}
    moved, rest = [], text
    for number in (number for number, word in enumerate(words[:-2]) if word == "PREFIX"):
        start, end = tokens[number].start(), tokens[number + 2].end()
        prefix, iri = tokens[number + 1][0], tokens[number + 2][0]
        if declared.setdefault(prefix, iri) != iri:
            return text
        if number > first:
            moved.append(f"PREFIX {prefix} {iri} ")
            rest = rest[:start] + re.sub(r"[^\n]", " ", rest[start:end]) + rest[end:]
    if "BASE" in words or not moved:
        return text
    return rest[: tokens[first].start()] + "".join(moved) + rest[tokens[first].start() :]


def _update_fault(text: str) -> SyntaxError | None:
    """Try an update on an empty store, with neither SERVICE nor LOAD in it."""
    try:
        Store().update(_LOAD.sub("LxAD", _SERVICE.sub("SxRVICE", text)), base_iri=_BASE)
    except SyntaxError as error:
        return error
    except (RuntimeError, OSError):  # it parses
        return None
    return None


def names_dataset(text: str) -> bool:
    """Say whether a query has FROM clauses (or does not parse); call it after `check`."""
    return bool(_FROM.search(text)) and _fault(_FROM.sub("FxOM", text)) is not None


def _fault(text: str) -> SyntaxError | None:
    try:
        Store().query(text, base_iri=_BASE)
    except SyntaxError as error:
        return error
    except RuntimeError:  # it parses; an unknown function, for one
        return None
    return None


def _refuse(text: str) -> None:
    """Say why a query that names SERVICE does not pass: the clause, or a fault elsewhere (GRAPH has the same grammar)."""
    error = _fault(_as_graph(text))
    if error:
        raise explain(error, text) from None
    raise QueryRefused("SERVICE is not available here: this server never asks another server; ask that one yourself")


def _as_graph(text: str) -> str:
    """Give a text with GRAPH in place of SERVICE, which has the same grammar, every other character where it was."""
    return _CLAUSE.sub(lambda match: "GRAPH".ljust(len(match[0])), _SILENT.sub(" " * len("silent"), text))


def explain(error: SyntaxError, text: str, *, update: bool = False) -> PactgraphError:
    """Turn the engine's syntax error into one with line, column (from 1) and an excerpt with a caret."""
    if not update and _UPDATE.match(text):
        return QuerySyntax("this is an update, not a query; an update is sent by POST to /update, where it is taken")
    message = " ".join(str(error).split())
    found = _POSITION.match(message)
    if not found:
        return QuerySyntax(message)
    undeclared = _undeclared(error, text, _update_fault if update else _fault)
    if undeclared:
        line, column = text.count("\n", 0, undeclared.start()) + 1, undeclared.start() - text.rfind("\n", 0, undeclared.start())
        fault = f"the prefix '{undeclared[0]}' is not declared; add a PREFIX line"
    else:
        line, column = int(found[1]), int(found[2])
        fault = _expected(message[found.end() :])
    lines = text.split("\n")
    shown = lines[line - 1].rstrip("\r") if line <= len(lines) else ""
    return QuerySyntax(f"line {line}, column {column}: {fault}", line=line, column=column, excerpt=_excerpt(shown, column))


def _undeclared(error: SyntaxError, text: str, fault_of: Callable[[str], SyntaxError | None]) -> re.Match[str] | None:
    """Find the prefix whose declaration would move the error, or mend it: the engine often names a place after it."""
    seen: set[str] = set()
    for match in _PREFIXED.finditer(text):
        if match[0] in seen:
            continue
        seen.add(match[0])
        other = fault_of(f"PREFIX {match[0]} <x:> {text}")
        if other is None or _place(other) > _place(error, len(f"PREFIX {match[0]} <x:> ")):
            return match
        if len(seen) == _MOST_PREFIXES:
            break
    return None


def _place(error: SyntaxError, shift: int = 0) -> tuple[int, int]:
    """Give line and column of a syntax error, as they are after `shift` characters before the text."""
    found = _POSITION.match(" ".join(str(error).split()))
    line, column = (int(found[1]), int(found[2])) if found else (0, 0)
    return line, column + (shift if line == 1 else 0)


def _expected(message: str) -> str:
    """Give the engine's message with its character classes summed up."""
    kept = re.sub(r"(?:, )?\[['_][^\]]*\]|, LATERAL|LATERAL, ", "", message).replace("one of , ", "one of ").strip()
    if kept == message or not kept.startswith("expected"):
        return f"the query cannot go on like this here; {message}"
    return f"the query cannot go on like this here; expected a name, a value, {kept.removeprefix('expected').strip()}"


def _excerpt(line: str, column: int, width: int = 120) -> str:
    """Give the line (a window of a long one) and a caret below the column."""
    start = max(0, column - 1 - width // 2) if len(line) > width else 0
    shown = line[start : start + width].replace("\t", " ")
    return f"{shown}\n{' ' * (column - 1 - start)}^"
