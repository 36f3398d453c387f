"""The service description: what the endpoint understands, answers and holds, and its limits.

https://www.w3.org/TR/sparql11-service-description/. It is small, since engines that federate read it before they ask; what
each graph holds, class by class, is in /void and in the graph `service`, under the same names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache

from flask import Response, current_app, request, url_for
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from pactgraph.errors import PactgraphError
from pactgraph.prefixes import DESCRIBING, PREFIXES
from pactgraph.queries import load
from pactgraph.settings import OPTIONS, ServeSettings
from pactgraph.store import QueryService, ScratchService
from pactgraph.store.describing import LINKS
from pactgraph.store.reading import READ
from pactgraph.terms import BASE, GRAPH
from pactgraph.web import get_service
from pactgraph.web.negotiation import GRAPHS, RESULTS, graph_suffix
from pactgraph.web.rdf import conditional, write

_FORMATS = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "jsonld": "JSON-LD",
    "nt": "N-Triples",
    "rdf": "RDF_XML",
    "trig": "TriG",
    "nq": "N-Quads",
}
# What the engine has besides the functions of SPARQL; of GeoSPARQL 1.1, those that it can answer.
_GEOSPARQL = "http://www.opengis.net/def/function/geosparql/"
_FUNCTIONS = (
    *("asGeoJSON", "area", "centroid", "convexHull", "coordinateDimension", "difference", "dimension", "distance"),
    *("envelope", "getSRID", "intersection", "isEmpty", "isSimple", "length", "perimeter", "relate", "spatialDimension"),
    *("symDifference", "union", "sfContains", "sfCrosses", "sfDisjoint", "sfEquals", "sfIntersects", "sfOverlaps"),
    *("sfTouches", "sfWithin", "ehContains", "ehCoveredBy", "ehCovers", "ehDisjoint", "ehEquals", "ehInside", "ehMeet"),
    *("ehOverlap", "rcc8dc", "rcc8ec", "rcc8eq", "rcc8ntpp", "rcc8ntppi", "rcc8po", "rcc8tpp", "rcc8tppi"),
)
_UNITS = {
    "query_timeout": "seconds",
    "service_timeout": "seconds",
    "query_memory": "bytes",
    "max_rows": "rows",
    "max_bytes": "bytes",
    "max_request": "bytes",
    "max_query": "bytes",
    "max_nesting": "levels",
    "queue_wait": "seconds",
    "rate": "requests per second",
    "budget": "seconds per minute",
    "describe_links": "links",
}


def answer() -> Response:
    """Describe the service, by Accept or `?format=`. Raises BadInput and NotAcceptable."""
    suffix = graph_suffix(request.accept_mimetypes, request.args.get("format"), html=False)
    known = PREFIXES | DESCRIBING
    prefixes = {name: known[name] for name in ("rdf", "rdfs", "dcterms", "sd", "formats", "void", "schema")}
    return conditional(lambda: write(_statements(get_service()), suffix, prefixes), GRAPHS[suffix])


def _statements(service: QueryService) -> Iterator[Triple]:
    endpoint = NamedNode(url_for("sparql.get", _external=True))
    scratch = isinstance(service, ScratchService)
    yield _type(endpoint, "Service")
    yield Triple(endpoint, _sd("endpoint"), endpoint)
    yield Triple(endpoint, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    for suffix in (*RESULTS, *GRAPHS):
        yield Triple(endpoint, _sd("resultFormat"), NamedNode(DESCRIBING["formats"] + _FORMATS[suffix]))
    for name in _FUNCTIONS:
        yield Triple(endpoint, _sd("extensionFunction"), NamedNode(_GEOSPARQL + name))
        yield _type(NamedNode(_GEOSPARQL + name), "Function")
    if current_app.extensions["pactgraph.settings"].allow_service:
        yield Triple(endpoint, _sd("feature"), _sd("BasicFederatedQuery"))
    if scratch:
        yield Triple(endpoint, _sd("supportedLanguage"), _sd("SPARQL11Update"))
        yield Triple(endpoint, _sd("feature"), _sd("EmptyGraphs"))
        for suffix in (suffix for suffix, media_type in GRAPHS.items() if media_type in READ):
            yield Triple(endpoint, _sd("inputFormat"), NamedNode(DESCRIBING["formats"] + _FORMATS[suffix]))
    else:
        yield Triple(endpoint, _sd("feature"), _sd("UnionDefaultGraph"))
        yield Triple(endpoint, _term("rdfs", "seeAlso"), NamedNode(url_for("downloads.void", _external=True)))
        yield Triple(endpoint, _term("dcterms", "hasVersion"), Literal(service.release.id))
    yield from _limits(endpoint, current_app.extensions["pactgraph.settings"])
    yield from _dataset(endpoint, service)


def _dataset(endpoint: NamedNode, service: QueryService) -> Iterator[Triple]:
    """State the default graph and the named graphs, with their sizes."""
    dataset, default = BlankNode("dataset"), BlankNode("default")
    whole, sizes = _sizes(service, service.release.id)
    yield Triple(endpoint, _sd("defaultDataset"), dataset)
    yield _type(dataset, "Dataset")
    yield Triple(dataset, _sd("defaultGraph"), default)
    yield _type(default, "Graph")
    if whole is not None:
        yield Triple(default, _term("void", "triples"), Literal(whole))
    for name, size in sizes.items():
        mark = hashlib.sha256(name.encode()).hexdigest()[:8]
        node = BlankNode(f"g{mark}")
        ours = name.startswith(str(GRAPH))
        graph = NamedNode(f"{BASE}void#{name.removeprefix(str(GRAPH))}") if ours else BlankNode(f"c{mark}")
        yield Triple(dataset, _sd("namedGraph"), node)
        yield _type(node, "NamedGraph")
        yield Triple(node, _sd("name"), NamedNode(name))
        yield Triple(node, _sd("graph"), graph)
        yield _type(graph, "Graph")
        if size is not None:
            yield Triple(graph, _term("void", "triples"), Literal(size))


@lru_cache(maxsize=4)
def _sizes(service: QueryService, release: str) -> tuple[int | None, dict[str, int | None]]:
    """Give the size of the default graph and of each named graph; None where counting takes longer than a query may."""
    names: dict[str, int | None] = {row["graph"].value: None for row in service.rows(load("graphs"))}
    try:
        whole = int(service.rows(load("size"))[0]["triples"].value)
        counted = {row["graph"].value: int(row["triples"].value) for row in service.rows(load("sizes"))}
    except PactgraphError:
        return None, names
    return whole, {name: counted.get(name, 0) for name in (*names, *sorted(counted.keys() - names))}  # not all list empty ones


def _limits(endpoint: NamedNode, settings: ServeSettings) -> Iterator[Triple]:
    """State the limits of a query, each as a schema:PropertyValue; a limit that is off is not stated."""
    told = [(option.field, getattr(settings, option.field), option.help) for option in OPTIONS if option.field in _UNITS]
    for name, value, words in (*told, ("describe_links", LINKS, "Links of one property to one thing that DESCRIBE gives.")):
        if not value:
            continue
        node = BlankNode(f"limit-{name}")
        said = words.partition("; 0:")[0].rstrip(".")
        yield Triple(endpoint, _term("schema", "additionalProperty"), node)
        yield Triple(node, _term("rdf", "type"), _term("schema", "PropertyValue"))
        yield Triple(node, _term("schema", "propertyID"), Literal(name))
        yield Triple(node, _term("schema", "value"), Literal(int(value)))
        yield Triple(node, _term("schema", "unitText"), Literal(_UNITS[name]))
        yield Triple(node, _term("schema", "description"), Literal(f"{said}.", language="en"))


def _sd(name: str) -> NamedNode:
    return _term("sd", name)


def _type(thing: NamedNode | BlankNode, name: str) -> Triple:
    return Triple(thing, _term("rdf", "type"), _sd(name))


def _term(prefix: str, name: str) -> NamedNode:
    return NamedNode((PREFIXES | DESCRIBING)[prefix] + name)
