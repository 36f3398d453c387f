"""The query service: asks a release, in worker processes, when it is the caller's turn.

All queries of a request ask the same release, whatever happens to `current` meanwhile.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pebble import ProcessExpired

from pactgraph.errors import (
    Busy,
    NotFound,
    OverBudget,
    PactgraphError,
    QueryFailed,
    QueryMemory,
    QueryTimeout,
    ReleaseMoved,
    RemoteDown,
    RemoteFailed,
    RemoteTimeout,
    ResultTooLarge,
    TooLong,
)
from pactgraph.settings import ServeSettings
from pactgraph.store.admission import Admission, Caller, Lane, Ledger, caller
from pactgraph.store.answers import JSON, Answer, Formats, ReleaseView, Scratch, Term, rows_of
from pactgraph.store.guard import names_service
from pactgraph.store.pools import Opener, Pools
from pactgraph.store.processes import Pool, death, memory

_log = logging.getLogger(__name__)
_EXPRESS = 0.5
_MOVING = 0.25  # how often to look whether an engine has settled on a release
_READING = ("evaluate", "visit", "apply", "has_graph")  # what may be done twice
_TIMES = 3  # how often a query is given to a worker that is lost before it begins
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
    ReleaseMoved: "store",
    RemoteDown: "store",
    RemoteFailed: "store",
    RemoteTimeout: "store",
}


def _ended(error: RuntimeError) -> QueryFailed:
    """Say that a worker was lost for a reason that is only for the log."""
    _log.error("a query worker ended: %r", error)
    return QueryFailed("the query worker ended; ask again")


class QueryService:
    """Asks the current release. Safe to use from many threads; make it after a fork, never before.

    `observe` is called with what became of each query; `restarts` counts the worker processes that were ended and replaced.
    """

    def __init__(self, settings: ServeSettings, open_release: Opener) -> None:
        """Take the settings and the function that opens a release, `current` or by its identifier. Raises NoRelease."""
        self._settings = settings
        self._closed = self._draining = False
        lanes = {Lane.GENERAL: 1} if settings.scratch else {Lane.GENERAL: settings.workers, Lane.EXPRESS: 1}
        self.admission = Admission(lanes, settings.queue, settings.queue_wait)
        self.observe: Callable[[Outcome], None] = lambda outcome: None
        self.restarts = 0
        self._ledger = Ledger(0 if settings.scratch else settings.budget)
        self._pools = Pools(settings, lanes, self.admission, open_release, self._count_restart)

    def _count_restart(self) -> None:
        self.restarts += 1

    @property
    def release(self) -> ReleaseView:
        """Give the release that this request asks: the current one, or the one that it names. Raises NotFound and Busy."""
        with self._lease(caller.get() or Caller()) as pool:
            return pool.release

    @property
    def ready(self) -> bool:
        """Say whether a query would be taken: workers have started, and the server is not ending."""
        return not (self._closed or self._draining) and self._pools.ready

    def forget(self, who: Caller) -> None:
        """Let go of the release that a request asked: it has ended, or has made another release the current one."""
        pool, who.pool = who.pool, None
        if isinstance(pool, Pool):
            self._pools.give_back(pool)

    def look_again(self) -> bool:
        """Move to the current release at once: this request has made it, or found it; say whether there is one."""
        self.forget(caller.get() or Caller())
        return self._pools.look_again()

    def settled(self, deadline: float = 0.0) -> bool:
        """Wait until there is a release again that this request can ask (a deadline of its own if none is given)."""
        deadline = deadline or self.admission.deadline()
        while not self.look_again():
            if time.monotonic() > deadline:
                return False
            time.sleep(_MOVING)
        return True

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
        as_of: date | None = None,
    ) -> Answer:
        """Evaluate a query in a worker; the graphs given replace the query's own; `base` is that of relative IRIs.

        `as_of` adds the view of a day (`store.days`), which the worker makes on first use.

        Raises QuerySyntax, QueryRefused, NotAcceptable, BadInput, QueryTimeout, ResultTooLarge, QueryMemory, QueryFailed,
        TooLong, Busy and OverBudget.
        """
        graphs = (tuple(default_graphs), tuple(named_graphs), base, as_of)
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

    def _in_turn(self, outcome: Outcome, *arguments: Any, **options: Any) -> tuple[Any, str]:
        """Ask in turn; where an engine moved meanwhile, ask again when it has, unless the request has answers already."""
        deadline, begun = self.admission.deadline(), outcome.caller.pool is not None
        while True:
            try:
                return self._once(outcome, *arguments, **options)
            except ReleaseMoved:
                if begun or not self.settled(deadline):
                    raise

    def _once(self, outcome: Outcome, method: str, *arguments: Any, **options: Any) -> tuple[Any, str]:
        """Ask the release of the request in turn."""
        with self._lease(outcome.caller) as pool:
            outcome.release = pool.release.id
            result, outcome.rows = self._of(pool, outcome, method, *arguments, **options)
            outcome.size = len(result[0]) if method == "evaluate" else None
            return result, pool.release.id

    def _of(self, pool: Pool, outcome: Outcome, method: str, *arguments: Any, **options: Any) -> Any:
        """Wait for a worker, and ask it; what the express lane ended waits again, for the general one."""
        who, deadline = outcome.caller, pool.admission.deadline()
        long = bool(self._settings.allow_service) and names_service(outcome.text)  # others are asked once, and take their time
        limit = min(self._settings.query_timeout, who.timeout or self._settings.query_timeout)
        if method == "evaluate":
            options["max_rows"] = min(filter(None, (self._settings.max_rows, who.max_rows)), default=0)
        express, lost = min(_EXPRESS, limit / 2), 0
        while (left := limit - outcome.duration) > 0:
            arrived = time.monotonic()
            try:
                lane = pool.admission.enter(who.client, deadline, long=long)
            finally:
                outcome.wait += time.monotonic() - arrived
            long = lane is Lane.EXPRESS
            started = time.monotonic()
            try:
                return self._call(pool, lane, express if long else left, method, *arguments, **options)
            except FutureTimeout:
                if not long:
                    break
            except BrokenProcessPool as error:  # it ended before it was seen to begin: nothing is known against the query
                lost += 1
                if lost == _TIMES or method not in _READING:
                    raise _ended(error) from None
            finally:
                spent = time.monotonic() - started
                outcome.duration += spent
                self._ledger.charge(who.client, spent)
                pool.admission.leave(who.client, lane, slow=spent >= express)
        raise QueryTimeout(f"the query was ended after {limit:g} seconds; ask for less, or download a dump")

    def _call(self, pool: Pool, lane: Lane, seconds: float, method: str, *arguments: Any, **options: Any) -> Any:
        try:
            return pool.call(lane, seconds, method, *arguments, **options)
        except (FutureTimeout, BrokenProcessPool):
            raise
        except ProcessExpired as error:
            raise death(error.exitcode) from None
        except MemoryError:
            raise memory() from None
        except CancelledError:
            raise Busy("the query was ended because the server ends; ask again", retry_after=5) from None
        except RuntimeError as error:
            raise _ended(error) from None

    def rows(self, text: str, as_of: date | None = None) -> list[dict[str, Term]]:
        """Give the solutions of a SELECT of ours; unbound variables are absent. Raises as `query` does."""
        body = self.query(text, accept=Formats(JSON, None), as_of=as_of).body
        return rows_of(body)

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

    def visit(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function of ours in a worker, its store first: for what takes many small queries. Raises as `query` does."""
        result: T = self._ask("visit", function, *arguments)[0]
        return result

    def close(self) -> None:
        """End every worker; queries in flight fail."""
        self._closed = True
        self._pools.close()

    @contextmanager
    def _lease(self, who: Caller) -> Iterator[Pool]:
        """Give the pool of the release that is asked: for a request the same each time, until `forget`."""
        pool = who.pool if isinstance(who.pool, Pool) else self._pools.take(who.pinned)
        if who.id:  # a request, which ends
            who.pool = pool
        try:
            yield pool
        finally:
            if not who.id:
                self._pools.give_back(pool)


