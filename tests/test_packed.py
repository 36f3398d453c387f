"""Packed lines: what goes in comes out, in as many ways as they are read, merged and compared."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pactgraph.packed import Packed, merged, without

LINES = st.lists(st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"") + b"\n"))


@given(LINES)
def test_the_same_lines_come_out_again(lines: list[bytes]) -> None:
    held = Packed.of(lines)
    assert list(held) == lines and held.text() == held.file().read() == b"".join(lines)
    assert held.count() == len(lines) and bool(held) == bool(lines)
    assert held == Packed.of(iter(lines)) and gzip.decompress(held.data) == held.text()


@given(LINES, LINES, LINES)
def test_lines_in_order_are_merged_and_compared_as_sets(first: list[bytes], second: list[bytes], third: list[bytes]) -> None:
    one, two, three = map(Packed.sorted, (first, second, third))
    assert list(merged(one, two, three)) == sorted({*one, *two, *three})
    assert list(without(one, two)) == sorted(set(one) - set(two))
    assert list(without(merged(one, two), three)) == sorted({*one, *two} - {*three})


def test_the_level_changes_the_size_alone() -> None:
    lines = [f"<x:{number % 7}> <x:p> {number} .\n".encode() for number in range(10_000)]
    fast, small = Packed.of(lines), Packed.of(lines, 9)
    assert list(fast) == list(small) and len(small.data) < len(fast.data) < len(fast.text()) / 4


def test_nothing_is_no_line() -> None:
    assert not Packed() and list(Packed()) == [] and Packed().count() == 0 and Packed().text() == b""


def test_data_that_is_cut_off_is_not_read_as_whole() -> None:
    whole = Packed.of([b"one\n", b"two\n"])
    with pytest.raises(EOFError):
        list(Packed(whole.data[:-4]))
