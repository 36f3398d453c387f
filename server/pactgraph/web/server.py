"""`pactgraph serve`: gunicorn with one web process; its query workers do the asking."""

from __future__ import annotations

import ipaddress
import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from pactgraph.errors import BadInput
from pactgraph.files import OwnFolder
from pactgraph.release import CURRENT, Writer, open_held, open_release
from pactgraph.settings import ServeSettings
from pactgraph.store import Endpoint, QueryService, ReleaseView, ScratchService, check_uncut
from pactgraph.store.embedded import index_fault
from pactgraph.store.pools import damaged
from pactgraph.web.framing import MAX_LINE
from pactgraph.web.patience import PatientWorker

_SPARE_THREADS = 32  # besides one for each query that runs or waits
_GRACE = 8
_QUERY_GRACE = 2


def serve(settings: ServeSettings, writer: Writer | None = None) -> None:
    """Serve the current release, or that which an engine holds, until a signal ends it. Raises NoRelease, RemoteDown …

    `writer` carries out what clients write; what an engine holds is not written to.
    """
    opened = partial(open_held, Endpoint(settings.store, settings.login)) if settings.store else open_release
    release = opened(settings.releases, CURRENT)
    if release.held:
        check_uncut(release.held)
    else:
        _check_index(release)
    _run(settings, release.id, lambda: QueryService(settings, opened), writer)


def _check_index(release: ReleaseView) -> None:
    """Raise Damaged where the index cannot be opened. A child looks: the engine's threads would not survive a fork."""
    context = multiprocessing.get_context("fork")
    child = context.Process(target=lambda: os._exit(index_fault(release.store_path)))
    child.start()
    child.join()
    if child.exitcode:
        raise damaged(release)


def serve_scratch(settings: ServeSettings) -> None:
    """Serve an empty store in a temporary folder, on loopback only, until a signal ends it. Raises BadInput for other hosts."""
    if not _is_loopback(settings.host):
        raise BadInput(f"a scratch store is served on loopback only, not on {settings.host}", hint="leave --host out")
    with closing(OwnFolder("pactgraph-scratch-")) as own:
        _run(settings, "scratch", lambda: ScratchService(settings, own.path))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _run(settings: ServeSettings, name: str, make: Callable[[], QueryService], writer: Writer | None = None) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    _check_free(settings)
    sys.stdout.write(f"Pactgraph {name} on http://{host}:{settings.port}\n")
    sys.stdout.flush()
    _raise_file_limit(settings.connections)
    _Server(settings, f"{host}:{settings.port}", make, writer).run()


def _check_free(settings: ServeSettings) -> None:
    """Raise BadInput where the address cannot be listened on, before anything is started."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            fault = f"cannot listen on {settings.host}:{settings.port} ({error.strerror or error})"
            raise BadInput(fault, hint="stop what listens there, or choose another --port") from None


def _raise_file_limit(connections: int) -> None:
    """Let as many connections be open as may be, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * connections
    if soft != resource.RLIM_INFINITY and soft < wanted:
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn, configured here alone: neither its command line nor its environment is read."""

    def __init__(self, settings: ServeSettings, bind: str, make: Callable[[], QueryService], writer: Writer | None) -> None:
        self._settings, self._bind, self._make, self._writer = settings, bind, make, writer
        self._service: QueryService | None = None
        self._app: Flask | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options."""
        settings = self._settings
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": type("Worker", (PatientWorker,), {"max_body": settings.max_request}),
            "worker_connections": settings.connections,
            "threads": settings.queue + settings.workers + _SPARE_THREADS,
            "sendfile": False,  # answers go through memory, so that no thread waits for its client
            "forwarded_allow_ips": "",  # proxies are believed by the application (--trusted-proxies), not by gunicorn
            "timeout": 60,
            "graceful_timeout": _GRACE,
            "accesslog": None,
            "loglevel": "warning",
            "limit_request_line": MAX_LINE,
            "post_worker_init": self._heed_term,
            "worker_exit": self._end,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the app, in the web process: threads and query workers do not survive a fork."""
        from pactgraph.web.app import create_app

        logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
        self._service = self._make()
        self._app = create_app(self._settings, self._service, self._writer)
        return self._app

    def _heed_term(self, worker: object) -> None:
        """Let SIGTERM end the queries in flight after a moment; gunicorn alone would wait, then kill and orphan them."""
        gunicorns = signal.getsignal(signal.SIGTERM)

        def handle(number: int, frame: FrameType | None) -> None:
            if self._service:
                self._service.drain()
            timer = threading.Timer(_QUERY_GRACE, self._end, (None, worker))
            timer.daemon = True
            timer.start()
            if callable(gunicorns):
                gunicorns(number, frame)

        signal.signal(signal.SIGTERM, handle)

    def _end(self, arbiter: object, worker: object) -> None:
        if self._app:
            for name in ("checker", "maker"):
                self._app.extensions[f"pactgraph.{name}"].close()
        if self._writer:
            self._writer.close()
        if self._service:
            self._service.close()
