"""Open the pages that have most to show on a release, each in a server that has just started its work on it, and time them.

    python -m bench.pages [--releases releases]

For each kind of thing the one with most to show is looked up: the state in most pacts, the pact of most parties, the source
that most is cited from, the concept that most points at. Prints status, seconds of wall clock (the first time) and bytes. On
a release with all sources each must answer, within the limits that a server has.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import requests
from tests.conftest import serving

from pactgraph.release import open_current
from pactgraph.store import EmbeddedStore
from pactgraph.terms import ID, VOCAB

COUNTS = Path(__file__).with_name("most-connected.rq")
LISTS = (
    "/",
    "/page/state",
    "/page/pact",
    "/page/person",
    "/search?q=korea",
    "/conflicts",
    "/findings",
    "/agreement",
    "/contested",
)
DAYS = ("1939-09-01", "2010-01-01")
TABLES = ("treaties", "members", "dyad-year")


def most_connected(releases: Path) -> dict[str, str]:
    """Give, for each kind of thing, the path of the page of the one with most to show."""
    rows = EmbeddedStore(open_current(releases).store_path).values(COUNTS.read_text(encoding="utf-8"))
    least_first = sorted(rows, key=lambda row: (int(row["number"]), row["thing"]))
    most = {row["kind"]: row["thing"] for row in least_first}
    return {kind: "/page/" + iri.removeprefix(str(ID)).replace(str(VOCAB), "vocab/") for kind, iri in most.items()}


def paths(releases: Path) -> Iterator[str]:
    """Give what is opened, in order."""
    most = most_connected(releases)
    yield from (*most.values(), *LISTS)
    for day in DAYS:
        yield f"{most['state']}?asOf={day}"
        yield "/who-helps?" + urlencode({"state": most["state"].rpartition("/")[2], "on": day})
    yield from (f"/export/{table}.csv" for table in TABLES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=Path, default=Path("releases"))
    releases = parser.parse_args().releases
    with serving(releases) as address:
        for path in paths(releases):
            start = time.perf_counter()
            response = requests.get(address + path, headers={"Accept": "text/html"}, timeout=300)
            print(f"{response.status_code} {time.perf_counter() - start:7.2f} s {len(response.content):12,} {path}", flush=True)


if __name__ == "__main__":
    main()
