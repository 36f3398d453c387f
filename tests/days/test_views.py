"""The views of a release's index: made once, shared, bounded in number, and made elsewhere where the release is read-only."""

from __future__ import annotations

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from pactgraph.errors import BadInput
from pactgraph.store import EmbeddedStore, Formats, days

DAY = date(2024, 12, 5)
HELPERS = "SELECT ?a { ?a <https://w3id.org/pactgraph/ns#boundToDefend> <https://w3id.org/pactgraph/id/state/north-korea> }"


@pytest.fixture
def release(releases: Path, tmp_path: Path) -> Path:
    """A release of its own for each test: its index, in a folder with no views."""
    folder = tmp_path / "folder" / "2026.11.0-test"
    folder.mkdir(parents=True)
    shutil.copytree((releases / "current").resolve() / "store", folder / "store", copy_function=os.link)
    return folder


def helpers(store: EmbeddedStore, day: date | None) -> set[str]:
    return {row["a"].value.rpartition("/")[2] for row in store.rows(HELPERS, day)}


def kept(release: Path) -> list[Path]:
    return sorted(release.parent.glob(".as-of/*/????-??-??"))


def test_a_view_is_made_once_and_kept(release: Path) -> None:
    store = EmbeddedStore(release / "store")
    assert helpers(store, DAY) == {"china", "russia"} and helpers(store, None) == set()
    (view,) = kept(release)
    made = (view / "store" / "CURRENT").stat().st_mtime_ns
    assert helpers(EmbeddedStore(release / "store"), DAY) == {"china", "russia"}
    assert kept(release) == [view] and (view / "store" / "CURRENT").stat().st_mtime_ns == made
    assert not list(view.parent.glob(".making-*"))


def test_the_release_itself_is_not_changed(release: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in (release / "store").iterdir()}
    helpers(EmbeddedStore(release / "store"), DAY)
    assert {path.name: path.stat().st_mtime_ns for path in (release / "store").iterdir()} == before


def test_several_may_make_the_same_view_at_once(release: Path) -> None:
    stores = [EmbeddedStore(release / "store") for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        assert list(pool.map(lambda store: helpers(store, DAY), stores)) == [{"china", "russia"}] * 3
    assert len(kept(release)) == 1


def test_the_views_used_longest_ago_go(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "_add_view", lambda index, day: None)
    views = days.DayViews(release / "store", kept=2)
    for number in range(2):
        views.open(DAY + timedelta(days=number))
        path = kept(release)[number] / "used"
        os.utime(path, (time.time() - 1000 + number,) * 2)
    abandoned = kept(release)[0].parent / ".making-x"
    abandoned.mkdir()
    os.utime(abandoned, (0, 0))
    views.open(DAY + timedelta(days=9))
    assert [path.name for path in kept(release)] == ["2024-12-06", "2024-12-14"]
    assert not abandoned.exists()
    assert views.open(DAY), "a view that was removed is made again"


def test_views_of_a_release_that_is_gone_go(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "_add_view", lambda index, day: None)
    days.DayViews(release / "store").open(DAY)
    other = release.parent / "2026.12.0-test"
    release.rename(other)
    old = kept(other)[0].parent
    os.utime(old, (0, 0))
    days.DayViews(other / "store").open(DAY)
    assert not old.exists() and len(kept(other)) == 1


def test_a_folder_that_cannot_be_written_to_has_its_views_elsewhere(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days.tempfile, "tempdir", str(tmp_path))
    (release.parent / ".as-of").write_text("in the way, as a folder without leave to write is")
    assert helpers(EmbeddedStore(release / "store"), DAY) == {"china", "russia"}
    assert len(list(tmp_path.glob("pactgraph-as-of-*/*/2024-12-05"))) == 1


@pytest.mark.parametrize(
    "text", ["1939", "1939-09", "1939-9-1", "1939-02-30", "19390901", "today", "1939-09-01T00", "0000-01-01"]
)
def test_a_view_is_of_one_day(text: str) -> None:
    with pytest.raises(BadInput, match="YYYY-MM-DD"):
        days.day_of(text)


def test_the_view_of_another_day_is_not_there(release: Path) -> None:
    store = EmbeddedStore(release / "store")
    named = f"ASK FROM <{days.name_of(DAY).value}> {{ ?view a <https://w3id.org/pactgraph/ns#DayView> }}"
    assert store.evaluate(named, Formats(), as_of=DAY)[0].endswith(b"true}")
    for day in (None, date(1939, 9, 1)):
        with pytest.raises(BadInput, match="asOf=2024-12-05"):
            store.evaluate(named, Formats(), as_of=day)
        with pytest.raises(BadInput, match="asOf=2024-12-05"):
            store.evaluate("ASK {}", Formats(), named_graphs=[days.name_of(DAY).value], as_of=day)
