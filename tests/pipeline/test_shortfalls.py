"""Imported records are validated by the shapes too; what they lack is counted, and stops nothing."""

from __future__ import annotations

import json

from rdflib import URIRef

from pactgraph import knowledge
from pactgraph.packed import Packed
from pactgraph.reasoning import rules
from pactgraph.validation import parse
from pactgraph.validation.imported import shortfalls
from tests.conftest import Imported

ID = "https://w3id.org/pactgraph/id/"
PG = "https://w3id.org/pactgraph/ns#"
RECORDS = f"""
<{ID}pact/old> <{PG}untsNumber> "No. 7" .
<{ID}pact/one> <{PG}untsNumber> "No. 8" .
<{ID}pact/two> <{PG}untsNumber> "9" .
<{ID}pact/one> <{PG}citesSource> <{ID}source/some-list> .
""".encode()


def test_what_imported_records_lack_is_counted_by_shape_and_source() -> None:
    store = rules.loaded([Packed.of([RECORDS])])
    found = {
        one.shape.rpartition("#")[2]: one for one in shortfalls(store, parse(knowledge.shapes()), {URIRef(f"{ID}pact/old")})
    }
    one = found["UntsNumberForm"]
    assert (one.severity, one.count, one.by_source) == ("Violation", 1, {"some-list": 1})
    assert one.examples == [f"{ID}pact/one"]
    assert "digits only" in one.message


def test_the_release_of_everything_says_what_its_records_lack(imported: Imported) -> None:
    told = imported.report["shortfalls"]
    stored = json.loads((imported.folder / "current/reports/shortfalls.json").read_text(encoding="utf-8"))
    assert [{**one, "examples": []} for one in told] == stored
    by_shape = {one["shape"].rpartition("#")[2]: one for one in told}
    assert by_shape["OfficeHasKind"]["by_source"]["officeholders"] > 5000, "Wikidata's offices have no kind of ours"
    assert all(0 < len(one["examples"]) <= 10 for one in told)
    assert not any("russia-dprk-csp-2024" in name for one in told for name in one["examples"]), "validated before"
