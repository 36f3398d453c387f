"""Worker processes: a query runs in a process of its own, under time, memory and size limits, and dies with it.

pyoxigraph cannot cancel a query, so a query past its time is ended with its process. Each worker is a pebble pool of one
process, so that one that is ended and replaced never holds up another. An answer is whole before its first byte leaves here.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessFuture, ProcessPool
from pebble.common.types import CONSTS

from pactgraph.errors import BadInput, PactgraphError, QueryFailed, QueryMemory, ResultTooLarge
from pactgraph.net import Door
from pactgraph.settings import MIB, ServeSettings
from pactgraph.store import rows
from pactgraph.store.admission import Admission, Lane
from pactgraph.store.answers import Held, ReleaseView
from pactgraph.store.embedded import EmbeddedStore
from pactgraph.store.federation import Federation
from pactgraph.store.nesting import check_nesting
from pactgraph.store.remote import RemoteStore

_log = logging.getLogger(__name__)
_GRACE = 5
_STACK = 100 * MIB  # the engine recurses over long queries; the system's usual 8 MiB end at some thousand operators
_NICE = 5  # long queries give way to short ones and to the web process
_TICK = 0.03  # how often pebble looks whether a worker ended; its usual 0.1 is much of a limit of a second
_BEGUN = (-signal.SIGALRM, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS)  # what only a query brings a worker to
_store: EmbeddedStore | RemoteStore | None = None
_settings = ServeSettings()


def _start(source: Path | Held, settings: ServeSettings, lane: Lane) -> None:
    """Make a worker ready: index or engine, and the limits of a query; the terminal's Ctrl-C is for the server alone."""
    global _store, _settings
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    os.environ["RUST_BACKTRACE"] = "0"
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (_STACK if most == resource.RLIM_INFINITY else min(_STACK, most), most))
    if lane is Lane.GENERAL and not settings.scratch:
        os.nice(_NICE)
    _store, _settings = _open(source, settings), settings
    most_memory = _address_space() + settings.query_memory
    resource.setrlimit(resource.RLIMIT_AS, (most_memory, most_memory))


def _open(source: Path | Held, settings: ServeSettings) -> EmbeddedStore | RemoteStore:
    federation = None
    if settings.allow_service:
        federation = Federation(Door(settings.allow_service), settings.service_timeout, settings.max_bytes)
    if isinstance(source, Held):
        return RemoteStore(source, settings.max_bytes, federation=federation)
    return EmbeddedStore(source, settings.max_bytes, scratch=settings.scratch, federation=federation)


