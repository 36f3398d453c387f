"""What one client may ask of this server: requests per second, parameters that lower the limits of a query, plain bodies.

A client is an address (of IPv6, a network of /64, which is what one customer has). Behind a proxy it is the address that the
proxy names, if the operator says that there is one.
"""

from __future__ import annotations

import ipaddress
import math
import time

from flask import Flask, Response, request
from flask_limiter import Limiter
from werkzeug.middleware.proxy_fix import ProxyFix

from pactgraph.errors import BadInput, UnsupportedMedia
from pactgraph.settings import ServeSettings
from pactgraph.store.admission import Caller, caller
from pactgraph.web.body import FORM, parameters

# What monitors and browsers ask for by themselves: neither counted nor charged.
EXEMPT = frozenset({"downloads.health", "observe.ready", "observe.metrics", "downloads.robots", "static"})
_LOWERED = ("sparql", "update")


def register(app: Flask, settings: ServeSettings) -> None:
    """Set the limits of an app. Call it after `observe.register`, which says who asks."""
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    if settings.rate and not settings.scratch:
        _limit_rate(app, settings.rate)
    app.before_request(_plain)
    app.before_request(_lower)


def client() -> str:
    """Give the client of this request."""
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _limit_rate(app: Flask, rate: int) -> None:
    limiter = Limiter(client, app=app, application_limits=[f"{rate} per second"], storage_uri="memory://")
    limiter.request_filter(lambda: request.endpoint in EXEMPT)

    def say(response: Response) -> Response:
        """Say what is left, in the fields that most servers use; and when to come again."""
        limit = limiter.current_limit
        if limit:
            seconds = max(1, math.ceil(limit.reset_at - time.time()))
            response.headers["RateLimit-Limit"] = str(limit.limit.amount)
            response.headers["RateLimit-Remaining"] = str(limit.remaining)
            response.headers["RateLimit-Reset"] = str(seconds)
            if limit.breached:
                response.headers["Retry-After"] = str(seconds)
        return response

    app.after_request(say)


def _plain() -> None:
    """Refuse compressed bodies: nothing here is unpacked, so nothing small can become large. Raises UnsupportedMedia."""
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise UnsupportedMedia(f"a body with the content coding {coding!r} is not read here; send it as it is")


def _lower() -> None:
    """Read `timeout` and `maxrows`, with which a client lowers the limits of its own query, and `release`, which it asks.

    Raises BadInput.
    """
    who = caller.get() or Caller()
    if request.blueprint not in _LOWERED or request.routing_exception:
        return
    sent = parameters(form=request.mimetype == FORM)
    for name in ("timeout", "maxrows", "release"):
        if len(sent.getlist(name)) > 1:
            raise BadInput(f"`{name}` is given more than once", hint="send it once")
    if "timeout" in sent:
        who.timeout = _number(sent, "timeout", 0.1)
    who.pinned = sent.get("release", "") if request.blueprint == "sparql" else ""
    if "maxrows" in sent:
        who.max_rows = int(_number(sent, "maxrows", 1))


def _number(sent: dict[str, str], name: str, least: float) -> float:
    try:
        value = float(sent[name])
    except ValueError:
        value = math.nan
    if not least <= value <= 1e9:
        raise BadInput(f"`{name}` is not a number of at least {least:g}: {sent[name][:40]!r}", hint="or leave it out")
    return value
