"""manytreaties 1.0.0: agreements on trade, environment and health from four data sets, and the parties of three of them.

Source: Hollway and others 2025, from DESTA, IEADB, GGO and GPTAD; columns: data/sources/manytreaties-1.0.0.yaml.
An agreement of one data set is the same pact as one of another if both have its treatyID once and begin on dates that can be
the same. Parties belong to agreements by the number that the data set gives them (DESTA, IEADB) or by treatyID (GGO), and where
several agreements have that, by title and beginning. GGO gives one treatyID to different agreements, too: a row of parties with
neither title nor beginning of that in the table is about another. Parties of an agreement that is in no table make a pact of
their own.

A date that data sets state otherwise than the first of them (GGO, IEADB, DESTA, GPTAD) is kept beside it as a date statement.
Years from 2100 on mark what has not happened or has no end, and are taken as such.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rdflib import RDF, URIRef

from pactgraph.dates import bounds, of_messydate
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.headings import Headings, slug_of
from pactgraph.sources.register import Source, Table
from pactgraph.sources.statements import SEEN, act, dated, pact, participation, record, row_of
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.sources.triples import Triple
from pactgraph.terms import ID, PG, VOCAB

_FAR = 2100
_ENDLESS = "9999"


@dataclass(frozen=True)
class _Set:
    """A data set: its tables, how it numbers agreements, and the columns of a party's own dates (kind of act: column)."""

    name: str
    number: str
    headings: tuple[str, ...] = ()
    domain: str = ""
    parties_number: str = ""
    acts: tuple[tuple[str, str], ...] = ()
    start: str = ""
    end: str = ""

    def number_of(self, row: Row) -> str:
        """Give the number of the agreement that a row is about; tables write it as 32 or 32.0."""
        column = self.number if self.number in row.values else self.parties_number
        return row.text(column).removesuffix(".0")


_SETS = (
    _Set(
        "GGO",
        "treatyID",
        headings=("TypeDomain", "TypeSubject"),
        parties_number="treatyID",
        acts=(("signature", "StateSignature"), ("ratification", "StateRatification")),
        start="StateForce",
        end="StateEnd",
    ),
    _Set(
        "IEADB",
        "mitchID",
        headings=("TypeSubject",),
        domain="environment",
        parties_number="ieadbID",
        acts=(("signature", "stateSignature"), ("ratification", "Rat")),
        start="Force",
        end="End",
    ),
    _Set("DESTA", "destaID", domain="trade", parties_number="destaID"),
    _Set("GPTAD", "gptadID", domain="trade"),
)
_ACTS = (("signature", "Signature"), ("entry-into-force", "Force"), ("termination", "Term"))


@dataclass
class _Pact:
    """A pact with the rows of agreements that tell of it, each with its data set, and the acts of it that are said."""

    node: URIRef
    told: list[tuple[_Set, Row]] = field(default_factory=list)
    days: dict[str, str] = field(default_factory=dict)
    said: set[URIRef] = field(default_factory=set)

    @property
    def endless(self) -> bool:
        """Tell whether a row says that it has no end."""
        return any(row.values.get("End", "").startswith(_ENDLESS) for _, row in self.told)


def statements(source: Source, folder: Path, codes: Crosswalk, accounts: list[Account]) -> Iterator[Triple]:
    """Give the statements of the seven tables; what cannot be placed is listed. Raises BadInput, see `tables.rows`."""
    kept = {name: Account(table.file) for name, table in source.tables.items()}
    accounts.extend(kept.values())
    agreements = {
        one.name: list(rows(source.tables[f"agreements_{one.name}"], folder, kept[f"agreements_{one.name}"])) for one in _SETS
    }
    pacts = _Pacts(agreements)
    headings = Headings(source)
    for found in pacts.all:
        yield from _agreement(found, source, headings)
    for one in _SETS:
        if one.parties_number:
            name = f"parties_{one.name}"
            yield from _Parties(one, source, codes, pacts, kept[name]).statements(rows(source.tables[name], folder, kept[name]))


