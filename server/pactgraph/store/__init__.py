"""The store: asks a release's index, or an engine elsewhere, in worker processes that can be ended."""

from __future__ import annotations

from pactgraph.store.answers import Answer, Endpoint, Formats, Held, ReleaseView, Term, formats_named
from pactgraph.store.embedded import EmbeddedStore
from pactgraph.store.opening import AnyStore, open_store
from pactgraph.store.remote import RemoteStore, check_uncut, look
from pactgraph.store.workers import QueryService, ScratchService

__all__ = [
    "Answer",
    "AnyStore",
    "EmbeddedStore",
    "Endpoint",
    "Formats",
    "Held",
    "QueryService",
    "ReleaseView",
    "RemoteStore",
    "ScratchService",
    "Term",
    "check_uncut",
    "formats_named",
    "look",
    "open_store",
]
