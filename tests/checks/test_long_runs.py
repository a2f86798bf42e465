"""Sampled long runs: parameters against `schedule.parameters`, means against exact enumeration, bounds against adversaries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy as sp
import torch

from checks.arithmetic import TorchArithmetic
from checks.l1_rate import rate_sampling
from checks.l1_rate.long_runs import FIRST, INSIDE, METHODS, Rows, S, averages, equal_coordinates, largest_slope, settings
from checks.measurements.rate_means import GAMMA, Point, side_by_side
from checks.monte_carlo import MonteCarlo
from checks.noise import SignPaths
from theory.l1_rate import schedule, sgd_rate
from theory.l1_rate.schedule import ADAMW_C, NADAMW_C, D, K, L, d, gamma, s, sigma, theta

OPS = TorchArithmetic()
DECAYED = ("AdamW", "NAdamW")
NUMBERS = [{K: 50, d: 3, L: 2.0, D: 0.7, sigma: 1.3, gamma: 0.5}, {K: 1000, d: 40, L: 0.3, D: 5.0, sigma: 0.0, gamma: 0.8}]


@pytest.mark.parametrize("name", ["AdamW", "Adam", "NAdamW", "NAdam"])
@pytest.mark.parametrize("numbers", NUMBERS)
def test_settings_are_the_schedules_own(name: str, numbers: dict) -> None:
    method = METHODS[name]
    at = {key: float(value[0]) for key, value in settings(method, numbers).items()}
    expected = schedule.parameters({**numbers, s: method.s}, method.c)
    assert at["lr"] == pytest.approx(expected["lr"], rel=1e-12) and at["eps"] == pytest.approx(expected["eps"], rel=1e-12)
    assert at["beta1"] == pytest.approx(expected["beta1"], rel=1e-12)
    assert at["beta2"] == pytest.approx(expected["beta2_most"], rel=1e-12)
    assert at["weight_decay"] == pytest.approx(expected["weight_decay"], rel=2 * (1 - INSIDE))
    assert at["start"] == pytest.approx(expected["start"], rel=2 * (1 - INSIDE)) and at["start"] < expected["start"]
    if name in DECAYED:
        assert at["bound"] == pytest.approx(expected["rate"], rel=1e-12)
        assert 0 < at["weight_decay"] < expected["weight_decay"]
    else:
        assert at["weight_decay"] == 0 and at["bound"] < expected["rate"]  # amplitude 7 in place of 20


@pytest.mark.parametrize("name", ["NAdamW", "NAdam"])
def test_nesterovs_weight_is_theta(name: str) -> None:
    at = settings(METHODS[name], NUMBERS[0])
    state = METHODS[name].make(at).init(torch.ones(1, 2), OPS)
    assert float(state.hyper["tau"]) == float(at["beta1"]) > 0


def test_sgd_has_the_claims_step_and_bound() -> None:
    for numbers in NUMBERS:
        at = settings(METHODS["SGD"], numbers)
        for name, formula in (("lr", sgd_rate.rate["learning rate"].rhs), ("bound", sgd_rate.squares.rhs)):
            assert float(at[name]) == pytest.approx(float(schedule.value(formula, numbers)), rel=1e-12)


@pytest.mark.parametrize("c", [ADAMW_C, NADAMW_C])
def test_the_weight_decay_in_use_is_allowed_for_every_theta(c: Any) -> None:
    assert schedule.small(c).subs({s: sp.nsimplify(S), theta: 0}) == sp.true


@pytest.mark.parametrize("family", sorted(FIRST))
def test_the_functions_have_the_constants_they_are_said_to_have(family: str) -> None:
    pairs = {d: (3.0, 40.0), L: (2.0, 0.3), D: (0.7, 5.0), sigma: (1.3, 2.0)}
    numbers = {symbol: torch.tensor(pair, dtype=torch.float64) for symbol, pair in pairs.items()}
    rows = equal_coordinates(family, numbers, torch.tensor([4.0, 30.0], dtype=torch.float64))
    exact = {"rtol": 1e-13, "atol": 0.0}  # a few roundings
    torch.testing.assert_close(rows.problem.l2_smoothness, numbers[L], **exact)
    gap = numbers[d] * (rows.problem.value(rows.start[:, None]) - rows.problem.f_star)
    torch.testing.assert_close(gap, numbers[D], **exact)
    torch.testing.assert_close((numbers[d] * rows.noise.square()).sqrt(), numbers[sigma], **exact)
    assert (rows.problem.center[:, 0] < rows.start).all()


def exact_mean(point: Point) -> float:
    """The mean over the steps of E‖∇f‖^power, over all joint sign paths of all d coordinates."""
    method, at = METHODS[point.method], settings(METHODS[point.method], point.numbers)
    row = equal_coordinates(point.family, point.numbers, at["start"])
    fields = {name: getattr(row.problem, name).expand(1, point.d) for name in ("amplitude", "rate", "center")}
    problem = replace(row.problem, **fields)
    optimizer, paths = method.make(at), SignPaths(row.noise[:, None].expand(1, point.d), point.K)
    total = 0.0
    for step in paths.walk(optimizer, optimizer.init(row.start.expand(1, point.d), OPS), problem.gradient, OPS):
        size = step.clean.abs().sum(-1) if method.power == 1 else step.clean.square().sum(-1)
        total += float(paths.mean(size))
    return total / point.K


@pytest.mark.parametrize("family", sorted(FIRST))
@pytest.mark.parametrize("method", sorted(METHODS))
def test_sampled_means_are_those_over_all_paths(method: str, family: str) -> None:
    point = Point(method, family, 5, 2, 2.0, 0.7, 1.5)
    found = side_by_side([point], 40_000, MonteCarlo(1e-6), torch.Generator().manual_seed(3))[point]
    expected = exact_mean(point) ** (1 / METHODS[method].power)
    assert found.lower <= expected <= found.upper
    # 40,000 samples whose deviation is of the size of the mean: 5 standard errors, and the range's share, are below 4 %
    assert found.upper - found.lower < 0.08 * expected and found.value == pytest.approx(expected, rel=0.025)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_without_noise_the_mean_is_that_of_the_one_path(method: str) -> None:
    point = Point(method, "quadratic", 5, 2, 2.0, 0.7, 0.0)
    found = side_by_side([point], 1000, MonteCarlo(), torch.Generator())[point]
    assert found.lower == found.value == found.upper == pytest.approx(exact_mean(point) ** (1 / METHODS[method].power), rel=1e-12)


def test_points_side_by_side_are_those_one_by_one() -> None:
    group = [Point("NAdamW", "wells", 30, dim, smooth, 0.7, 0.0) for dim, smooth in ((2, 1.0), (9, 3.0))]
    both = side_by_side(group, 2, MonteCarlo(), torch.Generator())
    for point in group:
        alone = side_by_side([point], 2, MonteCarlo(), torch.Generator())[point]
        assert both[point].value == pytest.approx(alone.value, rel=1e-12) and both[point].bound == pytest.approx(alone.bound)


# -- the bound on every path -------------------------------------------------------------------------------------------


def worst_slope(point: Point) -> tuple[float, float]:
    """The largest |∇f| that adversarial noise of size σ reached in one coordinate, and the bound: square waves of all periods,
    noise that pushes outward, and noise that pushes outward only while the gradient is small.
    """
    method, at = METHODS[point.method], settings(METHODS[point.method], point.numbers)
    row = equal_coordinates(point.family, point.numbers, at["start"])
    most = float(largest_slope(row, method, at, torch.tensor([point.L]).double()))
    periods = torch.arange(1, 200)
    levels = torch.linspace(0, 2, 50, dtype=torch.float64) * row.noise
    optimizer, largest = method.make(at), 0.0
    state = optimizer.init(row.start.expand(1, len(periods) + len(levels)), OPS)
    for t in range(point.K):
        slope = row.problem.gradient(state.x[..., None])[..., 0]
        largest = max(largest, float(slope.abs().max()))
        wave = 1.0 - 2.0 * ((t // periods) % 2)[None]
        outward = torch.where(slope[:, len(periods):].abs() < levels, -1.0, 1.0) * (1.0 - 2.0 * (slope[:, len(periods):] < 0))
        state = optimizer.step(state, slope + row.noise * torch.cat([wave, outward], 1), OPS)
    return largest, most


@pytest.mark.parametrize("family", sorted(FIRST))
@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize(("steps", "level"), [(10, 0.7), (300, 0.15), (300, 1.0), (1500, 4.0)])
def test_no_path_leaves_the_bound_on_the_gradient(method: str, family: str, steps: int, level: float) -> None:
    largest, most = worst_slope(Point(method, family, steps, 1, sigma_s=level))
    assert 0.2 * most < largest <= most * (1 + 1e-12)  # rounding of SGD's weighted means, which attain it


@pytest.mark.parametrize("method", sorted(METHODS))
def test_the_bound_on_the_gradient_holds_on_all_short_paths(method: str) -> None:
    point = Point(method, "quadratic", 12, 1, sigma_s=1.5)
    at = settings(METHODS[method], point.numbers)
    row, optimizer = equal_coordinates("quadratic", point.numbers, at["start"]), METHODS[method].make(at)
    most = largest_slope(row, METHODS[method], at, torch.ones(1).double())
    paths = SignPaths(row.noise[:, None], point.K)
    for step in paths.walk(optimizer, optimizer.init(row.start[:, None], OPS), row.problem.gradient, OPS):
        assert (step.clean.abs() <= most * (1 + 1e-12)).all()


# -- the batteries' experiment -----------------------------------------------------------------------------------------


def test_paths_of_other_seeds_and_of_rows_differ() -> None:
    numbers = {K: 8, d: 2, L: 1.0, D: 1.0, sigma: 1.0, gamma: GAMMA}
    at = settings(METHODS["Adam"], numbers)
    row = equal_coordinates("quadratic", numbers, at["start"])
    twice = Rows(row.problem.repeat(2), row.start.repeat(2), row.noise.repeat(2))
    first, again, other = (averages(METHODS["Adam"].make(at), twice, 8, 3, torch.Generator().manual_seed(n)) for n in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other) and not torch.equal(first[0], first[1])


@pytest.mark.parametrize("name", ["AdamW", "Adam", "NAdamW", "NAdam"])
def test_sampled_rates_hold_and_a_much_smaller_one_does_not(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_sampling, "RUNS", ((4, 64), (32, 16)))
    found = rate_sampling.sampled_rate(name)(OPS, 0)
    assert found.agrees and len(found.numbers) == 2 and all(0.02 < ratio <= 1 for ratio in found.numbers.values())
    monkeypatch.setitem(METHODS, name, replace(METHODS[name], bound=METHODS[name].bound / 1000))
    assert not rate_sampling.sampled_rate(name)(OPS, 0).agrees


def test_a_sampled_mean_above_the_stated_range_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_sampling, "largest_slope", lambda *_: torch.full((4,), 1e-3).double())
    with pytest.raises(Exception, match="outside the stated range"):
        rate_sampling.sampled_rate("Adam")(OPS, 0)
