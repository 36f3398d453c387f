"""Who may ask now: a bounded queue in front of the query workers, fair to each client, and the query time of each.

A lane is a kind of worker. Long queries run in the general lane; the express lane ends what takes longer than an instant, which
then waits for the general lane. So short queries are answered while long ones hold every worker of the general lane.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from pactgraph.errors import Busy, OverBudget

_MINUTE = 60.0
_REMEMBERED = 10_000
_V = TypeVar("_V")


class Lane(Enum):
    """A kind of worker: for any query, or for short ones."""

    GENERAL = "general"
    EXPRESS = "express"


@dataclass
class Caller:
    """Who asks, and the limits that they set themselves: lower than the server's, never higher.

    `free` callers are not charged for query time; `asked` counts the queries of a request. `pinned` is the release that a
    request names, and `pool` the workers of the one that it asks.
    """

    client: str = "local"
    id: str = ""
    route: str = ""
    timeout: float | None = None
    max_rows: int | None = None
    free: bool = False
    asked: int = 0
    pinned: str = ""
    pool: object = None


caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


@dataclass(eq=False)
class _Waiter:
    client: str
    long: bool
    lane: Lane | None = None
    done: threading.Event = field(default_factory=threading.Event)


class Admission:
    """The queue: round robin over clients, first come first served within one."""

    def __init__(self, free: dict[Lane, int], length: int, wait: float) -> None:
        """Take the number of workers of each lane, how many queries may wait, and how long (seconds)."""
        self._free, self._length, self._wait = dict(free), length, wait
        self._lock = threading.Lock()
        self._queues: OrderedDict[str, deque[_Waiter]] = OrderedDict()
        self._slow: OrderedDict[str, float] = OrderedDict()
        self._running: Counter[str] = Counter()

    @property
    def running(self) -> int:
        """Give how many queries are in a worker."""
        with self._lock:
            return self._running.total()

    @property
    def waiting(self) -> int:
        """Give how many queries wait."""
        with self._lock:
            return self._count()

    def deadline(self) -> float:
        """Give when a query that arrives now has waited too long."""
        return time.monotonic() + self._wait

    def enter(self, client: str, deadline: float, *, long: bool = False) -> Lane:
        """Wait for a worker and give its lane; `leave` gives it back. A `long` query is for the general lane. Raises Busy."""
        waiter = _Waiter(client, long)
        with self._lock:
            self._join(waiter)
        waiter.done.wait(max(0.0, deadline - time.monotonic()))
        with self._lock:
            if waiter.lane is None:
                self._remove(waiter)
                raise self._busy()
        return waiter.lane

    def leave(self, client: str, lane: Lane, *, slow: bool) -> None:
        """Give a worker back; a client whose query was slow has no express lane for a minute."""
        with self._lock:
            self._free[lane] += 1
            self._running[client] -= 1
            if not self._running[client]:
                del self._running[client]
            if slow:
                _remember(self._slow, client, time.monotonic() + _MINUTE)
            self._serve()

    def _busy(self) -> Busy:
        return Busy("too many queries are waiting; ask again later", retry_after=math.ceil(self._wait))

    def _count(self) -> int:
        return sum(map(len, self._queues.values()))

    def _join(self, waiter: _Waiter) -> None:
        """Queue a query, and serve. A queue that is then too long loses the newest query of the client that has the most."""
        self._queues.setdefault(waiter.client, deque()).append(waiter)
        self._serve()
        if self._count() > self._length:
            longest = max(self._queues, key=lambda client: (len(self._queues[client]), client == waiter.client))
            refused = self._queues[longest][-1]
            self._remove(refused)
            refused.done.set()

    def _remove(self, waiter: _Waiter) -> None:
        queue = self._queues.get(waiter.client)
        if queue and waiter in queue:
            queue.remove(waiter)
        if queue is not None and not queue:
            del self._queues[waiter.client]

    def _serve(self) -> None:
        """Give free workers to those whose turn it is."""
        for lane in self._turns():
            client, queue = next(((c, q) for c, q in self._queues.items() if self._may(q[0], lane)), ("", None))
            if queue is None:
                continue
            waiter = queue.popleft()
            self._queues.move_to_end(client)
            if not queue:
                del self._queues[client]
            self._free[lane] -= 1
            self._running[client] += 1
            waiter.lane = lane
            waiter.done.set()

    def _turns(self) -> Iterator[Lane]:
        """Give the lane of each free worker, the general ones first."""
        for lane in Lane:
            yield from [lane] * self._free.get(lane, 0)

    def _may(self, waiter: _Waiter, lane: Lane) -> bool:
        """Say whether a query may use a lane: express is for clients with no other query in a worker, and none slow lately."""
        slow = waiter.long or self._slow.get(waiter.client, 0) > time.monotonic()
        return lane is Lane.GENERAL or not (slow or self._running[waiter.client])


class Ledger:
    """The query time that each client used lately, in seconds. It fades: of what was used a minute ago, 37 % still count."""

    def __init__(self, budget: float) -> None:
        """Take the seconds that a client may use; 0: any."""
        self._budget = budget
        self._lock = threading.Lock()
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, client: str) -> None:
        """Raise OverBudget if a client used more than its share."""
        if not self._budget:
            return
        with self._lock:
            used = self._now(client)
        if used > self._budget:
            seconds = max(1, math.ceil(_MINUTE * math.log(used / self._budget)))
            raise OverBudget(
                f"your queries used more than {self._budget:g} seconds per minute; ask again in {seconds} seconds",
                retry_after=seconds,
            )

    def charge(self, client: str, seconds: float) -> None:
        """Add the time of a query."""
        with self._lock:
            _remember(self._used, client, (self._now(client) + seconds, time.monotonic()))

    def _now(self, client: str) -> float:
        used, then = self._used.get(client, (0.0, 0.0))
        return used * math.exp((then - time.monotonic()) / _MINUTE)


def _remember(table: OrderedDict[str, _V], key: str, value: _V) -> None:
    """Set a value in a table that forgets what was set longest ago."""
    table[key] = value
    table.move_to_end(key)
    if len(table) > _REMEMBERED:
        table.popitem(last=False)
