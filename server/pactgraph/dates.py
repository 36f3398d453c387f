"""Dates as stated (EDTF, ISO 8601-2:2019) and their bounds.

A date is never padded: what is known to the month has two bounds, the first and the last day it can be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from time import struct_time

from edtf import EDTFParseException, parse_edtf
from edtf.parser.parser_classes import EDTFObject

from pactgraph.errors import BadInput

_PRECISE = (
    (re.compile(r"-?\d{4}-\d\d-\d\d"), "day"),
    (re.compile(r"-?\d{4}-(?:0[1-9]|1[0-2])"), "month"),
    (re.compile(r"-?\d{4}"), "year"),
)
_UNBOUNDED = ("", "..")
_HINT = "write a real day, month or year such as 2024-06-19, 2024-06 or 2024, an interval 1995-09/1996-09, or .. for open"


@dataclass(frozen=True)
class DateBounds:
    """The days between which a stated date lies (both included; None: no bound) and its precision.

    `precision` is a slug of the scheme vocab/precision: day, month, year, interval, uncertain, open or unknown.
    """

    earliest: date | None
    latest: date | None
    precision: str


@lru_cache(maxsize=65536)
def bounds(stated: str) -> DateBounds:
    """Give the bounds of an EDTF string; `..` is open (no end so far), the empty string unknown.

    Raises BadInput for what is not EDTF or not a day of the calendar (2024-02-30).
    """
    if stated in ("..", ""):
        return DateBounds(None, None, "open" if stated else "unknown")
    precision = next((name for form, name in _PRECISE if form.fullmatch(stated)), None)
    if precision == "day":
        day = _calendar_day(stated)
        return DateBounds(day, day, precision)
    first, slash, last = stated.partition("/")
    try:
        if "T" in stated or stated != stated.strip():
            raise ValueError
        parsed = parse_edtf(stated)
        lower, upper = _day(parsed, "lower", stated), _day(parsed, "upper", stated)
    except (EDTFParseException, ValueError):
        raise BadInput(f"'{stated}' is not a date", hint=_HINT) from None
    if slash:  # an end of an interval that is open or not known bounds nothing
        return DateBounds(lower if first not in _UNBOUNDED else None, upper if last not in _UNBOUNDED else None, "interval")
    return DateBounds(lower, upper, precision or "uncertain")


def of_messydate(stated: str) -> str:
    """Give a date of the R package messydates as EDTF: the same, but that a range is `a..b` there, and `a/b` in EDTF."""
    first, dots, last = stated.partition("..")
    return f"{first}/{last}" if dots and first and last else stated


def _calendar_day(stated: str) -> date:
    try:
        return date.fromisoformat(stated)
    except ValueError:
        raise BadInput(f"'{stated}' is not a day of the calendar", hint=_HINT) from None


def _day(parsed: EDTFObject, side: str, stated: str) -> date | None:
    """Give the lower or upper day of a parsed value, uncertainty included; None where it is open."""
    bound = getattr(parsed, f"{side}_fuzzy")()
    if not isinstance(bound, struct_time):
        return None
    try:
        return date(bound.tm_year, bound.tm_mon, bound.tm_mday)
    except ValueError:
        raise BadInput(f"'{stated}' lies outside the years 1 to 9999", hint=_HINT) from None
