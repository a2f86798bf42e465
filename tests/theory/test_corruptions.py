"""Corrupts statements inside the project's own proofs, one at a time: the part must fail each time.

Corrupted is the conclusion of a part, with its last step, or a step on the way: a bound is moved by one, an equation
by one, ≠ becomes =. Sampled in `dev` and `ci`, every step of every claim in `deep`. What still checks although it was
corrupted has to be named here with a reason; nothing does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sympy as sp
from hypothesis import settings
from sympy.logic.boolalg import Boolean

from checks.registry import entries
from theory.core import Always, Claim, Part, Session, check_claim

SAMPLE = {"dev": 4, "ci": 3}
STILL_TRUE: dict[tuple[str, str, str], str] = {}  # (claim, part, step) -> why it still checks
SESSION = Session()


def corrupted(prop: Boolean) -> Boolean | None:
    """A statement that says more than its author meant; None where no rule here makes one."""
    if isinstance(prop, Always):
        body = corrupted(prop.body)
        return None if body is None else Always(body, *prop.limits)
    if isinstance(prop, sp.Implies):
        conclusion = corrupted(prop.args[1])
        return None if conclusion is None else sp.Implies(prop.args[0], conclusion, evaluate=False)
    if isinstance(prop, (sp.Le, sp.Lt, sp.Ge, sp.Gt, sp.Eq)):
        by = 1 if isinstance(prop, (sp.Ge, sp.Gt, sp.Eq)) else -1
        return prop.func(prop.lhs, prop.rhs + by, evaluate=False)
    return sp.Eq(prop.lhs, prop.rhs, evaluate=False) if isinstance(prop, sp.Ne) else None


def needed(claim: Claim, part: Part) -> list[Part]:
    """The part, after the earlier ones that its steps name, and that these name."""
    before = claim.parts[: claim.parts.index(part)]
    named = [earlier for earlier in before if f"'{earlier.name}'" in repr(part.proof)]
    return [*{p.name: p for one in named for p in needed(claim, one)}.values(), part]


def places() -> Iterator[tuple[str, str, int]]:
    """Every step of every part whose statement can be corrupted."""
    for name, entry in sorted(entries().items()):
        for part in entry.claim.parts:
            for number, step in enumerate(part.proof):
                if corrupted(step.prop) is not None:
                    yield name, part.name, number


def chosen() -> list[tuple[str, str, int]]:
    every = list(places())
    profile = settings.get_current_profile_name()
    return every if profile == "deep" else random.Random(7).sample(every, SAMPLE.get(profile, 4))


def small(claim: Claim, parts: list[Part]) -> str:
    """The verdict on these parts alone."""
    return check_claim(replace(claim, id=f"{claim.id}-alone", parts=parts), SESSION).parts[-1].verdict


@pytest.mark.parametrize("place", range(len(chosen())))
def test_a_corrupted_step_does_not_check(place: int) -> None:
    name, part_name, number = chosen()[place]
    claim = entries()[name].claim
    part = claim.part(part_name)
    *earlier, _ = needed(claim, part)
    assert small(claim, [*earlier, part]) == "proved"
    prop = corrupted(part.proof[number].prop)
    assert prop is not None
    proof = [*part.proof[:number], replace(part.proof[number], prop=prop), *part.proof[number + 1:]]
    last = number == len(part.proof) - 1
    wrong = replace(part, proof=proof, conclusion=prop if last else part.conclusion)
    verdict = small(claim, [*earlier, wrong])
    known = (name, part_name, part.proof[number].name) in STILL_TRUE
    assert (verdict == "unproved") != known, f"{name}, {part_name}, {part.proof[number].name}: {verdict}"
