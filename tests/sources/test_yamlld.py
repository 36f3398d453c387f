from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pactgraph.errors import BadInput
from pactgraph.sources.yamlld import parse

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz#-", min_size=1, max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcxyz", min_size=1, max_size=8), plain, min_size=1))
def test_json_is_yaml_and_reads_the_same(data: object) -> None:
    assert parse(json.dumps(data), "x.yaml").data == data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("off", "off"),
        ("Yes", "Yes"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("2024-06-19", "2024-06-19"),
        ("12:30:45", "12:30:45"),
        ("0o14", "0o14"),
        ("017", 17),
        ("1_000", "1_000"),
        ("~", None),
        ("", None),
        ("1.5", 1.5),
        ("'true'", "true"),
    ],
)
def test_plain_words_follow_the_yaml_1_2_core_schema(text: str, value: object) -> None:
    found = parse(f"key: {text}", "x.yaml").data["key"]
    assert found == value and type(found) is type(value)


def test_places_are_those_of_keys_and_items() -> None:
    document = parse("id: a\nparts:\n  '#one':\n    party: state:x\n  list:\n    - p\n    - q\n", "x.yaml")
    assert document.place(("parts", "#one", "party")) == (4, 5)
    assert document.place(("parts", "list", 1)) == (7, 7)
    assert document.place(("parts", "#one", "missing")) == (3, 3)


@pytest.mark.parametrize(
    ("text", "line", "column", "fault"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "stands twice"),
        ("a: [1, 2\nb: 3\n", 2, 2, "not YAML"),
        ("", 1, 1, "empty"),
        ("a: &x [1]\nb: *x\n", 1, 4, "anchor"),
        ("? [a]\n: 1\n", 1, 3, "plain text"),
        ("a: 1\n---\nb: 2\n", 2, 1, "not YAML"),
    ],
)
def test_faults_name_their_place(text: str, line: int, column: int, fault: str) -> None:
    with pytest.raises(BadInput, match=fault) as caught:
        parse(text, "x.yaml")
    assert (caught.value.file, caught.value.line, caught.value.column) == ("x.yaml", line, column)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        parse(text.encode("utf-8", "surrogatepass"), "x.yaml")
    except BadInput as error:
        assert error.line >= 1 and error.column >= 1
