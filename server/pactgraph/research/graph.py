"""The joined graph as research tables need it: states, pacts, who is bound to whom by what and when, leaders, and who looked.

A *tie* is two states in one pact for a common time: from the later entry to the earlier exit of the two, within the life of the
pact, and in one phase of it where it has phases. For each kind of obligation it says whether the one owes it to the other: yes,
no, or not known (a one-sided obligation of a pact of many, whose beneficiaries no source has coded). Dates are those of the
first day that is possible; a year is *uncertain* in which the tie held by some readings of its dates alone. An open end is open
until the last year that its source looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import combinations
from operator import attrgetter

from pyoxigraph import NamedNode

from pactgraph.queries import load
from pactgraph.sources.register import Source, sources
from pactgraph.store import AnyStore
from pactgraph.terms import BASE, VOCAB

# The five kinds that COW and ATOP code, by the names that their tables have for them.
KINDS = {
    "defense": "defence",
    "offense": "offence",
    "neutrality": "neutrality",
    "nonaggression": "non-aggression",
    "consultation": "consultation",
}
Row = Mapping[str, str]
_DAY = timedelta(days=1)
CURATED = "curated"


@dataclass(frozen=True)
class State:
    """A state: its identifier (`state/japan`), name, codes ("" if it has none), and from when to when it existed.

    `continued` is the state that went on as the same subject ("" if none), as Russia did for the Soviet Union.
    """

    id: str
    name: str
    cow: str = ""
    gw: str = ""
    iso: str = ""
    start: date | None = None
    end: date | None = None
    continued: str = ""

    @property
    def order(self) -> tuple[int, str]:
        """Give its place among states: by COW number, those without one last."""
        return int(self.cow or 10_000), self.id


@dataclass(frozen=True)
class Span:
    """A time whose ends may be uncertain: the first and last day possible (None: open), and the days that are sure."""

    first: date
    last: date | None
    sure_first: date
    sure_last: date | None

    def meet(self, other: Span) -> Span | None:
        """Give the time common to both; None if there is none."""
        first, last = max(self.first, other.first), _earlier(self.last, other.last)
        if last and first > last:
            return None
        return Span(first, last, max(self.sure_first, other.sure_first), _earlier(self.sure_last, other.sure_last))


@dataclass(frozen=True)
class Pact:
    """A pact in the named graph that records it."""

    id: str
    source: str
    label: str
    form: str
    scale: str
    signed: str
    force: str
    span: Span | None
    parties: int


@dataclass(frozen=True)
class Party:
    """A participation in a pact, in one of its phases if it has any ("")."""

    pact: str
    id: str
    agent: str
    phase: str
    row: Row
    span: Span | None

    def within(self, first: date, last: date | None) -> Party:
        """Give the part of it between two days."""
        return replace(self, span=self.span and self.span.meet(Span(first, last, first, last)))


@dataclass(frozen=True)
class Tie:
    """Two states in a pact: when, and what each owes the other of the kinds asked for (None: not known)."""

    pact: Pact
    states: tuple[str, str]
    span: Span
    forth: tuple[bool | None, ...]
    back: tuple[bool | None, ...]

    @property
    def asymmetric(self) -> bool:
        """Say whether what they owe differs."""
        return self.forth != self.back


@dataclass(frozen=True)
class Tenure:
    """A time in which a person led a state."""

    id: str
    source: str
    person: str
    name: str
    office: str
    kind: str
    state: str
    span: Span
    entry: str
    exit: str


@dataclass(frozen=True)
class _Obligation:
    axis: int
    phase: str
    mutual: bool
    bearers: frozenset[str]
    beneficiaries: frozenset[str]

    def owed(self, by: str, to: str, count: int) -> bool | None:
        """Say whether one party owes it to another; None if its bearer is known and to whom it is owed is not."""
        if self.mutual:
            return True
        if by not in self.bearers:
            return False
        if self.beneficiaries:
            return to in self.beneficiaries
        return True if count == 2 else None


class Graph:
    """What a release says, of some sources (all but those left out, if none is named) and kinds of obligation (concepts)."""

    def __init__(
        self,
        store: AnyStore,
        sources: Sequence[str] = (),
        kinds: Sequence[str] = tuple(KINDS.values()),
        without: Sequence[str] = (),
    ) -> None:
        """Read from a store; nothing is read before it is needed."""
        self._store = store
        self._sources, self._without = frozenset(sources), frozenset(without)
        self.kinds = tuple(kinds)

    def of(self, source: str) -> bool:
        """Say whether a source is one of those asked for."""
        return source in self._sources if self._sources else source not in self._without

    @cached_property
    def states(self) -> dict[str, State]:
        """Every state by its identifier."""
        found = (self._state(row) for row in self._ask("states"))
        return {state.id: state for state in sorted(found, key=lambda state: state.order)}

    @cached_property
    def pacts(self) -> dict[str, Pact]:
        """The pacts of the sources, by identifier."""
        found = (_pact(row) for row in self._ask("pacts"))
        return {pact.id: pact for pact in found if self.of(pact.source)}

    @cached_property
    def parties(self) -> dict[str, list[Party]]:
        """Who takes part in the pacts of the sources, by pact and by name of the participation."""
        found: dict[str, list[Party]] = defaultdict(list)
        for row in self._ask("parties"):
            pact = self.pacts.get(short(row["pact"]))
            if pact:
                own = _span(row)
                span = _until(own.meet(pact.span) if own and pact.span else own or pact.span, row)
                agent, phase = short(row["party"]), row.get("phase", "")
                found[pact.id].append(Party(pact.id, short(row["part"]), agent, phase, row, span))
        in_order = attrgetter("id", "phase", "agent")
        return {pact: list(self._lived(sorted(found[pact], key=in_order))) for pact in sorted(found)}

    def _lived(self, parties: list[Party]) -> Iterator[Party]:
        """End a part with the life of its state; the state that went on as the same goes on in it, unless it has its own."""
        own = {(party.agent, party.phase) for party in parties}
        for whole in parties:
            party: Party | None = whole
            while party:
                state = self.states.get(party.agent)
                dies = state.end if state and state.end and party.span and party.span.first <= state.end else None
                yield party.within(date.min, dies) if dies else party
                over = dies and party.span and (party.span.last is None or party.span.last > dies)
                goes_on = state and over and state.continued and (state.continued, party.phase) not in own
                party = replace(party, agent=state.continued).within(dies + _DAY, None) if goes_on and state and dies else None

    @cached_property
    def same(self) -> dict[str, str]:
        """For each record of a pact the one that stands for it among those of several sources: the first by name."""
        leader: dict[str, str] = {}

        def find(pact: str) -> str:
            while leader.get(pact, pact) != pact:
                pact = leader[pact]
            return pact

        for row in self._ask("same"):
            ends = sorted((find(short(row["one"])), find(short(row["other"]))))
            leader[ends[1]] = ends[0]
        return {pact: find(pact) for pact in leader}

    @cached_property
    def last_years(self) -> dict[str, int]:
        """For each source the last year that it looked at; where nothing says it, the last in which something began or ended.

        Of our own register the last in which something began: its ends may be planned.
        """
        years: dict[str, int] = defaultdict(int)
        for party in (party for parties in self.parties.values() for party in parties if party.span):
            assert party.span
            source = self.pacts[party.pact].source
            known = party.span.first if source == CURATED else party.span.last or party.span.first
            years[source] = max(years[source], party.span.first.year, known.year)
        for source, looks in self.looks.items():
            years[source] = max(last.year for found in looks.values() for _, _, last in found)
        return years

    @cached_property
    def looks(self) -> dict[str, dict[str, list[tuple[str, date, date]]]]:
        """For each source and state: kinds of obligation that the source looked for there, and from when to when."""
        found: dict[str, dict[str, list[tuple[str, date, date]]]] = defaultdict(lambda: defaultdict(list))
        names = {str(about.iri): source for source, about in known_sources().items()}
        for row in self._ask("coverage", axis=self._axes):
            look = short(row["axis"]), date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
            source = names.get(row["source"], short(row["source"]))
            found[source][short(row["state"])].append(look)
        return {source: dict(states) for source, states in found.items()}

    def looked(self, states: Iterable[str], year: int) -> list[str]:
        """Give the sources that looked at all of these states in a year, for any of the kinds asked for."""
        wanted = list(states)
        return sorted(
            source
            for source, looks in self.looks.items()
            if all(any(first.year <= year <= last.year for _, first, last in looks.get(state, ())) for state in wanted)
        )

    @cached_property
    def coded(self) -> dict[str, frozenset[int]]:
        """For each source the kinds that it codes at all: where it has none of another kind, that is not known, not 0."""
        found: dict[str, set[int]] = defaultdict(set)
        for pact, obligations in self._obligations.items():
            if pact in self.pacts:
                found[self.pacts[pact].source].update(obligation.axis for obligation in obligations)
        return {source: frozenset(kinds) for source, kinds in found.items()}

    def ties(self) -> dict[tuple[str, str], list[Tie]]:
        """Give the ties of each pair of states (the first by COW number first) under pacts with obligations of the kinds."""
        found: dict[tuple[str, str], list[Tie]] = defaultdict(list)
        for pact in self._obligations.keys() & self.pacts.keys() & self.parties.keys():
            for tie in self._ties(self.pacts[pact]):
                found[tie.states].append(tie)
        order = sorted(found, key=lambda pair: (self.states[pair[0]].order, self.states[pair[1]].order))
        return {pair: sorted(found[pair], key=lambda tie: (tie.pact.id, tie.span.first)) for pair in order}

    @cached_property
    def tenures(self) -> dict[str, list[Tenure]]:
        """Who led each state, in the order of entry."""
        found: dict[str, list[Tenure]] = defaultdict(list)
        for row in self._ask("tenures"):
            source, span = _graph(row["graph"]), _span(row)
            if span and self.of(source):
                names = [short(row[name]) for name in ("tenure", "person")]
                facts = [short(row.get(name, "")).rpartition("/")[2] for name in ("entry", "exit")]
                office, kind, state = short(row["office"]), short(row["kind"]).rpartition("/")[2], short(row["state"])
                tenure = Tenure(names[0], source, names[1], row.get("name", ""), office, kind, state, span, *facts)
                found[state].append(tenure)
        return dict(found)

    def about(self) -> dict[str, tuple[list[str], list[str]]]:
        """Give the domains and the kinds of obligation of each pact."""
        found: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for row in self._ask("kinds"):
            for place, name in enumerate(("domain", "axis")):
                if name in row:
                    found[short(row["pact"])][place].append(row[name].rpartition("/")[2])
        return found

    @cached_property
    def _axes(self) -> list[NamedNode]:
        return [NamedNode(str(VOCAB[f"obligation/{kind}"])) for kind in self.kinds]

    @cached_property
    def _obligations(self) -> dict[str, list[_Obligation]]:
        sides: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in self._ask("sides", axis=self._axes):
            sides[row["obligation"], row["role"]].add(short(row["party"]))
        found: dict[str, list[_Obligation]] = defaultdict(list)
        for row in self._ask("obligations", axis=self._axes):
            kind = self.kinds.index(row["axis"].rpartition("/")[2])
            bearers, to = (frozenset(sides[row["obligation"], role]) for role in ("bearer", "beneficiary"))
            mutual = row.get("mutuality", "").endswith("/mutual")
            found[short(row["pact"])].append(_Obligation(kind, row.get("phase", ""), mutual, bearers, to))
        return dict(found)

    def _ties(self, pact: Pact) -> Iterator[Tie]:
        members = [party for party in self.parties[pact.id] if party.span and party.agent in self.states]
        members.sort(key=lambda party: (self.states[party.agent].order, party.id))
        count = len({party.agent for party in self.parties[pact.id]})
        for one, other in combinations(members, 2):
            if one.agent == other.agent or one.phase != other.phase or not one.span or not other.span:
                continue
            span = one.span.meet(other.span)
            if span:
                here = [owed for owed in self._obligations[pact.id] if owed.phase in ("", one.phase)]
                forth, back = (self._owed(here, *ends, count) for ends in ((one.agent, other.agent), (other.agent, one.agent)))
                yield Tie(pact, (one.agent, other.agent), span, forth, back)

    def _owed(self, obligations: list[_Obligation], by: str, to: str, count: int) -> tuple[bool | None, ...]:
        found: list[bool | None] = [False] * len(self.kinds)
        for obligation in obligations:
            owed = obligation.owed(by, to, count)
            if owed or (owed is None and not found[obligation.axis]):
                found[obligation.axis] = owed
        return tuple(found)

    def _ask(self, name: str, **slots: Sequence[NamedNode]) -> Iterator[dict[str, str]]:
        return self._store.values(load(f"research/{name}", **slots))

    @staticmethod
    def _state(row: Row) -> State:
        cow, gw, iso = (row.get(name, "") for name in ("cow", "gw", "iso"))
        start, end = (date.fromisoformat(row[name]) if name in row else None for name in ("start", "end"))
        return State(short(row["state"]), row["name"], cow, gw, iso, start, end, short(row.get("continued", "")))


@cache
def known_sources() -> dict[str, Source]:
    """Give the register, which is read once."""
    return sources()


def short(iri: str) -> str:
    """Give an IRI without our base: `state/japan`, `pact/atop-3440`."""
    return iri.removeprefix(f"{BASE}id/").removeprefix(BASE).removeprefix("vocab/")


def _pact(row: Row) -> Pact:
    return Pact(
        id=short(row["pact"]),
        source=_graph(row["graph"]),
        label=row.get("label", ""),
        form=row.get("form", "").rpartition("/")[2],
        scale=row.get("scale", "").rpartition("/")[2],
        signed=row.get("signed", ""),
        force=row.get("force", ""),
        span=_span(row),
        parties=int(row.get("parties", 0)),
    )


def _span(row: Row) -> Span | None:
    """Give the time that the bounds of a row say; None where it has no beginning."""
    days = {
        name: date.fromisoformat(row[name])
        for name in ("startEarliest", "startLatest", "endEarliest", "endLatest")
        if name in row
    }
    if "startEarliest" not in days:
        return None
    first, last = days["startEarliest"], days.get("endLatest")
    sure_last = days.get("endEarliest")
    if last is None and row.get("endPrecision", "").endswith("/unknown"):
        sure_last = first
    return Span(first, last, days.get("startLatest", first), sure_last)


def _until(span: Span | None, row: Row) -> Span | None:
    """Give a time in a pact up to the day on which the party left it or was suspended."""
    if span is None:
        return None
    ends, sure = (
        [date.fromisoformat(row[name + bound]) for name in ("end", "suspended") if name + bound in row]
        for bound in ("Latest", "Earliest")
    )
    return span.meet(Span(date.min, min(ends, default=None), date.min, min(sure, default=None)))


def _earlier(one: date | None, other: date | None) -> date | None:
    return min(one, other) if one and other else one or other


def _graph(iri: str) -> str:
    return iri.rpartition("/graph/")[2]
