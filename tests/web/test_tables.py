"""Research tables over HTTP: whole or an error, in ranges and with entity tags; what may not be handed on stays here."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow
import pytest
import requests
from pyarrow import parquet

from pactgraph.errors import PactgraphError, QueryTimeout, ResultTooLarge
from pactgraph.release import open_current
from pactgraph.research import MEDIA_TYPES, Request
from pactgraph.settings import ServeSettings
from pactgraph.web.making import Maker
from pactgraph.web.tables import TYPES

PART = "/export/dyad-year.csv?state=PRK&from=2024&kind=defense"


def get(url: str, path: str, **headers: str) -> requests.Response:
    return requests.get(url + path, headers=headers, timeout=120)


def test_one_call_gives_a_table_as_r_reads_it(served_url: str) -> None:
    response = get(served_url, PART)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert {(row["iso1"], row["iso2"], row["year"], row["defense"]) for row in rows} >= {("RUS", "PRK", "2025", "1")}
    described = requests.compat.urljoin(served_url, response.links["describedby"]["url"])
    columns = requests.get(described, timeout=60).json()["tableSchema"]["columns"]
    assert [column["name"] for column in columns] == list(rows[0])


def test_the_formats(served_url: str) -> None:
    body = get(served_url, PART.replace(".csv", ".parquet")).content
    assert parquet.read_table(pyarrow.BufferReader(body)).num_rows > 1
    assert get(served_url, PART.replace(".csv", ".dta")).content.startswith(b"<stata_dta>")
    assert b"<graphml" in get(served_url, "/export/network.graphml?on=2024-12-31").content
    assert "| `defense` | flag |" in get(served_url, PART.replace(".csv", ".md")).text
    assert {form: TYPES[form] for form in MEDIA_TYPES} == MEDIA_TYPES


def test_ranges_and_entity_tags(served_url: str) -> None:
    whole = get(served_url, PART)
    part = get(served_url, PART, Range="bytes=0-5")
    assert (part.status_code, part.content) == (206, whole.content[:6])
    assert get(served_url, PART, **{"If-None-Match": whole.headers["ETag"]}).status_code == 304
    other = get(served_url, PART.replace("2024", "2025"))
    assert other.headers["ETag"] != whole.headers["ETag"]


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/export/dyad-yaer.csv", 404, "dyad-year"),
        ("/export/dyad-year.xls", 404, "parquet"),
        ("/export/dyad-year.csv?form=x", 400, "source"),
        ("/export/dyad-year.csv?from=x", 400, "1990"),
        ("/export/dyad-year.csv?from=1&from=2", 400, "once"),
        ("/export/dyad-year.csv?state=narnia", 400, "ISO code"),
        ("/export/edges.csv", 400, "--on"),
        ("/export/dyad.graphml", 400, "no network"),
        ("/export/dyad-year.csv?source=cow-alliances-4.1", 403, "--hand-on"),
        ("/export/dyad-year.csv?source=nobody", 400, "curated"),
    ],
)
def test_what_cannot_be_given_says_why(served_url: str, path: str, status: int, word: str) -> None:
    response = get(served_url, path)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.status_code, word in response.text) == (status, True), response.text


def test_the_list(served_url: str) -> None:
    listed = get(served_url, "/export", Accept="application/json").json()
    assert {table["name"] for table in listed["tables"]} >= {"dyad-year", "network", "leader-dyad"}
    page = get(served_url, "/export", Accept="text/html").text
    assert 'href="/export/dyad-year.csv"' in page and "read.csv(" in page


@pytest.mark.parametrize(
    ("settings", "error"),
    [(ServeSettings(export_timeout=0.001), QueryTimeout), (ServeSettings(max_bytes=1000), ResultTooLarge)],
)
def test_past_a_limit_there_is_an_error_and_no_part_of_a_table(
    releases: Path, settings: ServeSettings, error: type[PactgraphError]
) -> None:
    maker = Maker(settings)
    try:
        with pytest.raises(error, match="fewer years"):
            maker.make(open_current(releases).store_path, Request("members"), "csv", "members")
        assert not list(maker.folder.iterdir())
    finally:
        maker.close()
    assert not maker.folder.exists()
