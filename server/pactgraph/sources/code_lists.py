"""Lists of codes of countries and territories: which code of which system stands for whom, today.

Sources: datasets/country-codes, country-coder and the regions of Our World in Data (data/sources/country-codes.yaml), and the
table of the R package countrycode (data/sources/countrycode-1.8.0.yaml). None of them has dates: the codes are those of the day
on which the list was made. A row belongs to whom its ISO 3166-1 alpha-3 code stands for, else its COW number; what has neither,
or is in no register (parts of countries, groups of them), is listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rdflib import RDF, SKOS, Literal, URIRef

from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.headings import slug_of
from pactgraph.sources.officeholders import WIKIDATA
from pactgraph.sources.register import Source, Table
from pactgraph.sources.statements import SEEN, dated, record
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.sources.triples import Triple
from pactgraph.terms import PG, VOCAB

_TODAY = date(2024, 12, 31)


@dataclass(frozen=True)
class _Columns:
    """What a table calls the ISO code, the COW number, and the item of Wikidata; and its codes to be said, by system."""

    iso: str
    cow: str = ""
    item: str = ""
    codes: tuple[tuple[str, str], ...] = ()


_TABLES = {
    "countries": _Columns(
        "ISO3166-1-Alpha-3",
        item="wikidata_id",
        codes=(
            ("iso-3166-1-alpha-2", "ISO3166-1-Alpha-2"),
            ("iso-3166-1-alpha-3", "ISO3166-1-Alpha-3"),
            ("iso-3166-1-numeric", "ISO3166-1-numeric"),
        ),
    ),
    "coder": _Columns("iso1A3", item="wikidata"),
    "regions": _Columns("iso_alpha3", "cow_code", "wikidata_code"),
    "codelist": _Columns("iso3c", "cown"),
}


def statements(source: Source, folder: Path, codes: Crosswalk, accounts: list[Account]) -> Iterator[Triple]:
    """Give the statements of the tables of either source; a row of nobody is listed. Raises BadInput, see `tables.rows`."""
    kept = {name: Account(table.file) for name, table in source.tables.items()}
    accounts.extend(kept.values())
    for name, table in source.tables.items():
        columns = _TABLES[name]
        for row in rows(table, folder, kept[name]):
            agent = _agent(row, columns, codes)
            if agent is None:
                kept[name].refuse(row, "it has no code of a state or territory of the register")
                continue
            yield from record(agent, URIRef(f"{agent}#{name}-{_key(row, table)}"), row, table, source)
            yield from _codes(agent, row, columns, source)
            item = row.text(columns.item).rpartition("/")[2] if columns.item else ""
            if item:
                yield agent, SKOS.closeMatch, WIKIDATA[item]


def _agent(row: Row, columns: _Columns, codes: Crosswalk) -> URIRef | None:
    iso = row.text(columns.iso)
    known = codes.names.on(iso, None) if len(iso) == 3 else []
    if not known and columns.cow and row.text(columns.cow):
        return codes.cow.on(row.code(columns.cow), _TODAY)
    return known[0] if len(known) == 1 else None


def _key(row: Row, table: Table) -> str:
    return slug_of("-".join(row.text(column) for column in table.key))


def _codes(agent: URIRef, row: Row, columns: _Columns, source: Source) -> Iterator[Triple]:
    """Say codes that hold today; since when is not told."""
    for system, column in columns.codes:
        code = row.text(column).strip()
        if not code:
            continue
        code = code.zfill(3) if system.endswith("numeric") else code
        node = URIRef(f"{agent}#{system}-{code.lower()}")
        yield agent, PG.hasCode, node
        yield node, RDF.type, PG.CodeAssignment
        yield node, PG.codeSystem, VOCAB[f"code-system/{system}"]
        yield node, PG.code, Literal(code)
        yield node, PG.citesSource, source.iri
        yield node, PG.confidence, SEEN
        yield from dated(node, PG.end, None)
