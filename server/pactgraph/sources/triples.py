"""Statements as sources give them: RDFLib terms, one triple at a time."""

from __future__ import annotations

from typing import TypeAlias

from rdflib import Literal, URIRef

Triple: TypeAlias = tuple[URIRef, URIRef, URIRef | Literal]
