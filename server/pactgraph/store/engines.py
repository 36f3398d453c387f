"""The engines that are written to: where each takes graphs and updates, and whether an update is one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pactgraph.errors import BadInput, RemoteFailed
from pactgraph.net import Line, Reply
from pactgraph.settings import Login
from pactgraph.store.answers import Endpoint

AUTO = "auto"
_ENDINGS = ("/sparql", "/query")


@dataclass(frozen=True)
class Target:
    """An engine to write to: its addresses, the parameter that names a graph, whether an update is one step for readers."""

    engine: str
    query: Endpoint
    update: str
    graphs: str
    login: Login | None
    parameter: str = "graph"
    atomic: bool = False

    def send_graph(self, line: Line, method: str, graph: str, body: bytes) -> Reply:
        """Send triples to a graph: in N-Triples, which is Turtle too, so every engine reads it. Raises as `Line.send` does."""
        headers = {"Content-Type": "text/turtle; charset=utf-8"}
        return line.send(method, self.graphs, params={self.parameter: graph}, data=body, headers=headers)

    def send_update(self, line: Line, text: str) -> Reply:
        """Send an update. Raises as `Line.send` does."""
        return line.send("POST", self.update, data={"update": text})


def _fuseki(url: str, login: Login | None) -> Target:
    """Fuseki: transactions with snapshots, so one request is one step. https://jena.apache.org/documentation/fuseki2/."""
    dataset = next((url.removesuffix(ending) for ending in _ENDINGS if url.endswith(ending)), url)
    return Target("fuseki", Endpoint(url, login), f"{dataset}/update", f"{dataset}/data", login, atomic=True)


def _virtuoso(url: str, login: Login | None) -> Target:
    """Virtuoso: what may write has addresses of its own, with Digest; each operation is committed by itself."""
    root = url.removesuffix("/sparql")
    writer = replace(login, digest=True) if login else None
    graphs = f"{root}/sparql-graph-crud{'-auth' if login else ''}"
    return Target("virtuoso", Endpoint(url), f"{root}/sparql{'-auth' if login else ''}", graphs, writer, "graph-uri")


_KNOWN: dict[str, Callable[[str, Login | None], Target]] = {"fuseki": _fuseki, "virtuoso": _virtuoso}


def target(url: str, login: Login | None, engine: str = AUTO, update: str = "", graphs: str = "", name: str = "") -> Target:
    """Give an engine to write to by the address of its queries; `auto` asks it what it is. Messages call it `name`, if given.

    Any other that has SPARQL 1.1 Update and the Graph Store Protocol is `sparql`, with the addresses of both.
    Raises BadInput, and as `Line.send` does.
    """
    engine = _recognised(url, login, name or url) if engine == AUTO and not (update and graphs) else engine
    if engine in _KNOWN:
        known = _KNOWN[engine](url, login)
        return replace(known, update=update or known.update, graphs=graphs or known.graphs)
    if not (update and graphs):
        raise BadInput(
            f"where {name or url} takes updates and graphs is not known", hint="say it with --update-url and --graphs-url"
        )
    return Target("sparql", Endpoint(url, login), update, graphs, login)


def _recognised(url: str, login: Login | None, name: str) -> str:
    """Ask an engine something, and tell from the headers of its answer what it is; empty where that cannot be told."""
    reply = Line(name, login, seconds=30).send("POST", url, data={"query": "ASK {}"})
    if reply.status in (401, 403):
        raise RemoteFailed(f"{name} does not let you in ({reply.status}); the login is missing or wrong")
    if "Virtuoso" in reply.headers.get("Server", ""):
        return "virtuoso"
    return "fuseki" if "Fuseki-Request-Id" in reply.headers else ""
