r"""What a query may not do. `SERVICE` would make pyoxigraph ask another server, without a time limit; there is no switch.

The engine's own parser decides, so that no second parser can disagree with it: every spelling of the word (any case, any
`\uXXXX` escape) is changed into a word of the same shape that is no keyword. Where the word was text (a string, an IRI, a
comment, a variable, a prefix) the query still parses; where it was the keyword, it does not. The trial runs on an empty store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pyoxigraph import Store

from pactgraph.errors import BadInput, PactgraphError, QueryRefused, QuerySyntax

_POSITION = re.compile(r"error at (\d+):(\d+): ")
_PROLOGUE = r"(?:\s|#[^\r\n]*+|prefix\s*+[^\s<]*+\s*+<[^>]*+>|base\s*+<[^>]*+>)*+"
_UPDATE = re.compile(_PROLOGUE + r"(?:insert|delete|load|clear|drop|create|add|move|copy|with)\b", re.I)


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
    r"""|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|\#[^\r\n]*|[?$]\w+|@[\w-]+|[\w.-]*:[\w.%:\\-]*|\w+|[{}]""",
    re.S,
)
_PREFIXED = re.compile(r"(?<![\w:?$<@.-])(?:[^\W\d_][\w.-]*)?:(?=[\w%\\])")
_MOST_PREFIXES = 12


def check(text: str) -> None:
    """Refuse a query that has a SERVICE clause. Raises QueryRefused, or QuerySyntax where it does not parse anyway."""
    if _SERVICE.search(text) and _fault(_SERVICE.sub("SxRVICE", text)):
        _refuse(text)


def check_update(text: str) -> None:
    """Refuse an update that would ask another server (LOAD, SERVICE). Raises QueryRefused, or QuerySyntax for a bad one.

    No trial holds either keyword, so none can reach out.
    """
    if not _update_fault(text):
        return
    twin = _LOAD_CLAUSE.sub(lambda match: "CLEAR ALL".ljust(len(match[0])), _as_graph(text))
    error = _update_fault(twin)
    if error:
        raise explain(error, text, update=True) from None
    raise QueryRefused("LOAD and SERVICE are not available here: this server never asks another server; send the data itself")


def with_dataset(text: str, using: Sequence[object], using_named: Sequence[object]) -> str:
    """Give an update whose operations have USING clauses for the graphs of the protocol's parameters.

    Raises BadInput if the update names graphs itself (SPARQL 1.1 Protocol, 2.2.3). Only a WHERE outside all braces can begin
    the pattern of an operation, and it may not follow DELETE (DELETE WHERE has no USING clause).
    """
    if not using and not using_named:
        return text
    clauses = "".join(f"USING {graph} " for graph in using) + "".join(f"USING NAMED {graph} " for graph in using_named)
    written, depth, last, before = [], 0, 0, ""
    for token in _TOKEN.finditer(text):
        word = token[0].upper()
        depth += {"{": 1, "}": -1}.get(word, 0)
        if depth == 0 and word in ("USING", "WITH"):
            raise BadInput("the update names its graphs (USING, WITH), and so does the request", hint="use one of the two")
        if depth == 0 and word == "WHERE" and before != "DELETE":
            written += [text[last : token.start()], clauses]
            last = token.start()
        before = word
    return "".join([*written, text[last:]])


def _update_fault(text: str) -> SyntaxError | None:
    """Try an update on an empty store, with neither SERVICE nor LOAD in it."""
    try:
        Store().update(_LOAD.sub("LxAD", _SERVICE.sub("SxRVICE", text)))
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
        Store().query(text)
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
    """Turn the engine's syntax error into one with line, column (from 1) and an excerpt with a caret.

    An update sent as a query is refused.
    """
    if not update and _UPDATE.match(text):
        return QueryRefused("this is an update; this server answers queries and changes nothing")
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
