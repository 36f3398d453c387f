"""YAML-LD files with positions: strict YAML 1.2 core schema, so `no` is a word and a date is a string.

libyaml's parser is used for its speed and its marks; which plain words are booleans, numbers or null is decided here by
the YAML 1.2.2 core schema (section 10.3.2), for whole numbers of up to 4,000 digits; longer ones are text. Anchors, tags
and duplicate keys are refused: a curated file is plain data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from pactgraph.errors import BadInput
from pactgraph.store.syntax import DEEPEST

Pointer: TypeAlias = tuple[str | int, ...]
Place: TypeAlias = tuple[int, int]

_CORE = (
    ("null", re.compile(r"~|null|Null|NULL|"), lambda text: None),
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    ("int", re.compile(r"[-+]?[0-9]{1,4000}"), int),
    ("float", re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
)


@dataclass(frozen=True)
class Document:
    """The data of one file, and where each value stands: a JSON pointer (as a tuple) → (line, column), from 1."""

    path: Path
    data: Any
    places: dict[Pointer, Place] = field(repr=False)

    def place(self, pointer: Pointer) -> Place:
        """Give the place of a value, or of the nearest value around it."""
        while pointer and pointer not in self.places:
            pointer = pointer[:-1]
        return self.places.get(pointer, (1, 1))


def load(path: Path, name: str | None = None) -> Document:
    """Read a YAML file. `name` is what errors call it. Raises BadInput with the place of the fault."""
    return parse(path.read_bytes(), name or str(path), path)


def parse(text: bytes | str, name: str, path: Path | None = None) -> Document:
    """Read YAML text. Raises BadInput with the place of the fault."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise BadInput(f"not YAML: {error.problem}", file=name, line=line, column=column) from None
    except yaml.YAMLError as error:
        raise BadInput(f"not YAML: {error}", file=name, line=1, column=1) from None
    except RecursionError:
        raise BadInput(f"nested more than {DEEPEST} deep", file=name, line=1, column=1) from None
    if node is None:
        raise BadInput("the file is empty", file=name, line=1, column=1, hint="write an entity, or delete the file")
    reader = _Reader(name)
    return Document(path or Path(name), reader.value(node, ()), reader.places)


class _Reader:
    """Turns libyaml's nodes into plain data, noting places."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[Pointer, Place] = {}
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, pointer: Pointer) -> Any:
        if id(node) in self._seen:
            line, column = _place(node)
            raise BadInput("an anchor is used again", file=self.name, line=line, column=column, hint="write the value out")
        if len(pointer) > DEEPEST:
            line, column = _place(node)
            raise BadInput(
                f"nested more than {DEEPEST} deep", file=self.name, line=line, column=column, hint="write it flatter"
            )
        self._seen.add(id(node))
        self.places.setdefault(pointer, _place(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, pointer)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*pointer, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, pointer: Pointer) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line, column = _place(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                raise BadInput("a key must be plain text", file=self.name, line=line, column=column)
            key = key_node.value
            if key in result:
                hint = "merge the two values into one"
                raise BadInput(f"the key '{key}' stands twice", file=self.name, line=line, column=column, hint=hint)
            self.places[(*pointer, key)] = (line, column)
            result[key] = self.value(value_node, (*pointer, key))
        return result

    def _scalar(self, node: yaml.Node) -> Any:
        text: str = node.value
        if getattr(node, "style", None):  # quoted or a block: always text
            return text
        return next((make(text) for _, form, make in _CORE if form.fullmatch(text)), text)


def _place(node: yaml.Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1
