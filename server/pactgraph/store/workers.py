"""Query workers: a query runs in a process of its own, under time, memory and size limits, and dies with it.

A pool serves one release. When `current` moves to another release, a new pool takes over; the old one ends its queries first.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessFuture, ProcessPool
from pyoxigraph import BlankNode, NamedNode, QueryResultsFormat, QuerySolutions, Variable, parse_query_results
from pyoxigraph import Literal as OxLiteral

from pactgraph.errors import NoRelease, QueryFailed, QueryTimeout
from pactgraph.settings import ServeSettings
from pactgraph.store.answers import JSON, Answer, Formats, ReleaseView, Scratch, Term
from pactgraph.store.embedded import EmbeddedStore

_log = logging.getLogger(__name__)
_CHECK_EVERY = 1.0
_GRACE = 5
_store: EmbeddedStore | None = None
_seconds = 0.0


def _start(path: str, settings: ServeSettings) -> None:
    """Make a worker ready: its memory limit, and the index; the terminal's Ctrl-C is for the server alone."""
    global _store, _seconds
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (settings.query_memory, settings.query_memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _store = EmbeddedStore(Path(path), settings.max_bytes, scratch=settings.scratch)
    _seconds = settings.query_timeout


def _call(method: str, *arguments: object, **options: object) -> Any:
    """Call a method of the worker's store. The processor-time limit ends it even if the server is gone."""
    assert _store is not None
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + _seconds) + _GRACE
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    try:
        return getattr(_store, method)(*arguments, **options)
    except MemoryError:
        raise QueryFailed("the query needed more memory than a query may have") from None
    except (RuntimeError, ValueError, OSError) as error:
        raise QueryFailed(f"the query could not be evaluated: {error}") from None


class _Pool:
    """The workers of one release, and the number of requests that use them."""

    def __init__(self, release: ReleaseView, settings: ServeSettings) -> None:
        self.release = release
        self.users = 0
        self._lock = threading.Lock()
        self._running: set[ProcessFuture[Any]] = set()
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self.processes = ProcessPool(
            max_workers=1 if settings.scratch else settings.workers,  # one process alone may write to a store
            initializer=_start,
            initargs=(str(release.store_path), settings),
            context=context,
        )

    def call(self, limit: float, method: str, *arguments: object, **options: object) -> Any:
        """Call a method of the store in a worker, `limit` seconds at most. Raises its errors, and those of pebble."""
        with self._lock:
            future = self.processes.schedule(_call, args=(method, *arguments), kwargs=options, timeout=limit)
            self._running.add(future)
        try:
            return future.result(timeout=2 * limit + _GRACE)
        finally:
            future.cancel()  # type: ignore[no-untyped-call]
            with self._lock:
                self._running.discard(future)

    def end(self) -> None:
        """End the workers, whatever they do; pebble alone would leave those who wait for them waiting."""
        with self._lock:
            self.processes.stop()  # type: ignore[no-untyped-call]
            running = tuple(self._running)
        for future in running:
            future.cancel()  # type: ignore[no-untyped-call]
        self.processes.join(timeout=_GRACE)


