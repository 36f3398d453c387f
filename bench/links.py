"""How good the links between sources are: precision and recall on pairs that were judged by hand, and how many links there are.

    python bench/links.py releases/current/reports/identity.sssom.tsv

The pairs are in tests/joining/labelled.tsv; who judged them, and how, stands there. Pairs that nobody could judge are left out.
Recall is that of the judged pairs alone: those that the rules miss were looked for by hand, not drawn by lot.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

LABELLED = Path(__file__).resolve().parents[1] / "tests" / "joining" / "labelled.tsv"


@dataclass(frozen=True)
class Quality:
    """How many judged pairs were found and right, found and wrong, missed; and the links by kind of subject and object."""

    right: int
    wrong: tuple[str, ...]
    missed: tuple[str, ...]
    links: Counter[tuple[str, str]]

    @property
    def precision(self) -> float:
        return self.right / (self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        return self.right / (self.right + len(self.missed))


def rows(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


def quality(links: list[dict[str, str]], labelled: list[dict[str, str]]) -> Quality:
    found = {(row["subject_id"], row["object_id"]) for row in links}
    right, wrong, missed = 0, [], []
    for row in labelled:
        pair = (row["subject_id"], row["object_id"])
        if row["same"] == "yes" and pair in found:
            right += 1
        elif row["same"] == "yes":
            missed.append(" = ".join(pair))
        elif row["same"] == "no" and pair in found:
            wrong.append(" = ".join(pair))
    return Quality(right, tuple(wrong), tuple(missed), Counter((_kind(s), _kind(o)) for s, o in found))


def _kind(identifier: str) -> str:
    known = ("archigos", "atop", "cow", "wikidata")
    return next((name for name in known if name in identifier), "curated or other")


def main() -> None:
    found = quality(rows(Path(sys.argv[1])), rows(LABELLED))
    print(f"precision {found.precision:.3f}, recall {found.recall:.3f} on the judged pairs")
    for name, pairs in (("wrong", found.wrong), ("missed", found.missed)):
        print(*(f"{name}: {pair}" for pair in pairs), sep="\n")
    for (one, other), number in sorted(found.links.items()):
        print(f"{one} to {other}: {number:,} links")


if __name__ == "__main__":
    main()
