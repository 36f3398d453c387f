"""A release that an engine holds, as the server sees it: data from the engine, files from a folder of the same release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pactgraph.errors import NoRelease, NotFound
from pactgraph.release.model import CURRENT, MANIFEST, read
from pactgraph.store import Endpoint, Held, look


@dataclass(frozen=True)
class HeldRelease:
    """A release in an engine. `path` is its folder on this machine; it need not be there, then there are no files."""

    held: Held
    path: Path

    @property
    def id(self) -> str:
        """Give the identifier."""
        return self.held.id

    @property
    def manifest(self) -> dict[str, Any]:
        """Give the manifest, whose files are those on this machine."""
        files = read(self.path).manifest["files"] if (self.path / MANIFEST).is_file() else {}
        about = {"id": self.id, "version": self.held.version, "issued": self.held.issued, "quads": self.held.quads}
        return {**about, "files": files}

    @property
    def store_path(self) -> Path:
        """Give the directory that an index would have."""
        return self.path / "store"

    @property
    def modified(self) -> datetime:
        """Give the time at which the release was published to the engine: the same for every server that asks it."""
        return datetime.fromisoformat(self.held.published).replace(microsecond=0)


def open_held(endpoint: Endpoint, releases: Path, identifier: str = CURRENT) -> HeldRelease:
    """Open the release that an engine holds. Raises NotFound for another one, NoRelease, and as `Line.send` does."""
    held = look(endpoint)
    if held is None:
        raise NoRelease("the store holds no release, or one half published; run `pactgraph release publish --to` its address")
    if identifier not in (CURRENT, held.id):
        raise NotFound(f"the store behind this server holds {held.id} alone, not {identifier!r}")
    return HeldRelease(held, releases / held.id)
