"""Multilateral treaties deposited with the Secretary-General of the United Nations: who did what in respect of them, and when.

Source: United Nations Treaty Collection, status of March 2015; columns are explained in data/sources/un-multilateral-2015.yaml.
What kind of act a date stands for is told by the heading of its column together with a letter after the date: `22 Oct 1985 a`
under `Ratification, Accession(a)` is an accession. When a treaty entered into force for whom is not in the tables.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from rdflib import Literal, URIRef

from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.headings import Headings, slug_of
from pactgraph.sources.register import Source
from pactgraph.sources.statements import act, pact, participation, record, row_of
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.sources.triples import Triple
from pactgraph.terms import ID, PG

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATED = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2})[a-z]* (\d{4})(?: ([A-Za-z]{1,2}))?")
_DONE = re.compile(r"(.+?)(?:\.\s+(?:[^.]+,\s+)?)(\d{1,2} [A-Z][a-z]+ \d{4})")
_PARTS = re.compile(r", (?=[A-Z])")
_LETTER = re.compile(r" ?\(([A-Za-z]{1,2})\)$")
# The first words of a part of a heading, and the kind of act that they stand for.
_KINDS = {
    "Accession": "accession",
    "Acceptance": "acceptance",
    "Definitive acceptance": "acceptance",
    "Provisional acceptance": "provisional-application",
    "Approval": "treaty-approval",
    "Succession": "succession",
    "Ratification": "ratification",
    "Formal confirmation": "formal-confirmation",
    "Definitive signature": "definitive-signature",
    "Signature": "signature",
    "Application": "application",
    "Provisional application": "provisional-application",
    "Undertaking of provisional application": "provisional-application",
    "Notification": "notification",
    "Date of Adoption": "adoption",
    "Registration Date": "registration",
}
_OTHERWISE = "consent"
_TOWARDS = {"signature", "provisional-application", "notification", "adoption", "registration"}
_NO_DATES = ("Registration Number", "UNTS Volume", "UNTS Page", "Resolution")


@dataclass
class _Treaty:
    """A treaty with what each participant did: a row, and the kind of act; no kind where the row holds no date."""

    node: URIRef
    acts: dict[URIRef, list[tuple[Row, str, str]]] = field(default_factory=lambda: defaultdict(list))


def statements(source: Source, folder: Path, codes: Crosswalk, accounts: list[Account]) -> Iterator[Triple]:
    """Give the statements of both tables; what cannot be placed or read is listed. Raises BadInput, see `tables.rows`."""
    kept = {name: Account(table.file) for name, table in source.tables.items()}
    accounts.extend(kept.values())
    treaties: dict[str, _Treaty] = {}
    headings = Headings(source)
    for row in rows(source.tables["treaties"], folder, kept["treaties"]):
        number = f"{row.text('chapter_no')}-{row.text('treaty_no')}".replace(".", "-")
        treaties[number] = _Treaty(ID[f"pact/un-{number}"])
        yield from _treaty(treaties[number].node, row, headings, source)
    for row in rows(source.tables["acts"], folder, kept["acts"]):
        treaty = treaties.get(row.text("treaty"))
        fault = _place(treaty, row, codes) if treaty else f"the table of treaties has no usable row for {row.text('treaty')}"
        if fault:
            kept["acts"].refuse(row, fault)
    for treaty in treaties.values():
        for party, told in treaty.acts.items():
            yield from _participant(treaty.node, party, told, source)


def _treaty(node: URIRef, row: Row, headings: Headings, source: Source) -> Iterator[Triple]:
    name = row.text("treaty_name")
    done = _DONE.fullmatch(name)
    yield from pact(node, (done[1] if done else name).rstrip("* "), source)
    yield from row_of(node, row, source.tables["treaties"], source)
    yield from headings.say(node, row.text("chapter_name"))
    day = _day(done[2]) if done else None
    if day:
        yield from act(node, URIRef(f"{node}#adoption"), "adoption", day, source)


def _place(treaty: _Treaty, row: Row, codes: Crosswalk) -> str | None:
    """Put a row where it belongs, or say why it belongs nowhere."""
    value, heading, name = row.text("value"), row.text("action"), row.text("Participant")
    day = _day(value)
    if heading not in _NO_DATES and day is None:
        return f"value is {value!r}, which is not a date"
    parties = codes.names.on(name, day)
    if len(parties) != 1:
        return f"no register has a participant called {name!r}"
    part = "" if heading in _NO_DATES else _part(heading, value)
    treaty.acts[parties[0]].append((row, part, _kind(part) if part else ""))
    return None


def _participant(node: URIRef, party: URIRef, told: list[tuple[Row, str, str]], source: Source) -> Iterator[Triple]:
    slug, table = party.rpartition("/")[2], source.tables["acts"]
    bound = any(kind and kind not in _TOWARDS and "to signature" not in part for _, part, kind in told)
    registered = all(
        not kind or kind in ("adoption", "registration") for _, _, kind in told
    )  # declarations: that is all there is
    member = URIRef(f"{node}#party-{slug}")
    role = "party" if bound or registered else "signatory"
    yield from participation(node, member, party, role, told[0][0].text("Participant"))
    for row, part, kind in told:
        if not kind:
            yield from record(member, URIRef(f"{member}-{slug_of(row.text('action'))}"), row, table, source)
            continue
        day = _day(row.text("value"))
        assert day is not None
        done = URIRef(f"{node}#{slug}-{slug_of(part)}-{day:%Y%m%d}")
        yield from act(node, done, kind, day, source)
        yield done, PG.actBy, party
        yield from row_of(done, row, table, source)
        if kind == _OTHERWISE:
            yield done, PG.summary, Literal(f"{part}.", lang="en")


def _part(heading: str, value: str) -> str:
    """Give the part of a heading that a value stands under: that with its letter; all without one, if it has none."""
    found = _DATED.fullmatch(value)
    letter = found[4] if found else None
    parts = [(_LETTER.sub("", part), _LETTER.search(part)) for part in _PARTS.split(heading)]
    chosen = [text for text, mark in parts if (mark[1] if mark else None) == letter]
    return ", ".join(chosen) or heading


@lru_cache
def _kind(part: str) -> str:
    """Give the kind of act of a part of a heading; if it names several, or none that we know, that it is one of consent."""
    kinds = {_kind_of_one(one) for one in _PARTS.split(part)}
    return kinds.pop() if len(kinds) == 1 else _OTHERWISE


def _kind_of_one(part: str) -> str:
    return next((_KINDS[words] for words in sorted(_KINDS, key=len, reverse=True) if part.startswith(words)), _OTHERWISE)


def _day(text: str) -> date | None:
    found = _DATED.fullmatch(text)
    if not found or found[2] not in _MONTHS:
        return None
    try:
        return date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]))
    except ValueError:
        return None
