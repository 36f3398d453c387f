"""A query as the SPARQL protocol carries it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pactgraph.store import Answer, Formats, QueryService


@dataclass(frozen=True)
class Asked:
    """The text of a query, the formats to answer in, the graphs that replace the query's own, the base of relative IRIs."""

    text: str
    formats: Formats
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    base: str | None = None

    def ask(self, service: QueryService, formats: Formats | None = None) -> Answer:
        """Evaluate the query, in its own formats or others. Raises as `QueryService.query` does."""
        return service.query(
            self.text,
            accept=formats or self.formats,
            default_graphs=self.default_graphs,
            named_graphs=self.named_graphs,
            base=self.base,
        )

    def etag(self, release: str) -> str:
        """Give the entity tag of the answer: the release and all that the answer depends on."""
        return f"{release}-{hashlib.sha256(repr(self).encode()).hexdigest()[:24]}"
