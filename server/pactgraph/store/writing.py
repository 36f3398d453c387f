"""What the engine found, written in the format that was asked for: whole and below the size limit, or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

from pyoxigraph import Quad, QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Triple, serialize

from pactgraph.errors import NotAcceptable, ResultTooLarge
from pactgraph.prefixes import PREFIXES
from pactgraph.store.answers import DATASETS, Formats
from pactgraph.store.describing import Description

Found = QuerySolutions | QueryBoolean | QueryTriples | list[Triple] | Description
Placed = Callable[[Description], Iterable[Quad]]


class _Capped(io.BytesIO):
    """A buffer that refuses to grow past a number of bytes."""

    def __init__(self, cap: int) -> None:
        super().__init__()
        self.cap, self.full = cap, False

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self.tell() + len(data) > self.cap:
            self.full = True
            raise OSError("the answer is past the cap")
        return super().write(data)


def written(found: Found, formats: Formats, most: int, placed: Placed) -> tuple[bytes, str, int]:
    """Give an answer as bytes, its media type, and how many links a description leaves off.

    `placed` gives the statements of a description with their named graphs, for formats that have any.
    Raises NotAcceptable, and ResultTooLarge past `most` bytes.
    """
    graph = not isinstance(found, QuerySolutions | QueryBoolean)
    media_type = formats.graph if graph else formats.results
    if media_type is None:
        kind = (
            "graph (Turtle, JSON-LD, N-Triples, RDF/XML, TriG, N-Quads)" if graph else "table or boolean (JSON, XML, CSV, TSV)"
        )
        raise NotAcceptable(f"this query answers with a {kind}, and none of these formats is accepted")
    buffer = _Capped(most)
    try:
        if isinstance(found, QuerySolutions | QueryBoolean):
            found.serialize(buffer, format=QueryResultsFormat.from_media_type(media_type))
        else:
            form = RdfFormat.from_media_type(media_type)
            assert form is not None
            serialize(_statements(found, media_type, placed), buffer, form, prefixes=PREFIXES)
    except OSError as error:
        if buffer.full:
            raise ResultTooLarge(f"the answer is larger than {most:,} bytes; use LIMIT, or download a dump") from None
        raise NotAcceptable(f"this answer cannot be written as {media_type}: {error}") from None
    return buffer.getvalue(), media_type, found.left_off if isinstance(found, Description) else 0


def _statements(
    found: QueryTriples | list[Triple] | Description, media_type: str, placed: Placed
) -> Iterable[Triple] | Iterable[Quad]:
    if not isinstance(found, Description):
        return found
    return placed(found) if media_type in DATASETS else found.in_order()
