"""The release as a data set that others find and fetch: what VoID says of it, and DCAT 3 with a distribution for each file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode
from rdflib import DCAT, DCTERMS, FOAF, SKOS, VOID, XSD, URIRef

from pactgraph.pipeline.describe.partitions import Counted
from pactgraph.pipeline.describe.statements import DATASET, ENDPOINT, PAGE, SPDX, Statements, text
from pactgraph.terms import BASE, ID, LINKS

_VERSION = DCAT._NS["version"]  # of DCAT 3; RDFLib knows DCAT 2
_LICENCE = URIRef("https://creativecommons.org/licenses/by/4.0/")
_PUBLISHER = PAGE["publisher"]
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_TYPES = {
    "nq": "application/n-quads",
    "trig": "application/trig",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
}
_EXAMPLES = ("pact/russia-dprk-csp-2024", "state/north-korea", "person/vladimir-putin")


def catalogue(counted: Counted, version: str, issued: str, files: Mapping[str, bytes]) -> Statements:
    """Describe the data set, its endpoint and its files."""
    statements = Statements()
    _page(statements)
    _dataset(statements, version, issued)
    statements.add(DATASET, VOID.vocabulary, *(URIRef(name) for name in _vocabularies(counted)))
    _wikidata(statements, counted)
    for path, data in files.items():
        _distribution(statements, path, data)
    return statements


def _page(statements: Statements) -> None:
    page = URIRef(BASE + "void")
    statements.type(page, VOID.DatasetDescription)
    statements.add(page, DCTERMS.title, text("Description of Pactgraph"))
    statements.add(page, FOAF.primaryTopic, DATASET)
    statements.add(page, DCTERMS.license, _LICENCE)


def _dataset(statements: Statements, version: str, issued: str) -> None:
    said = text("States, leaders, the pacts between them and the domains they cooperate in")
    statements.type(DATASET, VOID.Dataset, DCAT.Dataset)
    statements.add(DATASET, DCTERMS.title, text("Pactgraph"))
    statements.add(DATASET, DCTERMS.description, said)
    statements.add(DATASET, DCTERMS.identifier, Literal(f"{BASE}release/{version}"))
    statements.add(DATASET, DCTERMS.license, _LICENCE)
    statements.add(DATASET, DCTERMS.publisher, _PUBLISHER)
    statements.add(DATASET, DCTERMS.issued, Literal(issued, datatype=NamedNode(str(XSD.date))))
    statements.add(DATASET, _VERSION, Literal(version))
    statements.add(DATASET, DCAT.landingPage, URIRef(BASE))
    statements.add(DATASET, DCAT.keyword, *map(text, ("alliances", "treaties", "states", "leaders", "international relations")))
    statements.add(DATASET, FOAF.homepage, URIRef(BASE))
    statements.add(DATASET, VOID.sparqlEndpoint, ENDPOINT)
    statements.add(DATASET, VOID.uriSpace, Literal(str(ID)))
    statements.add(DATASET, VOID.exampleResource, *(ID[name] for name in _EXAMPLES))
    statements.type(_PUBLISHER, FOAF.Agent)
    statements.add(_PUBLISHER, FOAF.name, Literal("Pactgraph project"))
    statements.type(ENDPOINT, DCAT.DataService)
    statements.add(ENDPOINT, DCTERMS.title, text("SPARQL endpoint of Pactgraph"))
    statements.add(ENDPOINT, DCAT.endpointURL, ENDPOINT)
    statements.add(ENDPOINT, DCAT.servesDataset, DATASET)
    statements.add(ENDPOINT, DCTERMS.conformsTo, URIRef("https://www.w3.org/TR/sparql11-protocol/"))


def _vocabularies(counted: Counted) -> list[str]:
    """Give the namespaces of the properties and classes that the data uses."""
    return sorted({found[0] for term in counted.terms() if (found := re.match(r"https?://.*[#/]", term))})


def _wikidata(statements: Statements, counted: Counted) -> None:
    """State the links to Wikidata as a link set."""
    links = PAGE["wikidata-links"]
    statements.type(links, VOID.Linkset)
    statements.add(links, VOID.subjectsTarget, DATASET)
    statements.add(links, VOID.objectsTarget, PAGE["wikidata"])
    statements.add(links, VOID.linkPredicate, SKOS.exactMatch)
    statements.add(links, VOID.triples, counted.uses(str(LINKS), str(SKOS.exactMatch)))
    statements.add(DATASET, VOID.subset, links)
    statements.type(PAGE["wikidata"], VOID.Dataset)
    statements.add(PAGE["wikidata"], DCTERMS.title, text("Wikidata"))
    statements.add(PAGE["wikidata"], FOAF.homepage, URIRef("https://www.wikidata.org/"))
    statements.add(PAGE["wikidata"], VOID.uriSpace, Literal("http://www.wikidata.org/entity/"))


def _distribution(statements: Statements, path: str, data: bytes) -> None:
    """Describe a file. The dumps are void:dataDump too."""
    address = URIRef(f"{BASE}download/{path}")
    name, _, packed = path.rpartition("/")[2].partition(".gz") if path.endswith(".gz") else (path.rpartition("/")[2], "", None)
    media_type = _TYPES[name.rpartition(".")[2]]
    statements.type(address, DCAT.Distribution)
    statements.add(DATASET, DCAT.distribution, address)
    statements.add(address, DCTERMS.title, text(f"{name} as {media_type}"))
    statements.add(address, DCAT.downloadURL, address)
    statements.add(address, DCAT.accessURL, address)
    statements.add(address, DCAT.mediaType, URIRef(_MEDIA_TYPES + media_type))
    statements.add(address, DCAT.byteSize, Literal(str(len(data)), datatype=NamedNode(str(XSD.nonNegativeInteger))))
    statements.add(address, DCTERMS.license, _LICENCE)
    checksum = PAGE[f"checksum/{path}"]
    statements.add(address, SPDX.checksum, checksum)
    statements.type(checksum, SPDX.Checksum)
    statements.add(checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256)
    value = Literal(hashlib.sha256(data).hexdigest(), datatype=NamedNode(str(XSD.hexBinary)))
    statements.add(checksum, SPDX.checksumValue, value)
    if packed is not None:
        statements.add(address, DCAT.compressFormat, URIRef(_MEDIA_TYPES + "application/gzip"))
        statements.add(DATASET, VOID.dataDump, address)
