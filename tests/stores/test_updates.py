"""The updates that are sent to engines mean what they say, whatever the terms hold; tests/stores/test_stores.py sends them."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from pactgraph.store import updates

ONE, TWO = "urn:x:one", "urn:x:two"
TRICKY = Triple(NamedNode("urn:x:s"), NamedNode("urn:x:p"), Literal('a "quoted" $graph \\ }\n# <urn:x:two>', language="en"))


def held(store: Store, graph: str) -> set[Triple]:
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(graph))}


def test_triples_are_inserted_as_they_are_copied_and_cleared() -> None:
    store = Store()
    store.update(updates.insert(ONE, [TRICKY]))
    assert held(store, ONE) == {TRICKY}
    store.update(updates.copy(ONE, TWO))
    assert held(store, ONE) == held(store, TWO) == {TRICKY}
    store.update(updates.clear(ONE))
    assert held(store, ONE) == set() and held(store, TWO) == {TRICKY}
    store.update(" ;\n".join([updates.clear(TWO), updates.insert(ONE, [TRICKY]), updates.copy(ONE, TWO), updates.clear(ONE)]))
    assert held(store, ONE) == set() and held(store, TWO) == {TRICKY}


def test_of_written_views_one_is_forgotten() -> None:
    subject, store = NamedNode("http://purl.org/dc/terms/subject"), Store()
    for entry, view in (("urn:x:a", ONE), ("urn:x:b", TWO), ("urn:x:c", ONE)):
        store.extend(Quad(NamedNode(entry), *pair, NamedNode("urn:x:written")) for pair in ((subject, NamedNode(view)),))
        store.add(Quad(NamedNode(entry), NamedNode("urn:x:p"), updates.now(), NamedNode("urn:x:written")))
    store.update(updates.forget("urn:x:written", ONE))
    assert {triple.subject.value for triple in held(store, "urn:x:written")} == {"urn:x:b"}  # type: ignore[union-attr]
