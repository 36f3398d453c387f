"""Where the knowledge is: ontology, vocabularies, rules, shapes, questions and curated data, as files.

In a wheel they lie in `_knowledge/`; in a checkout at the top level. Nothing else looks for them.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=1)
def root() -> Path:
    """Give the folder that holds ontology/, shapes/ and data/: the installed copy, else the checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "_knowledge"
    return installed if installed.is_dir() else package.parents[1]


def modules() -> list[Path]:
    """Give the ontology: its header and modules, without alignments."""
    return [root() / "ontology" / "pactgraph.ttl", *_files("ontology/modules", "*.ttl")]


def vocabularies() -> list[Path]:
    """Give the SKOS concept schemes, one file each."""
    return _files("ontology/vocab", "*.ttl")


def alignments() -> list[Path]:
    """Give the alignments to other vocabularies, which no reasoner loads."""
    return _files("ontology/align", "*.ttl")


def shapes() -> list[Path]:
    """Give the SHACL shapes for the data (not the style guide, which is for the ontology)."""
    return [path for path in _files("shapes", "*.ttl") if path.stem != "style"]


def style_shapes() -> list[Path]:
    """Give the style guide for the ontology, as shapes, and the prefixes that their queries use."""
    return [root() / "shapes" / name for name in ("prefixes.ttl", "style.ttl")]


def strata() -> list[Path]:
    """Give the folders of inference rules, in the order in which they run; they are numbered."""
    return sorted(path for path in (root() / "ontology" / "rules").iterdir() if path.is_dir() and path.name[0].isdigit())


def day_rules() -> list[Path]:
    """Give the rules that make the view of a day, in the order in which they run."""
    return _files("ontology/rules/day", "*.rq")


def contradictions() -> Path:
    """Give the folder of the rules that find what cannot be so, after inference."""
    return root() / "ontology" / "rules" / "contradiction"


def joins(step: str) -> list[Path]:
    """Give the rules of a step of the comparison of sources (coverage, identity, conflicts, findings), in their order."""
    return _files(f"ontology/joins/{step}", "*.rq")


def rules() -> list[Path]:
    """Give the inference rules of every stratum."""
    return [path for stratum in strata() for path in sorted(stratum.glob("*.rq"))]


def questions() -> list[Path]:
    """Give the competency questions, as queries."""
    return _files("ontology/questions", "*.rq")


def templates() -> list[Path]:
    """Give the query templates: questions about time to start from."""
    return _files("ontology/templates", "*.rq")


def question(name: str) -> Path:
    """Give one competency question, by its number: `q01`."""
    return root() / "ontology" / "questions" / f"{name}.rq"


def curated() -> list[Path]:
    """Give the curated facts: every YAML-LD file in a folder of data/, but for the register of sources."""
    return sorted(path for path in (root() / "data").glob("*/*.yaml") if path.parent.name != "sources")


def sources() -> list[Path]:
    """Give the register of sources, one file each."""
    return _files("data/sources", "*.yaml")


def names() -> Path:
    """Give the list of what sources call agents, where that is no name of the registers (TSV)."""
    return root() / "data" / "names" / "agents.tsv"


def mappings() -> list[Path]:
    """Give the mappings of sources' headings to our domains (SSSOM TSV)."""
    return _files("data/mappings", "*.sssom.tsv")


def name(path: Path) -> str:
    """Give what messages call a file: its path in the knowledge base where it lies there, else as it was given."""
    whole = path.resolve()
    return str(whole.relative_to(root())) if whole.is_relative_to(root()) else str(path)


def links() -> list[Path]:
    """Give the link sets to other knowledge bases (SSSOM TSV)."""
    return _files("data/links", "*.sssom.tsv")


def release_settings() -> Path:
    """Give the file that states the version and date of the release."""
    return root() / "data" / "release.yaml"


def context_path() -> Path:
    """Give the JSON-LD context that maps curated files to RDF."""
    return root() / "ontology" / "context.jsonld"


def schema_path() -> Path:
    """Give the JSON Schema of curated files."""
    return root() / "ontology" / "schema.json"


@lru_cache(maxsize=1)
def context() -> dict[str, Any]:
    """Give the terms of the JSON-LD context."""
    terms: dict[str, Any] = json.loads(context_path().read_text(encoding="utf-8"))["@context"]
    return terms


def _files(folder: str, pattern: str) -> list[Path]:
    return sorted((root() / folder).glob(pattern))
