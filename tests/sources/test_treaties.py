"""Importing collections of treaties: every row accounted for and given back; parties, acts, dates, domains as stated."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SKOS

from pactgraph import knowledge
from pactgraph.dates import bounds, of_messydate
from pactgraph.sources import imports
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.register import source
from pactgraph.terms import ID, PG, VOCAB
from pactgraph.validation import parse
from tests.sources.said import Said, original

TABLES = {
    "nuclear-cooperation": {"agreements": (3152, 1)},
    "un-multilateral-2015": {"treaties": (401, 0), "acts": (31_993, 0)},
    "uk-treaties": {"treaties": (8134, 0)},
    "manytreaties-1.0.0": {
        "agreements_DESTA": (987, 25),
        "agreements_IEADB": (3583, 0),
        "agreements_GGO": (4532, 8),
        "agreements_GPTAD": (340, 0),
        "parties_DESTA": (7466, 0),
        "parties_IEADB": (15_463, 120),
        "parties_GGO": (98_320, 1032),
    },
}


@pytest.fixture(scope="module")
def nuclear(shared: Path, crosswalk: Crosswalk) -> Said:
    return Said("nuclear-cooperation", shared / "data", crosswalk)


@pytest.fixture(scope="module")
def un(shared: Path, crosswalk: Crosswalk) -> Said:
    return Said("un-multilateral-2015", shared / "data", crosswalk)


@pytest.fixture(scope="module")
def uk(shared: Path, crosswalk: Crosswalk) -> Said:
    return Said("uk-treaties", shared / "data", crosswalk)


@pytest.fixture(scope="module")
def many(shared: Path, crosswalk: Crosswalk) -> Said:
    return Said("manytreaties-1.0.0", shared / "data", crosswalk)


@pytest.mark.parametrize("fixture", ["nuclear", "un", "uk", "many"])
def test_every_row_is_accounted_for_and_given_back(fixture: str, shared: Path, request: pytest.FixtureRequest) -> None:
    said: Said = request.getfixturevalue(fixture)
    for table, (count, listed) in TABLES[said.source.id].items():
        account = said.account(table)
        assert (account.read, account.loaded, len(account.listed)) == (count, count - listed, listed), table
        assert all(reason for _, reason in account.listed)
        lost = {number for number, _ in account.listed}
        assert said.rows(table) == original(shared / "data", said.source.tables[table].file, lost), table


@pytest.mark.parametrize("fixture", ["nuclear", "un", "uk", "many"])
def test_each_thing_is_said_once(fixture: str, request: pytest.FixtureRequest) -> None:
    said: Said = request.getfixturevalue(fixture)
    once = (RDFS.label, PG.rowNumber, PG.date, PG.start, PG.end, PG.party, PG.actKind, PG.participationRole)
    several = [
        subject for subject, values in said.values.items() if any(len(values.get(predicate, ())) > 1 for predicate in once)
    ]
    assert several == []
    pacts = said.subjects(RDF.type, PG.Pact)
    assert all(said.values[node].get(RDFS.label) for node in pacts)


# Nuclear cooperation agreements.


def test_rows_in_both_directions_are_one_agreement(nuclear: Said) -> None:
    pacts = nuclear.subjects(RDF.type, PG.Pact)
    assert len(pacts) == 2156
    rows = [len(nuclear.values[node][PG.recordedIn]) for node in pacts]
    assert set(rows) == {1, 2} and sum(rows) == 3151
    assert nuclear.of("pact/nca-2-20-1955-5-1", PG.recordedIn) == {"pact/nca-2-20-1955-5-1#from-2"} | (
        {"pact/nca-2-20-1955-5-1#from-20"} if ID["pact/nca-2-20-1955-5-1#from-20"] in nuclear.values else set()
    )
    assert nuclear.account("agreements").listed == [(2132, "both states are one")]


def test_the_type_stays_a_number_and_the_year_a_year(nuclear: Said) -> None:
    signature = "pact/nca-2-20-1987-2-2#signature"
    assert nuclear.one("pact/nca-2-20-1987-2-2", PG.typeNumber) == "2"
    assert (nuclear.one(signature, PG.date), nuclear.one(signature, PG.datePrecision)) == ("1987", "precision/year")
    assert nuclear.all(PG.inDomain) == {"nuclear-energy": 2156}
    parties = Counter(str(party) for node in nuclear.values.values() for party in node.get(PG.party, ()))
    assert parties[str(ID["state/soviet-union"])] and parties[str(ID["state/russia"])], "code 365 is the state of the year"


# Multilateral treaties of the United Nations.


@pytest.mark.parametrize(
    ("act", "kind", "day", "party"),
    [
        ("un-26-1#afghanistan-accession-19851022", "accession", "1985-10-22", "state/afghanistan"),
        ("un-26-1#antigua-and-barbuda-succession-19881025", "succession", "1988-10-25", "state/antigua-and-barbuda"),
        ("un-26-1#australia-signature-19780531", "signature", "1978-05-31", "state/australia"),
        ("un-26-1#australia-ratification-19840907", "ratification", "1984-09-07", "state/australia"),
        ("un-27-7#european-union-approval-19931221", "treaty-approval", "1993-12-21", "organisation/european-union"),
    ],
)
def test_a_letter_tells_the_kind_of_act(un: Said, act: str, kind: str, day: str, party: str) -> None:
    node = f"pact/{act}"
    assert (un.one(node, PG.actKind), un.one(node, PG.date), un.one(node, PG.actBy)) == (f"act/{kind}", day, party)


def test_the_state_of_the_day_acts(un: Said) -> None:
    soviet = un.subjects(PG.actBy, ID["state/soviet-union"])
    assert soviet and all(date.fromisoformat(str(next(iter(un.values[act][PG.date])))) < date(1991, 12, 27) for act in soviet)
    assert un.subjects(PG.actBy, ID["state/czechia"])


def test_acts_and_what_is_no_date(un: Said) -> None:
    kinds = un.all(PG.actKind)
    assert kinds["ratification"] > 7000 and kinds["accession"] > 7000 and kinds["succession"] > 1200
    acts = sum(kinds.values()) - sum(str(node).endswith("#adoption") for node in un.values)
    noted = sum(len(said.get(PG.recordedIn, ())) for said in un.values.values())
    assert (acts + noted, noted) == (31_993, 571), "each row is an act, or a number or symbol noted of a participant"
    assert "pact/un-1-2#party-tuvalu-unts-page" in un.of("pact/un-1-2#party-tuvalu", PG.recordedIn)


def test_who_only_signed_is_a_signatory(un: Said) -> None:
    roles = un.all(PG.participationRole)
    assert set(roles) == {"party", "signatory"} and roles["party"] > 20_000 < sum(roles.values())
    assert un.one("pact/un-26-1#party-bolivia", PG.participationRole) == "participation-role/signatory"
    assert un.one("pact/un-26-1#party-australia", PG.participationRole) == "participation-role/party"


def test_title_day_and_chapter(un: Said) -> None:
    assert un.one("pact/un-1-1", RDFS.label) == (
        "Charter of the United Nations (deposited in the archives of the Government of the United States of America)"
    )
    assert un.one("pact/un-1-1#adoption", PG.date) == "1945-06-26"
    assert un.one("pact/un-26-1", PG.inDomain) == "domain/disarmament"


# Treaties of the United Kingdom.


def test_parties_are_found_by_name(shared: Path, crosswalk: Crosswalk, uk: Said) -> None:
    names = [name for row in original(shared / "data", uk.source.table().file) for name in _names(row["country_name"])]
    found = sum(bool(crosswalk.names.on(name, date(1950, 1, 1))) for name in names)
    assert len(names) == 85_123
    assert found / len(names) > 0.975, "measured before by the expressions of countrycode: 94.9 %"
    unnamed = [node for node, said in uk.values.items() if PG.partyAsStated in said and PG.party not in said]
    assert 0 < len(unnamed) < 150, "a party that no register has keeps its name"


def _names(cell: str) -> list[str]:
    return [name.strip() for name in cell.split(";") if name.strip()]


def test_capitals_are_parties_mixed_case_territories(uk: Said) -> None:
    node = "pact/uk-58173"
    assert {"state/spain", "state/united-kingdom"} <= {
        party for member in uk.of(node, PG.hasParticipation) for party in uk.of(member, PG.party)
    }
    extended = uk.of(node, PG.extendedTo)
    assert {"territory/gibraltar", "territory/uk-treaties-aden-colony", "state/ghana"} <= extended
    assert uk.one("territory/uk-treaties-aden-colony", RDFS.label) == "Aden Colony"


def test_days_are_read_day_first_and_take_effect_later(uk: Said) -> None:
    node = "pact/uk-58135"
    assert uk.one(f"{node}#signature", PG.date) == "1895-11-12"
    assert uk.one(f"{node}#termination", PG.date) == "1908-11-01", "notice in 1907, effect a year later"
    assert uk.one(node, PG.inDomain) == "domain/post"
    assert uk.one(node, PG.filedUnder) == "source/uk-treaties/heading/postal"


def test_names_of_their_time(crosswalk: Crosswalk) -> None:
    cases = [
        ("RUSSIA", 1907, "russian-empire"),
        ("SOVIET UNION", 1950, "soviet-union"),
        ("AUSTRIA", 1890, "austria-hungary"),
        ("AUSTRIA", 1960, "austria"),
        ("YUGOSLAVIA", 1995, "serbia-and-montenegro"),
        ("Gold Coast", 1948, "ghana"),
        ("Côte d'Ivoire", 1990, "cote-divoire"),
        ("NETHERLANDS THE", 1960, "netherlands"),
    ]
    for name, year, state in cases:
        assert crosswalk.names.on(name, date(year, 6, 1)) == [ID[f"state/{state}"]], (name, year)
    assert len(crosswalk.names.on("SWEDEN AND NORWAY", date(1890, 1, 1))) == 2
    assert crosswalk.names.on("Atlantis", date(1950, 1, 1)) == []


# manytreaties.


def test_one_pact_of_several_tables(many: Said) -> None:
    node = "pact/manytreaties-paris-2015a"
    assert many.of(node, PG.recordedIn) == {f"{node}#ggo", f"{node}#ieadb"}
    assert many.of(node, PG.inDomain) >= {"domain/environment", "domain/climate"}
    pacts = many.subjects(RDF.type, PG.Pact)
    several = sum(len(many.values[pact].get(PG.recordedIn, ())) > 1 for pact in pacts)
    assert several == 2403 and len(pacts) == 7590
    party = "pact/manytreaties-cntacm-1960o#desta-slv"
    assert party in many.of("pact/manytreaties-cntacm-1960o", PG.hasParticipation), "DESTA joins by destaID"


def test_parties_have_their_own_dates(many: Said) -> None:
    node = "pact/manytreaties-cntacm-1960o"
    ratified = f"{node}#ratification-1962-07-23"
    assert (many.one(ratified, PG.actKind), many.one(ratified, PG.actBy)) == ("act/ratification", "state/costa-rica")
    assert many.of(f"{node}#signature", PG.actBy) >= {"state/guatemala", "state/honduras"}, "one act, several states"
    kinds = many.all(PG.actKind)
    assert kinds["withdrawal"] and kinds["ratification"] > 20_000


def test_no_end_and_no_entry_into_force_are_no_dates(many: Said) -> None:
    years = {str(value)[:4] for said in many.values.values() for day in (PG.date, PG.start) for value in said.get(day, ())}
    assert all("1300" < year < "2100" for year in years), "2899 and 9999 stand for what has not happened"
    ends = Counter(str(value) for said in many.values.values() for value in said.get(PG.end, ()))
    assert ends[".."] > 40_000 and not [end for end in ends if end.startswith("9")]
    stated = {row["Force"] for row in original_parties(many) if row["Force"] > "2100"}
    assert "2899-01-01" in stated


def original_parties(many: Said) -> list[dict[str, str]]:
    return many.rows("parties_IEADB")


def test_uncertain_and_imprecise_dates_are_kept(many: Said) -> None:
    uncertain = {str(value) for said in many.values.values() for value in said.get(PG.date, ()) if "?" in str(value)}
    assert uncertain
    assert all(re.fullmatch(r"[0-9-]+\?", stated) and bounds(stated).precision == "uncertain" for stated in uncertain)
    assert of_messydate("1995-09..1996-02") == "1995-09/1996-02"
    assert of_messydate("..") == ".."
    precisions = many.all(PG.datePrecision)
    assert {"day", "month", "year", "uncertain"} <= set(precisions)


def test_data_sets_that_disagree_are_both_heard(many: Said) -> None:
    act = "pact/manytreaties-nf06ca-1824a#entry-into-force"
    assert many.one(act, PG.date) == "1825-01-11"
    assert many.one(act, PG.hasDateStatement) == f"{act}-ieadb"
    assert many.one(f"{act}-ieadb", PG.date) == "1825-01-12"
    assert many.one(f"{act}-ieadb", PG.recordedIn) == "pact/manytreaties-nf06ca-1824a#ieadb"


def test_odd_codes_are_read_or_listed(crosswalk: Crosswalk, many: Said) -> None:
    day = date(1990, 1, 1)
    for code, agent in (
        ("ALG", "state/algeria"),
        ("YUG", "state/yugoslavia"),
        ("CSK", "state/czechoslovakia"),
        ("EUE", "organisation/european-union"),
        ("KOS", "state/kosovo"),
        ("HKG", "territory/hong-kong"),
    ):
        assert crosswalk.names.on(code, day) == [ID[agent]]
    assert crosswalk.names.on("RUS", date(1965, 1, 1)) == [ID["state/soviet-union"]]
    reasons = Counter(re.sub(r".*(for|stands|is) .*", r"\1", reason) for _, reason in many.account("parties_IEADB").listed)
    assert reasons == {"for": 120}
    assert any("KOR - PRK" in reason for _, reason in many.account("parties_IEADB").listed)


# Headings and domains.


@pytest.mark.parametrize("fixture", ["un", "uk", "many"])
def test_every_heading_is_mapped_to_a_domain_or_said_to_have_none(fixture: str, request: pytest.FixtureRequest) -> None:
    said: Said = request.getfixturevalue(fixture)
    headings = [node for node, values in said.values.items() if values.get(SKOS.inScheme)]
    assert headings
    matches = (SKOS.exactMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch)
    without = {
        str(next(iter(said.values[node][SKOS.prefLabel])))
        for node in headings
        if not any(said.values[node].get(match) for match in matches)
    }
    listed = re.findall(r"\t([^\t]+)\tskos:relatedMatch\tsssom:NoTermFound", _mapping(said))
    assert without <= set(listed)
    domains = set(parse(knowledge.vocabularies()).subjects(SKOS.inScheme, VOCAB["domain"]))
    used = {value for values in said.values.values() for value in values.get(PG.inDomain, ())}
    assert used <= domains


def _mapping(said: Said) -> str:
    (path,) = (path for path in knowledge.mappings() if path.name == f"{said.source.id}.sssom.tsv")
    return path.read_text(encoding="utf-8")


def test_they_are_registered() -> None:
    for identifier in TABLES:
        assert identifier in imports.IMPORTERS
        assert source(identifier).redistribute or source(identifier).reason
