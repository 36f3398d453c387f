"""How many rows a written table has. The engine writes a table in one go, so they are counted in what it wrote."""

from __future__ import annotations

import csv
import io
from itertools import islice

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from pactgraph.store.answers import RESULTS

_EMPTY = b'"bindings":[]'


def count(body: bytes, media_type: str) -> int | None:
    """Give the rows of a table, or None for other answers. Line ends and braces inside values may add to it."""
    if media_type == RESULTS["json"]:
        return None if b'"bindings":[' not in body else 0 if _EMPTY in body else body.count(b"},{") + 1
    if media_type == RESULTS["xml"]:
        return None if b"<boolean>" in body else body.count(b"<result>")
    if media_type in (RESULTS["csv"], RESULTS["tsv"]):
        return None if body in (b"true", b"false") else body.count(b"\n") - 1
    return None


def exceeds(body: bytes, media_type: str, most: int) -> bool:
    """Say whether a table has more than a number of rows; exact, and quick for a table that has not."""
    if not most or (count(body, media_type) or 0) <= most:
        return False
    if media_type == RESULTS["csv"]:
        rows = csv.reader(io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline=""))
        return sum(1 for _ in islice(rows, most + 2)) > most + 1
    form = QueryResultsFormat.from_media_type(media_type)
    assert form is not None
    solutions = parse_query_results(body, form)
    return isinstance(solutions, QuerySolutions) and sum(1 for _ in islice(solutions, most + 1)) > most
