"""Importing ATOP: every row accounted for and given back; what members owe, when, on what conditions, and how it ended."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SKOS, Literal, URIRef

from pactgraph import knowledge
from pactgraph.errors import BadInput
from pactgraph.sources import atop, imports, register
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.tables import Account
from pactgraph.sources.triples import Triple
from pactgraph.terms import ID, PG, VOCAB
from tests.conftest import Imported, run_cli

FOLDER = "atop-v5.1"
TABLES = {
    "alliances": ("atop5_1a.csv", 789, 134),
    "phases": ("atop5_1aph.csv", 849, 134),
    "members": ("atop5_1m.csv", 2510, 105),
    "institutions": ("atopinst5_1.csv", 849, 5),
}
ANNAM = (203, "no state of the register has the COW number 8152")
KINDS = {
    "defense": "defence",
    "offense": "offence",
    "neutral": "neutrality",
    "nonagg": "non-aggression",
    "consul": "consultation",
}


class Said:
    """What the importer says, indexed by subject and predicate."""

    def __init__(self, folder: Path, crosswalk: Crosswalk) -> None:
        self.accounts: list[Account] = []
        self._values: dict[tuple[URIRef, URIRef], list[URIRef | Literal]] = {}
        self.subjects: dict[tuple[URIRef, URIRef | Literal], list[URIRef]] = {}
        for subject, predicate, value in set(self._statements(folder, crosswalk)):
            self._values.setdefault((subject, predicate), []).append(value)
            self.subjects.setdefault((predicate, value), []).append(subject)

    def _statements(self, folder: Path, crosswalk: Crosswalk) -> Iterator[Triple]:
        return atop.statements(register.source("atop-5.1"), folder, crosswalk, self.accounts)

    def all(self, subject: str, predicate: URIRef) -> set[str]:
        """Give values, shortened to what follows the last / or #, of a pact or of a record of it (`3440#defence`)."""
        values = self._values.get((ID[f"pact/atop-{subject}"], predicate), [])
        return {re.split("[/#]", str(value))[-1] if isinstance(value, URIRef) else str(value) for value in values}

    def one(self, subject: str, predicate: URIRef) -> str | None:
        """Give the one value; None if there is none."""
        values = self.all(subject, predicate)
        assert len(values) <= 1, values
        return values.pop() if values else None

    def span(self, subject: str) -> tuple[str | None, ...]:
        """Give start and end, each with its bounds and precision."""
        start = (PG.start, PG.startEarliest, PG.startLatest, PG.startPrecision)
        end = (PG.end, PG.endEarliest, PG.endLatest, PG.endPrecision)
        return tuple(self.one(subject, predicate) for predicate in (*start, *end))

    def owed(self, number: int) -> dict[str, str | None]:
        """Give the obligations of a pact, each with its mutuality."""
        return {name: self.one(f"{number}#{name}", PG.mutuality) for name in self.all(str(number), PG.hasObligation)}


@pytest.fixture(scope="module")
def said(shared: Path, crosswalk: Crosswalk) -> Said:
    """What ATOP says."""
    return Said(shared / "data", crosswalk)


