"""Decide one instance again in exact rationals or in balls of rising precision, so that rounding decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy.logic.boolalg import Boolean

from checks.arithmetic import Arithmetic, BallArithmetic, RationalArithmetic
from checks.battery.check import Inputs, Measure
from checks.evaluate import Evaluation
from checks.margins import Margins
from theory.core import Claim

HOLDS, REFUTED, UNDECIDED = "holds", "refuted", "undecided"
PRECISIONS = (128, 256, 512, 1024)


@dataclass(frozen=True)
class Ruling:
    """The verdict on one statement for one instance, and the arithmetic that reached it."""

    verdict: str
    by: str
    margin: float = float("nan")


def decide(claim: Claim, statements: Sequence[Boolean], inputs: Inputs, measure: Measure) -> Ruling:
    """Whether all `statements` hold for this one instance (a batch of one), re-measured exactly.

    Undecided means that the margin's ball still contains zero at the highest precision, or that the measurement cannot
    be repeated in exact arithmetic; it never counts as holding.
    """
    last = Ruling(UNDECIDED, "nothing exact could run")
    for arithmetic in _arithmetics():
        try:
            with arithmetic.working():
                evaluation = Evaluation(claim, measure(inputs, arithmetic), arithmetic)
                rulings = [_rule(evaluation.statement(statement), arithmetic) for statement in statements]
        except (ArithmeticError, AttributeError, TypeError, ValueError) as problem:  # it cannot be repeated exactly
            last = Ruling(UNDECIDED, f"{arithmetic.name} arithmetic ({type(problem).__name__}: {problem})")
            continue
        if refuted := [r for r in rulings if r.verdict == REFUTED]:
            return min(refuted, key=lambda r: r.margin)
        if all(r.verdict == HOLDS for r in rulings):
            return min(rulings, key=lambda r: r.margin, default=Ruling(HOLDS, arithmetic.name))  # no statement: nothing fails
        last = next(r for r in rulings if r.verdict == UNDECIDED)
    return last


def _arithmetics() -> Iterator[Arithmetic]:
    yield RationalArithmetic()
    for bits in PRECISIONS:
        yield BallArithmetic(bits)


def _rule(margins: Margins, arithmetic: Arithmetic) -> Ruling:
    by = f"balls of {arithmetic.bits} bits" if isinstance(arithmetic, BallArithmetic) else arithmetic.name
    standing = margins.standing()
    smallest = float(arithmetic.to_float(margins.margin).min()) if standing.size else float("inf")
    return Ruling({0: REFUTED, 1: UNDECIDED, 2: HOLDS}[int(standing.min(initial=2))], by, smallest)
