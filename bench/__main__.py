"""Time the stages of a build against pyoxigraph's bulk load of the same output, in the same run.

    python -m bench [--runs 5] [--json]                  the curated facts
    python -m bench --sources ../shared/data --runs 1    all sources too, none of them kept from before
    python -m bench --sources ../shared/data --times 10  how the time grows with ten times the rows of two sources

Prints seconds (median) by stage, the ratio to the bulk load without and with the validation, and the most memory that the build
took: that of its own process at its largest, and of the largest one that it started. Stages are as long as they keep the build
waiting: HermiT runs beside the rules. `pactgraph validate FILE` is timed apart, as a whole process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from bench.synthetic import SOURCES, multiply
from pactgraph import knowledge, pipeline
from pactgraph.settings import BuildSettings

VALIDATION = ("validate", "validate imports", "reason")


@dataclass(frozen=True)
class Run:
    """What was measured of one build: seconds by stage and of the bulk load, statements, peak memory in GiB."""

    seconds: dict[str, float]
    bulk_load: float
    statements: int
    peak: float

    @property
    def whole(self) -> float:
        return sum(self.seconds.values())

    @property
    def plain(self) -> float:
        return self.whole - sum(self.seconds.get(stage, 0) for stage in VALIDATION)


def bulk_load(store: Path, folder: Path) -> float:
    """Time pyoxigraph's bulk load of all that an index holds, as N-Quads, into a new store on disk, in seconds."""
    nquads = folder / "all.nq"
    Store.read_only(str(store)).dump(str(nquads), RdfFormat.N_QUADS)
    start = time.perf_counter()
    loaded = Store(str(folder / "store"))
    loaded.bulk_load(path=str(nquads), format=RdfFormat.N_QUADS)
    loaded.flush()
    return time.perf_counter() - start


def once(sources: Path | None, imports: tuple[str, ...] = ()) -> Run:
    """Build and measure, in this process; nothing is kept from before."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CACHE_HOME"] = name
        report = pipeline.build(BuildSettings(folder / "releases", sources=sources, imports=imports))
        peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 2**20
        assert report.release is not None
        load = bulk_load(report.release.store_path, folder)
        return Run(report.seconds, load, report.counts["asserted"] + report.counts["inferred"], peak)


def apart(*arguments: str) -> Run:
    """Build and measure in a process of its own, whose memory is not that of others."""
    command = [sys.executable, "-m", "bench", "--once", *arguments]
    return Run(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def median(runs: list[Run]) -> Run:
    """Give the medians, stage by stage."""
    seconds = {stage: statistics.median(run.seconds[stage] for run in runs) for stage in runs[0].seconds}
    return Run(seconds, statistics.median(run.bulk_load for run in runs), runs[0].statements, max(run.peak for run in runs))


def validate_file() -> float:
    """Time `pactgraph validate` of the longest curated pact as a user runs it, in seconds."""
    longest = max(knowledge.curated(), key=lambda path: path.stat().st_size if path.parent.name == "pact" else 0)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pactgraph", "validate", str(longest)], check=True, capture_output=True)
    return time.perf_counter() - start


def told(run: Run) -> Iterator[str]:
    """Say what was measured."""
    yield from (f"{stage:17} {value:8.2f} s" for stage, value in run.seconds.items())
    yield f"{'bulk load':17} {run.bulk_load:8.2f} s  (pyoxigraph, the same quads, on disk)"
    yield f"{'without SHACL':17} {run.plain / run.bulk_load:8.1f}    (times the bulk load; target: 20)"
    yield f"{'with SHACL':17} {run.whole / run.bulk_load:8.1f}    (times the bulk load; target: 50)"
    yield f"{'peak memory':17} {run.peak:8.2f} GiB (target: 3)"
    yield f"{'statements':17} {run.statements:8,}"


def growth(folder: Path, times: int) -> None:
    """Print how much longer a build takes with several times the rows of two sources; what it takes without any is left out."""
    bare, small = apart(), apart("--sources", str(folder), *(word for name in SOURCES for word in ("--with", name)))
    with tempfile.TemporaryDirectory() as more:
        multiply(folder, Path(more), times)
        large = apart("--sources", more, *(word for name in SOURCES for word in ("--with", name)))
    for name, run in (("none", bare), ("once", small), (f"{times} times", large)):
        print(f"{name:10} {run.whole:8.2f} s, {run.peak:5.2f} GiB, {run.statements:,} statements")
    print(f"{times} times the rows take {(large.whole - bare.whole) / (small.whole - bare.whole):.1f} times the time")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sources", type=Path)
    parser.add_argument("--with", dest="imports", action="append", default=[])
    parser.add_argument("--times", type=int, default=0)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.once:
        print(json.dumps(asdict(once(options.sources, tuple(options.imports)))))
        return
    if options.times:
        growth(options.sources, options.times)
        return
    given = ("--sources", str(options.sources)) if options.sources else ()
    run = median([apart(*given, *(word for name in options.imports for word in ("--with", name))) for _ in range(options.runs)])
    one_file = statistics.median(validate_file() for _ in range(options.runs))
    if options.json:
        print(json.dumps({**asdict(run), "validate_file": one_file}))
        return
    print("\n".join(told(run)))
    print(f"{'one file':17} {one_file:8.2f} s  (pactgraph validate FILE, a whole process)")


if __name__ == "__main__":
    main()
