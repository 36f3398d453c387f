"""Copies of data sets with several times their rows, each time under keys of its own."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from pactgraph.sources.register import source

Row = dict[str, str]


def _alliance(row: Row, number: int) -> Row:
    return row | {"version4id": str(int(row["version4id"]) + 1000 * number)}


def _spell(row: Row, number: int) -> Row:
    return row | {"obsid": f"{row['obsid']}-{number}", "leadid": f"{row['leadid']}-{number}"}


SOURCES: dict[str, Callable[[Row, int], Row]] = {"cow-alliances-4.1": _alliance, "archigos-4.1": _spell}


def multiply(folder: Path, into: Path, times: int) -> None:
    """Write the tables of the sources, below another folder, with so many times the rows."""
    for name, renamed in SOURCES.items():
        for table in source(name).tables.values():
            with (folder / table.file).open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            (into / table.file).parent.mkdir(parents=True, exist_ok=True)
            with (into / table.file).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(renamed(row, number) if number else row for number in range(times) for row in rows)
