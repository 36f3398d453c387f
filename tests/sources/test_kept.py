"""What was imported is kept: unchanged sources are not redone; what changed, or was damaged, is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pactgraph.sources import imports, kept
from pactgraph.sources.crosswalk import Crosswalk

SOURCE = "cow-states-2024"
FILE = "cow-states-v2024/statelist2024.csv"


@pytest.fixture
def copies(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a source, and an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_bytes((shared / "data" / FILE).read_bytes())
    return tmp_path


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that were imported, not taken from what is kept."""
    names: list[str] = []
    plain = imports.IMPORTERS[SOURCE]

    def noted(*arguments: object) -> object:
        names.append(SOURCE)
        return plain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setitem(imports.IMPORTERS, SOURCE, noted)  # type: ignore[arg-type]
    return names


def test_an_unchanged_source_is_not_imported_again(copies: Path, crosswalk: Crosswalk, made: list[str]) -> None:
    first, again = (imports.run(copies, [SOURCE], crosswalk) for _ in range(2))
    assert made == [SOURCE]
    assert first == again
    assert [(account.read, account.loaded) for account in again[0].accounts] == [(244, 244)]


def test_a_changed_row_a_changed_code_and_a_changed_program_are(
    copies: Path, crosswalk: Crosswalk, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    imports.run(copies, [SOURCE], crosswalk)
    lines = (copies / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    (copies / FILE).write_text("".join(lines[:-1]), encoding="utf-8")
    assert imports.run(copies, [SOURCE], crosswalk)[0].accounts[0].read == 243
    imports.run(copies, [SOURCE], replace(crosswalk, wikidata={}))
    monkeypatch.setattr(kept, "_program", lambda: "another")
    imports.run(copies, [SOURCE], crosswalk)
    assert len(made) == 4


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"x" + data, lambda data: data[:-9] + b"xxxxxxxxx"])
def test_a_damaged_file_is_passed_over(copies: Path, crosswalk: Crosswalk, made: list[str], damage: object) -> None:
    first = imports.run(copies, [SOURCE], crosswalk)
    file = kept.folder() / SOURCE
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    assert imports.run(copies, [SOURCE], crosswalk) == first
    assert len(made) == 2


def test_sources_side_by_side_say_what_one_by_one_they_say(shared: Path, crosswalk: Crosswalk, tmp_path: Path) -> None:
    wanted = ["gleditsch-ward", SOURCE]
    told: list[tuple[int, int]] = []
    together = imports.run(shared / "data", wanted, crosswalk, lambda done, of: told.append((done, of)))
    assert [one.source.id for one in together] == wanted
    assert told[-1] == (2, 2)
    (kept.folder() / SOURCE).unlink()
    assert imports.run(shared / "data", [SOURCE], crosswalk) == together[1:]


def test_where_nothing_can_be_kept_the_import_goes_on(
    copies: Path, crosswalk: Crosswalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copies / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(copies / "file"))
    assert imports.run(copies, [SOURCE], crosswalk)[0].accounts[0].loaded == 244
