"""The query service: asks the current release, in worker processes, when it is the caller's turn.

A pool serves one release. When `current` moves to another release, a new pool takes over; the old one ends its queries first.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pebble import ProcessExpired
from pyoxigraph import BlankNode, NamedNode, QueryResultsFormat, QuerySolutions, Variable, parse_query_results
from pyoxigraph import Literal as OxLiteral

from pactgraph.errors import (
    Busy,
    NoRelease,
    OverBudget,
    PactgraphError,
    QueryFailed,
    QueryMemory,
    QueryTimeout,
    ResultTooLarge,
    TooLong,
)
from pactgraph.settings import ServeSettings
from pactgraph.store.admission import Admission, Caller, Lane, Ledger, caller
from pactgraph.store.answers import JSON, Answer, Formats, ReleaseView, Scratch, Term
from pactgraph.store.processes import Pool, death, memory

_log = logging.getLogger(__name__)
_CHECK_EVERY = 1.0
_EXPRESS = 0.5
T = TypeVar("T")


@dataclass
class Outcome:
    """What became of one query, for the log and the metrics. Times in seconds; `ended` says which limit ended it, if any."""

    caller: Caller
    text: str
    release: str = ""
    status: int = 200
    ended: str = ""
    wait: float = 0.0
    duration: float = 0.0
    rows: int | None = None
    size: int | None = None


_ENDED: dict[type[PactgraphError], str] = {
    QueryTimeout: "time",
    QueryMemory: "memory",
    ResultTooLarge: "size",
    QueryFailed: "crash",
    Busy: "queue",
    OverBudget: "budget",
}


class QueryService:
    """Asks the current release. Safe to use from many threads; make it after a fork, never before.

    `observe` is called with what became of each query; `restarts` counts the worker processes that were ended and replaced.
    """

    def __init__(self, settings: ServeSettings, open_current: Callable[[Path], ReleaseView]) -> None:
        """Take the settings and the function that opens the current release. Raises NoRelease."""
        self._settings, self._open = settings, open_current
        self._lock = threading.Lock()
        self._closed = self._draining = False
        self._lanes = {Lane.GENERAL: 1} if settings.scratch else {Lane.GENERAL: settings.workers, Lane.EXPRESS: 1}
        self.admission = Admission(self._lanes, settings.queue, settings.queue_wait)
        self.observe: Callable[[Outcome], None] = lambda outcome: None
        self.restarts = 0
        self._ledger = Ledger(0 if settings.scratch else settings.budget)
        self._pool = self._make(open_current(settings.releases))
        self._checked = time.monotonic()

    def _make(self, release: ReleaseView) -> Pool:
        return Pool(release, self._settings, self._lanes, self._count_restart)

    def _count_restart(self) -> None:
        self.restarts += 1

    @property
    def release(self) -> ReleaseView:
        """Give the release that is served now."""
        return self._current().release

    @property
    def ready(self) -> bool:
        """Say whether a query would be taken: workers have started, and the server is not ending."""
        return not (self._closed or self._draining) and self._pool.ready

    def drain(self) -> None:
        """Say from now on that the server is not ready: it ends soon."""
        self._draining = True

    def query(
        self,
        text: str,
        *,
        accept: Formats | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str | None = None,
    ) -> Answer:
        """Evaluate a query in a worker; the graphs given replace the query's own; `base` is that of relative IRIs.

        Raises QuerySyntax, QueryRefused, NotAcceptable, BadInput, QueryTimeout, ResultTooLarge, QueryMemory, QueryFailed,
        TooLong, Busy and OverBudget.
        """
        graphs = (tuple(default_graphs), tuple(named_graphs), base)
        (body, media_type, left_off), release = self._ask("evaluate", text, accept or Formats(), *graphs)
        return Answer(body, media_type, release, left_off)

    def _ask(self, method: str, text: Any, *arguments: Any, **options: Any) -> tuple[Any, str]:
        """Call a method of the store in a worker when it is this caller's turn; give the result and the release asked."""
        who = caller.get() or Caller()
        who.asked += 1
        outcome = Outcome(who, text if isinstance(text, str) else "")
        try:
            if len(outcome.text.encode("utf-8", "replace")) > self._settings.max_query:
                raise TooLong(f"the query is longer than {self._settings.max_query:,} bytes; ask in parts")
            if not who.free:
                self._ledger.check(who.client)
            return self._in_turn(outcome, method, text, *arguments, **options)
        except PactgraphError as error:
            outcome.status, outcome.ended = error.status, _ENDED.get(type(error), "")
            raise
        finally:
            self.observe(outcome)

    def _in_turn(self, outcome: Outcome, method: str, *arguments: Any, **options: Any) -> tuple[Any, str]:
        """Wait for a worker, and ask it; what the express lane ended waits again, for the general one."""
        who, deadline, long = outcome.caller, self.admission.deadline(), False
        limit = min(self._settings.query_timeout, who.timeout or self._settings.query_timeout)
        if method == "evaluate":
            options["max_rows"] = min(filter(None, (self._settings.max_rows, who.max_rows)), default=0)
        express = min(_EXPRESS, limit / 2)
        while True:
            arrived = time.monotonic()
            try:
                lane = self.admission.enter(who.client, deadline, long=long)
            finally:
                outcome.wait += time.monotonic() - arrived
            long = lane is Lane.EXPRESS
            seconds = express if long else limit - outcome.duration
            started = time.monotonic()
            try:
                with self._lease() as pool:
                    outcome.release = pool.release.id
                    result, outcome.rows = self._call(pool, lane, seconds, method, *arguments, **options)
                    outcome.size = len(result[0]) if method == "evaluate" else None
                    return result, pool.release.id
            except FutureTimeout:
                if not long:
                    raise QueryTimeout(
                        f"the query was ended after {limit:g} seconds; ask for less, or download a dump"
                    ) from None
            finally:
                spent = time.monotonic() - started
                outcome.duration += spent
                self._ledger.charge(who.client, spent)
                self.admission.leave(who.client, lane, slow=spent >= express)

    def _call(self, pool: Pool, lane: Lane, seconds: float, method: str, *arguments: Any, **options: Any) -> Any:
        try:
            return pool.call(lane, seconds, method, *arguments, **options)
        except FutureTimeout:
            raise
        except ProcessExpired as error:
            raise death(error.exitcode) from None
        except MemoryError:
            raise memory() from None
        except CancelledError:
            raise Busy("the query was ended because the server ends; ask again", retry_after=5) from None
        except RuntimeError as error:
            _log.error("a query worker ended: %r", error)
            raise QueryFailed("the query worker ended; ask again") from None

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

    def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function of ours in a worker: for what reads data that others wrote. Raises as `query` does."""
        result: T = self._ask("apply", function, *arguments)[0]
        return result

    def close(self) -> None:
        """End every worker; queries in flight fail."""
        with self._lock:
            self._closed = True
        self._pool.end()

    @contextmanager
    def _lease(self) -> Iterator[Pool]:
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

    def _current(self) -> Pool:
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

    def _move(self, release: ReleaseView) -> None:
        fresh = self._make(release)
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
        return bool(self._ask("has_graph", name)[0])

    def write_graph(self, name: str | None, ntriples: bytes, *, replace: bool) -> bool:
        """Put triples in a graph, or add them; say whether the graph is new."""
        return bool(self._write("write_graph", name, ntriples, replace=replace))

    def drop_graph(self, name: str | None) -> None:
        """Remove a graph."""
        self._write("drop_graph", name)

    def _write(self, method: str, *arguments: object, **options: object) -> Any:
        try:
            return self._ask(method, *arguments, **options)[0]
        finally:
            self._version.count += 1


def _over_time(limit: float) -> QueryTimeout:
    return QueryTimeout(f"the query was ended after {limit:g} seconds; ask for less, or download a dump")


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
