"""The rows of a source, read back from a release field by field."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TypeAlias

from pyoxigraph import NamedNode

from pactgraph.errors import NotFound
from pactgraph.queries import load
from pactgraph.sources.register import Table
from pactgraph.store import EmbeddedStore

Record: TypeAlias = dict[str, str]


def records(store: EmbeddedStore, table: Table) -> Iterator[Record]:
    """Give the rows of a table in the order of its file, each column with its value ("" where the row has none).

    Raises NotFound if the release does not hold the source.
    """
    empty = dict.fromkeys(table.columns, "")
    found = store.values(load("source-rows", table=NamedNode(str(table.iri))))
    count = 0
    for _, cells in groupby(found, key=lambda cell: cell["number"]):
        count += 1
        yield empty | {cell["column"]: cell["value"] for cell in cells}
    if not count:
        raise NotFound("the release does not hold this source; build it with --sources and --with")
