"""Break-down points, plateaus and bounds: predicted as the theorem and the mathematics say, and a wrong number is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from counterexamples import decay_runs as runs
from counterexamples import large_weight_decay as script
from counterexamples.decay_runs import FAMILIES, FIFTH, LARGEST_S, RATE, Case, Curve, Row
from theory.l1_rate import schedule as theorem

QUADRATIC = Case("quadratic", 1500, 1500)


def measured(mean: float, width: float = 0.0, reach: float = 0.0) -> script.Measured:
    """A row as if it had been run."""
    return script.Measured(mean, width, 0.0, 0.0, reach, torch.full((script.COPIES,), mean, dtype=torch.float64))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("pull", [0.01, 0.3, 0.9])
def test_the_predicted_point_balances_the_two_pulls(family: str, pull: float) -> None:
    case = Case(family, 4500, 1500)
    decay = pull / case.minimiser
    x = runs.settled(case, decay)
    slope, level = -runs.slope_at(case, x), runs.DEVIATION**2 + case.value(theorem.EPS)
    assert case.start - 1 < x < case.minimiser
    assert slope / (slope**2 + level) ** 0.5 == pytest.approx(decay * x, rel=1e-9)
    # |f'| <= crude form up to the second order in the pull, and far above it near the rim of the ball
    assert (slope < 1.01 * runs.crude(case, decay)) == (pull < 0.1)


def test_a_case_has_the_hyperparameters_of_the_theorem() -> None:
    case = Case("log-cosh", 4500, 1500)
    excess, smoothness = case._constants
    numbers = {theorem.K: 4500, theorem.d: 1, theorem.L: smoothness, theorem.D: excess, theorem.sigma: runs.DEVIATION,
               theorem.gamma: 1, theorem.s: FIFTH}
    expected, made = theorem.parameters(numbers), runs.schedule([Row(case, 0.125)])
    for name, value in (("lr", made.lr), ("beta1", made.beta1), ("eps", made.eps), ("beta2_most", made.beta2)):
        assert float(value) == pytest.approx(expected[name], rel=1e-12), name
    assert float(made.weight_decay) == 0.125
    assert case.bound(FIFTH) == pytest.approx(expected["weight_decay"], rel=1e-12)
    assert case.value(RATE, FIFTH) == pytest.approx(expected["rate"], rel=1e-12)
    # x^1 is placed for the smaller K, where f(x^1) - f* is D = excess, one unit from x*
    first = theorem.parameters({**numbers, theorem.K: 1500})
    assert case.start == pytest.approx(first["start"], rel=1e-8) and case.start < first["start"]
    point = torch.tensor([[case.start]], dtype=torch.float64)
    assert float(case.function.value(point) - case.function.f_star) == pytest.approx(excess, rel=1e-12)


def test_the_two_bounds_fall_with_their_powers_of_the_horizon() -> None:
    first, last = Case("quadratic", 2**14, 2**10), Case("quadratic", 2**18, 2**10)
    assert last.bound(FIFTH) / first.bound(FIFTH) == pytest.approx(1 / 8, rel=1e-12)
    assert last.bound(LARGEST_S) / first.bound(LARGEST_S) == pytest.approx(1 / 4, rel=1e-12)
    for case in (first, last):
        condition = 8 * theorem.radius(theorem.ADAMW_C) ** 2 * theorem.ONE_MINUS_THETA
        assert case.value(condition, LARGEST_S) == pytest.approx(1, rel=1e-12)
        assert case.fraction(case.bound(LARGEST_S)) == pytest.approx(case.value(LARGEST_S), rel=1e-12)


def test_the_noise_free_run_predicts_the_mean_of_noisy_runs() -> None:
    case = Case("cosine wells", 1000, 1000)
    rows = [Row(case, pull / case.minimiser) for pull in (0.4, 0.8)]
    noisy = runs.follow(rows, runs.schedule(rows), 1000, 48, torch.Generator().manual_seed(2))
    quiet = runs.follow(rows, runs.schedule(rows, runs.NoiseFree), 1000).size[:, 0].tolist()
    plain = runs.follow(rows, runs.schedule(rows), 1000).size[:, 0].tolist()  # as if sigma were zero
    for (mean, width), predicted, without in zip(script.intervals(noisy.size), quiet, plain, strict=True):
        assert abs(mean - predicted) <= width + 0.01 * predicted  # 0.01: the curvature of f over the spread of the noise
        assert abs(mean - without) > 0.1 * mean


def test_long_steps_predict_what_short_ones_do() -> None:
    case = Case("log-cosh", 5000, 5000)
    curve = runs.predict([case], 0.9, points=4)[case]
    rows = [Row(case, decay) for decay in curve.weight_decays]
    short = runs.follow(rows, runs.schedule(rows, runs.NoiseFree), 5000).size[:, 0].numpy()
    # one long step is 1/STEPS of the run; at the start of a run |f'| is at most this many times the mean
    most = runs.slope_at(case, case.start) / short.min()
    assert np.abs(curve.means / short - 1).max() <= 2 * abs(most) / runs.STEPS
    assert curve.weight_decays[[0, -1]] == pytest.approx([case.bound(FIFTH) / 2, 0.9 / case.minimiser])


def test_rows_meet_the_same_noise_and_copies_their_own() -> None:
    rows = [Row(QUADRATIC, 0.01), Row(Case("log-cosh", 1500, 1500), 0.01), Row(Case("log-cosh", 1500, 1500), 0.01)]
    found = runs.follow(rows, runs.schedule(rows), 300, 5, torch.Generator().manual_seed(0))
    assert torch.equal(found.size[1], found.size[2]) and not torch.equal(found.size[0], found.size[1])
    assert len(found.late[0].unique()) == 5
    assert (found.reach >= torch.tensor([row.case.start for row in rows])[:, None]).all()


def test_a_curve_is_read_at_its_first_crossing() -> None:
    curve = Curve(np.array([1.0, 2.0, 4.0, 8.0]), np.array([3.0, 12.0, 5.0, 24.0]))
    assert curve.reaches(6.0) == pytest.approx(2**0.5)  # mean = 3 decay^2 between the first two points
    assert curve.reaches(25.0) is None and curve.reaches(2.0) is None


def test_a_break_down_point_needs_a_row_surely_on_either_side() -> None:
    rate, decays = QUADRATIC.value(RATE, FIFTH), np.array([0.5, 1.0, 2.0]) * 20 * QUADRATIC.bound(FIFTH)
    curves = {QUADRATIC: Curve(decays, rate * np.array([0.5, 1.0, 2.0]))}
    low, high = (Row(QUADRATIC, decay) for decay in script.around(script.broken(QUADRATIC, curves, FIFTH)))
    below, over = measured(0.9 * rate, 0.05 * rate), measured(1.1 * rate, 0.05 * rate)
    number = script.break_number(QUADRATIC, FIFTH, {low: below, high: over}, curves)
    assert number.holds and number.computed == "19.6 to 20.4" and number.predicted == "20"
    for early, late in ((over, over), (below, below), (replace(below, width=0.2 * rate), over),
                        (below, replace(over, width=0.2 * rate))):
        assert not script.break_number(QUADRATIC, FIFTH, {low: early, high: late}, curves).holds


def test_no_break_down_is_believed_only_below_the_rate_at_the_rim() -> None:
    rate, last = QUADRATIC.value(RATE, FIFTH), Row(QUADRATIC, script.PULL / QUADRATIC.minimiser)
    curves = {QUADRATIC: Curve(np.array([0.001, 0.01]), rate * np.array([0.1, 0.5]))}
    assert script.break_number(QUADRATIC, FIFTH, {last: measured(0.9 * rate)}, curves).holds
    assert not script.break_number(QUADRATIC, FIFTH, {last: measured(0.9 * rate, 0.2 * rate)}, curves).holds
    flat = {case: curves[QUADRATIC] for K in script.HORIZONS for case in (*script.moved(K), *script.fixed(K))}
    assert [number.holds for number in script.growth_numbers(flat)] == [False, False]


def test_a_row_in_the_proven_range_above_its_own_rate_or_box_is_seen() -> None:
    horizons = [Case("quadratic", K, K) for K in script.HORIZONS]
    good = {Row(case, case.bound(FIFTH)): measured(0.99 * case.value(RATE, FIFTH), reach=case.start) for case in horizons}
    assert all(number.holds for number in script.proven_numbers(good))
    row = Row(horizons[0], horizons[0].bound(FIFTH))
    for bad in (replace(good[row], mean=1.01 * row.case.value(RATE, FIFTH)), replace(good[row], width=0.1),
                replace(good[row], reach=1.6 * row.case.start)):  # the box is 1 + c/2 = 1.577 times the start's bound
        assert [number.holds for number in script.proven_numbers({**good, row: bad})].count(False) == 1


def test_the_rigorous_bound_refuses_a_mean_that_a_few_large_runs_make() -> None:
    rows = {Row(case, script.PULL / case.minimiser): case.value(RATE, FIFTH) for case in script.moved(script.LAST)}
    assert all(n.holds for n in script.sure_numbers({row: measured(3 * rate) for row, rate in rows.items()}))
    assert not any(n.holds for n in script.sure_numbers({row: measured(1.2 * rate) for row, rate in rows.items()}))
    few = {row: measured(0.0) for row in rows}
    for row, rate in rows.items():
        few[row].copies[0] = 1000 * rate
    assert not any(n.holds for n in script.sure_numbers(few))


def test_the_box_is_left_inside_its_bracket() -> None:
    found = {}
    for case in script.moved(script.LAST):
        found |= {Row(case, decay): measured(0.0, reach=case.start) for decay in script.around(script.leaves_box(case))}
    assert all(number.holds for number in script.box_numbers(found))
    wide = {row: replace(one, reach=1.1 * one.reach) for row, one in found.items()}
    assert not any(number.holds for number in script.box_numbers(wide))
