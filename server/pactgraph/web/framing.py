"""Where a request ends: enough of HTTP/1.1 to know when all of one has arrived. Gunicorn parses it then, and alone decides.

Pure. Source: https://www.rfc-editor.org/rfc/rfc9112, sections 6 and 7.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_LINE = 8190
MAX_HEAD = 64 * 1024
_FIELD = re.compile(rb"\r\n(content-length|transfer-encoding|expect)[ \t]*:[ \t]*([^\r\n]*)", re.I)
_BARE = re.compile(rb"(?<!\r)\n")
_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
_MAX_SIZE_LINE = 1024
_MAX_CHUNKS = 10_000


@dataclass(frozen=True)
class Frame:
    """What to do with what arrived: refuse it with a status, or hand over its first `length` bytes, the last ones or not."""

    length: int = 0
    last: bool = False
    refuse: int = 0


class Framer:
    """Finds the end of one request in bytes that arrive in pieces; remembers how far it looked."""

    def __init__(self, limit: int) -> None:
        """Take the size that a body may have."""
        self._limit = limit
        self._head = 0
        self._body = -1
        self._at = 0
        self._size = self._count = 0
        self.expects = False

    def find(self, data: bytes | bytearray) -> Frame | None:
        """Look at all that arrived of a request; None where more must come."""
        if not self._head:
            refused = self._read_head(data)
            if refused or not self._head:
                return refused
        if self._body < 0:
            return self._chunks(data)
        if self._body > self._limit:
            return Frame(self._head, last=True)  # the answer, 413, needs no body
        return Frame(self._head + self._body) if len(data) >= self._head + self._body else None

    def _read_head(self, data: bytes | bytearray) -> Frame | None:
        """Find the end of the head, and how the body is framed. What is malformed or ambiguous is handed over as the last."""
        end = data.find(b"\r\n\r\n")
        head = bytes(data[: end if end >= 0 else len(data)])
        if _BARE.search(head):
            return Frame(len(data), last=True)
        if len(head) > MAX_LINE and not 0 <= head.find(b"\r\n", 2) <= MAX_LINE:
            return Frame(refuse=414)
        if len(head) > MAX_HEAD:
            return Frame(refuse=431)
        if end < 0:
            return None
        fields = [(name.lower(), value.strip().lower()) for name, value in _FIELD.findall(head)]
        lengths = [value for name, value in fields if name == b"content-length"]
        codings = [value for name, value in fields if name == b"transfer-encoding"]
        self.expects = (b"expect", b"100-continue") in fields
        if len(lengths) + len(codings) > 1 or (lengths and not re.fullmatch(rb"[0-9]{1,18}", lengths[0])):
            return Frame(len(data), last=True)
        if codings and codings != [b"chunked"]:
            return Frame(refuse=501)
        self._head = self._at = end + 4
        self._body = -1 if codings else int(lengths[0]) if lengths else 0
        return None

    def _chunks(self, data: bytes | bytearray) -> Frame | None:
        """Walk over the chunks that arrived since the last look."""
        while True:
            line = _SIZE.match(data, self._at)
            if not line:
                torn = data.find(b"\n", self._at) < 0 and len(data) - self._at < _MAX_SIZE_LINE
                return None if torn else Frame(refuse=400)
            size = int(line[1], 16)
            if size == 0:
                return self._trailer(data, line.end())
            end = line.end() + size
            if self._size + size > self._limit or self._count == _MAX_CHUNKS:
                return Frame(refuse=413)
            if len(data) < end + 2:
                return None
            if data[end : end + 2] != b"\r\n":
                return Frame(refuse=400)
            self._size, self._count, self._at = self._size + size, self._count + 1, end + 2

    def _trailer(self, data: bytes | bytearray, start: int) -> Frame | None:
        """Find the end of the trailer, an empty line."""
        if data[start : start + 2] == b"\r\n":
            return Frame(start + 2)
        end = data.find(b"\r\n\r\n", start)
        if end < 0:
            return Frame(refuse=431) if len(data) - start > MAX_LINE else None
        return Frame(end + 4)
