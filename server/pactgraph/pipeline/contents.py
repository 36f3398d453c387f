"""What a release consists of: the quads with the graph that describes them, the dumps, the description, and reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pactgraph import knowledge
from pactgraph.packed import Packed, merged
from pactgraph.pipeline.asserted import Asserted
from pactgraph.pipeline.describe import describe
from pactgraph.reasoning.rulefile import TURNED, turned
from pactgraph.release import DUMPED, Content, dumps

_TURNED = f"rules/{TURNED}"


def content_of(
    asserted: Asserted, inferred: Packed, local: Packed, issued: tuple[str, str], reports: Mapping[str, bytes]
) -> Content:
    """Give the content of a release: what is asserted, what follows from it (N-Triples), and what follows only locally.

    `issued` is version and date (xsd:date, without zone); `reports` are further files, by their path in the release.
    """
    own, local_own = Packed.of(asserted.nquads(inferred)), Packed.of(asserted.local_nquads(local))
    described = describe(own, local_own)
    nquads, local_nquads = Packed.of(merged(own, described.nquads), DUMPED), Packed.of(merged(local_own, described.local))
    told = (*knowledge.rules(), *knowledge.day_rules(), *knowledge.joins("findings"))
    rules = {f"{path.parent.name}/{path.name}": path for path in told}
    files = {**dumps(nquads), **reports, "examples.ttl": described.examples}
    files |= {f"rules/{name}": path.read_bytes() for name, path in rules.items()}
    files[_TURNED] = turned(rules, files.get(_TURNED))
    offered = {name: files[name] for name in files if name.startswith("dumps/")}
    files["void.ttl"] = described.void(*issued, offered)
    written = {name: ntriples.count() for name, ntriples in sorted(asserted.written.items())}
    return Content(*issued, nquads, files, local_nquads, written)


def json_bytes(data: Any) -> bytes:
    """Give a value as JSON that people can read."""
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()
