"""Reading the four tables of ATOP: alliances with their phases and members, put together and checked against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from rdflib import URIRef

from pactgraph.dates import bounds
from pactgraph.errors import BadInput
from pactgraph.sources.crosswalk import States
from pactgraph.sources.register import Source, Table
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.terms import ID

Columns: TypeAlias = tuple[str, str, str]
Take: TypeAlias = Callable[[Row], str | None]

BEGIN: Columns = ("begyr", "begmo", "begday")
END: Columns = ("endyr", "endmo", "endday")
ENTRY: Columns = ("yrent", "moent", "dayent")
EXIT: Columns = ("yrexit", "moexit", "dayexit")
_BROKEN = 3


@dataclass(frozen=True)
class Span:
    """From when to when, as EDTF strings; no end: in effect when the data set ended."""

    start: str
    end: str | None

    def ends_before(self, other: Span) -> bool:
        """Tell whether this certainly ended before the other did."""
        mine, others = bounds(self.end or ".."), bounds(other.end or "..")
        return mine.latest is not None and (others.earliest is None or mine.latest < others.earliest)


@dataclass(frozen=True)
class Member:
    """A row of the table of members; the state is None if the register has none with its code."""

    row: Row
    node: URIRef
    party: URIRef | None
    span: Span

    def left(self, phase: Phase) -> bool:
        """Tell whether the state broke with it while it went on for others."""
        return self.row.code("termmode") == _BROKEN and self.span.ends_before(phase.span)


@dataclass
class Phase:
    """A row of the table of phases, with the members' rows."""

    row: Row
    node: URIRef
    span: Span
    members: list[Member] = field(default_factory=list)

    @property
    def suffix(self) -> str:
        """Give what tells its records from another phase's; nothing if the alliance has no phases."""
        return f"-{self.row.code('phase')}" if self.row.code("phase") else ""

    @property
    def name(self) -> str:
        """Give its name in English."""
        which = f"phase {self.row.code('phase')}" if self.suffix else "whole life"
        return f"{which} of ATOP {self.row.code('atopid')}"


@dataclass
class Alliance:
    """A row of the table of alliances, with its phases by number."""

    row: Row
    node: URIRef
    span: Span
    phases: dict[int, Phase] = field(default_factory=dict)

    def members(self) -> Iterator[Member]:
        """Give the members' rows of all phases."""
        return (member for phase in self.phases.values() for member in phase.members)


class Tables:
    """The four tables, read and put together; rows that nothing can be said of are listed in the accounts."""

    def __init__(self, source: Source, folder: Path, states: States, accounts: list[Account]) -> None:
        """Read them. Raises BadInput, see `tables.rows`."""
        self.source, self._folder, self._states, self._accounts = source, folder, states, accounts
        self.alliances: dict[int, Alliance] = {}
        self.institutions: list[tuple[Row, Alliance, Phase]] = []
        for name, take in (
            ("alliances", self._alliance),
            ("phases", self._phase),
            ("members", self._member),
            ("institutions", self._institutions),
        ):
            self._read(source.table(name), take)
        for account in accounts:
            account.listed.sort()

    def _read(self, table: Table, take: Take) -> None:
        account = Account(table.file)
        self._accounts.append(account)
        for row in rows(table, self._folder, account):
            try:
                fault = take(row)
            except BadInput as error:
                fault = error.fault
            if fault:
                account.refuse(row, fault)

    def _alliance(self, row: Row) -> str | None:
        number = row.code("atopid")
        self.alliances[number] = Alliance(row, ID[f"pact/atop-{number}"], _span(row, BEGIN, END))
        return None

    def _phase(self, row: Row) -> str | None:
        alliance = self.alliances.get(row.code("atopid"))
        if alliance is None:
            return f"the table of alliances has no usable row for {row.code('atopid')}"
        number = row.code("phase")
        node = URIRef(f"{alliance.node}#phase-{number}")
        alliance.phases[number] = Phase(row, node, _span(row, BEGIN, END))
        return None

    def _member(self, row: Row) -> str | None:
        number, phase_number, code = (row.code(name) for name in ("atopid", "phase", "member"))
        phase = self.alliances[number].phases.get(phase_number) if number in self.alliances else None
        if phase is None:
            return f"the table of phases has no usable row for {number}, phase {phase_number}"
        span = _span(row, ENTRY, EXIT)
        first = bounds(span.start).earliest
        party = self._states.on(code, first) if first else None
        earlier = sum(other.row.code("member") == code for other in phase.members)
        node = URIRef(f"{self.alliances[number].node}#member-{code}-{phase_number}-{earlier + 1}")
        phase.members.append(Member(row, node, party, span))
        return None if party else f"no state of the register has the COW number {code}"

    def _institutions(self, row: Row) -> str | None:
        number = row.code("atopid")
        try:
            phase_number = round((float(row.text("atopidphase")) - number) * 10)  # the file has 3180.1001 for 3180.1
        except (ValueError, OverflowError):
            return f"atopidphase is {row.text('atopidphase')!r}, which is not a number"
        alliance = self.alliances.get(number)
        phase = alliance.phases.get(phase_number) if alliance else None
        if alliance is None or phase is None:
            return f"the table of phases has no usable row for {row.text('atopidphase')}"
        self.institutions.append((row, alliance, phase))
        return None


def _span(row: Row, first: Columns, last: Columns) -> Span:
    """Give when a row begins and ends. Raises BadInput for a day that is none of the calendar."""
    start, end = _stated(row, first), _stated(row, last)
    if start is None:
        raise BadInput("it has no beginning")
    span = Span(start, end)
    if end and span.ends_before(Span(end, start)):
        raise BadInput(f"it ends on {end}, before it begins on {start}")
    return span


def _stated(row: Row, columns: Columns) -> str | None:
    """Give a date as EDTF, no more exact than the row has it; None if there is none, which a year of 0 says."""
    year, month, day = (row.integer(column) for column in columns)
    if not year:
        return None
    stated = f"{year:04}" + (f"-{month:02}" + (f"-{day:02}" if day else "") if month else "")
    bounds(stated)
    return stated
