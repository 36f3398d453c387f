"""Links to other knowledge bases: SSSOM tables (https://mapping-commons.github.io/sssom/) to statements.

Each row is a mapping that someone justified; it becomes one statement, never owl:sameAs, which would merge entities.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from rdflib import SKOS, Graph, URIRef

from pactgraph.errors import BadInput
from pactgraph.terms import expand

_PREDICATES = {"skos:exactMatch": SKOS.exactMatch, "skos:closeMatch": SKOS.closeMatch}
_WIKIDATA = "http://www.wikidata.org/entity/"


def read(paths: Iterable[Path]) -> Graph:
    """Read SSSOM tables. Raises BadInput with file and line for a predicate or identifier that cannot be used."""
    graph = Graph()
    for path in paths:
        with path.open(encoding="utf-8", newline="") as table:
            lines = list(table)
        header = sum(1 for line in lines if line.startswith("#"))
        for number, row in enumerate(csv.DictReader(lines[header:], delimiter="\t"), start=header + 2):
            graph.add(_mapping(row, path, number))
    return graph


def _mapping(row: dict[str, str], path: Path, line: int) -> tuple[URIRef, URIRef, URIRef]:
    predicate = _PREDICATES.get(row.get("predicate_id", ""))
    prefix, _, identifier = row.get("object_id", "").partition(":")
    if predicate is None:
        fault = f"'{row.get('predicate_id')}' is not a predicate for links"
        raise BadInput(fault, file=path.name, line=line, column=1, hint=f"use one of {', '.join(_PREDICATES)}")
    if prefix != "wikidata" or not identifier.startswith("Q") or not identifier[1:].isdigit():
        raise BadInput(f"'{row.get('object_id')}' is not a Wikidata item", file=path.name, line=line, column=1)
    if not row.get("mapping_justification"):
        raise BadInput("a mapping without a justification", file=path.name, line=line, column=1)
    return URIRef(expand(row["subject_id"])), predicate, URIRef(_WIKIDATA + identifier)
