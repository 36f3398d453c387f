"""How to cite a release, or a query on it: BibTeX, CSL JSON (https://docs.citationstyles.org), and a line of text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from pactgraph.release.model import Release
from pactgraph.terms import BASE

_TITLE = "Pactgraph: an open knowledge graph of states, leaders and pacts"
_AUTHOR = "Pactgraph project"
_LONGEST = 4000  # of an address that is still given whole
_SPECIAL = re.compile(r"[\\{}&%$#_~^]")
_MEANT = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


@dataclass(frozen=True)
class Citation:
    """What is cited: a release by its identifier and day, and the query with the SHA-256 of its text, if it is about one."""

    release: str
    issued: date
    address: str
    query_hash: str = ""

    @property
    def note(self) -> str:
        """Say which query it was, so that it can be checked, or nothing."""
        return f"SPARQL query, SHA-256 {self.query_hash}" if self.query_hash else ""

    def text(self) -> str:
        """Give one line."""
        query = f" {self.note}." if self.note else ""
        return f"{_AUTHOR} ({self.issued.year}). {_TITLE}, release {self.release}.{query} {self.address}"

    def bibtex(self) -> str:
        """Give a BibTeX entry; its key is the release, and the beginning of the query's hash."""
        key = "pactgraph-" + "-".join(filter(None, (self.release, self.query_hash[:8])))
        fields = {
            "author": f"{{{_AUTHOR}}}",
            "title": f"{{{_escaped(_TITLE)}}}",
            "year": str(self.issued.year),
            "month": str(self.issued.month),
            "version": self.release,
            "url": self.address,
            "note": _escaped(self.note),
        }
        return f"@misc{{{key},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value) + "}\n"

    def csl(self) -> str:
        """Give CSL JSON: a list with one item."""
        item: dict[str, Any] = {
            "id": "pactgraph-" + "-".join(filter(None, (self.release, self.query_hash[:8]))),
            "type": "dataset",
            "title": _TITLE,
            "author": [{"literal": _AUTHOR}],
            "issued": {"date-parts": [[self.issued.year, self.issued.month, self.issued.day]]},
            "version": self.release,
            "URL": self.address,
            **({"note": self.note} if self.note else {}),
        }
        return json.dumps([item], indent=1, ensure_ascii=False) + "\n"


def cite(release: Release, query: str = "", server: str = "", more: Mapping[str, str] = MappingProxyType({})) -> Citation:
    """Give the citation of a release, or of a query on it, as a `server` (an address that ends in a slash) has it.

    `more` are further parameters that the answer depends on. Without a server the release has its canonical address. A query
    that is too long for an address is named by its hash.
    """
    issued = date.fromisoformat(release.manifest["issued"])
    page = f"{server}releases/{release.id}" if server else f"{BASE}release/{release.id}"
    if not query:
        return Citation(release.id, issued, page)
    pinned = f"{server or BASE}sparql?" + urlencode({"release": release.id, "query": query, **more})
    digest = hashlib.sha256(query.encode("utf-8", "surrogateescape")).hexdigest()
    return Citation(release.id, issued, pinned if len(pinned) <= _LONGEST else page, digest)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: _MEANT.get(match[0], "\\" + match[0]), text)
