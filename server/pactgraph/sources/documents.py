"""Any file or text to validate: RDF in each syntax, curated YAML-LD, YAML-LD with a context of its own.

What comes out is the statements, the faults of form, and a way to tell where in the text a finding lies. How near that is
depends on the syntax: value, else property, else node in Turtle, TriG, JSON-LD and YAML-LD; element in RDF/XML; line in
N-Triples and N-Quads.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from pyoxigraph import RdfFormat
from rdflib import Graph

from pactgraph.errors import BadInput, Finding, UnsupportedMedia
from pactgraph.sources import curated, places, yamlld
from pactgraph.sources.origins import LocalContext, Origins
from pactgraph.store import syntax

YAML = "application/yaml"
RDF: Mapping[str, RdfFormat] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/trig": RdfFormat.TRIG,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}
MEDIA_TYPES = (*RDF, YAML, "application/ld+yaml", "text/yaml")
_SUFFIXES: Mapping[str, str] = {
    ".ttl": "text/turtle",
    ".trig": "application/trig",
    ".nt": "application/n-triples",
    ".nq": "application/n-quads",
    ".rdf": "application/rdf+xml",
    ".owl": "application/rdf+xml",
    ".jsonld": "application/ld+json",
    ".json": "application/ld+json",
    ".yaml": YAML,
    ".yml": YAML,
    ".yamlld": YAML,
}


@dataclass
class Document:
    """What a text says, its faults of form, and a function that gives a finding its place in the text."""

    graph: Graph
    locate: Callable[[Finding], Finding]
    faults: list[Finding] = field(default_factory=list)


def media_type_of(path: PurePath) -> str:
    """Give the media type of a file by its name. Raises BadInput for other names."""
    if path.suffix.lower() not in _SUFFIXES:
        raise BadInput(
            "the name does not tell what kind of file it is", file=path.name, hint="end it in " + ", ".join(_SUFFIXES)
        )
    return _SUFFIXES[path.suffix.lower()]


def is_curated(path: Path) -> bool:
    """Say whether a file is one of curated facts: YAML without a context of its own. Raises BadInput as `media_type_of`."""
    return media_type_of(path) == YAML and b"@context" not in path.read_bytes()


def read(data: bytes, media_type: str, families: curated.DateFamilies, *, base: str, name: str = "") -> Document:
    """Read a text; relative IRIs are resolved against `base`, `name` is what errors and findings call it.

    Raises UnsupportedMedia, and BadInput with the place of what does not parse.
    """
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)  # ill-typed literals are findings, not warnings in a log
    if media_type not in MEDIA_TYPES:
        raise UnsupportedMedia(f"{media_type or 'unknown'!r} is not read here; send one of " + ", ".join(MEDIA_TYPES))
    if media_type not in RDF:
        return _read_yaml(data, families, base, name)
    form = RDF[media_type]
    quads = syntax.read(data, form, base=base, name=name)
    statements = places.read(data, quads, form, base)
    if form == RdfFormat.JSON_LD:
        return Document(statements.graph, _by_json(data, base, name))
    return Document(statements.graph, lambda finding: replace(statements.locate(finding), file=name))


def _read_yaml(data: bytes, families: curated.DateFamilies, base: str, name: str) -> Document:
    """Read YAML-LD: by our context and JSON Schema, or, where it has a context of its own, as JSON-LD."""
    document = yamlld.parse(data, name)
    if isinstance(document.data, dict) and "@context" not in document.data:
        read = curated.read_texts([(name, data)], families)
        return Document(read.graph, read.origins.locate, read.findings)
    text = json.dumps(document.data).encode()
    try:
        quads = syntax.read(text, RdfFormat.JSON_LD, base=base, name=name)
    except BadInput as error:
        raise BadInput(error.fault, file=name, line=1, column=1, hint=error.hint) from None
    statements = places.read(text, quads, RdfFormat.JSON_LD, base)
    return Document(statements.graph, _by_pointer(document, base, name))


def _by_json(data: bytes, base: str, name: str) -> Callable[[Finding], Finding]:
    """Tell places in JSON by reading it as YAML, which JSON is, but for texts that our strict reader refuses."""
    try:
        return _by_pointer(yamlld.parse(data, name), base, name)
    except BadInput:
        return lambda finding: replace(finding, file=name)


def _by_pointer(document: yamlld.Document, base: str, name: str) -> Callable[[Finding], Finding]:
    """Tell places by the one context at the top; nodes named by the terms of inner contexts are not found."""
    context = LocalContext(base=base)
    try:
        context.load(_context(document.data))
        origins = Origins(context)
        origins.add(name, document, context.base or base)
        origins.nodes(set())  # reads all names, so that what fails does so here
    except (BadInput, AttributeError, TypeError, ValueError, RecursionError):
        return lambda finding: replace(finding, file=name)
    return lambda finding: replace(origins.locate(finding), file=name)


def _context(data: Any) -> Any:
    """Give the context at the top of a document, of which only what lies in it is used."""
    top = data[0] if isinstance(data, list) and data else data
    found = top.get("@context") if isinstance(top, dict) else None
    return found if isinstance(found, dict | list) else {}
