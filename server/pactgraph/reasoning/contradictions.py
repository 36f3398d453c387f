"""What cannot be so: individuals that the rules of ontology/rules/contradiction put into owl:Nothing, and why.

These are the rules of OWL 2 RL that conclude "false" (OWL 2 Profiles, section 4.3). HermiT says whether there is a
contradiction; they say where, for those that they find.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pyoxigraph import NamedNode, QuerySolutions, Store, Triple

from pactgraph import knowledge
from pactgraph.errors import Finding
from pactgraph.queries import load
from pactgraph.reasoning import rulefile, telling
from pactgraph.reasoning.rules import construct
from pactgraph.reasoning.steps import Row, Step, Steps, Term


@dataclass(frozen=True)
class Contradiction:
    """An individual (an IRI; empty for a blank node) that cannot be as it is said to be.

    `words` say why; `statements` are the statements that contradict each other, in few letters, `axioms` those of the model
    that have no name, as Turtle.
    """

    focus: str
    rule: str
    words: str
    statements: tuple[str, ...] = ()
    axioms: str = ""

    def finding(self) -> Finding:
        """Give it as a violation."""
        because = "; ".join(filter(None, (*self.statements, self.axioms)))
        return Finding("Violation", f"contradiction: {self.words} ({self.rule}: {because})", focus=self.focus)


def contradictions(closed: Store) -> list[Contradiction]:
    """Give what contradicts itself in a store that `rules.closure` has closed: each thing once, with one reason.

    Raises BadInput for a faulty rule.
    """
    found: dict[Triple, str] = {}
    for path in sorted(knowledge.contradictions().glob("*.rq")):
        triples = set(construct(closed, path.read_text(encoding="utf-8"), knowledge.name(path)))
        found.update(dict.fromkeys(triples - found.keys(), path.stem))
    if not found:
        return []
    known = rulefile.of_folder(knowledge.contradictions())
    named = [triple for triple in found if isinstance(triple.subject, NamedNode)]  # a question cannot name a blank node
    steps = Steps(partial(_rows, closed), known, (), ()).of(named)
    words = {rule.name.rpartition("/")[2]: rule.words for rule in known}
    told = [_told(closed, triple, rule, words[rule], steps.get(triple, [])) for triple, rule in found.items()]
    return sorted(told, key=lambda one: (one.focus, one.rule))


def _told(closed: Store, triple: Triple, rule: str, words: str, steps: list[Step]) -> Contradiction:
    focus = triple.subject.value if isinstance(triple.subject, NamedNode) else ""
    step = next((step for step in steps if step.rule.endswith(f"/{rule}")), None)
    if step is None:
        return Contradiction(focus, rule, words)
    things = {term.value for term in step.sentence if isinstance(term, NamedNode)}
    names: dict[str, str] = {}
    for row in _rows(closed, load("page/names", thing=[NamedNode(thing) for thing in sorted(things)])):
        names.setdefault(row["thing"].value, row["name"].value)
    statements = tuple(map(telling.statement, telling.premises(step)))
    return Contradiction(focus, rule, telling.sentence(step, names, words), statements, telling.axioms(step))


def _rows(store: Store, text: str) -> list[Row]:
    """Give the solutions of a SELECT."""
    found = store.query(text)
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    return [{name: term for name in names if isinstance(term := row[name], Term)} for row in found]
