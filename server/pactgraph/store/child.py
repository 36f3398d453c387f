"""One child process that does what the web process must not: it is started by the first call, kept, and ended past a time.

Calls come one after the other; a few may wait. A call that is past its time ends the process, and the next one starts another.
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from pebble import ProcessFuture, ProcessPool

from pactgraph.errors import Busy

_MOST_WAITING = 8
_GRACE = 5
T = TypeVar("T")


def confine(memory: int) -> None:
    """Limit this process: its address space (bytes), no core, and Ctrl-C in the terminal is for the server alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_processor(seconds: float) -> None:
    """End this process when it has used so many seconds more (and a few), even if the server is gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds) + _GRACE
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


class Child:
    """A process for many threads."""

    def __init__(self, start: Callable[..., None], *arguments: Any) -> None:
        """Take the function that makes the process ready, and its arguments."""
        self._start, self._arguments = start, arguments
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(_MOST_WAITING)
        self._pool: ProcessPool | None = None
        self._running: set[ProcessFuture[Any]] = set()
        self._closed = False

    def call(self, seconds: float, function: Callable[..., T], *arguments: Any, first: tuple[Any, ...] = ()) -> T:
        """Call a function in the process, `seconds` at most; before it, `first` (seconds, function, argument …) if given.

        Raises its errors, TimeoutError, ProcessExpired, and Busy where too many calls wait or the process is closed.
        """
        if not self._room.acquire(blocking=False):
            raise Busy("too many requests of this kind wait; ask again", retry_after=_GRACE)
        future: ProcessFuture[T] | None = None
        try:
            future = self._schedule(seconds, function, arguments, first)
            return future.result(timeout=seconds * (_MOST_WAITING + 1) + (first[0] if first else 0) + _GRACE)
        except CancelledError:
            raise Busy("the server ends; ask again", retry_after=_GRACE) from None
        finally:
            self._room.release()
            if future:
                future.cancel()  # type: ignore[no-untyped-call]
                with self._lock:
                    self._running.discard(future)

    def _schedule(
        self, seconds: float, function: Callable[..., T], arguments: tuple[Any, ...], first: tuple[Any, ...]
    ) -> ProcessFuture[T]:
        with self._lock:
            if self._closed:
                raise Busy("the server ends; ask again", retry_after=_GRACE)
            if self._pool is None or not self._pool.active:
                context = multiprocessing.get_context("forkserver")
                self._pool = ProcessPool(max_workers=1, initializer=self._start, initargs=self._arguments, context=context)
            if first:
                self._pool.schedule(first[1], args=first[2:], timeout=first[0])
            future: ProcessFuture[T] = self._pool.schedule(function, args=arguments, timeout=seconds)
            self._running.add(future)
            return future

    def close(self) -> None:
        """End the process; whoever waits gets Busy."""
        with self._lock:
            self._closed = True
            pool, running = self._pool, tuple(self._running)
        if pool:
            pool.stop()  # type: ignore[no-untyped-call]
            for future in running:
                future.cancel()  # type: ignore[no-untyped-call]
            pool.join(timeout=_GRACE)
