"""Inference by rules: SPARQL CONSTRUCT files, run stratum by stratum to a fixed point.

A stratum is a folder; its rules see what was asserted and what lower strata inferred, so a rule with negation or counting
stands above the rules that it looks at. Evaluated by pyoxigraph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Quad, QueryTriples, RdfFormat, Store, Triple, serialize

from pactgraph.errors import BadInput

MAX_ROUNDS = 50


@dataclass
class Closure:
    """What the rules inferred: N-Triples (sorted, so equal inputs give equal bytes), and how many by each rule."""

    ntriples: bytes
    by_rule: dict[str, int] = field(default_factory=dict)
    rounds: int = 0


def closure(facts: bytes | Store, strata: Sequence[Path]) -> Closure:
    """Infer from asserted statements (data, ontology and vocabularies) what follows by the rules.

    The facts are N-Triples, or a store in memory, to which what follows is added. Raises BadInput for a faulty rule, and for
    a stratum that has not come to rest after MAX_ROUNDS rounds: a rule that mints without end.
    """
    store = facts if isinstance(facts, Store) else loaded([facts])
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
            busy = ", ".join(name for name, text in rules if _apply(store, f"{stratum.name}/{name}", text, result))
            fault, hint = f"the rules have not come to rest after {MAX_ROUNDS} rounds", f"still inferring: {busy}"
            raise BadInput(fault, file=f"ontology/rules/{stratum.name}", hint=hint)
    lines = (serialize((quad.triple for quad in inferred), format=RdfFormat.N_TRIPLES) or b"").splitlines(keepends=True)
    result.ntriples = b"".join(sorted(lines))
    return result


def loaded(parts: Iterable[bytes]) -> Store:
    """Give a store in memory of some N-Triples."""
    store = Store()
    for part in parts:
        store.bulk_load(input=part, format=RdfFormat.N_TRIPLES)
    return store


def construct(store: Store, text: str, file: str) -> set[Triple]:
    """Give what a CONSTRUCT query makes of a store. Raises BadInput, with the file's place, for a faulty one."""
    try:
        triples = store.query(text)
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        raise BadInput(error.msg, file=file, line=line, column=column, hint="correct the rule") from None
    if not isinstance(triples, QueryTriples):
        raise BadInput("the rule is not a CONSTRUCT query", file=file, line=1, column=1)
    return set(triples)


def _apply(store: Store, name: str, text: str, result: Closure) -> list[Quad]:
    """Run one rule once; add to the store, and give, the statements that were not there. Raises BadInput for a faulty rule."""
    triples = construct(store, text, f"ontology/rules/{name}.rq")
    new = [quad for t in triples if (quad := Quad(t.subject, t.predicate, t.object)) not in store]
    store.extend(new)
    result.by_rule[name] = result.by_rule.get(name, 0) + len(new)
    return new
