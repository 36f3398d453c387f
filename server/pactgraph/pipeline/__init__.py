"""The pipeline: populate → import → validate → infer → join → publish. It makes a release; the web serves one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from rdflib import Graph
from rdflib.compare import to_canonical_graph
from rdflib.term import Node

from pactgraph import knowledge
from pactgraph.errors import BadInput, DataInvalid, Finding, Moved, NotWritten
from pactgraph.joining import join
from pactgraph.packed import Packed
from pactgraph.pipeline.asserted import Asserted, Inferred, graph_of, in_graph, packed_of, sorted_quads, written_in
from pactgraph.pipeline.contents import content_of, json_bytes
from pactgraph.pipeline.populate import Knowledge, import_sources, populate
from pactgraph.reasoning import hermit, rulefile, rules
from pactgraph.release import Content, Release, publish
from pactgraph.settings import BuildSettings
from pactgraph.sources import curated, documents, release_facts
from pactgraph.sources.release_facts import ReleaseFacts
from pactgraph.validation import parse, validate
from pactgraph.validation.imported import Shortfall, shortfalls
from pactgraph.validation.world import World

_INCONSISTENT = "HermiT finds ontology and data inconsistent; see docs/how-to/inconsistent.md"
_MOST_TRIES = 5
_EMPTY = "nothing can be in this class; correct the axioms that it follows from"
_P = ParamSpec("_P")
_T = TypeVar("_T")
Progress = Callable[[str, int, int], None]  # the stage, and how much of how much of it is done; of nothing: not known


@dataclass
class Report:
    """What a build did: the release, seconds by stage, counts, warnings of the validation, and an account of rows by source.

    `local` has the sources that are not handed on, each with the reason.
    """

    release: Release | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[Finding] = field(default_factory=list)
    accounts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    shortfalls: list[Shortfall] = field(default_factory=list)
    local: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, progress: Progress) -> Iterator[None]:
        """Time a stage, telling `progress` its name first; the parts of one that is interrupted are added up."""
        progress(name, 0, 0)
        start = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0) + time.perf_counter() - start, 3)


def build(settings: BuildSettings, progress: Progress = lambda stage, done, of: None) -> Report:
    """Build and publish a release of the curated knowledge, and of what clients have written to the current one.

    Raises DataInvalid with every finding if there is a violation; then nothing is published and the old release stays.
    """
    report, facts = Report(), release_facts.read()
    with report.stage("populate", progress):
        known = populate()
    _refuse_violations(known.curated.findings)
    if settings.sources:
        with report.stage("import", progress):
            tell = partial(progress, "import")
            import_sources(known, settings.sources, settings.imports, settings.hand_on, tell)
        report.accounts = accounts_of(known)
        report.local = {one.source.id: one.source.reason for one in known.imported if not one.source.redistribute}
    for _ in range(_MOST_TRIES):
        written = {} if settings.discard_written else written_in(settings.out)
        content = _made(facts, known, written, settings.infer, report, progress)
        with report.stage("publish", progress), suppress(Moved):
            known_written = None if settings.discard_written else Packed.of(sorted_quads(written))
            report.release = publish(content, settings.out, known_written)
            return report
    raise NotWritten("clients wrote to the current release all the time; end the servers that take writes, and build again")


def _made(
    facts: ReleaseFacts, known: Knowledge, written: Mapping[str, Packed], infer: bool, report: Report, progress: Progress
) -> Content:
    """Validate, infer, join, and give what is to be published.

    Raises DataInvalid, and BadInput for a rule that what it gives could not be explained by.
    """
    told = {path.parent for path in (*knowledge.rules(), *knowledge.day_rules(), *knowledge.joins("findings"))}
    for folder in (*told, knowledge.contradictions()):  # before anything that takes longer
        rulefile.of_folder(folder)
    known.written = graph_of(written.values())
    asserted = known.asserted(written)
    with report.stage("validate", progress):
        findings, shacl = _check(known)
        report.warnings = findings = [in_graph(finding, written) for finding in findings]
    _refuse_violations(findings)
    if known.imported:
        with report.stage("validate imports", progress):
            report.shortfalls = _apart(known, _shortfalls, asserted, set(known.world().subjects()))
    with ThreadPoolExecutor(max_workers=1) as beside:
        contradictions = beside.submit(_contradictions, known)
        with report.stage("infer", progress):
            inferred = _apart(known, Asserted.infer, asserted) if infer else Inferred()
        _refuse_violations([known.curated.origins.locate(finding) for finding in inferred.contradictions])
        with report.stage("join", progress):
            parts = [*asserted.graphs(), packed_of(known.links), inferred.closure.ntriples, inferred.local]
            known.joined = _apart(known, join, parts, [one.source for one in known.imported])
        with report.stage("reason", progress):
            _refuse_violations(contradictions.result())
    with report.stage("publish", progress):
        asserted = known.asserted(written)
        count = sum(inferred.closure.by_rule.values())
        report.counts = {"asserted": asserted.count(), "inferred": count, "warnings": len(findings)}
        reports = _reports(known, inferred.closure, findings, shacl, report.shortfalls)
        return content_of(asserted, inferred.closure.ntriples, inferred.local, (facts.version, facts.issued), reports)


def _apart(known: Knowledge, work: Callable[_P, _T], *given: _P.args, **named: _P.kwargs) -> _T:
    """Do work in a process of its own, if sources were imported: with them it takes gigabytes, which end with the process.

    Raises BadInput where the process was ended from outside.
    """
    if not known.imported:
        return work(*given, **named)
    with ProcessPoolExecutor(1, get_context("forkserver")) as process:
        try:
            return process.submit(work, *given, **named).result()
        except BrokenProcessPool:
            raise BadInput("a process that reasoned was ended", hint="is there enough memory?") from None


def _shortfalls(asserted: Asserted, others: set[Node]) -> list[Shortfall]:
    return shortfalls(asserted.loaded(), parse(knowledge.shapes()), others)


def validate_files(paths: Sequence[Path], *, reason: bool = False) -> list[Finding]:
    """Validate files in the light of all curated ones; without paths, everything, the style of the ontology included.

    With `reason`, what has no violation is also reasoned over, by the rules and by HermiT, as a build does.
    Raises BadInput for a file whose name does not tell what it is.
    """
    mine = [path for path in paths if documents.is_curated(path)]
    known = populate([*knowledge.curated(), *(path for path in mine if path.resolve() not in knowledge.curated())])
    if paths:
        read, faults = _documents(known, [path for path in paths if path not in mine])
        findings = [*_validate_curated(known, mine), *faults, *_validate_documents(known, read)]
    else:
        read, findings = [], known.curated.findings or _check(known)[0]
    if reason and not any(finding.severity == "Violation" for finding in findings):
        return [*findings, *_reasoned(known, read)]
    return findings


def _validate_curated(known: Knowledge, paths: Sequence[Path]) -> list[Finding]:
    names = {knowledge.name(path) for path in paths}
    faults = [finding for finding in known.curated.findings if finding.file in names]
    focus = known.curated.origins.nodes(names)
    if faults or not focus:
        return faults
    findings, _ = validate(known.world(), parse(knowledge.shapes()), focus)
    return [known.curated.origins.locate(finding) for finding in findings]


def _documents(known: Knowledge, paths: Sequence[Path]) -> tuple[list[documents.Document], list[Finding]]:
    """Read RDF files; a finding for each that does not parse."""
    families = curated.date_families(known.ontology) if paths else {}
    read, findings = [], []
    for path in paths:
        media_type, name, base = documents.media_type_of(path), knowledge.name(path), path.resolve().as_uri()
        try:
            read.append(documents.read(path.read_bytes(), media_type, families, base=base, name=name))
        except BadInput as error:
            findings.append(curated.fault(error))
    return read, findings


def _validate_documents(known: Knowledge, read: Sequence[documents.Document]) -> list[Finding]:
    """Validate RDF files, each by itself, beside what is known."""
    if not read:
        return []
    world = World(known.curated.graph, known.schema() + known.links, parse(knowledge.shapes()))
    checked = ((document, world.validate(document.graph, document.locate).findings) for document in read)
    return [finding for document, findings in checked for finding in (*document.faults, *findings)]


def _reasoned(known: Knowledge, read: Sequence[documents.Document]) -> list[Finding]:
    """Let the rules, and then HermiT, look for contradictions in all that is known and some RDF files."""
    for document in read:
        known.written += document.graph
    written = {"": packed_of(known.written)}
    found = [known.curated.origins.locate(one) for one in known.asserted(written).infer().contradictions]
    for document in read:
        placed = [(one, document.locate(one)) for one in found]
        found = [there if there.line else one for one, there in placed]
    return found or _contradictions(known)


def _check(known: Knowledge) -> tuple[list[Finding], Graph]:
    """Validate everything by the shapes, and the ontology by its style guide; each finding with its place."""
    findings, report = validate(known.world(), parse(knowledge.shapes()))
    style, _ = validate(known.schema(), parse(knowledge.style_shapes()))
    return [known.curated.origins.locate(finding) for finding in (*findings, *style)], report


def _contradictions(known: Knowledge) -> list[Finding]:
    """Let HermiT (processes of its own) say whether ontology and facts are consistent, and which classes nothing can be in."""
    findings = [] if hermit.consistent(known.facts()) else [Finding("Violation", _INCONSISTENT)]
    classes = hermit.classify(known.schema()).unsatisfiable
    return findings + [Finding("Violation", _EMPTY, focus=name) for name in classes]


def _refuse_violations(findings: list[Finding]) -> None:
    """Raises DataInvalid with all findings if one of them is a violation."""
    if any(finding.severity == "Violation" for finding in findings):
        raise DataInvalid(findings)


def accounts_of(known: Knowledge) -> dict[str, list[dict[str, Any]]]:
    """Give, for each source, its files with the rows read, loaded and listed (line and reason)."""
    return {one.source.id: [asdict(account) for account in one.accounts] for one in known.imported}


def _reports(
    known: Knowledge, inferred: rules.Closure, findings: list[Finding], shacl: Graph, imported: list[Shortfall]
) -> dict[str, bytes]:
    """Give the files of a release that say how it was made, and those that it was made from.

    Examples of shortfalls are left out: they may be of a source that is not handed on.
    """
    files = {
        "dumps/ontology.ttl": _joined([*knowledge.modules(), *knowledge.vocabularies()]),
        "dumps/shapes.ttl": _joined(knowledge.shapes()),
        "reports/shacl.ttl": to_canonical_graph(shacl).serialize(format="longturtle", encoding="utf-8", canon=True),
        "reports/shacl.json": json_bytes({"findings": [vars(finding) for finding in sorted(findings)]}),
        "reports/reasoning.json": json_bytes({"inferred_by_rule": inferred.by_rule, "rounds": inferred.rounds}),
        **{f"dumps/links/{path.name}": path.read_bytes() for path in knowledge.links()},
    }
    if known.imported:
        files["reports/accounting.json"] = json_bytes(accounts_of(known))
        files["reports/shortfalls.json"] = json_bytes([{**vars(one), "examples": []} for one in imported])
    return files | known.joined.reports


def _joined(paths: Sequence[Path]) -> bytes:
    """Give Turtle files as one, comments and all: Turtle may declare its prefixes again."""
    return b"\n".join(path.read_bytes() for path in paths)
