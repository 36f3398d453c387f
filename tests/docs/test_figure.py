"""The figure of docs/how-to/tables.md: the table read as R does, pandas and SPARQL, as the page has them, give the same."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Any

import requests

from tests.conftest import ROOT

PAGE = (ROOT / "docs/how-to/tables.md").read_text(encoding="utf-8")
SERVER = "http://127.0.0.1:8000"


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def as_r_reads_it(url: str) -> dict[int, int]:
    """What `aggregate(defense ~ year, read.csv(...), sum)` does: missing values are left out."""
    (address,) = re.findall(r'read\.csv\("(.*?)"\)', block("r"))
    rows = csv.DictReader(io.StringIO(requests.get(address.replace(SERVER, url), timeout=120).text))
    count: Counter[int] = Counter()
    for row in rows:
        count[int(row["year"])] += int(row["defense"] or 0)
    return count


def test_three_ways_to_one_figure(served_url: str) -> None:
    by_table = as_r_reads_it(served_url)
    names: dict[str, Any] = {}
    exec(block("python").replace(SERVER, served_url), names)
    assert names["figure"].to_dict() == by_table
    asked = {"query": block("sparql")}
    answer = requests.post(f"{served_url}/sparql", data=asked, headers={"Accept": "text/csv"}, timeout=60)
    by_query = {int(row["year"]): int(row["defense"]) for row in csv.DictReader(io.StringIO(answer.text))}
    assert len(by_query) == 8 and min(by_query.values()) > 100
    assert by_query == {year: by_table[year] for year in by_query}
