"""The server describes itself: service description, VoID and DCAT, prefixes and examples, and what editors make of them."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import requests
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store, parse, parse_query_results

from pactgraph import knowledge
from pactgraph.store import describing
from tests.conftest import serving

BASE = "https://w3id.org/pactgraph/"
PG = f"{BASE}ns#"
PACT = f"{BASE}id/pact/russia-dprk-csp-2024"
MATCH = "http://www.w3.org/2004/02/skos/core#exactMatch"
PREFIXES = """
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX void-ext: <http://ldf.fi/void-ext#>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX spdx: <http://spdx.org/rdf/terms#>
PREFIX schema: <https://schema.org/>
PREFIX formats: <http://www.w3.org/ns/formats/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX pg: <https://w3id.org/pactgraph/ns#>
"""


def rows(url: str, query: str) -> list[dict[str, str]]:
    """Ask an endpoint as an editor in another site's page does; one dictionary for each row."""
    headers = {"Accept": "application/sparql-results+json", "Origin": "https://editor.example"}
    response = requests.get(f"{url}/sparql", params={"query": PREFIXES + query}, headers=headers, timeout=30)
    assert response.status_code == 200, response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    return [{name: term["value"] for name, term in row.items()} for row in response.json()["results"]["bindings"]]


def document(url: str, path: str) -> Store:
    response = requests.get(url + path, headers={"Accept": "text/turtle"}, timeout=30)
    assert response.status_code == 200, response.text
    store = Store()
    store.load(input=response.content, format=RdfFormat.TURTLE)
    return store


def values(store: Store, query: str) -> set[tuple[str, ...]]:
    found = store.query(PREFIXES + query)
    assert isinstance(found, QuerySolutions)
    return {tuple(term.value if term else "" for term in row) for row in found}  # type: ignore[union-attr]


# The service description.


def test_the_service_says_what_it_understands_and_answers(served_url: str) -> None:
    described = document(served_url, "/sparql")
    service = {
        name: {row[0] for row in values(described, f"SELECT ?x {{ ?s a sd:Service ; sd:{name} ?x }}")}
        for name in (*("endpoint", "supportedLanguage", "feature", "resultFormat", "inputFormat"),)
    }
    assert service["endpoint"] == {f"{served_url}/sparql"}
    assert {iri.rpartition("#")[2] for iri in service["supportedLanguage"]} == {"SPARQL11Query"}
    assert {iri.rpartition("#")[2] for iri in service["feature"]} == {"UnionDefaultGraph"}
    assert {iri.rpartition("/")[2] for iri in service["resultFormat"]} == {
        *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
        *("Turtle", "JSON-LD", "N-Triples", "RDF_XML", "TriG", "N-Quads"),
    }
    assert not service["inputFormat"]


def test_every_extension_function_that_is_named_can_be_called(served_url: str) -> None:
    names = {
        row[0] for row in values(document(served_url, "/sparql"), "SELECT ?f { ?s sd:extensionFunction ?f . ?f a sd:Function }")
    }
    assert len(names) > 40
    point = '"POINT(1 1)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'
    calls = " ".join(f"(<{name}>({point}, {point}) AS ?x{number})" for number, name in enumerate(sorted(names)))
    response = requests.post(f"{served_url}/sparql", data={"query": f"SELECT {calls} {{}}"}, timeout=30)
    assert response.status_code == 200, "an unknown function is 422"


