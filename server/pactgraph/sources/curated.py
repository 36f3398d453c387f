"""Curated facts: YAML-LD files to RDFLib statements, by the JSON-LD context alone.

The one thing added is the bounds of stated dates. Which properties they go to is said by the ontology (pg:earliestBound,
pg:latestBound and pg:precisionProperty on each stated property), not here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema_rs
from rdflib import XSD, Graph, Literal, URIRef
from rdflib.plugins.parsers.jsonld import Parser

from pactgraph import knowledge
from pactgraph.dates import bounds
from pactgraph.errors import BadInput, Finding
from pactgraph.sources import yamlld
from pactgraph.sources.origins import Origins, our_context
from pactgraph.terms import EDTF, ID, PG, VOCAB, expand

DateFamilies: TypeAlias = dict[URIRef, tuple[URIRef, URIRef, URIRef]]


@dataclass
class Curated:
    """The statements of a set of curated files, the faults of form found on the way, and where statements stand."""

    graph: Graph
    findings: list[Finding] = field(default_factory=list)
    origins: Origins = field(default_factory=Origins)


def read(paths: Iterable[Path], families: DateFamilies) -> Curated:
    """Read curated files. Each fault of form (YAML, keys, dates) becomes a finding of severity Violation.

    `families` maps a property that states a date to those of its bounds and precision, see `date_families`.
    """
    return read_texts(((knowledge.name(path), path.read_bytes()) for path in paths), families)


def read_texts(texts: Iterable[tuple[str, bytes]], families: DateFamilies) -> Curated:
    """Read the text of curated files, each with what findings call it; else as `read`."""
    curated = Curated(Graph())
    context = our_context()
    for name, text in texts:
        try:
            document = yamlld.parse(text, name)
        except BadInput as error:
            curated.findings.append(fault(error))
            continue
        faults = [fault(error) for error in _faults(document, name)]
        curated.findings.extend(faults)
        if not faults:
            context.base = _base(document.data)
            Parser().parse(document.data, context, curated.graph)
            curated.origins.add(name, document, _base(document.data))
    curated.findings.extend(curated.origins.declared_twice())
    _add_bounds(curated, families)
    return curated


def date_families(ontology: Graph) -> DateFamilies:
    """Give, for each property that takes a date as stated, its earliest, latest and precision properties."""
    families: DateFamilies = {}
    for stated, earliest in ontology.subject_objects(PG.earliestBound):
        latest, precision = ontology.value(stated, PG.latestBound), ontology.value(stated, PG.precisionProperty)
        families[URIRef(str(stated))] = (URIRef(str(earliest)), URIRef(str(latest)), URIRef(str(precision)))
    return families


def _base(data: dict[str, Any]) -> str:
    """Give the base IRI of a file: that of its one entity, so that `#article-4` is a part of it."""
    return expand(data["id"]) if "id" in data else str(ID)


@lru_cache(maxsize=1)
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(knowledge.schema_path().read_text(encoding="utf-8")))


def _faults(document: yamlld.Document, name: str) -> Iterator[BadInput]:
    """Give what the JSON Schema refuses, each at the key or value that caused it."""
    for error in _validator().iter_errors(document.data):
        pointer = tuple(error.instance_path)
        for key in getattr(error.kind, "unexpected", None) or [None]:
            line, column = document.place(pointer if key is None else (*pointer, key))
            known = "see the keys in ontology/schema.json"
            fault, hint = (error.message, "") if key is None else (f"'{key}' is not a key of this kind of entry", known)
            yield BadInput(fault, file=name, line=line, column=column, hint=hint)


def _add_bounds(curated: Curated, families: DateFamilies) -> None:
    """Add to each stated date its bounds and precision; a date that is none becomes a finding."""
    for stated, (earliest, latest, precision) in families.items():
        for subject, value in list(curated.graph.subject_objects(stated)):
            if getattr(value, "datatype", None) != EDTF:
                continue
            try:
                span = bounds(str(value))
            except BadInput as error:
                found = Finding("Violation", error.detail, focus=str(subject), path=str(stated), value=str(value))
                curated.findings.append(curated.origins.locate(found))
                continue
            curated.graph.add((subject, precision, VOCAB[f"precision/{span.precision}"]))
            for bound, day in ((earliest, span.earliest), (latest, span.latest)):
                if day:
                    curated.graph.add((subject, bound, Literal(day.isoformat(), datatype=XSD.date)))


def fault(error: BadInput) -> Finding:
    """Give what makes a file unusable as a finding."""
    message = error.fault + (f"; {error.hint}" if error.hint else "")
    return Finding("Violation", message, error.file, error.line, error.column)
