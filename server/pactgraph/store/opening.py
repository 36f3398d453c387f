"""Opening the store that holds a release: its own index, or an engine."""

from __future__ import annotations

from pathlib import Path

from pactgraph.store.answers import Held
from pactgraph.store.embedded import EmbeddedStore
from pactgraph.store.remote import RemoteStore

AnyStore = EmbeddedStore | RemoteStore


def open_store(source: Path | Held) -> AnyStore:
    """Open what holds a release, for reading. Raises OSError for an index that is not there."""
    return RemoteStore(source) if isinstance(source, Held) else EmbeddedStore(source)
