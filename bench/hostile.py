"""The long form of the hostile queries: each several times, and what a well-behaved client sees meanwhile.

    python -m bench.hostile [--turns 2] [--limit 3] [--releases FOLDER]

Every query of tests/hostile/cases.py is asked `turns` times, six at once, under a time limit (seconds). The short form is among
the tests. Without a folder a release is built. It ends with an error where a query ends late, or in a way that it may not.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tests.hostile.cases import QUERIES
from tests.hostile.harness import MIB, assert_undisturbed, server
from tests.hostile.test_queries import OPTIONS, in_time, storm

from pactgraph import pipeline
from pactgraph.settings import BuildSettings

NOBODY = "http://127.0.0.1:9/x"  # where the queries that reach out are sent: the port of `discard`


def measure(releases: Path, turns: int, limit: float) -> None:
    cases = [replace(case, name=f"{case.name} #{turn}") for turn in range(turns) for case in QUERIES]
    started = time.monotonic()
    with server(releases, *OPTIONS, "--query-timeout", str(limit)) as running:
        found = storm(running, cases, NOBODY, limit)
    for case in cases:
        response = found.answers[case.name]
        assert response.status_code in case.outcomes, (case.name, response.status_code, response.text[:300])
        assert in_time(found, response, limit), case.name
    assert_undisturbed(found.reader, found.before, found.busy)
    statuses = Counter(response.status_code for response in found.answers.values())
    print(f"{len(cases)} queries in {time.monotonic() - started:.0f} s, each over in time; answers by status: {dict(statuses)}")
    for kind in ("query", "page"):
        before, during = (1000 * reader.p95(kind) for reader in (found.before, found.reader))
        print(f"p95 of a well-behaved client's {kind}: {before:.0f} ms alone, {during:.0f} ms meanwhile")
    print(f"most memory of the web process: {found.peaks[found.web] / MIB:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--limit", type=float, default=3.0)
    parser.add_argument("--releases", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not options.releases:
            pipeline.build(BuildSettings(out=Path(folder)))
        measure(options.releases or Path(folder), options.turns, options.limit)


if __name__ == "__main__":
    main()
