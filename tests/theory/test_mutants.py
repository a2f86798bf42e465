"""Proved claims, each altered a little so that it is false or its proof incomplete, must never be proved."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from theory.core import Always, check_claim
from theory.core.claim import Claim, Part
from theory.implicit_bias import update_size_bound
from theory.l1_rate import norm_sandwich

SANDWICH, UPDATE = norm_sandwich.CLAIM, update_size_bound.CLAIM
FLIPPED = {sp.Le: sp.Ge, sp.Ge: sp.Le, sp.Eq: sp.Lt, sp.Lt: sp.Gt, sp.Gt: sp.Lt}


def with_conclusion(part: Part, conclusion) -> Part:
    """The part with another conclusion, which its last step then also states."""
    *before, last = part.proof
    return replace(part, conclusion=conclusion, proof=[*before, replace(last, prop=conclusion)])


def body(statement):
    return statement.body if isinstance(statement, Always) else statement


def rebuilt(statement, relation):
    return Always(relation, *statement.limits) if isinstance(statement, Always) else relation


def flipped(part: Part) -> Part:
    old = body(part.conclusion)
    return with_conclusion(part, rebuilt(part.conclusion, FLIPPED[type(old)](*old.args, evaluate=False)))


def strict(part: Part) -> Part:
    old = body(part.conclusion)
    return with_conclusion(part, rebuilt(part.conclusion, sp.Lt(*old.args, evaluate=False)))


def tightened(part: Part) -> Part:
    """The larger side, attained with equality by some instance, shrunk by 1 %."""
    old = body(part.conclusion)
    return with_conclusion(part, rebuilt(part.conclusion, sp.Le(old.lhs, sp.Rational(99, 100) * old.rhs)))


def verdict_of(claim: Claim, part: Part) -> str:
    """The verdict on one altered part, with the claim's other parts before it as they are."""
    names = [p.name for p in claim.parts]
    before = [p for p in claim.parts[:names.index(part.name)] if p.name in uses_of(part)]
    return check_claim(replace(claim, parts=[*before, part])).parts[-1].verdict


def uses_of(part: Part) -> str:
    return repr([(s.name, s.rule) for s in part.proof])


def test_the_claims_themselves_are_proved():
    for claim in (SANDWICH, UPDATE):
        assert check_claim(claim).verdict == "proved"


@pytest.mark.parametrize(("claim", "name", "change"), [
    *((SANDWICH, name, change) for name in ("lower", "upper") for change in (flipped, strict, tightened)),
    (UPDATE, "one_step", tightened), (UPDATE, "equal_betas", flipped), (UPDATE, "equal_betas", strict),
])
def test_a_relation_flipped_made_strict_or_tightened(claim, name, change):
    assert verdict_of(claim, change(claim.part(name))) == "unproved"


def test_the_weights_do_not_sum_to_less_than_one():
    assert verdict_of(UPDATE, flipped(UPDATE.part("weights"))) == "unproved"


@pytest.mark.parametrize("dropped", ["order", "below one", "start", "momentum", "second moment"])
def test_a_needed_hypothesis_dropped(dropped):
    fewer = {name: h for name, h in UPDATE.hypotheses.items() if name != dropped}
    assert verdict_of(replace(UPDATE, hypotheses=fewer), UPDATE.part("one_step")) == "unproved"


def test_beta1_and_beta2_swapped():
    beta1, beta2 = update_size_bound.beta1, update_size_bound.beta2
    part = UPDATE.part("one_step")
    swapped = part.conclusion.xreplace({beta1: beta2, beta2: beta1})
    assert verdict_of(UPDATE, with_conclusion(part, swapped)) == "unproved"


@pytest.mark.parametrize(("claim", "name"), [(SANDWICH, "lower"), (SANDWICH, "upper"), (UPDATE, "one_step")])
def test_a_proof_step_dropped(claim, name):
    part = claim.part(name)
    for number in range(len(part.proof)):
        proof = [step for n, step in enumerate(part.proof) if n != number]
        assert verdict_of(claim, replace(part, proof=proof)) == "unproved", part.proof[number].name
