"""How deep the brackets of a query are nested: looked at before the engine parses it, since its parser recurses."""

from __future__ import annotations

import re
from itertools import accumulate

from pactgraph.errors import BadInput

# What may hold brackets that nest nothing: strings and comments. IRIs are kept; they may hold a # that begins no comment.
_HIDDEN = re.compile(
    r"""<[^<>"{}|^`\\\x00-\x20]*+>|\"{3}(?:[^"\\]|\\.|"(?!""))*+\"{3}|'{3}(?:[^'\\]|\\.|'(?!''))*+'{3}"""
    r"""|"(?:[^"\\\n\r]|\\.)*+"|'(?:[^'\\\n\r]|\\.)*+'|\#[^\r\n]*+""",
    re.S,
)
_OTHER = re.compile(r"[^][(){}]+")


def check_nesting(text: str, most: int) -> None:
    """Refuse a text whose brackets are nested deeper than `most`. Raises BadInput."""
    shown = _HIDDEN.sub(lambda found: found[0] if found[0].startswith("<") else "", text)
    brackets = _OTHER.sub("", shown)
    depth = max(accumulate((1 if bracket in "([{" else -1 for bracket in brackets), initial=0))
    if depth > most:
        raise BadInput(f"the brackets of the query are nested {depth:,} deep; a query may nest {most:,}")