def original(shared: Path, table: str) -> list[dict[str, str]]:
    with (shared / "data" / FOLDER / TABLES[table][0]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_is_accounted_for(said: Said) -> None:
    accounts = {account.file.rpartition("/")[2]: account for account in said.accounts}
    for file, count, _ in TABLES.values():
        listed = [ANNAM] if file == "atop5_1m.csv" else []
        assert (accounts[file].read, accounts[file].loaded, accounts[file].listed) == (count, count - len(listed), listed)
    counts = {kind: len(said.subjects[RDF.type, kind]) for kind in (PG.Pact, PG.Phase, PG.Participation)}
    assert counts == {PG.Pact: 789, PG.Phase: 849, PG.Participation: 2509}


@pytest.mark.parametrize("table", TABLES)
def test_the_files_are_given_back_field_by_field(imported: Imported, shared: Path, table: str) -> None:
    rows = original(shared, table)
    if table == "members":
        assert rows.pop(ANNAM[0] - 2)["member"] == "8152"
    assert imported.export("members", "atop-5.1", "" if table == "members" else table) == rows


def test_a_table_that_there_is_not_is_named_with_those_that_there_are(releases: Path) -> None:
    for table, words in (
        ("dyads", "use one of members, alliances, phases, institutions"),
        ("phases", "does not hold atop-5.1"),
    ):
        done = run_cli("export", "members", "--source", "atop-5.1", "--table", table, "--releases", str(releases))
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr


def test_every_column_says_what_it_means_and_where_that_is_written() -> None:
    source = register.source("atop-5.1")
    assert {name: len(table.columns) for name, table in source.tables.items()} == {
        n: width for n, (_, _, width) in TABLES.items()
    }
    for table in source.tables.values():
        for column in table.columns.values():
            assert re.search(r"codebook pp?\. \d+( and \d+)?\)\.$", column.definition), column.name
    definitions = {str(value) for _, predicate, value in register.codebook(source) if predicate == SKOS.definition}
    assert any("0 none, 1 in hostilities only, 2 in peace, too, 3 a common defence policy" in text for text in definitions)


def test_known_alliances(said: Said) -> None:
    soviet, russian, chinese, american = 3440, 4940, 3445, 3240
    assert said.one("3440", RDFS.label) == "Alliance of North Korea and Soviet Union, 1961 (ATOP 3440)"
    assert said.span("3440") == (*("1961-07-06",) * 3, "day", *("1996-09-10",) * 3, "day")
    assert said.owed(soviet) == {
        "defence": "mutual",
        "non-aggression": "mutual",
        "no-hostile-pacts": "mutual",
        "non-intervention": "mutual",
        "other-cooperation": None,
    }
    assert said.one("3440#defence", PG.trigger) == "armed-attack"
    assert said.one("4940", RDFS.label) == "Alliance of North Korea and Russia, 2000 (ATOP 4940)"
    assert {name for name in said.owed(russian) if name in KINDS.values()} == {"consultation"}
    assert said.span("4940")[4:] == ("..", None, None, "open")
    assert said.one("4940", PG.termAsStated) == "120 months"
    assert said.one("4940", PG.pactForm) == "treaty"
    assert {"defence", "non-aggression"} <= said.owed(chinese).keys()
    assert {"defence": "mutual", "bases": "one-sided"}.items() <= said.owed(american).items()
    assert said.one("3440#member-365-0-1", PG.party) == "soviet-union"
    assert said.one("4940#member-365-0-1", PG.party) == "russia"


def test_what_else_the_codes_promise_is_an_obligation_too(said: Said, shared: Path) -> None:
    phases = [row for row in original(shared, "phases") if row["phase"] == "0"]
    for column, name in (("medarb", "dispute-settlement"), ("contrib", "contributions"), ("organ1", "organisation")):
        coded = {row["atopid"] for row in phases if row[column] not in ("", "0")}
        assert coded == {row["atopid"] for row in phases if name in said.owed(int(row["atopid"]))}, column
    members = [row for row in original(shared, "members") if row["phase"] == "0" and row["member"] != "8152"]
    for column, name in (
        ("seppeace", "no-separate-peace"),
        ("notaiden", "no-aid-to-enemies"),
        ("dipaid", "diplomatic-support"),
    ):
        coded = {row["atopid"] for row in members if row[column] not in ("", "0")}
        assert coded and all(name in said.owed(int(number)) for number in coded), column


def test_a_beginning_is_a_signature(said: Said) -> None:
    act = "3440#signature"
    assert said.one(act, PG.actKind) == "signature"
    wanted = (PG.date, PG.dateEarliest, PG.dateLatest, PG.datePrecision)
    assert [said.one(act, predicate) for predicate in wanted] == [*("1961-07-06",) * 3, "day"]


def test_phases_are_kept(said: Said) -> None:
    assert said.all("3180", PG.hasPhase) == {"phase-1", "phase-2"}
    assert said.span("3180#phase-1")[4] == said.span("3180#phase-2")[0] == "1951-06-19"
    assert said.span("3180")[:1] + said.span("3180")[7:] == ("1949-04-04", "open")
    assert {name for name in said.owed(3180) if "bases" in name} == {"bases-2"}
    assert said.owed(3180)["defence-1"] == said.owed(3180)["defence-2"] == "mutual"
    assert said.one("3180#defence-1", PG.duringPhase) == "phase-1"
    assert (said.one("3180#member-260-2-1", PG.party), said.one("3180#member-255-2-1", PG.party)) == ("west-germany", "germany")
    returned = [name for name in said.all("3180", PG.hasParticipation) if name.startswith("member-220-")]
    assert sorted(returned) == ["member-220-1-1", "member-220-2-1"]


def test_what_is_known_to_the_month_stays_a_month(said: Said, shared: Path) -> None:
    (row,) = [row for row in original(shared, "alliances") if not row["begday"]]
    year, month = int(row["begyr"]), int(row["begmo"])
    stated, first, last, precision = said.span(row["atopid"])[:4]
    assert (stated, first, precision) == (f"{year}-{month:02}", f"{year}-{month:02}-01", "month")
    assert last and last.startswith(f"{stated}-") and last[-2:] in {"28", "29", "30", "31"}
    ends = Counter(said.one(row["atopid"], PG.endPrecision) for row in original(shared, "alliances"))
    assert ends == {"open": 372, "day": 404, "month": 13}


def test_flags_of_members_are_obligations_of_the_phase(said: Said, shared: Path) -> None:
    rows: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in original(shared, "members"):
        rows.setdefault((row["atopid"], row["phase"]), []).append(row)
    assert len(rows) == 849
    for (number, phase), members in rows.items():
        expected = {}
        for column, kind in KINDS.items():
            flags = {row[column] for row in members}
            if "1" in flags:
                every = {row["member"] for row in members if row[column] == "1"} == {row["member"] for row in members}
                expected[kind if phase == "0" else f"{kind}-{phase}"] = "mutual" if every else "one-sided"
        found = {name for name in said.owed(int(number)) if said.one(f"{number}#{name}", PG.duringPhase) == f"phase-{phase}"}
        primary = {name for name in found if said.one(f"{number}#{name}", PG.obligationKind) in KINDS.values()}
        assert {name: said.owed(int(number))[name] for name in primary} == expected


def test_a_one_sided_obligation_names_both_sides_if_there_are_two(said: Said, shared: Path) -> None:
    phase: dict[str, list[dict[str, str]]] = {}
    for row in original(shared, "members"):
        if row["maxphase"] == "0" and row["atopid"] != "1320":
            phase.setdefault(row["atopid"], []).append(row)
    seen = Counter[int]()
    for number, rows in phase.items():
        codes = {row["member"] for row in rows}
        free = codes - {row["member"] for row in rows if row["defense"] == "1"}
        if free and free != codes:
            defence = f"{number}#defence"
            seen[min(len(codes), 3)] += 1
            assert said.all(defence, PG.bearer)
            assert bool(said.all(defence, PG.beneficiary)) == (len(codes) == 2)
            assert ("is not coded" in (said.one(defence, PG.summary) or "")) == (len(codes) > 2)
    assert seen[2] > 10 and seen[3] > 5


def test_a_party_that_the_register_lacks_is_no_party_and_still_counts(said: Said) -> None:
    assert said.one("1320", RDFS.label) == "Alliance of 2 states, 1874 (ATOP 1320)"
    assert said.all("1320", PG.hasParticipation) == {"member-220-0-1"}
    assert {"defence": "one-sided", "consultation": "one-sided"}.items() <= said.owed(1320).items()
    assert (said.one("1320#defence", PG.bearer), said.one("1320#consultation", PG.beneficiary)) == ("france", "france")


def test_conditions_are_said_and_match_triggers(said: Said, shared: Path) -> None:
    assert said.all("3180#defence-2", PG.condition) == {"Depends on a conflict in a particular place."}
    rows = [row for row in original(shared, "members") if row["phase"] == "0"]
    asked = {row["atopid"] for row in rows if row["concoreq"] == "1"}
    for number in asked:
        members = [row for row in rows if row["atopid"] == number and row["consul"] == "1"]
        every = all(row["concoreq"] == "1" for row in members)
        assert ("request" in said.all(f"{number}#consultation", PG.trigger)) == every
        assert any("an ally's asking" in text for text in said.all(f"{number}#consultation", PG.condition))
    assert asked


def test_what_is_not_known_is_not_said(said: Said, shared: Path) -> None:
    unknown = [row for row in original(shared, "alliances") if not row["nomicoop"] and row["maxphase"] == "0"]
    assert unknown
    assert not any("other-cooperation" in said.owed(int(row["atopid"])) for row in unknown)
    formless = [row["atopid"] for row in original(shared, "alliances") if not row["estmode"]]
    assert formless and not any(said.all(number, PG.pactForm) for number in formless)


def test_how_it_ended(said: Said, shared: Path) -> None:
    assert said.one("3440#end", PG.actKind) == "lapse"
    summary = said.one("3440#end", PG.summary)
    assert summary and summary.startswith("Not renewed when its term was over. Cause, in the judgement of the data set: ")
    ended = [row for row in original(shared, "alliances") if row["endyr"] != "0"]
    kinds = Counter(said.one(f"{row['atopid']}#end", PG.actKind) for row in ended)
    assert kinds == {"lapse": 30, "supersession": 121, "termination": 221, None: 45}
    for row in ended:
        number = row["atopid"]
        assert said.one(f"{number}#end", PG.summary) or said.one(number, PG.summary) == "A member lost its independence. " + (
            "Cause, in the judgement of the data set: loss of independence."
        )


def test_who_left_before(said: Said, shared: Path) -> None:
    acts = said.subjects[PG.actKind, VOCAB["act/withdrawal"]]
    rows = [row for row in original(shared, "members") if row["termmode"] == "3"]
    assert 0 < len(acts) < len(rows)
    for act in acts:
        name = str(act).rpartition("pact/atop-")[2]
        member = name.replace("#withdrawal", "#member")
        assert said.one(name, PG.date) == said.one(member, PG.end)
        assert said.one(name, PG.actBy) == said.one(member, PG.party)


def _damaged(copy: Path, file: str, spoil: Callable[[list[str]], None]) -> None:
    path = copy / FOLDER / file
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    spoil(lines)
    path.write_text("".join(lines), encoding="utf-8")


@pytest.fixture
def copy(shared: Path, tmp_path: Path) -> Path:
    """A copy of the beginning of the tables that a test may damage."""
    (tmp_path / FOLDER).mkdir()
    for file, _, _ in TABLES.values():
        lines = (shared / "data" / FOLDER / file).read_text(encoding="utf-8").splitlines(keepends=True)
        (tmp_path / FOLDER / file).write_text("".join(lines[:101]), encoding="utf-8")
    return tmp_path


REFUSED: dict[str, tuple[str, Callable[[list[str]], None], str]] = {
    "cut off": ("atop5_1aph.csv", lambda lines: lines.__setitem__(-1, lines[-1][:40]), "cut off or shifted"),
    "another delimiter": ("atop5_1a.csv", lambda lines: lines.__setitem__(0, lines[0].replace(",", ";")), "delimiter"),
    "another release": ("atop5_1m.csv", lambda lines: lines.__setitem__(0, lines[0].replace("new5", "new6")), "lacks new5"),
    "a shifted column": ("atopinst5_1.csv", lambda lines: lines.__setitem__(4, "," + lines[4]), "shifted"),
}


@pytest.mark.parametrize("damage", REFUSED)
def test_a_file_that_is_not_the_table_is_refused(copy: Path, crosswalk: Crosswalk, damage: str) -> None:
    file, spoil, words = REFUSED[damage]
    _damaged(copy, file, spoil)
    with pytest.raises(BadInput) as refused:
        Said(copy, crosswalk)
    assert file in str(refused.value) and words in str(refused.value)


def test_rows_that_cannot_be_used_are_listed_and_so_is_what_hangs_on_them(copy: Path, crosswalk: Crosswalk) -> None:
    _damaged(
        copy, "atop5_1a.csv", lambda lines: lines.__setitem__(1, lines[1].replace("1005,,,1815,1,3", "1005,,,1815,1,33", 1))
    )
    _damaged(copy, "atop5_1aph.csv", lambda lines: lines.__setitem__(2, lines[2].replace("1815,1,14", "1815,2,30", 1)))

    def spoil(lines: list[str]) -> None:
        lines.append(lines[-1])
        lines[9] = lines[9].replace(",1815,6,12,", ",1814,6,12,", 1)

    _damaged(copy, "atop5_1m.csv", spoil)
    accounts = {account.file.rpartition("/")[2]: account for account in Said(copy, crosswalk).accounts}
    assert all(one.read == one.loaded + len(one.listed) for one in accounts.values())
    assert accounts["atop5_1a.csv"].listed == [(2, "begday is '33', which is not between 1 and 31")]
    assert accounts["atop5_1aph.csv"].listed == [
        (2, "the table of alliances has no usable row for 1005"),
        (3, "'1815-02-30' is not a day of the calendar"),
    ]
    members = dict(accounts["atop5_1m.csv"].listed)
    assert members[2] == "the table of phases has no usable row for 1005, phase 0"
    assert members[8] == "the table of phases has no usable row for 1010, phase 0"
    assert members[10] == "it ends on 1814-06-12, before it begins on 1815-04-29"
    assert "stands in line 101 already" in members[102]
    assert len(accounts["atopinst5_1.csv"].listed) == 2


def test_it_is_registered_and_for_local_use() -> None:
    assert "atop-5.1" in imports.IMPORTERS
    source = register.source("atop-5.1")
    assert not source.redistribute and "ask its maintainers" in source.reason
    assert [knowledge.name(path) for path in knowledge.sources()].count("data/sources/atop-5.1.yaml") == 1
