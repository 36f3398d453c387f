"""Where in JSON-LD or YAML-LD files an entity, and what is said of it, stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from rdflib.plugins.shared.jsonld.context import Context

from pactgraph import knowledge
from pactgraph.errors import BadInput, Finding
from pactgraph.sources.yamlld import Document, Pointer

_Node = tuple[str, Document, Pointer, dict[str, Any]]


class LocalContext(Context):
    """A JSON-LD context that never asks another address."""

    def _fetch_context(self, source: str, *arguments: object) -> Any:
        raise BadInput(f"the JSON-LD context <{source}> lies at another address, and none is asked from here")


def our_context() -> Context:
    """Give the context of curated files."""
    context = LocalContext()
    context.load(knowledge.context())
    return context


class Origins:
    """The files that were read, searchable by the IRI of a node. Built only when a finding asks for it."""

    def __init__(self, context: Context | None = None) -> None:
        """Start with no file. `context` is the JSON-LD context of all of them; without one, that of curated files."""
        self._context = context
        self._files: list[tuple[str, Document, str]] = []
        self._nodes: dict[str, list[_Node]] | None = None

    def add(self, name: str, document: Document, base: str) -> None:
        """Take a file that was read, what to call it, and its base IRI."""
        self._files.append((name, document, base))
        self._nodes = None

    def locate(self, finding: Finding) -> Finding:
        """Give the finding with file, line and column of its value, else its property, else its node where it first stands."""
        for name, document, pointer, data in self._by_iri().get(finding.focus, []):
            key = next((key for key in data if finding.path and self._names.expand(key) == finding.path), None)
            place = _value_pointer(data[key], finding.value, (*pointer, key)) if key else pointer
            line, column = document.place(place)
            return replace(finding, file=name, line=line, column=column)
        return self._locate_reference(finding)

    def _locate_reference(self, finding: Finding) -> Finding:
        """Give the finding with the place of the first value that names its node."""
        for name, document, pointer, data in (node for nodes in self._by_iri().values() for node in nodes):
            for key, value in data.items():
                items = value if isinstance(value, list) else [value]
                if any(isinstance(item, str) and _resolved(self._names, item) == finding.focus for item in items):
                    line, column = document.place(_value_pointer(value, finding.focus, (*pointer, key)))
                    return replace(finding, file=name, line=line, column=column)
        return finding

    def nodes(self, names: set[str]) -> list[str]:
        """Give the IRIs of all nodes that stand in the named files."""
        return [iri for iri, places in self._by_iri().items() if any(place[0] in names for place in places)]

    def declared_twice(self) -> Iterator[Finding]:
        """Give a finding for each entity that two entries declare. The files are curated ones, of the right form."""
        first: dict[str, str] = {}
        for name, document, base in self._files:
            for pointer, data in _entries(document.data):
                self._names.base = base
                iri, (line, column) = _resolved(self._names, data["id"]), document.place((*pointer, "id"))
                if iri in first:
                    message = f"{data['id']} is declared in {first[iri]} too; merge the two, or give one another id"
                    yield Finding("Violation", message, name, line, column, focus=iri)
                first.setdefault(iri, name)

    @cached_property
    def _names(self) -> Context:
        return self._context or our_context()

    def _by_iri(self) -> dict[str, list[_Node]]:
        if self._nodes is None:
            self._nodes = {}
            for name, document, base in self._files:
                self._names.base = base
                for iri, pointer, data in _nodes(document.data, (), self._names, None):
                    self._nodes.setdefault(iri, []).append((name, document, pointer, data))
        return self._nodes


def _entries(data: dict[str, Any]) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Give the entries of a file: its one entity, or each of its graph."""
    entries = [((), data)] if "id" in data else [(("graph", i), entry) for i, entry in enumerate(data.get("graph", []))]
    yield from ((pointer, entry) for pointer, entry in entries if "id" in entry)


def _nodes(data: Any, pointer: Pointer, names: Context, key_id: str | None) -> Iterator[tuple[str, Pointer, dict[str, Any]]]:
    """Give every node below a value, with its IRI: from its `id`, or from its key in an id map."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _nodes(item, (*pointer, index), names, None)
    elif isinstance(data, dict):
        own = names.get_id(data) or key_id
        if isinstance(own, str):
            yield _resolved(names, own), pointer, data
        yield from _nodes_below(data, pointer, names)


def _nodes_below(data: dict[str, Any], pointer: Pointer, names: Context) -> Iterator[tuple[str, Pointer, dict[str, Any]]]:
    for key, value in data.items():
        container = getattr(names.terms.get(key), "container", ())
        if isinstance(value, dict) and "@id" in container:
            for part, node in value.items():
                yield from _nodes(node, (*pointer, key, part), names, part)
        elif "@language" not in container and key != "@context":
            yield from _nodes(value, (*pointer, key), names, None)


def _resolved(names: Context, name: str) -> str:
    """Give the IRI of a node; what can be none stays as it is."""
    try:
        return names.resolve(name)
    except ValueError:
        return name


def _value_pointer(data: Any, value: str, pointer: Pointer) -> Pointer:
    """Give the place of one value of a list, where the finding names it."""
    if not isinstance(data, list):
        return pointer
    for index, item in enumerate(data):
        inner = next(iter(item)) if isinstance(item, dict) and len(item) == 1 else None  # {"@value": …}, {"@id": …}
        said = item if inner is None else item[inner]
        if isinstance(said, str) and value.endswith(said.rpartition(":")[2]):
            return (*pointer, index) if inner is None else (*pointer, index, inner)
    return pointer
