"""The command line: each command parses, calls one function, prints. Exit status: 0 done, 1 findings, 2 unusable input."""

from __future__ import annotations

import gc
import inspect
import io
import json
import sys
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from pactgraph import cli_release, cli_sources, cli_token
from pactgraph.errors import BadInput, DataInvalid, Finding, PactgraphError, WriteRefused
from pactgraph.files import text_of
from pactgraph.net import LOGIN, Door, read_login
from pactgraph.settings import OPTIONS, BuildSettings, ServeSettings
from pactgraph.terms import curie

if TYPE_CHECKING:
    from pactgraph.pipeline import Report
    from pactgraph.research import Plan
    from pactgraph.store import EmbeddedStore, RemoteStore

app = typer.Typer(
    name="pactgraph",
    help="States, leaders, the pacts between them and the domains they cooperate in, as linked data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_release.app, name="release")
app.add_typer(cli_token.app, name="token")
app.add_typer(cli_sources.app, name="sources")
out = Console(highlight=False, soft_wrap=True)
log = Console(stderr=True, highlight=False, soft_wrap=True)

Releases = Annotated[Path, typer.Option("--out", "--releases", help="Folder of the releases.")]
Files = Annotated[
    list[Path] | None,
    typer.Argument(help="Curated files, or RDF in any syntax; none: all curated.", exists=True, dir_okay=False, readable=True),
]
AsOf = Annotated[str, typer.Option("--as-of", help="A day, YYYY-MM-DD, whose view is asked too: what holds on it.")]
Login = Annotated[
    Path | None,
    typer.Option("--login", help=f"File with user:password for the engine; else the variable {LOGIN}.", dir_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


_SHOWN = 20
_STAGE = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())


def _show(bars: Progress, stage: str, done: int, of: int) -> None:
    """Show how far a stage is: a bar for each; when one begins, those before it have ended."""
    task = next((task for task in bars.tasks if task.fields["stage"] == stage and not task.finished), None)
    if task is None:
        for before in bars.tasks:
            bars.update(before.id, completed=before.total or 1, total=before.total or 1)
        bars.add_task(stage, total=None, stage=stage)
    else:
        bars.update(task.id, completed=done, total=of or None, description=f"{stage} {done}/{of}" if of else stage)


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
    hand_on: Annotated[
        list[str] | None, typer.Option(help="A source for local use that you may hand on: put it into the dumps, too.")
    ] = None,
    no_infer: Annotated[bool, typer.Option("--no-infer", help="Leave out inference.")] = False,
    discard_written: Annotated[
        bool, typer.Option("--discard-written", help="Leave out what clients have written to the current release.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Populate, infer, validate and publish a release; what clients have written to the current one is kept."""
    from pactgraph import pipeline

    settings = BuildSettings(releases, not no_infer, sources, tuple(imports or ()), discard_written, tuple(hand_on or ()))
    with Progress(*_STAGE, console=log, transient=True) as bars:
        report = pipeline.build(settings, partial(_show, bars))
    assert report.release is not None
    if as_json:
        facts = {"release": report.release.id, "seconds": report.seconds, **report.counts, "accounts": report.accounts}
        facts |= {"local": report.local, "shortfalls": [vars(one) for one in report.shortfalls]}
        out.print_json(json.dumps(facts))
        return
    _print_report(report)


def _print_report(report: Report) -> None:
    """Print what a build did: warnings, an account of rows, what imported records lack, what is local, the release."""
    assert report.release is not None
    for finding in report.warnings:
        log.print(str(finding), markup=False)
    for source, accounts in report.accounts.items():
        for account in accounts:
            read, loaded, listed = account["read"], account["loaded"], account["listed"]
            out.print(
                f"{source}: {account['file']}: {read:,} rows read, {loaded:,} loaded, {len(listed):,} listed", markup=False
            )
            for line, reason in listed[:_SHOWN]:
                out.print(f"  {account['file']}:{line}: {reason}", markup=False)
            if len(listed) > _SHOWN:
                out.print(f"  … and {len(listed) - _SHOWN:,} more: reports/accounting.json of the release", markup=False)
    for one in report.shortfalls:
        cited = ", ".join(f"{source} {count:,}" for source, count in one.by_source.items())
        out.print(f"{one.count:,} records ({cited}): {one.message} ({curie(one.shape)})", markup=False)
    for source, reason in report.local.items():
        out.print(f"{source} is in the index of this release only, and in none of its files: {reason}", markup=False)
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items())
    counts = ", ".join(f"{number:,} {name}" for name, number in report.counts.items())
    out.print(f"{report.release.id}: {counts} ({stages})", markup=False)


@app.command()
def validate(
    files: Files = None,
    reason: Annotated[bool, typer.Option("--reason", help="Also look for contradictions, by the rules and HermiT.")] = False,
    as_json: AsJson = False,
) -> None:
    """Validate files in the light of what is known (all curated ones if none is named); findings as file:line:column: text."""
    from pactgraph import pipeline

    _print_findings(pipeline.validate_files(files or [], reason=reason), as_json)


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
    store: Annotated[
        str, typer.Option(metavar="URL", help="SPARQL endpoint of an engine that holds the release; else its own index.")
    ] = "",
    login: Login = None,
    scratch: Annotated[
        bool, typer.Option("--scratch", help="Serve an empty store that can be written to; loopback only.")
    ] = False,
    token: Annotated[str, typer.Option(help="The token that writes to a scratch store need.")] = "scratch",
    allow_service: Annotated[
        list[str] | None, typer.Option(help="A server that queries may ask by SERVICE: how its address begins. Repeatable.")
    ] = None,
    hand_on: Annotated[
        list[str] | None,
        typer.Option(help="A source whose tables this server may hand on though the register says no. Repeatable."),
    ] = None,
    log_queries: Annotated[Logged, typer.Option("--log", help="Queries to log: all, slow or failed ones, none.")] = Logged.slow,
    log_clients: Annotated[Named, typer.Option(help="How a log names clients: by address, or by a hash.")] = Named.address,
    **limits: float,
) -> None:
    """Serve the current release over HTTP, that of an engine with --store, or with --scratch an empty store for trials."""
    from pactgraph.pipeline.writer import WriterProcess
    from pactgraph.sources.register import source as known_source
    from pactgraph.web import server

    if store and scratch:
        raise BadInput("--store and --scratch are two things to serve", hint="use one of them")
    values = {option.field: limits[option.field] * option.unit for option in OPTIONS}
    settings = ServeSettings(
        releases=releases,
        host=host,
        port=port,
        scratch=scratch,
        token=token if scratch else "",
        store=store,
        login=read_login(login) if store else None,
        allow_service=Door(allow_service or ()).prefixes,
        hand_on=tuple(known_source(name).id for name in hand_on or ()),
        log=log_queries.value,
        log_clients=log_clients.value,
        **values,  # type: ignore[arg-type]
    )
    if scratch:
        server.serve_scratch(settings)
    else:
        server.serve(settings, None if store else WriterProcess(settings))


@app.command()
def query(
    text: Annotated[str, typer.Argument(help="A query, or a file that holds one.")],
    form: Annotated[str, typer.Option("--format", help="table, or a format of /sparql: json, csv, tsv, xml, ttl …")] = "table",
    as_of: AsOf = "",
    releases: Releases = Path("releases"),
    endpoint: Annotated[str, typer.Option(metavar="URL", help="A SPARQL endpoint to ask in place of the release.")] = "",
    login: Login = None,
) -> None:
    """Ask the current release, or any endpoint, by SPARQL. Exit status 0 also for an empty answer."""
    from pactgraph.store import Formats, formats_named
    from pactgraph.store.answers import TURTLE
    from pactgraph.store.days import day_of

    asked, day = text_of(text), day_of(as_of) if as_of else None
    store = _engine(endpoint, login) if endpoint else _index(releases)
    if form == "table":
        _print_table(store.evaluate(asked, Formats(graph=TURTLE), as_of=day)[0])
    else:
        sys.stdout.buffer.write(store.evaluate(asked, formats_named(form), as_of=day)[0])


@app.command("who-helps")
def who_helps(
    state: Annotated[str, typer.Argument(help="The state attacked: a slug such as north-korea, or an IRI.")],
    on: Annotated[str, typer.Argument(metavar="DAY", help="The day of the attack, YYYY-MM-DD.")],
    releases: Releases = Path("releases"),
    as_json: AsJson = False,
) -> None:
    """Say who must help a state that is attacked on a day, under which article, on what conditions, by which source."""
    from pactgraph.research import helpers
    from pactgraph.store.days import day_of

    day, store = day_of(on), _index(releases)
    found = helpers.who_helps(store.rows, helpers.state_of(store.rows, state), day)
    if as_json:
        out.print_json(json.dumps(found.as_json()))
        return
    for line in helpers.lines(found):
        out.print(line, markup=False)


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(help="A thing: pact:russia-dprk-csp-2024, or an IRI.")],
    predicate: Annotated[str, typer.Argument(help="A property: a, pg:hasParty, or an IRI.")],
    value: Annotated[str, typer.Argument(metavar="OBJECT", help="A thing, or a value as text.")],
    alternatives: Annotated[int, typer.Option(min=1, help="How many ways to explain each statement.")] = 3,
    form: Annotated[str, typer.Option("--format", help="text, or PROV-O in a format of graphs: jsonld, ttl …")] = "text",
    as_of: AsOf = "",
    releases: Releases = Path("releases"),
) -> None:
    """Say why a statement holds: by which rules, from what is stated, by which sources."""
    from pactgraph.reasoning import prov, telling, why
    from pactgraph.reasoning.rule import on
    from pactgraph.reasoning.rulefile import day_rules, rules
    from pactgraph.release import open_current
    from pactgraph.store import EmbeddedStore, formats_named
    from pactgraph.store.days import day_of

    release = open_current(releases)
    day = day_of(as_of) if as_of else None
    known = rules(release.path) + (on(day, day_rules(release.path)) if day else ())
    found = why.answer(EmbeddedStore(release.store_path), known, (subject, predicate, value), alternatives, day)
    if form == "text":
        for line in telling.text(found):
            out.print(line, markup=False)
    else:
        media_type = formats_named(form).graph
        if media_type is None:
            raise BadInput(f"an explanation is a graph, which {form!r} cannot hold", hint="use text, jsonld or ttl")
        sys.stdout.buffer.write(prov.written(found, media_type))


