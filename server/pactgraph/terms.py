"""Our IRIs. The base never changes; the server maps it to its own address."""

from __future__ import annotations

from rdflib import URIRef
from rdflib.namespace import DefinedNamespace, Namespace

BASE = "https://w3id.org/pactgraph/"
ID = Namespace(BASE + "id/")
VOCAB = Namespace(BASE + "vocab/")
GRAPH = Namespace(BASE + "graph/")
EDTF = URIRef("http://id.loc.gov/datatypes/edtf/EDTF")

CURATED = GRAPH["curated"]
LINKS = GRAPH["links"]
ONTOLOGY = GRAPH["ontology"]
VOCABULARY = GRAPH["vocabulary"]
ALIGNMENTS = GRAPH["alignments"]
INFERRED = GRAPH["inferred"]
SERVICE = GRAPH["service"]


class PG(DefinedNamespace):
    """The terms of the ontology that code names; a typo raises, and a test holds them equal to the ontology."""

    _NS = Namespace(BASE + "ns#")
    _fail = True

    Dataset: URIRef
    LifeCycleAct: URIRef
    Obligation: URIRef
    Office: URIRef
    Pact: URIRef
    Participation: URIRef
    Passage: URIRef
    Person: URIRef
    Phase: URIRef
    StateSlice: URIRef
    Tenure: URIRef
    actBy: URIRef
    actKind: URIRef
    bearer: URIRef
    beneficiary: URIRef
    born: URIRef
    bornEarliest: URIRef
    bornLatest: URIRef
    bornPrecision: URIRef
    citesSource: URIRef
    condition: URIRef
    confidence: URIRef
    continuedBy: URIRef
    cowCode: URIRef
    date: URIRef
    dateEarliest: URIRef
    dateLatest: URIRef
    datePrecision: URIRef
    died: URIRef
    diedEarliest: URIRef
    diedLatest: URIRef
    diedPrecision: URIRef
    duringPhase: URIRef
    earliestBound: URIRef
    end: URIRef
    endEarliest: URIRef
    endLatest: URIRef
    endPrecision: URIRef
    entryKind: URIRef
    exitKind: URIRef
    gwCode: URIRef
    hasAct: URIRef
    hasObligation: URIRef
    hasParticipation: URIRef
    hasPhase: URIRef
    hasTenure: URIRef
    heldOffice: URIRef
    inDomain: URIRef
    inTable: URIRef
    latestBound: URIRef
    mutuality: URIRef
    obligationKind: URIRef
    officeKind: URIRef
    officeOf: URIRef
    pactForm: URIRef
    participationRole: URIRef
    party: URIRef
    passageNumber: URIRef
    passageOf: URIRef
    precisionProperty: URIRef
    rowNumber: URIRef
    sliceOf: URIRef
    start: URIRef
    startEarliest: URIRef
    startLatest: URIRef
    startPrecision: URIRef
    summary: URIRef
    termAsStated: URIRef
    trigger: URIRef
    titleAsStated: URIRef


def curie(iri: str) -> str:
    """Shorten one of our IRIs for people: `pact:russia-dprk-2000`, `pg:Pact`; others stay whole."""
    if iri.startswith(PG._NS):
        return "pg:" + iri[len(PG._NS) :]
    if iri.startswith(ID):
        kind, _, slug = iri[len(ID) :].partition("/")
        return f"{kind}:{slug}" if slug else iri
    return iri


def expand(name: str) -> str:
    """Give the whole IRI of `pg:Pact`, `pact:russia-dprk-2000` or `pact/russia-dprk-2000`; whole IRIs stay."""
    if "://" in name:
        return name
    kind, _, slug = name.replace("/", ":", 1).partition(":")
    return str(PG._NS) + slug if kind == "pg" else f"{ID}{kind}/{slug}"
