"""The same contract over three stores: the embedded engine, Apache Jena Fuseki and Virtuoso 7, the latter two started for real.

The order matters: small releases are published first, resumed and switched; then the real one replaces them, and is asked.
"""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results

from pactgraph import knowledge, queries, research
from pactgraph.errors import BadInput, QueryImpossible, QueryRefused, QuerySyntax, ReleaseMoved, RemoteFailed
from pactgraph.queries import load
from pactgraph.release import open_current, open_held, parts, publish_to, target
from pactgraph.release.upload import _Publication
from pactgraph.settings import Login, ServeSettings
from pactgraph.store import EmbeddedStore, Endpoint, Formats, QueryService, RemoteStore, look
from pactgraph.store.answers import GRAPHS, RESULTS
from pactgraph.store.days import name_of
from tests.conftest import needs, run_cli, serving
from tests.release.conftest import make
from tests.stores import engines
from tests.stores.engines import Engine
from tests.web.test_proxy import proxied

NAMES = ("fuseki", "virtuoso")
BASE = "https://w3id.org/pactgraph/"
PACT = "pact/russia-dprk-csp-2024"
COUNT = "SELECT (COUNT(*) AS ?n) (MIN(STR(?o)) AS ?least) (MAX(STR(?o)) AS ?most) WHERE { ?s ?p ?o }"
# What Virtuoso answers otherwise than SPARQL 1.1 says (docs/reference/stores.md): a comparison in NOT EXISTS or in a nested
# OPTIONAL is lost. Where an answer has computed booleans, it has 0 and 1.
WRONG = {"virtuoso": {"q08", "page/pact-classes", "page/person-pacts"}, "fuseki": set()}
JSON, LINES = RESULTS["json"], GRAPHS["nt"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    """The engines that this machine has."""
    needs(engines.JAR.is_file(), "Fuseki: make install-test")
    needs(engines.virtuoso_program(), "Virtuoso: the package virtuoso-opensource-7-bin")
    with (
        engines.fuseki(tmp_path_factory.mktemp("fuseki")) as one,
        engines.virtuoso(tmp_path_factory.mktemp("virtuoso")) as other,
    ):
        yield {"fuseki": one, "virtuoso": other}


@pytest.fixture(scope="module", params=NAMES)
def engine(request: pytest.FixtureRequest, running: dict[str, Engine]) -> Engine:
    return running[request.param]


# Publishing


def give(engine: Engine, release: Any) -> Any:
    return publish_to(parts(release), release, target(engine.url, engine.login))


def test_a_release_is_published_and_replaced(engine: Engine, tmp_path: Path) -> None:
    first = give(engine, make(tmp_path, 1, 30))
    assert set(first.graphs.values()) == {"sent"} and first.quads == 30
    held = look(Endpoint(engine.url))
    assert held and (held.id, held.quads, held.graphs) == (first.release, 30, (f"{BASE}graph/curated",))
    again = give(engine, make(tmp_path, 1, 30))
    assert set(again.graphs.values()) == {"kept"}, "what the engine holds is not sent again"
    assert look(Endpoint(engine.url)) == held, "and nothing moves"
    second = make(tmp_path, 2, 20)
    give(engine, second)
    store = RemoteStore(open_held(Endpoint(engine.url), tmp_path).held)
    assert answer(store, COUNT) == [{"n": "20", "least": "2", "most": "2"}]
    with pytest.raises(ReleaseMoved):
        RemoteStore(held).evaluate(COUNT, Formats())


def test_a_broken_publication_is_resumed(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It breaks one request later each time; readers see the old release, none, or the new; at last it is whole."""
    before = look(Endpoint(engine.url))
    release = make(tmp_path, 3, 50)
    monkeypatch.setattr("pactgraph.release.upload._PIECE", 20)
    write, update, sent = _Publication._write, _Publication._update, []

    def breaking(real: Any) -> Any:
        def call(self: Any, *arguments: Any) -> None:
            sent.append(arguments)
            if len(sent) == stop:
                raise RemoteFailed("cut")
            real(self, *arguments)

        return call

    monkeypatch.setattr(_Publication, "_write", breaking(write))
    monkeypatch.setattr(_Publication, "_update", breaking(update))
    breaks = 0
    while True:
        stop, sent = breaks + 2, []  # each attempt gets one request further
        try:
            done = give(engine, release)
            break
        except RemoteFailed:
            breaks += 1
        now = look(Endpoint(engine.url))
        assert now is None or now == before or now.id == release.id
        assert breaks < 20
    assert breaks >= 2 and done.quads == 50
    assert {body.count(b"\n") for _, _, body in (call for call in sent if len(call) == 3)} <= {10, 20}
    store = RemoteStore(open_held(Endpoint(engine.url), tmp_path).held)
    assert answer(store, COUNT) == [{"n": "50", "least": "3", "most": "3"}]
    seen = requests.get(
        engine.url, params={"query": "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"}, headers={"Accept": "text/csv"}
    )
    assert f"{BASE}release/{release.id}" not in seen.text, "nothing is left aside"


def test_readers_see_one_release_or_the_other(engine: Engine, tmp_path: Path) -> None:
    """Through the query service, which waits while an engine is between two; every answer is of one release, and says which."""
    old, new = make(tmp_path, 4, 400), make(tmp_path, 5, 400)
    give(engine, old)
    endpoint = Endpoint(engine.url)
    service = QueryService(ServeSettings(releases=tmp_path, workers=1), partial(open_held, endpoint))
    seen: list[tuple[str, str]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            got = service.query(COUNT)
            (row,) = answered(got.body)
            assert (row["n"], row["least"]) == ("400", row["most"])
            seen.append((got.release, row["most"]))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for release in (new, old, new):
            give(engine, release)
        while not seen or seen[-1][0] != new.id:
            assert reader.is_alive()
    finally:
        done.set()
        reader.join(60)
        service.close()
    assert {(old.id, "4"), (new.id, "5")} == set(seen)


def test_views_of_days_go_with_the_release(engine: Engine, tmp_path: Path) -> None:
    """Publishing the same release again leaves them where they are; another one empties them."""
    endpoint, day = Endpoint(engine.url, engine.login), date(2000, 1, 1)
    old, new = make(tmp_path, 6, 20), make(tmp_path, 7, 30)
    give(engine, old)
    store = RemoteStore(open_held(endpoint, tmp_path).held)
    store.evaluate("ASK {}", Formats(), as_of=day)
    assert store._views and store._views._size(day) == 2
    held = look(endpoint)
    give(engine, old)
    assert look(endpoint) == held and store._views._size(day) == 2 and len(store._views._rows()) == 1
    assert give(engine, new).graphs == {f"{BASE}graph/curated": "sent"}
    assert store._views._size(day) == 0 and store._views._rows() == []
    with pytest.raises(ReleaseMoved):
        store.evaluate("ASK {}", Formats(), as_of=day)


def test_a_wrong_login_is_said_and_never_shown(engine: Engine, tmp_path: Path) -> None:
    release = make(tmp_path, 6)
    login = tmp_path / "login"
    login.write_text("publisher:wr0ng-secret\n", encoding="utf-8")
    done = run_cli("release", "publish", release.id, "--releases", str(tmp_path), "--to", engine.url, "--login", str(login))
    assert done.returncode == 2 and "login" in done.stderr and "wr0ng-secret" not in done.stdout + done.stderr
    assert "wr0ng-secret" not in repr(Login("publisher", "wr0ng-secret"))


# The contract


@pytest.fixture(scope="module")
def loaded(running: dict[str, Engine], releases: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Engine]:
    """Both engines with the real release: one through the command line, the login in a file."""
    login = tmp_path_factory.mktemp("login") / "login"
    login.write_text(f"{running['fuseki'].login.user}:{running['fuseki'].login.password}\n", encoding="utf-8")
    url = running["fuseki"].url
    done = run_cli("release", "publish", "--releases", str(releases), "--to", url, "--login", str(login), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["quads"] == open_current(releases).manifest["quads"]
    give(running["virtuoso"], open_current(releases))
    return running


@pytest.fixture(scope="module", params=NAMES)
def remote(request: pytest.FixtureRequest, loaded: dict[str, Engine], releases: Path) -> tuple[str, RemoteStore]:
    return request.param, RemoteStore(open_held(Endpoint(loaded[request.param].url), releases).held)


@pytest.fixture(scope="module")
def embedded(releases: Path) -> EmbeddedStore:
    return EmbeddedStore(open_current(releases).store_path)


def answered(body: bytes) -> Any:
    found = parse_query_results(body, QueryResultsFormat.JSON)
    if not isinstance(found, QuerySolutions):
        return bool(found)
    names = [variable.value for variable in found.variables]
    return [{name: said(term) for name, term in zip(names, row, strict=True) if term is not None} for row in found]


def said(term: Any) -> str:
    """Give the value of a term; engines write a decimal each in a way of its own: 79 or 79.0."""
    decimal = isinstance(term, Literal) and term.datatype.value.endswith("#decimal")
    return str(float(term.value)) if decimal else str(term.value)


def answer(store: EmbeddedStore | RemoteStore, text: str) -> Any:
    return answered(store.evaluate(text, Formats())[0])


def comparable(body: bytes, media_type: str) -> Any:
    """Give an answer as it can be compared: the order of rows and in GROUP_CONCAT is free, as are the labels of blank nodes."""
    if media_type == JSON:
        found = answered(body)
        if isinstance(found, bool):
            return found
        return sorted(
            sorted(
                (name, "1" if value == "true" else "0" if value == "false" else " ".join(sorted(value.split(" "))))
                for name, value in row.items()
            )
            for row in found
        )
    return sorted(re.sub(r"_:\w+", "_:", str(quad)) for quad in parse(input=body, format=RdfFormat.from_media_type(media_type)))


def own_queries() -> list[tuple[str, str]]:
    """Give the competency questions and every query of ours, its slots filled with what there is."""
    found = [(path.stem, path.read_text(encoding="utf-8")) for path in knowledge.questions()]
    folder = Path(queries.__file__).parent
    kinds = {
        "pact": PACT,
        "person": "person/vladimir-putin",
        "source": "source/seed-article",
        "claim": "claim/analysts-mutual-interest-2024",
    }
    for path in sorted(folder.rglob("*.rq")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        thing = kinds.get(path.stem.partition("-")[0], "state/north-korea")
        slots = dict.fromkeys(re.findall(r"VALUES\s+\?(\w+)\s*\{\s*UNDEF", path.read_text()), NamedNode(f"{BASE}id/{thing}"))
        special = {
            "graph": f"{BASE}graph/links",
            "class": f"{BASE}ns#Pact",
            "property": f"{BASE}ns#party",
            "apart": f"{BASE}ns#party",
        }
        slots |= {name: NamedNode(iri) for name, iri in special.items() if name in slots}
        found.append((name, load(name, **slots)))
    return found


def test_every_query_of_ours_has_the_same_answer(remote: tuple[str, RemoteStore], embedded: EmbeddedStore) -> None:
    """And those that are known to differ do differ, so that the list stays true."""
    name, store = remote
    differ = set()
    for query, text in own_queries():
        if query in (
            "release",
            "graphs",
            "size",
            "default-graph",
            "every-row",
            "days/written",
        ):  # not of the release; empty graphs; triples count once; large
            continue
        expected, media_type, _ = embedded.evaluate(text, Formats())
        try:
            if comparable(store.evaluate(text, Formats())[0], media_type) != comparable(expected, media_type):
                differ.add(query)
        except QueryImpossible:
            differ.add(query)
    assert differ == WRONG[name]


@pytest.mark.parametrize("suffix", [*RESULTS, *GRAPHS])
def test_every_format_holds_the_same(remote: tuple[str, RemoteStore], embedded: EmbeddedStore, suffix: str) -> None:
    table = f"SELECT ?p ?o WHERE {{ <{BASE}id/{PACT}> ?p ?o }} ORDER BY ?p STR(?o)"
    graph = f"DESCRIBE <{BASE}id/{PACT}>"
    formats = Formats(RESULTS.get(suffix), GRAPHS.get(suffix))
    text = table if suffix in RESULTS else graph
    ours, theirs = (store.evaluate(text, formats) for store in (embedded, remote[1]))
    assert ours[1:] == theirs[1:]
    if suffix in GRAPHS:
        assert comparable(*ours[:2]) == comparable(*theirs[:2])
    elif suffix == "csv":
        assert list(csv.reader(io.StringIO(ours[0].decode()))) == list(csv.reader(io.StringIO(theirs[0].decode())))
    else:
        assert ours[0].count(b"russia") == theirs[0].count(b"russia") and len(ours[0]) == len(theirs[0])


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT * WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", QueryRefused),
        ("SELECT (<java:java.lang.System.exit>(1) AS ?x) {}", QueryRefused),
        ("PREFIX b: <b\\u0069f:> SELECT * { ?s b:contains 'x' }", QueryRefused),
        ("SELECT (<http://example.org/f>(1) AS ?x) {}", QueryImpossible),
        ("SELECT * WHERE { ?s ?p }", QuerySyntax),
        ("DEFINE get:soft 'soft' SELECT * FROM <http://127.0.0.1:1/> { ?s ?p ?o }", QuerySyntax),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", QuerySyntax),
    ],
)
def test_what_a_query_may_not_do_never_reaches_an_engine(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        RemoteStore(Endpoint("http://127.0.0.1:9/")).evaluate(text, Formats())


def test_only_the_graphs_of_the_release_are_seen(remote: tuple[str, RemoteStore], embedded: EmbeddedStore) -> None:
    """Not the engine's own graphs, nor those that wait for a switch; graphs that a request names are seen alone."""
    everything = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
    assert answer(remote[1], everything) == answer(embedded, everything)
    link = f"{BASE}graph/links"
    for store in (remote[1], embedded):
        one = store.evaluate("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", Formats(), (link,))[0]
        none = store.evaluate("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", Formats(), (link,))[0]
        named = store.evaluate("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", Formats(), (), (link,))[0]
        size = answer(store, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{link}> {{ ?s ?p ?o }} }}")
        assert answered(one) == answered(named) == size and answered(none) == [{"n": "0"}]


def test_values_are_the_same(remote: tuple[str, RemoteStore], embedded: EmbeddedStore) -> None:
    """What exports are made of."""
    text = (
        f"SELECT ?s ?label WHERE {{ ?s a <{BASE}ns#Pact> ; <http://www.w3.org/2000/01/rdf-schema#label> ?label }} ORDER BY ?s"
    )
    assert list(remote[1].values(text)) == list(embedded.values(text))


@pytest.mark.parametrize("table", ["members", "dyad-year", "leader-year"])
def test_exports_are_the_same(remote: tuple[str, RemoteStore], embedded: EmbeddedStore, table: str) -> None:
    made = []
    for store in (embedded, remote[1]):
        body = io.BytesIO()
        count = research.write(research.plan(store, research.Request(table, ("curated",), 2010, 2024)), "csv", body)
        made.append(sorted(body.getvalue().splitlines()))
        assert count > 10
    assert made[0] == made[1]


# Views of days, made here and written to the engine

PG = f"{BASE}ns#"
DEFENDERS = f"SELECT ?a {{ ?a <{PG}boundToDefend> <{BASE}id/state/north-korea> }}"
STATUS = f"SELECT ?status {{ <{BASE}id/{PACT}> <{PG}statusOnDay>|<{PG}possibleStatusOnDay> ?status }}"
DAYS = ("1970-01-01", "2024-07-01", "2024-12-05")


@pytest.fixture(scope="module")
def writing(remote: tuple[str, RemoteStore], loaded: dict[str, Engine], releases: Path) -> RemoteStore:
    """A store that has a login."""
    engine = loaded[remote[0]]
    return RemoteStore(open_held(Endpoint(engine.url, engine.login), releases).held)


@pytest.mark.parametrize("day", DAYS)
def test_views_of_days_are_the_same(writing: RemoteStore, embedded: EmbeddedStore, day: str) -> None:
    as_of = date.fromisoformat(day)
    view = load("graph", graph=name_of(as_of))
    named = f"SELECT (COUNT(*) AS ?n) FROM NAMED {name_of(as_of)} {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    for text in (DEFENDERS, STATUS, view, named):
        ours, theirs = (store.evaluate(text, Formats(), as_of=as_of) for store in (embedded, writing))
        assert comparable(*ours[:2]) == comparable(*theirs[:2])
    found = answered(writing.evaluate(DEFENDERS, Formats(), as_of=as_of)[0])
    assert len(found) == {"1970-01-01": 2, "2024-07-01": 1, "2024-12-05": 2}[day]


def test_a_view_that_is_changed_is_made_anew(
    writing: RemoteStore, embedded: EmbeddedStore, remote: tuple[str, RemoteStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something is added to it, before it is asked or while it is; the answer is right, or there is none."""
    as_of, one = date(2024, 7, 1), f"INSERT DATA {{ GRAPH {name_of(date(2024, 7, 1))} {{ <a:a> <{PG}boundToDefend> <a:b> }} }}"
    everything = f"SELECT ?a ?b {{ ?a <{PG}boundToDefend> ?b }}"
    right = comparable(*embedded.evaluate(everything, Formats(), as_of=as_of)[:2])
    assert comparable(*writing.evaluate(everything, Formats(), as_of=as_of)[:2]) == right
    assert writing._views
    writing._views._update(one)
    assert comparable(*writing.evaluate(everything, Formats(), as_of=as_of)[:2]) == right
    asked = RemoteStore.query

    def disturbed(self: RemoteStore, text: str, **options: Any) -> Any:
        writing._views._update(one)  # type: ignore[union-attr]
        return asked(self, text, **options)

    monkeypatch.setattr(RemoteStore, "query", disturbed)
    with pytest.raises(ReleaseMoved):
        writing.evaluate(everything, Formats(), as_of=as_of)
    monkeypatch.setattr(RemoteStore, "query", asked)
    with pytest.raises(QueryImpossible, match="--login"):  # somebody has to make it anew, and this one may not write
        remote[1].evaluate(everything, Formats(), as_of=as_of)
    assert comparable(*writing.evaluate(everything, Formats(), as_of=as_of)[:2]) == right
    assert comparable(*remote[1].evaluate(everything, Formats(), as_of=as_of)[:2]) == right, "what is there, anyone may ask"


def test_views_written_first_make_room(writing: RemoteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pactgraph.store.engine_views._MOST", 2)
    days = [date(1950, 1, number) for number in (1, 2, 3)]
    for day in days:
        writing.evaluate("ASK {}", Formats(), as_of=day)
    assert writing._views
    assert [writing._views._size(day) > 0 for day in days] == [False, True, True]
    assert {row["subject"] for row in writing._views._rows()} == {name_of(day).value for day in days[1:]}


def test_a_view_shows_only_when_it_is_asked_for(writing: RemoteStore) -> None:
    writing.evaluate("ASK {}", Formats(), as_of=date(2024, 12, 5))
    assert answer(writing, DEFENDERS) == []
    with pytest.raises(BadInput, match="asOf=2024-12-05"):
        answer(writing, f"SELECT * FROM {name_of(date(2024, 12, 5))} {{ ?s ?p ?o }}")


# Through the server


@pytest.fixture(scope="module", params=NAMES)
def url(
    request: pytest.FixtureRequest, loaded: dict[str, Engine], releases: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    engine = loaded[request.param]
    login = tmp_path_factory.mktemp("login") / "login"
    login.write_text(f"{engine.login.user}:{engine.login.password}\n", encoding="utf-8")
    options = ("--store", engine.url, "--login", str(login), "--query-timeout", "120")  # a busy machine
    with serving(releases, *options) as address:
        yield address


PATHS = (
    f"/data/{PACT}.nt",
    f"/data/{PACT}.nq",
    "/data/vocab/domain.nt",
    "/graph/links.nt",
    "/graph/links.nq",
    "/search?q=pyongyang&format=json",
    "/search?q=kim+jong+un&format=json",
    "/search?q=pyongyang&format=json&asOf=2024-12-05",
    f"/data/{PACT}.nt?asOf=2024-12-05",
    f"/data/{PACT}.nq?asOf=2024-12-05",
    "/graph/as-of/1970-01-01.nt",
    "/shapes.nt",
    "/void.ttl",
    "/healthz",
    "/export/members.csv?source=curated",
    "/export/dyad-year.csv?source=curated&from=2010&to=2024",
    "/export/edges.csv?on=2024-12-05&source=curated",
    "/findings?format=json",
    "/conflicts?format=json",
    "/agreement?format=json",
    "/contested?format=json",
    "/who-helps?state=north-korea&on=2024-12-05",
)


def without_freedom(found: Any, key: str = "") -> Any:
    """Leave out what engines are free in: by which of several names a thing was found, the order in GROUP_CONCAT, 0 or 0.0."""
    if isinstance(found, dict):
        return {key: without_freedom(value, key) for key, value in found.items() if key != "matched"}
    if key in ("source_1", "source_2"):
        return sorted(found.split())
    if key == "years":
        return float(found)
    return [without_freedom(one) for one in found] if isinstance(found, list) else found


@pytest.mark.parametrize("path", PATHS)
def test_the_server_answers_as_over_the_embedded_store(url: str, served_url: str, path: str) -> None:
    theirs, ours = (
        requests.get(address + path, headers={"Accept": "application/json, */*;q=0.5"}, timeout=60)
        for address in (url, served_url)
    )
    assert (theirs.status_code, theirs.headers["Content-Type"]) == (200, ours.headers["Content-Type"]), theirs.text
    assert [one.headers.get("X-As-Of") for one in (theirs, ours)] == [
        path[-10:] if "asOf" in path else ours.headers.get("X-As-Of")
    ] * 2
    assert theirs.headers.get("ETag") == ours.headers.get("ETag")
    media_type = ours.headers["Content-Type"].partition(";")[0]
    if media_type in (GRAPHS["nt"], GRAPHS["nq"]):
        assert comparable(theirs.content, media_type) == comparable(ours.content, media_type)
    elif media_type == "application/json":
        assert without_freedom(theirs.json()) == without_freedom(ours.json())
    elif path.startswith("/void"):
        assert theirs.content == ours.content
    else:
        assert sorted(theirs.text.splitlines()) == sorted(ours.text.splitlines())


@pytest.mark.parametrize(
    "statement",
    [
        ("proposition:dprk-arms-to-russia", "rdf:type", "pg:ContestedProposition"),
        ("pact:russia-dprk-csp-2024", "pg:supersedes", "pact:russia-dprk-2000"),
    ],
)
def test_explanations(url: str, served_url: str, statement: tuple[str, str, str]) -> None:
    """The same statements, whatever blank nodes are called."""
    asked = {**dict(zip(("subject", "predicate", "object"), statement, strict=True)), "format": "nt"}
    theirs, ours = (requests.get(f"{one}/explain", params=asked, timeout=60) for one in (url, served_url))
    assert (theirs.status_code, ours.status_code) == (200, 200), theirs.text
    label = re.compile(r"(_:|_%3A|genid(?:/|%2F))\w+")
    assert sorted(label.sub("b", theirs.text).splitlines()) == sorted(label.sub("b", ours.text).splitlines())


def test_pages_of_a_day(url: str, served_url: str) -> None:
    theirs, ours = (requests.get(f"{one}/page/state/north-korea?asOf=1970-01-01", timeout=60) for one in (url, served_url))
    assert theirs.status_code == 200 and "1970-01-01" in theirs.text
    assert [one.headers["ETag"] for one in (theirs, ours)] == [ours.headers["ETag"]] * 2
    seen = [set(re.findall(r'href="((?!/page/ns#)[^"]*)"', page.text)) for page in (theirs, ours)]  # classes: see WRONG
    assert seen[0] == seen[1] and "/data/state/north-korea.ttl?asOf=1970-01-01" in seen[0]
    query = {"query": DEFENDERS, "asOf": "1970-01-01"}
    tables = [requests.get(f"{one}/sparql", params=query, headers={"Accept": JSON}, timeout=60) for one in (url, served_url)]
    assert comparable(tables[0].content, JSON) == comparable(tables[1].content, JSON)
    again = requests.get(tables[0].url, headers={"Accept": JSON, "If-None-Match": tables[0].headers["ETag"]}, timeout=60)
    assert again.status_code == 304


def test_pages_and_tags_and_errors(url: str, served_url: str) -> None:
    page = requests.get(f"{url}/page/state/north-korea", timeout=60)
    assert page.status_code == 200 and "North Korea" in page.text
    etag = page.headers["ETag"]
    assert etag == requests.get(f"{served_url}/page/state/north-korea", timeout=60).headers["ETag"], (
        "of the release, not of the store"
    )
    assert requests.get(page.url, headers={"If-None-Match": etag}, timeout=60).status_code == 304
    seen = requests.get(f"{url}/id/{PACT}", headers={"Accept": "text/turtle"}, allow_redirects=False, timeout=60)
    assert seen.status_code == 303
    assert requests.get(f"{url}/id/pact/no-such", timeout=60).status_code == 404
    bad = requests.get(f"{url}/sparql", params={"query": "SELECT * {"}, headers={"Accept": "application/json"}, timeout=60)
    good = requests.get(
        f"{served_url}/sparql", params={"query": "SELECT * {"}, headers={"Accept": "application/json"}, timeout=60
    )
    assert (bad.status_code, bad.json()["excerpt"]) == (400, good.json()["excerpt"])
    assert requests.post(f"{url}/update", data={"update": "CLEAR ALL"}, timeout=60).status_code in (401, 403)


def test_the_command_line_asks_any_endpoint(loaded: dict[str, Engine], served_url: str) -> None:
    query = (
        f"SELECT ?label FROM <{BASE}graph/curated> {{ <{BASE}id/{PACT}> <http://www.w3.org/2000/01/rdf-schema#label> ?label }}"
    )
    for address in (loaded["fuseki"].url, f"{served_url}/sparql"):
        done = run_cli("query", query, "--endpoint", address, "--format", "csv")
        assert done.returncode == 0 and "Comprehensive Strategic Partnership" in done.stdout, done.stderr
    gone = run_cli("query", "ASK {}", "--endpoint", "http://127.0.0.1:9/sparql")
    assert gone.returncode == 2 and "http://127.0.0.1:9/sparql cannot be reached" in gone.stderr


def test_two_servers_that_keep_nothing_behind_nginx(loaded: dict[str, Engine], tmp_path: Path) -> None:
    """Neither has a release of its own; their tags and dates agree; one ends, and the other answers (docs/how-to/scale.md)."""
    options = ("--store", loaded["fuseki"].url, "--trusted-proxies", "1", "--workers", "1")
    with proxied(tmp_path, tmp_path / "none", *options) as proxy:
        path = f"/data/{PACT}.ttl"
        seen = [proxy.get(path) for _ in range(4)]
        said = {(one.status_code, one.headers["ETag"], one.headers["Last-Modified"]) for one in seen}
        assert len(said) == 1 and seen[0].status_code == 200
        proxy.end_one()
        for _ in range(4):
            again = proxy.get(path, headers={"If-None-Match": seen[0].headers["ETag"]})
            assert again.status_code == 304
        assert proxy.get("/sparql", params={"query": "ASK {}"}).status_code == 200
        assert proxy.get(path, params={"asOf": "1815-06-09"}).status_code == 422, (
            "neither has a login, and nobody made the view"
        )
        assert proxy.get("/void", headers={"Accept": "text/turtle"}).status_code == 404, "files are not in the engine"
