"""The one door to the network: whom this program may ask, for how long and for how much. Nothing else opens a connection.

There are two ways out: `Door`, to servers that a query or a register names, and `Line`, to an engine that the operator names.

Through the door, an address is on the list, or it is not asked; so is each that it redirects to. A name that leads to an
address which is not public (RFC 6890: loopback, private, link-local …) is not asked either, unless the list has that address
itself. The connection goes to the address that was looked at, so that a name cannot lead elsewhere a moment later.
"""

from __future__ import annotations

import http.client
import ipaddress
import os
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.response import HTTPResponse

from pactgraph.errors import BadInput, RemoteDown, RemoteFailed, RemoteTimeout, ResultTooLarge
from pactgraph.settings import Login

USER_AGENT = f"Pactgraph/{version('pactgraph')} (https://w3id.org/pactgraph/)"
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 3
_CHUNK = 64 * 1024
_CONNECT = 5.0
LOGIN = "PACTGRAPH_LOGIN"
Fields: TypeAlias = Mapping[str, str | Sequence[str]]
_TRANSLATED = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


@dataclass(frozen=True)
class Reply:
    """What another server answered: status, media type (lower case, without parameters), the whole body, and the headers.

    `framed`: the headers told where the body ends, so that it cannot have been cut off.
    """

    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    framed: bool = True

    @property
    def first_line(self) -> str:
        """Give the beginning of the body, for a log or a message."""
        return self.body[:2000].decode("utf-8", "replace").strip().partition("\n")[0][:200]


@dataclass(frozen=True)
class Incoming:
    """What another server is sending: status, the fields of its header (names in lower case), and the body part by part.

    Taking the parts raises RemoteFailed where the body is cut off, and RemoteTimeout where nothing comes any more.
    """

    status: int
    headers: Mapping[str, str]
    parts: Iterator[bytes]


