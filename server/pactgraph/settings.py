"""Settings: one frozen value made by the command line and passed on; nothing reads the environment elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024


@dataclass(frozen=True)
class BuildSettings:
    """What a build needs: where releases go and which steps to take."""

    out: Path = Path("releases")
    infer: bool = True


@dataclass(frozen=True)
class ServeSettings:
    """What the server needs. Times in seconds, sizes in bytes; rows count the solutions of a SELECT.

    `scratch` serves an empty store that whoever has the `token` may write to, in place of a release.
    """

    releases: Path = Path("releases")
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    query_timeout: float = 20.0
    query_memory: int = 2048 * MIB
    max_bytes: int = 64 * MIB
    max_request: int = 1 * MIB
    scratch: bool = False
    token: str = ""
