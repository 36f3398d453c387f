"""Which sources can be imported, and importing them: a user's copies in, N-Triples and an account of every row out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

from rdflib import URIRef
from rdflib.plugins.serializers.nt import _quoteLiteral

from pactgraph.errors import BadInput
from pactgraph.packed import Packed
from pactgraph.sources import (
    archigos,
    atop,
    code_lists,
    cow_alliances,
    kept,
    manytreaties,
    nuclear,
    officeholders,
    state_lists,
    uk_treaties,
    un_treaties,
    wikidata_states,
)
from pactgraph.sources.crosswalk import Crosswalk
from pactgraph.sources.register import Source, codebook, source
from pactgraph.sources.tables import Account
from pactgraph.sources.triples import Triple

Importer: TypeAlias = Callable[[Source, Path, Crosswalk, list[Account]], Iterator[Triple]]

Tell: TypeAlias = Callable[[int, int], None]

IMPORTERS: dict[str, Importer] = {
    "atop-5.1": atop.statements,
    "archigos-4.1": archigos.statements,
    "cow-alliances-4.1": cow_alliances.statements,
    "cow-states-2024": state_lists.COW.statements,
    "gleditsch-ward": state_lists.GLEDITSCH_WARD.statements,
    "officeholders": officeholders.statements,
    "manytreaties-1.0.0": manytreaties.statements,
    "uk-treaties": uk_treaties.statements,
    "un-multilateral-2015": un_treaties.statements,
    "nuclear-cooperation": nuclear.statements,
    "wikidata-states": wikidata_states.statements,
    "country-codes": code_lists.statements,
    "countrycode-1.8.0": code_lists.statements,
}


@dataclass(frozen=True)
class Imported:
    """What a source says, as sorted N-Triples, and what became of each of its rows."""

    source: Source
    ntriples: Packed
    accounts: list[Account]


def run(folder: Path, identifiers: Iterable[str], codes: Crosswalk, tell: Tell = lambda done, of: None) -> list[Imported]:
    """Import sources from the folder of the user's copies; what is kept from before is taken as it is (`sources.kept`).

    `tell` is called with how many of how many sources are done. Several are imported side by side, in processes.
    Raises BadInput for an unknown source or an unusable file.
    """
    wanted = list(dict.fromkeys(identifiers))
    for identifier in wanted:
        if identifier not in IMPORTERS:
            raise BadInput(f"{identifier!r} cannot be imported", hint="use some of " + ", ".join(IMPORTERS))
    abouts = {identifier: source(identifier) for identifier in wanted}
    names = {identifier: kept.key(about, folder, codes) for identifier, about in abouts.items()}
    found = {identifier: held for identifier in wanted if (held := kept.find(abouts[identifier], names[identifier]))}
    tell(len(found), len(wanted))
    for identifier, made in _made([name for name in wanted if name not in found], folder, codes):
        found[identifier] = made
        kept.keep(abouts[identifier], names[identifier], *made)
        tell(len(found), len(wanted))
    return [Imported(abouts[identifier], *found[identifier]) for identifier in wanted]


def _made(identifiers: list[str], folder: Path, codes: Crosswalk) -> Iterator[tuple[str, kept.Kept]]:
    """Import sources, the largest first, each in a process of its own if there are several."""
    if len(identifiers) < 2:
        yield from ((identifier, _import(identifier, folder, codes)) for identifier in identifiers)
        return
    largest = sorted(identifiers, key=lambda identifier: -_size(source(identifier), folder))
    with ProcessPoolExecutor(min(len(identifiers), os.cpu_count() or 1), get_context("forkserver")) as processes:
        waiting = {processes.submit(_import, identifier, folder, codes): identifier for identifier in largest}
        try:
            yield from ((waiting[done], done.result()) for done in as_completed(waiting))
        except BadInput:
            processes.shutdown(cancel_futures=True)
            raise
        except BrokenProcessPool:
            raise BadInput("a process that imported was ended", hint="is there enough memory?") from None


def _import(identifier: str, folder: Path, codes: Crosswalk) -> kept.Kept:
    about = source(identifier)
    accounts: list[Account] = []
    triples = chain(codebook(about), IMPORTERS[identifier](about, folder, codes, accounts))
    return Packed.of(line.encode() for line in sorted(_lines(triples))), accounts


def _lines(triples: Iterable[Triple]) -> set[str]:
    """Write triples as N-Triples; IRIs come again and again, so what they are written as is kept."""
    written: dict[URIRef, str] = {}

    def iri(node: URIRef) -> str:
        return written.get(node) or written.setdefault(node, node.n3())

    return {
        f"{iri(subject)} {iri(predicate)} {iri(value) if isinstance(value, URIRef) else _quoteLiteral(value)} .\n"
        for subject, predicate, value in triples
    }


def _size(about: Source, folder: Path) -> int:
    paths = (folder / table.file for table in about.tables.values())
    return sum(path.stat().st_size for path in paths if path.exists())
