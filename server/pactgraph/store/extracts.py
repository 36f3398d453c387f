"""What the rules of a day read of a release that an engine holds: fetched once, kept on this machine as an index of its own.

So the rules run here, the same on every engine. An index is made aside and renamed into place; what was fetched before a query
was ended is there for the next one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse

from pactgraph import knowledge
from pactgraph.queries import load
from pactgraph.store.days import rules_hash
from pactgraph.terms import BASE

_KEPT = 3  # releases
_GRACE = 600.0  # seconds for which one that was used may still be read by somebody
_IN = NamedNode(f"{BASE}release/extract")
_STORE, _PARTS = "store", "parts"
Fetch = Callable[[str], Iterable[Triple]]


def extract(of: str, fetch: Fetch, check: Callable[[], None]) -> Path:
    """Give the index of what the rules read of a release; `of` names its publication, `fetch` asks the engine a CONSTRUCT.

    `check` is called when all is fetched, and raises where the engine has moved on.
    Raises OSError where nothing can be written.
    """
    base = _base()
    folder = base / hashlib.sha256(f"{of} {rules_hash()}".encode()).hexdigest()[:16]
    (folder / _PARTS).mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    if not (folder / _STORE).is_dir():
        parts = [_part(folder / _PARTS / f"{name}.nt", query, fetch) for name, query in _queries()]
        check()
        _load(parts, folder / _STORE)
        _clean(base)
    return folder / _STORE


@cache
def _names() -> tuple[str, ...]:
    """Give the names of our terms in the rules of a day: what is not in them, no rule can ask for."""
    text = "".join(path.read_text(encoding="utf-8") for path in knowledge.day_rules())
    return tuple(sorted(set(re.findall(r"\bpg:(\w+)", text))))


def _queries() -> Iterator[tuple[str, str]]:
    for name in _names():
        term = NamedNode(f"{BASE}ns#{name}")
        yield name, load("days/instances", type=term) if name[0].isupper() else load("days/pairs", property=term)


def _part(path: Path, query: str, fetch: Fetch) -> Path:
    if not path.exists():
        lines = "".join(f"{triple} .\n" for triple in fetch(query))
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(lines, encoding="utf-8")
        partial.rename(path)
    return path


def _load(parts: list[Path], to: Path) -> None:
    """Make the index aside and rename it into place; if another process was faster, its index is as good."""
    aside = Path(tempfile.mkdtemp(prefix=".making-", dir=to.parent))
    try:
        store = Store(str(aside / _STORE))
        for part in parts:
            with part.open("rb") as lines:
                store.bulk_extend(
                    Quad(one.subject, one.predicate, one.object, _IN) for one in parse(input=lines, format=RdfFormat.N_TRIPLES)
                )
        store.flush()
        del store
        with suppress(OSError):
            (aside / _STORE).rename(to)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _base() -> Path:
    """Give a folder of our own in the temporary folder. Raises OSError where it belongs to somebody else."""
    base = Path(tempfile.gettempdir()) / f"pactgraph-engines-{os.getuid()}"
    base.mkdir(mode=0o700, exist_ok=True)
    if base.is_symlink() or base.stat().st_uid != os.getuid():
        raise OSError(f"{base} belongs to somebody else; the view of a day needs a folder to write to")
    return base


def _clean(base: Path) -> None:
    """Remove what was used longest ago, past the number kept."""
    found = sorted(base.glob("[!.]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[_KEPT:]:
        if time.time() - path.stat().st_mtime > _GRACE:
            shutil.rmtree(path, ignore_errors=True)
