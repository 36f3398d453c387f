"""Time the inference by rules on several times the curated facts: what each statement costs must not grow with their number.

    python -m bench.rules [--times 1 10 100] [--runs 3]

Each copy is a world of its own states, persons and pacts under the one model. Prints for each size the statements reasoned over
and inferred, seconds of CPU (median, each in its own process), microseconds for each statement, the same for the engine's own
count of the types of the subjects of all statements (a lookup in a larger store takes longer), and how many times the first
size each is; then the rules that grew most. The target: 1.3 times the first size. A hundred worlds take 10 GiB.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from pactgraph import knowledge
from pactgraph.packed import Packed
from pactgraph.pipeline.populate import populate
from pactgraph.reasoning import rules
from pactgraph.terms import BASE, CURATED, ONTOLOGY, VOCABULARY

_THING = f"<{BASE}id/".encode()
_LOOKUPS = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?s a ?type }"
_SHARE = 0.01  # of the time: rules that take less are not listed


@dataclass(frozen=True)
class Run:
    """An inference: statements before and after, seconds of CPU, those of each rule's query, and of the engine's lookups."""

    before: int
    after: int
    seconds: float
    rules: dict[str, float]
    lookups: float

    @property
    def each(self) -> float:
        return self.seconds / self.after

    @property
    def engine(self) -> float:
        return self.lookups / self.after

    def grown(self, rule: str, first: Run) -> float:
        """Say how many times what a rule takes for each statement is of what it took at another size."""
        return (self.rules[rule] / self.after) / (first.rules[rule] / first.after)


def worlds(times: int) -> Iterator[Packed]:
    """Give the model once, and the curated facts so many times, under names of their own, as N-Triples."""
    asserted = populate().asserted().made
    yield from (asserted[str(name)] for name in (ONTOLOGY, VOCABULARY, CURATED))
    for number in range(1, times):
        own = f"<{BASE}id/{number}/".encode()
        yield Packed.of(line.replace(_THING, own) for line in asserted[str(CURATED)])


def infer(times: int) -> Run:
    """Infer, in this process."""
    store, construct = rules.loaded(worlds(times)), rules.construct
    before, seconds = len(store), Counter[str]()

    def timed(*arguments: Any) -> Any:
        start = time.process_time()
        found = list(construct(*arguments))
        seconds[arguments[2]] += time.process_time() - start  # type: ignore[assignment]
        return iter(found)

    rules.construct = timed
    start = time.process_time()
    rules.closure(store, knowledge.strata())
    done = time.process_time()
    list(store.query(_LOOKUPS))
    return Run(before, len(store), done - start, dict(seconds), time.process_time() - done)


def measure(times: int, runs: int) -> Run:
    """Give the medians of some runs, each in a process of its own."""
    done = []
    for _ in range(runs):
        with get_context("spawn").Pool(1) as pool:
            done.append(pool.apply(infer, (times,)))
    each = {rule: statistics.median(run.rules[rule] for run in done) for rule in done[0].rules}
    seconds, lookups = (statistics.median(getattr(run, name) for run in done) for name in ("seconds", "lookups"))
    return Run(done[0].before, done[0].after, seconds, each, lookups)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    sizes = {times: measure(times, options.runs) for times in options.times}
    first, last = sizes[options.times[0]], sizes[options.times[-1]]
    heads = ("statements", "inferred", "seconds", "µs each", "grown", "engine", "grown")
    print(f"{'times':>6} {{:>12}} {{:>12}} {{:>9}} {{:>8}} {{:>6}} {{:>8}} {{:>6}}".format(*heads))
    for times, run in sizes.items():
        counts = f"{times:6} {run.before:12,} {run.after - run.before:12,}"
        rates = ((run.each, first.each), (run.engine, first.engine))
        print(f"{counts} {run.seconds:9.2f}", *(f"{rate * 1e6:8.2f} {rate / base:6.2f}" for rate, base in rates))
    listed = [rule for rule, seconds in last.rules.items() if seconds > _SHARE * sum(last.rules.values())]
    for rule in sorted(listed, key=lambda rule: -last.grown(rule, first))[:8]:
        print(f"{rule:58} {last.rules[rule]:8.2f} s {last.grown(rule, first):6.2f}")


if __name__ == "__main__":
    main()
