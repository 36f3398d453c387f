"""Every row of the curated fact sheets is in the release with its values, or is listed here with what carries it instead.

For each sheet a function gives the statements that must hold for a row, one SPARQL pattern for each field, so that a
failure names the row and the field. An empty cell asks for nothing, but for dates and articles: then there must be none.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from pactgraph.terms import EDTF, ID, VOCAB

PREFIXES = """PREFIX pg: <https://w3id.org/pactgraph/ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX wd: <http://www.wikidata.org/entity/> """
Row = dict[str, str]
Fields = dict[str, str]


@pytest.fixture(scope="module")
def store(releases: Path) -> Store:
    store = Store()
    dump = gzip.decompress((releases / "current/dumps/pactgraph.nq.gz").read_bytes())
    store.bulk_load(input=dump, format=RdfFormat.N_QUADS)
    return store


def holds(store: Store, pattern: str) -> bool:
    return bool(store.query(f"{PREFIXES} ASK {{ {pattern} }}", use_default_graph_as_union=True))


def iri(name: str) -> str:
    kind, _, slug = name.partition(":")
    return f"<{ID}{kind}/{slug}>"


def agent(slug: str) -> str:
    return iri(("organisation:" if slug in ("european-union", "nato") else "state:") + slug)


def concept(scheme: str, name: str) -> str:
    return f"<{VOCAB}{scheme}/{name}>"


def text(value: str) -> str:
    return str(Literal(value, language="en"))


def string(value: str) -> str:
    return str(Literal(value))


def day(value: str) -> str:
    return str(Literal(value, datatype=NamedNode(str(EDTF))))


def items(cell: str) -> list[str]:
    return [item for item in cell.split(";") if item]


def cites(node: str, row: Row) -> str:
    return " ".join(f"{node} pg:citesSource/pg:passageOf? {iri('source:' + source)} ." for source in items(row["source_ids"]))


def evidence(node: str, row: Row) -> str:
    return f"{node} pg:confidence {concept('confidence', row['confidence'])} . {cites(node, row)}"


def each(patterns: Iterable[str]) -> str:
    """Ask for all of the patterns, each for itself: a variable may have another value in each."""
    return " ".join(f"FILTER EXISTS {{ {pattern} }}" for pattern in patterns)


def contains(node: str, path: str, value: str) -> str:
    return f"{node} {path} ?text FILTER(CONTAINS(STR(?text), {string(value)}))"


# Rows that are not what their file says, and what carries them instead.
SEEN = concept("confidence", "seen")
FREEZE = "armenia-csto-freeze-2024"
SUSPENSION = f"""{iri("pact:csto-1992#suspension-armenia")} pg:actKind {concept("act", "suspension")} ;
    pg:date {day("2024-02-22")} ; pg:actBy {agent("armenia")} ; pg:confidence {SEEN} ;
    pg:citesSource {iri("source:rt-2024-02-22-csto")}, {iri("source:asbarez-2024-02-23-csto")},
        {iri("source:rferl-2024-05-08-csto")} . {iri("pact:csto-1992")} pg:coversDomain {concept("domain", "defence")}"""
WEAPONS = " ".join(
    f"""{iri(f"claim:us-rok-arms-2024-{who}")} pg:claimant {agent(state)} ; pg:claimKind {concept("claim", "accusation")} ;
    pg:reported {day("2024-06")} ; pg:accused {agent("north-korea")} ; pg:citesSource {iri("source:seed-article")} ;
    pg:statement {text("The DPRK gives Russia weapons for the war in Ukraine.")} ; pg:confidence {SEEN} ."""
    for who, state in (("us", "united-states"), ("rok", "south-korea"))
)
BRIDGE = iri("pact:russia-dprk-bridge-agreement-2024")
# The sheet has NATO as the one party of its treaty: its parties are states, each with the day from which it is one.
NATO = [
    *("albania", "belgium", "bulgaria", "canada", "croatia", "czechia", "denmark", "estonia", "finland", "france"),
    *("germany", "greece", "hungary", "iceland", "italy", "latvia", "lithuania", "luxembourg", "montenegro"),
    *("netherlands", "north-macedonia", "norway", "poland", "portugal", "romania", "slovakia", "slovenia", "spain"),
    *("sweden", "turkey", "united-kingdom", "united-states", "west-germany"),
]
MEMBERS = each(
    f"""{iri("pact:north-atlantic-treaty-1949")} pg:hasParticipation ?node . ?node pg:party {agent(state)} ; pg:start ?day ;
        pg:participationRole {concept("participation-role", "party")}"""
    for state in NATO
)
DEBRIS = f"""{iri("claim:un-monitors-hwasong-2024")} pg:claimant {iri("organisation:united-nations")} ;
    pg:reported {day("2024-01-02/2024-05-17")} ; pg:confidence {SEEN} ;
    pg:about {agent("north-korea")}, {agent("russia")} ; pg:citesSource {iri("source:lbc-2024-05-17-kimyojong")} ;
    pg:statement ?text FILTER(CONTAINS(?text, "2 January 2024"))"""
