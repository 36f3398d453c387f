"""Any text that can be validated: what it says, where in it a finding lies, and what is wrong with one that does not parse."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import BNode

from pactgraph.errors import BadInput, Finding, UnsupportedMedia
from pactgraph.sources import documents
from pactgraph.store import syntax
from tests.conftest import ROOT, run_cli

PG = "https://w3id.org/pactgraph/ns#"
X = "https://w3id.org/pactgraph/id/pact/x"
TURTLE = """@prefix pg: <https://w3id.org/pactgraph/ns#> . # a comment: "not a string
<https://w3id.org/pactgraph/id/pact/x>
    a pg:Pact ;
    pg:number 5 , 6 ,
        "x # y"@en ;
    pg:act [ a pg:Act ; pg:number 5 ] ;
    pg:list ( 1
      2 ) .
_:b pg:flag true , '''two
lines''' ; pg:to <y> .
"""
RDF_XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:pg="https://w3id.org/pactgraph/ns#">
  <pg:Pact rdf:about="https://w3id.org/pactgraph/id/pact/x">
    <pg:number>5</pg:number>
    <pg:act rdf:parseType="Resource">
      <pg:to rdf:resource="y"/>
    </pg:act></pg:Pact>
</rdf:RDF>
"""
JSON_LD = """{"@context": {"pg": "https://w3id.org/pactgraph/ns#", "id": "@id", "act": {"@id": "pg:act", "@type": "@id"}},
 "id": "https://w3id.org/pactgraph/id/pact/x",
 "@type": "pg:Pact",
 "pg:number": ["5",
   "6"],
 "act": [{"id": "#a", "pg:number": "7"},
   "https://w3id.org/pactgraph/id/state/y"]
}
"""
YAML_LD = """"@context": {pg: https://w3id.org/pactgraph/ns#}
"@id": https://w3id.org/pactgraph/id/pact/x
pg:number:
  - "5"
  - "6"
"""
N_QUADS = f'# first\n  <{X}> <{PG}number> "5" <http://g.example/> .\n\n<{X}> <{PG}number> "6" .\n'


def read(text: str, media_type: str) -> documents.Document:
    return documents.read(text.encode(), media_type, {}, base="http://base.example/", name="f")


@pytest.mark.parametrize(
    ("text", "media_type", "focus", "path", "value", "place"),
    [
        (TURTLE, "text/turtle", X, "", "", (2, 1)),
        (TURTLE, "text/turtle", X, PG + "number", "6", (4, 19)),
        (TURTLE, "text/turtle", X, PG + "number", "x # y", (5, 9)),
        (TURTLE, "text/turtle", X, PG + "number", "missing", (4, 15)),
        (TURTLE, "text/turtle", X, PG + "missing", "", (2, 1)),
        (TURTLE, "text/turtle", X, PG + "list", "", (7, 13)),
        (TURTLE, "application/trig", X, PG + "number", "6", (4, 19)),
        ("\r\n".join(TURTLE.split("\n")), "text/turtle", X, PG + "number", "6", (4, 19)),
        ("\ufeff" + TURTLE, "text/turtle", X, PG + "number", "6", (4, 19)),
        (f"<http://g.example/> {{\n <{X}> <{PG}number>\n   7 }}", "application/trig", X, PG + "number", "7", (3, 4)),
        (RDF_XML, "application/rdf+xml", X, "", "", (2, 3)),
        (RDF_XML, "application/rdf+xml", X, PG + "number", "5", (3, 5)),
        (JSON_LD, "application/ld+json", X, "", "", (1, 1)),
        (JSON_LD, "application/ld+json", X, PG + "number", "6", (5, 4)),
        (JSON_LD, "application/ld+json", X, PG + "act", "https://w3id.org/pactgraph/id/state/y", (7, 4)),
        (JSON_LD, "application/ld+json", "http://base.example/#a", PG + "number", "7", (6, 23)),
        (JSON_LD, "application/ld+json", "https://w3id.org/pactgraph/id/state/y", "", "", (7, 4)),
        (YAML_LD, "application/ld+yaml", X, PG + "number", "6", (5, 5)),
        (N_QUADS, "application/n-quads", X, PG + "number", "5", (2, 3)),
        (N_QUADS, "application/n-quads", X, PG + "number", "6", (4, 1)),
    ],
)
def test_a_finding_gets_its_place(
    text: str, media_type: str, focus: str, path: str, value: str, place: tuple[int, int]
) -> None:
    found = read(text, media_type).locate(Finding("Violation", "", focus=focus, path=path, value=value))
    assert (found.file, found.line, found.column) == ("f", *place)


def test_nodes_without_a_name_get_their_place() -> None:
    document = read(TURTLE, "text/turtle")
    places = set()
    for node in {node for node in document.graph.subjects() if isinstance(node, BNode)}:
        found = document.locate(Finding("Violation", "", focus=f"_:{node}"))
        places.add((found.line, found.column))
    assert places == {(6, 12), (7, 13), (9, 1)}


def test_what_rdflib_reads_otherwise_has_no_place_but_is_read() -> None:
    document = read(f"BASE <http://a.example/b/c>\n<{X}> <{PG}to> </./d> .", "text/turtle")  # RDFLib keeps the dot
    assert {str(node) for node in document.graph.objects()} == {"http://a.example/d"}
    assert document.locate(Finding("Violation", "", focus=X)).line == 0


