"""Who may write: whoever sends the token, to a server that has one. Source: RFC 6750, section 2.1."""

from __future__ import annotations

import hmac

from flask import current_app, request

from pactgraph.errors import ReadOnly, Unauthorised
from pactgraph.settings import ServeSettings
from pactgraph.store import ScratchService
from pactgraph.web import get_service


def writable() -> ScratchService:
    """Give the service if this request may write to it. Raises ReadOnly and Unauthorised."""
    service = get_service()
    if not isinstance(service, ScratchService):
        raise ReadOnly("this server serves a release and changes nothing; edit the curated files and build a new release")
    settings: ServeSettings = current_app.extensions["pactgraph.settings"]
    sent = request.authorization
    token = sent.token if sent and sent.type == "bearer" and sent.token else ""
    if not hmac.compare_digest(token.encode(), settings.token.encode()):
        raise Unauthorised("a write needs the token: send `Authorization: Bearer TOKEN`")
    return service