ELSEWHERE = {
    ("pacts.csv", FREEZE): SUSPENSION,  # an act about a pact, not a pact
    ("pact-parties.csv", f"{FREEZE} armenia"): SUSPENSION,
    ("domains.csv", f"{FREEZE} defence"): SUSPENSION,
    ("relations.csv", f"{FREEZE}--suspends--csto-1992"): SUSPENSION,
    ("claims.csv", "us-rok-arms-2024"): WEAPONS,  # two governments, two claims
    # The domain stands for the agreement on the bridge, signed with the treaty.
    ("domains.csv", "russia-dprk-csp-2024 transport"): (
        f"{BRIDGE} pg:coversDomain {concept('domain', 'transport')} ; pg:confidence {SEEN} ; "
        f"pg:citesSource {iri('source:riac-asmolov')} ; pg:sameOccasionAs {iri('pact:russia-dprk-csp-2024')}"
    ),
    ("pact-parties.csv", "north-atlantic-treaty-1949 nato"): MEMBERS,
    # The day of the sheet is that of the debris; the finding lies between it and the report.
    ("russia-dprk-events.csv", "hwasong-debris-kharkiv"): DEBRIS,
    # Described in our own words.
    ("sources.csv", "github-alliances-ts"): contains(iri("source:github-alliances-ts"), "pg:locator", "69432469802"),
    ("sources.csv", "seed-article"): contains(iri("source:seed-article"), "pg:locator", "000_4fdd43c3bd6afbc6"),
}
# Parties that the release names otherwise than the sheet, or has beside those of the sheet.
RENAMED = {("france-germany-elysee-1963", "germany"): "west-germany"}  # the Federal Republic of 1963
MORE_PARTIES = {
    "north-atlantic-treaty-1949": NATO,
    "csto-1992": ["azerbaijan", "georgia", "uzbekistan"],  # left in 1999; the sheet has the present members
    "abraham-sudan-2021": ["israel"],  # no signatory, but the beneficiary
}


def party_of(pact: str, slug: str) -> str:
    return agent(RENAMED.get((pact, slug), slug))


def pact_fields(row: Row) -> Fields:
    pact = iri(f"pact:{row['pact_id']}")
    unseen = {"signed_date", "entry_into_force"} if row["confidence"] == "known" else set(items(row["fields_not_seen"]))
    signed, force = (
        concept("confidence", "known" if name in unseen else "seen") for name in ("signed_date", "entry_into_force")
    )
    signature = f"""VALUES ?kind {{ {concept("act", "signature")} {concept("act", "announcement")} }}
        {pact} pg:hasAct ?act . ?act pg:actKind ?kind ; pg:date {day(row["signed_date"])} ; pg:confidence {signed} ."""
    sheet = [party_of(row["pact_id"], party) for party in items(row["parties"])]
    parties = ", ".join([*sheet, *map(agent, MORE_PARTIES.get(row["pact_id"], []))])
    entry = f"{pact} pg:hasAct ?act . ?act pg:actKind {concept('act', 'entry-into-force')}"
    place = contains("?act", "(pg:location/rdfs:label)|skos:note", row["signed_place"])
    return {
        "name": f"{pact} a pg:Pact ; rdfs:label {text(row['name'])}",
        "short_name": f"{pact} rdfs:label|skos:altLabel {text(row['short_name'])}",
        "pact_type": f"{pact} pg:describedAs {concept('pact-kind', row['pact_type'])}",
        "scope": f"{pact} pg:curationScope {concept('scope', row['scope'])}",
        "status": f"{pact} pg:reportedStatus {concept('status', row['status'])}",
        "term": row["term"] and f"{pact} pg:termAsStated {text(row['term'])}",
        "obligations_short": f"{pact} pg:summary {text(row['obligations_short'])}",
        "note": row["note"] and contains(pact, "skos:note", row["note"]),
        "evidence": evidence(pact, row),
        "parties": f"FILTER NOT EXISTS {{ {pact} pg:hasParticipation/pg:party ?party FILTER(?party NOT IN ({parties})) }}",
        "signed_date": signature,
        "signed_date_precision": f"{signature} ?act pg:datePrecision {concept('precision', row['signed_date_precision'])}",
        "signed_place": row["signed_place"] and f"{signature} {place}",
        "entry_into_force_date": f"{entry} ; pg:date {day(row['entry_into_force_date'])} ; pg:confidence {force}"
        if row["entry_into_force_date"]
        else f"FILTER NOT EXISTS {{ {entry} }}",
    }