def test_literals_are_kept_as_they_are_written() -> None:
    document = read(
        f'<{X}> <{PG}number> 007 , 7 , +1 , 1E0 , 1.50 , "02"^^<http://www.w3.org/2001/XMLSchema#integer> .', "text/turtle"
    )
    assert {str(node) for node in document.graph.objects()} == {"007", "7", "+1", "1E0", "1.50", "02"}
    assert document.locate(Finding("Violation", "", focus=X, path=PG + "number", value="7")).column == 85


@pytest.mark.parametrize(
    ("text", "media_type", "place", "fault"),
    [
        ("<http://a.example/> <http://b.example/>\n  , .", "text/turtle", (2, 3), "not a valid RDF object"),
        ("<http://a.example/> <b:> <c:> .\n<a:> .", "application/n-triples", (2, 6), ""),
        ('{"@id": "http://a.example/",\n "http://b.example/": }', "application/ld+json", (2, 23), ""),
        ('{\n"@id": 5,\n"http://b.example/": 1}', "application/ld+json", (3, 1), "@id"),  # as far as it came
        ("<a>\n <b></a>", "application/rdf+xml", (2, 7), "mismatched tag"),
        (
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n<r:Description r:ID="a b"/></r:RDF>',
            "application/rdf+xml",
            (2, 1),
            "not a valid rdf:ID",
        ),
        ('{"@context": "http://c.example/"}', "application/ld+json", (1, 1), "lies at another address"),
        ('{"@context": {"@import": "http://c.example/"}}', "application/ld+json", (1, 1), "lies at another address"),
        ('"@context": http://c.example/', "application/ld+yaml", (1, 1), "lies at another address"),
        ("a: [1\nb: 2", "application/yaml", (2, 2), "not YAML"),
        ("<a:> <b:> <<( <a:> <b:> <c:> )>> .", "text/turtle", (0, 0), "triple term"),
        ("<a:> <b:> \xff .", "text/turtle", (1, 11), ""),
    ],
)
def test_what_does_not_parse_names_its_place(text: str, media_type: str, place: tuple[int, int], fault: str) -> None:
    with pytest.raises(BadInput, match=fault) as caught:
        read(text, media_type)
    assert (caught.value.line, caught.value.column) == place
    assert "Parser error" not in caught.value.detail


DEEP = 20_000
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
HOSTILE = {
    "nested contexts": ('{"@context":{"a":' * DEEP + "1" + "}}" * DEEP, "application/ld+json"),
    "nested nodes": ('{"http://a.example/":' * DEEP + "1" + "}" * DEEP, "application/ld+json"),
    "nested lists": ('{"http://a.example/":{"@list":' * DEEP + "1" + "}}" * DEEP, "application/ld+json"),
    "escaped quotes": ('"' + '\\"' * 500_000, "application/ld+json"),
    "nested triple terms": ("<a:> <b:> " + "<<( <a:> <b:> " * DEEP + "1" + ")>>" * DEEP + ".", "text/turtle"),
    "nested triple terms in lines": (
        "<a:> <b:> " + "<<( <a:> <b:> " * DEEP + "<c:>" + ")>>" * DEEP + ".",
        "application/n-triples",
    ),
    "nested elements": ("<x>" * DEEP + "</x>" * DEEP, "application/rdf+xml"),
    "entities in entities": (f'<!DOCTYPE x [<!ENTITY a0 "lol">{LAUGHS}]><x>&a8;</x>', "application/rdf+xml"),
    "nested sequences": ("- " * 5_000 + "1", "application/yaml"),
    "nested flows": ("[" * 900 + "]" * 900, "application/yaml"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_what_would_bring_a_parser_down_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        read(*HOSTILE[name])


def test_what_only_looks_deep_is_read() -> None:
    strings = ", ".join(["'''<<(''' , \"<<(\" , <http://a.example/#%3C%3C(>"] * 200)
    assert len(read(f"<a:> <b:> {strings} . # {'<<(' * 200}", "text/turtle").graph) == 2
    read('{"http://a.example/": ["' + "[{" * 500 + '"]}', "application/ld+json")
    flat = " , ".join(["<<( <a:> <b:> <c:> )>>"] * 500)
    syntax.refuse_depth(f"<a:> <b:> {flat} .".encode(), documents.RDF["text/turtle"])


def test_other_media_types_are_refused() -> None:
    with pytest.raises(UnsupportedMedia, match="text/turtle"):
        read("", "text/plain")


def test_files_on_the_command_line(tmp_path: Path) -> None:
    files = {"a.ttl": TURTLE, "b.jsonld": JSON_LD, "c.nq": N_QUADS, "d.rdf": RDF_XML, "e.yaml": YAML_LD, "f.trig": "<a> <b>"}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = run_cli("validate", *(str(tmp_path / name) for name in files))
    assert done.returncode == 1, done.stderr
    for line in (
        "a.ttl:4:15: violation: Use a property the ontology declares; https://w3id.org/pactgraph/ns#number is not one.",
        "b.jsonld:4:16: violation: Use a property",
        "c.nq:2:3: violation: Use a property",
        "d.rdf:3:5: violation: Use a property",
        "e.yaml:4:5: violation: Use a property",
        "f.trig:1:8: violation: ",
    ):
        assert f"{tmp_path}/{line}" in done.stdout, done.stdout
    assert "Traceback" not in done.stderr and "Failed to convert" not in done.stderr
    good = tmp_path / "good.ttl"
    good.write_text((ROOT / "tests/shapes/valid/agent.ttl").read_text(encoding="utf-8"), encoding="utf-8")
    assert run_cli("validate", str(good)).stdout == ""
    unknown = tmp_path / "x.docx"
    unknown.touch()
    assert run_cli("validate", str(unknown)).returncode == 2
