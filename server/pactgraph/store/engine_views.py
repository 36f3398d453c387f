"""Views of days in an engine: made here by the rules, written to the graph of the day, and checked before each use and after.

WRITTEN says which views were written whole: of which publication, by which rules, how many statements. A view that another
server writes again, that another release left, or that anything was added to, shows by its entry or its count; it is then
made anew, and what was answered meanwhile is thrown away. Publishing a release empties the views and WRITTEN.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Protocol

from pyoxigraph import Literal, NamedNode, QuerySolutions, Triple
from rdflib import DCTERMS, VOID, URIRef

from pactgraph.errors import BadInput, QueryImpossible, ReleaseMoved, RemoteDown, RemoteFailed
from pactgraph.net import Line, Reply
from pactgraph.queries import load
from pactgraph.store import updates
from pactgraph.store.answers import Held
from pactgraph.store.days import DayViews, name_of, rules_hash
from pactgraph.store.engines import Target, target
from pactgraph.store.extracts import extract
from pactgraph.terms import BASE

WRITTEN = f"{BASE}release/views"
_MOST = 64  # views in an engine
_PIECE = 20_000
_ATTEMPTS = 3
_ENTRY = 5  # what is said of a writing, its name included
_log = logging.getLogger(__name__)


class Asked(Protocol):
    """What answers: a SELECT and a CONSTRUCT over some graphs, and which release is held now."""

    def rows(self, query: str, graphs: Sequence[str]) -> QuerySolutions:
        """Give the answer to a SELECT."""

    def found(self, query: str, graphs: Sequence[str]) -> list[Triple]:
        """Give the answer to a CONSTRUCT."""

    def held(self) -> Held | None:
        """Give the release that the engine states."""


class WrittenViews:
    """The views of one release in an engine. Raises RemoteDown, RemoteFailed, RemoteTimeout, and as each method says."""

    def __init__(self, held: Held, asked: Asked, seconds: float, name: str) -> None:
        """Take the release, what asks the engine, the limit of a request that writes, and what messages call the engine."""
        self._held, self._asked, self._seconds, self._name = held, asked, seconds, name
        self._source = f"{held.published} {rules_hash()}"
        self._days: DayViews | None = None
        self._way: tuple[Target, Line] | None = None

    def ready(self, day: date) -> frozenset[str]:
        """See that the view of a day is there, whole; give what `check` compares it with afterwards.

        Raises QueryImpossible where this server may not write to the engine, and OSError where it has no folder for the making.
        """
        if not (writings := self._whole(day)):
            self._write(day)
            writings = self._whole(day)
        if not writings:
            raise _unsettled(day)
        return writings

    def check(self, day: date, before: frozenset[str]) -> None:
        """Raise ReleaseMoved where the view is no longer that which was there before."""
        if self._whole(day) != before:
            raise ReleaseMoved("the view of a day was made anew while it was asked; ask again in a moment", retry_after=2)

    def _whole(self, day: date) -> frozenset[str]:
        """Give the writings of a view that is there as it was written; none, where it has to be written."""
        view = name_of(day)
        rows = [row for row in self._rows() if row["subject"] == view.value and row["source"] == self._source]
        if not rows or {int(row["triples"]) for row in rows} != {self._size(day)}:
            return frozenset()
        return frozenset(row["writing"] for row in rows)

    def _write(self, day: date) -> None:
        """Make a view and add it to its graph: any number of servers may, since all add the same."""
        if not self._held.endpoint.login:
            raise QueryImpossible(
                f"the view of a day is written to {self._name}, and this server has no login for that; "
                "its operator gives one that may write with --login, or serves the release without --store"
            )
        (engine, line), lines = self._engine(), self._made(day)
        for _ in range(_ATTEMPTS):
            for start in range(0, len(lines), _PIECE):
                body = "\n".join((*lines[start : start + _PIECE], "")).encode()
                self._accepted(engine.send_graph(line, "POST", name_of(day).value, body))
            if self._size(day) == len(lines):
                self._enter(day, len(lines))
                self._make_room()
                return
            self._remove(name_of(day).value)
        raise _unsettled(day)

    def _made(self, day: date) -> list[str]:
        """Run the rules over what they read, and give the view as lines of N-Triples."""
        if self._days is None:
            index = extract(f"{self._held.endpoint.url} {self._held.published}", self._fetch, self._check_held)
            self._days = DayViews(index)
        quads = self._days.open(day).quads_for_pattern(None, None, None, name_of(day))
        return sorted(f"{quad.triple} ." for quad in quads)

    def _fetch(self, query: str) -> list[Triple]:
        return self._asked.found(query, self._held.graphs)

    def _check_held(self) -> None:
        if self._asked.held() != self._held:
            raise ReleaseMoved("a release is being published; ask again in a moment", retry_after=2)

    def _enter(self, day: date, quads: int) -> None:
        says: dict[URIRef, NamedNode | Literal] = {
            DCTERMS.subject: name_of(day),
            DCTERMS.source: Literal(self._source),
            VOID.triples: Literal(quads),
            DCTERMS.created: updates.now(),
        }
        entry = NamedNode(uuid.uuid4().urn)
        self._update(updates.insert(WRITTEN, (Triple(entry, NamedNode(str(name)), value) for name, value in says.items())))

    def _make_room(self) -> None:
        """Remove the views that were written first, past the number that an engine keeps."""
        written: dict[str, str] = {}
        for row in self._rows():
            written[row["subject"]] = max(row["created"], written.get(row["subject"], ""))
        for view in sorted(written, key=lambda name: written[name], reverse=True)[_MOST:]:
            self._remove(view)

    def _remove(self, view: str) -> None:
        """Remove a view, what says that it is whole first."""
        self._update(updates.forget(WRITTEN, view))
        self._update(updates.clear(view))

    def _update(self, text: str) -> None:
        engine, line = self._engine()
        self._accepted(engine.send_update(line, text))

    def _accepted(self, reply: Reply) -> None:
        if reply.status in (401, 403):
            raise QueryImpossible(
                f"the view of a day is written to {self._name}, and the login of this server may not write there; "
                "its operator gives one that may with --login"
            )
        if reply.status not in (200, 201, 204):
            _log.warning("%s takes no view of a day (%d): %s", self._held.endpoint.url, reply.status, reply.first_line)
            if reply.status in (429, 503):
                raise RemoteDown(f"{self._name} takes no view of a day now; ask again later", retry_after=5)
            raise RemoteFailed(f"{self._name} does not take the view of a day (status {reply.status})")

    def _engine(self) -> tuple[Target, Line]:
        """Give where the engine takes what is written, and the way there: not every login is sent as that for queries is."""
        if self._way is None:
            endpoint = self._held.endpoint
            try:
                engine = target(endpoint.url, endpoint.login, name=self._name)
            except BadInput:
                raise QueryImpossible(f"where {self._name} takes views of days is not known to this server") from None
            self._way = engine, Line(self._name, engine.login, seconds=self._seconds)
        return self._way

    def _rows(self) -> list[dict[str, str]]:
        """Give what WRITTEN says: which graph was written, of what, how many statements, when; each writing by its name."""
        said: dict[str, dict[str, str]] = {}
        for row in self._table(load("days/written"), WRITTEN, "writing", "property", "value"):
            said.setdefault(row["writing"], {"writing": row["writing"]})[re.split("[/#]", row["property"])[-1]] = row["value"]
        return [one for one in said.values() if len(one) == _ENTRY]  # others are half removed

    def _size(self, day: date) -> int:
        view = name_of(day)
        return sum(int(row["triples"]) for row in self._table(load("graph-size", graph=view), view.value, "triples"))

    def _table(self, query: str, graph: str, *names: str) -> list[dict[str, str]]:
        """Ask the engine a SELECT of ours over one graph."""
        try:
            return [{name: str(row[name].value) for name in names} for row in self._asked.rows(query, (graph,))]
        except (KeyError, AttributeError):
            raise RemoteFailed(f"{self._name} answers with another table than was asked for") from None
        except SyntaxError:
            raise RemoteFailed(f"the answer of {self._name} was cut off, or is not in the format that it says") from None


def _unsettled(day: date) -> RemoteDown:
    return RemoteDown(f"the view of {day} does not stay in the store behind this server as it is written", retry_after=5)
