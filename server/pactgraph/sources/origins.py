"""Where in the curated files an entity, and what is said of it, stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from pactgraph import knowledge
from pactgraph.errors import Finding
from pactgraph.sources.yamlld import Document, Pointer

_Node = tuple[str, Document, Pointer, dict[str, Any]]


class Origins:
    """The files that were read, searchable by the IRI of a node. Built only when a finding asks for it."""

    def __init__(self) -> None:
        """Start with no file."""
        self._files: list[tuple[str, Document, str]] = []
        self._nodes: dict[str, list[_Node]] | None = None

    def add(self, name: str, document: Document, base: str) -> None:
        """Take a file that was read, what to call it, and its base IRI."""
        self._files.append((name, document, base))
        self._nodes = None

    def locate(self, finding: Finding) -> Finding:
        """Give the finding with file, line and column of its value, else its property, else its node."""
        for name, document, pointer, data in self._by_iri().get(finding.focus, []):
            key = next((key for key in data if _property(key) == finding.path), None)
            place = _value_pointer(data[key], finding.value, (*pointer, key)) if key else pointer
            line, column = document.place(place)
            return replace(finding, file=name, line=line, column=column)
        return finding

    def nodes(self, names: set[str]) -> list[str]:
        """Give the IRIs of all nodes that stand in the named files."""
        return [iri for iri, places in self._by_iri().items() if any(place[0] in names for place in places)]

    def declared_twice(self) -> Iterator[Finding]:
        """Give a finding for each entity that two entries declare."""
        first: dict[str, str] = {}
        for name, document, base in self._files:
            for pointer, data in _entries(document.data):
                iri, (line, column) = _iri(data["id"], base), document.place((*pointer, "id"))
                if iri in first:
                    message = f"{data['id']} is declared in {first[iri]} too; merge the two, or give one another id"
                    yield Finding("Violation", message, name, line, column, focus=iri)
                first.setdefault(iri, name)

    def _by_iri(self) -> dict[str, list[_Node]]:
        if self._nodes is None:
            self._nodes = {}
            for name, document, base in self._files:
                for iri, pointer, data in _nodes(document.data, (), base, None):
                    self._nodes.setdefault(iri, []).append((name, document, pointer, data))
        return self._nodes


def _entries(data: dict[str, Any]) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Give the entries of a file: its one entity, or each of its graph."""
    entries = [((), data)] if "id" in data else [(("graph", i), entry) for i, entry in enumerate(data.get("graph", []))]
    yield from ((pointer, entry) for pointer, entry in entries if "id" in entry)


def _nodes(data: Any, pointer: Pointer, base: str, key_id: str | None) -> Iterator[tuple[str, Pointer, dict[str, Any]]]:
    """Give every node below a value, with its IRI: from its `id`, or from its key in an id map."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _nodes(item, (*pointer, index), base, None)
    if not isinstance(data, dict):
        return
    own = data.get("id", key_id)
    if own is not None:
        yield _iri(str(own), base), pointer, data
    for key, value in data.items():
        if _is_id_map(key) and isinstance(value, dict):
            for part, node in value.items():
                yield from _nodes(node, (*pointer, key, part), base, part)
        else:
            yield from _nodes(value, (*pointer, key), base, None)


def _iri(name: str, base: str) -> str:
    """Expand a CURIE by the context's prefixes, or resolve a relative IRI such as `#article-4`."""
    prefix, colon, local = name.partition(":")
    return _term_id(prefix) + local if colon and _term_id(prefix) else urljoin(base, name)


def _property(key: str) -> str:
    """Give the IRI of the property that a key stands for."""
    identifier = _term_id(key) or f"pg:{key}"
    prefix, colon, local = identifier.partition(":")
    return _term_id(prefix) + local if colon and not local.startswith("//") else identifier


def _term_id(key: str) -> str:
    term = knowledge.context().get(key, "")
    return str(term.get("@id", "")) if isinstance(term, dict) else str(term)


def _is_id_map(key: str) -> bool:
    term = knowledge.context().get(key)
    return isinstance(term, dict) and term.get("@container") == "@id"


def _value_pointer(data: Any, value: str, pointer: Pointer) -> Pointer:
    """Give the place of one value of a list, where the finding names it."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            if isinstance(item, str) and value.endswith(item.rpartition(":")[2]):
                return (*pointer, index)
    return pointer
