"""What the W3C's suites say of this server: `python -m tests.conformance.report` writes it to `docs/reference/protocol.md`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.conformance import manifests
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "reference" / "protocol.md"
EXPECTED: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("expected.yaml").read_text(encoding="utf-8"))
FAILURES = EXPECTED["failures"]
LEFT_OUT = EXPECTED["left out"]
_BEGIN, _END = "<!-- suites: begin -->\n", "<!-- suites: end -->"


def text() -> str:
    """Give the counts of each suite, and the reasons of what fails and of what is left out, as Markdown."""
    return "\n".join([*_counts(), "", *_failures(), "", *_left_out(), ""])


def written() -> str:
    """Give what the page says now."""
    return PAGE.read_text(encoding="utf-8").partition(_BEGIN)[2].partition(_END)[0]


def _counts() -> Iterator[str]:
    cases = [case for case in manifests.cases() if case.folder not in LEFT_OUT]
    tests, failures = Counter(case.folder for case in cases), Counter(case.folder for case in cases if case.iri in FAILURES)
    yield "| Suite | Tests | Pass | Expected failures |"
    yield "| --- | ---: | ---: | ---: |"
    for folder in sorted(tests):
        yield f"| {folder} | {tests[folder]} | {tests[folder] - failures[folder]} | {failures[folder]} |"
    yield f"| **All** | **{tests.total()}** | **{tests.total() - failures.total()}** | **{failures.total()}** |"


def _failures() -> Iterator[str]:
    for iri, reason in sorted(FAILURES.items()):
        folder, _, name = iri.removeprefix("http://www.w3.org/2009/sparql/docs/tests/data-sparql11/").partition("/manifest#")
        yield f"- `{folder}/{name}`: {reason}"


def _left_out() -> Iterator[str]:
    sizes = Counter(case.folder for case in manifests.cases())
    for folder, reason in LEFT_OUT.items():
        yield f"- `{folder}` ({sizes[folder]} tests) is not run. {reason}"


def write() -> None:
    """Put the text in its place on the page."""
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    PAGE.write_text(before + begin + text() + _END + rest.partition(_END)[2], encoding="utf-8")


if __name__ == "__main__":
    write()
