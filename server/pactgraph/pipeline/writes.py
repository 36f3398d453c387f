"""Writing to a release: a change is carried out on a copy, validated, and published as the next release; or nothing happens.

One writer at a time, in this process and in all others (the lock of `release.writing`). Once `apply` returns, the new release
is on the disk, and the current one. See docs/decisions/0006-writes.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store, parse
from rdflib import RDF
from rdflib.term import Node

from pactgraph import terms
from pactgraph.errors import BadInput, NotFound, NotMatched, ReadOnly
from pactgraph.packed import Packed, merged, without
from pactgraph.pipeline.asserted import Asserted, Inferred, dumped, graph_of, in_graph, ntriples_in, sorted_quads
from pactgraph.pipeline.contents import content_of, json_bytes
from pactgraph.release import Change, Changed, Release, aside, open_current, put, writing
from pactgraph.sources import release_facts
from pactgraph.store import EmbeddedStore
from pactgraph.store.guard import update_names_graphs
from pactgraph.validation import parse as parse_turtle
from pactgraph.validation.world import CONTRADICTION, Outcome, World, add_faults

WRITABLE = f"{terms.GRAPH}written/"
_DERIVED = (str(terms.INFERRED), str(terms.SERVICE))
_MODEL = (str(terms.ONTOLOGY), str(terms.VOCABULARY), str(terms.LINKS))
_FINDINGS = "reports/written.json"
_world: tuple[object, World] | None = None


def apply(releases: Path, change: Change) -> Changed:
    """Carry a change out. A refusal is given back, with its findings; then nothing has changed.

    Raises NoRelease, NotMatched (If-Match), NotFound (the graph of a patch or a delete), ReadOnly (a graph that is made from
    files), QuerySyntax, QueryRefused, QueryImpossible and BadInput for a faulty update, NotWritten.
    """
    with writing(releases), aside(releases) as folder:
        current = open_current(releases)
        _check_match(current, change)
        before, index = Asserted.of(current), folder / "store"
        Store.read_only(str(current.store_path)).backup(str(index))
        new = _carry_out(change, index, before)
        after = replace(before, written=_written(change, current, index, before))
        if after.written == before.written:
            return Changed(current.id)
        outcome = _validate(current, before, after)
        inferred = after.infer() if _allows(outcome) else Inferred()
        outcome = add_faults(outcome, inferred.contradictions, change.graph or WRITABLE, CONTRADICTION)
        findings = tuple(in_graph(finding, after.written) for finding in outcome.findings)
        if not _allows(outcome):
            return Changed(current.id, findings=findings, report=outcome.report.serialize(format="nt", encoding="utf-8"))
        reports = {**_files(current), _FINDINGS: json_bytes({"findings": [vars(finding) for finding in sorted(findings)]})}
        content = content_of(after, inferred.closure.ntriples, inferred.local, _issued(current), reports)
        _follow(index, (content.nquads, content.local), content.written)
        release = put(content, releases, "write", by=change.by, index=index)
        return Changed(release.id, new, _only(after, before).count(), _only(before, after).count())


def _allows(outcome: Outcome) -> bool:
    """Say whether a validation found no violation."""
    return all(finding.severity != "Violation" for finding in outcome.findings)


def _check_match(current: Release, change: Change) -> None:
    if change.match is not None and current.id not in change.match:
        raise NotMatched(f"the current release is {current.id}, not the one that the request is for", release=current.id)


def _issued(current: Release) -> tuple[str, str]:
    """Give version and date of the release that is written to. Raises BadInput where this program makes another one."""
    version, mine = str(current.manifest["version"]), release_facts.read().version
    if version != mine:
        raise BadInput(f"{current.id} is of another version than this program, which makes {mine}", hint="build it first")
    return version, str(current.manifest["issued"])


def _files(current: Release) -> dict[str, bytes]:
    """Give the files of a release that a write leaves as they are."""
    names = [name for name in current.manifest["files"] if not name.startswith("dumps/pactgraph.")]
    return {name: (current.path / name).read_bytes() for name in names if name not in ("void.ttl", "examples.ttl")}


def _carry_out(change: Change, index: Path, before: Asserted) -> bool:
    """Carry a change out in an index; say whether its graph is new. The index is closed again."""
    copy = EmbeddedStore(index, scratch=True)
    if change.action == "update":
        _update(copy, change, before)
        return False
    _check_name(change.graph, before)
    there = copy.has_graph(change.graph)
    if change.action in ("patch", "delete") and not there:
        raise NotFound(f"there is no graph <{change.graph}>")
    if change.action == "patch":
        copy.patch_graph(change.text, change.graph, base=change.base)
    elif change.action == "delete":
        copy.drop_graph(change.graph)
    else:
        copy.write_graph(change.graph, change.ntriples, replace=change.action == "put")
    return not there


def _update(copy: EmbeddedStore, change: Change, before: Asserted) -> None:
    """Carry an update out. Patterns that name no graphs look at all of them as one, as those of queries do."""
    using, named = change.using, change.using_named
    if not using and not named and not update_names_graphs(change.text):
        using = named = (*before.made, *before.local, *before.written, *_DERIVED)
    copy.update(change.text, using, named, change.base)


def _check_name(graph: str, before: Asserted) -> None:
    """Raise ReadOnly for a graph that is made from files, or whose name is kept for such."""
    if not graph:
        raise ReadOnly("a release has no default graph of its own: name a graph, for instance <" + WRITABLE + "NAME>")
    if graph in (*before.made, *before.local, *_DERIVED):
        raise ReadOnly(
            f"<{graph}> is made from files, and made anew by each build: change the files, or write to a graph of yours"
        )
    if graph.startswith(terms.BASE) and not graph.startswith(WRITABLE):
        raise ReadOnly(f"<{graph}> is not to be written to; names of ours that are begin with <{WRITABLE}>")


def _written(change: Change, current: Release, index: Path, before: Asserted) -> dict[str, Packed]:
    """Give the written graphs of an index, as sorted N-Triples. Raises ReadOnly where other graphs were touched."""
    old, new = Store.read_only(str(current.store_path)), Store(str(index))
    made = (*before.made, *before.local, *_DERIVED)
    for graph in made if change.action == "update" else ():
        if dumped(old, graph) != dumped(new, graph):
            _check_name(graph, before)
    if any(new.quads_for_pattern(None, None, None, DefaultGraph())):
        _check_name("", before)
    names = {name.value for name in new.named_graphs() if isinstance(name, NamedNode)} - set(made)
    for name in names:
        _check_name(name, before)
    return {name: ntriples_in(new, name) for name in sorted(names)}


def _validate(current: Release, before: Asserted, after: Asserted) -> Outcome:
    """Hold what is written to the shapes, in the light of everything else; also the nodes that lost a statement."""
    global _world
    key = {**before.made, **before.local}
    if _world is None or _world[0] != key:
        _world = key, _world_of(current, before)
    lost = graph_of([_only(before, after)])
    gone: set[Node] = {*lost.subjects(), *lost.objects()}
    return _world[1].validate(graph_of(after.written.values()), anew=False, also=gone)


def _world_of(current: Release, before: Asserted) -> World:
    """Give the facts and the model of a release, and the types of what its other graphs describe."""
    others = {**before.made, **before.local}
    facts = graph_of([others.pop(str(terms.CURATED), Packed())])
    model = graph_of(others.pop(name, Packed()) for name in _MODEL)
    others.pop(str(terms.ALIGNMENTS), None)
    ending = f"> <{RDF.type}> <".encode()
    types = Packed.of(line for part in others.values() for line in part if ending in line)
    return World(facts, model, parse_turtle([current.path / "dumps" / "shapes.ttl"]), graph_of([types]))


def _only(one: Asserted, other: Asserted) -> Packed:
    """Give the statements (N-Triples) that are in written graphs of one, and in none of the other."""
    return Packed.of(without(merged(*one.written.values()), merged(*other.written.values())))


def _follow(index: Path, nquads: Iterable[Packed], written: Iterable[str]) -> None:
    """Let an index have what follows from what it has: inferred statements, and those that describe it."""
    store = Store(str(index))
    ends = tuple(f" <{graph}> .\n".encode() for graph in _DERIVED)
    had = Packed.of(sorted_quads({graph: ntriples_in(store, graph) for graph in _DERIVED}))
    has = Packed.of(merged(*((line for line in part if line.endswith(ends)) for part in nquads)))
    for quad in parse(input=Packed.of(without(had, has)).file(), format=RdfFormat.N_QUADS):
        store.remove(quad)
    store.extend(parse(input=Packed.of(without(has, had)).file(), format=RdfFormat.N_QUADS))
    for graph in written:
        store.add_graph(NamedNode(graph))
    store.flush()
