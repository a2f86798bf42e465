"""The measured rates: exponents of power laws recovered, the theorems' exponents in the limit, a small run from end to end."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from checks.l1_rate.long_runs import METHODS, S
from checks.measurements import rate_means, rates
from checks.measurements.rate_means import SHOWN, USUAL, Mean, Point, Scale, along, exponent, factors, limit_exponent, varied
from reports.figures import figure
from theory.l1_rate.schedule import D, K, L, d, sigma
from theory.l1_rate.schedule import s as share

TINY = Scale((16, 32), (2, 5, 9), 2, 16, 4000, 32, 16)  # with fewer paths some interval reaches down to zero
POWERS = {K: -0.3, d: 0.55, sigma: 0.45, L: 0.2, D: 0.35}


def law(point: Point, slip: float = 1.0) -> Mean:
    """A power law in every parameter, with an interval of 5 % about it, and a bound with twice its exponents."""
    value = math.prod(float(point.numbers[symbol]) ** power for symbol, power in POWERS.items())
    return Mean(value * slip, value / 1.05, value * 1.05, 10 * value**2)


@pytest.mark.parametrize("parameter", list(POWERS))
def test_the_exponents_of_a_power_law_are_recovered(parameter: sp.Symbol) -> None:
    chosen = along(USUAL, "Adam", parameter, noisy=True)
    found = exponent({point: law(point) for point in chosen}, chosen, parameter)
    assert found.measured == pytest.approx(POWERS[parameter], abs=1e-12)
    assert found.bound == pytest.approx(2 * POWERS[parameter], abs=1e-12)
    assert len(chosen) >= 3 and found.lower < found.measured < found.upper < found.lower + 0.1


def test_an_exponents_interval_covers_all_that_the_means_intervals_allow() -> None:
    chosen, rng = along(USUAL, "Adam", K, noisy=True), np.random.default_rng(0)
    whole = exponent({point: law(point) for point in chosen}, chosen, K)
    slopes = []
    for signs in [*rng.choice([-1.0, 1.0], (200, len(chosen))), [1.0, 1.0, -1.0, -1.0], [-1.0, -1.0, 1.0, 1.0]]:
        moved = {point: law(point, 1.05**sign) for point, sign in zip(chosen, signs, strict=True)}
        slopes.append(exponent(moved, chosen, K).measured)
    assert min(slopes) == pytest.approx(whole.lower, abs=1e-12) and max(slopes) == pytest.approx(whole.upper, abs=1e-12)


def test_the_factors_of_two_terms_are_recovered() -> None:
    def two_terms(point: Point) -> Mean:
        noisy = point.d**0.5 * (point.sigma_s**2 * point.L * point.D / point.K) ** 0.25
        return Mean(0.7 * noisy + 3.0 * (point.d * point.L * point.D / point.K) ** 0.5, 0, 0, 1)

    means = {point: two_terms(point) for point in rate_means.grid(USUAL, "Adam")}
    assert factors(means, USUAL, "Adam") == pytest.approx((0.7, 3.0))


@pytest.mark.parametrize("method", SHOWN)
def test_the_bounds_exponents_tend_to_those_of_its_leading_term(method: str) -> None:
    # σ_s² L D/K to the 1/4 and √(LD/K) stand in all the rates; √d in those of the l1 norm
    of_d = 0 if METHODS[method].power == 2 else sp.Rational(1, 2)
    loud = {K: -sp.Rational(1, 4), sigma: sp.Rational(1, 2), L: sp.Rational(1, 4), D: sp.Rational(1, 4), d: of_d}
    quiet = {K: -sp.Rational(1, 2), L: sp.Rational(1, 2), D: sp.Rational(1, 2), d: of_d}
    assert {n: limit_exponent(METHODS[method], n, True) for n in varied(True)} == loud
    assert {n: limit_exponent(METHODS[method], n, False) for n in varied(False)} == quiet


@pytest.mark.parametrize("method", SHOWN)
@pytest.mark.parametrize("parameter", varied(True))
def test_the_bounds_slope_lies_between_its_own_exponents(method: str, parameter: sp.Symbol) -> None:
    chosen = along(USUAL, method, parameter, noisy=True)
    local = rate_means.local_exponent(METHODS[method], parameter, True)
    ends = [float(local.subs({**chosen[place].numbers, share: sp.nsimplify(S)})) for place in (0, -1)]
    bounds = {p: Mean(1, 1, 1, float(rate_means.evaluated(METHODS[method].bound, {**p.numbers, share: METHODS[method].s})[0])
                      ** (1 / METHODS[method].power)) for p in chosen}
    assert min(ends) - 1e-9 <= exponent(bounds, chosen, parameter).bound <= max(ends) + 1e-9


def test_the_noise_dominates_wherever_exponents_with_noise_are_measured() -> None:
    for scale in (rate_means.USUAL, rate_means.FULL):
        for point in rate_means.points(scale):
            if point.sigma_s:
                assert point.sigma_s**2 >= point.L * point.D / (point.K * rate_means.GAMMA**2)


def test_sgd_stops_where_its_squares_would_ask_for_too_many_paths() -> None:
    assert max(p.K for p in rate_means.points(rate_means.FULL) if p.method == "SGD") == rate_means.FULL.squares_to
    assert max(p.K for p in rate_means.points(rate_means.FULL) if p.method == "Adam") == max(rate_means.FULL.steps)
    assert {p.K for p in along(rate_means.FULL, "SGD", sigma, noisy=True)} == {rate_means.FULL.squares_apart}


@pytest.fixture(scope="module")
def tiny() -> tuple[rates.Measurement, list[float]]:
    finished: list[float] = []
    return rates.run(seed=4, progress=finished.append, scale=TINY), finished


def test_a_small_run_is_complete_and_can_be_drawn(tiny: tuple) -> None:
    result, finished = tiny
    assert finished == sorted(finished) and finished[-1] == pytest.approx(1)
    labels = [label for label, _ in result.numbers]
    assert len(set(labels)) == len(labels) and result.fields()["text"] == result.text
    for picture in result.pictures:
        _, axes = figure(picture.width, picture.height, **picture.subplots)
        picture.draw(axes)


def test_a_small_run_measures_what_is_known_exactly(tiny: tuple) -> None:
    means, slopes = tiny[0].details["means"], tiny[0].details["exponents"]
    assert set(means) == set(rate_means.points(TINY)) and len(slopes) == 4 * 5 + 4 * 4
    assert all(0 < mean.lower <= mean.value <= mean.upper for mean in means.values())
    silent = {p: mean for p, mean in means.items() if p.sigma_s == 0}
    for point, mean in silent.items():
        if point.method == "SGD":  # one step of length 1/L ends at the minimum: √(2LD/K), the bound itself
            assert mean.value == pytest.approx(mean.bound, rel=1e-12)
    # L and D set the scale of the run, and nothing else, where there is no noise
    exact = {(found.method, found.parameter): found.measured for found in slopes if not found.noisy}
    for method in SHOWN:
        assert exact[method, "L"] == pytest.approx(0.5, abs=1e-9) and exact[method, "D"] == pytest.approx(0.5, abs=1e-9)


def test_rates_are_told_in_words(tiny: tuple) -> None:
    numbers = dict(tiny[0].numbers)
    assert numbers["SGD: largest upper confidence bound over the proved bound"] == pytest.approx(1, rel=1e-9)
    assert "±" in numbers["AdamW, exponent of K with noise"] and "tends to −1/4" in numbers["AdamW, exponent of K with noise"]
    assert "±" not in numbers["AdamW, exponent of K without noise"]
    assert numbers["Adam, exponents of d, L, D without noise"] == (
        "0.500, 0.500, 0.500; bound 0.500, 0.500, 0.500; tends to 1/2, 1/2, 1/2")
    assert sum("exponent" in label for label in numbers) == 4 * (5 + 1 + 1)
