"""Inference by rules: SPARQL CONSTRUCT files, run stratum by stratum to a fixed point.

A stratum is a folder; its rules see what was asserted and what lower strata inferred, so a rule with negation or counting
stands above the rules that it looks at. Evaluated by pyoxigraph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Quad, QueryTriples, RdfFormat, Store, serialize

MAX_ROUNDS = 50


@dataclass
class Closure:
    """What the rules inferred: N-Triples (sorted, so equal inputs give equal bytes), and how many by each rule."""

    ntriples: bytes
    by_rule: dict[str, int] = field(default_factory=dict)
    rounds: int = 0


def closure(ntriples: bytes, strata: Sequence[Path]) -> Closure:
    """Infer from asserted statements (data, ontology and vocabularies, as N-Triples) what follows by the rules.

    Raises RuntimeError if a stratum has not come to rest after MAX_ROUNDS rounds: a rule that mints without end.
    """
    store = Store()
    store.bulk_load(input=ntriples, format=RdfFormat.N_TRIPLES)
    result = Closure(b"")
    inferred: list[Quad] = []
    for stratum in strata:
        rules = [(rule.stem, rule.read_text(encoding="utf-8")) for rule in sorted(stratum.glob("*.rq"))]
        for _ in range(MAX_ROUNDS):
            new = [quad for name, text in rules for quad in _apply(store, f"{stratum.name}/{name}", text, result)]
            inferred.extend(new)
            result.rounds += 1
            if not new:
                break
        else:
            raise RuntimeError(f"the rules of {stratum.name} have not come to rest after {MAX_ROUNDS} rounds")
    lines = (serialize([quad.triple], format=RdfFormat.N_TRIPLES) or b"" for quad in inferred)
    result.ntriples = b"".join(sorted(lines))
    return result


def _apply(store: Store, name: str, text: str, result: Closure) -> list[Quad]:
    """Run one rule once; add to the store, and give, the statements that were not there."""
    triples = store.query(text)
    if not isinstance(triples, QueryTriples):
        raise TypeError(f"{name} is not a CONSTRUCT query")
    quads = {Quad(t.subject, t.predicate, t.object) for t in triples}
    new = [quad for quad in quads if quad not in store]
    store.extend(new)
    result.by_rule[name] = result.by_rule.get(name, 0) + len(new)
    return new
