"""The tables that Correlates of War derives from its member file: dyads, directed dyads, and member-years.

A dyad is two members of one alliance for at least one common day: from the later entry to the earlier exit. In a directed dyad
the flags are those of the first state towards the second. In an undirected one (ccode1 < ccode2) a flag is 1 if either state
has it, and `asymmetric` is 1 if the two differ in any. A flag that is not known stays empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby, permutations

from pactgraph.research.rows import Record

FLAGS = ("defense", "neutrality", "nonaggression", "entente")
LAST_YEAR = 2012
_SPAN = ("day", "month", "year")
_STATES = ("version4id", "ccode1", "state_name1", "ccode2", "state_name2")
_DATES = tuple(f"dyad_{end}_{part}" for end in ("st", "end") for part in _SPAN)
DIRECTED = (*_STATES, *_DATES, "left_censor", "right_censor", *FLAGS, "version")
DYAD = (*DIRECTED[:-1], "asymmetric", "version")


def directed_dyads(members: Iterable[Record]) -> Iterator[Record]:
    """Give a row for each ordered pair of members that were in an alliance on a common day (columns: DIRECTED)."""
    for _, rows in groupby(members, key=lambda row: row["version4id"]):
        ordered = sorted(rows, key=lambda row: (int(row["ccode"]), _first(row)))
        for one, other in permutations(ordered, 2):
            if one["ccode"] != other["ccode"] and _overlap(one, other):
                yield _dyad(one, other) | {flag: one[flag] for flag in FLAGS} | {"version": one["version"]}


def dyads(members: Iterable[Record]) -> Iterator[Record]:
    """Give a row for each pair of members, the smaller number first (columns: DYAD)."""
    for _, rows in groupby(members, key=lambda row: row["version4id"]):
        ordered = sorted(rows, key=lambda row: (int(row["ccode"]), _first(row)))
        for one, other in permutations(ordered, 2):
            if int(one["ccode"]) < int(other["ccode"]) and _overlap(one, other):
                flags = {flag: _either(one[flag], other[flag]) for flag in FLAGS}
                asymmetric = str(int(any(one[flag] != other[flag] for flag in FLAGS)))
                yield _dyad(one, other) | flags | {"asymmetric": asymmetric, "version": one["version"]}


def member_years(members: Iterable[Record]) -> Iterator[Record]:
    """Give a row for each year in which a state was a member, with `year` before the version."""
    for row in members:
        for year in range(_first(row).year, (_last(row) or date(LAST_YEAR, 12, 31)).year + 1):
            yield {name: value for name, value in row.items() if name != "version"} | {
                "year": str(year),
                "version": row["version"],
            }


def dyad_years(members: Iterable[Record]) -> Iterator[Record]:
    """Give a row for each year of each dyad, with `year` before the version."""
    return _years(dyads(members))


def directed_dyad_years(members: Iterable[Record]) -> Iterator[Record]:
    """Give a row for each year of each directed dyad, with `year` before the version."""
    return _years(directed_dyads(members))


def _years(rows: Iterable[Record]) -> Iterator[Record]:
    for row in rows:
        last = int(row["dyad_end_year"] or LAST_YEAR)
        for year in range(int(row["dyad_st_year"]), last + 1):
            yield {name: value for name, value in row.items() if name != "version"} | {
                "year": str(year),
                "version": row["version"],
            }


def _dyad(one: Record, other: Record) -> Record:
    start, end = max(_first(one), _first(other)), _end(one, other)
    states = {"version4id": one["version4id"]}
    for number, row in (("1", one), ("2", other)):
        states |= {f"ccode{number}": row["ccode"], f"state_name{number}": row["state_name"]}
    dates = {f"dyad_st_{part}": str(getattr(start, part)) for part in _SPAN}
    dates |= {f"dyad_end_{part}": str(getattr(end, part)) if end else "" for part in _SPAN}
    censored = {name: _both(one[name], other[name]) for name in ("left_censor", "right_censor")}
    return states | dates | censored


def _overlap(one: Record, other: Record) -> bool:
    end = _end(one, other)
    return end is None or max(_first(one), _first(other)) <= end


def _end(one: Record, other: Record) -> date | None:
    ends = [end for end in (_last(one), _last(other)) if end]
    return min(ends) if ends else None


def _first(row: Record) -> date:
    return date(*(int(row[f"mem_st_{part}"]) for part in ("year", "month", "day")))


def _last(row: Record) -> date | None:
    if not row["mem_end_year"]:
        return None
    return date(*(int(row[f"mem_end_{part}"]) for part in ("year", "month", "day")))


def _either(one: str, other: str) -> str:
    if "1" in (one, other):
        return "1"
    return "" if "" in (one, other) else "0"


def _both(one: str, other: str) -> str:
    if "0" in (one, other):
        return "0"
    return "" if "" in (one, other) else "1"
