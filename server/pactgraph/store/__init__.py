"""The store: asks a release's index, in worker processes that can be ended."""

from __future__ import annotations

from pactgraph.store.answers import Answer, Formats, ReleaseView, Term, formats_named
from pactgraph.store.embedded import EmbeddedStore
from pactgraph.store.workers import QueryService, ScratchService

__all__ = ["Answer", "EmbeddedStore", "Formats", "QueryService", "ReleaseView", "ScratchService", "Term", "formats_named"]
