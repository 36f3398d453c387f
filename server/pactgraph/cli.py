"""The command line: each command parses, calls one function, prints. Exit status: 0 done, 1 findings, 2 unusable input."""

from __future__ import annotations

import gc
import inspect
import json
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pactgraph import cli_release
from pactgraph.errors import BadInput, DataInvalid, Finding, PactgraphError
from pactgraph.settings import OPTIONS, BuildSettings, ServeSettings
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
    list[Path] | None,
    typer.Argument(help="Curated files, or RDF in any syntax; none: all curated.", exists=True, dir_okay=False, readable=True),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class Logged(StrEnum):
    """Which queries are logged: all; those that took a second or failed; none."""

    all = "all"
    slow = "slow"
    none = "none"


class Named(StrEnum):
    """How a log names clients."""

    address = "address"
    hash = "hash"


@app.command()
def build(
    releases: Releases = Path("releases"),
    sources: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder of your copies of data sets.")
    ] = None,
    imports: Annotated[list[str] | None, typer.Option("--with", help="A source to import; all that can be, if none.")] = None,
    no_infer: Annotated[bool, typer.Option("--no-infer", help="Leave out inference.")] = False,
    as_json: AsJson = False,
) -> None:
    """Populate, infer, validate and publish a release."""
    from pactgraph import pipeline

    settings = BuildSettings(releases, not no_infer, sources, tuple(imports or ()))
    with log.status("") as status:
        report = pipeline.build(settings, lambda stage: status.update(f"{stage} …"))
    assert report.release is not None
    if as_json:
        facts = {"release": report.release.id, "seconds": report.seconds, **report.counts, "accounts": report.accounts}
        out.print_json(json.dumps(facts))
        return
    for finding in report.warnings:
        log.print(str(finding), markup=False)
    for source, accounts in report.accounts.items():
        for account in accounts:
            read, loaded, listed = account["read"], account["loaded"], account["listed"]
            out.print(
                f"{source}: {account['file']}: {read:,} rows read, {loaded:,} loaded, {len(listed):,} listed", markup=False
            )
            for line, reason in listed:
                out.print(f"  {account['file']}:{line}: {reason}", markup=False)
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items())
    counts = ", ".join(f"{number:,} {name}" for name, number in report.counts.items())
    out.print(f"{report.release.id}: {counts} ({stages})", markup=False)


@app.command()
def validate(
    files: Files = None,
    as_json: AsJson = False,
) -> None:
    """Validate files in the light of what is known (all curated ones if none is named); findings as file:line:column: text."""
    from pactgraph import pipeline

    _print_findings(pipeline.validate_files(files or []), as_json)


def _with_limits(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of the table `OPTIONS`; it takes them in place of its keyword arguments."""
    own = [p for p in inspect.signature(function, eval_str=True).parameters.values() if p.kind is not p.VAR_KEYWORD]
    limits = [
        inspect.Parameter(
            option.field,
            inspect.Parameter.KEYWORD_ONLY,
            default=option.default,
            annotation=Annotated[
                type(option.default), typer.Option(option.name, help=option.help, min=option.least, max=option.most)
            ],
        )
        for option in OPTIONS
    ]
    function.__signature__ = inspect.Signature([*own, *limits])  # type: ignore[attr-defined]
    return function


@app.command()
@_with_limits
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    releases: Releases = Path("releases"),
    scratch: Annotated[
        bool, typer.Option("--scratch", help="Serve an empty store that can be written to; loopback only.")
    ] = False,
    token: Annotated[str, typer.Option(help="The token that writes to a scratch store need.")] = "scratch",
    log_queries: Annotated[Logged, typer.Option("--log", help="Queries to log: all, slow or failed ones, none.")] = Logged.slow,
    log_clients: Annotated[Named, typer.Option(help="How a log names clients: by address, or by a hash.")] = Named.address,
    **limits: float,
) -> None:
    """Serve the current release over HTTP, or with --scratch an empty store for trying things."""
    from pactgraph.web import server

    values = {option.field: limits[option.field] * option.unit for option in OPTIONS}
    settings = ServeSettings(
        releases=releases,
        host=host,
        port=port,
        scratch=scratch,
        token=token if scratch else "",
        log=log_queries.value,
        log_clients=log_clients.value,
        **values,  # type: ignore[arg-type]
    )
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

    asked = _file_or_text(text)
    store = EmbeddedStore(open_current(releases).store_path)
    if form == "table":
        _print_table(store.evaluate(asked, Formats(graph=TURTLE))[0])
    else:
        sys.stdout.buffer.write(store.evaluate(asked, formats_named(form))[0])


def _file_or_text(text: str) -> str:
    """Give what a file holds, or the text itself; what looks like a file name and is none is said to be missing."""
    if len(text) < 1024 and Path(text).is_file():
        return Path(text).read_text(encoding="utf-8")
    if not any(mark in text for mark in "{} \n"):
        raise BadInput("there is no such file", file=text, hint="name a file with a query, or write the query in quotes")
    return text


@app.command()
def export(
    table: Annotated[str, typer.Argument(help="members, dyad, directed-dyad, member-year, dyad-year or directed-dyad-year.")],
    source: Annotated[str, typer.Option(help="The source that the table is made from, for instance cow-alliances-4.1.")],
    own: Annotated[
        str, typer.Option("--table", help="Which of the source's tables; if left out, its only one or members.")
    ] = "",
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; standard output if left out.")] = None,
    releases: Releases = Path("releases"),
) -> None:
    """Write a research table of a source as CSV."""
    from pactgraph import research
    from pactgraph.release import open_current
    from pactgraph.store import EmbeddedStore

    store = EmbeddedStore(open_current(releases).store_path)
    if to is None:
        research.export(store, table, source, sys.stdout, own)
        return
    partial = to.with_name(f".{to.name}.partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        count = research.export(store, table, source, file, own)
    partial.rename(to)
    log.print(f"{count:,} rows in {to}", markup=False)


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
    Console(highlight=False, width=None if out.is_terminal else 100_000).print(table)


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
    except UnicodeError as error:
        log.print(f"pactgraph: an argument or a file is not UTF-8: {error}", markup=False)
        sys.exit(2)
