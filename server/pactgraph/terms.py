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
FINDINGS = GRAPH["findings"]
SERVICE = GRAPH["service"]
COVERAGE = GRAPH["coverage"]
IDENTITY = GRAPH["identity"]
CONFLICTS = GRAPH["conflicts"]
AGREEMENT = GRAPH["agreement"]
VIEWS = str(GRAPH["as-of/"])  # and a day: the graph of its view


class PG(DefinedNamespace):
    """The terms of the ontology that code names; a typo raises, and a test holds them equal to the ontology."""

    _NS = Namespace(BASE + "ns#")
    _fail = True

    CodeAssignment: URIRef
    Dataset: URIRef
    DateStatement: URIRef
    LifeCycleAct: URIRef
    Obligation: URIRef
    Office: URIRef
    Organisation: URIRef
    Pact: URIRef
    Participation: URIRef
    Passage: URIRef
    Person: URIRef
    Phase: URIRef
    State: URIRef
    StateSlice: URIRef
    Tenure: URIRef
    Territory: URIRef
    actBy: URIRef
    actKind: URIRef
    bearer: URIRef
    beneficiary: URIRef
    born: URIRef
    bornEarliest: URIRef
    bornLatest: URIRef
    bornPrecision: URIRef
    citesSource: URIRef
    code: URIRef
    codeSystem: URIRef
    condition: URIRef
    confidence: URIRef
    continuedBy: URIRef
    coversFrom: URIRef
    coversUntil: URIRef
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
    extendedTo: URIRef
    filedUnder: URIRef
    gwCode: URIRef
    isoAlpha2: URIRef
    isoAlpha3: URIRef
    isoNumeric: URIRef
    officialName: URIRef
    hasAct: URIRef
    hasCode: URIRef
    hasDateStatement: URIRef
    hasInterruption: URIRef
    hasObligation: URIRef
    hasParticipation: URIRef
    hasPhase: URIRef
    hasTenure: URIRef
    heldOffice: URIRef
    inDomain: URIRef
    inTable: URIRef
    latestBound: URIRef
    linkObject: URIRef
    linkRelation: URIRef
    linkSubject: URIRef
    mutuality: URIRef
    obligationKind: URIRef
    officeKind: URIRef
    officeOf: URIRef
    pactForm: URIRef
    participationRole: URIRef
    party: URIRef
    partyAsStated: URIRef
    passageNumber: URIRef
    passageOf: URIRef
    precisionProperty: URIRef
    rank: URIRef
    recordedIn: URIRef
    rowAsRead: URIRef
    rowNumber: URIRef
    sliceOf: URIRef
    start: URIRef
    startEarliest: URIRef
    startLatest: URIRef
    startPrecision: URIRef
    statedFor: URIRef
    succeededBy: URIRef
    summary: URIRef
    termAsStated: URIRef
    trigger: URIRef
    titleAsStated: URIRef
    typeNumber: URIRef
    untsNumber: URIRef


for _name in PG.__annotations__:  # made once: rdflib would make the term anew each time it is named
    setattr(PG, _name, PG[_name])


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
    kind, _, slug = (name if ":" in name else name.replace("/", ":", 1)).partition(":")
    return str(PG._NS) + slug if kind == "pg" else f"{ID}{kind}/{slug}"
