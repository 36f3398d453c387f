"""What a write to a release costs, and what a crash leaves.

    python -m bench.writes [--runs 3] [--releases FOLDER]     seconds (median) of a write to a copy of a release, in one process
    python -m bench.writes --kill [--times 200]               kill -9 before every step of every action, and at random times

The copy is of the current release in FOLDER, of a new build if there is none. The sweep is that of tests/release/test_kill.py,
whole.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path

# Imports are in the functions: each process that is killed runs this module first.


def copy_of(releases: Path | None, folder: Path) -> Path:
    from pactgraph import pipeline
    from pactgraph.release import open_current
    from pactgraph.settings import BuildSettings

    if releases is None:
        pipeline.build(BuildSettings(out=folder))
        return folder
    shutil.copytree(open_current(releases).path, folder / open_current(releases).id)
    (folder / "current").symlink_to(open_current(releases).id)
    return folder


def measure(releases: Path, runs: int) -> None:
    """Time writes of one statement and of a thousand; the first one also reads what data is validated against."""
    from tests.release.conftest import MINE

    from pactgraph.pipeline.writes import apply
    from pactgraph.release import Change, open_current

    print(f"{open_current(releases).manifest['quads']:,} statements")
    times: dict[str, list[tuple[float, float]]] = {}
    sizes: list[int] = []
    for words, number in (("first write", 1), *(("one statement", 1),) * runs, *(("a thousand", 1000),) * runs):
        ntriples = "".join(f'<x:a> <x:b> "{time.time_ns()}-{index}" .\n' for index in range(number)).encode()
        wall, processor = time.perf_counter(), time.process_time()
        release = apply(releases, Change("post", graph=MINE, ntriples=ntriples)).release
        times.setdefault(words, []).append((time.perf_counter() - wall, time.process_time() - processor))
        files = (path.stat() for path in (releases / release).rglob("*") if path.is_file())
        sizes.append(sum(file.st_size for file in files if file.st_nlink == 1))
    for words, taken in times.items():
        wall, cpu = (statistics.median(column) for column in zip(*taken, strict=True))
        print(f"{words:14} {wall:7.2f} s   {cpu:7.2f} s of processor time")
    print(f"{statistics.median(sizes) / 1e6:.1f} MB on the disk for each")


def sweep(folder: Path, times: int) -> None:
    """Kill before every step, then at random times; each time hold the folder to what must be true."""
    from tests.release.conftest import make, tiny
    from tests.release.crash import ACTIONS, run, write
    from tests.release.test_kill import check

    from pactgraph.release import backup, open_current

    prepared = folder / "prepared" / "releases"
    make(prepared, 0)
    backup(prepared, prepared.parent / "backup.tar")
    tiny(prepared)
    write(prepared)
    write(prepared)

    def once(action: str, **when: float) -> int:
        copied = folder / "copy"
        shutil.copytree(prepared.parent, copied, symlinks=True)
        before = open_current(copied / "releases").id
        said, steps = run(copied / "releases", action, **when)  # type: ignore[arg-type]
        check(copied / "releases", action, before, said)
        shutil.rmtree(copied)
        return steps

    for action in ACTIONS:
        steps = once(action)
        for step in range(1, steps + 1):
            once(action, step=step)
        print(f"{action}: killed before each of {steps} steps, nothing lost", flush=True)
    for point in range(times):
        once(("write", "build")[point % 2], seconds=random.Random(point).uniform(0.005, 0.5))
    print(f"killed at {times} random times, nothing lost")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--releases", type=Path)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--times", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.kill:
            sweep(Path(folder), options.times)
        else:
            measure(copy_of(options.releases, Path(folder)), options.runs)


if __name__ == "__main__":
    main()
