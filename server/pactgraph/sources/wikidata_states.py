"""States of COW's list in Wikidata, with time slices: which item stands for which state, from which year to which.

Source: a crosswalk of COW, OWID and Wikidata, June 2026; columns are explained in data/sources/wikidata-states.yaml. An item is
linked to the slice of the years that it is given for: the item of a predecessor to a slice of the predecessor; the item of the
present state to the time of that state alone, and to what no such slice covers, though its row gives it the whole life of the
code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from rdflib import RDF, RDFS, SKOS, Literal, URIRef

from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.officeholders import WIKIDATA
from pactgraph.sources.register import Source
from pactgraph.sources.statements import SEEN, dated, record, row_of
from pactgraph.sources.tables import Account, Row, rows
from pactgraph.sources.triples import Triple
from pactgraph.terms import PG, VOCAB

_LAST = 2024
_PRESENT = "present-state"


def statements(source: Source, folder: Path, codes: Crosswalk, accounts: list[Account]) -> Iterator[Triple]:
    """Give the statements of both tables; what no register has is listed. Raises BadInput, see `tables.rows`."""
    kept = {name: Account(table.file) for name, table in source.tables.items()}
    accounts.extend(kept.values())
    told = list(rows(source.tables["states"], folder, kept["states"]))
    sliced: dict[str, int] = defaultdict(int)
    for row in told:
        if row.text("scope") != _PRESENT:
            sliced[row.text("ccode")] = max(sliced[row.text("ccode")], row.code("to_year"))
    for row in told:
        first, last = row.code("from_year"), row.code("to_year")
        spans = codes.cow.during(row.code("ccode"), date(first, 7, 1), date(last, 6, 30)) if first < last else []
        if not spans:
            kept["states"].refuse(row, f"no state of the register has the COW number {row.text('ccode')} in these years")
            continue
        present = row.text("scope") == _PRESENT
        begin, end, state = spans[-1] if present else max(spans, key=lambda span: span[1] - span[0])
        years = max(first, begin.year, sliced[row.text("ccode")] if present else 0), min(last, end.year)
        yield from _slice(state, row, years, source)
    for row in rows(source.tables["organisations"], folder, kept["organisations"]):
        agents = codes.names.on(row.text("label"), None)
        if len(agents) != 1:
            kept["organisations"].refuse(row, f"no register has an organisation called {row.text('label')!r}")
            continue
        node = URIRef(f"{agents[0]}#wikidata-{row.text('wikidata').lower()}")
        yield from record(agents[0], node, row, source.tables["organisations"], source)
        yield agents[0], SKOS.exactMatch, WIKIDATA[row.text("wikidata")]


def _slice(state: URIRef, row: Row, years: tuple[int, int], source: Source) -> Iterator[Triple]:
    node = URIRef(f"{state}#wikidata-{row.text('wikidata').lower()}-{row.text('from_year')}")
    yield node, RDF.type, PG.StateSlice
    yield node, RDFS.label, Literal(f"{row.text('wikidata_label')}, {years[0]}–{years[1]}", lang="en")
    yield node, PG.sliceOf, state
    yield node, PG.codeSystem, VOCAB["code-system/cow"]
    yield node, PG.code, Literal(row.text("ccode"))
    yield node, SKOS.exactMatch, WIKIDATA[row.text("wikidata")]
    yield node, PG.confidence, SEEN
    yield from row_of(node, row, source.tables["states"], source)
    yield from dated(node, PG.start, str(years[0]))
    yield from dated(node, PG.end, None if years[1] == _LAST else str(years[1]))
