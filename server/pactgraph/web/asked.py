"""A query as the SPARQL protocol carries it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from flask import current_app

from pactgraph.settings import ServeSettings
from pactgraph.store import Answer, Formats, QueryService
from pactgraph.store.guard import names_service
from pactgraph.web.rdf import program


@dataclass(frozen=True)
class Asked:
    """The text of a query, the formats to answer in, the graphs that replace the query's own, the base of relative IRIs.

    And the day whose view is among the graphs, if any.
    """

    text: str
    formats: Formats
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    base: str | None = None
    as_of: date | None = None

    def ask(self, service: QueryService, formats: Formats | None = None) -> Answer:
        """Evaluate the query, in its own formats or others. Raises as `QueryService.query` does."""
        return service.query(
            self.text,
            accept=formats or self.formats,
            default_graphs=self.default_graphs,
            named_graphs=self.named_graphs,
            base=self.base,
            as_of=self.as_of,
        )

    def etag(self, release: str) -> str:
        """Give the entity tag of the answer: the release and all that the answer depends on, the program included."""
        return f"{release}-{hashlib.sha256(f'{program()} {self!r}'.encode()).hexdigest()[:24]}"

    @property
    def may_ask_others(self) -> bool:
        """Say whether the answer may depend on another server, so that it is not to be kept."""
        settings: ServeSettings = current_app.extensions["pactgraph.settings"]
        return bool(settings.allow_service) and names_service(self.text)
