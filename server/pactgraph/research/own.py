"""The tables that data sets publish themselves, made again from their member files: the same columns, rows and values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pactgraph.research import atop, cow
from pactgraph.research.layout import Column, Wanted
from pactgraph.research.rows import Record
from pactgraph.sources.register import Source
from pactgraph.sources.register import Table as SourceTable

Make = Callable[[Iterable[Record]], Iterator[Record]]

# Columns that a member file does not have; the rest are explained in the register.
_MEANINGS = {
    "cow-alliances-4.1": {
        "dyad_st_": "{part} on which the dyad began: the later entry of the two.",
        "dyad_end_": "{part} on which it ended: the earlier exit; empty if it went on at the end of 2012.",
        "asymmetric": "1 if the two states differ in any of the four obligations.",
        "year": "Year of the dyad (of the member), counted on from its first without a gap though a state left and came back.",
    },
    "atop-5.1": {
        "ddyad": "Number of the directed dyad: the COW number of state A × 1000 + that of state B (codebook p. 54).",
        "dyad": "Number of the dyad: the smaller COW number × 1000 + the larger (codebook p. 52).",
        "year": "Year of observation (codebook p. 52).",
        "atopally": "1: in every row there is an alliance (codebook p. 52).",
        "shareob": "1 if the two are in an alliance and owe each other nothing; else empty (codebook p. 53).",
        "transyr": "1 if a commitment begins or ends in the year (codebook p. 53).",
        "bilatno": "Number of bilateral alliances of the dyad in the year (codebook p. 53).",
        "multino": "Number of multilateral alliances of the dyad in the year (codebook p. 53).",
        "number": "Number of alliances in the year (codebook p. 53).",
        "atopid": "Number of an alliance in effect in the year, in ascending order; empty if there are fewer (codebook p. 53).",
        "mem": "COW number of a state of the dyad; mem1 is the smaller (codebook p. 53).",
        "state": "COW number of the state; of a directed dyad A is who owes, B to whom (codebook pp. 50 and 56).",
    },
}
_SAME = {"ccode1": "ccode", "ccode2": "ccode", "state_name1": "state_name", "state_name2": "state_name"}
_PARTS = {"day": "Day", "month": "Month", "year": "Year"}
_STATES = ("ccode", "ccode1", "ccode2", "member", "mem1", "mem2", "stateA", "stateB", "state")
_KINDS = {
    "defense": ("defense",),
    "offense": ("offense",),
    "neutrality": ("neutrality", "neutral"),
    "nonaggression": ("nonaggression", "nonagg"),
    "consultation": ("entente", "consul"),
}
_MEMBERS = (("version4id", "ccode"), ("atopid", "member"))
_SPANS = (("dyad_st_year", "dyad_end_year"), ("mem_st_year", "mem_end_year"), ("yrent", "yrexit"))


@dataclass(frozen=True)
class Own:
    """A table as a data set publishes it: the published name, what a row is, and how rows are made of the member file."""

    published: str
    about: str
    make: Make
    columns: tuple[str, ...] = ()

    def names(self, table: SourceTable) -> list[str]:
        """Give the names of its columns: of a table by year of members, those of the member file and the year."""
        *most, version = table.columns
        return list(self.columns) or [*most, "year", version]


_EACH_WAY = "two members of an alliance in a year, once each way"
OWN: dict[str, dict[str, Own]] = {
    "cow-alliances-4.1": {
        "dyad": Own("alliance_v4.1_by_dyad", "two memberships in an alliance", cow.dyads, cow.DYAD),
        "directed-dyad": Own(
            "alliance_v4.1_by_directed", "two memberships in an alliance, once each way", cow.directed_dyads, cow.DIRECTED
        ),
        "member-year": Own("alliance_v4.1_by_member_yearly", "a member of an alliance in a year", cow.member_years),
        "dyad-year": Own("alliance_v4.1_by_dyad_yearly", "two members of an alliance in a year", cow.dyad_years, cow.YEARLY),
        "directed-dyad-year": Own("alliance_v4.1_by_directed_yearly", _EACH_WAY, cow.directed_dyad_years, cow.YEARLY),
    },
    "atop-5.1": {
        "dyad-year": Own("atop5_1dy", "two states allied in a year", atop.dyad_years, atop.DYAD_YEAR),
        "directed-dyad-year": Own("atop5_1ddyr", _EACH_WAY, atop.directed_dyad_years, atop.DIRECTED_YEAR),
        "state-year": Own("atop5_1sy", "a state allied in a year", atop.state_years, atop.STATE_YEAR),
    },
}


def columns(source: Source, table: SourceTable, names: Iterable[str]) -> list[Column]:
    """Give the columns of a table made from a source's table, each with its meaning from the register, or from here."""
    return [_column(source, table, name) for name in names]


def _column(source: Source, table: SourceTable, name: str) -> Column:
    cited = f"{source.title} {source.version}"
    known = table.columns.get(_SAME.get(name, name))
    if known:
        return Column(name, known.type, known.definition, cited)
    meanings = _MEANINGS.get(source.id, {})
    stem = max((stem for stem in meanings if name.startswith(stem)), key=len, default="")
    meaning = meanings.get(stem, "").format(part=_PARTS.get(name.rpartition("_")[2], ""))
    return Column(name, "flag" if name in ("atopally", "shareob", "transyr", "asymmetric") else "integer", meaning, cited)


def with_states(members: Iterable[Record], codes: frozenset[str]) -> Iterable[Record]:
    """Give the rows of the alliances in which one of these states (COW numbers) is; all if none is named."""
    if not codes:
        return members
    rows = list(members)
    alliance, member = next((pair for pair in _MEMBERS if rows and pair[0] in rows[0]), ("", ""))
    theirs = {row[alliance] for row in rows if row[member] in codes} if alliance else set()
    return [row for row in rows if row[alliance] in theirs] if alliance else rows


def chosen(row: Record, wanted: Wanted, codes: frozenset[str], *, kinds: bool) -> bool:
    """Say whether a row is asked for: its years, its states (COW numbers), and, if `kinds`, whether a flag of these is 1."""
    if codes and not any(row.get(name) in codes for name in _STATES):
        return False
    if kinds and not any(row.get(name) == "1" for kind in wanted.kinds for name in _KINDS.get(kind, ())):
        return False
    if row.get("year"):
        return wanted.year(int(row["year"]))
    first, last = next(((row[a], row[b]) for a, b in _SPANS if a in row), ("", ""))
    first, last = (value if value not in ("", "0") else "" for value in (first, last))
    return not ((wanted.last and first and int(first) > wanted.last) or (wanted.first and last and int(last) < wanted.first))
