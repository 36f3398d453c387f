"""Inference by rules: SPARQL CONSTRUCT files, run stratum by stratum to a fixed point.

A stratum is a folder; its rules see what was asserted and what lower strata inferred, so a rule with negation or counting
stands above the rules that it looks at. Evaluated by pyoxigraph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pyoxigraph import Quad, QueryTriples, RdfFormat, Store, Triple, serialize

from pactgraph.errors import BadInput
from pactgraph.packed import Packed, merged

MAX_ROUNDS = 50
_BATCH = 50_000  # statements that are held as terms at a time


@dataclass
class Closure:
    """What the rules inferred: N-Triples (sorted, so equal inputs give equal bytes), and how many by each rule."""

    ntriples: Packed = field(default_factory=Packed)
    by_rule: dict[str, int] = field(default_factory=dict)
    rounds: int = 0


def closure(store: Store, strata: Sequence[Path]) -> Closure:
    """Infer from asserted statements (data, ontology and vocabularies) what follows by the rules, and add it to the store.

    Raises BadInput for a faulty rule, and for a stratum that has not come to rest after MAX_ROUNDS rounds: a rule that mints
    without end.
    """
    result = Closure()
    inferred: list[Packed] = []
    for stratum in strata:
        rules = [(f"{stratum.name}/{rule.stem}", rule.read_text(encoding="utf-8")) for rule in sorted(stratum.glob("*.rq"))]
        for _ in range(MAX_ROUNDS):
            result.rounds += 1
            new = {name: _apply(store, name, text, inferred) for name, text in rules}
            for name, count in new.items():
                result.by_rule[name] = result.by_rule.get(name, 0) + count
            if not any(new.values()):
                break
        else:
            busy = ", ".join(name.partition("/")[2] for name, count in new.items() if count)
            fault, hint = f"the rules have not come to rest after {MAX_ROUNDS} rounds", f"still inferring: {busy}"
            raise BadInput(fault, file=f"ontology/rules/{stratum.name}", hint=hint)
    result.ntriples = Packed.of(merged(*inferred))
    return result


def loaded(parts: Iterable[Packed]) -> Store:
    """Give a store in memory of some N-Triples."""
    store = Store()
    for part in parts:
        store.bulk_load(input=part.file(), format=RdfFormat.N_TRIPLES)
    return store


def construct(store: Store, text: str, file: str) -> Iterator[Triple]:
    """Give, one by one, what a CONSTRUCT query makes of a store as it is now; some perhaps several times.

    Raises BadInput, with the file's place, for a faulty one.
    """
    try:
        triples = store.query(text)
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        raise BadInput(error.msg, file=file, line=line, column=column, hint="correct the rule") from None
    if not isinstance(triples, QueryTriples):
        raise BadInput("the rule is not a CONSTRUCT query", file=file, line=1, column=1)
    return iter(triples)


def _apply(store: Store, name: str, text: str, inferred: list[Packed]) -> int:
    """Run one rule once; add to the store, give to `inferred` and count the statements that were not there.

    The query sees the store as it was when it began (pyoxigraph's isolation), so what it makes can be added meanwhile.
    Raises BadInput for a faulty rule.
    """
    count, triples = 0, construct(store, text, f"ontology/rules/{name}.rq")
    while batch := set(islice(triples, _BATCH)):
        new = [quad for t in batch if (quad := Quad(t.subject, t.predicate, t.object)) not in store]
        if new:
            store.extend(new)
            inferred.append(_packed(new))
            count += len(new)
    return count


def _packed(quads: Iterable[Quad]) -> Packed:
    lines = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES) or b""
    return Packed.sorted(lines.splitlines(keepends=True))
