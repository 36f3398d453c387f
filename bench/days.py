"""Time the view of a day on a release: made on first use, and asked when it is there, each in a process of its own.

    python -m bench.days [--releases releases] [--runs 3]

Prints, for each day, the seconds (median) of wall clock and of CPU, and the statements of the view. Measure on an idle machine.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from pactgraph.release import open_current
from pactgraph.store import EmbeddedStore

DAYS = (date(1914, 7, 28), date(1939, 9, 1), date(1985, 1, 1), date(2010, 1, 1), date(2024, 12, 5))
COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH ?view { ?s ?p ?o } ?view a <https://w3id.org/pactgraph/ns#DayView> }"


def ask(index: Path, day: date) -> tuple[float, float, int]:
    """Ask for a day in a fresh store; give the seconds of wall clock and CPU, and the statements of the view."""
    store = EmbeddedStore(index)
    wall, cpu = time.perf_counter(), time.process_time()
    count = int(store.rows(COUNT, day)[0]["n"].value)
    return time.perf_counter() - wall, time.process_time() - cpu, count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=Path, default=Path("releases"))
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    release = open_current(options.releases).store_path
    print(f"{'day':12} {'first use':>10} {'CPU':>8} {'again':>8} {'statements':>11}")
    for day in DAYS:
        first, again = [], []
        for _ in range(options.runs):
            with tempfile.TemporaryDirectory(dir=options.releases) as folder, get_context("spawn").Pool(1) as pool:
                index = Path(folder) / "release" / "store"
                index.parent.mkdir()
                shutil.copytree(release, index, copy_function=_link)
                first.append(pool.apply(ask, (index, day)))
                again.append(pool.apply(ask, (index, day)))
        wall, cpu = (statistics.median(run[part] for run in first) for part in (0, 1))
        print(f"{day}   {wall:8.2f} s {cpu:6.2f} s {statistics.median(run[0] for run in again):6.3f} s {first[0][2]:11,}")


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


if __name__ == "__main__":
    main()
