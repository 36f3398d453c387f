"""`pactgraph release …`: list, show, diff, verify, roll back, prune, back up, restore and publish releases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pactgraph import release
from pactgraph.errors import BadInput
from pactgraph.files import text_of
from pactgraph.net import LOGIN, read_login
from pactgraph.sources.register import sources

app = typer.Typer(help="Look after releases.", no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)
log = Console(stderr=True, highlight=False, soft_wrap=True)

Releases = Annotated[Path, typer.Option("--releases", help="Folder of the releases.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Identifier = Annotated[str, typer.Argument(help="Identifier of a release; the current one if left out.")]
_FOLDER = Path("releases")


@app.command("list")
def list_releases(releases: Releases = _FOLDER, as_json: AsJson = False) -> None:
    """List the releases; the current one is marked."""
    current = release.open_current(releases).id
    found = [_facts(one, current) for one in release.releases_of(releases)]
    if as_json:
        out.print_json(json.dumps(found))
        return
    for facts in found:
        mark = "*" if facts["current"] else " "
        out.print(f"{mark} {facts['id']}  {facts['issued']}  {facts['quads']:,} statements", markup=False)


@app.command()
def show(identifier: Identifier = release.CURRENT, releases: Releases = _FOLDER, as_json: AsJson = False) -> None:
    """Show a release: its facts and its files with their checksums."""
    found = release.open_release(releases, identifier)
    if as_json:
        out.print_json(json.dumps(found.manifest))
        return
    facts = _facts(found, release.open_current(releases).id)
    out.print(f"{facts['id']}, issued {facts['issued']}, {facts['quads']:,} statements", markup=False)
    for name, entry in found.manifest["files"].items():
        out.print(f"{entry['sha256']}  {entry['bytes']:>10,}  {name}", markup=False)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="The earlier release.")],
    after: Annotated[str, typer.Argument(help="The later one.")] = release.CURRENT,
    releases: Releases = _FOLDER,
    as_json: AsJson = False,
) -> None:
    """Show what one release has and another lacks, entity by entity."""
    found = release.diff(release.open_release(releases, before), release.open_release(releases, after))
    if as_json:
        out.print_json(json.dumps(vars(found)))
        return
    for entity in found.entities():
        out.print(entity, markup=False)
        for sign, side in (("-", found.removed), ("+", found.added)):
            for statement in side.get(entity, ()):
                out.print(f"  {sign} {statement}", markup=False)
    added, removed = found.count()
    out.print(f"{added:,} added, {removed:,} removed, in {len(found.entities()):,} entities", markup=False)


@app.command()
def verify(identifier: Identifier = release.CURRENT, releases: Releases = _FOLDER) -> None:
    """Check every checksum of a release, and its index. Exit status 1 if anything is wrong."""
    faults = list(release.verify(releases, identifier))
    for fault in faults:
        out.print(fault, markup=False)
    if faults:
        raise typer.Exit(1)
    out.print(f"{release.open_release(releases, identifier).id} is whole", markup=False)


@app.command()
def mend(identifier: Identifier = release.CURRENT, releases: Releases = _FOLDER) -> None:
    """Make the index of a release anew from its dump, from which it follows."""
    out.print(f"{release.mend(releases, identifier).id} has a new index", markup=False)


@app.command()
def rollback(
    identifier: Annotated[str, typer.Argument(help="The release to go back to; that before the current one if left out.")] = "",
    releases: Releases = _FOLDER,
) -> None:
    """Make an earlier release the current one."""
    out.print(f"{release.rollback(releases, identifier or None).id} is the current release", markup=False)


@app.command()
def prune(
    keep: Annotated[int, typer.Option(min=0, help="How many releases to keep besides the current one.")] = 3,
    releases: Releases = _FOLDER,
) -> None:
    """Remove old releases; the current one always stays."""
    for name in release.prune(releases, keep):
        out.print(f"removed {name}", markup=False)


@app.command()
def backup(
    archive: Annotated[Path, typer.Argument(help="The archive to write (tar).")],
    identifier: Identifier = release.CURRENT,
    releases: Releases = _FOLDER,
) -> None:
    """Write a release to an archive."""
    out.print(f"{release.backup(releases, archive, identifier).id} is in {archive}", markup=False)


@app.command()
def restore(
    archive: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An archive that `backup` wrote.")],
    releases: Releases = _FOLDER,
) -> None:
    """Put a release from an archive back, and make it the current one."""
    out.print(f"{release.restore(releases, archive).id} is the current release", markup=False)


@app.command()
def cite(
    identifier: Identifier = release.CURRENT,
    query: Annotated[str, typer.Option(help="A query on the release, or a file that holds one.")] = "",
    form: Annotated[str, typer.Option("--format", help="text, bibtex or csl (CSL JSON).")] = "text",
    server: Annotated[str, typer.Option(help="The server that the citation leads to; our canonical address if left out.")] = "",
    releases: Releases = _FOLDER,
) -> None:
    """Say how to cite a release, or a query on it."""
    asked = text_of(query) if query else ""
    found = release.cite(release.open_release(releases, identifier), asked, server and server.rstrip("/") + "/")
    written = {"text": found.text, "bibtex": found.bibtex, "csl": found.csl}.get(form)
    if written is None:
        raise BadInput(f"there is no format {form!r}", hint="use text, bibtex or csl")
    out.print(written().rstrip("\n"), markup=False)


@app.command()
def publish(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="SPARQL endpoint of the engine.")],
    identifier: Identifier = release.CURRENT,
    releases: Releases = _FOLDER,
    engine: Annotated[str, typer.Option(help="What the engine is: auto, fuseki, virtuoso or sparql.")] = release.AUTO,
    update_url: Annotated[str, typer.Option(metavar="URL", help="Where it takes SPARQL Update, if that is not known.")] = "",
    graphs_url: Annotated[str, typer.Option(metavar="URL", help="Where it takes graphs (Graph Store Protocol).")] = "",
    login: Annotated[
        Path | None, typer.Option("--login", help=f"File with user:password for the engine; else the variable {LOGIN}.")
    ] = None,
    with_local: Annotated[
        bool, typer.Option("--with-local", help="Take along what may not be handed on: for an engine that only you ask.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Publish a release to an engine, from where an earlier attempt broke off; readers see the old one or the new one."""
    found = release.open_release(releases, identifier)
    target = release.target(to, read_login(login), engine, update_url, graphs_url)
    kept_back = {} if with_local else release.withheld(found)
    for graph, count in kept_back.items():
        log.print(f"left out: {count:,} statements of {graph} ({_reason(graph)}); --with-local takes them along", markup=False)
    content = release.parts(found, local=with_local)
    done = release.publish_to(content, found, target, lambda line: log.print(line, markup=False))
    if as_json:
        out.print_json(json.dumps({**vars(done), "withheld": kept_back}))
        return
    for graph, what in done.graphs.items():
        out.print(f"{what:8}{graph}", markup=False)
    out.print(f"{to} holds {done.release}: {done.quads:,} statements, by count and digest", markup=False)


def _reason(graph: str) -> str:
    """Say why the statements of a graph are not handed on."""
    about = next((one for one in sources().values() if str(one.graph) == graph), None)
    return about.reason if about else "they follow from sources that may not be handed on, or describe them"


def _facts(found: release.Release, current: str) -> dict[str, Any]:
    facts = {name: found.manifest[name] for name in ("id", "version", "issued", "quads")}
    return {**facts, "current": found.id == current}