def party_fields(row: Row) -> Fields:
    """The note on the one frozen participation is its date of suspension."""
    pact, party = iri(f"pact:{row['pact_id']}"), party_of(row["pact_id"], row["party_id"])
    node = f"{pact} pg:hasParticipation ?node . ?node pg:party {party} ."
    frozen = re.search(r"frozen since (\S+)", row["note"])
    return {
        "role": f"{node} ?node pg:participationRole {concept('participation-role', row['role'])}",
        "joined_date": row["joined_date"] and f"{node} ?node pg:start {day(row['joined_date'])}",
        "evidence": f"{node} {evidence('?node', row)}",
        "note": (frozen and f"{node} ?node pg:suspended {day(frozen[1])}") or "",
    }


SIGNING_ROLES = {"announced": "announcer", "signed-exchange-of-instruments": "signatory"}


def signatory_fields(row: Row) -> Fields:
    person, exchange = iri(f"person:{row['leader_id']}"), concept("act", "exchange-of-instruments")
    node = f"{iri('pact:' + row['pact_id'])} pg:hasAct ?act . ?act pg:hasSigning ?node . ?node pg:signer {person} ."
    if row["role"] == "signed-exchange-of-instruments":
        node += f" ?act pg:actKind {exchange} ."
    return {
        "full_name": f"{person} rdfs:label|skos:altLabel {text(row['full_name'])}",
        "party_id": f"{node} ?node pg:onBehalfOf|(pg:inCapacity/pg:officeOf) {agent(row['party_id'])}",
        "office_at_signing": f"{node} ?node pg:capacityAsStated {text(row['office_at_signing'])} ; pg:inCapacity ?office",
        "role": f"{node} ?node pg:signingRole {concept('signing-role', SIGNING_ROLES.get(row['role'], row['role']))}",
        "evidence": f"{node} {evidence('?node', row)}",
    }


OBLIGATION_KINDS = {"mutual-defence": "defence", "nonaggression": "non-aggression"}
# Normal relations with Israel are the matter of one state, and of Israel: the United States owes and gets nothing.
WITH_ISRAEL = {"abraham-morocco-2020": "morocco", "abraham-sudan-2021": "sudan", "abraham-kazakhstan-2025": "kazakhstan"}


def bearers(part: str, row: Row) -> str:
    """Support for Ukraine is owed by every other party, though the sheet names all parties."""
    pact, bearer = row["pact_id"], row["duty_bearer"]
    one_sided, mutual = (f"{part} pg:mutuality {concept('mutuality', name)}" for name in ("one-sided", "mutual"))
    if row["obligation_kind"] == "security-support" and pact.startswith(("ukraine-", "g7-")):
        others = f"{iri('pact:' + pact)} pg:hasParticipation/pg:party ?other FILTER(?other != {agent('ukraine')})"
        lacking = f"FILTER NOT EXISTS {{ {others} FILTER NOT EXISTS {{ {part} pg:bearer ?other }} }}"
        return f"{one_sided} ; pg:beneficiary {agent('ukraine')} {lacking}"
    if pact in WITH_ISRAEL:
        owed = f"{one_sided} ; pg:bearer {agent(WITH_ISRAEL[pact])} ; pg:beneficiary {agent('israel')}"
        return f"{owed} FILTER NOT EXISTS {{ {part} pg:bearer|pg:beneficiary {agent('united-states')} }}"
    return mutual if bearer == "all-parties" else f"{one_sided} ; pg:beneficiary ?other ; pg:bearer {agent(bearer)}"


