"""One value at a time is damaged in valid records: the shapes see at least 95 % of it, and what they miss is listed.

Each damaged record stands beside the others under a name of its own, so that one validation looks at all of them; what the
undamaged copy of a record violates by being a copy does not count.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from rdflib import RDF, Graph, Literal, URIRef

from pactgraph import knowledge
from pactgraph.pipeline.populate import populate
from pactgraph.sources import curated, documents
from pactgraph.terms import PG, expand
from pactgraph.validation import parse
from pactgraph.validation.world import World

KINDS: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "mutations.yaml").read_text(encoding="utf-8"))
CASES = [case for cases in KINDS.values() for case in cases]


class Records:
    """Valid records by name, and how they are read."""

    def __init__(self) -> None:
        self.known = populate()
        self.families = curated.date_families(self.known.ontology)
        self.records: dict[str, Any] = {}
        folders = {case["record"].partition(":")[0] for case in CASES}
        for path in knowledge.curated():
            if path.parent.name in folders:
                found = yaml.safe_load(path.read_text(encoding="utf-8"))
                self.records |= {one["id"]: one for one in found.get("graph", [found])}

    def copied(self, case: dict[str, Any], name: str) -> Graph:
        """A copy of a record with one value changed: as it is written, or where its form would be refused, in RDF."""
        record = copy.deepcopy(self.records[case["record"]])
        record["id"] = name
        if "at" not in case:
            return self.read(record).graph
        valid = copy.deepcopy(record)
        *way, last = case["at"].split("/")
        target = record
        for key in way:
            target = target[key]
        assert last in target and target[last] != case.get("to"), case
        if "to" in case:
            target[last] = case["to"]
        else:
            del target[last]
        document = self.read(record)
        return self.changed(self.read(valid).graph, name, way, last, case.get("to")) if document.faults else document.graph

    def read(self, record: dict[str, Any]) -> documents.Document:
        text = yaml.safe_dump(record, allow_unicode=True, sort_keys=False).encode()
        return documents.read(text, documents.YAML, self.families, base="urn:x:", name="damaged.yaml")

    def changed(self, graph: Graph, name: str, way: list[str], last: str, value: Any) -> Graph:
        """The same damage in RDF."""
        part = next((key for key in reversed(way) if key.startswith("#")), "")
        subject = URIRef(expand(name) + part)
        predicate = RDF.type if last == "type" else self.predicate(last)
        graph.remove((subject, predicate, None))
        for one in value if isinstance(value, list) else [value] if value is not None else []:
            graph.add((subject, predicate, self.term(one, last)))
        return graph

    def predicate(self, key: str) -> URIRef:
        entry = knowledge.context()[key]
        return URIRef(expand(entry["@id"] if isinstance(entry, dict) else entry))

    def term(self, value: str, key: str) -> URIRef | Literal:
        if key == "type":
            return URIRef(PG._NS + value)
        return URIRef(expand(value)) if ":" in value else Literal(value)


def extra(records: Records) -> list[set[str]]:
    """The shapes that each damaged record violates and the undamaged one does not."""
    world = World(records.known.curated.graph, records.known.schema() + records.known.links, parse(knowledge.shapes()))
    copies = {f"{case['record']}-damage-{number}": case for number, case in enumerate(CASES) if not case.get("alone")}
    whole = {f"{record}-damage-none": {"record": record} for record in sorted({case["record"] for case in CASES})}
    data = Graph()
    for name, case in {**copies, **whole}.items():
        for triple in records.copied(case, name):
            data.add(triple)
    fired: dict[str, set[str]] = defaultdict(set)
    for finding in world.validate(data).findings:
        fired[finding.focus.partition("#")[0]].add(finding.shape)
    found = {number: set[str]() for number in range(len(CASES))}
    for name, case in copies.items():
        found[CASES.index(case)] = fired[expand(name)] - fired[expand(f"{case['record']}-damage-none")]
    for number, case in enumerate(CASES):
        if case.get("alone"):
            outcome = world.validate(records.copied(case, case["record"]))
            found[number] = {finding.shape for finding in outcome.findings}
    return [found[number] for number in range(len(CASES))]


@pytest.mark.slow
def test_at_least_95_of_100_are_caught_and_the_rest_is_listed() -> None:
    assert len(CASES) >= 40
    missed = [case for case, shapes in zip(CASES, extra(Records()), strict=True) if not shapes]
    assert missed == [case for case in CASES if case.get("missed")]
    assert len(missed) <= 0.05 * len(CASES)
