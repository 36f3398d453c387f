"""What a release is, and how to open one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pactgraph.errors import Gone, NoRelease, NotFound
from pactgraph.packed import Packed

CURRENT = "current"
HISTORY = "history.jsonl"
MANIFEST = "manifest.json"
LOCAL = "local/"  # files of a release, below it, that are for whoever built it alone


_IDENTIFIER = re.compile(r"\w[\w.-]{0,120}")


@dataclass(frozen=True)
class Release:
    """A published release: its directory and manifest."""

    path: Path
    manifest: dict[str, Any]

    @property
    def id(self) -> str:
        """Give the identifier, version and content hash: 2026.11.0-1f0c…"""
        return str(self.manifest["id"])

    @property
    def written(self) -> dict[str, int]:
        """Give the graphs that were written to, and are not made from files, with the number of statements in each."""
        return dict(self.manifest.get("written", {}))

    @property
    def store_path(self) -> Path:
        """Give the directory of the embedded engine's index."""
        return self.path / "store"

    @property
    def held(self) -> None:
        """Give no engine: the release is in its own index."""

    @property
    def modified(self) -> datetime | None:
        """Give the time at which the release was made, in whole seconds."""
        manifest = self.path / MANIFEST
        return datetime.fromtimestamp(int(manifest.stat().st_mtime), UTC) if manifest.is_file() else None


@dataclass(frozen=True)
class Content:
    """What goes into a release. `files` are further files, by their path in the release.

    `nquads` is sorted, and packed as the dump will be; the dumps are made, unless they are among the files.
    `local` are N-Quads for local use alone: they go into the index, and into no file that is handed on.
    `written` are the graphs that were written to (`changes`), with the number of statements in each.
    """

    version: str
    issued: str
    nquads: Packed
    files: dict[str, bytes]
    local: Packed = field(default_factory=Packed)
    written: Mapping[str, int] = field(default_factory=dict)


def open_current(releases: Path) -> Release:
    """Open the current release. Raises NoRelease, saying which command makes one."""
    try:
        return read(releases / CURRENT)
    except FileNotFoundError:
        raise NoRelease(f"there is no release in {releases}/; run `pactgraph build` to make one") from None
    except (OSError, ValueError, KeyError) as error:
        raise NoRelease(f"the release in {releases}/ cannot be read ({error}); run `pactgraph build`") from None


def open_release(releases: Path, identifier: str) -> Release:
    """Open a release by its identifier, or by `current`. Raises NotFound, Gone (it was current once) and NoRelease."""
    if identifier == CURRENT:
        return open_current(releases)
    if not _IDENTIFIER.fullmatch(identifier):
        raise NotFound(f"{identifier!r} is not the identifier of a release; `pactgraph release list` shows them")
    try:
        return read(releases / identifier)
    except (OSError, ValueError, KeyError):
        if not (releases / identifier).exists() and _was_there(releases, identifier):
            raise Gone(f"the release {identifier!r} was removed; `pactgraph release list` shows what there is") from None
        raise NotFound(f"there is no readable release {identifier!r}; `pactgraph release list` shows what there is") from None


def _was_there(releases: Path, identifier: str) -> bool:
    history = releases / HISTORY
    return history.is_file() and f'"{identifier}"' in history.read_text(encoding="utf-8")


def read(path: Path) -> Release:
    """Read the release in a folder. Raises OSError, ValueError and KeyError for what is none."""
    whole = path.resolve(strict=True)
    manifest = json.loads((whole / MANIFEST).read_text(encoding="utf-8"))
    if not isinstance(manifest, dict) or not isinstance(manifest["files"], dict):
        raise ValueError("its manifest is none")
    return Release(whole, manifest)
