"""A gunicorn worker that slow clients cannot stop: threads run the application, and nothing but the application.

Requests are collected, and answers sent, by the one loop that waits for all connections at once. A thread gets a request that
has arrived whole, and gives back an answer that waits here until its client has taken it. Each phase has its time.
"""

from __future__ import annotations

import contextlib
import errno
import json
import selectors
import socket
import struct
import threading
import time
from collections import deque
from concurrent.futures import Future
from http import HTTPStatus
from typing import Any

from gunicorn.http import errors as faults
from gunicorn.workers.gthread import TConn, ThreadWorker

from pactgraph.settings import MIB
from pactgraph.web.framing import Framer

READ_SECONDS = 20.0  # for a whole request, from its connection or its first byte
IDLE_SECONDS = 30.0  # between two requests
WRITE_SECONDS = 30.0  # for an answer, and as long again for each
WRITE_RATE = 32 * 1024  # bytes per second that a client takes
LINGER_SECONDS = 2.0
MAX_HELD = 256 * MIB  # of requests and answers together, in memory
_HIGH = 8 * MIB  # of an answer that is still being written; its thread waits
_PIECE = 64 * 1024
_SWEEP = 0.25
_STATUS: dict[type[Exception], int] = {
    faults.LimitRequestLine: 414,
    faults.LimitRequestHeaders: 431,
    faults.ExpectationFailed: 417,
    faults.UnsupportedTransferCoding: 501,
}


class _Connection:
    """A client's connection: what arrived of its next request, and what it has not yet taken of its last answer."""

    def __init__(self, sock: socket.socket, address: Any, server: Any, limit: int) -> None:
        self.sock, self.address, self.server, self._limit = sock, address, server, limit
        self.state = "reading"
        self.inbox = bytearray()
        self.outbox: deque[memoryview] = deque()
        self.lock = threading.Condition()
        self.last = self.dead = self.notified = False
        self.held = self.taken = 0
        self.events = 0
        self.begin(READ_SECONDS)

    def begin(self, seconds: float) -> None:
        """Wait for a request."""
        self.state, self.framer, self.continued = "reading", Framer(self._limit), False
        self.deadline = time.monotonic() + seconds

    def send(self) -> None:
        """Send what the client takes now. Raises OSError."""
        with self.lock:
            while self.outbox:
                try:
                    sent = self.sock.send(self.outbox[0])
                except BlockingIOError:
                    return
                self.held -= sent
                self.taken += sent
                rest = self.outbox.popleft()[sent:]
                if rest:
                    self.outbox.appendleft(rest)
            self.lock.notify_all()

    def overdue(self, now: float) -> bool:
        """Say whether the time of this phase is over; an answer has more the longer it is."""
        if self.state == "running" and not self.held:
            return False
        return now > self.deadline + (self.taken / WRITE_RATE if self.held else 0)

    def close(self) -> None:
        """Close it; an answer that was not taken whole ends in a reset, so that it never looks whole."""
        with self.lock, contextlib.suppress(OSError):
            self.dead = True
            if self.held:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.sock.close()
            self.outbox.clear()
            self.held = 0
            self.lock.notify_all()


