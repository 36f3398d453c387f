"""Settings: one frozen value made by the command line and passed on; nothing reads the environment elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True)
class Login:
    """Who asks an engine: a name and a password, which no text of this object shows; Basic (RFC 7617), or Digest (RFC 7616)."""

    user: str
    password: str = field(repr=False)
    digest: bool = False


@dataclass(frozen=True)
class BuildSettings:
    """What a build needs: where releases go, which steps to take, and which sources to import from a folder of copies.

    `hand_on` are those for local use that the user may hand on nevertheless.
    """

    out: Path = Path("releases")
    infer: bool = True
    sources: Path | None = None
    imports: tuple[str, ...] = ()
    discard_written: bool = False
    hand_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServeSettings:
    """What the server needs. Times in seconds, sizes in bytes; rows count the solutions of a SELECT; 0 is no limit.

    `scratch` serves an empty store that whoever has the `token` may write to, in place of a release.
    `hand_on` are sources whose tables may leave this server though their register says otherwise; none by default.
    `store` is the address of an engine that is asked in place of the release's own index; `login` is who asks it.
    `allow_service` are the beginnings of the addresses that a query may ask by SERVICE; none by default.
    What the operator may set, and its unit on the command line, is the table `OPTIONS`.
    """

    releases: Path = Path("releases")
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    query_timeout: float = 20.0
    query_memory: int = 2048 * MIB
    max_rows: int = 1_000_000
    max_bytes: int = 64 * MIB
    max_request: int = 1 * MIB
    max_query: int = 256 * KIB
    max_nesting: int = 200
    queue: int = 64
    queue_wait: float = 30.0
    rate: int = 500
    budget: float = 60.0
    pinned: int = 2
    trusted_proxies: int = 0
    connections: int = 4096
    log: str = "slow"
    log_clients: str = "address"
    scratch: bool = False
    token: str = ""
    store: str = ""
    login: Login | None = None
    allow_service: tuple[str, ...] = ()
    service_timeout: float = 8.0
    write_timeout: float = 600.0
    export_timeout: float = 120.0
    hand_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """An option of `pactgraph serve` that sets a limit: its name, the field it sets, and the size of its unit."""

    name: str
    field: str
    help: str
    least: int = 1
    unit: int = 1
    most: int | None = None

    @property
    def default(self) -> Any:
        """Give the default, in the unit of the command line."""
        value = getattr(ServeSettings, self.field)
        return value // self.unit if self.unit > 1 else value


OPTIONS = (
    Option("--workers", "workers", "Processes that evaluate queries; one more takes short queries only.", most=256),
    Option("--query-timeout", "query_timeout", "Seconds that a query may run."),
    Option("--service-timeout", "service_timeout", "Seconds that another server may take to answer a SERVICE."),
    Option("--write-timeout", "write_timeout", "Seconds that a write to a release may take."),
    Option("--export-timeout", "export_timeout", "Seconds that the making of a research table may take."),
    Option("--query-memory-mib", "query_memory", "Memory that a query worker may use.", least=256, unit=MIB),
    Option("--max-rows", "max_rows", "Rows that a table may have; 0: no limit.", least=0),
    Option("--max-bytes-mib", "max_bytes", "Size that an answer may have.", unit=MIB),
    Option("--max-request-mib", "max_request", "Size that a request body may have.", unit=MIB, most=64),
    Option("--max-query-kib", "max_query", "Length that a query may have.", unit=KIB),
    Option("--max-nesting", "max_nesting", "Depth that brackets in a query may have.", most=2000),
    Option("--queue", "queue", "Queries that may wait for a worker.", most=1024),
    Option("--queue-wait", "queue_wait", "Seconds that a query may wait for a worker."),
    Option("--rate", "rate", "Requests per second that a client may send; 0: no limit.", least=0),
    Option("--budget", "budget", "Seconds of query time per minute that a client may use; 0: no limit.", least=0),
    Option("--pinned", "pinned", "Releases besides the current one that queries may ask at the same time.", most=64),
    Option("--trusted-proxies", "trusted_proxies", "Proxies in front whose X-Forwarded headers are believed.", least=0, most=8),
    Option("--connections", "connections", "Connections that may be open.", least=64, most=65536),
)
