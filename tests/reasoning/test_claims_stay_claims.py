"""No inference leaves what is said: nothing inferred about the world rests on a claim."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyoxigraph import Triple

from pactgraph.reasoning import why
from pactgraph.reasoning.why import Statement
from tests.reasoning.conftest import Opened

KINDS = ("Claim", "Proposition")


@pytest.fixture(scope="module")
def said(opened: Opened) -> set[str]:
    """The claims and propositions."""
    kinds = " ".join(f"<https://w3id.org/pactgraph/ns#{kind}>" for kind in KINDS)
    return {row["x"].value for row in opened.store.solutions(f"SELECT DISTINCT ?x {{ VALUES ?kind {{ {kinds} }} ?x a ?kind }}")}


def of_claims(triple: Triple, said: set[str]) -> bool:
    """Whether a statement is about a claim or proposition."""
    return any(str(term).strip("<>") in said for term in (triple.subject, triple.object))


@pytest.mark.slow
def test_nothing_inferred_about_the_world_depends_on_a_claim(
    opened: Opened, derivations: dict[Triple, Statement], said: set[str]
) -> None:
    assert len(said) > 50
    without = {
        triple: replace(one, steps=[step for step in one.steps if not any(of_claims(p, said) for p in step.premises)])
        for triple, one in derivations.items()
        if not of_claims(triple, said)
    }
    rank = why.ranks(without)
    world = [triple for triple in opened.inferred() if not of_claims(triple, said)]
    assert len(world) > 30_000
    assert [triple for triple in world if triple not in rank] == []


@pytest.mark.slow
def test_the_check_would_see_a_leak(derivations: dict[Triple, Statement], said: set[str]) -> None:
    leaks = [
        triple
        for triple, one in derivations.items()
        if of_claims(triple, said) and one.steps and all(any(of_claims(p, said) for p in step.premises) for step in one.steps)
    ]
    assert leaks  # such as who contests a proposition: were it said of the world, the test above would find it without a rank
