"""Coverage: what each source looked at, so that "none" is told from "nobody looked"."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pactgraph.joining import Joined, join
from pactgraph.packed import Packed
from pactgraph.pipeline.asserted import packed_of
from pactgraph.pipeline.populate import Knowledge
from pactgraph.research.coverage import covered
from pactgraph.sources.register import sources
from pactgraph.terms import COVERAGE, ID, VOCAB
from tests.joining.conftest import Ask, asker, compare

ATOP, COW = "Alliance Treaty Obligations and Provisions, v5.1", "Formal Alliances, v4.1"
LISTS = ("cow-states-2024", "gleditsch-ward")


@pytest.fixture(scope="module")
def joined(curated: Knowledge, shared: Path) -> tuple[Joined, list[Packed]]:
    return compare(replace(curated), shared, *LISTS)


@pytest.fixture(scope="module")
def ask(joined: tuple[Joined, list[Packed]]) -> Ask:
    found, parts = joined
    return asker([*parts, found.shared[COVERAGE], found.local[COVERAGE]])


def who(ask: Ask, state: str, day: str, kind: str) -> set[str]:
    found = covered(ask, ID[f"state/{state}"], date.fromisoformat(day), VOCAB[kind])
    assert all(look.first <= day <= look.last for look in found.by)
    assert not {look.source for look in found.by} & {look.source for look in found.not_by}
    return {look.source.rpartition("/")[2] for look in found.by}


@pytest.mark.parametrize(
    ("state", "day", "kind", "expected"),
    [
        ("russia", "2000-07-01", "obligation/defence", {"atop-5-1", "cow-alliances-4-1"}),
        ("russia", "2000-07-01", "obligation/offence", {"atop-5-1"}),  # COW does not code it
        ("russia", "2013-01-01", "obligation/defence", {"atop-5-1"}),  # COW ends with 2012
        ("russia", "2018-12-31", "obligation/consultation", {"atop-5-1"}),
        ("russia", "2024-07-01", "obligation/defence", set()),
        ("soviet-union", "1961-07-06", "obligation/non-aggression", {"atop-5-1", "cow-alliances-4-1"}),
        ("france", "1815-06-09", "obligation/defence", {"atop-5-1"}),  # COW begins in 1816
        ("france", "1943-06-01", "obligation/defence", set()),  # not in COW's system of states
        ("abkhazia", "2010-01-01", "obligation/defence", set()),  # no code of COW's
        ("west-germany", "1960-01-01", "obligation/neutrality", {"atop-5-1", "cow-alliances-4-1"}),
        ("germany", "1960-01-01", "obligation/neutrality", set()),
        ("russia", "2000-07-01", "obligation/sanctions-resistance", set()),  # nobody looks for it
    ],
)
def test_who_looked(ask: Ask, state: str, day: str, kind: str, expected: set[str]) -> None:
    assert who(ask, state, day, kind) == expected


def test_outside_of_all_coverage_the_answer_names_who_did_not_look(ask: Ask) -> None:
    found = covered(ask, ID["state/russia"], date(2024, 7, 1), VOCAB["obligation/defence"])
    assert found.statement == f"not covered by {ATOP} (1991–2018), {COW} (1991–2012)"
    beyond = covered(ask, ID["state/abkhazia"], date(2010, 1, 1), VOCAB["obligation/defence"])
    assert beyond.statement == f"not covered by {ATOP} (not this state), {COW} (not this state)"
    nobody = covered(ask, ID["state/russia"], date(2010, 1, 1), VOCAB["obligation/sanctions-resistance"])
    assert nobody.statement == "not covered by any source of this release"
    some = covered(ask, ID["state/russia"], date(2010, 1, 1), VOCAB["obligation/defence"])
    assert some.statement == f"looked at by {ATOP} (1991–2018), {COW} (1991–2012)"


def test_without_the_list_of_states_the_register_of_states_stands_in(curated: Knowledge, ask: Ask) -> None:
    parts = [*curated.asserted().graphs(), packed_of(curated.links)]
    found = join(parts, list(sources().values()))
    registered = asker([*parts, found.local[COVERAGE]])
    assert who(registered, "soviet-union", "1961-07-06", "obligation/defence") == {"atop-5-1", "cow-alliances-4-1"}
    assert who(registered, "france", "1943-06-01", "obligation/defence") == {"atop-5-1", "cow-alliances-4-1"}
    assert who(registered, "abkhazia", "2010-01-01", "obligation/defence") == set()


def test_coverage_is_handed_on_only_if_its_source_is(joined: tuple[Joined, list[Packed]]) -> None:
    found, _ = joined
    assert b"/id/source/gleditsch-ward>" in found.shared[COVERAGE].text()
    assert b"/id/coverage/atop" not in found.shared[COVERAGE].text()
    assert b"/id/coverage/cow-alliances" not in found.shared[COVERAGE].text()


def test_the_report_has_a_row_for_each_record(joined: tuple[Joined, list[Packed]], ask: Ask) -> None:
    found, _ = joined
    rows = list(csv.DictReader(io.StringIO(found.reports["local/reports/coverage.csv"].decode())))
    assert len(rows) == len(ask("SELECT ?c { ?c a pg:Coverage }")) > 400
    (russia,) = (row for row in rows if row["source"] == "cow-alliances-4-1" and row["state"] == "russia")
    kinds = "obligation/consultation obligation/defence obligation/neutrality obligation/non-aggression"
    assert (russia["from"], russia["to"], russia["looked_for"]) == ("1991-12-26", "2012-12-31", kinds)


def test_the_same_is_found_again(joined: tuple[Joined, list[Packed]]) -> None:
    found, parts = joined
    assert join(reversed(parts), list(sources().values())) == found