def _index(releases: Path) -> EmbeddedStore:
    from pactgraph.release import open_current
    from pactgraph.store import EmbeddedStore

    return EmbeddedStore(open_current(releases).store_path)


def _engine(url: str, login: Path | None, *, holding: bool = False) -> RemoteStore:
    """Give an endpoint to ask: what it takes for its dataset, or the release that it holds."""
    from pactgraph.release import open_held
    from pactgraph.store import Endpoint, RemoteStore

    endpoint = Endpoint(url, read_login(login))
    return RemoteStore(open_held(endpoint, Path()).held if holding else endpoint, name=url)


@app.command()
def update(
    text: Annotated[str, typer.Argument(help="A SPARQL update, or a file that holds one.")],
    releases: Releases = Path("releases"),
) -> None:
    """Write to the current release, as a client of the server may: valid, as a release of its own, or not at all."""
    from pactgraph.pipeline.writes import apply
    from pactgraph.release import Change

    changed = apply(releases, Change("update", text=text_of(text), by="command line"))
    if any(finding.severity == "Violation" for finding in changed.findings):
        raise WriteRefused(changed.findings, changed.report)
    for finding in changed.findings:
        log.print(str(finding), markup=False)
    out.print(f"{changed.release}: {changed.added:,} statements added, {changed.removed:,} removed", markup=False)


