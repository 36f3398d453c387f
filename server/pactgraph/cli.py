"""The command line: each command parses, calls one function, prints. Exit status: 0 done, 1 findings, 2 unusable input."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pactgraph import cli_release
from pactgraph.errors import DataInvalid, Finding, PactgraphError
from pactgraph.settings import BuildSettings, ServeSettings
from pactgraph.terms import curie

app = typer.Typer(
    name="pactgraph",
    help="States, leaders, the pacts between them and the domains they cooperate in, as linked data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_release.app, name="release")
out = Console(highlight=False, soft_wrap=True)
log = Console(stderr=True, highlight=False, soft_wrap=True)

Releases = Annotated[Path, typer.Option("--out", "--releases", help="Folder of the releases.")]
Files = Annotated[
    list[Path] | None, typer.Argument(help="Curated files; none: all.", exists=True, dir_okay=False, readable=True)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command()
def build(
    releases: Releases = Path("releases"),
    no_infer: Annotated[bool, typer.Option("--no-infer", help="Leave out inference.")] = False,
    as_json: AsJson = False,
) -> None:
    """Populate, infer, validate and publish a release."""
    from pactgraph import pipeline

    settings = BuildSettings(out=releases, infer=not no_infer)
    with log.status("") as status:
        report = pipeline.build(settings, lambda stage: status.update(f"{stage} …"))
    assert report.release is not None
    if as_json:
        out.print_json(json.dumps({"release": report.release.id, "seconds": report.seconds, **report.counts}))
        return
    for finding in report.warnings:
        log.print(str(finding), markup=False)
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items())
    counts = ", ".join(f"{number:,} {name}" for name, number in report.counts.items())
    out.print(f"{report.release.id}: {counts} ({stages})", markup=False)


@app.command()
def validate(
    files: Files = None,
    as_json: AsJson = False,
) -> None:
    """Validate curated files (all of them when none is named); findings as file:line:column: message."""
    from pactgraph import pipeline

    _print_findings(pipeline.validate_files(files or []), as_json)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    releases: Releases = Path("releases"),
    scratch: Annotated[
        bool, typer.Option("--scratch", help="Serve an empty store that can be written to; loopback only.")
    ] = False,
    token: Annotated[str, typer.Option(help="The token that writes to a scratch store need.")] = "scratch",
) -> None:
    """Serve the current release over HTTP, or with --scratch an empty store for trying things."""
    from pactgraph.web import server

    settings = ServeSettings(releases=releases, host=host, port=port, scratch=scratch, token=token if scratch else "")
    (server.serve_scratch if scratch else server.serve)(settings)


@app.command()
def query(
    text: Annotated[str, typer.Argument(help="A query, or a file that holds one.")],
    form: Annotated[str, typer.Option("--format", help="table, or a format of /sparql: json, csv, tsv, xml, ttl …")] = "table",
    releases: Releases = Path("releases"),
) -> None:
    """Ask the current release by SPARQL. Exit status 0 also for an empty answer."""
    from pactgraph.release import open_current
    from pactgraph.store import EmbeddedStore, Formats, formats_named
    from pactgraph.store.answers import TURTLE

    path = Path(text)
    is_file = len(text) < 1024 and path.is_file()
    asked = path.read_text(encoding="utf-8") if is_file else text
    store = EmbeddedStore(open_current(releases).store_path)
    if form == "table":
        _print_table(store.evaluate(asked, Formats(graph=TURTLE))[0])
    else:
        sys.stdout.buffer.write(store.evaluate(asked, formats_named(form))[0])


def _print_table(body: bytes) -> None:
    """Print an answer as people read it: a table, yes or no, or triples."""
    if not body.startswith(b"{"):
        out.print(body.decode("utf-8"), markup=False, end="")
        return
    found = json.loads(body)
    if "boolean" in found:
        out.print("yes" if found["boolean"] else "no")
        return
    table = Table(*found["head"]["vars"], box=None, header_style="bold")
    for row in found["results"]["bindings"]:
        table.add_row(*(escape(curie(row[name]["value"])) if name in row else "" for name in found["head"]["vars"]))
    out.print(table)


def _print_findings(findings: list[Finding], as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps([vars(finding) for finding in findings]))
    for finding in [] if as_json else findings:
        out.print(str(finding), markup=False)
    if any(finding.severity == "Violation" for finding in findings):
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; errors are one line each on standard error."""
    gc.set_threshold(100_000)  # graphs are many small objects that stay: looking for garbage among them costs a fifth
    try:
        app()
    except DataInvalid as error:
        for finding in error.findings:
            log.print(str(finding), markup=False)
        log.print(error.detail, markup=False)
        sys.exit(error.exit_code)
    except PactgraphError as error:
        log.print(f"pactgraph: {error.detail}", markup=False)
        if "excerpt" in error.extra:
            log.print(error.extra["excerpt"], markup=False)
        sys.exit(error.exit_code)
