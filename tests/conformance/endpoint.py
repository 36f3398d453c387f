"""A scratch server as a client sees it: the protocols, over one connection."""

from __future__ import annotations

from typing import Any

import requests

from tests.conformance.manifests import File, State
from tests.conformance.results import Found, read

MEDIA_TYPES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
WAYS_TO_QUERY = ("get", "form", "body", "QUERY")
WAYS_TO_UPDATE = ("form", "body")


class Endpoint:
    """A server at an address. Requests carry its token unless they say otherwise."""

    def __init__(self, address: str) -> None:
        self.address, self.http = address, requests.Session()
        self.http.headers["Authorization"] = "Bearer scratch"

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send any request; a path begins without a slash."""
        return self.http.request(method, f"{self.address}/{path}", timeout=60, **options)

    def query(self, text: str, way: str = "get", name: str = "json", **parameters: Any) -> requests.Response:
        """Send a query in one of four ways; the format is asked for by name, or by Accept where the body is the query."""
        if way == "get":
            return self.send("GET", "sparql", params={"query": text, "format": name, **parameters})
        if way == "form":
            return self.send("POST", "sparql", data={"query": text, "format": name, **parameters})
        headers = {"Content-Type": "application/sparql-query", "Accept": MEDIA_TYPES[name]}
        return self.send("POST" if way == "body" else "QUERY", "sparql", params=parameters, data=text.encode(), headers=headers)

    def update(self, text: str, way: str = "form", **parameters: Any) -> requests.Response:
        """Send an update in one of two ways."""
        if way == "form":
            return self.send("POST", "update", data={"update": text, **parameters})
        headers = {"Content-Type": "application/sparql-update"}
        return self.send("POST", "update", params=parameters, data=text.encode(), headers=headers)

    def ask(self, text: str) -> bool:
        """Give the answer to an ASK."""
        return bool(self.query(text).json()["boolean"])

    def put(self, turtle: str, **graph: str) -> requests.Response:
        """Put Turtle in place of a graph."""
        return self.send("PUT", "graphs", params=graph, data=turtle.encode(), headers={"Content-Type": "text/turtle"})

    def graph(self, **graph: str) -> Found:
        """Give what is in a graph."""
        response = self.send("GET", "graphs", params=graph, headers={"Accept": MEDIA_TYPES["nt"]})
        return read(response.content if response.ok else b"", "nt")

    def names(self) -> set[str]:
        """Give the names of the graphs that hold something."""
        rows = self.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").json()["results"]["bindings"]
        return {row["g"]["value"] for row in rows}

    def prepare(self, state: State) -> None:
        """Make the store hold a state and nothing else."""
        self.update("DROP ALL").raise_for_status()
        for name, file in state.named:
            self._add(file, graph=name)
        for file in state.default:
            self._add(file, default="")

    def _add(self, file: File, **graph: str) -> None:
        """Add a file to a graph; the base of its relative IRIs is its own IRI in the suite."""
        turtle = file.path.suffix == ".ttl"
        headers = {"Content-Type": MEDIA_TYPES["ttl" if turtle else "rdf"]}
        text = f"@base <{file.iri}> .\n{file.text}" if turtle else file.text
        self.send("POST", "graphs", params=graph, data=text.encode(), headers=headers).raise_for_status()