@app.command()
def leader(
    person: Annotated[str, typer.Argument(help="A leader: a slug such as vladimir-putin, or an IRI.")],
    other: Annotated[str, typer.Option("--with", help="Another leader: when both led, and where they met.")] = "",
    releases: Releases = Path("releases"),
    as_json: AsJson = False,
) -> None:
    """List the pacts that a leader signed, inherited or ended; or compare two leaders."""
    from pactgraph.research import leading

    rows = _index(releases).rows
    one = leading.person_of(rows, person)
    if other:
        found = leading.overlap(rows, one, leading.person_of(rows, other))
        tables, answer, names = {"in office together": found.together, "met": found.meetings}, found.as_json(), found.names
    else:
        pacts = leading.pacts_of(rows, one)
        names = leading.names_in(rows, pacts)
        tables = {how: [row for row in pacts if row["how"].value == how] for how in ("signed", "inherited", "ended")}
        answer = {how: [leading.plain(names, row) for row in listed] for how, listed in tables.items()}
    if as_json:
        out.print_json(json.dumps(answer))
        return
    for title, listed in tables.items():
        out.print(f"{title}: {len(listed)}", markup=False)
        for row in listed:
            hidden = ("how", "event") if "pact" in row else ()
            words = (names.get(term.value, term.value) for key, term in row.items() if key not in hidden)
            out.print("  " + "; ".join(words), markup=False)


