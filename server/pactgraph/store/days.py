"""The view of a day: what holds on it, as plain statements, made by rules on first use and kept beside the release.

A view is a copy of a release's index (hard links, so it takes no room) with one more named graph, `graph/as-of/DATE`. It is
made aside and renamed into place, so any number of processes and servers may share the folder; the least recently used views
go when there are too many. All of it happens where queries run, in processes that can be ended.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, QueryTriples, Store, Triple

from pactgraph import knowledge
from pactgraph.errors import BadInput
from pactgraph.queries import fill
from pactgraph.terms import VIEWS

_DATE = NamedNode("http://www.w3.org/2001/XMLSchema#date")
_KEPT = 64  # views of a release on disk
_OPEN = 4  # views that one process holds open
_GRACE = 120.0  # seconds for which a view that was used may still be read by somebody
_ABANDONED = 600.0  # seconds after which a half-made view has lost its maker
_MANY = 1000  # statements from which on loading in bulk is faster
_INDEX, _USED, _OF = "store", "used", "of"
_FROM = re.compile(rf"\bFROM\s+(?:NAMED\s+)?<{re.escape(VIEWS)}([^>\s]*)>", re.I)
Construct = Callable[[str], Iterable[Triple]]


def day_of(text: str) -> date:
    """Read the day of a view: YYYY-MM-DD. Raises BadInput, for a month or a year too: a view is of one day."""
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        fault = f"{text[:40]!r} is not a day of the calendar"
        hint = "write one day as YYYY-MM-DD, such as 1939-09-01; of a month or a year, choose a day"
        raise BadInput(fault, hint=hint) from None


def name_of(day: date) -> NamedNode:
    """Give the name of the graph of a day."""
    return NamedNode(f"{VIEWS}{day.isoformat()}")


def rules_of(day: date) -> Iterator[str]:
    """Give the rules of a day as CONSTRUCT queries, in order: each sees what those before it gave."""
    moment = Literal(day.isoformat(), datatype=_DATE)
    for path in knowledge.day_rules():
        yield fill(path.read_text(encoding="utf-8"), day=moment, view=name_of(day))


def check_views(text: str, graphs: Iterable[str], day: date | None) -> None:
    """Refuse a query whose dataset names the view of another day than is asked for, or any if none is. Raises BadInput."""
    named = {*_FROM.findall(text), *(graph.removeprefix(VIEWS) for graph in graphs if graph.startswith(VIEWS))}
    other = sorted(named - {day.isoformat() if day else ""})
    if other:
        wrong = other[0][:40]
        raise BadInput(f"the view of {wrong} is not among the graphs of this query", hint=f"ask with asOf={wrong}")


def make(day: date, construct: Construct, add: Callable[[list[Triple]], None]) -> None:
    """Run the rules of a day on any engine: `construct` asks one, `add` puts what it gave into the graph of the day."""
    for rule in rules_of(day):
        add(list(construct(rule)))


class DayViews:
    """The views of one release's index, kept in a folder beside the release, or in the temporary folder if that cannot be."""

    def __init__(self, index: Path, kept: int = _KEPT) -> None:
        """Take the release's index, and how many views are kept on disk."""
        self._index, self._kept = index.resolve(), kept
        self._stores: OrderedDict[date, tuple[Path, Store]] = OrderedDict()

    def open(self, day: date) -> Store:
        """Give the index with the view of a day, made if it is not there. Raises OSError where no folder can be written to."""
        path, store = self._stores.pop(day, (None, None))
        if path is None or store is None or not _touch(path):
            path = self._ready(day)
            store = Store.read_only(str(path / _INDEX))
        self._stores[day] = (path, store)
        if len(self._stores) > _OPEN:
            self._stores.popitem(last=False)
        return store

    def _ready(self, day: date) -> Path:
        folder = _folder(self._index)
        path = folder / day.isoformat()
        if not _touch(path):
            self._make(day, path)
            _clean(folder, self._kept)
        return path

    def _make(self, day: date, path: Path) -> None:
        """Make a view aside and rename it into place; if another process was faster, its view is as good."""
        aside = Path(tempfile.mkdtemp(prefix=".making-", dir=path.parent))
        try:
            Store.read_only(str(self._index)).backup(str(aside / _INDEX))
            _add_view(aside / _INDEX, day)
            (aside / _USED).touch()
            with suppress(OSError):
                aside.rename(path)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _add_view(index: Path, day: date) -> None:
    store, graph = Store(str(index)), name_of(day)

    def construct(rule: str) -> Iterable[Triple]:
        found = store.query(rule, use_default_graph_as_union=True)
        assert isinstance(found, QueryTriples)
        return found

    def put(triples: list[Triple]) -> None:
        quads = [Quad(t.subject, t.predicate, t.object, graph) for t in triples]
        (store.bulk_extend if len(quads) > _MANY else store.extend)(quads)

    store.add_graph(graph)
    make(day, construct, put)
    store.flush()


def _touch(path: Path) -> bool:
    """Note that a view is used; say whether it is there."""
    try:
        os.utime(path / _USED)
    except OSError:
        return False
    return True


def _folder(index: Path) -> Path:
    """Give the folder of the views of an index: beside the release, else one of our own in the temporary folder."""
    release = index.parent
    for base in (release.parent / ".as-of", Path(tempfile.gettempdir()) / f"pactgraph-as-of-{os.getuid()}"):
        folder = base / f"{release.name}-{rules_hash()}-{hashlib.sha256(str(index).encode()).hexdigest()[:8]}"
        with suppress(OSError):
            base.mkdir(mode=0o700, exist_ok=True)
            if base.stat().st_uid != os.getuid() or not os.access(base, os.W_OK | os.X_OK):
                continue
            folder.mkdir(exist_ok=True)
            if not (folder / _OF).is_symlink():
                (folder / _OF).symlink_to(index)
            return folder
    raise OSError("the view of a day needs a folder to write to: neither that of the releases nor the temporary one will do")


@cache
def rules_hash() -> str:
    """Give what tells these rules from others."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in knowledge.day_rules())).hexdigest()[:8]


def _clean(folder: Path, kept: int) -> None:
    """Remove the views used longest ago, past the number kept; those half-made and left; those of indexes that are gone."""
    now = time.time()
    views = sorted((_age(used, now), used.parent) for used in folder.glob(f"[!.]*/{_USED}"))
    old = [path for age, path in views[kept:] if age > _GRACE]
    left = [path for path in folder.glob(".making-*") if _age(path, now) > _ABANDONED]
    gone = [path for path in folder.parent.iterdir() if not (path / _OF).exists() and _age(path, now) > _ABANDONED]
    for path in (*old, *left, *gone):
        shutil.rmtree(path, ignore_errors=True)


def _age(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except OSError:
        return 0.0