class _Pacts:
    """The pacts that the tables of agreements tell of, and finding the one that a row of parties belongs to."""

    def __init__(self, agreements: dict[str, list[Row]]) -> None:
        self.all: list[_Pact] = []
        self._numbered: dict[tuple[str, str], list[_Pact]] = defaultdict(list)
        self._single: dict[str, list[_Pact]] = defaultdict(list)
        self._nodes: set[URIRef] = set()
        for one in _SETS:
            of_set = agreements[one.name]
            counts = _counts(of_set)
            for row in of_set:
                self._add(one, row, single=counts[row.text("treatyID")] == 1)

    def _add(self, one: _Set, row: Row, *, single: bool) -> None:
        found = next((known for known in self._single[row.text("treatyID")] if single and _same_time(known, row)), None)
        if found is None:
            found = _Pact(self._name(row.text("treatyID"), "" if single else one.name))
            self.all.append(found)
            if single:
                self._single[row.text("treatyID")].append(found)
        found.told.append((one, row))
        self._numbered[one.name, one.number_of(row)].append(found)

    def _name(self, number: str, suffix: str = "") -> URIRef:
        """Name a pact by its treatyID; one that shares that with others by its data set, and its place among them."""
        slug = "-".join(part for part in ("manytreaties", slug_of(number), suffix.lower()) if part)
        count, node = 1, ID[f"pact/{slug}"]
        while node in self._nodes:
            count += 1
            node = ID[f"pact/{slug}-{count}"]
        self._nodes.add(node)
        return node

    def of_party(self, one: _Set, row: Row) -> tuple[_Pact, bool]:
        """Give the pact of a row of parties; and whether it is new, for no table of agreements has it."""
        number = one.number_of(row)
        best = max(self._numbered[one.name, number], key=lambda known: _likeness(known, one, row), default=None)
        if best and (one.number != "treatyID" or any(_likeness(best, one, row))):
            return best, False
        found = _Pact(self._name(row.text("treatyID"), f"{one.name}-parties"), [(one, row)])
        self._numbered[one.name, number].append(found)
        return found, True


