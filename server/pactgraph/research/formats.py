"""Formats of research tables: CSV (RFC 4180), Parquet, Stata (.dta, version 118), and GraphML of a network."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import IO, Any

from pactgraph.errors import BadInput
from pactgraph.research.layout import Column, Value, Values

Writer = Callable[[list[Column], Iterable[Values], IO[bytes]], int]
MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "dta": "application/x-stata-dta",
    "graphml": "application/graphml+xml",
}
_BATCH = 20_000
_LABEL = 80  # the longest label of a variable that Stata has
_STRING = 2045  # the longest string of fixed length that Stata has
_WHOLE = ("integer", "flag")


def write(form: str, columns: list[Column], rows: Iterable[Values], out: IO[bytes]) -> int:
    """Write rows in a format; give their number. Missing values are empty (CSV), null (Parquet) or `.` and "" (Stata)."""
    return _WRITERS[form](columns, rows, out)


def _csv(columns: list[Column], rows: Iterable[Values], out: IO[bytes]) -> int:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=False)
    writer = csv.DictWriter(text, [column.name for column in columns], lineterminator="\n")
    writer.writeheader()
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    text.flush()
    text.detach()
    return count


def _parquet(columns: list[Column], rows: Iterable[Values], out: IO[bytes]) -> int:
    import pyarrow
    from pyarrow import parquet

    types = {column.name: pyarrow.int64() if column.type in _WHOLE else pyarrow.string() for column in columns}
    fields = [pyarrow.field(column.name, types[column.name], metadata={"description": column.meaning}) for column in columns]
    schema, count = pyarrow.schema(fields), 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in _batches(rows):
            arrays = [[_typed(row[column.name], column) for row in batch] for column in columns]
            writer.write_table(pyarrow.table(dict(zip(types, arrays, strict=True)), schema=schema))
            count += len(batch)
    return count


def _stata(columns: list[Column], rows: Iterable[Values], out: IO[bytes]) -> int:
    import pandas

    whole = {column.name: [] for column in columns}  # type: dict[str, list[Any]]
    for row in rows:
        for column in columns:
            whole[column.name].append(_typed(row[column.name], column))
    count = len(whole[columns[0].name])
    series, long = {}, []
    for column in columns:
        values = whole.pop(column.name)
        if column.type in _WHOLE:
            series[column.name] = pandas.Series(values, dtype="float64" if None in values else "int32")
        else:
            series[column.name] = pandas.Series(["" if value is None else value for value in values], dtype="object")
            if any(len(value.encode()) > _STRING for value in values if value):
                long.append(column.name)
    labels: dict[Any, str] = {column.name: column.meaning[:_LABEL] for column in columns}
    frame = pandas.DataFrame(series)
    frame.to_stata(out, write_index=False, version=118, variable_labels=labels, convert_strl=long)
    return count


def graphml(nodes: Iterable[Values], edges: Iterable[Values], out: IO[bytes]) -> int:
    """Write a network: states, and between them edges with what they share; give the number of edges."""
    import networkx

    network: Any = networkx.Graph()
    for node in nodes:
        network.add_node(node["state"], **{name: value for name, value in node.items() if value is not None})
    count = 0
    for edge in edges:
        facts = {name: value for name, value in edge.items() if value is not None and name[-1] not in "12"}
        network.add_edge(edge["state1"], edge["state2"], **facts)
        count += 1
    for line in networkx.generate_graphml(network):
        out.write(line.encode() + b"\n")
    return count


def _batches(rows: Iterable[Values]) -> Iterator[list[Values]]:
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _typed(value: Value, column: Column) -> Value:
    """Give a value in the type of its column; rows of a source are all text."""
    if value in (None, ""):
        return None
    return int(float(value)) if column.type in _WHOLE and isinstance(value, str) else value


def _no_network(columns: list[Column], rows: Iterable[Values], out: IO[bytes]) -> int:
    raise BadInput("this table is no network", hint="ask for the table network, edges or nodes as graphml")


_WRITERS: dict[str, Writer] = {"csv": _csv, "parquet": _parquet, "dta": _stata, "graphml": _no_network}
FORMATS = tuple(_WRITERS)
