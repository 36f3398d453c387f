"""The parsers that are ours: any text is read, or refused by an error of ours."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from pactgraph.dates import bounds
from pactgraph.errors import BadInput, Finding, PactgraphError, QuerySyntax
from pactgraph.sources import curated, documents, yamlld
from pactgraph.sources.origins import Origins
from pactgraph.store import EmbeddedStore, Formats, Term, guard, syntax
from pactgraph.terms import EDTF, PG, curie, expand
from pactgraph.web.text import href, said, said_date, short
from tests.fuzz import texts

FAMILIES = {PG.earliestBound: (PG.earliestBound, PG.latestBound, PG.precisionProperty)}
GRAPHS = st.sampled_from(["http://a.example/g", "urn:x:y"])
any_text = st.text(max_size=80)
keys = st.sampled_from(
    [
        "id",
        "type",
        "graph",
        "label",
        "participations",
        "acts",
        "party",
        "date",
        "sources",
        "@id",
        "@type",
        "@context",
        "x:y",
        "#a",
    ]
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["pact:x", "#part", "state:japan", "../..", "a b", "::", "//", "http://[", "2024-06"])
    | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | any_text, inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["https://w3id.org/pactgraph/id/pact/x", "https://w3id.org/pactgraph/ns#party", "http://["]) | any_text
dates = st.text("0123456789-/.?~%XuU[]{}Y", max_size=14) | st.sampled_from(
    ["2024-06-19", "1995-09/1996-09", "..", "1984~", "2024-06-XX"]
)


@given(st.dictionaries(keys | any_text, values, max_size=5), names, names, any_text)
@settings(max_examples=400, deadline=None)
def test_origins_of_any_document(data: dict[str, Any], focus: str, path: str, value: str) -> None:
    try:
        document = yamlld.parse(json.dumps(data), "x.yaml")
    except BadInput:
        return
    origins = Origins()
    origins.add("x.yaml", document, "https://w3id.org/pactgraph/id/pact/x")
    for iri in [focus, *origins.nodes({"x.yaml"})]:
        found = origins.locate(Finding("Violation", "", focus=iri, path=path, value=value))
        assert (found.line >= 1) == bool(found.file)


@given(st.dictionaries(keys | any_text, values, max_size=5))
@settings(max_examples=300, deadline=None)
def test_curated_files_of_any_form(data: dict[str, Any]) -> None:
    read = curated.read_texts([("x.yaml", json.dumps(data).encode())], FAMILIES)
    assert all(finding.file == "x.yaml" and finding.line >= 1 for finding in read.findings)


@given(
    st.sampled_from(documents.MEDIA_TYPES).flatmap(lambda name: st.tuples(st.just(name), texts.bodies(texts.DOCUMENTS[name])))
)
@settings(max_examples=600, deadline=None)
def test_documents_of_any_text(sent: tuple[str, bytes]) -> None:
    media_type, data = sent
    try:
        document = documents.read(data, media_type, {}, base="http://base.example/x", name="f")
    except BadInput as error:
        assert error.file == "f" or not error.line
        return
    for focus in {str(node) for triple in document.graph for node in triple}:
        found = document.locate(Finding("Violation", "", focus=focus))
        assert found.file == "f" or not found.line


@given(st.binary(max_size=80), st.sampled_from(list(documents.RDF.values())))
def test_depth_of_any_bytes(data: bytes, form: Any) -> None:
    with contextlib.suppress(BadInput):
        syntax.refuse_depth(data, form)


@given(dates | any_text)
def test_bounds_of_any_date(stated: str) -> None:
    try:
        found = bounds(stated)
    except BadInput:
        return
    assert found.earliest is None or found.latest is None or found.earliest <= found.latest


@given(dates | any_text)
def test_words_for_any_date(stated: str) -> None:
    assert isinstance(said_date(stated), str)
    assert isinstance(said(Term("literal", stated, str(EDTF))), str)


@given(any_text)
def test_words_for_any_iri(iri: str) -> None:
    for name in (iri, "https://w3id.org/pactgraph/" + iri, "https://w3id.org/pactgraph/id/" + iri):
        assert all(isinstance(given, str) for given in (href(name), short(name), curie(name), expand(name)))


@given(texts.texts(texts.QUERIES))
@settings(max_examples=400, deadline=None)
def test_the_guard_on_any_query(text: str) -> None:
    for check in (guard.check, guard.check_update):
        try:
            check(text)
        except PactgraphError as error:
            assert error.status in (400, 403), error
    guard.names_dataset(text)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    return EmbeddedStore(tmp_path_factory.mktemp("store") / "store", scratch=True)


@given(text=texts.texts(texts.QUERIES))
@settings(max_examples=300, deadline=None)
def test_any_query_is_answered_or_explained(store: EmbeddedStore, text: str) -> None:
    try:
        store.evaluate(text, Formats())
    except PactgraphError as error:
        explained(error)


@given(text=texts.texts(texts.UPDATES), using=st.lists(GRAPHS, max_size=2), named=st.lists(GRAPHS, max_size=1))
@settings(max_examples=300, deadline=None)
def test_any_update_is_carried_out_or_explained(store: EmbeddedStore, text: str, using: list[str], named: list[str]) -> None:
    try:
        store.update(text, using, named)
    except PactgraphError as error:
        explained(error)


@given(texts.texts(texts.UPDATES), st.lists(GRAPHS, min_size=1, max_size=2))
@settings(max_examples=300, deadline=None)
def test_an_update_with_graphs_is_still_an_update(text: str, using: list[str]) -> None:
    try:
        written = guard.with_dataset(guard.check_update(text), [NamedNode(name) for name in using], [])
    except PactgraphError as error:
        explained(error)
        return
    guard.check_update(written)


def explained(error: PactgraphError) -> None:
    """An error of ours, by the fault of the client, with its place where it is known."""
    assert error.status in (400, 403, 406, 413, 422), error
    if isinstance(error, QuerySyntax) and "line" in error.extra:
        assert error.extra["line"] >= 1 and error.extra["column"] >= 1 and "^" in error.extra["excerpt"]
