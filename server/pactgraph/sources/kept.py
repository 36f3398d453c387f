"""What was imported before, kept: a source whose files, entry, importer and codes are as they were is not imported again.

One file for each source, in the folder `imports` of $XDG_CACHE_HOME/pactgraph, else of ~/.cache/pactgraph. It may be
deleted at any time. A file that was damaged, or written by another version of the program, is passed over.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pactgraph import dates, knowledge, packed, terms
from pactgraph.packed import Packed
from pactgraph.sources.register import Source
from pactgraph.sources.tables import Account

Kept = tuple[Packed, list[Account]]


def folder() -> Path:
    """Give the folder of what is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pactgraph" / "imports"


def key(source: Source, copies: Path, codes: object) -> str | None:
    """Give a name for all that an import depends on; None if a file cannot be read, which the import will say."""
    digest = hashlib.sha256(_program().encode())
    digest.update(canonical(source).encode())
    digest.update(canonical(codes).encode())
    try:
        for table in source.tables.values():
            digest.update(hashlib.sha256((copies / table.file).read_bytes()).digest())
    except OSError:
        return None
    return digest.hexdigest()


def find(source: Source, name: str | None) -> Kept | None:
    """Give the N-Triples and the account of an earlier import with the same key, if it is kept and whole."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        head, _, data = (folder() / source.id).read_bytes().partition(b"\n")
        facts = json.loads(head)
        if facts["key"] == name and facts["sha256"] == hashlib.sha256(data).hexdigest():
            accounts = [Account(**{**one, "listed": [(line, why) for line, why in one["listed"]]}) for one in facts["accounts"]]
            return Packed(data), accounts
    return None


def keep(source: Source, name: str | None, ntriples: Packed, accounts: Iterable[Account]) -> None:
    """Keep an import in place of an earlier one of the source; where the folder cannot be written to, nothing is kept."""
    digest = hashlib.sha256(ntriples.data).hexdigest()
    facts = {"key": name, "sha256": digest, "accounts": [asdict(account) for account in accounts]}
    with contextlib.suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder(), prefix=".", delete=False) as file:
            file.write(json.dumps(facts).encode() + b"\n" + ntriples.data)
        Path(file.name).replace(folder() / source.id)


@cache
def _program() -> str:
    """Give a digest of the code that imports, and of the tables of ours that it reads."""
    code = [*sorted(Path(__file__).parent.glob("*.py")), *(Path(str(module.__file__)) for module in (dates, packed, terms))]
    files = [*code, *knowledge.mappings(), knowledge.names()]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def canonical(value: Any) -> str:
    """Write a value the same in every process: what has no order is sorted."""
    if value is None or isinstance(value, str | int | float | date):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ",".join(sorted(f"{canonical(name)}:{canonical(held)}" for name, held in value.items())) + "}"
    if isinstance(value, tuple):
        return "(" + ",".join(map(canonical, value)) + ")"
    if isinstance(value, list | set | frozenset):
        return "[" + ",".join(sorted(map(canonical, value))) + "]"
    return canonical(vars(value)) if hasattr(value, "__dict__") else repr(value)