def test_the_graphs_and_their_sizes_are_those_of_the_store(served_url: str) -> None:
    described = document(served_url, "/sparql")
    stated = values(
        described, "SELECT ?n ?size { ?d a sd:Dataset ; sd:namedGraph ?g . ?g sd:name ?n ; sd:graph/void:triples ?size }"
    )
    counted = rows(served_url, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert stated == {(row["g"], row["n"]) for row in counted}
    assert {name.rpartition("/")[2] for name, _ in stated} >= {
        "curated",
        "inferred",
        "links",
        "ontology",
        "vocabulary",
        "service",
    }
    default = values(described, "SELECT ?n { ?d sd:defaultGraph/void:triples ?n }")
    assert default == {(rows(served_url, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0]["n"],)}


def test_a_client_can_read_the_limits(served_url: str) -> None:
    query = """SELECT ?id ?value ?unit {
      ?service schema:additionalProperty [ schema:propertyID ?id ; schema:value ?value ; schema:unitText ?unit ] .
    }"""
    limits = {name: (int(value), unit) for name, value, unit in values(document(served_url, "/sparql"), query)}
    assert limits["query_timeout"] == (20, "seconds")
    assert limits["max_rows"] == (1_000_000, "rows")
    assert limits["max_bytes"] == (64 * 2**20, "bytes")
    assert limits["describe_links"] == (describing.LINKS, "links")


def test_a_scratch_store_describes_itself_after_each_write(tmp_path: Path) -> None:
    with serving(tmp_path, "--scratch") as url:
        described = document(url, "/sparql")
        assert ("http://www.w3.org/ns/sparql-service-description#SPARQL11Update",) in values(
            described, "SELECT ?l { ?s sd:supportedLanguage ?l }"
        )
        assert ("http://www.w3.org/ns/formats/Turtle",) in values(described, "SELECT ?f { ?s sd:inputFormat ?f }")
        assert not values(described, "SELECT ?g { ?d sd:namedGraph ?g }")
        update = "INSERT DATA { <x:s> <x:p> 1 . GRAPH <x:g> { <x:s> <x:p> 1, 2 } } ; CREATE GRAPH <x:empty>"
        headers = {"Authorization": "Bearer scratch", "Content-Type": "application/sparql-update"}
        assert requests.post(f"{url}/update", data=update, headers=headers, timeout=30).status_code == 204
        stated = values(document(url, "/sparql"), "SELECT ?n ?size { ?g sd:name ?n ; sd:graph/void:triples ?size }")
        assert stated == {("x:g", "2"), ("x:empty", "0")}


# What an editor asks to complete and to show examples: the patterns that https://github.com/sib-swiss/sparql-editor sends.


def test_an_editor_finds_the_prefixes(served_url: str) -> None:
    found = rows(
        served_url, "SELECT DISTINCT ?prefix ?namespace { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix"
    )
    prefixes = {row["prefix"]: row["namespace"] for row in found}
    assert len(prefixes) == len(found), "a prefix has one namespace"
    assert prefixes["pg"] == PG
    assert prefixes["state"] == f"{BASE}id/state/"


EXAMPLES = """SELECT DISTINCT ?example ?comment ?query {
  ?example a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query .
} ORDER BY ?example"""


def test_an_editor_finds_the_questions_as_examples(served_url: str) -> None:
    found = rows(served_url, EXAMPLES)
    paths = sorted((*knowledge.templates(), *knowledge.questions()), key=lambda path: path.stem)
    assert [row["query"] for row in found] == [path.read_text(encoding="utf-8") for path in paths]
    prefixes = {
        row["prefix"]: row["namespace"]
        for row in rows(served_url, "SELECT * { [] sh:namespace ?namespace ; sh:prefix ?prefix }")
    }
    for row in found:
        page = requests.get(row["example"].replace(BASE, f"{served_url}/"), headers={"Accept": "text/html"}, timeout=30)
        assert f'id="{row["example"].partition("#")[2]}"' in page.text, "its IRI is the address of its answer"
        asked = requests.get(f"{served_url}/sparql", params={"query": row["query"]}, timeout=30)
        assert asked.status_code == 200
        declared = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in prefixes.items())
        bare = "\n".join(line for line in row["query"].splitlines() if not line.startswith("PREFIX"))
        again = requests.get(f"{served_url}/sparql", params={"query": declared + bare}, timeout=30)
        assert _set(again) == _set(asked), "the prefixes are those that the example means"


def _set(response: requests.Response) -> set[str]:
    assert response.status_code == 200, response.text
    return {str(row) for row in parse_query_results(response.content, QueryResultsFormat.JSON)}  # type: ignore[union-attr]


# A class, a property of it, and the class or datatype of its values; or the same from a link set between classes.
COMPLETION = """SELECT DISTINCT ?class ?property ?valueClass ?valueType {
  { ?partition void:class ?class ; void:propertyPartition ?inner . ?inner void:property ?property .
    OPTIONAL { { ?inner void:classPartition [ void:class ?valueClass ] }
               UNION { ?inner void-ext:datatypePartition [ void-ext:datatype ?valueType ] } } }
  UNION
  { ?links void:linkPredicate ?property ;
      void:subjectsTarget [ void:class ?class ] ; void:objectsTarget [ void:class ?valueClass ] }
}"""
# The same by named graph, with counts and labels.
OVERVIEW = """SELECT DISTINCT ?graph ?class ?property ?valueClass ?valueType ?triples ?label {
  OPTIONAL { ?graph sd:graph ?described . ?described void:classPartition ?partition }
  ?partition void:class ?class ; void:propertyPartition ?inner .
  OPTIONAL { ?class rdfs:label ?label }
  ?inner void:property ?property .
  OPTIONAL { ?inner void:triples ?triples }
  OPTIONAL { { ?inner void:classPartition [ void:class ?valueClass ] }
             UNION { ?inner void-ext:datatypePartition [ void-ext:datatype ?valueType ] } }
} ORDER BY ?class ?valueClass ?valueType ?graph ?triples"""


def test_an_editor_completes_what_is_in_the_data_and_nothing_else(served_url: str) -> None:
    found = rows(served_url, COMPLETION)
    pairs = {(row["class"], row["property"]) for row in found}
    data = "GRAPH ?g { ?s ?p ?o } FILTER (?g != <https://w3id.org/pactgraph/graph/service>)"
    there = rows(served_url, f"SELECT DISTINCT ?c ?p {{ {data} ?s a ?c FILTER isIRI(?c) }}")
    assert pairs == {(row["c"], row["p"]) for row in there}
    values_of = {(row["class"], row["property"], row.get("valueClass") or row.get("valueType")) for row in found}
    assert (f"{PG}Pact", f"{PG}hasParty", f"{PG}State") in values_of
    assert (f"{PG}Pact", f"{PG}signedOn", "http://www.w3.org/2001/XMLSchema#date") in values_of


