"""Words for pages: dates as people read them, and where a thing's page is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from flask import Flask

from pactgraph.store import Term
from pactgraph.terms import BASE, EDTF, ID, PG

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MONTH = re.compile(r"(\d{4})-(\d\d)")
_QUALIFIERS = {"~": "about ", "?": "perhaps ", "%": "perhaps about "}
_PAGES = (("id/", "page/"), ("vocab/", "page/vocab/"), ("ns#", "page/ns#"), ("graph/", "graph/"))
_XSD_DATE = "http://www.w3.org/2001/XMLSchema#date"


def said_date(stated: str) -> str:
    """Give a date as stated (EDTF) in words: `19 June 2024`, `about June 2024`, `between 1995 and 1996`, `by 2026`, `open`."""
    if stated in ("", ".."):
        return "open" if stated else "not known"
    if "/" in stated:
        return _interval(*stated.split("/", 1))
    prefix = _QUALIFIERS.get(stated[-1], "")
    plain = stated.rstrip("~?%")
    if match := _DAY.fullmatch(plain):
        day = date(*map(int, match.groups()))
        return f"{prefix}{day.day} {day:%B} {day.year}"
    if match := _MONTH.fullmatch(plain):
        month = date(int(match[1]), int(match[2]), 1) if 1 <= int(match[2]) <= 12 else None
        return f"{prefix}{month:%B} {month.year}" if month else stated
    return prefix + plain


def _interval(first: str, last: str) -> str:
    """Say an interval; an end that is open ("..") or not known ("") bounds nothing."""
    bounded = tuple(end not in ("", "..") for end in (first, last))
    if bounded == (True, True):
        return f"between {said_date(first)} and {said_date(last)}"
    if bounded == (False, True):
        return f"by {said_date(last)}"
    return f"from {said_date(first)} on" if bounded[0] else "not known"


def said(term: Term) -> str:
    """Give a literal in words: dates said, booleans as yes and no, the rest as it is."""
    if term.datatype in (str(EDTF), _XSD_DATE):
        return said_date(term.value)
    if term.datatype.endswith("#boolean"):
        return "yes" if term.value in ("true", "1") else "no"
    return term.value


def href(iri: str) -> str:
    """Give the address of a thing's page on this server; what is not ours keeps its own."""
    local = iri.removeprefix(BASE)
    if local == iri:
        return iri
    return next(("/" + page + local[len(start) :] for start, page in _PAGES if local.startswith(start)), iri)


def short(iri: str) -> str:
    """Give a name for what has no label: `article 4` for a part, else the last part of its IRI."""
    if iri.startswith(str(ID)) and "#" in iri:
        return iri.partition("#")[2].replace("-", " ")
    for start in (str(PG._NS), str(ID)):
        if iri.startswith(start):
            return iri[len(start) :]
    return re.split(r"[#/]", iri.rstrip("#/"))[-1] or iri


def gathered(rows: Iterable[Mapping[str, Term]], key: str) -> list[tuple[str, list[Mapping[str, Term]]]]:
    """Gather rows by the value of a key, in the order in which the values first appear; rows without the key are left out."""
    groups: dict[str, list[Mapping[str, Term]]] = {}
    for row in rows:
        if key in row:
            groups.setdefault(row[key].value, []).append(row)
    return list(groups.items())


def register(app: Flask) -> None:
    """Let the templates of an app use these words."""
    app.jinja_env.filters.update(gathered=gathered, said=said, said_date=said_date, href=href, short=short)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
