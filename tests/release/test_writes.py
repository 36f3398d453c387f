"""Writing to a release: a change becomes the next release, whole, valid, with what follows from it; or nothing happens."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, Store
from rdflib import Graph, URIRef

from pactgraph import pipeline
from pactgraph.errors import (
    BadInput,
    Damaged,
    DataInvalid,
    NotFound,
    NotMatched,
    PactgraphError,
    QueryImpossible,
    QueryRefused,
    QuerySyntax,
    ReadOnly,
)
from pactgraph.packed import Packed
from pactgraph.pipeline.populate import Knowledge
from pactgraph.pipeline.writes import apply
from pactgraph.release import (
    Change,
    Changed,
    backup,
    diff,
    history,
    open_current,
    prune,
    quads_of,
    releases_of,
    restore,
    rollback,
    verify,
)
from pactgraph.settings import BuildSettings
from pactgraph.sources.curated import Curated
from pactgraph.terms import BASE
from tests.conftest import run_cli
from tests.release.conftest import MINE, PG, STATE, TINY, tiny

GRAPH = "https://w3id.org/pactgraph/graph/"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
PREFIXES = f"PREFIX pg: <{PG}> PREFIX state: <{STATE}> PREFIX rdfs: <{RDFS}> "
B = f'<{STATE}b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{PG}State> .\n<{STATE}b> <{RDFS}label> "B"@en .\n'.encode()


def put(folder: Path, ntriples: bytes, graph: str = MINE, **more: Any) -> Changed:
    return apply(folder, Change("put", graph=graph, ntriples=ntriples, **more))


def update(folder: Path, text: str, **more: Any) -> Changed:
    return apply(folder, Change("update", text=PREFIXES + text, **more))


def ask(folder: Path, pattern: str) -> bool:
    store = Store.read_only(str(open_current(folder).store_path))
    return bool(store.query(f"{PREFIXES} ASK {{ {pattern} }}"))


def dump(folder: Path) -> str:
    return gzip.decompress((open_current(folder).path / "dumps/pactgraph.nq.gz").read_bytes()).decode()


def canonical(store: Store) -> Dataset:
    """Give what a store holds, whatever its blank nodes are called."""
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json*") if path.is_file()}


def test_a_write_is_a_release_with_what_follows_from_it(writable: Path) -> None:
    before = open_current(writable)
    changed = put(writable, B, by="somebody")
    after = open_current(writable)
    assert (changed.release, changed.new, changed.added, changed.removed) == (after.id, True, 2, 0)
    assert list(verify(writable)) == []
    assert after.written == {MINE: 2}
    assert ask(writable, f"GRAPH <{GRAPH}inferred> {{ state:b a pg:Agent }} GRAPH <{MINE}> {{ state:b a pg:State }}")
    assert f'<{STATE}b> <{RDFS}label> "B"@en <{MINE}> .' in dump(writable)
    assert f"<{MINE}>" in (after.path / "void.ttl").read_text() or "written/mine" in (after.path / "void.ttl").read_text()
    assert "state:b" in diff(before, after).added
    entry = history(writable)[-1]
    assert (entry["release"], entry["action"], entry["by"]) == (after.id, "write", "somebody")
    assert apply(writable, Change("delete", graph=MINE)).removed == 2
    assert not ask(writable, "GRAPH ?g { state:b ?p ?o }")
    assert list(verify(writable)) == []


def test_index_and_dump_say_the_same_after_many_writes(writable: Path) -> None:
    put(writable, B)
    apply(writable, Change("post", graph=MINE, ntriples=f'<{STATE}b> <{RDFS}comment> "said" , "again" .\n'.encode()))
    more = "?s rdfs:seeAlso ?s , [] ; pg:n 01 , 1.50 , 'x'@en-GB"
    update(writable, f"INSERT {{ GRAPH <x:more> {{ {more} }} }} WHERE {{ ?s a pg:Agent }}")
    apply(writable, Change("patch", graph=MINE, text=f"DELETE WHERE {{ ?s <{RDFS}comment> 'said' }}"))
    assert list(verify(writable)) == []
    index, again = Store.read_only(str(open_current(writable).store_path)), Store()
    again.load(input=dump(writable).encode(), format=RdfFormat.N_QUADS)
    assert canonical(index) == canonical(again)
    assert open_current(writable).written == {MINE: 3, "x:more": 10}
    assert open_current(writable).manifest["quads"] == len(index)


def test_the_same_write_makes_the_same_release(writable: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    tiny(other)
    first = put(writable, B)
    assert put(other, B).release == first.release
    assert put(writable, B) == Changed(first.release)  # nothing changed, nothing made
    assert [entry["action"] for entry in history(writable)] == ["publish", "write"]


@pytest.mark.parametrize(
    ("ntriples", "focus"),
    [
        (B.splitlines()[0] + b"\n", "b"),  # a state without a label
        (f'<{STATE}a> <{RDFS}label> "Another"@en .\n'.encode(), "a"),  # a second one for a curated state
    ],
)
def test_what_does_not_conform_is_refused_and_leaves_no_trace(writable: Path, ntriples: bytes, focus: str) -> None:
    put(writable, b"<x:a> <x:b> <x:c> .\n")
    before = state(writable)
    refused = put(writable, ntriples)
    assert [(finding.focus, finding.message) for finding in refused.findings] == [(STATE + focus, "Give the state one label.")]
    report = Graph().parse(data=refused.report, format="nt")
    assert len(list(report.subjects(None, None))) and "Give the state one label." in refused.report.decode()
    assert state(writable) == before
    assert not ask(writable, f"GRAPH <{MINE}> {{ <{STATE}{focus}> ?p ?o }}")


def test_what_contradicts_the_model_is_refused_with_the_reason(writable: Path) -> None:
    """No shape finds it."""
    nothing = f"<{STATE}a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2002/07/owl#Nothing> .\n"
    refused = put(writable, nothing.encode())
    assert [(finding.focus, finding.file) for finding in refused.findings] == [(STATE + "a", MINE)]
    assert "contradiction: " in refused.findings[0].message
    report = Graph().parse(data=refused.report, format="nt")
    assert (None, None, URIRef(f"{BASE}shapes#ContradictionConstraintComponent")) in report
    assert [release.id for release in releases_of(writable)] == [open_current(writable).id]


def test_taking_away_what_another_statement_needs_is_refused(writable: Path) -> None:
    put(writable, B)
    refused = update(writable, f"DELETE DATA {{ GRAPH <{MINE}> {{ state:b rdfs:label 'B'@en }} }}")
    assert [finding.file for finding in refused.findings] == [MINE]
    assert ask(writable, f"GRAPH <{MINE}> {{ state:b rdfs:label 'B'@en }}")


def test_warnings_are_in_a_report_of_the_release(writable: Path) -> None:
    changed = put(writable, B + f'<{STATE}b> <{RDFS}comment> "more than twenty letters" .\n'.encode())
    assert changed.release == open_current(writable).id
    found = json.loads((open_current(writable).path / "reports/written.json").read_text())["findings"]
    assert [(finding["message"], finding["file"]) for finding in found] == [("Say it in fewer words.", MINE)]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("INSERT DATA { state:c a pg:State }", ReadOnly),
        ("INSERT DATA { GRAPH <https://w3id.org/pactgraph/graph/curated> { state:c rdfs:label 'C' } }", ReadOnly),
        ("DELETE WHERE { GRAPH <https://w3id.org/pactgraph/graph/curated> { ?s rdfs:label ?o } }", ReadOnly),
        ("DROP GRAPH <https://w3id.org/pactgraph/graph/ontology>", ReadOnly),
        ("MOVE <https://w3id.org/pactgraph/graph/curated> TO <x:g>", ReadOnly),
        ("INSERT DATA { GRAPH <https://w3id.org/pactgraph/graph/atop-5.1> { <x:s> <x:p> 1 } }", ReadOnly),
        ("INSERT DATA { GRAPH <https://w3id.org/pactgraph/graph/service> { <x:s> <x:p> 1 } }", ReadOnly),
        ("INSERT DATA { GRAPH <x:g> { <x:s> <x:p> 1 } } ; DROP ALL", ReadOnly),
        ("INSERT DATA { GRAPH <x:g> { <x:s> <x:p> 1 } } ; CLEAR GRAPH <x:none>", QueryImpossible),
        ("LOAD <http://127.0.0.1:1/>", QueryRefused),
        ("INSERT DATA { GRAPH <x:g> { <x:s> <x:p> } }", QuerySyntax),
    ],
)
def test_what_may_not_be_written_is_refused(writable: Path, text: str, error: type[PactgraphError]) -> None:
    before = state(writable)
    with pytest.raises(error):
        update(writable, text)
    assert state(writable) == before


def test_graphs_are_named(writable: Path) -> None:
    for graph in ("", "https://w3id.org/pactgraph/graph/curated", "https://w3id.org/pactgraph/id/state/a"):
        with pytest.raises(ReadOnly):
            put(writable, B, graph=graph)
    for action in ("delete", "patch"):
        with pytest.raises(NotFound):
            apply(writable, Change(action, graph=MINE, text="CLEAR DEFAULT"))  # type: ignore[arg-type]


def test_patterns_of_an_update_look_at_all_graphs_unless_it_names_some(writable: Path) -> None:
    insert = "INSERT { GRAPH <x:g> { ?s rdfs:seeAlso <x:%d> } }"
    assert update(writable, insert % 1 + " WHERE { ?s rdfs:label 'A'@en }").added == 1
    assert update(writable, insert % 2 + " WHERE { GRAPH ?g { ?s rdfs:label 'A'@en } }").added == 1
    assert update(writable, insert % 3 + " USING <x:g> WHERE { ?s rdfs:label 'A'@en }").added == 0
    only = ("https://w3id.org/pactgraph/graph/ontology",)
    assert update(writable, insert % 4 + " WHERE { ?s rdfs:label 'A'@en }", using=only).added == 0
    assert update(writable, "DELETE WHERE { GRAPH <x:g> { ?s ?p ?o } }").removed == 2


def test_empty_graphs_stay(writable: Path, tmp_path: Path) -> None:
    update(writable, "CREATE GRAPH <x:empty>")
    with pytest.raises(QueryImpossible):
        update(writable, "CREATE GRAPH <x:empty>")
    assert open_current(writable).written == {"x:empty": 0}
    backup(writable, tmp_path / "backup.tar")
    restore(tmp_path / "other", tmp_path / "backup.tar")
    assert update(tmp_path / "other", "DROP GRAPH <x:empty>").release != open_current(writable).id
    assert open_current(tmp_path / "other").written == {}


def test_a_write_is_for_the_release_that_it_names(writable: Path) -> None:
    first = open_current(writable).id
    second = put(writable, B, match=("other", first)).release
    with pytest.raises(NotMatched, match=second):
        put(writable, B + b"<x:a> <x:b> <x:c> .\n", match=(first,))


def test_roll_back_and_write_on(writable: Path) -> None:
    put(writable, B)
    rollback(writable)
    put(writable, b"<x:a> <x:b> <x:c> .\n", graph="x:g")
    assert open_current(writable).written == {"x:g": 1}
    assert len(prune(writable, 0)) == 2
    assert list(verify(writable)) == [] and len(releases_of(writable)) == 1


def test_sources_for_local_use_stay_local(tmp_path: Path) -> None:
    local = f"<{STATE}l> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{PG}State> <{GRAPH}loc> .\n"
    content = tiny(tmp_path / "a")
    nquads = quads_of(content)
    shapes = (content.path / "dumps/shapes.ttl").read_bytes()
    facts = pipeline.release_facts.read()
    files = {"void.ttl": b"", "dumps/shapes.ttl": shapes}
    pipeline.publish(pipeline.Content(facts.version, "2026-01-01", nquads, files, Packed.of([local.encode()])), tmp_path / "b")
    put(tmp_path / "b", B)
    assert list(verify(tmp_path / "b")) == []
    assert ask(tmp_path / "b", "GRAPH <https://w3id.org/pactgraph/graph/inferred> { state:l a pg:Agent }")
    assert "state/l>" not in dump(tmp_path / "b")
    with pytest.raises(ReadOnly):
        put(tmp_path / "b", B, graph="https://w3id.org/pactgraph/graph/loc")


def test_a_damaged_or_foreign_release_is_not_written_to(writable: Path) -> None:
    put(writable, B)
    release = open_current(writable)
    manifest = (release.path / "manifest.json").read_text()
    (release.path / "manifest.json").write_text(manifest.replace('"version": "20', '"version": "19'))
    with pytest.raises(BadInput, match="another version"):
        put(writable, b"")
    (release.path / "manifest.json").write_text(manifest)
    nquads = release.path / "dumps/pactgraph.nq.gz"
    nquads.write_bytes(nquads.read_bytes()[:-1])
    for write in (lambda: put(writable, b""), lambda: pipeline.written_in(writable)):
        with pytest.raises(Damaged, match="restore it from a backup"):
            write()
    (release.path / "manifest.json").unlink()
    with pytest.raises(Damaged, match="--discard-written"):
        pipeline.written_in(writable)


# Builds


@pytest.fixture
def quick_build(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    """A build of a tiny world; what `meanwhile` does, it does while data is validated."""
    facts = Graph()
    for quad in TINY.strip().split("\n"):
        if "curated" in quad:
            facts.parse(data=quad.rsplit(" ", 2)[0] + " .", format="nt")
    hooks: dict[str, Any] = {"meanwhile": lambda: None, "findings": []}

    def validate(known: Knowledge) -> tuple[list[Any], Graph]:
        hooks["meanwhile"]()
        return hooks["findings"], Graph()

    monkeypatch.setattr(pipeline, "populate", lambda: Knowledge(Graph(), Graph(), Graph(), Curated(facts), Graph()))
    monkeypatch.setattr(pipeline, "_check", validate)
    monkeypatch.setattr(pipeline, "_contradictions", lambda known: [])
    return hooks


def test_a_build_keeps_what_was_written(writable: Path, quick_build: Mapping[str, Any]) -> None:
    update(writable, f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:a> <x:b> 1 }} }}")
    update(writable, "CREATE GRAPH <x:empty>")
    report = pipeline.build(BuildSettings(writable))
    assert report.release is not None
    assert report.release.written == {MINE: 1, "x:empty": 0}
    assert ask(writable, f"GRAPH <{MINE}> {{ <x:a> <x:b> 1 }} GRAPH <{GRAPH}curated> {{ state:a a pg:State }}")
    assert put(writable, b"<x:a> <x:b> <x:c> .\n", graph="x:empty").added == 1
    assert list(verify(writable)) == []
    pipeline.build(BuildSettings(writable, discard_written=True))
    assert open_current(writable).written == {}


def test_what_is_written_while_a_build_runs_is_kept(writable: Path, quick_build: dict[str, Any]) -> None:
    def write() -> None:
        quick_build["meanwhile"] = lambda: None
        put(writable, B)

    quick_build["meanwhile"] = write
    pipeline.build(BuildSettings(writable))
    assert open_current(writable).written == {MINE: 2}
    assert [entry["action"] for entry in history(writable)] == ["publish", "write", "publish"]


def test_a_build_that_does_not_go_with_what_was_written_says_so(writable: Path, quick_build: dict[str, Any]) -> None:
    put(writable, B)
    quick_build["findings"] = [pipeline.Finding("Violation", "No.", focus=f"{STATE}b")]
    before = state(writable)
    with pytest.raises(DataInvalid) as caught:
        pipeline.build(BuildSettings(writable))
    assert str(caught.value.findings[0]) == f"{MINE}: violation: No. ({STATE}b)"
    assert state(writable) == before


def test_the_command_line_writes_too(writable: Path) -> None:
    for text, status, words in (
        ("state:b a pg:State ; rdfs:label 'B'@en", 0, "2 statements added"),
        ("state:c a pg:State", 1, "Give the state one label."),
    ):
        insert = f"{PREFIXES} INSERT DATA {{ GRAPH <{MINE}> {{ {text} }} }}"
        done = run_cli("update", insert, "--releases", str(writable))
        assert (done.returncode, words in done.stdout + done.stderr) == (status, True), done.stderr
    assert "nothing was changed" in done.stderr