def test_an_overview_by_named_graph(served_url: str) -> None:
    found = rows(served_url, OVERVIEW)
    curated = f"{BASE}graph/curated"
    assert {row["graph"] for row in found} >= {curated, f"{BASE}graph/inferred"}
    stated = {
        int(r["triples"]) for r in found if (r["graph"], r["class"], r["property"]) == (curated, f"{PG}Pact", f"{PG}hasAct")
    }
    counted = rows(served_url, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{curated}> {{ ?s pg:hasAct ?o }} ?s a pg:Pact }}")
    assert stated == {int(counted[0]["n"])}
    assert {row["label"] for row in found if row["class"] == f"{PG}Pact"} == {"pact"}


# VoID and DCAT.


COUNTS = {
    "triples": "*",
    "distinctSubjects": "DISTINCT ?s",
    "distinctObjects": "DISTINCT ?o",
    "properties": "DISTINCT ?p",
}


def test_the_counts_of_each_graph_are_right(served_url: str) -> None:
    void = document(served_url, "/void")
    for name in ("curated", "inferred", "links", "ontology"):
        counts = " ".join(f"(COUNT({what}) AS ?{key})" for key, what in COUNTS.items())
        (counted,) = rows(served_url, f"SELECT {counts} {{ GRAPH <{BASE}graph/{name}> {{ ?s ?p ?o }} }}")
        for key in COUNTS:
            assert values(void, f"SELECT ?n {{ <{BASE}void#{name}> void:{key} ?n }}") == {(counted[key],)}, (name, key)
    whole = values(void, "SELECT ?n { ?d a dcat:Dataset ; void:triples ?n }")
    data = "{ SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } FILTER (?g != <https://w3id.org/pactgraph/graph/service>) } }"
    assert whole == {(rows(served_url, f"SELECT (COUNT(*) AS ?n) {{ {data} }}")[0]["n"],)}
    entities = values(
        void, f"SELECT ?n {{ <{BASE}void#dataset> void:classPartition ?c . ?c void:class pg:Pact ; void:entities ?n }}"
    )
    assert entities == {(rows(served_url, "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a pg:Pact }")[0]["n"],)}


def test_the_data_set_says_who_when_and_under_which_licence(served_url: str) -> None:
    void = document(served_url, "/void")
    query = """SELECT ?title ?version ?issued ?licence ?publisher {
      ?d a dcat:Dataset, void:Dataset ; dcterms:title ?title ; dcat:version ?version ; dcterms:issued ?issued ;
        dcterms:license ?licence ; dcterms:publisher/<http://xmlns.com/foaf/0.1/name> ?publisher ;
        void:sparqlEndpoint ?endpoint ; void:uriSpace ?space .
    }"""
    licence = "https://creativecommons.org/licenses/by/4.0/"
    release = requests.get(f"{served_url}/download", headers={"Accept": "application/json"}, timeout=30).json()["release"]
    assert values(void, query) == {("Pactgraph", release["version"], release["issued"], licence, "Pactgraph project")}
    vocabularies = {row[0] for row in values(void, "SELECT ?v { ?d void:vocabulary ?v }")}
    assert {PG, "http://www.w3.org/2004/02/skos/core#", "http://www.w3.org/2002/07/owl#"} <= vocabularies
    for (example,) in values(void, "SELECT ?e { ?d void:exampleResource ?e }"):
        assert requests.get(example.replace(BASE, f"{served_url}/"), timeout=30).status_code == 200
    stated = values(void, f"SELECT ?n {{ ?l a void:Linkset ; void:linkPredicate <{MATCH}> ; void:triples ?n }}")
    (counted,) = rows(served_url, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{BASE}graph/links> {{ ?s <{MATCH}> ?o }} }}")
    assert stated == {(counted["n"],)}


def test_every_distribution_can_be_fetched_and_checked(served_url: str) -> None:
    query = """SELECT ?address ?size ?checksum ?type ?packed {
      ?d dcat:distribution ?x . ?x dcat:downloadURL ?address ; dcat:byteSize ?size ; dcat:mediaType ?type ;
        spdx:checksum [ spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue ?checksum ] .
      OPTIONAL { ?x dcat:compressFormat ?packed }
    }"""
    found = values(document(served_url, "/void"), query)
    assert {address.rpartition(".gz")[0].rpartition(".")[2] for address, *_ in found} >= {"nq", "trig", "ttl", "jsonld"}
    for address, size, checksum, media_type, packed in found:
        body = requests.get(address.replace(BASE, f"{served_url}/"), timeout=30).content
        assert (len(body), hashlib.sha256(body).hexdigest()) == (int(size), checksum), address
        assert bool(packed) == address.endswith(".gz")
        form = RdfFormat.from_media_type(media_type.partition("media-types/")[2])
        if form:
            assert next(iter(parse(input=gzip.decompress(body) if packed else body, format=form)))
