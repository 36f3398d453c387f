"""Time the stages of a curated build against pyoxigraph's bulk load of the same output, in the same run.

    python -m bench [--runs 5] [--json]

Prints seconds (median) by stage, and the ratio of populate + infer + publish to the bulk load. SHACL and the JVM run in the
stage `validate` and are reported apart; so is `pactgraph validate FILE`, as a whole process.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from pactgraph import knowledge, pipeline
from pactgraph.settings import BuildSettings

COUNTED = ("populate", "infer", "publish")


def bulk_load(nquads: bytes, folder: Path) -> float:
    """Time pyoxigraph's bulk load of N-Quads into a new store on disk, in seconds."""
    start = time.perf_counter()
    store = Store(folder)
    store.bulk_load(input=nquads, format=RdfFormat.N_QUADS)
    store.flush()
    return time.perf_counter() - start


def validate_file() -> float:
    """Time `pactgraph validate` of the longest curated pact as a user runs it, in seconds."""
    longest = max(knowledge.curated(), key=lambda path: path.stat().st_size if path.parent.name == "pact" else 0)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pactgraph", "validate", str(longest)], check=True, capture_output=True)
    return time.perf_counter() - start


def once() -> tuple[dict[str, float], float]:
    with tempfile.TemporaryDirectory() as folder:
        report = pipeline.build(BuildSettings(out=Path(folder) / "releases"))
        assert report.release is not None
        nquads = gzip.decompress((report.release.path / "dumps/pactgraph.nq.gz").read_bytes())
        return report.seconds, bulk_load(nquads, Path(folder) / "store")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    runs = [once() for _ in range(options.runs)]
    seconds = {stage: statistics.median(run[0][stage] for run in runs) for stage in runs[0][0]}
    load = statistics.median(run[1] for run in runs)
    one_file = statistics.median(validate_file() for _ in range(options.runs))
    ratio = statistics.median(sum(run[0][stage] for stage in COUNTED) / run[1] for run in runs)
    if options.json:
        print(json.dumps({"seconds": seconds, "bulk_load": load, "ratio": ratio, "validate_file": one_file}))
        return
    for stage, value in seconds.items():
        print(f"{stage:10} {value:7.2f} s")
    print(f"one file   {one_file:7.2f} s  (pactgraph validate FILE, a whole process)")
    print(f"bulk load  {load:7.2f} s  (pyoxigraph, the same quads, on disk)")
    print(f"ratio      {ratio:7.1f}    ({' + '.join(COUNTED)}, to the bulk load)")


if __name__ == "__main__":
    main()
