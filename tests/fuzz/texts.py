"""Texts to send: whole ones, broken ones, and noise."""

from __future__ import annotations

import json

from hypothesis import strategies as st

QUERIES = (
    "ASK {}",
    "SELECT * WHERE { ?s ?p ?o } LIMIT 3",
    "PREFIX pg: <https://w3id.org/pactgraph/ns#> SELECT ?a (COUNT(*) AS ?n) { ?a a pg:Pact } GROUP BY ?a HAVING (?n > 1)",
    "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <https://w3id.org/pactgraph/graph/curated> { ?s ?p ?o } } LIMIT 2",
    "DESCRIBE <https://w3id.org/pactgraph/id/state/japan>",
    "SELECT * FROM <http://127.0.0.1:9/> { ?s ?p ?o }",
    "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT (<http://a.example/f>(1) AS ?x) {}",
    'SELECT ?x { VALUES ?x { 1 "a"@en <http://a.example/> UNDEF } FILTER REGEX(STR(?x), "(a+)+$") }',
)
UPDATES = (
    "INSERT DATA { <http://a.example/> <http://b.example/> 1 }",
    "PREFIX a: <a:> DELETE { ?s a:b ?o } INSERT { GRAPH a:g { ?s a:c ?o } } WHERE { ?s a:b ?o FILTER(?o > 1) } ; CLEAR ALL",
    "DELETE WHERE { ?s ?p ?o } ; PREFIX b: <http://b.example/> CREATE SILENT GRAPH b:g ; MOVE DEFAULT TO b:g",
    "WITH <a:g> INSERT { ?s ?p '}' } USING NAMED <a:g> WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
    "LOAD SILENT <http://127.0.0.1:9/> INTO GRAPH <http://a.example/g>",
    "LOAD <http://127.0.0.1:9/>",
    "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "CLEAR GRAPH <http://a.example/g> # WHERE {",
)
TURTLE = (
    "@prefix a: <http://a.example/> . a:b a:c a:d , [ a:e ( 1 2.0 3e0 true ) ] ; a:f \"x\"@en , '''y\nz'''^^a:t .",
    "<a> <b> <<( <a> <b> 1 )>> .",
    "_:x <http://a.example/> _:x .",
    'BASE <http://a.example/> <> a <#c> ; <d> "\\u0041\\n" .',
)
XML = (
    '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="http://a.example/">'
    '<a:B r:about="x" a:c="d"><a:e r:parseType="Collection"><a:f/></a:e></a:B></r:RDF>',
    '<!DOCTYPE x [<!ENTITY e "f">]><x xmlns="http://a.example/">&e;</x>',
)
JSON = (
    json.dumps(
        {"@context": {"b": {"@id": "http://b.example/", "@container": "@list"}}, "@id": "a:", "b": [1, {"@value": "x"}]}
    ),
    '{"@context": "http://127.0.0.1:9/"}',
    '[{"@graph": [{"@id": "_:x", "@type": ["http://c.example/"]}]}]',
)
YAML = (
    "id: place:atlantis\ntype: Place\nlabel: {en: Atlantis}\n",
    "graph:\n  - {id: 'state:x', type: State, label: {en: X}, start: 1945/..}\n",
    "'@context': {b: http://b.example/}\n'@id': a:\nb: [1, no, ~]\n",
    "a: &x [1]\nb: *x\n",
)
QUADS = ('<a:> <b:> <c:> <d:> .\n_:x <b:> "\\u00e9"@fr-CA .\n', '<a:> <b:> "x"^^<c:> .')

DOCUMENTS = {
    "text/turtle": TURTLE,
    "application/trig": TURTLE,
    "application/n-triples": QUADS,
    "application/n-quads": QUADS,
    "application/rdf+xml": XML,
    "application/ld+json": JSON,
    "application/yaml": YAML,
    "application/ld+yaml": YAML,
    "text/yaml": YAML,
}


@st.composite
def broken(draw: st.DrawFn, whole: tuple[str, ...]) -> str:
    """Give a text with a few characters taken out, put in, or doubled."""
    text = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 8)))
        middle = draw(
            st.sampled_from(
                ["", text[start:end] * 2, "<", ">", '"', "{", "}", "[", "(", "\\", "\0", "\ud7ff", "é", "\n", "#", "@"]
            )
        )
        text = text[:start] + middle + text[end:]
    return text


def texts(whole: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Give texts, most of them nearly right."""
    return broken(whole) | broken(whole) | st.text(max_size=60)


def bodies(whole: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    """Give bodies, most of them nearly right."""
    return texts(whole).map(str.encode) | st.binary(max_size=60)
