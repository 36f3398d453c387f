"""Which sources can be imported, and importing them: a user's copies in, N-Triples and an account of every row out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from rdflib.plugins.serializers.nt import _nt_row

from pactgraph.errors import BadInput
from pactgraph.sources import archigos, atop, cow_alliances, officeholders, state_lists
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.register import Source, codebook, source
from pactgraph.sources.tables import Account
from pactgraph.sources.triples import Triple

Importer: TypeAlias = Callable[[Source, Path, Crosswalk, list[Account]], Iterator[Triple]]

IMPORTERS: dict[str, Importer] = {
    "atop-5.1": atop.statements,
    "archigos-4.1": archigos.statements,
    "cow-alliances-4.1": cow_alliances.statements,
    "cow-states-2024": state_lists.COW.statements,
    "gleditsch-ward": state_lists.GLEDITSCH_WARD.statements,
    "officeholders": officeholders.statements,
}


@dataclass(frozen=True)
class Imported:
    """What a source says, as sorted N-Triples, and what became of each of its rows."""

    source: Source
    ntriples: bytes
    accounts: list[Account]


def run(folder: Path, identifiers: Iterable[str], codes: Crosswalk) -> list[Imported]:
    """Import sources from the folder of the user's copies. Raises BadInput for an unknown source or an unusable file."""
    found = []
    for identifier in identifiers:
        if identifier not in IMPORTERS:
            raise BadInput(f"{identifier!r} cannot be imported", hint="use some of " + ", ".join(IMPORTERS))
        about = source(identifier)
        accounts: list[Account] = []
        lines = {_nt_row(triple) for triple in codebook(about)}
        lines.update(_nt_row(triple) for triple in IMPORTERS[identifier](about, folder, codes, accounts))
        found.append(Imported(about, "".join(sorted(lines)).encode(), accounts))
    return found
