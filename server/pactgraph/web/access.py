"""Who may write, and what: whoever sends a token that allows it. Source: RFC 6750, sections 2.1 and 3.

A scratch store has one token for everything. A release has those of its folder (`release.tokens`), none by default; a write
to it makes another release, which the answer names.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Protocol

from flask import Flask, Response, current_app, g, request
from werkzeug.datastructures import ETags

from pactgraph.errors import Forbidden, NotMatched, ReadOnly, Unauthorised, WriteRefused
from pactgraph.release import Action, Change, Changed, Token, Writer, holder, tokens_of
from pactgraph.settings import ServeSettings
from pactgraph.store import ScratchService
from pactgraph.web import get_service

_READ_ONLY = (
    "this server serves a release and changes nothing: edit the curated files and build another release; "
    "or have its operator add a token (`pactgraph token add`)"
)
_NEEDED = "a write needs the token: send `Authorization: Bearer TOKEN`"


class Writable(Protocol):
    """What a client may write to."""

    def update(self, text: str, *, using: Sequence[str] = (), using_named: Sequence[str] = (), base: str) -> None:
        """Carry an update out, whole or not at all."""

    def has_graph(self, name: str) -> bool:
        """Say whether there is a named graph, as far as this is known before the write."""

    def write_graph(self, name: str | None, ntriples: bytes, *, replace: bool) -> bool:
        """Put triples in a graph (None: the default graph), or add them; say whether the graph is new."""

    def patch_graph(self, name: str | None, text: str, *, base: str) -> None:
        """Carry an update out within a graph."""

    def drop_graph(self, name: str | None) -> None:
        """Remove a graph."""


class _Release:
    """The current release, as one token may write to it."""

    def __init__(self, writer: Writer, token: Token) -> None:
        self._writer, self._token = writer, token

    def update(self, text: str, *, using: Sequence[str] = (), using_named: Sequence[str] = (), base: str) -> None:
        self._write("update", text=text, using=tuple(using), using_named=tuple(using_named), base=base)

    def has_graph(self, name: str) -> bool:
        return True  # the writer looks, when it is its turn

    def write_graph(self, name: str | None, ntriples: bytes, *, replace: bool) -> bool:
        return self._write("put" if replace else "post", graph=name or "", ntriples=ntriples).new

    def patch_graph(self, name: str | None, text: str, *, base: str) -> None:
        self._write("patch", graph=name or "", text=text, base=base)

    def drop_graph(self, name: str | None) -> None:
        self._write("delete", graph=name or "")

    def _write(self, action: Action, **what: object) -> Changed:
        """Hand a change to the writer; move to the release that it makes. Raises WriteRefused."""
        changed = self._writer.write(Change(action, match=_match(), by=self._token.name, **what))  # type: ignore[arg-type]
        if any(finding.severity == "Violation" for finding in changed.findings):
            raise WriteRefused(changed.findings, changed.report)
        get_service().look_again()
        g.changed = changed
        return changed


def register(app: Flask) -> None:
    """Make an app say which release a write has made."""
    app.after_request(_say_release)


def writable(scope: str) -> Writable:
    """Give what this request may write to, by the scope that it needs. Raises ReadOnly, Unauthorised and Forbidden."""
    service = get_service()
    settings: ServeSettings = current_app.extensions["pactgraph.settings"]
    if isinstance(service, ScratchService):
        if not hmac.compare_digest(_sent().encode(), settings.token.encode()):
            raise Unauthorised(_NEEDED, "invalid_token" if _sent() else "")
        if request.if_match and not request.if_match.star_tag:
            _check_scratch(service.release.id)
        return service
    return _Release(current_app.extensions["pactgraph.writer"], allowed(scope))


def allowed(scope: str) -> Token:
    """Give the token of a request for something that needs a scope. Raises ReadOnly, Unauthorised and Forbidden."""
    settings: ServeSettings = current_app.extensions["pactgraph.settings"]
    if settings.scratch or not current_app.extensions["pactgraph.writer"] or not tokens_of(settings.releases):
        raise ReadOnly(_READ_ONLY)
    if not _sent():
        raise Unauthorised(_NEEDED)
    token = holder(settings.releases, _sent())
    if token is None:
        raise Unauthorised("this token is not known here", "invalid_token")
    if scope not in token.scopes:
        raise Forbidden(f"the token {token.name!r} does not allow this: it lacks the scope {scope!r}", scope)
    return token


def _sent() -> str:
    sent = request.authorization
    return sent.token if sent and sent.type == "bearer" and sent.token else ""


def _match() -> tuple[str, ...] | None:
    """Give the releases of If-Match, None where it is not sent or any will do. Our entity tags begin with their release.

    Weak ones count too: they are weak since the same statements may be written otherwise, and mean exactly one release.
    """
    tags: ETags = request.if_match
    if not tags or tags.star_tag:
        return None
    found = tags.as_set(include_weak=True)
    return tuple("-".join(tag.split("-")[:2]) for tag in found)


def _check_scratch(release: str) -> None:
    if release not in (_match() or ()):
        raise NotMatched("the store was written to meanwhile", release=release)


def _say_release(response: Response) -> Response:
    changed: Changed | None = g.get("changed")
    if changed:
        response.headers["X-Release"] = changed.release
        response.set_etag(changed.release)
    return response
