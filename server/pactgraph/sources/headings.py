"""Headings under which sources file pacts, as concepts of their own, and the domains that each is mapped to.

The mappings are in data/mappings/, one SSSOM table a source. A pact that a source files under a heading is in the domains of
that heading; how near the two are is said by the mapping (exact, broader, narrower, related).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from rdflib import RDF, SKOS, Literal, URIRef

from pactgraph import knowledge
from pactgraph.errors import BadInput
from pactgraph.sources import links
from pactgraph.sources.register import Source
from pactgraph.sources.triples import Triple
from pactgraph.terms import BASE, PG, VOCAB

_PREDICATES = {f"skos:{name}": SKOS[name] for name in ("exactMatch", "broadMatch", "narrowMatch", "relatedMatch")}
_NONE = "sssom:NoTermFound"


class Headings:
    """The headings of a source. Each is described when it is first used."""

    def __init__(self, source: Source) -> None:
        """Read its mapping. Raises BadInput for a mapping that cannot be used."""
        self._scheme = f"{BASE}source/{source.id}/heading"
        self._domains: dict[str, list[tuple[URIRef, URIRef]]] = defaultdict(list)
        self._said: set[str] = set()
        for path in knowledge.mappings():
            if path.name == f"{source.id}.sssom.tsv":
                self._read(knowledge.name(path), links.table(path, knowledge.name(path)))

    def _read(self, name: str, rows: Iterator[tuple[int, dict[str, str]]]) -> None:
        for line, row in rows:
            predicate, (kind, _, slug) = _PREDICATES.get(row["predicate_id"]), row["object_id"].partition(":")
            if row["object_id"] == _NONE:
                continue
            if predicate is None or kind != "domain":
                raise BadInput("no mapping to a domain", file=name, line=line, column=1, hint="use " + ", ".join(_PREDICATES))
            self._domains[row["subject_id"].partition(":")[2]].append((predicate, VOCAB[f"domain/{slug}"]))

    def say(self, pact: URIRef, heading: str) -> Iterator[Triple]:
        """Say under which heading a pact is filed, and in which domains it is thereby; nothing of an empty heading."""
        slug = slug_of(heading)
        if not slug:
            return
        concept = URIRef(f"{self._scheme}/{slug}")
        yield pact, PG.filedUnder, concept
        yield from ((pact, PG.inDomain, domain) for _, domain in self._domains.get(slug, ()))
        if slug not in self._said:
            self._said.add(slug)
            yield concept, RDF.type, SKOS.Concept
            yield concept, SKOS.inScheme, URIRef(self._scheme)
            yield concept, SKOS.prefLabel, Literal(heading, lang="en")
            yield from ((concept, predicate, domain) for predicate, domain in self._domains.get(slug, ()))


@lru_cache(maxsize=65536)
def slug_of(text: str) -> str:
    """Give the words of a text as part of an address: `LOANS, CREDITS & GRANTS` is `loans-credits-grants`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
