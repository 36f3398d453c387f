"""Export: a research table of a release, planned from what is asked for, and written with its codebook.

A table has two layouts. That of a *source* is what the data set itself publishes, column by column (`own`). That of Pactgraph
(`tables`) is the same for every source and for all of them joined: names and codes of the states, flags, counts, records,
sources, and who looked. Asked for one source, its own layout is given if it has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO

from pactgraph.dates import bounds
from pactgraph.errors import BadInput, NotFound
from pactgraph.files import written
from pactgraph.research import codebook, formats
from pactgraph.research.graph import CURATED, KINDS, Graph, State, known_sources
from pactgraph.research.layout import Column, Values, Wanted
from pactgraph.research.own import OWN, chosen, columns, with_states
from pactgraph.research.rows import records
from pactgraph.research.tables import TABLES
from pactgraph.sources.register import Source
from pactgraph.store import AnyStore

NETWORK = "network"
NAMES = (*TABLES, "member-year", NETWORK)
_NETWORKS = (NETWORK, "edges", "nodes")
_TIED = ("dyad", "directed-dyad", "dyad-year", "directed-dyad-year", "leader-dyad", "edges")
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Request:
    """What is asked for: a table; of which sources (all if none); years, states, kinds, a day; which layout.

    A network is one on a day; of a table whose rows have a start and an end, a day leaves those that hold on it.

    States are slugs, names, COW numbers or ISO alpha-3 codes; `own` is which of a source's tables `members` gives; `without`
    are sources that are left out of what is joined.
    """

    table: str
    sources: tuple[str, ...] = ()
    first: int | None = None
    last: int | None = None
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    on: date | None = None
    layout: str = ""
    own: str = ""
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A table that can be written: what it is, its columns, its rows, and the sources to cite."""

    title: str
    about: str
    columns: list[Column]
    rows: Callable[[], Iterator[Values]]
    cited: list[Source]
    notes: list[str]
    network: Callable[[], tuple[Iterator[Values], Iterator[Values]]] | None = None

    def codebook(self) -> str:
        """Give the codebook as Markdown."""
        return codebook.markdown(self.title, self.about, self.columns, self.cited, self.notes)

    def csvw(self, file: str) -> str:
        """Give the codebook as metadata of a CSV file of this name (W3C CSV on the Web)."""
        return codebook.csvw(file, self.title, self.about, self.columns, self.cited)


def plan(store: AnyStore, asked: Request) -> Plan:
    """Plan a table. Raises BadInput for what cannot be asked for, NotFound for a source that the release does not hold."""
    if asked.table not in NAMES:
        raise BadInput(f"there is no table {asked.table!r}", hint="use one of " + ", ".join(NAMES))
    if asked.layout not in ("", "source", "pactgraph"):
        raise BadInput(f"there is no layout {asked.layout!r}", hint="use source or pactgraph")
    known = known_sources()
    for name in asked.sources:
        if name != CURATED and name not in known:
            raise BadInput(f"there is no source {name!r}", hint="use one of " + ", ".join((CURATED, *known)))
    if _own_layout(asked):
        if asked.on:
            raise BadInput("rows of a day are not made in the layout of the source", hint="use the layout pactgraph")
        return _own(store, asked, known[asked.sources[0]])
    return _joined(store, asked, known)


def _own_layout(asked: Request) -> bool:
    """Say whether the layout is the source's own. Raises BadInput where that is asked for and there is none."""
    one = asked.sources[0] if len(asked.sources) == 1 and asked.sources[0] != CURATED else ""
    has = bool(one) and (asked.table == "members" or asked.table in OWN.get(one, {}))
    if asked.table not in TABLES and asked.table != NETWORK and not has:
        raise BadInput(f"{asked.table} is not made from {one or 'all sources'}", hint="it is made from cow-alliances-4.1")
    if asked.layout == "source" and not has:
        raise BadInput(f"{one or 'all sources together'} does not publish {asked.table}", hint="leave --layout out")
    return has and asked.layout != "pactgraph"


def _own(store: AnyStore, asked: Request, about: Source) -> Plan:
    table = about.table(asked.own)
    own = OWN.get(about.id, {}).get(asked.table)
    wanted = _wanted(asked)
    codes = frozenset(state.cow for state in _states(Graph(store), asked) if state.cow)
    if not store.has_graph(str(about.graph)):
        raise NotFound(f"the release does not hold {about.id}; build it with --sources and --with {about.id}")

    def rows() -> Iterator[Values]:
        found = records(store, table)
        for row in own.make(with_states(found, codes)) if own else found:
            if chosen(row, wanted, codes, kinds=bool(asked.kinds)):
                yield dict(row)

    names = own.names(table) if own else list(table.columns)
    title = f"{about.title} {about.version}: {own.published if own else table.name}"
    return Plan(title, own.about if own else table.row, columns(about, table, names), rows, [about], [])