class _Wire:
    """What a thread has for a socket: reads the request that arrived, and writes to memory."""

    def __init__(self, connection: _Connection, request: bytes, wake: Any) -> None:
        self._connection, self._request, self._wake = connection, request, wake
        self.last, self.wrote = connection.last, False

    def recv(self, size: int, flags: int = 0) -> bytes:
        piece, self._request = self._request[:size], self._request[size:]
        return piece

    @property
    def unread(self) -> bool:
        return bool(self._request)

    def sendall(self, data: bytes) -> None:
        """Send what the client takes now, keep the rest; wait where too much of a file is kept. Raises BrokenPipeError."""
        connection = self._connection
        self.wrote = True
        with connection.lock:
            begins = not connection.held
            if begins:
                connection.deadline = time.monotonic() + WRITE_SECONDS
            connection.outbox.append(memoryview(bytes(data)))
            connection.held += len(data)
            with contextlib.suppress(OSError):
                connection.send()
            if begins:
                connection.taken = 0  # what went now may lie in the system's buffers
            if connection.held and not connection.notified:
                connection.notified = True
                self._wake(connection)
            connection.lock.wait_for(lambda: connection.dead or connection.held <= _HIGH or len(data) > _HIGH)
            if connection.dead:
                raise BrokenPipeError(errno.EPIPE, "the client is gone")

    def send(self, data: bytes) -> int:
        """Drop an interim answer (100): the request is here already."""
        return len(data)

    def gettimeout(self) -> None:
        return None

    def settimeout(self, seconds: float | None) -> None: ...

    def setblocking(self, blocking: bool) -> None: ...

    def shutdown(self, how: int) -> None: ...

    def close(self) -> None: ...


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Gunicorn's threaded worker, with connections that wait in its loop."""

    max_body = MIB

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Take what gunicorn gives."""
        super().__init__(*arguments, **options)
        self._connections: dict[_Connection, None] = {}
        self._swept = 0.0

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection; where there are too many, the one that has waited longest goes."""
        try:
            sock, address = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self._make_room()
            return
        if len(self._connections) >= self.worker_connections - 1:
            self._make_room()
        sock.setblocking(False)
        connection = _Connection(sock, address, listener.getsockname(), self.max_body)
        self._connections[connection] = None
        self.nr_conns = len(self._connections)
        self._watch(connection, selectors.EVENT_READ)

    def _make_room(self) -> None:
        waiting = next((c for c in self._connections if c.state in ("reading", "lingering")), None)
        if waiting:
            self._drop(waiting)

    def _watch(self, connection: _Connection, events: int) -> None:
        """Have the loop wait for a connection to be readable or writable, or (0) for neither."""
        if events == connection.events:
            return
        if connection.events:
            self.poller.unregister(connection.sock)
        if events:
            wanted = self._on_readable if events == selectors.EVENT_READ else self._on_writable
            self.poller.register(connection.sock, events, lambda sock: wanted(connection))
        connection.events = events

    def _drop(self, connection: _Connection) -> None:
        if self._connections.pop(connection, self) is self:
            return
        self._watch(connection, 0)
        connection.close()
        self.nr_conns = len(self._connections)

    def _on_readable(self, connection: _Connection) -> None:
        try:
            data = connection.sock.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(connection)
        elif connection.state == "reading":
            if not connection.inbox:
                connection.deadline = time.monotonic() + READ_SECONDS
            connection.inbox += data
            self._advance(connection)

    def _advance(self, connection: _Connection) -> None:
        """Hand a request over if it is all there."""
        frame = connection.framer.find(connection.inbox)
        if frame is None:
            if connection.framer.expects and not connection.continued:
                connection.continued = True
                with contextlib.suppress(OSError):
                    connection.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        if frame.refuse:
            self._refuse(connection, frame.refuse)
            return
        self._watch(connection, 0)
        request = bytes(connection.inbox[: frame.length])
        del connection.inbox[: frame.length]
        connection.state, connection.last = "running", frame.last
        wire = _Wire(connection, request, lambda c: self.method_queue.defer(self._want_write, c))
        job = TConn(self.cfg, wire, connection.address, connection.server)
        job.data_ready = True
        future = self.tpool.submit(self.handle, job)
        future.add_done_callback(lambda done: self.method_queue.defer(self._on_done, connection, job, done))

    def _want_write(self, connection: _Connection) -> None:
        """Send the rest of an answer as the client takes it."""
        if connection in self._connections and connection.held:
            self._watch(connection, selectors.EVENT_WRITE)

    def _on_writable(self, connection: _Connection) -> None:
        try:
            connection.send()
        except OSError:
            self._drop(connection)
            return
        with connection.lock:
            taken = not connection.held
            connection.notified = connection.notified and not taken
        if taken:
            self._watch(connection, 0)
            if connection.state == "writing":
                self._next(connection)

    def _on_done(self, connection: _Connection, job: Any, done: Future[Any]) -> None:
        """Go on when the application is done: send the rest of the answer, then wait for the next request, or close."""
        if connection not in self._connections:
            return
        kept = not done.cancelled() and done.exception() is None and done.result() is True
        clean = not job.sock.unread and not (job.parser and job.parser.unreader.buf.getvalue())
        connection.last = connection.last or not kept or not clean or not self.alive
        connection.state = "writing"
        if connection.held:
            self._watch(connection, selectors.EVENT_WRITE)
        elif not job.sock.wrote:
            self._drop(connection)
        else:
            self._next(connection)

    def _next(self, connection: _Connection) -> None:
        connection.notified = False
        if connection.last:
            self._linger(connection)
            return
        connection.begin(READ_SECONDS if connection.inbox else IDLE_SECONDS)
        self._watch(connection, selectors.EVENT_READ)
        self._connections[connection] = self._connections.pop(connection)
        if connection.inbox:
            self._advance(connection)

    def _linger(self, connection: _Connection) -> None:
        """Say that nothing more comes, and read on for a moment, so that the answer is not lost (RFC 9112, section 9.6)."""
        connection.inbox.clear()
        connection.state, connection.deadline = "lingering", time.monotonic() + LINGER_SECONDS
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(connection)
            return
        self._watch(connection, selectors.EVENT_READ)

    def _refuse(self, connection: _Connection, status: int) -> None:
        """Answer a request that no thread sees."""
        with contextlib.suppress(OSError):
            connection.sock.send(_problem(status, ""))
        self._linger(connection)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Let gunicorn answer a request, and say so where it is the last of its connection."""
        if conn.sock.last:
            req.force_close()
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what gunicorn could not parse, as everything is answered here: problem+json."""
        status = _STATUS.get(type(exc), 400 if isinstance(exc, faults.ParseException) else 500)
        if status == 500:
            self.log.exception("Error handling a request")
        with contextlib.suppress(OSError):
            client.sendall(_problem(status, str(exc) if status < 500 else ""))

    def murder_keepalived(self, force: bool = False) -> None:
        """Close what is overdue, and what is idle once the server ends; gunicorn calls it in each turn of its loop."""
        now = time.monotonic()
        if not force and now < self._swept + _SWEEP:
            return
        self._swept = now
        for connection in list(self._connections):
            idle = connection.state == "reading" and not connection.inbox
            if force or (idle and not self.alive) or connection.overdue(now):
                self._expire(connection)
        self._bound_memory()

    def _expire(self, connection: _Connection) -> None:
        if connection.state == "reading" and connection.inbox:
            self._refuse(connection, 408)
        else:
            self._drop(connection)

    def _bound_memory(self) -> None:
        """Drop the connections that hold most of what is held, longest first, until what is held fits."""
        held = sum(len(c.inbox) + c.held for c in self._connections)
        for connection in sorted(self._connections, key=lambda c: c.deadline) if held > MAX_HELD else ():
            size = len(connection.inbox) + connection.held
            if size > _PIECE:
                self._drop(connection)
                held -= size
            if held <= MAX_HELD:
                return


def _problem(status: int, detail: str) -> bytes:
    """Give a whole answer for what the application never saw."""
    title = HTTPStatus(status).phrase
    detail = detail or HTTPStatus(status).description or title
    members = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    body = (json.dumps(members) + "\n").encode()
    head = f"HTTP/1.1 {status} {title}\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n"
    return (
        f"{head}X-Content-Type-Options: nosniff\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n".encode() + body
    )
