"""Lines of text held compressed: the statements of a release, one a line, take a small part of the memory that they would."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from typing import BinaryIO, cast

_FAST = 1
_BUFFER = 1 << 16  # of each that is read or written: many are read side by side when they are merged


@dataclass(frozen=True)
class Packed:
    """Lines as gzip (RFC 1952), without a time: the same lines give the same bytes."""

    data: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, lines: Iterable[bytes], level: int = _FAST) -> Packed:
        """Pack lines, each with its end; `level` is gzip's, of speed (1) against size (9)."""
        target = io.BytesIO()
        with packing(target, level) as file:
            file.writelines(lines)
        return cls(target.getvalue())

    @classmethod
    def sorted(cls, lines: Iterable[bytes]) -> Packed:
        """Pack lines in order, each once."""
        return cls.of(sorted(set(lines)))

    def __iter__(self) -> Iterator[bytes]:
        """Give the lines one by one, each with its end. Raises OSError, EOFError and zlib.error for data that is not whole."""
        return iter(self.file())

    def __bool__(self) -> bool:
        """Say whether there is any line."""
        return next(iter(self), None) is not None

    def file(self) -> BinaryIO:
        """Give the lines as a file to be read."""
        return cast(BinaryIO, io.BufferedReader(gzip.GzipFile(fileobj=io.BytesIO(self.data), mode="rb"), _BUFFER))

    def text(self) -> bytes:
        """Give all of it, unpacked."""
        return gzip.decompress(self.data)

    def count(self) -> int:
        """Count the lines."""
        return sum(1 for _ in self)


@contextmanager
def packing(target: BinaryIO, level: int = _FAST) -> Iterator[BinaryIO]:
    """Give a file to write whose content goes into another one as gzip."""
    with gzip.GzipFile(filename="", fileobj=target, mode="wb", compresslevel=level, mtime=0) as packed:
        file = io.BufferedWriter(cast(io.RawIOBase, packed), _BUFFER)
        yield cast(BinaryIO, file)
        file.flush()


def merged(*parts: Iterable[bytes]) -> Iterator[bytes]:
    """Give the lines of several that are in order as one, in order, each once."""
    return (line for line, _ in groupby(merge(*parts)))


def without(lines: Iterable[bytes], others: Iterable[bytes]) -> Iterator[bytes]:
    """Give the lines that others have not; both are in order."""
    rest = iter(others)
    other = next(rest, None)
    for line in lines:
        while other is not None and other < line:
            other = next(rest, None)
        if line != other:
            yield line
