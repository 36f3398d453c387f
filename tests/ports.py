"""Ports for servers of the tests: no two test processes try the same, and none goes to a client before its server listens."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket

_EACH = 1000
_FIRST = 12_000 + os.getpid() % 20 * _EACH  # below those that the system gives to clients
_ports = itertools.cycle(range(_FIRST, _FIRST + _EACH))


def free_port() -> int:
    """Give a port of the loopback address that nobody listens on, each time another one."""
    for port in itertools.islice(_ports, _EACH):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"no port from {_FIRST} to {_FIRST + _EACH} is free")