def obligation_fields(row: Row) -> Fields:
    part = f"<{ID}pact/{row['pact_id']}#{row['obligation_id'].rpartition('-')[2]}>"
    provision = f"?provision pg:createsObligation {part}"
    kind = OBLIGATION_KINDS.get(row["obligation_kind"], row["obligation_kind"])
    return {
        "pact_id": f"{iri('pact:' + row['pact_id'])} pg:hasObligation {part}",
        "obligation_kind": f"{part} pg:obligationKind {concept('obligation', kind)}",
        "duty_bearer": bearers(part, row),
        "article": f"{provision} ; pg:articleNumber {string(row['article'])}"
        if row["article"]
        else f"FILTER NOT EXISTS {{ {provision} }}",
        "summary": f"{part} pg:summary {text(row['summary'])}",
        "evidence": evidence(part, row),
    }


def domain_fields(row: Row) -> Fields:
    """A domain has the evidence of the pact or of the provision that lists it; general knowledge cites nothing."""
    pact, domain = iri(f"pact:{row['pact_id']}"), concept("domain", row["domain_id"])
    row = row | {"source_ids": row["source_ids"] if row["confidence"] == "seen" else ""}
    return {
        "domain_id": f"{pact} pg:coversDomain {domain}",
        "evidence": f"{pact} pg:hasProvision? ?node . ?node pg:inDomain {domain} . {evidence('?node', row)}",
    }


# Relations that are something said, and by which claim: what was replaced had lapsed, or an observer compares.
SAID = {
    "russia-dprk-csp-2024--replaces--ussr-dprk-1961": ("replacement", "ushakov-replaces-2024"),
    "russia-dprk-csp-2024--supersedes--russia-dprk-pyongyang-declaration-2000": ("replacement", "ushakov-replaces-2024"),
    "russia-dprk-csp-2024--supersedes--russia-dprk-moscow-declaration-2001": ("replacement", "ushakov-replaces-2024"),
    "russia-dprk-csp-2024--mirrors--ussr-dprk-1961": ("resemblance", "article-mirrors-1961"),
    "china-dprk-1961--mirrors--ussr-dprk-1961": ("resemblance", "gibler-china-dprk-1961"),
    "australia-indonesia-jakarta-2026--mirrors--australia-indonesia-1995": ("resemblance", "albanese-jakarta-1995-2026"),
}
RELATION_KINDS = {
    "accession-to": "accedes-to",
    "succeeds": "follows",
    "replaces": "supersedes",
    "russia-dprk-2000--replaces--ussr-dprk-1961": "follows",  # which had lapsed before
    "france-poland-nancy-2025--replaces--france-poland-1991": "follows",  # once it is in force
}


def relation_fields(row: Row) -> Fields:
    subject, other = iri(f"pact:{row['subject_pact_id']}"), iri(f"pact:{row['object_pact_id']}")
    node = f"{subject} pg:hasRelation ?node . ?node pg:toPact {other} ."
    if row["relation_id"] in SAID:
        situation, claim = concept("situation", SAID[row["relation_id"]][0]), iri(f"claim:{SAID[row['relation_id']][1]}")
        content = f"?said pg:situationType {situation} ; pg:allegedSubject {subject} ; pg:allegedObject {other}"
        return {
            "relation": f"{claim} pg:affirms ?said . {content} FILTER NOT EXISTS {{ {node} }}",
            "source_ids": each(f"{claim} pg:affirms?/pg:citesSource {iri('source:' + s)}" for s in items(row["source_ids"])),
        }
    kind = RELATION_KINDS.get(row["relation_id"], RELATION_KINDS.get(row["relation"], row["relation"]))
    return {
        "relation": f"{node} ?node pg:relationKind {concept('relation', kind)}",
        "date": row["date"] and f"{node} ?node pg:date {day(row['date'])}",
        "note": row["note"] and f"{node} {contains('?node', 'skos:note', row['note'])}",
        "evidence": f"{node} {evidence('?node', row)}",
    }


