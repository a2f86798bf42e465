"""The referee: equality is decided in rationals, tiny violations in balls, and what stays undecided is no pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from checks.arithmetic import Arithmetic, TorchArithmetic
from checks.battery.check import column
from checks.errors import RequestError
from checks.evaluate import Evaluation
from checks.referee import HOLDS, REFUTED, UNDECIDED, Ruling, decide
from tests.checks.brute_force import a, b, claim_of
from theory.core import Claim, Var

CLAIM: Claim = claim_of(variables=[Var(a, "a number"), Var(b, "another, not negative")])


def measure(inputs: Mapping[str, Any], arithmetic: Arithmetic) -> dict[str, Any]:
    return {name: arithmetic.array(value) for name, value in inputs.items()}


def ruling(prop: Any, first: float, second: float) -> Ruling:
    return decide(CLAIM, [prop], {"a": column(first), "b": column(second)}, measure)


def in_floats(prop: Any, first: float, second: float) -> float:
    """The margin floats see."""
    inputs, arithmetic = {"a": column(first), "b": column(second)}, TorchArithmetic()
    return float(Evaluation(CLAIM, measure(inputs, arithmetic), arithmetic).statement(prop).margin)


@pytest.mark.parametrize(("prop", "verdict"), [
    (sp.Le(3 * a, b + 2 * a), HOLDS), (sp.Ge(3 * a, b + 2 * a), HOLDS), (sp.Eq(a, b), HOLDS),
    (sp.Lt(3 * a, b + 2 * a), REFUTED), (sp.Ne(a, b), REFUTED),
    (sp.And(sp.Le(a, b), sp.Lt(a, b + 1)), HOLDS), (sp.Implies(sp.Le(a, b), sp.Lt(a, b)), REFUTED),
])
def test_a_tie_is_decided_exactly_strict_or_not(prop: Any, verdict: str) -> None:
    """At a = b = 0.1, where 3a and b + 2a differ in floats."""
    found = ruling(prop, 0.1, 0.1)
    assert (found.verdict, found.by) == (verdict, "rational")


def test_a_rational_root_keeps_the_decision_exact() -> None:
    found = ruling(sp.Eq(sp.sqrt(a - 5), b), 9.0, 2.0)
    assert (found.verdict, found.by) == (HOLDS, "rational")


@pytest.mark.parametrize("sign", [-1, 1])
def test_balls_see_a_relative_difference_of_1e_30_that_floats_do_not(sign: int) -> None:
    prop = sp.Le(sp.sqrt(a) * (1 + sign * sp.Rational(1, 10**30)), sp.sqrt(a))
    assert in_floats(prop, 2.0, 0.0) == 0
    found = ruling(prop, 2.0, 0.0)
    assert found.verdict == (REFUTED if sign > 0 else HOLDS)
    assert found.by.startswith("balls") and found.margin == pytest.approx(-sign * 1e-30 * 2**0.5, rel=1e-9)


def test_precision_rises_until_a_difference_of_1e_150_is_seen() -> None:
    prop = sp.Le(sp.sqrt(a) * (1 + sp.Rational(1, 10**150)), sp.sqrt(a))
    assert ruling(prop, 2.0, 0.0) == Ruling(REFUTED, "balls of 512 bits", pytest.approx(-1e-150 * 2**0.5))


@pytest.mark.parametrize("relation", [sp.Eq, sp.Le, sp.Lt])
def test_an_irrational_equality_stays_undecided(relation: Any) -> None:
    """√a √b = √6 at a = 2, b = 3: no precision of balls can show it."""
    found = ruling(relation(sp.sqrt(a) * sp.sqrt(b), sp.sqrt(6)), 2.0, 3.0)
    assert found.verdict == UNDECIDED and "1024" in found.by


def test_one_refuted_statement_refutes_and_one_undecided_leaves_open() -> None:
    inputs = {"a": column(2.0), "b": column(3.0)}
    open_, true, false = sp.Eq(sp.sqrt(a) * sp.sqrt(b), sp.sqrt(6)), sp.Le(a, b), sp.Gt(a, b)
    assert decide(CLAIM, [true, false], inputs, measure).verdict == REFUTED
    assert decide(CLAIM, [open_, false], inputs, measure).verdict == REFUTED
    assert decide(CLAIM, [true, open_], inputs, measure).verdict == UNDECIDED
    assert decide(CLAIM, [true], inputs, measure).verdict == HOLDS


def refuses(inputs: Mapping[str, Any], arithmetic: Arithmetic) -> dict[str, Any]:
    raise RequestError("floats only.")


def floats_only(inputs: Mapping[str, Any], arithmetic: Arithmetic) -> dict[str, Any]:
    return {name: torch.exp(arithmetic.array(value)) for name, value in inputs.items()}  # TypeError on object arrays


@pytest.mark.parametrize("bad", [refuses, floats_only])
def test_a_measurement_that_cannot_be_repeated_exactly_is_undecided(bad: Any) -> None:
    found = decide(CLAIM, [sp.Le(a, b)], {"a": column(1.0), "b": column(2.0)}, bad)
    assert found.verdict == UNDECIDED and np.isnan(found.margin)


def test_an_undefined_value_is_undecided_not_true() -> None:
    """0/0 raises in rationals and is an unbounded ball in balls."""
    assert ruling(sp.Le(a / b, 1), 0.0, 0.0).verdict == UNDECIDED
