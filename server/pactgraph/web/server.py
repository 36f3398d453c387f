"""`pactgraph serve`: gunicorn with one web process; its query workers do the asking."""

from __future__ import annotations

import ipaddress
import logging
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from pactgraph.errors import BadInput
from pactgraph.release import open_current
from pactgraph.settings import ServeSettings
from pactgraph.store import QueryService, ScratchService

_THREADS = 8
_GRACE = 8
_QUERY_GRACE = 2


def serve(settings: ServeSettings) -> None:
    """Serve the current release until a signal ends it. Raises NoRelease."""
    release = open_current(settings.releases)
    _run(settings, release.id, lambda: QueryService(settings, open_current))


def serve_scratch(settings: ServeSettings) -> None:
    """Serve an empty store in a temporary folder, on loopback only, until a signal ends it. Raises BadInput for other hosts."""
    if not _is_loopback(settings.host):
        raise BadInput(f"a scratch store is served on loopback only, not on {settings.host}", hint="leave --host out")
    with tempfile.TemporaryDirectory(prefix="pactgraph-scratch-") as folder:
        _run(settings, "scratch", lambda: ScratchService(settings, Path(folder)))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _run(settings: ServeSettings, name: str, make: Callable[[], QueryService]) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    sys.stdout.write(f"Pactgraph {name} on http://{host}:{settings.port}\n")
    sys.stdout.flush()
    _Server(settings, f"{host}:{settings.port}", make).run()


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn, configured here alone: neither its command line nor its environment is read."""

    def __init__(self, settings: ServeSettings, bind: str, make: Callable[[], QueryService]) -> None:
        self._settings, self._bind, self._make = settings, bind, make
        self._service: QueryService | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options."""
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": _THREADS,
            "timeout": 60,
            "graceful_timeout": _GRACE,
            "accesslog": None,
            "loglevel": "warning",
            "limit_request_line": 8190,
            "post_worker_init": self._heed_term,
            "worker_exit": self._end,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the app, in the web process: threads and query workers do not survive a fork."""
        from pactgraph.web import create_app

        logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
        self._service = self._make()
        return create_app(self._settings, self._service)

    def _heed_term(self, worker: object) -> None:
        """Let SIGTERM end the queries in flight after a moment; gunicorn alone would wait, then kill and orphan them."""
        gunicorns = signal.getsignal(signal.SIGTERM)

        def handle(number: int, frame: FrameType | None) -> None:
            timer = threading.Timer(_QUERY_GRACE, self._end, (None, worker))
            timer.daemon = True
            timer.start()
            if callable(gunicorns):
                gunicorns(number, frame)

        signal.signal(signal.SIGTERM, handle)

    def _end(self, arbiter: object, worker: object) -> None:
        if self._service:
            self._service.close()
