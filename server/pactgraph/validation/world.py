"""Data from outside, validated in the light of what is known: statements that join a world for the time of one validation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urldefrag

from rdflib import RDF, SH, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from pactgraph.errors import Finding
from pactgraph.terms import BASE
from pactgraph.validation import Targets, index, quads, run, worst_first

# Where in a text: https://www.w3.org/TR/Pointers-in-RDF10/, at a result as in https://www.w3.org/TR/EARL10-Schema/#pointer
EARL = Namespace("http://www.w3.org/ns/earl#")
PTR = Namespace("http://www.w3.org/2009/pointers#")
FORM = URIRef(BASE + "shapes#FormConstraintComponent")
CONTRADICTION = URIRef(BASE + "shapes#ContradictionConstraintComponent")


@dataclass(frozen=True)
class Outcome:
    """What was found, worst first; the SHACL report; how many nodes of the data some shape looked at."""

    findings: list[Finding]
    report: Graph
    checked: int


class World:
    """What is known, and the shapes. Not safe for threads; one data set joins at a time."""

    def __init__(self, facts: Graph, model: Graph, shapes: Graph, others: Graph | None = None) -> None:
        """Take the facts, which data may describe anew; the model, and whatever else stays; the shapes.

        `others` are the types of things that data may refer to and of which nothing more is given here.
        """
        self._facts, self.model, self._targets = facts, model, Targets(shapes)
        self._others = set(others.subjects()) - set(facts.subjects()) if others else set()
        self._parts: dict[str, list[Node]] = defaultdict(list)
        for subject in set(facts.subjects()):
            self._parts[urldefrag(str(subject)).url].append(subject)
        self._all = Graph()
        for triple in (*facts, *model, *(others or ())):
            self._all.add(triple)
        self._store = index(self._all)

    def validate(
        self,
        data: Graph,
        locate: Callable[[Finding], Finding] = lambda finding: finding,
        *,
        anew: bool = True,
        also: Iterable[Node] = (),
    ) -> Outcome:
        """Validate data beside the facts.

        A node that the data gives a type is described whole: it stands, with its parts, in place of the fact of the same
        name (unless not `anew`). Any other node adds to what is known. The nodes looked at are all those of the data, and some
        others `also`.
        """
        with self._joined(data, anew):
            focus = set(data.subjects()) | (set(data.objects()) - self._others) | set(also)
            aimed = self._targets.within(focus, self._all, self._store)
            found, report = run(self._all, aimed)
            checked = set(aimed.objects(None, SH.targetNode))
        report.bind("earl", EARL)
        report.bind("ptr", PTR)
        placed = {result: locate(finding) for result, finding in found.items()}
        for result, finding in placed.items():
            _point(report, result, finding)
        return Outcome(sorted(placed.values(), key=worst_first), report, len(checked))

    @contextmanager
    def _joined(self, data: Graph, anew: bool) -> Iterator[None]:
        """Let data join, in place of the facts that it describes anew if it does, and part again."""
        typed = {str(node) for node in data.subjects(RDF.type) if isinstance(node, URIRef)}
        out = self._without(typed if anew else set())
        coming = _difference(data, self._all, out)
        try:
            self._change(out, coming)
            yield
        finally:
            self._change(coming, out)

    def _without(self, anew: set[str]) -> Graph:
        """Give the facts about nodes, and about their parts."""
        out = Graph()
        parts = {node for name in anew for node in self._parts.get(name, ())}
        for node in parts | {URIRef(name) for name in anew}:
            for triple in self._facts.triples((node, None, None)):
                out.add(triple)
        return out

    def _change(self, out: Graph, coming: Graph) -> None:
        for triple in out:
            self._all.remove(triple)
        for quad in quads(out):
            self._store.remove(quad)
        for triple in coming:
            self._all.add(triple)
        self._store.extend(quads(coming))


def _difference(data: Graph, known: Graph, out: Graph) -> Graph:
    """Give the statements of the data that are not known, or that leave first."""
    new = Graph()
    for triple in data:
        if triple not in known or triple in out:
            new.add(triple)
    return new


def add_faults(outcome: Outcome, faults: Sequence[Finding], base: str, kind: URIRef = FORM) -> Outcome:
    """Add what no shape finds, faults of form or contradictions (`kind`), to findings and report.

    `base` stands for a focus node that is not known.
    """
    report = outcome.report
    whole = next(report.subjects(RDF.type, SH.ValidationReport))
    for fault in faults:
        result = BNode()
        report.add((whole, SH.result, result))
        report.set((whole, SH.conforms, Literal(False)))
        report.add((result, RDF.type, SH.ValidationResult))
        report.add((result, SH.resultSeverity, SH[fault.severity]))
        report.add((result, SH.resultMessage, Literal(fault.message)))
        report.add((result, SH.focusNode, URIRef(fault.focus or base)))
        report.add((result, SH.sourceConstraintComponent, kind))
        _point(report, result, fault)
    return Outcome(sorted([*outcome.findings, *faults], key=worst_first), report, outcome.checked)


def _point(report: Graph, result: Node, finding: Finding) -> None:
    """Add line and column to a result."""
    if finding.line:
        pointer = BNode()
        report.add((result, EARL.pointer, pointer))
        report.add((pointer, RDF.type, PTR.LineCharPointer))
        report.add((pointer, PTR.lineNumber, Literal(finding.line)))
        report.add((pointer, PTR.charNumber, Literal(finding.column)))
