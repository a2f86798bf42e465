"""Statements evaluated in batches mean what a reader with loops and exact numbers says they mean."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import flint
import hypothesis.strategies as st
import mpmath
import pytest
import sympy as sp
import torch
from hypothesis import given, settings

from checks.arithmetic import BallArithmetic, RationalArithmetic, TorchArithmetic
from checks.battery.instances import select
from checks.errors import RequestError
from checks.evaluate import Evaluation
from tests.checks.brute_force import Reader, a, b, claim_of, expressions, i, j, measured, n, statements, t, w, x, y
from theory.core import Always, E, Var
from theory.core.term import both, either, negation

BATCH = 3
u = sp.Symbol("u", integer=True)
sizes, seeds = st.integers(1, 3), st.integers(0, 10**6)


def in_arithmetic(values: dict[Any, Any], arithmetic: Any) -> dict[Any, Any]:
    return {k: v if isinstance(v, int) else arithmetic.array(v) for k, v in values.items()}


def evaluation(values: dict[Any, Any], arithmetic: Any, variables: Any = None) -> Evaluation:
    return Evaluation(claim_of(variables=variables), in_arithmetic(values, arithmetic), arithmetic)


def both_sides(expr: Any, values: dict[Any, Any], arithmetic: Any) -> tuple[Any, Any]:
    """Value and magnitude of the expression, each (B,), from the margin of 0 ≤ expr."""
    with arithmetic.working():
        margins = evaluation(values, arithmetic).statement(sp.Le(0, expr, evaluate=False))
    return margins.margin[:, 0], margins.size[:, 0]


@settings(max_examples=100)
@given(expressions(), sizes, seeds)
def test_rational_values_are_exactly_those_of_the_loops(expr: Any, size: int, seed: int) -> None:
    values = measured(seed, size, BATCH)
    found, _ = both_sides(expr, values, RationalArithmetic())
    for index, value in enumerate(found):
        assert Fraction(int(value.p), int(value.q)) == Reader(values, index, Fraction).at(expr, {})


@given(sizes, seeds)
def test_a_triangular_double_sum_is_that_of_the_loops(size: int, seed: int) -> None:
    """SymPy writes a nested sum as one with two limits, the inner first."""
    values, expr = measured(seed, size, BATCH), sp.Sum(sp.Sum(i * w[j, i], (i, 1, j)), (j, 1, n))
    assert len(expr.limits) == 2
    found, _ = both_sides(expr, values, TorchArithmetic())
    table = values["w"]
    loops = sum((k + 1) * table[:, m, k + 1] for m in range(size) for k in range(m + 1))
    torch.testing.assert_close(found, loops, rtol=0, atol=0)  # eighths: nothing rounds


@settings(max_examples=100)
@given(expressions(rational=False), sizes, seeds)
def test_balls_hold_the_value_and_float_errors_stay_below_the_magnitude(expr: Any, size: int, seed: int) -> None:
    values = measured(seed, size, BATCH)
    balls, _ = both_sides(expr, values, BallArithmetic(256))
    floats, magnitudes = both_sides(expr, values, TorchArithmetic())
    assert torch.isfinite(magnitudes).all()
    with mpmath.workdps(60):
        for index in range(BATCH):
            truth = Reader(values, index, mpmath.mpf).at(expr, {})
            assert abs(mpmath.mpf(balls[index].mid().str(55, radius=False)) - truth) <= 1e-45 * (1 + abs(truth))
            # At most 4 nested operations and sums of 3 terms: some tens of roundings of 2^-53 = 1.1e-16 each.
            assert abs(mpmath.mpf(float(floats[index])) - truth) <= 1e-14 * float(magnitudes[index])


@settings(max_examples=100)
@given(statements(), sizes, seeds)
def test_a_statement_is_true_exactly_where_the_loops_say_so(prop: Any, size: int, seed: int) -> None:
    values = measured(seed, size, BATCH)
    margins = evaluation(values, RationalArithmetic()).statement(prop)
    found = (margins.standing() == 2).all(axis=1)
    assert found.tolist() == [Reader(values, index, Fraction).true(prop, {}) for index in range(BATCH)]


@settings(max_examples=100)
@given(statements(), sizes, seeds)
def test_floats_and_balls_agree_with_the_loops_where_nothing_is_close(prop: Any, size: int, seed: int) -> None:
    values = measured(seed, size, BATCH)
    truth = [Reader(values, index, Fraction).true(prop, {}) for index in range(BATCH)]
    balls = evaluation(values, BallArithmetic(128)).statement(prop).standing().min(axis=1, initial=2)
    assert all(standing == 1 or (standing == 2) == true for standing, true in zip(balls, truth, strict=True))
    margins = evaluation(values, TorchArithmetic()).statement(prop)
    close = (abs(margins.relative()) < 1e-12).any(axis=1)
    for one, near, true in zip(margins.satisfied(0.0), close, truth, strict=True):
        assert near or one == true


@settings(max_examples=100)
@given(statements(), expressions(rational=False), sizes, seeds)
def test_a_batch_is_its_instances_one_by_one(prop: Any, expr: Any, size: int, seed: int) -> None:
    values, arithmetic = measured(seed, size, BATCH), TorchArithmetic()
    for statement in (prop, Always(sp.Le(expr, x[u], evaluate=False), (u, 1, n))):
        together = evaluation(values, arithmetic).statement(statement)
        for index in range(BATCH):
            alone = evaluation(dict(select(values, index)), arithmetic).statement(statement)
            torch.testing.assert_close(alone.margin, together.margin[index : index + 1], rtol=1e-12, atol=1e-12)
            torch.testing.assert_close(alone.size, together.size[index : index + 1], rtol=1e-12, atol=1e-12)
            assert (alone.strict == together.strict[index]).all()


def instance(**changed: Any) -> dict[Any, Any]:
    """A measurement with some arrays replaced by name."""
    return {**measured(0, 2, BATCH), **changed}


def full(value: float) -> torch.Tensor:
    return torch.full((BATCH,), value, dtype=torch.float64)


def holds(prop: Any, **changed: Any) -> bool:
    """In rationals, at every instance alike."""
    margins = evaluation(instance(**changed), RationalArithmetic()).statement(prop)
    (answer,) = set((margins.standing() == 2).all(axis=1).tolist())
    return answer


def test_a_premise_that_holds_with_equality_is_met() -> None:
    """a ≤ 1 holds at a = 1, so the implication fails with its conclusion."""
    for premise in (sp.Le(a, 1), sp.Eq(a, 1)):
        assert not holds(sp.Implies(premise, sp.Gt(b, 1)), a=full(1), b=full(0.5))
        assert holds(sp.Implies(premise, sp.Gt(b, 1)), a=full(2), b=full(0.5))


def test_or_takes_whole_quantified_statements_not_pairs_of_positions() -> None:
    """Neither x ≥ 0 throughout nor w(., 0) ≥ 0 throughout, though at every position one of them is."""
    values = {"x": torch.tensor([[0.0, 1.0, -1.0]] * BATCH), "w": torch.tensor([[[-1.0, 0, 0], [1.0, 0, 0]]] * BATCH)}
    first, second = Always(sp.Ge(x[t], 0), (t, 1, n)), Always(sp.Ge(w[j, 0], 0), (j, 1, n))
    assert not holds(sp.Or(first, second), **values)


def test_a_premise_for_all_is_broken_by_one_value() -> None:
    values = {"x": torch.tensor([[0.0, 1.0, -1.0]] * BATCH), "a": full(1)}
    assert holds(sp.Implies(Always(sp.Ge(x[t], 0), (t, 1, n)), sp.Lt(a, 0)), **values)
    assert not holds(sp.Implies(Always(sp.Ge(x[t], 0), (t, 1, n - 1)), sp.Lt(a, 0)), **values)
    assert not holds(sp.Implies(Always(sp.Ge(x[t], 0), (t, n + 1, n)), sp.Lt(a, 0)), **values)


def test_a_tie_beside_a_strict_inequality_still_holds() -> None:
    assert holds(sp.And(sp.Le(a, 1), sp.Lt(b, 2)), a=full(1), b=full(1))
    assert not holds(sp.And(sp.Lt(a, 1), sp.Le(b, 2)), a=full(1), b=full(1))


def test_zero_to_the_power_zero_is_one_in_every_arithmetic() -> None:
    memory = sp.Sum(b ** (n - i), (i, 1, n))
    for arithmetic in (TorchArithmetic(), RationalArithmetic(), BallArithmetic(64)):
        value, _ = both_sides(memory, instance(b=full(0)), arithmetic)
        assert arithmetic.to_float(value).tolist() == [1.0] * BATCH


def test_half_integer_and_real_exponents() -> None:
    """b^((i-1)/2) and b^((i-1)/3), at b = 0 too, where the first term is 0^0 = 1."""
    for share in (2, 3):
        expr = sp.Sum(b ** ((i - 1) / sp.Integer(share)), (i, 1, n))
        for base, truth in ((0.0, 1.0), (0.25, 1 + 0.25 ** (1 / share))):
            value, size = both_sides(expr, instance(b=full(base)), TorchArithmetic())
            assert value.tolist() == pytest.approx([truth] * BATCH, rel=1e-15) and (size >= value).all()
    half = sp.Sum(b ** ((i - 1) / sp.Integer(2)), (i, 1, n))
    value, _ = both_sides(half, instance(b=full(0.25)), RationalArithmetic())
    assert [str(v) for v in value] == ["3/2"] * BATCH


def test_negative_exponents_have_magnitudes_that_grow_with_cancellation() -> None:
    """1/(a - b)^k near a = b: k times the relative error of the difference."""
    values = instance(a=full(1 + 2.0**-40), b=full(1))
    for power in ((a - b) ** -n, (a - b) ** -2):
        value, size = both_sides(power, values, TorchArithmetic())
        assert (size >= value * 2 * 2.0**40).all()


def test_a_root_of_a_cancelled_difference_is_known_to_be_rough() -> None:
    """sqrt|x0² - x1²| with x0 and x1 one rounding apart is wrong by about 1e-8: the magnitude must cover that."""
    third = full(1 / 3)
    expr = sp.sqrt(sp.Abs(x[0] ** 2 - x[1] ** 2))
    values = instance(x=torch.stack([third, third * (1 + 2.0**-52), third], 1))
    truth, _ = both_sides(expr, values, BallArithmetic(256))
    value, size = both_sides(expr, values, TorchArithmetic())
    error = abs(value - torch.as_tensor(BallArithmetic().to_float(truth)))
    assert (error > 1e-10).all() and (error <= 4 * 2.0**-53 * size).all()


def test_a_range_with_one_value_less_than_none_is_empty_and_fewer_is_refused() -> None:
    assert holds(sp.Eq(sp.Sum(x[i], (i, n + 1, n)), 0, evaluate=False))
    with pytest.raises(RequestError, match="negative number of values"):
        holds(Always(sp.Ge(sp.Sum(x[i], (i, t, 1)), 0), (t, 3, 3)))


def test_sums_inside_empty_sums_are_empty() -> None:
    assert holds(sp.Eq(sp.Sum(x[0], (t, 1, j), (j, 1, i - 1), (i, 1, n)), 0), n=1, x=torch.ones(BATCH, 2))


def test_pi_and_e_in_balls() -> None:
    for number, truth in ((sp.pi, flint.arb.pi()), (sp.E, flint.arb.const_e())):
        value, _ = both_sides(a + number, instance(a=full(0)), BallArithmetic(100))
        assert abs(float(value[0].mid()) - float(truth)) < 1e-15
        assert float(value[0].rad()) < 1e-28


z = sp.Symbol("z", real=True)
BAD = {
    "gives no x": (sp.Le(x[1], 0), {"x": None}),
    "needs 1 index axes": (sp.Le(x[1], 0), {"x": torch.zeros(BATCH)}),
    r"scalar: give shape \(B,\)": (sp.Le(a, 0), {"a": torch.zeros(BATCH, 2)}),
    "one batch, not empty": (sp.Le(a, 0), {"a": torch.zeros(BATCH + 1)}),
    "holds NaN or infinity": (sp.Le(a, 0), {"a": torch.full((BATCH,), torch.nan)}),
    "reaches outside the 3 measured values": (sp.Le(x[n + 1], 0), {}),
    "reaches outside": (Always(sp.Le(x[t - 2], 0), (t, 1, n)), {}),
    "no value for E": (sp.Le(E(y[1] ** 2), 0), {}),
    "needs shape": (sp.Le(sp.Sum(E(y[i]), (i, 1, n)), 0), {E(y[i]): torch.zeros(BATCH)}),
    r"E\(y\[i\]\) reaches outside": (Always(sp.Le(E(y[i]), 0), (i, 0, n)), {}),
    "Python int": (sp.Le(sp.Sum(x[i], (i, 1, n)), 0), {"n": torch.ones(BATCH)}),
    "over the reals": (Always(sp.Le(z, 0), (z, 0, 1)), {}),
    "cannot be evaluated": (sp.Le(sp.sin(a), 0), {}),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_measurements_are_refused_with_a_sentence(sentence: str) -> None:
    prop, changed = BAD[sentence]
    values = {k: v for k, v in (measured(0, 2, BATCH) | changed).items() if v is not None}
    with pytest.raises(RequestError, match=sentence):
        evaluation(values, TorchArithmetic()).statement(prop)


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(RequestError, match="not empty"):
        evaluation({k: v if isinstance(v, int) else v[:0] for k, v in measured(0, 2, 2).items()}, TorchArithmetic())


def test_a_sequence_nobody_declared_is_refused() -> None:
    with pytest.raises(RequestError, match="not declared"):
        evaluation(instance(), TorchArithmetic(), [Var(n, "size")]).statement(sp.Le(x[1], 0))


def test_the_names_of_indices_in_a_measured_mean_do_not_matter() -> None:
    values = measured(0, 2, BATCH)
    first = sp.Eq(sp.Sum(E(y[i]), (i, 1, n)), sp.Sum(E(y[t]), (t, 1, n)), evaluate=False)
    renamed = {E(y[t]) if key == E(y[i]) else key: value for key, value in values.items()}
    for means in (values, renamed):
        assert (evaluation(means, RationalArithmetic()).statement(first).standing() == 2).all()
    with pytest.raises(RequestError, match="twice"):
        evaluation({**values, E(y[t]): torch.zeros(BATCH, 2)}, TorchArithmetic())


def test_a_mean_over_two_indices_is_read_with_the_outer_one_first() -> None:
    table, pairs = sp.IndexedBase("table", real=True), torch.arange(6.0, dtype=torch.float64).reshape(1, 2, 3)
    variables = [Var(n, "rows"), Var(table, "noise", over=((1, n), (1, n + 1)), random=True)]
    for outer, inner in ((t, i), (i, t)):
        prop = Always(sp.Le(0, E(table[outer, inner])), (outer, 1, n), (inner, 1, n + 1))
        means = {"n": 2, E(table[outer, inner]): pairs}
        found = evaluation(means, TorchArithmetic(), variables).statement(prop)
        assert found.margin.reshape(2, 3).tolist() == pairs[0].tolist()


def test_two_statements_are_equivalent_where_both_hold_or_neither() -> None:
    same = sp.Equivalent(sp.Le(a, 1), sp.Le(b, 1))
    for one, other, truth in ((1, 0.5, True), (2, 3, True), (1, 2, False), (2, 1, False)):
        assert holds(same, a=full(one), b=full(other)) == truth
        assert holds(sp.Not(same, evaluate=False), a=full(one), b=full(other)) != truth


def test_nothing_to_hold_holds_and_no_choice_does_not() -> None:
    for prop, truth in ((both(), True), (either(), False), (negation(either()), True)):
        assert holds(prop) == truth


def test_a_relation_that_sympy_has_decided_is_refused() -> None:
    with pytest.raises(RequestError, match="already decided"):
        holds(sp.Le(1, 2))


def test_integrals_and_limits_have_their_values_at_the_measured_sizes() -> None:
    r, big = sp.Symbol("r", positive=True), sp.Symbol("r", real=True)
    bell = sp.Integral(sp.exp(-(big**2) / 2), (big, -sp.oo, sp.oo))
    factorial = sp.Integral(r**n * sp.exp(-r), (r, 0, sp.oo))
    limits = sp.Limit(n * big / (big + 1), big, sp.oo), sp.Limit((big - 1) / (big**2 - 1), big, 1)
    for expr, truth in ((bell, math.sqrt(2 * math.pi)), (factorial, 6), (limits[0], 3), (limits[1], 0.5)):
        value, _ = both_sides(a + expr, {**measured(0, 3, BATCH), "a": full(0)}, TorchArithmetic())
        assert value.tolist() == pytest.approx([truth] * BATCH, rel=1e-13)
        with pytest.raises(RequestError, match="no value in rational"):
            both_sides(a + expr, instance(), RationalArithmetic())
    with pytest.raises(RequestError, match="depends on a"):
        both_sides(sp.Integral(a * r, (r, 0, 1)), instance(), TorchArithmetic())
