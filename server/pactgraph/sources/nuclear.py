"""Civil nuclear cooperation agreements 1951–2003: between which two states, in which year, of which type.

Source: Fuhrmann 2012; the columns are explained in data/sources/nuclear-cooperation.yaml. Rows are directed and have no title:
a pair of states has a row for each agreement in one direction, or in both where both are coded as giving. So the first row from
A to B and the first from B to A, of one year and type, are one agreement; a second row in either direction is a second one.
What the types mean, and so what the direction means, is not in the file: the type is kept as its number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeAlias

from rdflib import XSD, Literal, URIRef

from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.register import Source
from pactgraph.sources.statements import act, pact, participation, record
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.sources.triples import Triple
from pactgraph.terms import ID, PG, VOCAB

_Key: TypeAlias = tuple[int, int, int, int, int]


def statements(source: Source, folder: Path, codes: Crosswalk, accounts: list[Account]) -> Iterator[Triple]:
    """Give the statements of the table; a row with a code that no state has is listed. Raises BadInput, see `tables.rows`."""
    table = source.table()
    account = Account(table.file)
    accounts.append(account)
    agreements: dict[_Key, list[Row]] = defaultdict(list)
    seen = Counter[tuple[int, int, int, int]]()
    for row in rows(table, folder, account):
        one, other, year, kind = (row.code(name) for name in ("ccode1", "ccode2", "year", "nca_type"))
        unknown = [code for code in (one, other) if codes.cow.on(code, date(year, 12, 31)) is None]
        if unknown or one == other:
            account.refuse(
                row, f"no state of the register has the COW number {unknown[0]}" if unknown else "both states are one"
            )
            continue
        seen[one, other, year, kind] += 1
        agreements[min(one, other), max(one, other), year, kind, seen[one, other, year, kind]].append(row)
    for key, told in sorted(agreements.items()):
        yield from _agreement(key, told, codes, source)


def _agreement(key: _Key, told: list[Row], codes: Crosswalk, source: Source) -> Iterator[Triple]:
    """Say one agreement. The states are those at the end of the year."""
    one, other, year, kind, number = key
    node = ID[f"pact/nca-{one}-{other}-{year}-{kind}-{number}"]
    parties = {code: codes.cow.on(code, date(year, 12, 31)) for code in (one, other)}
    names = " and ".join(codes.cow.name(party) for party in parties.values() if party)
    yield from pact(node, f"Nuclear cooperation agreement of {names}, {year} (type {kind}, number {number})", source)
    yield node, PG.inDomain, VOCAB["domain/nuclear-energy"]
    yield node, PG.typeNumber, Literal(kind, datatype=XSD.integer)
    yield from act(node, URIRef(f"{node}#signature"), "signature", str(year), source)
    for code, party in parties.items():
        yield from participation(node, URIRef(f"{node}#party-{code}"), party)
    for row in told:
        yield from record(node, URIRef(f"{node}#from-{row.code('ccode1')}"), row, source.table(), source)