# One row, several tenures: premier, then president; acting, then elected.
SPLIT_TERMS = {("kim-il-sung", "1948-09-09"), ("vladimir-putin", "1999-12-31")}


def leader_fields(row: Row) -> Fields:
    """The sheet knows terms only; a tenure that another source shows is seen."""
    person, title = iri(f"person:{row['leader_id']}"), re.sub(r" \(.*", "", row["office"])
    begins = row["term_start"] and f"pg:start {day(row['term_start'])} ;"
    ends = f"pg:end {day(row['term_end'] or '..')} ;" if row["term_start"] else ""
    titled = f"pg:titleAsStated {text(title)} ;"
    node = f"{person} pg:hasTenure ?node . ?node {{}} pg:heldOffice/pg:officeOf {agent(row['party_id'])} ."
    whole = [begins, ends, titled] if (row["leader_id"], row["term_start"]) in SPLIT_TERMS else [begins + ends + titled]
    since = re.search(r"\(.* (?:since|from) (\S+)\)", row["office"])
    known = f"{{ ?node pg:confidence {concept('confidence', 'known')} }} UNION {{ ?node pg:citesSource ?seen }}"
    return {
        "full_name": f"{person} rdfs:label|skos:altLabel {text(row['full_name'])}",
        "term": each(f"{node.format(part)} {known}" for part in whole),
        "office": (since and f"{person} pg:hasTenure/pg:start {day(since[1])}") or "",
        "wikidata_qid": row["wikidata_qid"] and f"{person} skos:exactMatch wd:{row['wikidata_qid']}",
    }


ABOUT = {"war-in-ukraine": "russian-invasion-of-ukraine-2022", FREEZE: "csto-1992", "allies-of-ukraine": "north-korea"}


def claim_fields(row: Row) -> Fields:
    """What the seed article says follows the article, not the sheet, in what is stated, of whom, and in which passage."""
    claim = iri(f"claim:{row['claim_id']}")
    about = [ABOUT.get(slug, slug) for slug in items(row["about"] + ";" + row["related_pact_id"])]
    of_article = row["source_ids"] == "seed-article"
    named = f"rdfs:label|skos:altLabel ?name FILTER(CONTAINS({string(row['speaker'])}, STR(?name)))"
    speaker = f"pg:claimant {iri('person:' + row['leader_id'])}" if row["leader_id"] else f"pg:claimant ?who . ?who {named}"
    unnamed = row["speaker"] == "unnamed analysts"
    role = "pg:claimant/a pg:UnnamedGroup" if unnamed else f"pg:claimantRole {text(row['speaker_role'])}"
    precision = concept("precision", row["date_precision"])
    return {
        "speaker": f"{claim} {role if unnamed else speaker}",
        "speaker_role": f"{claim} {role}",
        "claim_type": f"{claim} pg:claimKind {concept('claim', row['claim_type'])}",
        "claim": "" if of_article else contains(claim, "pg:statement", row["claim"]),
        "quote": row["quote"] and contains(claim, "pg:quotation", row["quote"]),
        "date": row["date"] and f"{claim} pg:date|pg:reported {day(row['date'])}",
        "date_precision": row["date_precision"] and f"{claim} pg:datePrecision|pg:reportedPrecision {precision}",
        "venue": f"{claim} pg:statedIn ?passage" if of_article else f"{claim} pg:venue {text(row['venue'])}",
        "about": ""
        if of_article
        else each(f'{claim} pg:about ?about FILTER(STRENDS(STR(?about), "/{slug}"))' for slug in about),
        "evidence": evidence(claim, row),
    }


def article_fields(row: Row) -> Fields:
    named = row["article"] == "preamble"
    node = f"<{ID}pact/russia-dprk-csp-2024#{'preamble' if named else 'article-' + row['article']}>"
    return {
        "article": f"{node} a pg:Provision" if named else f"{node} pg:articleNumber {string(row['article'])}",
        "topic": f"{node} pg:topic {text(row['topic'])}",
        "summary": f"{node} pg:summary {text(row['summary'])}",
        "domains": " ".join(f"{node} pg:inDomain {concept('domain', domain)} ." for domain in items(row["domains"])),
        "number_confidence": f"{node} pg:numberConfidence {concept('confidence', row['number_confidence'])}",
        "evidence": evidence(node, row | {"confidence": row["content_confidence"]}),
    }


