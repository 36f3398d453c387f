"""The rules of a day against interval arithmetic: every way in which uncertain dates can come out, one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryTriples, RdfFormat, Store, Triple, parse, serialize

from pactgraph import knowledge
from pactgraph.packed import Packed
from pactgraph.reasoning.rules import closure, loaded
from pactgraph.store import days

BASE = "https://w3id.org/pactgraph/"
PG, VOCAB = f"{BASE}ns#", f"{BASE}vocab/"
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
FIRST, LAST = date(1930, 1, 1), 9
DAYS = range(LAST + 1)
DAY = FIRST + timedelta(days=5)


@dataclass(frozen=True)
class Span:
    """A stretch of time: the days on which it can begin and end; the end may be open or unknown (None with a word)."""

    start: tuple[int, int]
    end: tuple[int, int] | None
    word: str

    def on(self, day: int) -> int:
        """Say whether it holds on a day: 2 in each way that the dates can come out, 1 in some, 0 in none."""
        starts = range(self.start[0], self.start[1] + 1)
        ends: Iterable[int] = range(self.end[0], self.end[1] + 1) if self.end else [LAST + 1] if self.word == "open" else []
        if self.word == "unknown":
            return int(self.start[0] <= day)
        held = [start <= day <= end for start, end in product(starts, ends)]
        return 2 if all(held) else 1 if any(held) else 0


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = sorted(draw(st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS))))
    word = draw(st.sampled_from(["day", "open", "unknown"]))
    if word != "day":
        return Span((start[0], start[1]), None, word)
    end = sorted(draw(st.tuples(*[st.integers(start[1], LAST)] * 2)))
    return Span((start[0], start[1]), (end[0], end[1]), word)


@dataclass(frozen=True)
class World:
    """Two states, and one pact between them with a duty of defence."""

    states: tuple[Span, Span]
    pact: Span
    parties: tuple[Span | None, Span | None]
    suspended: tuple[int, int] | None
    force: str
    mutual: bool


worlds = st.builds(
    World,
    states=st.tuples(spans(), spans()),
    pact=spans(),
    parties=st.tuples(st.none() | spans(), st.none() | spans()),
    suspended=st.none() | st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(lambda pair: (min(pair), max(pair))),
    force=st.sampled_from(["legal", "legal", "political", "unclear"]),
    mutual=st.booleans(),
)


def node(name: str) -> NamedNode:
    return NamedNode(f"{BASE}id/{name}")


def triple(subject: str, prop: str, value: str | date) -> Triple:
    """Give a statement in short form: `pact/p`, `hasAct`, and a name, a word of a vocabulary (`vocab:`) or a day."""
    if isinstance(value, date):
        term: NamedNode | Literal = Literal(value.isoformat(), datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date"))
    elif value.startswith("vocab:"):
        term = NamedNode(VOCAB + value.removeprefix("vocab:"))
    else:
        term = NamedNode(PG + value) if prop == "type" else node(value)
    return Triple(node(subject), TYPE if prop == "type" else NamedNode(PG + prop), term)


def dated(subject: str, span: Span) -> list[Triple]:
    bounds = {"startEarliest": span.start[0], "startLatest": span.start[1]}
    if span.end:
        bounds |= {"endEarliest": span.end[0], "endLatest": span.end[1]}
    found = [triple(subject, prop, FIRST + timedelta(days=number)) for prop, number in bounds.items()]
    return [*found, triple(subject, "endPrecision", f"vocab:precision/{span.word}")]


def statements(world: World) -> list[Triple]:
    found = dated("pact/p", world.pact)
    found += [triple("pact/p", "type", "Pact"), triple("pact/p", "bindsBy", f"vocab:force/{world.force}")]
    for name, state, party in zip("ab", world.states, world.parties, strict=True):
        part = f"pact/p#{name}"
        found += [
            triple(f"state/{name}", "type", "State"),
            *dated(f"state/{name}", state),
            *(dated(part, party) if party else []),
        ]
        found += [triple("pact/p", "hasParticipation", part), triple(part, "participationIn", "pact/p")]
        found.append(triple(part, "party", f"state/{name}"))
    if world.suspended:
        for prop, number in zip(("suspendedEarliest", "suspendedLatest"), world.suspended, strict=True):
            found.append(triple("pact/p#a", prop, FIRST + timedelta(days=number)))
    found += [triple("pact/p", "hasObligation", "pact/p#o"), triple("pact/p#o", "onAxis", "vocab:obligation/defence")]
    found.append(triple("pact/p#o", "mutuality", f"vocab:mutuality/{'mutual' if world.mutual else 'one-sided'}"))
    if not world.mutual:
        found += [triple("pact/p#o", "bearer", "state/a"), triple("pact/p#o", "beneficiary", "state/b")]
    return found


def view(given: list[Triple], day: date = DAY) -> set[tuple[str, str, str]]:
    """Run the rules of a day over statements in memory; give what they say in short form."""
    store, graph = Store(), days.name_of(day)
    store.extend(Quad(t.subject, t.predicate, t.object, NamedNode(f"{BASE}graph/curated")) for t in given)

    def construct(rule: str) -> Iterable[Triple]:
        found = store.query(rule, use_default_graph_as_union=True)
        assert isinstance(found, QueryTriples)
        return found

    days.make(day, construct, lambda made: store.extend(Quad(t.subject, t.predicate, t.object, graph) for t in made))
    made = store.quads_for_pattern(None, None, None, graph)
    return {(short(quad.subject), short(quad.predicate), short(quad.object)) for quad in made}


def short(term: object) -> str:
    value = str(getattr(term, "value", term))
    return "type" if value == TYPE.value else value.rpartition("/")[2].removeprefix("ns#")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds)
def test_a_day_says_what_every_reading_of_the_dates_allows(world: World) -> None:
    day = (DAY - FIRST).days
    said = view(statements(world))
    exists = [state.on(day) for state in world.states]
    force = world.pact.on(day)
    party = [min(force, exists[i], span.on(day) if span else 2) for i, span in enumerate(world.parties)]
    free = 2 if not world.suspended or day < world.suspended[0] else 1 if day < world.suspended[1] else 0
    by_law = {"legal": 2, "unclear": 1, "political": 0}[world.force]
    bound = [min(party[0], free, by_law), min(party[1], by_law)]
    pledged = world.force == "political" and min(party[0], free, party[1]) == 2
    for name, value in zip("ab", exists, strict=True):
        assert {c for s, p, c in said if s == name and p == "type"} == {
            0: set(),
            1: {"PossiblyExistingState"},
            2: {"ExistingState"},
        }[value]
    assert {c for s, p, c in said if s == "p" and p == "type"} == {0: set(), 1: {"PactPossiblyInForce"}, 2: {"PactInForce"}}[
        force
    ]
    assert parties(said, "currentPartyTo") == party
    ways = {("a", "b"), ("b", "a")} if world.mutual else {("a", "b")}
    value = min(*bound)
    assert {(s, o) for s, p, o in said if p == "boundToDefend"} == (ways if value == 2 else set())
    assert {(s, o) for s, p, o in said if p == "possiblyBoundToDefend"} == (ways if value == 1 else set())
    assert {(s, o) for s, p, o in said if p == "pledgedToDefend"} == (ways if pledged else set())
    assert {(s, o) for s, p, o in said if p == "allyOf"} == ({("a", "b"), ("b", "a")} if value == 2 else set())


def parties(said: set[tuple[str, str, str]], name: str) -> list[int]:
    possibly = "possibly" + name[0].upper() + name[1:]
    return [2 if (state, name, "p") in said else 1 if (state, possibly, "p") in said else 0 for state in "ab"]


@settings(max_examples=100, deadline=None)
@given(spans())
def test_an_office_is_held_as_the_dates_of_the_tenure_allow(span: Span) -> None:
    tenure = [triple("person/x", "hasTenure", "person/x#t"), triple("person/x#t", "holder", "person/x")]
    tenure += [triple("person/x#t", "heldOffice", "office/o"), *dated("person/x#t", span)]
    said = {prop for s, prop, _ in view(tenure) if s == "x"}
    assert said == {0: set(), 1: {"possiblyHoldsOffice"}, 2: {"holdsOffice"}}[span.on((DAY - FIRST).days)]


def allied(until: date, *, curated: bool = False) -> list[Triple]:
    """Give a pact of a data set that had not ended when the data set did."""
    world = World((Span((0, 0), None, "open"),) * 2, Span((0, 0), None, "open"), (None, None), None, "legal", mutual=True)
    source = [triple("pact/p", "citesSource", "source/s"), triple("source/s", "coversUntil", until)]
    source.append(triple("source/s", "coversFrom", FIRST))
    return [*statements(world), *source, *([] if curated else [triple("pact/p", "censoredAt", until)])]


def test_what_a_data_set_did_not_look_at_is_not_covered() -> None:
    within, after = view(allied(DAY)), view(allied(DAY - timedelta(days=1)))
    assert ("p", "statusOnDay", "in-force") in within and ("a", "boundToDefend", "b") in within
    assert ("p", "statusOnDay", "not-covered") in after
    assert not {
        row for row in after if row[1] not in ("type", "statusOnDay", "viewOf", "notCoveredBy") or row[2].startswith("Pact")
    }
    assert {("1930-01-06", "coveredBy", "s")} <= within and {("1930-01-06", "notCoveredBy", "s")} <= after


def test_what_is_curated_stays_open_though_it_cites_a_data_set() -> None:
    assert ("a", "boundToDefend", "b") in view(allied(DAY - timedelta(days=1), curated=True))


def test_a_pact_without_recorded_obligations_has_parties_and_binds_nobody_to_anything() -> None:
    bare = [t for t in allied(DAY, curated=True) if short(t.predicate) != "hasObligation"]
    found = view(bare)
    assert ("a", "currentPartyTo", "p") in found
    assert not {row for row in found if row[1].startswith(("boundBy", "boundTo", "possiblyBound"))}
    assert ("a", "boundBy", "p") in view(allied(DAY, curated=True))


def denounced(day: date | None) -> list[Triple]:
    """Give a curated pact that a register calls in force, and what follows in a build; a day, if given, is its end."""
    world = World((Span((0, 0), None, "open"),) * 2, Span((0, 0), None, "open"), (None, None), None, "legal", mutual=True)
    given = [
        t
        for t in statements(world)
        if short(t.subject) != "p" or not short(t.predicate).startswith(("start", "end", "bindsBy"))
    ]
    given += [
        triple("pact/p", "reportedStatus", "vocab:status/in-force"),
        triple("pact/p", "curationScope", "vocab:scope/curated"),
    ]
    for name, kind, when in (("e", "entry-into-force", FIRST), ("t", "termination", day)):
        if when:
            given += [triple("pact/p", "hasAct", f"pact/p#{name}"), triple(f"pact/p#{name}", "actKind", f"vocab:act/{kind}")]
            given += [triple(f"pact/p#{name}", prop, when) for prop in ("dateEarliest", "dateLatest")]
            given.append(triple(f"pact/p#{name}", "datePrecision", "vocab:precision/day"))
    known = loaded([Packed.of([serialize(given, format=RdfFormat.N_TRIPLES) or b""])])
    closed = closure(known, knowledge.strata()[:1]).ntriples
    return [*given, *(quad.triple for quad in parse(closed.file(), format=RdfFormat.N_TRIPLES))]


def test_a_denunciation_is_one_date_and_all_else_follows() -> None:
    before, after = view(denounced(None)), view(denounced(DAY - timedelta(days=1)))
    assert {("a", "boundToDefend", "b"), ("b", "allyOf", "a"), ("p", "statusOnDay", "in-force")} <= before
    assert {row for row in after if "p" in row and row[1] != "type"} == {("p", "statusOnDay", "terminated")}
    assert not {row for row in after if row[1] in ("boundToDefend", "allyOf", "currentPartyTo")}
    assert {("a", "boundToDefend", "b")} <= view(denounced(DAY + timedelta(days=1)))


def test_a_continuing_state_inherits_possibly_and_never_certainly() -> None:
    world = World(
        (Span((0, 0), (3, 3), "day"), Span((0, 0), None, "open")),
        Span((0, 0), None, "open"),
        (None, None),
        None,
        "legal",
        mutual=True,
    )
    heir = [
        triple("state/c", "type", "State"),
        *dated("state/c", Span((3, 3), None, "open")),
        triple("state/a", "continuedBy", "state/c"),
    ]
    said = view([*statements(world), *heir])
    assert {row for row in said if "c" in (row[0], row[2]) and row[1] != "type"} == {
        ("c", "inheritedPartyTo", "p"),
        ("c", "possiblyBoundBy", "p"),
        ("c", "possiblyBoundToDefend", "b"),
        ("b", "possiblyBoundToDefend", "c"),
        ("c", "possiblyAllyOf", "b"),
        ("b", "possiblyAllyOf", "c"),
    }
    assert not any(row[1] in ("boundToDefend", "currentPartyTo") and "a" in (row[0], row[2]) for row in said)
