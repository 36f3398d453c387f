"""Every importer and every table of it, given a file that is damaged: refused in one line, or the row is listed with its line.

The copies are the first rows of each file, so that each case is cheap.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from pactgraph.errors import BadInput
from pactgraph.sources import imports, register
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.register import Source, Table
from pactgraph.sources.tables import Account

ROWS = 20
CASES = [(source.id, name) for source in register.sources().values() for name in source.tables]
Lines = list[list[str]]


@pytest.fixture(scope="module")
def few(shared: Path) -> dict[str, Lines]:
    """The header and the first rows of each file."""
    found = {}
    for source in register.sources().values():
        for table in source.tables.values():
            path = shared / "data" / table.file
            with (
                gzip.open(path, "rt", encoding="utf-8", newline="")
                if path.suffix == ".gz"
                else path.open(encoding="utf-8-sig", newline="") as file
            ):
                reader = csv.reader(file)
                found[table.file] = [row for _, row in zip(range(ROWS + 1), reader, strict=False)]
    return found


def written(rows: Lines) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def put(folder: Path, file: str, data: bytes) -> Path:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, 1) if path.suffix == ".gz" else data)
    return path


def run(source: Source, folder: Path, crosswalk: Crosswalk) -> dict[str, Account]:
    accounts: list[Account] = []
    for _ in imports.IMPORTERS[source.id](source, folder, crosswalk, accounts):
        pass
    assert all(account.read == account.loaded + len(account.listed) for account in accounts)
    return {account.file: account for account in accounts}


def prepared(source: Source, few: dict[str, Lines], folder: Path) -> None:
    for table in source.tables.values():
        put(folder, table.file, written(few[table.file]))


def plain(line: list[str]) -> list[str]:
    """Give a row without line breaks, so that lines can be told apart."""
    return [value.replace("\n", " ").replace("\r", " ") for value in line]


def other_columns(rows: Lines) -> bytes:
    return written([[*rows[0][:-1], "trust", rows[0][-1]], *([*row[:-1], "1", row[-1]] for row in rows[1:])])


REFUSED: dict[str, tuple[Callable[[Lines], bytes], str]] = {
    "cut off": (lambda rows: written(rows[:-1]) + written([rows[-1][:1]]).rstrip(b"\n"), "cut off or shifted"),
    "another delimiter": (lambda rows: written(rows).replace(b",", b";"), "is it another release, or delimiter"),
    "another encoding": (lambda rows: written(rows) + "é".encode("latin-1"), "not UTF-8"),
    "a shifted column": (lambda rows: written([*rows[:4], ["", *rows[4]], *rows[5:]]), "cut off or shifted"),
    "other columns": (other_columns, "has trust, which the register does not know"),
    "a column less": (lambda rows: written([["renamed", *rows[0][1:]], *rows[1:]]), "lacks"),
    "nothing in it": (lambda rows: b"", "lacks"),
}


@pytest.mark.parametrize(("identifier", "name"), CASES)
def test_a_file_that_is_not_the_table_is_refused_in_one_line(
    identifier: str, name: str, few: dict[str, Lines], crosswalk: Crosswalk, tmp_path: Path
) -> None:
    source = register.source(identifier)
    prepared(source, few, tmp_path)
    table = source.tables[name]
    for damage, (spoil, words) in REFUSED.items():
        if damage != "nothing in it" and len(table.columns) == 1:
            continue
        path = put(tmp_path, table.file, spoil([plain(row) for row in few[table.file]]))
        with pytest.raises(BadInput) as refused:
            run(source, tmp_path, crosswalk)
        message = str(refused.value)
        assert message.startswith(f"{path}:") and words in message and "\n" not in message, damage
    path.unlink()
    with pytest.raises(BadInput, match="there is no such file"):
        run(source, tmp_path, crosswalk)


@pytest.mark.parametrize(
    ("identifier", "name"), [case for case in CASES if ".gz" in register.source(case[0]).tables[case[1]].file]
)
def test_a_compressed_file_that_is_cut_off_or_damaged_is_refused(
    identifier: str, name: str, few: dict[str, Lines], crosswalk: Crosswalk, tmp_path: Path
) -> None:
    source = register.source(identifier)
    prepared(source, few, tmp_path)
    path = tmp_path / source.tables[name].file
    whole = path.read_bytes()
    middle = len(whole) // 2
    for damaged in (whole[:middle], whole[:middle] + bytes(64) + whole[middle + 64 :], gzip.decompress(whole)):
        path.write_bytes(damaged)
        with pytest.raises(BadInput, match="cannot be read") as refused:
            run(source, tmp_path, crosswalk)
        assert refused.value.file == str(path)


def wrong(table: Table) -> tuple[str, str]:
    """Give a column and a value that is none of it."""
    values = {"integer": "banana", "flag": "7", "date": "1999-02-30", "messydate": "1999-02-30"}
    typed = [column for column in table.columns.values() if column.type in values]
    bounded = [column for column in typed if column.max is not None]
    if bounded:
        return bounded[0].name, str((bounded[0].max or 0) + 1)
    if typed:
        return typed[0].name, values[typed[0].type]
    return next(column.name for column in table.columns.values() if not column.optional), ""


@pytest.mark.parametrize(("identifier", "name"), CASES)
def test_rows_that_cannot_be_used_are_listed_with_their_line(
    identifier: str, name: str, few: dict[str, Lines], crosswalk: Crosswalk, tmp_path: Path
) -> None:
    source = register.source(identifier)
    table = source.tables[name]
    prepared(source, few, tmp_path)
    rows = [plain(row) for row in few[table.file]]
    before = run(source, tmp_path, crosswalk)[table.file]
    column, value = wrong(table)
    spoilt = [*rows[3]]
    spoilt[rows[0].index(column)] = value
    put(tmp_path, table.file, written([*rows[:3], spoilt, *rows[4:], rows[1]]))
    account = run(source, tmp_path, crosswalk)[table.file]
    listed = dict(account.listed)
    assert account.read == before.read + 1
    assert listed[4].startswith(f"{column} is {value!r}, "), "line and reason"
    last = len(rows) + 1
    if table.key and 2 not in dict(before.listed):
        assert listed[last].endswith("stands in line 2 already"), "a duplicate key"


@pytest.mark.parametrize("identifier", list(imports.IMPORTERS))
def test_a_new_release_with_the_same_columns_imports_as_it_is(
    identifier: str, few: dict[str, Lines], crosswalk: Crosswalk, tmp_path: Path
) -> None:
    source = register.source(identifier)
    prepared(source, few, tmp_path)
    before = run(source, tmp_path, crosswalk)
    for table in source.tables.values():
        header, *rows = few[table.file]
        order = list(reversed(range(len(header))))
        put(tmp_path, table.file, written([[row[place] for place in order] for row in (header, *rows[:-1])]))
    after = run(source, tmp_path, crosswalk)
    assert {file: account.read for file, account in after.items()} == {
        file: account.read - 1 for file, account in before.items()
    }, "columns in another order, a row less: read all the same"
