"""The pipeline: populate → infer → validate → publish. It makes a release; the web serves one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rdflib import Graph
from rdflib.compare import to_canonical_graph

from pactgraph import knowledge
from pactgraph.errors import DataInvalid, Finding
from pactgraph.pipeline import describe
from pactgraph.pipeline.populate import Knowledge, populate
from pactgraph.reasoning import hermit, rules
from pactgraph.release import Content, Release, publish
from pactgraph.settings import BuildSettings
from pactgraph.sources import yamlld
from pactgraph.validation import parse, validate

_INCONSISTENT = "HermiT finds ontology and data inconsistent; see docs/how-to/inconsistent.md"
_EMPTY = "nothing can be in this class; correct the axioms that it follows from"
Progress = Callable[[str], None]


@dataclass
class Report:
    """What a build did: the release, seconds by stage, counts, and the warnings of the validation."""

    release: Release | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[Finding] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str, progress: Progress) -> Iterator[None]:
        """Time a stage, telling `progress` its name first."""
        progress(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)


def build(settings: BuildSettings, progress: Progress = lambda stage: None) -> Report:
    """Build and publish a release of the curated knowledge.

    Raises DataInvalid with every finding if there is a violation; then nothing is published and the old release stays.
    """
    report = Report()
    with report.stage("populate", progress):
        known = populate()
    if any(finding.severity == "Violation" for finding in known.curated.findings):
        raise DataInvalid(known.curated.findings)
    with report.stage("infer", progress):
        inferred = rules.closure(known.asserted_ntriples(), knowledge.strata()) if settings.infer else rules.Closure(b"")
    with report.stage("validate", progress):
        findings, shacl = _validate(known)
    if any(finding.severity == "Violation" for finding in findings):
        raise DataInvalid(findings)
    report.warnings = findings
    with report.stage("publish", progress):
        report.release = publish(_content(known, inferred, findings, shacl), settings.out)
    report.counts = {"asserted": known.quads(), "inferred": sum(inferred.by_rule.values()), "warnings": len(findings)}
    return report


def validate_files(paths: Sequence[Path]) -> list[Finding]:
    """Validate curated files in the light of all the others; without paths, everything, the style of the ontology included."""
    known = populate([*knowledge.curated(), *(path for path in paths if path.resolve() not in knowledge.curated())])
    if not paths:
        return known.curated.findings or _check(known)[0]
    names = {knowledge.name(path) for path in paths}
    faults = [finding for finding in known.curated.findings if finding.file in names]
    focus = known.curated.origins.nodes(names)
    if faults or not focus:
        return faults
    findings, _ = validate(known.world(), parse(knowledge.shapes()), focus)
    return [known.curated.origins.locate(finding) for finding in findings]


def _check(known: Knowledge) -> tuple[list[Finding], Graph]:
    """Validate everything by the shapes, and the ontology by its style guide; each finding with its place."""
    findings, report = validate(known.world(), parse(knowledge.shapes()))
    style, _ = validate(known.schema(), parse(knowledge.style_shapes()))
    return [known.curated.origins.locate(finding) for finding in (*findings, *style)], report


def _validate(known: Knowledge) -> tuple[list[Finding], Graph]:
    """Run HermiT (a process of its own) beside SHACL. Gives the findings and the SHACL report."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        consistent = pool.submit(hermit.consistent, known.facts())
        classified = pool.submit(hermit.classify, known.schema())
        findings, report = _check(known)
        if not consistent.result():
            findings.append(Finding("Violation", _INCONSISTENT))
        findings += [Finding("Violation", _EMPTY, focus=name) for name in classified.result().unsatisfiable]
    return findings, report


def _content(known: Knowledge, inferred: rules.Closure, findings: list[Finding], shacl: Graph) -> Content:
    settings: dict[str, Any] = yamlld.load(knowledge.release_settings()).data
    nquads = known.nquads(inferred.ntriples)
    files = {
        "dumps/ontology.ttl": _joined([*knowledge.modules(), *knowledge.vocabularies()]),
        "dumps/shapes.ttl": _joined(knowledge.shapes()),
        "reports/shacl.ttl": to_canonical_graph(shacl).serialize(format="longturtle", encoding="utf-8", canon=True),
        "reports/shacl.json": _json({"findings": [vars(finding) for finding in sorted(findings)]}),
        "reports/reasoning.json": _json({"inferred_by_rule": inferred.by_rule, "rounds": inferred.rounds}),
        "void.ttl": describe.void(nquads, str(settings["version"]), str(settings["issued"])),
        **{f"dumps/links/{path.name}": path.read_bytes() for path in knowledge.links()},
    }
    return Content(str(settings["version"]), str(settings["issued"]), nquads, files)


def _joined(paths: Sequence[Path]) -> bytes:
    """Give Turtle files as one, comments and all: Turtle may declare its prefixes again."""
    return b"\n".join(path.read_bytes() for path in paths)


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()
