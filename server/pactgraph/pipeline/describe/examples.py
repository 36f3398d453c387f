"""The competency questions and templates as example queries, and the prefixes that they use, in SHACL's vocabulary.

As https://github.com/sib-swiss/sparql-examples has them, so that editors which know it show and complete them.
"""

from __future__ import annotations

import re
from pathlib import Path

from pyoxigraph import Literal, NamedNode
from rdflib import OWL, RDFS, SH, XSD, Namespace, URIRef

from pactgraph import knowledge
from pactgraph.pipeline.describe.statements import ENDPOINT, PAGE, Statements, text
from pactgraph.prefixes import DESCRIBING, PREFIXES
from pactgraph.terms import BASE

_SCHEMA = Namespace(DESCRIBING["schema"])
_ONTOLOGY = URIRef(BASE + "ontology")
_PREFIX = re.compile(r"^PREFIX\s+([\w-]+):\s+<([^>]+)>", re.M | re.I)
_FORM = re.compile(r"^\s*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.M | re.I)
_TERM = re.compile(r"\bpg:(\w+)")


def examples() -> Statements:
    """State each question as an executable, with its words, its query and its endpoint; and each prefix."""
    statements = Statements()
    statements.type(_ONTOLOGY, OWL.Ontology)
    declared = PREFIXES | DESCRIBING
    for path in (*knowledge.questions(), *knowledge.templates()):
        query = path.read_text(encoding="utf-8")
        declared |= dict(_PREFIX.findall(query))
        _example(statements, path, query)
    for prefix, namespace in declared.items():
        node = PAGE[f"prefix-{prefix}"]
        statements.add(_ONTOLOGY, SH.declare, node)
        statements.type(node, SH.PrefixDeclaration)
        statements.add(node, SH.prefix, Literal(prefix))
        statements.add(node, SH.namespace, Literal(namespace, datatype=NamedNode(str(XSD.anyURI))))
    return statements


def _example(statements: Statements, path: Path, query: str) -> None:
    node = URIRef(f"{BASE}questions#{path.stem}")
    found = _FORM.search(query)
    assert found, f"{path} has no query"
    form = found[1].lower()
    statements.type(node, SH.SPARQLExecutable, SH[f"SPARQL{form.capitalize()}Executable"])
    statements.add(node, RDFS.comment, text(query.splitlines()[0].removeprefix("# ")))
    statements.add(node, SH[form], Literal(query))
    statements.add(node, SH.prefixes, _ONTOLOGY)
    statements.add(node, _SCHEMA.target, ENDPOINT)
    statements.add(node, _SCHEMA.keywords, *(Literal(term) for term in sorted(set(_TERM.findall(query)))))
