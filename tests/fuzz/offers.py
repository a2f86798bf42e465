"""Offers a statement to the checker with every rule that applies to it, and says which proof was accepted.

How a claim is written for the checker (the form of `history` above all) stands here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean
from words import Case

from theory.core import Always, Claim, E, Part, Session, Source, Step, check_claim
from theory.core import Fixed as Past
from theory.core.rules import Expectation, Identity, Induction, Polynomial


def written_history(case: Case) -> dict[sp.IndexedBase, Any]:
    """`history=` of a claim: what is fixed before a step, in the form the claim takes it."""
    declared = {var.symbol for var in case.variables}
    return {base: Past(fixed.lag, fixed.time) for base, fixed in case.history.items()
            if base in declared}


def proofs(case: Case) -> Iterator[Any]:
    """The case's own proofs first, then every general rule for a statement of its kind."""
    yield from case.proofs
    goal = case.statement
    inner = goal.body if isinstance(goal, Always) else goal
    names = tuple(case.hypotheses)
    plain = tuple(name for name in names if not case.hypotheses[name].has(Always))
    if isinstance(inner, sp.Eq):
        yield Identity()
        if inner.has(E):
            yield Expectation("linearity")
    yield Polynomial(*plain)
    if names != plain:
        yield Polynomial(*names)
    if isinstance(goal, Always):
        yield from inductions(goal, inner)


def inductions(goal: Always, inner: Any) -> Iterator[Any]:
    """Induction over each quantified integer; over a later one, the order of the quantifiers is turned first."""
    ways = [(Polynomial(), Polynomial("induction")), (Identity(), Polynomial("induction"))]
    for place, (variable, lower, _) in enumerate(goal.limits):
        if not variable.is_integer or not lower.is_integer:
            continue
        for base, step in ways if isinstance(inner, sp.Eq) else ways[:1]:
            if place == 0:
                yield Induction(base, step)
            else:
                order = [goal.limits[place], *goal.limits[:place], *goal.limits[place + 1:]]
                turned = Step("turned", Always(goal.body, *order), Induction(base, step))
                yield [turned, Step("goal", goal, Polynomial("turned"))]


def accepted(case: Case) -> Any:
    """The first proof the checker accepts for the case, or None."""
    goal = case.statement if case.handed is None else case.handed
    for proof in proofs(case):
        steps = proof if isinstance(proof, list) else [Step("goal", goal, proof)]
        report = check_claim(claim_of(case, goal, steps), Session())
        if report.verdict == "proved":
            return proof
    return None


def claim_of(case: Case, goal: Boolean, steps: list[Step]) -> Claim:
    """The case as a claim with one part and one proof."""
    return Claim("fuzz/case", "a random statement", "a random statement", Source("fuzz", "1", ""), "derived",
                 case.variables,
                 dict(case.hypotheses), [Part("case", goal,
                                              steps)], list(case.uses), history=written_history(case))