class Door:
    """Asks the addresses that begin with one of a list of prefixes, and no others."""

    def __init__(self, prefixes: Sequence[str]) -> None:
        """Take the prefixes: http or https URLs. Raises BadInput for one that is none."""
        self.prefixes = tuple(prefixes)
        self._allowed = [_split(prefix) for prefix in prefixes]

    def permits(self, address: str) -> bool:
        """Say whether an address is on the list: scheme, host and port are equal, and its path begins with the prefix's."""
        try:
            asked = _split(address)
        except BadInput:
            return False
        return any(_within(asked, prefix) for prefix in self._allowed)

    def post(self, address: str, body: bytes, headers: Mapping[str, str], *, seconds: float, most: int) -> Reply:
        """POST to an address; give its answer, of `most` bytes, within `seconds`. An error body is left where it is.

        Raises RemoteFailed where the address is not to be asked, cannot be, or answers with an error, and RemoteTimeout.
        """
        deadline = time.monotonic() + seconds
        if not self.permits(address):
            raise RemoteFailed(f"{address} is not on the list of addresses that this server may ask")
        with _told_plainly(address, f"{_host(address)} did not answer within {seconds:g} seconds"):
            for _ in range(_MOST_REDIRECTS + 1):
                reply, elsewhere = self._exchange(_split(address), body, headers, deadline, most)
                if not elsewhere:
                    return reply
                asked, address = address, urljoin(address, elsewhere)
                if not self.permits(address):
                    raise RemoteFailed(f"{_host(asked)} redirects to an address that this server may not ask")
        raise RemoteFailed(f"{_host(address)} redirects without end")

    @contextmanager
    def get(self, address: str, headers: Mapping[str, str], *, idle: float) -> Iterator[Incoming]:
        """GET an address; give its answer, of whatever status, while it arrives, waiting `idle` seconds at most for more.

        Raises RemoteFailed where the address, or one that it redirects to, is not to be asked or cannot be, and RemoteTimeout.
        """
        asked = address
        with _told_plainly(address, f"{_host(address)} sent nothing for {idle:g} seconds"):
            for _ in range(_MOST_REDIRECTS + 1):
                if not self.permits(asked):
                    raise RemoteFailed(f"{_host(asked)} is not on the list of those that may be asked for {address}")
                connection, plug = self._send("GET", _split(asked), None, headers, time.monotonic() + idle)
                with closing(connection), connection.getresponse() as response:
                    if response.status in _REDIRECTS:
                        asked = urljoin(asked, response.headers.get("Location", "") or "about:blank")
                        continue
                    plug.settimeout(idle)
                    fields = {name.lower(): value for name, value in response.headers.items()}
                    yield Incoming(response.status, fields, _parts(response, _host(asked)))
                    return
        raise RemoteFailed(f"{_host(address)} redirects without end")

    def _exchange(
        self, address: SplitResult, body: bytes, headers: Mapping[str, str], deadline: float, most: int
    ) -> tuple[Reply, str]:
        """Send one request; give the answer, or where it redirects to."""
        connection, plug = self._send("POST", address, body, headers, deadline)
        with closing(connection), connection.getresponse() as response:
            if response.status in _REDIRECTS:
                return Reply(response.status, "", b""), response.headers.get("Location", "") or "about:blank"
            if response.status >= 400:
                raise RemoteFailed(f"{_host(address.geturl())} answered with status {response.status}")
            data = _read(response, plug, deadline, most, address.hostname or "")
            return Reply(response.status, response.headers.get_content_type(), data), ""

    def _send(
        self, method: str, address: SplitResult, body: bytes | None, headers: Mapping[str, str], deadline: float
    ) -> tuple[http.client.HTTPConnection, socket.socket]:
        connection = http.client.HTTPConnection(address.hostname or "", address.port or _PORTS[address.scheme])
        connection.default_port = _PORTS[address.scheme]  # which the Host field leaves out
        connection.sock = plug = self._connect(address, deadline)
        try:
            path = (address.path or "/") + (f"?{address.query}" if address.query else "")
            connection.request(method, path, body, {"User-Agent": USER_AGENT, **headers})
        except BaseException:
            connection.close()
            raise
        return connection, plug

    def _connect(self, address: SplitResult, deadline: float) -> socket.socket:
        host, port = address.hostname or "", address.port or _PORTS[address.scheme]
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        targets = [str(info[4][0]) for info in found]
        if any(not self._may_reach(target) for target in targets):
            raise RemoteFailed(f"{host} leads to an address that is not public, and that is not on the list itself")
        plain = socket.create_connection((targets[0], port), timeout=_left(deadline))
        plain.settimeout(_left(deadline))
        if address.scheme == "http":
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)

    def _may_reach(self, target: str) -> bool:
        ip = ipaddress.ip_address(target.partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        hosts = [prefix.hostname or "" for prefix in self._allowed]
        named = any(ip == _literal(host) or (host == "localhost" and ip.is_loopback) for host in hosts)
        return named or (ip.is_global and not ip.is_multicast and not any(ip in net for net in _TRANSLATED))


class Line:
    """The way to an engine of the operator's own, wherever it is: kept open, with a login, and for any method.

    Its address comes from the command line, never from a client; `name` is what messages call it, who may be told no address.
    No proxy or password is taken from the environment or from ~/.netrc, and no redirect is followed. Certificates are believed
    that the system believes. Not for use by several threads at once.
    """

    def __init__(self, name: str, login: Login | None = None, *, seconds: float = 60.0, most: int = 1 << 30) -> None:
        """Take the limits of a request: seconds for the whole of it, and bytes of its answer."""
        self._name, self._seconds, self._most = name, seconds, most
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = ssl.get_default_verify_paths().cafile or True
        self._session.auth = _auth(login) if login else None
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Fields | None = None,
        data: Fields | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request; give its whole answer, whatever the status.

        Raises RemoteDown (503: nobody answers), RemoteTimeout (504), RemoteFailed (502: a redirect, or an answer that was cut
        off), ResultTooLarge and BadInput (no address for this).
        """
        _split(url)
        end = time.monotonic() + self._seconds
        with self._named():
            asked = self._session.request(
                method,
                url,
                params=params,
                data=data,
                headers=headers,
                timeout=(min(_CONNECT, self._seconds), self._seconds),
                allow_redirects=False,
                stream=True,
            )
            with asked:
                if asked.is_redirect or 300 <= asked.status_code < 400:
                    raise RemoteFailed(f"{self._name} sends to another address ({asked.status_code}); it is not followed")
                framed = "Content-Length" in asked.headers or asked.headers.get("Transfer-Encoding", "").lower() == "chunked"
                media_type = asked.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                return Reply(asked.status_code, media_type, self._read(asked.raw, end), asked.headers, framed)

    def _read(self, raw: HTTPResponse, end: float) -> bytes:
        """Read a body piece by piece, as each comes, so that a slow server cannot stretch the time."""
        parts, size = [], 0
        while part := raw.read1(_CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > self._most:
                raise ResultTooLarge(f"{self._name} answers with more than {self._most:,} bytes; use LIMIT")
            if time.monotonic() > end:
                raise self._late()
        return b"".join(parts)

    def _late(self) -> RemoteTimeout:
        return RemoteTimeout(f"{self._name} did not answer in {self._seconds:g} seconds")

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn the faults of the HTTP library into ours."""
        try:
            yield
        except (requests.Timeout, ReadTimeoutError):
            raise self._late() from None
        except requests.exceptions.SSLError:
            raise RemoteFailed(f"{self._name} has no certificate that can be trusted") from None
        except requests.ConnectionError as error:
            if isinstance(getattr(error.args[0], "reason", None), NewConnectionError):
                raise RemoteDown(f"{self._name} cannot be reached; ask again later", retry_after=5) from None
            raise RemoteFailed(f"{self._name} closed the connection before it answered, or does not speak HTTP") from None
        except (requests.RequestException, HTTPError, OSError):
            raise RemoteFailed(f"the answer of {self._name} was cut off") from None


def read_login(file: Path | None, environ: Mapping[str, str] = os.environ) -> Login | None:
    """Read `user:password` from a file, or else from the variable PACTGRAPH_LOGIN; None where neither is given.

    Raises BadInput for a file that cannot be read, or text without a colon.
    """
    try:
        text = file.read_text(encoding="utf-8").strip() if file else environ.get(LOGIN, "")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the file with the login cannot be read: {error}", file=str(file)) from None
    if not text:
        return None
    user, colon, password = text.partition(":")
    if not colon:
        raise BadInput(f"{file or LOGIN} does not hold a login", hint="write it as user:password, on one line")
    return Login(user, password)


def _auth(login: Login) -> AuthBase:
    return (HTTPDigestAuth if login.digest else HTTPBasicAuth)(login.user, login.password)


def _read(response: http.client.HTTPResponse, plug: socket.socket, deadline: float, most: int, host: str) -> bytes:
    """Read a body whole. Raises TimeoutError past the deadline, RemoteFailed for one that is cut off or too large."""
    parts, size = [], 0
    while True:
        plug.settimeout(_left(deadline))
        chunk = response.read1(_CHUNK)
        if not chunk:
            break
        parts.append(chunk)
        size += len(chunk)
        if size > most:
            raise RemoteFailed(f"{host} answered with more than {most:,} bytes")
    if response.length:
        raise RemoteFailed(f"{host} ended its answer too soon")
    return b"".join(parts)


def _parts(response: http.client.HTTPResponse, host: str) -> Iterator[bytes]:
    while chunk := response.read1(_CHUNK):
        yield chunk
    if response.length:
        raise RemoteFailed(f"{host} ended its answer too soon")


@contextmanager
def _told_plainly(address: str, late: str) -> Iterator[None]:
    """Raise what goes wrong with a connection as RemoteTimeout or RemoteFailed, in few words."""
    try:
        yield
    except TimeoutError:
        raise RemoteTimeout(late) from None
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise RemoteFailed(f"{_host(address)} cannot be asked ({_reason(error)})") from None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _split(address: str) -> SplitResult:
    """Take a URL apart. Raises BadInput for what is no plain http or https URL: no user, no fragment, no `..` in its path."""
    try:
        parts = urlsplit(address)
        valid = parts.scheme in _PORTS and parts.hostname and not (parts.username or parts.password or parts.fragment)
        _ = parts.port
    except ValueError:
        valid = False
    if not valid or re.search(r"[\s\\\x00-\x1f]", address) or ".." in unquote(unquote(parts.path)).split("/"):
        raise BadInput(f"{address!r} is not an address that can be asked", hint="give an http or https URL")
    return parts


def _within(asked: SplitResult, prefix: SplitResult) -> bool:
    """Say whether a URL begins with another; a path goes on after a slash only."""
    one, other = ((parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]) for parts in (asked, prefix))
    folder = prefix.path if prefix.path.endswith("/") else f"{prefix.path}/"
    return one == other and (asked.path == prefix.path or (asked.path or "/").startswith(folder))


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _host(address: str) -> str:
    return urlsplit(address).netloc or address


def _reason(error: Exception) -> str:
    """Say why in few words; nothing that the other server wrote."""
    if isinstance(error, ssl.SSLError):
        return "its certificate or TLS is not right"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it does not speak HTTP" if isinstance(error, http.client.HTTPException) else type(error).__name__
