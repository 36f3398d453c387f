"""`pactgraph token …`: who may write to the releases of a folder."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pactgraph import release

app = typer.Typer(help="Say who may write to releases: without a token, nobody.", no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)
log = Console(stderr=True, highlight=False, soft_wrap=True)

Releases = Annotated[Path, typer.Option("--releases", help="Folder of the releases.")]
Name = Annotated[str, typer.Argument(help="Name of the token: whose it is, what it is for.")]
_FOLDER = Path("releases")


class Scope(StrEnum):
    """What a token allows; a test holds it equal to `release.SCOPES`."""

    update = "update"
    graphs = "graphs"
    release = "release"


@app.command()
def add(
    name: Name,
    scopes: Annotated[
        list[Scope], typer.Option("--scope", help="; ".join(f"{scope}: {words}" for scope, words in release.SCOPES.items()))
    ],
    releases: Releases = _FOLDER,
) -> None:
    """Make a token and print it. It is shown this once: the file has its hash alone."""
    text = release.add_token(releases, name, tuple(scope.value for scope in scopes))
    log.print("Keep it: it cannot be shown again.", markup=False)
    out.print(text, markup=False)


@app.command("list")
def list_tokens(
    releases: Releases = _FOLDER, as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False
) -> None:
    """List the tokens: name, scopes, when each was made (UTC)."""
    found = [{"name": one.name, "scopes": list(one.scopes), "created": one.created} for one in release.tokens_of(releases)]
    if as_json:
        out.print_json(json.dumps(found))
        return
    for one in found:
        out.print(f"{one['name']}  {', '.join(one['scopes'])}  {one['created']}", markup=False)


@app.command()
def remove(name: Name, releases: Releases = _FOLDER) -> None:
    """Remove a token; servers refuse it from now on."""
    release.remove_token(releases, name)
    out.print(f"removed {name}", markup=False)
