"""Tables of what the comparison of sources found: CSV for the reports of a release, and the links as SSSOM."""

from __future__ import annotations

import csv
import io

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, Store

from pactgraph.queries import load
from pactgraph.terms import BASE, ID, curie

_TABLES = ("coverage", "conflicts", "agreement", "findings")
_WIKIDATA = "http://www.wikidata.org/entity/"
_KINDS = ("pact", "person", "state")
_PREFIXES = {
    **{kind: ID[f"{kind}/"] for kind in _KINDS},
    "wikidata": _WIKIDATA,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "semapv": "https://w3id.org/semapv/vocab/",
}


def reports(records: Store) -> dict[str, bytes]:
    """Give the tables by their paths in a release. `records` holds what the rules made."""
    return {
        **{f"reports/{name}.csv": _select(records, name).serialize(format=QueryResultsFormat.CSV) or b"" for name in _TABLES},
        "reports/identity.sssom.tsv": sssom(records),
    }


def sssom(records: Store) -> bytes:
    """Give the links among some records as an SSSOM table (https://mapping-commons.github.io/sssom/)."""
    rows, out = _select(records, "identity"), io.StringIO()
    out.write(f"# mapping_set_id: {BASE}links/identity\n")
    out.write("# mapping_set_title: Records of several sources that are about one thing\n")
    out.write("# license: https://creativecommons.org/licenses/by/4.0/\n# curie_map:\n")
    out.writelines(f"#   {prefix}: {iri}\n" for prefix, iri in _PREFIXES.items())
    table = csv.writer(out, delimiter="\t", lineterminator="\n")
    table.writerow(variable.value for variable in rows.variables)
    table.writerows([_written(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _select(records: Store, name: str) -> QuerySolutions:
    rows = records.query(load(f"report/{name}"))
    assert isinstance(rows, QuerySolutions)
    return rows


def _written(term: object) -> str:
    value = term.value if isinstance(term, Literal | NamedNode) else ""
    return f"wikidata:{value.removeprefix(_WIKIDATA)}" if value.startswith(_WIKIDATA) else curie(value)