def _counts(of_set: list[Row]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for row in of_set:
        counts[row.text("treatyID")] += 1
    return counts


def _same_time(known: _Pact, row: Row) -> bool:
    """Tell whether a row of agreements can begin when a pact does; what has no date can not be held to do so."""
    one, other = (bounds(of_messydate(each.text("Begin"))) for each in (known.told[0][1], row))
    if not (one.earliest and one.latest and other.earliest and other.latest):
        return False
    return one.earliest <= other.latest and other.earliest <= one.latest


def _likeness(known: _Pact, one: _Set, row: Row) -> tuple[bool, bool]:
    """Tell whether a pact has, in a data set, the title of a row of parties, and whether it has its beginning."""
    told = [other for of_set, other in known.told if of_set is one]
    return any(other.text("Title") == row.text("Title") for other in told), any(
        other.text("Begin") == row.text("Begin") for other in told
    )


def _agreement(found: _Pact, source: Source, headings: Headings) -> Iterator[Triple]:
    node = found.node
    yield from pact(node, found.told[0][1].text("Title"), source)
    for one, row in found.told:
        table = source.tables[f"agreements_{one.name}"]
        yield from record(node, URIRef(f"{node}#{one.name.lower()}"), row, table, source)
        for column in one.headings:
            for heading in row.text(column).split(","):
                yield from headings.say(node, heading.strip())
        if one.domain:
            yield node, PG.inDomain, VOCAB[f"domain/{one.domain}"]
        for kind, column in _ACTS:
            yield from _dated_act(found, one, kind, _date(row, column), source)
    yield from _span(found)


def _dated_act(found: _Pact, one: _Set, kind: str, day: str, source: Source) -> Iterator[Triple]:
    """Say an act of the pact as a whole; where a data set before this one dates it otherwise, a date statement of it."""
    if not day:
        return
    node = URIRef(f"{found.node}#{kind}")
    if kind not in found.days:
        found.days[kind] = day
        yield from act(found.node, node, kind, day, source)
    elif day != found.days[kind]:
        statement = URIRef(f"{node}-{one.name.lower()}")
        yield node, PG.hasDateStatement, statement
        yield statement, RDF.type, PG.DateStatement
        yield statement, PG.statedFor, VOCAB["date-role/date"]
        yield statement, PG.rank, VOCAB["rank/normal"]
        yield statement, PG.recordedIn, URIRef(f"{found.node}#{one.name.lower()}")
        yield statement, PG.citesSource, source.iri
        yield statement, PG.confidence, SEEN
        yield from dated(statement, PG.date, day)


def _span(found: _Pact) -> Iterator[Triple]:
    """Say when it begins, where no act does, and that it has no end, or when that is."""
    row = found.told[0][1]
    begin = _date(row, "Begin")
    if begin and not {"signature", "entry-into-force"} & found.days.keys():
        yield from dated(found.node, PG.start, begin)
    end = next((end for _, told in found.told if (end := _date(told, "End"))), "")
    if found.endless or end:
        yield from dated(found.node, PG.end, None if found.endless else end)


def _date(row: Row, column: str) -> str:
    """Give the date of a column as EDTF; nothing where there is none, or where it marks that there is none."""
    stated = of_messydate(row.values.get(column, ""))
    return "" if stated and int(stated[:4]) >= _FAR else stated


class _Parties:
    """The parties of one data set."""

    def __init__(self, one: _Set, source: Source, codes: Crosswalk, pacts: _Pacts, account: Account) -> None:
        self._set, self._source, self._codes, self._pacts, self._account = one, source, codes, pacts, account
        self._table: Table = source.tables[f"parties_{one.name}"]
        self._names: dict[str, int] = defaultdict(int)

    def statements(self, found: Iterator[Row]) -> Iterator[Triple]:
        """Give the statements of the rows; one that names nobody, or two, is listed."""
        for row in found:
            parties = self._parties(row)
            if len(parties) != 1:
                whom = row.text("stateID") or row.values.get("StateName", "")
                self._account.refuse(row, f"no register has one party for {whom!r}")
                continue
            agreement, new = self._pacts.of_party(self._set, row)
            if new:
                yield from pact(agreement.node, row.text("Title"), self._source)
                if self._set.domain:
                    yield agreement.node, PG.inDomain, VOCAB[f"domain/{self._set.domain}"]
                yield from _dated_act(agreement, self._set, "signature", _date(row, "Signature"), self._source)
            yield from self._party(agreement, parties[0], row)

    def _parties(self, row: Row) -> list[URIRef]:
        stated = next((day for _, column in self._set.acts if (day := _date(row, column))), "") or _date(row, "Begin")
        names = [row.text("stateID"), row.values.get("StateName", "")]
        return next((known for name in names if name and (known := self._codes.names.on(name, _earliest(stated)))), [])

    def _party(self, agreement: _Pact, party: URIRef, row: Row) -> Iterator[Triple]:
        member = f"{agreement.node}#{self._set.name.lower()}-{slug_of(row.text('stateID') or row.text('StateName'))}"
        self._names[member] += 1
        node = URIRef(member if self._names[member] == 1 else f"{member}-{self._names[member]}")
        yield from participation(agreement.node, node, party)
        yield from row_of(node, row, self._table, self._source)
        start, end = _date(row, self._set.start), _date(row, self._set.end)
        if start:
            yield from dated(node, PG.start, start)
        if end or row.values.get(self._set.end, "").startswith(_ENDLESS):
            yield from dated(node, PG.end, end or None)
        for kind, column in self._set.acts:
            yield from self._act(agreement, kind, party, _date(row, column))
        if end and agreement.endless:
            yield from self._act(agreement, "withdrawal", party, end)

    def _act(self, agreement: _Pact, kind: str, party: URIRef, day: str) -> Iterator[Triple]:
        """Say that a party did something on a day; those that did it on the same day share the act."""
        if not day:
            return
        whole = agreement.days.get(kind) == day
        node = URIRef(f"{agreement.node}#{kind}" + ("" if whole else f"-{slug_of(day)}"))
        if not whole and node not in agreement.said:
            agreement.said.add(node)
            yield from act(agreement.node, node, kind, day, self._source)
        yield node, PG.actBy, party


def _earliest(stated: str) -> date | None:
    return bounds(stated).earliest if stated else None
