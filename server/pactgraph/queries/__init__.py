"""Our own queries: one .rq file each, beside this module. A query's slots are `VALUES ?name { UNDEF }` lines.

Updates are .ru files in update/. Their slots are `$name`, since an update names graphs where VALUES cannot stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Template

from pyoxigraph import Literal, NamedNode

Slot = NamedNode | Literal | Sequence[NamedNode | Literal]


def load(name: str, **slots: Slot) -> str:
    """Give the text of `name.rq`, each slot's UNDEF replaced by its terms, as pyoxigraph writes them.

    Raises KeyError for a slot that is not in the file, FileNotFoundError for a name that is none.
    """
    text = _read(f"{name}.rq")
    for slot, value in slots.items():
        text, count = _fill(text, slot, value)
        if not count:
            raise KeyError(f"{name}.rq has no slot ?{slot}")
    return text


def fill(text: str, **slots: Slot) -> str:
    """Give a query that lies elsewhere, such as a rule, with those of the slots filled that it has."""
    for slot, value in slots.items():
        text, _ = _fill(text, slot, value)
    return text


def update(name: str, **slots: str) -> str:
    """Give the text of `update/name.ru`, its slots filled with terms as SPARQL writes them. Raises KeyError for a slot left."""
    return Template(_read(f"update/{name}.ru")).substitute(slots).strip()


def _fill(text: str, slot: str, value: Slot) -> tuple[str, int]:
    terms = [value] if isinstance(value, NamedNode | Literal) else value
    written = " ".join(map(str, terms))
    return _slot(slot).subn(lambda match: f"{match[1]} {written} }}", text)


@cache
def _read(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


@cache
def _slot(name: str) -> re.Pattern[str]:
    return re.compile(rf"(VALUES\s+\?{re.escape(name)}\s*\{{)\s*UNDEF\s*\}}")
