"""Running the rules that compare sources (ontology/joins/), step by step, over what is asserted and inferred.

A step is a folder of SPARQL CONSTRUCT files that run once each, in the order of their names; each sees what the earlier ones
found. Each record that they make cites the sources that it rests on: it may be handed on if all of these may.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, serialize
from rdflib import SKOS, URIRef

from pactgraph import knowledge
from pactgraph.joining.keys import keys
from pactgraph.joining.looks import JOIN, looks
from pactgraph.joining.reports import reports
from pactgraph.packed import Packed
from pactgraph.queries import load
from pactgraph.reasoning.rules import construct, loaded
from pactgraph.release import LOCAL
from pactgraph.sources.register import Source
from pactgraph.terms import AGREEMENT, CONFLICTS, COVERAGE, FINDINGS, IDENTITY, PG, VOCAB

STEPS = {"coverage": COVERAGE, "identity": IDENTITY, "conflicts": CONFLICTS, "agreement": AGREEMENT, "findings": FINDINGS}
_CITES, _SUBJECT, _OBJECT, _RELATION = (
    NamedNode(str(term)) for term in (PG.citesSource, PG.linkSubject, PG.linkObject, PG.linkRelation)
)
_SKOS = {"exact": NamedNode(str(SKOS.exactMatch)), "close": NamedNode(str(SKOS.closeMatch))}
_PREFIX = re.compile(r"^PREFIX (\w+): <([^>]+)>", re.MULTILINE)
_NAME = re.compile(r"\b(\w+):(\w+)")


@dataclass
class Joined:
    """What the rules found, as sorted N-Triples by named graph: what may be handed on, and what is for local use alone.

    `reports` are tables of what may be handed on, by their paths in a release; below LOCAL those of all of it.
    """

    shared: dict[URIRef, Packed] = field(default_factory=dict)
    local: dict[URIRef, Packed] = field(default_factory=dict)
    reports: dict[str, bytes] = field(default_factory=dict)


def join(ntriples: Iterable[Packed], sources: Sequence[Source]) -> Joined:
    """Compare sources. `ntriples` is what is asserted and inferred, one statement a line. Raises BadInput for a faulty rule."""
    rules = {
        step: [(knowledge.name(path), path.read_text(encoding="utf-8")) for path in knowledge.joins(step)] for step in STEPS
    }
    store = _facts(
        ntriples, [*(text for step in rules.values() for _, text in step), load("joining/pacts"), load("joining/persons")]
    )
    store.bulk_load(input=looks(sources), format=RdfFormat.N_TRIPLES)
    store.extend(keys(store, {str(source.iri): _of_alliances(source) for source in sources}))
    kept_back = {NamedNode(str(source.iri)) for source in sources if not source.redistribute}
    joined, records, handed_on = Joined(), Store(), Store()
    for step, graph in STEPS.items():
        found = _run(store, rules[step])
        records.extend(Quad(*triple) for triple in found)
        local = _resting_on(found, kept_back)
        handed_on.extend(Quad(*triple) for triple in found - local)
        for held, part in ((joined.local, local), (joined.shared, found - local)):
            if part:
                held[graph] = _ntriples(part | _matches(part))
    joined.reports = reports(handed_on)
    if joined.local:
        joined.reports |= {LOCAL + path: table for path, table in reports(records).items()}
    return joined


def _of_alliances(source: Source) -> bool:
    return any(str(kind).startswith(VOCAB["obligation/"]) for look in source.coverage for kind in look.kinds)


def _facts(ntriples: Iterable[Packed], rules: Iterable[str]) -> Store:
    """Load the statements whose predicates the rules name: most of what is known, the columns of rows, they do not look at."""
    named = {predicate.encode() for text in rules for predicate in _predicates(text)}
    return loaded(Packed.of(line for line in part if line.split(b" ", 2)[1] in named) for part in ntriples)


def _predicates(rule: str) -> set[str]:
    """Give every IRI that a rule writes with a prefix (but for the class of what it makes: `a`), as N-Triples writes it."""
    prefixes = dict(_PREFIX.findall(rule))
    return {f"<{prefixes[prefix]}{name}>" for prefix, name in _NAME.findall(rule) if prefix in prefixes}


def _run(store: Store, rules: Iterable[tuple[str, str]]) -> set[Triple]:
    """Run the rules of a step in order. What they say in terms of their own is for each other, and not given."""
    found: set[Triple] = set()
    for name, text in rules:
        new = set(construct(store, text, name))
        store.extend(Quad(*triple) for triple in new)
        found |= {triple for triple in new if not triple.predicate.value.startswith(JOIN)}
    return found


def _matches(found: Iterable[Triple]) -> set[Triple]:
    """Give each link also as one SKOS statement from record to record."""
    links: dict[str, dict[str, NamedNode]] = defaultdict(dict)
    for triple in found:
        if triple.predicate in (_SUBJECT, _OBJECT, _RELATION) and isinstance(triple.object, NamedNode):
            links[str(triple.subject)][triple.predicate.value] = triple.object
    return {
        Triple(link[_SUBJECT.value], _SKOS[link[_RELATION.value].value.rpartition("/")[2]], link[_OBJECT.value])
        for link in links.values()
    }


def _resting_on(found: set[Triple], kept_back: set[NamedNode]) -> set[Triple]:
    """Give the statements of the records, parts included, that cite one of some sources."""
    cited = defaultdict(set)
    for triple in found:
        if triple.predicate == _CITES:
            cited[_record(triple)].add(triple.object)
    return {triple for triple in found if kept_back & cited[_record(triple)]}


def _record(triple: Triple) -> str:
    assert isinstance(triple.subject, NamedNode)
    return triple.subject.value.partition("#")[0]


def _ntriples(triples: Iterable[Triple]) -> Packed:
    return Packed.sorted((serialize(triples, format=RdfFormat.N_TRIPLES) or b"").splitlines(keepends=True))
