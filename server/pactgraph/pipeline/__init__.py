"""The pipeline: populate → infer → validate → publish. It makes a release; the web serves one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rdflib import Graph
from rdflib.compare import to_canonical_graph

from pactgraph import knowledge
from pactgraph.errors import BadInput, DataInvalid, Finding
from pactgraph.pipeline.describe import describe
from pactgraph.pipeline.populate import Knowledge, import_sources, populate
from pactgraph.reasoning import hermit, rules
from pactgraph.release import Content, Release, dumps, publish
from pactgraph.settings import BuildSettings
from pactgraph.sources import curated, documents, release_facts
from pactgraph.sources.release_facts import ReleaseFacts
from pactgraph.validation import parse, validate
from pactgraph.validation.world import World

_INCONSISTENT = "HermiT finds ontology and data inconsistent; see docs/how-to/inconsistent.md"
_EMPTY = "nothing can be in this class; correct the axioms that it follows from"
Progress = Callable[[str], None]


@dataclass
class Report:
    """What a build did: the release, seconds by stage, counts, warnings of the validation, and an account of rows by source."""

    release: Release | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[Finding] = field(default_factory=list)
    accounts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

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
    report, facts = Report(), release_facts.read()
    with report.stage("populate", progress):
        known = populate()
    if any(finding.severity == "Violation" for finding in known.curated.findings):
        raise DataInvalid(known.curated.findings)
    if settings.sources:
        with report.stage("import", progress):
            import_sources(known, settings.sources, settings.imports)
        report.accounts = accounts_of(known)
    with report.stage("infer", progress):
        inferred, local = _infer(known) if settings.infer else (rules.Closure(b""), b"")
    with report.stage("validate", progress):
        findings, shacl = _validate(known)
    if any(finding.severity == "Violation" for finding in findings):
        raise DataInvalid(findings)
    report.warnings = findings
    with report.stage("publish", progress):
        report.release = publish(_content(facts, known, inferred, local, findings, shacl), settings.out)
    report.counts = {"asserted": known.quads(), "inferred": sum(inferred.by_rule.values()), "warnings": len(findings)}
    return report


def validate_files(paths: Sequence[Path]) -> list[Finding]:
    """Validate files in the light of all curated ones; without paths, everything, the style of the ontology included.

    Raises BadInput for a file whose name does not tell what it is.
    """
    mine = [path for path in paths if documents.is_curated(path)]
    known = populate([*knowledge.curated(), *(path for path in mine if path.resolve() not in knowledge.curated())])
    if not paths:
        return known.curated.findings or _check(known)[0]
    others = [path for path in paths if path not in mine]
    return [*_validate_curated(known, mine), *_validate_documents(known, others)]


def _validate_curated(known: Knowledge, paths: Sequence[Path]) -> list[Finding]:
    names = {knowledge.name(path) for path in paths}
    faults = [finding for finding in known.curated.findings if finding.file in names]
    focus = known.curated.origins.nodes(names)
    if faults or not focus:
        return faults
    findings, _ = validate(known.world(), parse(knowledge.shapes()), focus)
    return [known.curated.origins.locate(finding) for finding in findings]


def _validate_documents(known: Knowledge, paths: Sequence[Path]) -> list[Finding]:
    """Validate RDF files, each by itself, beside what is known. What does not parse is a finding too."""
    findings: list[Finding] = []
    if not paths:
        return findings
    families = curated.date_families(known.ontology)
    world = World(known.curated.graph, known.schema() + known.links, parse(knowledge.shapes()))
    for path in paths:
        media_type, name, base = documents.media_type_of(path), knowledge.name(path), path.resolve().as_uri()
        try:
            document = documents.read(path.read_bytes(), media_type, families, base=base, name=name)
        except BadInput as error:
            findings.append(curated.fault(error))
            continue
        findings += [*document.faults, *world.validate(document.graph, document.locate).findings]
    return findings


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


def accounts_of(known: Knowledge) -> dict[str, list[dict[str, Any]]]:
    """Give, for each source, its files with the rows read, loaded and listed (line and reason)."""
    return {one.source.id: [asdict(account) for account in one.accounts] for one in known.imported}


def _infer(known: Knowledge) -> tuple[rules.Closure, bytes]:
    """Give what follows from what may be handed on; and, as N-Triples, what follows only with sources for local use."""
    inferred = rules.closure(known.asserted_ntriples(), knowledge.strata())
    if all(one.source.redistribute for one in known.imported):
        return inferred, b""
    with_local = rules.closure(known.asserted_ntriples(local=True), knowledge.strata())
    more = set(with_local.ntriples.splitlines(keepends=True)) - set(inferred.ntriples.splitlines(keepends=True))
    return inferred, b"".join(sorted(more))


def _content(
    facts: ReleaseFacts, known: Knowledge, inferred: rules.Closure, local: bytes, findings: list[Finding], shacl: Graph
) -> Content:
    own, local_own = known.nquads(inferred.ntriples), known.local_nquads(local)
    described = describe(own, local_own)
    nquads, local_nquads = _merged(own, described.nquads), _merged(local_own, described.local)
    files = {
        **dumps(nquads),
        "dumps/ontology.ttl": _joined([*knowledge.modules(), *knowledge.vocabularies()]),
        "dumps/shapes.ttl": _joined(knowledge.shapes()),
        "reports/shacl.ttl": to_canonical_graph(shacl).serialize(format="longturtle", encoding="utf-8", canon=True),
        "reports/shacl.json": _json({"findings": [vars(finding) for finding in sorted(findings)]}),
        "reports/reasoning.json": _json({"inferred_by_rule": inferred.by_rule, "rounds": inferred.rounds}),
        "examples.ttl": described.examples,
        **{f"dumps/links/{path.name}": path.read_bytes() for path in knowledge.links()},
    }
    offered = {name: files[name] for name in files if name.startswith("dumps/")}
    files["void.ttl"] = described.void(facts.version, facts.issued, offered)
    if known.imported:
        files["reports/accounting.json"] = _json(accounts_of(known))
    return Content(facts.version, facts.issued, nquads, files, local_nquads)


def _merged(*nquads: bytes) -> bytes:
    """Give N-Quads as one, sorted."""
    return b"".join(sorted(line for part in nquads for line in part.splitlines(keepends=True)))


def _joined(paths: Sequence[Path]) -> bytes:
    """Give Turtle files as one, comments and all: Turtle may declare its prefixes again."""
    return b"\n".join(path.read_bytes() for path in paths)


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()