class QueryService:
    """Asks the current release. Safe to use from many threads; make it after a fork, never before."""

    def __init__(self, settings: ServeSettings, open_current: Callable[[Path], ReleaseView]) -> None:
        """Take the settings and the function that opens the current release. Raises NoRelease."""
        self._settings, self._open = settings, open_current
        self._lock = threading.Lock()
        self._closed = False
        self._pool = _Pool(open_current(settings.releases), settings)
        self._checked = time.monotonic()

    @property
    def release(self) -> ReleaseView:
        """Give the release that is served now."""
        return self._current().release

    def query(
        self,
        text: str,
        *,
        accept: Formats | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Answer:
        """Evaluate a query in a worker; the graphs given replace the query's own.

        Raises QuerySyntax, QueryRefused, NotAcceptable, BadInput, QueryTimeout, ResultTooLarge and QueryFailed.
        """
        graphs = (tuple(default_graphs), tuple(named_graphs))
        with self._lease() as pool:
            body, media_type = self._call(pool, "evaluate", text, accept or Formats(), *graphs)
            return Answer(body, media_type, pool.release.id)

    def _call(self, pool: _Pool, method: str, *arguments: object, **options: object) -> Any:
        limit = self._settings.query_timeout
        try:
            return pool.call(limit, method, *arguments, **options)
        except FutureTimeout:
            raise QueryTimeout(f"the query was ended after {limit:g} seconds; ask for less, or download a dump") from None
        except RuntimeError as error:
            self._replace(pool, error)
            raise QueryFailed("the query workers ended; ask again") from None
        except CancelledError:
            raise QueryFailed("the query was ended because the server ends") from None
        except (ProcessExpired, MemoryError) as error:
            _log.warning("a query worker ended: %s", error)
            raise QueryFailed("the query worker ended: the query needed more than a query may have") from None

    def rows(self, text: str) -> list[dict[str, Term]]:
        """Give the solutions of a SELECT of ours; unbound variables are absent. Raises as `query` does."""
        solutions = parse_query_results(self.query(text, accept=Formats(JSON, None)).body, QueryResultsFormat.JSON)
        assert isinstance(solutions, QuerySolutions)
        return [_row(solutions.variables, list(solution)) for solution in solutions]

    def ask(self, text: str) -> bool:
        """Give the answer to an ASK of ours. Raises as `query` does."""
        return bool(json.loads(self.query(text, accept=Formats(JSON, None)).body)["boolean"])

    def graph(self, text: str) -> bytes:
        """Give the triples of a CONSTRUCT or DESCRIBE of ours, as N-Triples. Raises as `query` does."""
        return self.query(text).body

    def close(self) -> None:
        """End every worker; queries in flight fail."""
        with self._lock:
            self._closed = True
        self._pool.end()

    @contextmanager
    def _lease(self) -> Iterator[_Pool]:
        """Give the current pool, and keep it from being retired meanwhile."""
        self._current()
        with self._lock:
            pool = self._pool
            pool.users += 1
        try:
            yield pool
        finally:
            with self._lock:
                pool.users -= 1
                idle = pool is not self._pool and not pool.users
            if idle:
                pool.end()

    def _current(self) -> _Pool:
        """Give the pool of the current release; look whether it moved, once a second at most."""
        with self._lock:
            now = time.monotonic()
            if now - self._checked < _CHECK_EVERY:
                return self._pool
            self._checked = now
        try:
            release = self._open(self._settings.releases)
        except NoRelease as error:
            _log.warning("%s", error.detail)
            return self._pool
        if release.id != self._pool.release.id:
            self._move(release)
        return self._pool

    def _replace(self, broken: _Pool, error: Exception) -> None:
        """Make a new pool in place of one that cannot go on, unless the server is ending or another thread did."""
        with self._lock:
            if self._closed or self._pool is not broken:
                return
            _log.error("the query workers are replaced: %r", error)
            self._pool = _Pool(broken.release, self._settings)

    def _move(self, release: ReleaseView) -> None:
        fresh = _Pool(release, self._settings)
        with self._lock:
            old, self._pool = self._pool, fresh
            idle = not old.users
        if idle:
            old.end()


class ScratchService(QueryService):
    """A service on an empty store that may be written to; each write gives the store another version."""

    def __init__(self, settings: ServeSettings, folder: Path) -> None:
        """Take the settings and the folder that holds the store."""
        self._version = Scratch(folder)
        super().__init__(settings, lambda releases: self._version)

    def update(self, text: str, *, using: Sequence[str] = (), using_named: Sequence[str] = (), base: str) -> None:
        """Carry an update out, whole or not at all. Raises as `EmbeddedStore.update` and `query` do."""
        self._write("update", text, tuple(using), tuple(using_named), base)

    def has_graph(self, name: str) -> bool:
        """Say whether there is a named graph."""
        with self._lease() as pool:
            return bool(self._call(pool, "has_graph", name))

    def write_graph(self, name: str | None, ntriples: bytes, *, replace: bool) -> bool:
        """Put triples in a graph, or add them; say whether the graph is new."""
        return bool(self._write("write_graph", name, ntriples, replace=replace))

    def drop_graph(self, name: str | None) -> None:
        """Remove a graph."""
        self._write("drop_graph", name)

    def _write(self, method: str, *arguments: object, **options: object) -> Any:
        with self._lease() as pool:
            try:
                return self._call(pool, method, *arguments, **options)
            finally:
                self._version.count += 1


def _row(variables: list[Variable], values: list[object]) -> dict[str, Term]:
    pairs = zip(variables, values, strict=True)
    return {variable.value: _term(value) for variable, value in pairs if value is not None}


def _term(value: object) -> Term:
    if isinstance(value, NamedNode):
        return Term("iri", value.value)
    if isinstance(value, BlankNode):
        return Term("bnode", value.value)
    assert isinstance(value, OxLiteral), value
    return Term("literal", value.value, value.datatype.value, value.language or "")
