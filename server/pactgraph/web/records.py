"""What pages about records share: the rows of a report as text, and a table of them as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from pactgraph.queries import load
from pactgraph.store.answers import RESULTS
from pactgraph.web import get_service
from pactgraph.web.negotiation import HTML

OFFERED = {"json": "application/json", "csv": RESULTS["csv"], "html": HTML}
Row = dict[str, str]


def rows_of(report: str, columns: Sequence[str]) -> list[Row]:
    """Give the rows of a report (queries/report/), each column as text, empty where it has no value."""
    rows = get_service().rows(load(f"report/{report}"))
    return [{column: row[column].value if column in row else "" for column in columns} for row in rows]


def csv_of(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Give some columns of rows as CSV (RFC 4180)."""
    out = io.StringIO()
    table = csv.DictWriter(out, columns, lineterminator="\r\n", extrasaction="ignore")
    table.writeheader()
    table.writerows(rows)
    return out.getvalue()
