"""The maker of research tables: a process of its own that writes a table into a file, under limits, once for a release.

A table is whole before its first byte leaves: it is written aside and renamed. Files are kept while the server runs, those that
were asked for last, and are served with ranges and entity tags.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired

from pactgraph.errors import QueryMemory, QueryTimeout, ResultTooLarge
from pactgraph.files import OwnFolder
from pactgraph.settings import MIB, ServeSettings
from pactgraph.store import Held
from pactgraph.store.child import Child, confine, limit_processor

if TYPE_CHECKING:  # the web process itself loads no library of tables
    from pactgraph.research import Request

CODEBOOKS = ("md", "csv-metadata.json")
_KEPT = 512 * MIB
_MEMORY = 1024 * MIB  # besides that of a query: the libraries take their share
_log = logging.getLogger(__name__)
_cap = 0


class Maker:
    """Makes tables for many threads, one at a time."""

    def __init__(self, settings: ServeSettings) -> None:
        """Take the settings; the process starts with the first table."""
        self._seconds = settings.export_timeout
        self._own = OwnFolder("pactgraph-export-")
        self.folder = self._own.path
        self._child = Child(_start, replace(settings, token=""))

    def make(self, source: Path | Held, asked: Request, form: str, name: str) -> Path:
        """Give the file of a table in a format (or its codebook), made if it is not there yet; `name` tells it from others.

        Raises BadInput, NotFound, QueryTimeout, QueryMemory, ResultTooLarge, Busy.
        """
        path = self.folder / hashlib.sha256(name.encode()).hexdigest()[:32]
        if not path.exists():
            try:
                self._child.call(self._seconds, _make, source, asked, form, str(path), self._seconds)
            except FutureTimeout:
                fault = f"the table was not made within {self._seconds:g} seconds; ask for fewer years or states, or use"
                raise QueryTimeout(f"{fault} `pactgraph export`") from None
            except (ProcessExpired, MemoryError) as error:
                _log.warning("the maker of tables ended: %s", error)
                raise QueryMemory("the table needed more memory than one may have; ask for fewer years or states") from None
            finally:
                path.with_suffix(".partial").unlink(missing_ok=True)  # of a process that was ended
            self._forget(path)
        os.utime(path)
        return path

    def _forget(self, made: Path) -> None:
        """Remove the files that were asked for longest ago, until the rest fits; what is being sent is sent to its end."""
        files = sorted((file for file in self.folder.iterdir() if file != made), key=lambda file: file.stat().st_mtime)
        size = sum(file.stat().st_size for file in files) + made.stat().st_size
        for file in files:
            if size > _KEPT:
                size -= file.stat().st_size
                file.unlink(missing_ok=True)

    def close(self) -> None:
        """End the process and remove its files."""
        self._child.close()
        self._own.close()


def _start(settings: ServeSettings) -> None:
    global _cap
    confine(settings.query_memory + _MEMORY)
    _cap = settings.max_bytes


def _make(source: Path | Held, asked: Request, form: str, target: str, seconds: float) -> None:
    """Write a table, in the process of the maker. The processor-time limit ends it even if the server is gone."""
    from pactgraph import research
    from pactgraph.store import open_store

    path = Path(target)
    if path.exists():
        return
    limit_processor(seconds)
    planned = research.plan(open_store(source), asked)
    partial = path.with_suffix(".partial")
    try:
        with io.BufferedWriter(_Capped(partial, _cap)) as file:
            if form in CODEBOOKS:
                file.write((planned.codebook() if form == "md" else planned.csvw(f"{asked.table}.csv")).encode())
            else:
                research.write(planned, form, file)
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


class _Capped(io.FileIO):
    """A new file that refuses to grow past a number of bytes."""

    def __init__(self, path: Path, cap: int) -> None:
        super().__init__(path, "w")
        self._cap = cap

    def write(self, data: Any) -> int:
        """Write, unless it is too much. Raises ResultTooLarge."""
        if self.tell() + len(data) > self._cap:
            raise ResultTooLarge("the table is larger than an answer may be; ask for fewer years or states, or for Parquet")
        return super().write(data)
