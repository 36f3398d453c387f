"""The releases that are asked: the current one, and a few that queries pin. Each has a pool of workers of its own.

When `current` moves to another release, a new pool takes over; the old one ends when the last request that asks it has ended.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from pactgraph.errors import Busy, Damaged, NoRelease, RemoteDown, RemoteFailed
from pactgraph.settings import ServeSettings
from pactgraph.store.admission import Admission, Lane
from pactgraph.store.answers import ReleaseView
from pactgraph.store.embedded import index_fault
from pactgraph.store.processes import Pool

_log = logging.getLogger(__name__)
_CHECK_EVERY = 1.0
_PINNED = {Lane.GENERAL: 1}
Opener = Callable[[Path, str], ReleaseView]


def damaged(release: ReleaseView) -> Damaged:
    """Say that the index of a release cannot be opened, and what to do."""
    return Damaged(
        f"the index of {release.id} cannot be opened: make it anew with `pactgraph release mend {release.id}`, "
        "or make another release the current one with `pactgraph release rollback`"
    )


class Pools:
    """Pools by release. Safe to use from many threads."""

    def __init__(
        self,
        settings: ServeSettings,
        lanes: dict[Lane, int],
        admission: Admission,
        open_release: Opener,
        restarted: Callable[[], None],
    ) -> None:
        """Take what opens a release by its identifier or as `current`, and start the workers. Raises NoRelease."""
        self._settings, self._lanes, self._admission = settings, lanes, admission
        self._open, self._restarted = open_release, restarted
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._pinned: OrderedDict[str, Pool] = OrderedDict()
        self._current = self._make(self._opened("current"))
        self._checked = time.monotonic()

    @property
    def ready(self) -> bool:
        """Say whether a worker of the current release has started."""
        return self._current.ready

    def take(self, identifier: str = "") -> Pool:
        """Give the pool of a release, of the current one if none is named; `give_back` ends that it is needed.

        Raises NotFound for a release that is not there, and Busy where too many releases are asked at once.
        """
        pool = self._now()
        if identifier and identifier != pool.release.id:
            return self._pin(identifier)
        with self._lock:
            pool = self._current
            pool.users += 1
        return pool

    def give_back(self, pool: Pool) -> None:
        """Take note that a request needs a pool no longer."""
        with self._lock:
            pool.users -= 1
            over = not pool.users and pool is not self._current and pool not in self._pinned.values()
        if over:
            pool.end()

    def look_again(self) -> bool:
        """Look at once which release is current: it was changed here, or by who publishes to an engine. Say if there is one."""
        return self._look()

    def close(self) -> None:
        """End every worker; queries in flight fail."""
        for pool in (self._current, *self._pinned.values()):
            pool.end()

    def _now(self) -> Pool:
        """Give the pool of the current release; look whether it moved, once a second at most."""
        with self._lock:
            now = time.monotonic()
            if now - self._checked < _CHECK_EVERY:
                return self._current
            self._checked = now
        self._look()
        return self._current

    def _look(self) -> bool:
        with self._looking:
            try:
                release = self._opened("current", but=self._current.release.id)
            except (NoRelease, RemoteDown, RemoteFailed) as error:
                _log.warning("%s", error.detail)
                return False
            served = self._current.release
            if (release.id, release.held) != (served.id, served.held):
                self._move(release)
            return True

    def _move(self, release: ReleaseView) -> None:
        fresh = self._make(release)
        with self._lock:
            old, self._current = self._current, fresh
            idle = not old.users
        if idle:
            old.end()

    def _pin(self, identifier: str) -> Pool:
        """Give the pool of another release: one worker, with a queue of its own; the one asked longest ago makes room."""
        release = self._opened(identifier, but=next(iter(self._pinned.keys() & {identifier}), ""))
        gone = None
        with self._lock:
            pool = self._pinned.get(release.id)
            if pool is None:
                gone = self._make_room()
                admission = Admission(_PINNED, self._settings.queue, self._settings.queue_wait)
                pool = Pool(release, self._settings, _PINNED, self._restarted, admission)
                self._pinned[release.id] = pool
            self._pinned.move_to_end(release.id)
            pool.users += 1
        if gone:
            gone.end()
        return pool

    def _opened(self, identifier: str, but: str = "") -> ReleaseView:
        """Open a release; one that is not served yet (`but` is) only if its index can be opened too.

        Raises NotFound, Gone, NoRelease and Damaged.
        """
        release = self._open(self._settings.releases, identifier)
        if release.id != but and not (self._settings.scratch or release.held) and index_fault(release.store_path):
            raise damaged(release)
        return release

    def _make_room(self) -> Pool | None:
        if len(self._pinned) < self._settings.pinned:
            return None
        idle = next((name for name, pool in self._pinned.items() if not pool.users), None)
        if idle is None:
            raise Busy(f"{len(self._pinned)} other releases are being asked, which is all at once; ask again", retry_after=5)
        return self._pinned.pop(idle)

    def _make(self, release: ReleaseView) -> Pool:
        return Pool(release, self._settings, self._lanes, self._restarted, self._admission)