CSP = "pact:russia-dprk-csp-2024#"
# What carries each event: an act of the treaty, an event, or something said. The first has its date.
EVENTS = {
    "dprk-treaty-signed": [f"{CSP}signature", "event:putin-visit-pyongyang-2024"],
    "dprk-treaty-text-published": ["event:csp-2024-text-published"],
    "dprk-treaty-bill-submitted": [f"{CSP}submission"],
    "dprk-treaty-duma": [f"{CSP}approval-duma"],
    "dprk-treaty-federation-council": [f"{CSP}approval-federation-council"],
    "dprk-treaty-putin-law": [f"{CSP}ratification-russia"],
    "dprk-treaty-kim-decree": [f"{CSP}ratification-north-korea"],
    "dprk-treaty-exchange": [f"{CSP}exchange-of-instruments", f"{CSP}entry-into-force"],
    "dprk-treaty-published-in-russia": ["event:csp-2024-text-published-russia"],
    "aurus-shown-2023": ["event:aurus-shown-2023"],
    "aurus-gift-feb-2024": ["event:aurus-gift-feb-2024", "claim:rok-aurus-sanctions-2024"],
    "aurus-gift-ride-june-2024": ["event:aurus-gift-june-2024", "event:aurus-ride-2024"],
    "pungsan-gift-june-2024": ["event:pungsan-gift-june-2024"],
    "tumen-bridge-agreement": ["pact:russia-dprk-bridge-agreement-2024#signature"],
    "health-agreement": ["pact:russia-dprk-health-agreement-2024#signature"],
    "tumen-bridge-start": ["event:tumen-bridge-start-2025"],
    "us-accuses-shells-2022": ["claim:kirby-shells-2022"],
    "us-accuses-wagner-2023": ["claim:us-wagner-rail-cars-2023"],
    "us-accuses-containers-2023": ["claim:kirby-containers-2023"],
    "rok-accuses-7000-containers": ["claim:rok-7000-containers-2024"],
    "hwasong-debris-kharkiv": ["claim:un-monitors-hwasong-2024"],
    "rok-nis-troops-oct-2024": ["claim:rok-nis-troops-2024"],
    "pentagon-10000": ["claim:singh-10000-2024", "claim:rutte-kursk-2024"],
    "zelensky-11000": ["claim:zelensky-11000-2024"],
    "nis-casualties-apr-2025": ["claim:nis-casualties-2025"],
    "belousov-nokwangchol": ["event:belousov-no-kwang-chol-2024"],
    "lavrov-kim-july-2025": ["event:lavrov-kim-2025", "claim:kim-unconditional-2025"],
    "dprk-confirms-kursk": ["claim:dprk-confirms-kursk-2025", "claim:russia-confirms-kursk-2025"],
    "article-4-invoked": ["claim:dprk-confirms-kursk-2025"],
    "zelensky-4000-casualties": ["claim:ukraine-casualties-2025", "claim:us-casualties-2025"],
}


# How an event, an act or a claim names who had a part in it; a person stands for the state of the office, too.
ACTOR = """(pg:actBy|pg:accused|pg:about|pg:claimant|pg:hasInvolvement/pg:involved|pg:hasSigning/pg:signer
    |pg:affirms/(pg:allegedAgent|pg:allegedRecipient)|(^pg:hasAct|pg:about)/pg:hasParticipation/pg:party
    |(pg:claimant|pg:hasInvolvement/pg:involved)/pg:hasTenure/pg:heldOffice/pg:officeOf)"""


def acted(some: str, slug: str) -> str:
    """Say that the actor is named by a node, or by its name in the summary of an act, which is by states only."""
    named = f"{iri('person:' + slug)} rdfs:label ?name . ?node pg:summary ?summary FILTER(CONTAINS(STR(?summary), STR(?name)))"
    return f'{some} {{ ?node {ACTOR} ?who FILTER(STRENDS(STR(?who), "/{slug}")) }} UNION {{ {named} }}'


