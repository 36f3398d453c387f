"""The tables by year that ATOP derives from its member file (5.1), as its codebook defines them (sections 2.5 to 2.7).

The member file has a row for each member in each phase of an alliance, from one entry to one exit. Then:

- A dyad is two members in the same phase, of which neither entered on or after the day on which the other left (p. 52: "cases
  in which one state joined the alliance after the other terminated" are left out). It is there in each year of that common
  time. That gives the published 136,648 dyad-years and 273,296 directed ones. The dyad of France and Annam, which has no COW
  number, is dropped (p. 52, note 18).
- A state owes an obligation to a partner in a year if it has it in an alliance that both are in. In most alliances it has it
  towards all; where the member file says that it has different obligations to different members (OBVARY, 20 phases), it owes
  what only some of the members have to those who do not have it: Britain and France, of 1855, defend Sweden and not each other
  (p. 52). ATOP corrected these by hand from the texts, and the corrections are in no file but theirs; `_AMONG` has those that
  the rule would mistake, from the texts of the treaties. So in these phases, and there alone, flags may differ from ATOP's.
- SHAREOB is 1 if neither owes the other anything, else missing; BILATNO, MULTINO and NUMBER count alliances in that year; ASYMM
  is 1 if any of them is asymmetric; ATOPIDn are their numbers in ascending order; TRANSYR is 1 if a row that counts begins or
  ends in that year.
- A state-year is a state in a year in which it is a member; its flags are what it owes to anyone (p. 51). It has up to 59
  alliances (p. 50).

Dates: a day that is not known is the first of the month at an entry, and the last day (31) at an exit; an exit of 0 had not
come by the end of 2018. Flags and counts are written as whole numbers. Rows are in the order of dyad (or state) and year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, permutations
from typing import TypeAlias

from pactgraph.research.rows import Record

FLAGS = ("defense", "offense", "neutral", "nonagg", "consul")
LAST_YEAR = 2018
MOST_OF_A_DYAD, MOST_OF_A_STATE = 9, 59
_COW_NUMBERS = 999
_DYAD_COUNTS = ("shareob", "transyr", "bilatno", "multino", "number", "asymm")
_DYAD_IDS = tuple(f"atopid{number}" for number in range(1, MOST_OF_A_DYAD + 1))
DYAD_YEAR = ("dyad", "year", "atopally", *FLAGS, *_DYAD_COUNTS, *_DYAD_IDS, "mem1", "mem2", "version")
DIRECTED_YEAR = ("ddyad", "year", "atopally", *FLAGS, *_DYAD_COUNTS, *_DYAD_IDS, "stateA", "stateB", "version")
_STATE_IDS = tuple(f"atopid{number}" for number in range(1, MOST_OF_A_STATE + 1))
STATE_YEAR = ("state", "year", "atopally", *FLAGS, "number", "transyr", *_STATE_IDS, "version")

# Obligations that hold among those who have them, where the rule for OBVARY would turn them to the others:
_AMONG = {
    1355: {"defense"},  # Austria-Hungary, Romania, Germany 1883: Italy acceded in 1888 with consultation alone
    2130: {"nonagg"},  # Locarno 1925: Germany, Belgium and France will not attack each other; Britain and Italy guarantee
    4678: {"defense", "consul"},  # Democratic Security in Central America 1995: Panama is bound to nonaggression alone
}
_Day: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True)
class _Member:
    """A row of the member file: who, from when to when, and what it owes."""

    state: int
    start: _Day
    end: _Day
    ended: bool
    owes: frozenset[str]
    varies: bool


@dataclass(frozen=True)
class _Pair:
    """Two members in a phase: the common time, and what the first owes the second."""

    states: tuple[int, int]
    alliance: int
    bilateral: bool
    asymmetric: bool
    first: int
    last: int
    changes: frozenset[int]
    owes: frozenset[str]


@dataclass
class _Year:
    """What counts for a directed dyad, or a state, in a year."""

    owes: set[str] = field(default_factory=set)
    alliances: dict[int, bool] = field(default_factory=dict)
    asymmetric: bool = False
    changes: bool = False


def dyad_years(members: Iterable[Record]) -> Iterator[Record]:
    """Give atop5_1dy: a row for each dyad in each year, the smaller number first (columns: DYAD_YEAR)."""
    rows = list(members)
    years = _dyads(rows)
    for (one, other), year in sorted(key for key in years if key[0][0] < key[0][1]):
        there, back = years[(one, other), year], years[(other, one), year]
        row = _dyad(there, there.owes | back.owes, bool(there.owes or back.owes))
        ends = {"mem1": str(one), "mem2": str(other), "version": rows[0]["version"]}
        yield {"dyad": str(one * 1000 + other), "year": str(year)} | row | ends


def directed_dyad_years(members: Iterable[Record]) -> Iterator[Record]:
    """Give atop5_1ddyr: a row for each ordered dyad in each year, flags those of A towards B (columns: DIRECTED_YEAR)."""
    rows = list(members)
    years = _dyads(rows)
    for (one, other), year in sorted(years):
        there, back = years[(one, other), year], years[(other, one), year]
        row = _dyad(there, there.owes, bool(there.owes or back.owes))
        ends = {"stateA": str(one), "stateB": str(other), "version": rows[0]["version"]}
        yield {"ddyad": str(one * 1000 + other), "year": str(year)} | row | ends


def state_years(members: Iterable[Record]) -> Iterator[Record]:
    """Give atop5_1sy: a row for each state in each year in which it is a member of any alliance (columns: STATE_YEAR)."""
    rows = list(members)
    years: dict[tuple[int, int], _Year] = defaultdict(_Year)
    for row in rows:
        member = _member(row)
        for year in range(member.start[0], member.end[0] + 1):
            found = years[member.state, year]
            found.owes |= member.owes
            found.alliances[_code(row["atopid"])] = row["bilat"] == "1"
            found.changes |= year == member.start[0] or (member.ended and year == member.end[0])
    for (state, year), found in sorted(years.items()):
        facts = {"state": str(state), "year": str(year), "atopally": "1"} | _flags(found.owes)
        facts |= {"number": str(len(found.alliances)), "transyr": str(int(found.changes))}
        yield facts | _numbered(found, _STATE_IDS) | {"version": rows[0]["version"]}


def _dyads(rows: list[Record]) -> dict[tuple[tuple[int, int], int], _Year]:
    years: dict[tuple[tuple[int, int], int], _Year] = defaultdict(_Year)
    for pair in _pairs(rows):
        for year in range(pair.first, pair.last + 1):
            found = years[pair.states, year]
            found.owes |= pair.owes
            found.alliances[pair.alliance] = pair.bilateral
            found.asymmetric |= pair.asymmetric
            found.changes |= year in pair.changes
    return years


def _pairs(rows: list[Record]) -> Iterator[_Pair]:
    def phase(row: Record) -> tuple[int, int]:
        return _code(row["atopid"]), _code(row["phase"])

    for (alliance, _), group in groupby(sorted(rows, key=phase), key=phase):
        records = list(group)
        members = [_member(row) for row in records]
        states = {member.state for member in members}
        having = {flag: {member.state for member in members if flag in member.owes} for flag in FLAGS}
        for one, other in permutations(members, 2):
            start, end = max(one.start, other.start), min(one.end, other.end)
            if one.state == other.state or start >= end or max(one.state, other.state) > _COW_NUMBERS:
                continue
            changes = {start[0]} | {member.end[0] for member in (one, other) if member.ended and member.end == end}
            owes = frozenset(flag for flag in one.owes if _towards(other, one, having[flag], states, flag in _among(alliance)))
            bilateral, asymmetric = (records[0][name] == "1" for name in ("bilat", "asymm"))
            between = (one.state, other.state)
            yield _Pair(between, alliance, bilateral, asymmetric, start[0], end[0], frozenset(changes), owes)


def _among(alliance: int) -> set[str]:
    return _AMONG.get(alliance, set())


def _towards(other: _Member, one: _Member, having: set[int], states: set[int], among: bool) -> bool:
    """Say whether an obligation that `one` has is owed to `other`."""
    if among:
        return other.state in having
    return not one.varies or having == states or other.state not in having


def _member(row: Record) -> _Member:
    ended = _code(row["yrexit"]) != 0
    end = (_code(row["yrexit"]), _code(row["moexit"]) or 12, _code(row["dayexit"]) or 31) if ended else (LAST_YEAR, 12, 31)
    start = _code(row["yrent"]), _code(row["moent"]) or 1, _code(row["dayent"]) or 1
    owes = frozenset(flag for flag in FLAGS if _code(row[flag]) == 1)
    return _Member(_code(row["member"]), start, end, ended, owes, _code(row["obvary"]) == 1)


def _dyad(found: _Year, owes: set[str], obliged: bool) -> Record:
    bilateral = sum(found.alliances.values())
    return (
        {"atopally": "1"}
        | _flags(owes)
        | {
            "shareob": "" if obliged else "1",
            "transyr": str(int(found.changes)),
            "bilatno": str(bilateral),
            "multino": str(len(found.alliances) - bilateral),
            "number": str(len(found.alliances)),
            "asymm": str(int(found.asymmetric)),
        }
        | _numbered(found, _DYAD_IDS)
    )


def _flags(owes: set[str]) -> Record:
    return {flag: str(int(flag in owes)) for flag in FLAGS}


def _numbered(found: _Year, names: tuple[str, ...]) -> Record:
    numbers = [str(alliance) for alliance in sorted(found.alliances)]
    return dict(zip(names, numbers + [""] * (len(names) - len(numbers)), strict=True))


def _code(value: str) -> int:
    return int(float(value)) if value else 0