@app.command()
def export(
    table: Annotated[str, typer.Argument(help="The table, for instance dyad-year; none: print what there is.")] = "",
    source: Annotated[
        list[str] | None, typer.Option(help="A source to make it of, or curated; repeat. None: all, joined.")
    ] = None,
    first: Annotated[int | None, typer.Option("--from", help="The first year.")] = None,
    last: Annotated[int | None, typer.Option("--to", help="The last year.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="Rows of this state (north-korea, PRK, 731); repeat.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Rows with this kind of obligation (defense …); repeat.")] = None,
    on: Annotated[str, typer.Option("--on", "--as-of", help="A day: of a network, or rows on it.", metavar="DATE")] = "",
    layout: Annotated[str, typer.Option(help="source: as the source publishes it; pactgraph: as for all.")] = "",
    own: Annotated[str, typer.Option("--table", help="Which of a source's own tables `members` gives.")] = "",
    form: Annotated[str, typer.Option("--format", help="csv, parquet, dta (Stata) or graphml.")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file; its codebook goes beside it.")] = None,
    codebook: Annotated[bool, typer.Option("--codebook", help="Print what the columns mean, not the rows.")] = False,
    releases: Releases = Path("releases"),
    engine: Annotated[str, typer.Option("--store", metavar="URL", help="An engine that holds the release.")] = "",
    login: Login = None,
) -> None:
    """Write a research table: members, dyads, dyad-years, state-years, leaders, networks, of a source or of all, joined."""
    from pactgraph import research

    if not table:
        out.print("\n".join(research.NAMES), markup=False)
        return
    choices = tuple(tuple(given or ()) for given in (source, state, kind))
    asked = research.Request(table, choices[0], first, last, choices[1], choices[2], research.the_day(on), layout, own)
    planned = research.plan(_engine(engine, login, holding=True) if engine else _index(releases), asked)
    form = form or (output.suffix.removeprefix(".") if output else "graphml" if table == research.NETWORK else "csv")
    if codebook:
        sys.stdout.write(planned.codebook())
    elif output is None:
        _export_to_stdout(planned, form)
    else:
        with Progress(
            *Progress.get_default_columns()[:1], TextColumn("{task.completed:,} rows"), console=log, transient=True
        ) as bar:
            task = bar.add_task(table, total=None)
            count = research.write_file(planned, form, output, lambda done: bar.update(task, completed=done))
        log.print(f"{count:,} {'edges' if form == 'graphml' else 'rows'} in {output}", markup=False)


def _export_to_stdout(planned: Plan, form: str) -> None:
    """Write a table to standard output; a format that is no stream is made whole first."""
    from pactgraph import research

    if form in ("csv", "graphml"):
        research.write(planned, form, sys.stdout.buffer)
        return
    body = io.BytesIO()
    research.write(planned, form, body)
    sys.stdout.buffer.write(body.getvalue())


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
