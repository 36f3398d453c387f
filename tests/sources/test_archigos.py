"""Archigos: every spell accounted for and given back; the state of the day; ends, entries, exits; births as coded."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pactgraph.errors import BadInput
from pactgraph.sources import imports
from pactgraph.sources.crosswalk import Crosswalk
from tests.conftest import Imported

SOURCE = "archigos-4.1"
FILE = "archigos-v4.1/Archigos_4.1_stata14.csv"
COLUMNS = "https://w3id.org/pactgraph/source/archigos-4.1/spells#"


@dataclass(frozen=True)
class Built:
    """The release, and what it says of the tenure of a spell."""

    imported: Imported

    def tenure(self, spell: str, path: str) -> list[str]:
        """Give what is said of the tenure of a spell."""
        query = f"SELECT ?o {{ ?t <{COLUMNS}obsid> '{spell}' ; {path} ?o }} ORDER BY ?o"
        return [value for (value,) in self.imported.ask(query)]


@pytest.fixture(scope="module")
def built(imported: Imported) -> Built:
    return Built(imported)


def test_every_spell_is_accounted_for_and_given_back(imported: Imported, shared: Path) -> None:
    (account,) = imported.accounts[SOURCE]
    assert (account["read"], account["loaded"], account["listed"]) == (3409, 3409, [])
    with (shared / "data" / FILE).open(encoding="utf-8", newline="") as original:
        assert imported.export("members", SOURCE) == list(csv.DictReader(original))
    counts = "SELECT (COUNT(DISTINCT ?person) AS ?persons) (COUNT(?tenure) AS ?tenures)"
    found = imported.ask(f"{counts} {{ ?person a pg:Person ; pg:hasTenure ?tenure . ?tenure <{COLUMNS}obsid> ?spell }}")
    assert found == [("2802", "3409")]


@pytest.mark.parametrize(
    ("spell", "office", "start", "end", "entry", "exit_kind"),
    [
        ("PRK-2011", "north-korea", "2011-12-17", "..", "regular", None),
        ("RUS-2000", "russia", "2000-01-01", "..", "regular", None),
        ("RUS-1923", "soviet-union", "1923-03-10", "1953-03-05", "regular", "natural-death"),
        ("RUS-1894", "russian-empire", "1894-11-01", "1917-11-06", "regular", "irregular"),
        ("GMY-1858", "prussia", "1858-10-07", "1888-03-09", "regular", "natural-death"),
        ("GMY-1933", "germany", "1933-01-30", "1945-04-30", "regular", "suicide"),
        ("GFR-1974", "west-germany", "1974-05-16", "1982-10-01", "regular", "regular"),
        ("GFR-1998", "germany", "1998-10-27", "2005-11-22", "regular", "regular"),
        ("GDR-1971", "east-germany", "1971-05-03", "1989-10-18", "regular", "regular"),
        ("HAI-2011", "haiti", "2011-05-14", "..", "regular", None),
        ("LIT-1917", "lithuania", "1917-09-18", "1918-07-09", None, None),
    ],
)
def test_a_spell_is_a_tenure_in_the_state_of_its_day(
    built: Built, spell: str, office: str, start: str, end: str, entry: str | None, exit_kind: str | None
) -> None:
    assert built.tenure(spell, "pg:heldOffice/pg:officeOf") == [office]
    assert (built.tenure(spell, "pg:start"), built.tenure(spell, "pg:startPrecision")) == ([start], ["day"])
    assert (built.tenure(spell, "pg:end"), built.tenure(spell, "pg:endPrecision")) == (
        [end],
        ["open" if end == ".." else "day"],
    )
    assert built.tenure(spell, "pg:entryKind") == ([entry] if entry else [])
    assert built.tenure(spell, "pg:exitKind") == ([exit_kind] if exit_kind else [])


def test_those_in_office_at_the_end_are_open_and_no_other(imported: Imported) -> None:
    ends = f"{{ ?t pg:endPrecision ?p ; <{COLUMNS}obsid> ?spell }}"
    found = imported.ask(f"SELECT ?p (COUNT(?t) AS ?n) {ends} GROUP BY ?p ORDER BY ?p")
    assert found == [("day", "3241"), ("open", "168")]


@pytest.mark.parametrize(
    ("spell", "born", "precision", "died"),
    [
        ("USA-1869", "1822", "year", ["1885-07-23"]),
        ("PRK-2011", "1983-01-08", "day", []),
        ("SWZ-2014", "1960", "year", []),
        ("VEN-1993", "1916-11-28", "day", ["2014-06-24"]),
        ("SAU-2015", "[1924-08-01,1935]", "uncertain", []),
    ],
)
def test_birth_and_death_are_as_precise_as_coded(built: Built, spell: str, born: str, precision: str, died: list[str]) -> None:
    assert built.tenure(spell, "^pg:hasTenure/pg:born") == [born]
    assert built.tenure(spell, "^pg:hasTenure/pg:bornPrecision") == [precision]
    assert built.tenure(spell, "^pg:hasTenure/pg:died") == died


def test_what_may_not_be_handed_on_is_in_no_dump(imported: Imported) -> None:
    release = (imported.folder / "current").resolve()
    dumps = list(release.glob("dumps/pactgraph.*.gz"))
    assert dumps
    assert not any(b"tenure-PRK-2011" in gzip.decompress(dump.read_bytes()) for dump in dumps)


DAMAGE: dict[str, tuple[str, str, str]] = {
    "a kind of exit that is none": ("Natural Death,Regular,0,Missing", "Vanished,Regular,0,Missing", "exit is 'Vanished'"),
    "an end before the start": ("1869-03-04,1869-03-04,1877-03-04", "1869-03-04,1869-03-04,1867-03-04", "is before startdate"),
    "a day that is none": ("1877-03-04,1877-03-04,1881-03-04", "1877-02-30,1877-03-04,1881-03-04", "not a day"),
    "a code that no state has": ("bf8def,2,USA,Grant", "bf8def,999,USA,Grant", "no state of the register has the code 999"),
    "a spell twice": ("USA-1877,", "USA-1869,", "stands in line 2 already"),
}


@pytest.fixture(scope="module")
def text(shared: Path) -> str:
    """The first hundred spells."""
    lines = (shared / "data" / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(lines[:101])


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_row_that_cannot_be_used_is_listed(damage: str, text: str, tmp_path: Path, crosswalk: Crosswalk) -> None:
    good, bad, words = DAMAGE[damage]
    assert good in text
    write(tmp_path, text.replace(good, bad, 1))
    (account,) = imports.run(tmp_path, [SOURCE], crosswalk)[0].accounts
    assert (account.read, account.loaded, len(account.listed)) == (100, 99, 1)
    assert words in account.listed[0][1]


REFUSED: dict[str, tuple[Callable[[str], str], str]] = {
    "another delimiter": (lambda text: text.replace(",", ";"), "delimiter"),
    "a column more": (lambda text: text.replace("fties,ftcur", "fties,heirs,ftcur", 1), "heirs"),
    "a shifted row": (lambda text: text.replace("USA,Hayes", "USA,,Hayes", 1), "shifted"),
}


@pytest.mark.parametrize("damage", REFUSED)
def test_a_file_that_is_not_the_table_is_refused(damage: str, text: str, tmp_path: Path, crosswalk: Crosswalk) -> None:
    spoil, words = REFUSED[damage]
    write(tmp_path, spoil(text))
    with pytest.raises(BadInput, match=words):
        imports.run(tmp_path, [SOURCE], crosswalk)


def write(folder: Path, text: str) -> None:
    (folder / FILE).parent.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(text, encoding="utf-8")
