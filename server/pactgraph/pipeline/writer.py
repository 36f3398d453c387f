"""The process that writes to releases for a server: it is handed changes, and answers once they are on the disk."""

from __future__ import annotations

from concurrent.futures import TimeoutError as FutureTimeout

from pebble import ProcessExpired

from pactgraph.errors import DataTooLarge, WriteUnknown
from pactgraph.pipeline.writes import apply
from pactgraph.release import Change, Changed
from pactgraph.settings import MIB, ServeSettings
from pactgraph.store.child import Child, confine
from pactgraph.store.nesting import check_nesting

_MEMORY = 2048 * MIB  # besides that of a query: facts, shapes and rules take their share
_LOOK = "see in /releases whether it has happened before you send it again"


class WriterProcess:
    """Writes for many threads, one change after the other. The process starts with the first, so forks before it do no harm."""

    def __init__(self, settings: ServeSettings) -> None:
        """Take the settings."""
        self._settings, self._child = settings, Child(_start, settings)

    def write(self, change: Change) -> Changed:
        """Carry a change out. Raises as `writes.apply` does; WriteUnknown where it was ended past its time, or died."""
        limit = self._settings.write_timeout
        check_nesting(change.text, self._settings.max_nesting)
        try:
            return self._child.call(limit, apply, self._settings.releases, change)
        except FutureTimeout:
            raise WriteUnknown(f"the write was ended after {limit:g} seconds; {_LOOK}") from None
        except MemoryError:
            raise DataTooLarge("the write needed more memory than a write may have; nothing was changed") from None
        except ProcessExpired:
            raise WriteUnknown(f"the process that writes has died; {_LOOK}") from None

    def close(self) -> None:
        """End the process: what it is doing is done whole, or not at all."""
        self._child.close()


def _start(settings: ServeSettings) -> None:
    confine(settings.query_memory + _MEMORY)
