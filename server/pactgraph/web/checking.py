"""The validator: a process of its own that holds the release's facts and shapes, and that can be ended.

pySHACL never runs beside request threads. The process is started by the first request and kept; it has a memory limit, asks
no address, and is ended, and started again, past the time limit.
"""

from __future__ import annotations

import gzip
import logging
import sys
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pebble import ProcessExpired
from pyoxigraph import RdfFormat, parse
from rdflib import RDF, Graph

from pactgraph import knowledge, terms
from pactgraph.errors import BadInput, DataTooLarge, Finding, ValidationFailed, ValidationTimeout
from pactgraph.release.model import read
from pactgraph.settings import MIB, ServeSettings
from pactgraph.store.child import Child, confine, limit_processor

if TYPE_CHECKING:  # the web process itself never loads pySHACL
    from pactgraph.validation.world import World

_log = logging.getLogger(__name__)
_LOADING = 120
_MEMORY = 1024 * MIB  # besides that of a query: the facts take their share
_EGRESS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request")
_seconds = 0.0


@dataclass(frozen=True)
class Checked:
    """What the validator says of a text: findings, the SHACL report in the format asked for, and counts."""

    findings: list[Finding]
    report: bytes
    statements: int
    checked: int

    @property
    def conforms(self) -> bool:
        """Say whether there is no finding at all (SHACL, section 3.6)."""
        return not self.findings


class Checker:
    """Validates for many threads, one text at a time."""

    def __init__(self, settings: ServeSettings) -> None:
        """Take the settings; the process starts with the first text."""
        self._limit = settings.query_timeout
        self._child = Child(_start, settings)

    def check(self, release: Path | None, data: bytes, media_type: str, base: str, form: str | None) -> Checked:
        """Validate a text against a release (without one, against the model alone); `form` is the format of the report.

        What it is held against is read first, unless it is there, under a time limit of its own. Raises UnsupportedMedia,
        BadInput with the place of a fault, ValidationTimeout, DataTooLarge, Busy.
        """
        known = str(release or "")
        try:
            return self._child.call(self._limit, _check, known, data, media_type, base, form, first=(_LOADING, _load, known))
        except FutureTimeout:
            raise ValidationTimeout(f"the validation was ended after {self._limit:g} seconds; send less at a time") from None
        except (ProcessExpired, MemoryError) as error:
            _log.warning("the validator ended: %s", error)
            raise DataTooLarge("the data needed more memory than a validation may have; send less at a time") from None

    def close(self) -> None:
        """End the process; whoever waits gets Busy."""
        self._child.close()


def _start(settings: ServeSettings) -> None:
    """Make the process ready: its limits, and no way out."""
    global _seconds
    confine(settings.query_memory + _MEMORY)
    _seconds = settings.query_timeout
    sys.addaudithook(_refuse_egress)


def _refuse_egress(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse to ask any address, whichever library would."""
    if event in _EGRESS:
        raise BadInput("the data would have another address asked, which is not done here")


def _load(release: str) -> None:
    """Read what data is validated against, for those that come."""
    _world(release)


def _check(release: str, data: bytes, media_type: str, base: str, form: str | None) -> Checked:
    """Validate in the process of the validator. The processor-time limit ends it even if the server is gone."""
    limit_processor(_seconds)
    try:
        return _validated(_world(release), data, media_type, base, form)
    except RecursionError:
        raise BadInput("the data is nested too deep, or a list in it has no end") from None
    except (BadInput, MemoryError):
        raise
    except (RuntimeError, OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        _world.cache_clear()
        raise ValidationFailed(f"the data could not be validated: {type(error).__name__}") from error


def _validated(world: World, data: bytes, media_type: str, base: str, form: str | None) -> Checked:
    from pactgraph.sources import curated, documents
    from pactgraph.validation.world import add_faults

    document = documents.read(data, media_type, curated.date_families(world.model), base=base)
    outcome = add_faults(world.validate(document.graph, document.locate), document.faults, base)
    report = outcome.report.serialize(format=form, encoding="utf-8") if form else b""
    return Checked(outcome.findings, report, len(document.graph), outcome.checked)


@lru_cache(maxsize=1)
def _world(release: str) -> World:
    """Read what data is validated against; kept until another release is the current one."""
    from pactgraph.validation import parse as parse_turtle
    from pactgraph.validation.world import World

    if not release:
        model = parse_turtle([*knowledge.modules(), *knowledge.vocabularies()])
        return World(Graph(), model, parse_turtle(knowledge.shapes()))
    graphs = {name: Graph() for name in (terms.CURATED, terms.ONTOLOGY, terms.VOCABULARY, terms.LINKS)}
    written = dict.fromkeys(read(Path(release)).written, graphs[terms.CURATED])  # by clients: facts too
    named = {str(name): graph for name, graph in graphs.items()}
    others = _read(Path(release) / "dumps" / "pactgraph.nq.gz", named | written)
    model = Graph()
    for name in (terms.ONTOLOGY, terms.VOCABULARY, terms.LINKS):
        for triple in graphs[name]:
            model.add(triple)
    return World(graphs[terms.CURATED], model, parse_turtle([Path(release) / "dumps" / "shapes.ttl"]), others)


def _read(path: Path, graphs: dict[str, Graph]) -> Graph:
    """Read N-Quads into the graphs named; give the types of what other graphs describe, but for what is inferred."""
    from pactgraph.sources.places import triple_of

    others = Graph()
    left_out = {str(terms.INFERRED), str(terms.ALIGNMENTS)}
    for quad in parse(input=gzip.decompress(path.read_bytes()), format=RdfFormat.N_QUADS):
        graph = graphs.get(getattr(quad.graph_name, "value", ""))
        if graph is not None:
            graph.add(triple_of(quad))
        elif quad.predicate.value == str(RDF.type) and getattr(quad.graph_name, "value", "") not in left_out:
            others.add(triple_of(quad))
    return others
