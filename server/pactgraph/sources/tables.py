"""Tables of data sets: rows of a CSV file (gzip or not), checked against the register before anyone reads them."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pactgraph.dates import bounds, of_messydate
from pactgraph.errors import BadInput
from pactgraph.sources.register import Column, Table


@dataclass(frozen=True)
class Row:
    """A row: its line in the file (from 1, the header's is 1) and its values as they stand there."""

    number: int
    values: Mapping[str, str]

    def text(self, column: str) -> str:
        """Give a value as it stands."""
        return self.values[column]

    def integer(self, column: str) -> int | None:
        """Give a value as a number; None where it is empty. `3440.0` is 3440."""
        value = self.values[column]
        return int(float(value)) if value else None

    def code(self, column: str) -> int:
        """Give a number that a row cannot lack."""
        return int(float(self.values[column]))

    def day(self, prefix: str, suffixes: tuple[str, str, str] = ("_year", "_month", "_day")) -> date | None:
        """Give the day that three columns hold; None where the year is empty."""
        year, month, day = (self.integer(prefix + suffix) for suffix in suffixes)
        return date(year, month or 1, day or 1) if year else None


@dataclass
class Account:
    """What became of the rows of a table: read = loaded + listed; each listed row has its reason."""

    file: str
    read: int = 0
    loaded: int = 0
    listed: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, row: Row, reason: str) -> None:
        """List a row that was counted as loaded, after all."""
        self.loaded -= 1
        self.listed.append((row.number, reason))


def rows(table: Table, folder: Path, account: Account) -> Iterator[Row]:
    """Give the rows of a table that can be used; those that cannot are listed in the account, with the reason.

    Raises BadInput for a file that is not the table: missing, another encoding or delimiter, other columns, a row of another
    width (a shifted column, a file that was cut off).
    """
    path = folder / table.file
    seen: dict[tuple[str, ...], int] = {}
    for row in _records(table, path):
        account.read += 1
        fault = _fault(row, table.columns.values())
        key = tuple(row.values[name] for name in table.key)
        if not fault and key and key in seen:
            fault = f"its key ({', '.join(key)}) stands in line {seen[key]} already"
        if fault:
            account.listed.append((row.number, fault))
            continue
        seen[key] = row.number
        account.loaded += 1
        yield row


def _records(table: Table, path: Path) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(_read(path), newline=""), strict=True)
    try:
        header = next(reader, [])
        _check_header(header, table, path)
        for record in reader:
            if len(record) != len(header):
                fault = f"a row of {len(record)} values where there are {len(header)} columns"
                raise BadInput(fault, file=str(path), line=reader.line_num, column=1, hint="is the file cut off or shifted?")
            yield Row(reader.line_num, dict(zip(header, record, strict=True)))
    except csv.Error as error:
        raise BadInput(f"not CSV: {error}", file=str(path), line=reader.line_num, column=1) from None


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    except FileNotFoundError:
        raise BadInput("there is no such file", file=str(path), hint="name the folder of your copies with --sources") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadInput("the file is not UTF-8", file=str(path), line=line, column=1, hint="convert it first") from None
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"the file cannot be read: {error}", file=str(path)) from None


def _check_header(header: list[str], table: Table, path: Path) -> None:
    missing = ", ".join(name for name in table.columns if name not in header)
    unknown = ", ".join(name or "(nothing)" for name in header if name not in table.columns)
    parts = [f"lacks {missing}"] if missing else []
    parts += [f"has {unknown}, which the register does not know"] if unknown else []
    if parts:
        fault, hint = f"the table {' and '.join(parts)}", "is it another release, or delimiter?"
        raise BadInput(fault, file=str(path), line=1, column=1, hint=hint)


def _fault(row: Row, columns: Iterable[Column]) -> str | None:
    for column in columns:
        fault = _value_fault(row.values[column.name], column)
        if fault:
            return f"{column.name} is {row.values[column.name]!r}, {fault}"
    return None


def _value_fault(value: str, column: Column) -> str | None:
    if not value:
        return None if column.optional else "but it cannot be empty"
    return _FAULTS[column.type](value, column)


def _number_fault(value: str, column: Column) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "which is not a number"
    if not number.is_integer():
        return "which is not a whole number"
    if (column.min is not None and number < column.min) or (column.max is not None and number > column.max):
        return f"which is not between {column.min} and {column.max}"
    return None


def _messydate_fault(value: str, column: Column) -> str | None:
    try:
        earliest = bounds(of_messydate(value)).earliest
    except BadInput:
        return "which is not a date"
    if earliest and column.min is not None and earliest.year < column.min:
        return f"which is before {column.min}"
    return None


def _is_day(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


_FAULTS: dict[str, Callable[[str, Column], str | None]] = {
    "text": lambda value, column: None,
    "integer": _number_fault,
    "flag": lambda value, column: None if value in ("0", "1") else "which is neither 0 nor 1",
    "date": lambda value, column: None if _is_day(value) else "which is not a day",
    "messydate": _messydate_fault,
}