def _address_space() -> int:
    """Give what the process has mapped before its first query: code, the index, room for threads; most of it never used."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[0]) * resource.getpagesize() if statm.is_file() else 0


def _ready() -> None:
    """Do nothing: a worker that does it has started."""


def _call(seconds: float, method: str, *arguments: Any, max_rows: int = 0, **options: Any) -> tuple[Any, int | None]:
    """Call a method of the worker's store, or a function (`visit`: with the store first); give its result, and the rows of it.

    The process sets its own alarm, which ends it on time, however busy the server is, and even if it is gone.
    """
    assert _store is not None
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        if method in ("evaluate", "update", "patch_graph"):
            check_nesting(arguments[0], _settings.max_nesting)
        if method in ("apply", "visit"):
            function = arguments[0] if method == "apply" else partial(arguments[0], _store)
        else:
            function = partial(getattr(_store, method), arguments[0])
        result = function(*arguments[1:], **options)
        return result, _count(result, max_rows) if method == "evaluate" else None
    except MemoryError:
        raise memory() from None
    except (RuntimeError, ValueError, OSError) as error:
        raise QueryFailed(f"the query could not be evaluated: {error}") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _count(result: tuple[Any, ...], most: int) -> int | None:
    """Count the rows of a table. Raises ResultTooLarge past `most` (0: any number)."""
    if rows.exceeds(result[0], result[1], most):
        raise ResultTooLarge(f"the answer has more than {most:,} rows; use LIMIT, or download a dump")
    return rows.count(result[0], result[1])


def memory() -> QueryMemory:
    """Say that a query needed too much memory."""
    return QueryMemory("the query was ended because it needed more memory than a query may have; ask for less")


def death(code: int | None) -> PactgraphError:
    """Say why a worker died: the engine aborts when memory is refused, the system kills when there is none."""
    _log.warning("a query worker ended by signal %s", -(code or 0))
    if code in (-signal.SIGABRT, -signal.SIGKILL):
        return memory()
    if code in (-signal.SIGSEGV, -signal.SIGBUS):
        return BadInput("the query is too long or too deeply nested for the engine", hint="ask in parts")
    return QueryFailed("the query worker ended; ask again")


def _exit_code(error: BaseException, alive: tuple[BaseProcess, ...]) -> int | None:
    """Give how the process that had a call ended: for one that ended before pebble read that it began, ask the process."""
    if isinstance(error, ProcessExpired):
        return int(error.exitcode or 0)
    if isinstance(error, BrokenProcessPool):
        return next((process.exitcode for process in alive if process.exitcode is not None), None)
    return None


class Worker:
    """One worker process, and its successors: it is replaced when it ends."""

    def __init__(self, release: ReleaseView, settings: ServeSettings, lane: Lane, restarted: Callable[[], None]) -> None:
        """Start a process on the index of a release; `restarted` is called when one ended."""
        bare = replace(settings, token="", login=None)  # workers hold no secret but the login of an engine that has one
        self._arguments = (release.held or release.store_path, bare, lane)
        self._restarted = restarted
        self._lock = threading.Lock()
        self._running: set[ProcessFuture[Any]] = set()
        self._ended = False
        self._processes = self._make()
        self.started: ProcessFuture[None] = self._processes.schedule(_ready)

    def _make(self) -> ProcessPool:
        CONSTS.sleep_unit = _TICK
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, "pactgraph.store.reading"])
        return ProcessPool(max_workers=1, initializer=_start, initargs=self._arguments, context=context)

    @property
    def ready(self) -> bool:
        """Say whether the process has started once."""
        return self.started.done() and not self.started.cancelled() and self.started.exception() is None

    def call(self, seconds: float, method: str, *arguments: Any, **options: Any) -> tuple[Any, int | None]:
        """Call a method of the store, `seconds` at most. Raises its errors, TimeoutError, and those of pebble."""
        future, alive = self._schedule(seconds, method, *arguments, **options)
        try:
            result: tuple[Any, int | None] = future.result(timeout=2 * (seconds + _GRACE))
            return result
        except (FutureTimeout, ProcessExpired, RuntimeError) as error:
            self._restarted()
            if not future.done():  # pebble lost it
                self._replace()
            code = _exit_code(error, alive)
            if code == -signal.SIGALRM:
                raise FutureTimeout from None
            if code in _BEGUN and not isinstance(error, ProcessExpired):
                raise ProcessExpired("the query ended its worker", code=code) from None  # type: ignore[no-untyped-call]
            raise
        finally:
            future.cancel()  # type: ignore[no-untyped-call]
            with self._lock:
                self._running.discard(future)

    def _schedule(self, seconds: float, *arguments: Any, **options: Any) -> tuple[ProcessFuture[Any], tuple[BaseProcess, ...]]:
        """Hand a call over; give its future, and the processes that may take it."""
        call: dict[str, Any] = {"args": (seconds, *arguments), "kwargs": options, "timeout": seconds + _GRACE}
        with self._lock:
            try:
                future = self._processes.schedule(_call, **call)
            except RuntimeError as error:  # the process ended while idle
                if self._ended:
                    raise CancelledError from error
                _log.error("a query worker is replaced: %s", error)
                self._processes = self._make()
                future = self._processes.schedule(_call, **call)
            self._running.add(future)
            return future, tuple(self._processes._pool_manager.worker_manager.workers.copy().values())

    def _replace(self) -> None:
        with self._lock:
            old = self._processes
            if not self._ended:
                self._processes = self._make()
        old.stop()  # type: ignore[no-untyped-call]
        old.join(timeout=_GRACE)

    def end(self) -> None:
        """End the process, whatever it does; pebble alone would leave those who wait for it waiting."""
        with self._lock:
            self._ended = True
            self._processes.stop()  # type: ignore[no-untyped-call]
            running = tuple(self._running)
        for future in running:
            future.cancel()  # type: ignore[no-untyped-call]
        self._processes.join(timeout=_GRACE)


class Pool:
    """The workers of one release, and the number of requests that use them."""

    def __init__(
        self,
        release: ReleaseView,
        settings: ServeSettings,
        lanes: dict[Lane, int],
        restarted: Callable[[], None],
        admission: Admission,
    ) -> None:
        """Start the number of workers that each lane has; `admission` says who may ask them when."""
        self.release, self.admission = release, admission
        self.users = 0
        self.workers = {lane: [Worker(release, settings, lane, restarted) for _ in range(n)] for lane, n in lanes.items()}
        self._free = {lane: deque(workers) for lane, workers in self.workers.items()}

    def call(self, lane: Lane, seconds: float, method: str, *arguments: Any, **options: Any) -> tuple[Any, int | None]:
        """Call a method of the store in a worker of a lane; `Admission` lets in no more callers than there are workers."""
        worker = self._free[lane].popleft()
        try:
            return worker.call(seconds, method, *arguments, **options)
        finally:
            self._free[lane].append(worker)

    @property
    def ready(self) -> bool:
        """Say whether a worker can take a query."""
        return any(worker.ready for worker in self.workers[Lane.GENERAL])

    def end(self) -> None:
        """End the workers, whatever they do."""
        ending = [threading.Thread(target=worker.end) for workers in self.workers.values() for worker in workers]
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join()
