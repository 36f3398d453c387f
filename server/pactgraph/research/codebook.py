"""The codebook that goes with a table: what a row is and each column means; as Markdown, and as CSVW for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pactgraph.research.layout import Column
from pactgraph.sources.register import Source

_DATATYPES = {"integer": "integer", "flag": "integer", "date": "date"}


def markdown(title: str, about: str, columns: list[Column], sources: Iterable[Source], notes: Sequence[str] = ()) -> str:
    """Give the codebook as Markdown: a table of columns, then whom to cite."""
    lines = [f"# {title}", "", f"One row is {about}.", ""]
    lines += [*notes, *([""] if notes else []), "| column | type | meaning | source |", "| --- | --- | --- | --- |"]
    lines += [f"| `{column.name}` | {column.type} | {_cell(column.meaning)} | {_cell(column.source)} |" for column in columns]
    lines += ["", "A flag is 1 or 0. Dates are ISO 8601. A missing value is empty: it is not 0.", ""]
    cited = [f"- {source.citation} {'' if source.redistribute else _kept(source)}".rstrip() for source in sources]
    lines += ["## Cite", "", *cited] if cited else []
    return "\n".join(lines) + "\n"


def csvw(file: str, title: str, about: str, columns: list[Column], sources: Iterable[Source]) -> str:
    """Give the codebook as metadata of a CSV file (W3C CSV on the Web), whose name is the file's and `-metadata.json`."""
    described: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": file,
        "dc:title": title,
        "dc:description": f"One row is {about}.",
        "dc:bibliographicCitation": [source.citation for source in sources],
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\n"]},
        "tableSchema": {"columns": [_described(column) for column in columns]},
    }
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def _described(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "titles": column.name,
        "dc:description": column.meaning,
        "dc:source": column.source,
        "datatype": _DATATYPES.get(column.type, "string"),
        "null": "",
    }


def _kept(source: Source) -> str:
    return f"(Not to be handed on: {source.reason}.)"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
