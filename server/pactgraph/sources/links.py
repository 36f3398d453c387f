"""Links to other knowledge bases: SSSOM tables (https://mapping-commons.github.io/sssom/) to statements.

Each row is a mapping that someone justified; it becomes one statement, never owl:sameAs, which would merge entities.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from rdflib import SKOS, Graph, URIRef

from pactgraph import knowledge
from pactgraph.errors import BadInput
from pactgraph.terms import ID

_PREDICATES = {"skos:exactMatch": SKOS.exactMatch, "skos:closeMatch": SKOS.closeMatch}
_WIKIDATA = "http://www.wikidata.org/entity/"
_ITEM = re.compile(r"wikidata:(Q[1-9][0-9]*)")
_COLUMNS = ("subject_id", "predicate_id", "object_id", "mapping_justification", "confidence")


def read(paths: Iterable[Path], known: Collection[str] | None = None) -> Graph:
    """Read SSSOM tables about entities that are `known` (by IRI; None: any).

    Raises BadInput with file and line for a table or a row that cannot be used.
    """
    graph = Graph()
    for path in paths:
        name = knowledge.name(path)
        for line, row in table(path, name):
            try:
                graph.add(_mapping(row, known))
            except ValueError as error:
                fault, _, hint = str(error).partition("; ")
                raise BadInput(fault, file=name, line=line, column=1, hint=hint) from None
    return graph


def table(path: Path, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the rows of an SSSOM table, each with its line. Raises BadInput for what is no such table."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BadInput(f"the table is not UTF-8: {error.reason}", file=name, line=1, column=1) from None
    header = sum(1 for line in lines if line.startswith("#"))
    reader = csv.reader(lines[header:], delimiter="\t")
    columns = next(reader, [])
    missing = [column for column in _COLUMNS if column not in columns]
    if missing:
        hint = "the columns stand in the line after the comments, with tabs between them"
        raise BadInput(f"the table lacks the columns {', '.join(missing)}", file=name, line=header + 1, column=1, hint=hint)
    count = 0
    for count, row in enumerate(reader, start=1):
        if len(row) != len(columns):
            fault = f"a row of {len(row)} values where there are {len(columns)} columns"
            raise BadInput(fault, file=name, line=header + 1 + count, column=1, hint="are the values divided by tabs?")
        yield header + 1 + count, dict(zip(columns, row, strict=True))
    if not count:
        raise BadInput("the table has no row", file=name, line=header + 1, column=1, hint="restore it, or delete the file")


def _mapping(row: dict[str, str], known: Collection[str] | None) -> tuple[URIRef, URIRef, URIRef]:
    kind, colon, slug = row["subject_id"].partition(":")
    subject = f"{ID}{kind}/{slug}"
    if not colon or (known is not None and subject not in known):
        raise ValueError(f"there is no entity '{row['subject_id']}'; correct subject_id, or add the entity")
    predicate = _PREDICATES.get(row["predicate_id"])
    if predicate is None:
        raise ValueError(f"'{row['predicate_id']}' is not a predicate for links; use one of {', '.join(_PREDICATES)}")
    item = _ITEM.fullmatch(row["object_id"])
    if not item:
        raise ValueError(f"'{row['object_id']}' is not a Wikidata item; write wikidata:Q and its number")
    if not row["mapping_justification"]:
        raise ValueError("a mapping without a justification; fill in mapping_justification")
    if not _is_share(row["confidence"]):
        raise ValueError(f"confidence is '{row['confidence']}'; write a number from 0 to 1")
    return URIRef(subject), predicate, URIRef(_WIKIDATA + item[1])


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False