class ScratchService(QueryService):
    """A service on an empty store that may be written to; each write gives the store another version."""

    def __init__(self, settings: ServeSettings, folder: Path) -> None:
        """Take the settings and the folder that holds the store."""
        self._version = Scratch(folder)
        super().__init__(settings, self._open)

    def _open(self, releases: Path, identifier: str) -> ReleaseView:
        """Give the store as it is now, which is all that there is. Raises NotFound for any other version."""
        if identifier not in ("current", self._version.id):
            raise NotFound(f"there is no release {identifier!r}: this is a store for trying things")
        return self._version

    def update(self, text: str, *, using: Sequence[str] = (), using_named: Sequence[str] = (), base: str) -> None:
        """Carry an update out, whole or not at all. Raises as `EmbeddedStore.update` and `query` do."""
        self._write("update", text, tuple(using), tuple(using_named), base)

    def has_graph(self, name: str) -> bool:
        """Say whether there is a named graph."""
        return bool(self._ask("has_graph", name)[0])

    def write_graph(self, name: str | None, ntriples: bytes, *, replace: bool) -> bool:
        """Put triples in a graph, or add them; say whether the graph is new."""
        return bool(self._write("write_graph", name, ntriples, replace=replace))

    def patch_graph(self, name: str | None, text: str, *, base: str) -> None:
        """Carry an update out within a graph. Raises as `EmbeddedStore.patch_graph` and `query` do."""
        self._write("patch_graph", text, name, base=base)

    def drop_graph(self, name: str | None) -> None:
        """Remove a graph."""
        self._write("drop_graph", name)

    def _write(self, method: str, *arguments: object, **options: object) -> Any:
        try:
            return self._ask(method, *arguments, **options)[0]
        finally:
            self._version.count += 1
