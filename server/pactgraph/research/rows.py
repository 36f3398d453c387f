"""The rows of a source, read back from a release field by field."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import groupby
from typing import TypeAlias

from pyoxigraph import NamedNode

from pactgraph.errors import NotFound
from pactgraph.queries import load
from pactgraph.sources.register import Table
from pactgraph.store import AnyStore

Record: TypeAlias = dict[str, str]


def records(store: AnyStore, table: Table) -> Iterator[Record]:
    """Give the rows of a table in the order of its file, each column with its value ("" where the row has none).

    Raises NotFound if the release does not hold the source.
    """
    count = 0
    for row in _whole(store, table) if table.whole else _by_cell(store, table):
        count += 1
        yield row
    if not count:
        raise NotFound("the release does not hold this source; build it with --sources and --with")


def _by_cell(store: AnyStore, table: Table) -> Iterator[Record]:
    empty = dict.fromkeys(table.columns, "")
    found = store.values(load("source-rows", table=NamedNode(str(table.iri))))
    for _, cells in groupby(found, key=lambda cell: cell["number"]):
        yield empty | {cell["column"]: cell["value"] for cell in cells}


def _whole(store: AnyStore, table: Table) -> Iterator[Record]:
    for found in store.values(load("source-rows-whole", table=NamedNode(str(table.iri)))):
        (values,) = csv.reader([found["row"]])
        yield dict(zip(table.columns, values, strict=True))