def event_fields(row: Row) -> Fields:
    nodes = [iri(name) for name in EVENTS[row["event_id"]]]
    some = f"VALUES ?node {{ {' '.join(nodes)} }}"
    confidence, precision = concept("confidence", row["confidence"]), concept("precision", row["date_precision"])
    return {
        "date": f"{nodes[0]} pg:date|pg:reported {day(row['date'])}",
        "date_precision": f"{nodes[0]} pg:datePrecision|pg:reportedPrecision {precision}",
        "actors": each(acted(some, slug) for slug in items(row["actors"])),
        "confidence": " ".join(f"{node} pg:confidence {confidence} ." for node in nodes),
        "source_ids": each(f"{some} {cites('?node', row | {'source_ids': s})}" for s in items(row["source_ids"])),
    }


def source_fields(row: Row) -> Fields:
    """A title stands under its own language."""
    source, address = iri(f"source:{row['source_id']}"), quote(row["address"], safe="/:?&=%#+,;@!~*'()$")
    title = f"rdfs:label ?title FILTER(STR(?title) = {string(row['title'])})"
    return {
        "title": f"{source} {title}",
        "publisher": f"{source} pg:publisherName {text(row['publisher'])}",
        "address": f"{source} pg:address|pg:locator ?address FILTER(STR(?address) = {string(address)})",
        "date_seen_in_text": row["date_seen_in_text"] and f"{source} pg:date {day(row['date_seen_in_text'])}",
    }


PARTY_KINDS = {
    "organisation": "a pg:Organisation",
    "state": f"pg:recognition {concept('recognition', 'recognised')}",
    "state-limited-recognition": f"pg:recognition {concept('recognition', 'limited')}",
    "historical-state": f"pg:recognition {concept('recognition', 'historical')}",
}


def agent_fields(row: Row) -> Fields:
    node, links = agent(row["party_id"]), "skos:exactMatch|skos:closeMatch"
    return {
        "name": f"{node} rdfs:label|skos:altLabel {text(row['name'])}",
        "official_name": f"{node} pg:officialName {text(row['official_name'])}",
        "kind": f"{node} {PARTY_KINDS[row['kind']]}",
        "iso3": row["iso3"] and f"{node} pg:isoAlpha3 {string(row['iso3'])}",
        "wikidata_qid": row["wikidata_qid"] and f"{node} {links} wd:{row['wikidata_qid']}",
    }


CHECKS: dict[str, tuple[str, Callable[[Row], Fields]]] = {
    "pacts.csv": ("pact_id", pact_fields),
    "pact-parties.csv": ("pact_id party_id", party_fields),
    "parties.csv": ("party_id", agent_fields),
    "signatories.csv": ("pact_id leader_id role", signatory_fields),
    "obligations.csv": ("obligation_id", obligation_fields),
    "domains.csv": ("pact_id domain_id", domain_fields),
    "relations.csv": ("relation_id", relation_fields),
    "leaders.csv": ("leader_id term_start", leader_fields),
    "claims.csv": ("claim_id", claim_fields),
    "russia-dprk-2024-articles.csv": ("article", article_fields),
    "russia-dprk-events.csv": ("event_id", event_fields),
    "sources.csv": ("source_id", source_fields),
}


def differing(store: Store, rows: list[Row], name: str) -> Iterator[str]:
    columns, fields = CHECKS[name]
    for row in rows:
        key = " ".join(row[column] for column in columns.split())
        elsewhere = ELSEWHERE.get((name, key))
        for field, pattern in ({"elsewhere": elsewhere} if elsewhere else fields(row)).items():
            if pattern and not holds(store, pattern):
                yield f"{key}: {field}: {row.get(field) or row.get('source_ids', '')}"


@pytest.mark.parametrize("name", CHECKS)
def test_every_row_is_in_the_release_with_its_values(store: Store, shared: Path, name: str) -> None:
    with (shared / "data" / "curated-facts" / name).open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert rows
    assert list(differing(store, rows, name)) == []


def test_every_sentence_of_the_article_is_covered(store: Store) -> None:
    for number in range(1, 18):
        passage = iri(f"source:seed-article#s{number}")
        assert holds(store, f"?x pg:statedIn|pg:citesSource {passage}"), number
