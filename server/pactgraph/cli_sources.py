"""`pactgraph sources`: the data sets that can be imported, fetching copies of them, and checking copies."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from pactgraph.errors import BadInput

app = typer.Typer(help="Data sets that can be imported: list them, fetch copies, check copies.", no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)
log = Console(stderr=True, highlight=False, soft_wrap=True)

Folder = Annotated[Path, typer.Option("--sources", file_okay=False, help="Folder of your copies of data sets.")]
Ids = Annotated[list[str] | None, typer.Argument(help="Sources, such as cow-states-2024; all if none is named.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List the sources with version, licence, whether they may be handed on, and where they are found."""
    from pactgraph.sources import register

    found = list(register.sources().values())
    if as_json:
        kept = ("id", "title", "version", "citation", "licence", "address", "redistribute", "reason", "prepared")
        tables = [
            {name: {"file": t.file, "sha256": t.sha256, "download": t.download} for name, t in one.tables.items()}
            for one in found
        ]
        facts = [
            {name: getattr(one, name) for name in kept} | {"graph": str(one.graph), "tables": files}
            for one, files in zip(found, tables, strict=True)
        ]
        out.print_json(json.dumps(facts))
        return
    for one in found:
        out.print(f"{one.id}: {one.title} {one.version}", markup=False)
        out.print(f"  {one.citation}", markup=False)
        out.print(f"  licence: {one.licence}", markup=False)
        if not one.redistribute:
            out.print(f"  not handed on: {one.reason}", markup=False)
        out.print(f"  address: {one.address}" + ("" if one.fetchable else f" ({one.prepared})"), markup=False)


@app.command()
def fetch(ids: Ids = None, sources: Folder = Path("sources")) -> None:
    """Fetch copies of sources into a folder: what is there already and right is left, what was broken off goes on."""
    from pactgraph.sources import fetch as fetching
    from pactgraph.sources import register

    every = register.sources().values()
    wanted = [register.source(name) for name in ids] if ids else [one for one in every if one.fetchable]
    for source in [] if ids else [one for one in every if not one.fetchable]:
        log.print(f"{source.id} is at no address as such: {source.prepared} See {source.address}", markup=False)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=log, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(file: str, done: int, whole: int | None) -> None:
            task = tasks.get(file)
            if task is None:
                task = tasks[file] = bars.add_task(file)
            bars.update(task, completed=done, total=whole)

        for source in wanted:
            if not source.redistribute:
                log.print(f"{source.id} is for your own use: {source.reason}", markup=False)
            written = fetching.fetch(source, sources, progress)
            for path in written:
                out.print(f"{source.id}: {path}", markup=False)
            if not written:
                out.print(f"{source.id}: the copy is right already", markup=False)


@app.command()
def check(ids: Ids = None, sources: Folder = Path("sources"), as_json: AsJson = False) -> None:
    """Say of each file whether the copy is right, missing, or another file. Exit status 1 unless all are right."""
    from pactgraph.sources import fetch as fetching
    from pactgraph.sources import register

    if not sources.is_dir():
        raise BadInput("there is no such folder", file=str(sources), hint="name the folder of your copies with --sources")
    wanted = [register.source(name) for name in ids] if ids else list(register.sources().values())
    found = list(fetching.check(wanted, sources))
    if as_json:
        out.print_json(json.dumps([asdict(copy) for copy in found]))
    for copy in [] if as_json else found:
        told = {"right": "right", "missing": "missing", "other": "another file than the register describes"}[copy.state]
        out.print(f"{copy.source}: {copy.file}: {told}", markup=False)
    if any(copy.state != "right" for copy in found):
        raise typer.Exit(1)