def _joined(store: AnyStore, asked: Request, known: dict[str, Source]) -> Plan:
    wanted = _wanted(asked)
    graph = Graph(store, asked.sources, tuple(KINDS.get(kind, kind) for kind in wanted.kinds), asked.without)
    states = frozenset(state.id for state in _states(graph, asked))
    wanted = Wanted(wanted.first, wanted.last, states, wanted.kinds, wanted.on)
    of = ", ".join(asked.sources) or "all sources"
    table = TABLES["edges" if asked.table == NETWORK else asked.table]
    if asked.table in _NETWORKS and wanted.on is None:
        raise BadInput("a network is one on a day", hint="name it with --on, for instance --on 2000-01-01")
    title = f"Pactgraph, {asked.table} of {of}"
    dated = wanted.on is not None and asked.table not in _NETWORKS
    if dated and not {"start", "end"} <= {column.name for column in table.columns(wanted)}:
        raise BadInput(f"a row of {asked.table} has no first and last day", hint="ask for treaties, members, dyad or a network")

    def rows() -> Iterator[Values]:
        for row in table.rows(graph, wanted):
            if dated and not _holds(row, wanted.on or date.min, known):
                continue
            if not asked.kinds or asked.table not in _TIED or any(row[kind] != 0 for kind in wanted.kinds):
                yield row

    def network() -> tuple[Iterator[Values], Iterator[Values]]:
        edges = (row for row in TABLES["edges"].rows(graph, wanted) if any(row[kind] != 0 for kind in wanted.kinds))
        return TABLES["nodes"].rows(graph, wanted), edges if asked.kinds else TABLES["edges"].rows(graph, wanted)

    cited = [about for name, about in known.items() if graph.of(name) and store.has_graph(str(about.graph))]
    notes = [f"Left out: {name}, as {known[name].reason}." for name in asked.without if store.has_graph(str(known[name].graph))]
    return Plan(title, table.about, table.columns(wanted), rows, cited, notes, network if asked.table in _NETWORKS else None)


def _holds(row: Values, day: date, known: dict[str, Source]) -> bool:
    """Say whether a row holds on a day; one without an end does as long as one of its sources looks, or it is curated."""
    start, end, named = row["start"], row["end"], str(row.get("sources") or row.get("source") or "").split(";")
    if end is not None:
        return str(start or "") <= day.isoformat() <= str(end)
    lasts = [max((look.last for look in known[name].coverage), default="9999") for name in named if name in known]
    until = "9999" if CURATED in named else max(lasts, default="9999")
    return str(start or "") <= day.isoformat() <= until


def _wanted(asked: Request) -> Wanted:
    kinds = tuple(_kind(kind) for kind in asked.kinds) or tuple(KINDS)
    if asked.first is not None and asked.last is not None and asked.first > asked.last:
        raise BadInput(f"the years go from {asked.first} back to {asked.last}", hint="the first year comes first")
    return Wanted(asked.first, asked.last, kinds=kinds, on=asked.on)


def _kind(kind: str) -> str:
    """Give the column of a kind of obligation, named as our tables have it, or as the scheme does."""
    columns_of = {concept: column for column, concept in KINDS.items()}
    if kind in KINDS or kind in columns_of:
        return columns_of.get(kind, kind)
    raise BadInput(f"there is no kind of obligation {kind!r}", hint="use one of " + ", ".join(KINDS))


def _states(graph: Graph, asked: Request) -> list[State]:
    """Give the states that are asked for. Raises BadInput for one that is not known."""
    found = []
    for name in asked.states:
        low = name.lower().removeprefix("state/")
        ways = [state for state in graph.states.values() if low in _names(state)]
        if not ways:
            raise BadInput(
                f"there is no state {name!r}", hint="use its identifier (north-korea), name, COW number or ISO code (PRK)"
            )
        found += ways
    return found


def _names(state: State) -> set[str]:
    return {state.id.removeprefix("state/"), state.name.lower(), state.cow, state.iso.lower()} - {""}


def described() -> Iterator[tuple[str, str, list[str]]]:
    """Give each table: its name, what a row of it is, and the formats that it comes in."""
    rows = [name for name in formats.FORMATS if name != "graphml"]
    for name, table in TABLES.items():
        yield name, table.about, formats_of(name, rows)
    yield "member-year", OWN["cow-alliances-4.1"]["member-year"].about, rows
    yield NETWORK, "the nodes and edges of a day", ["graphml"]


def formats_of(name: str, rows: list[str]) -> list[str]:
    """Give the formats of a table: those of rows, and GraphML if it is a network."""
    return [*rows, "graphml"] if name in _NETWORKS else rows


def the_day(stated: str) -> date | None:
    """Give a day as it is asked for; None if none is. Raises BadInput for what is not a day of the calendar."""
    found = bounds(stated) if stated else None
    if found and found.precision != "day":
        raise BadInput(f"{stated!r} is not one day", hint="write it as 2000-01-31")
    return found.earliest if found else None


def write(planned: Plan, form: str, out: IO[bytes], progress: Progress | None = None) -> int:
    """Write a plan in a format (csv, parquet, dta, graphml); give the number of rows (edges). Raises BadInput."""
    if form not in formats.FORMATS:
        raise BadInput(f"there is no format {form!r}", hint="use one of " + ", ".join(formats.FORMATS))
    if form == "graphml" and planned.network:
        nodes, edges = planned.network()
        return formats.graphml(nodes, _counted(edges, progress), out)
    return formats.write(form, planned.columns, _counted(planned.rows(), progress), out)


def write_file(planned: Plan, form: str, path: Path, progress: Progress | None = None) -> int:
    """Write a plan to a file, whole or not at all, and its codebook beside it; give the number of rows.

    Beside `t.csv` stand `t.codebook.md` and, as CSV on the Web has it, `t.csv-metadata.json`.
    """
    with written(path) as file:
        count = write(planned, form, file, progress)
        _write_text(path.with_name(f"{path.stem}.codebook.md"), planned.codebook())
        if form == "csv":
            _write_text(path.with_name(f"{path.name}-metadata.json"), planned.csvw(path.name))
    return count


def _counted(rows: Iterable[Values], progress: Progress | None) -> Iterator[Values]:
    count = 0
    for row in rows:
        yield row
        count += 1
        if progress and count % 1000 == 0:
            progress(count)
    if progress:
        progress(count)


def _write_text(path: Path, text: str) -> None:
    with written(path) as file:
        file.write(text.encode())
