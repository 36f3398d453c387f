"""The version and date of the next release, from data/release.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pactgraph import knowledge
from pactgraph.errors import BadInput
from pactgraph.sources import yamlld

_VERSION = re.compile(r"\d{4}\.\d{1,2}\.\d+")


@dataclass(frozen=True)
class ReleaseFacts:
    """The version (year.month.patch) and the day of issue (xsd:date)."""

    version: str
    issued: str


def read(path: Path | None = None) -> ReleaseFacts:
    """Read the file. Raises BadInput for another key, a version of another form, or a date that is not a day."""
    path = path or knowledge.release_settings()
    name = knowledge.name(path)
    document = yamlld.load(path, name)
    data = document.data if isinstance(document.data, dict) else {}

    def fault(key: str, words: str, hint: str) -> BadInput:
        line, column = document.place((key,))
        return BadInput(words, file=name, line=line, column=column, hint=hint)

    for key in data:
        if key not in ("version", "issued"):
            raise fault(key, f"'{key}' is not a key of this file", "write version and issued")
    version, issued = data.get("version"), data.get("issued")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise fault("version", f"{version!r} is not a version", "write year.month.patch, such as 2026.11.0")
    if not isinstance(issued, str) or not _is_day(issued):
        raise fault("issued", f"{issued!r} is not a day", 'write it as "2026-11-24"')
    return ReleaseFacts(version, issued)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
