"""Noise that leads uphill: its two values against their updates, and the exact means against a loop over all its paths."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from checks.arithmetic import BallArithmetic, TorchArithmetic
from checks.battery.check import column
from checks.errors import RequestError
from checks.l1_rate import gradient_sum_instances, rate_instances
from checks.l1_rate.gradient_sum_instances import descent
from checks.l1_rate.uphill_noise import HalfParabola, draws, uphill
from theory.core import E
from theory.l1_rate.mean_roots import MEAN_SHARE
from theory.l1_rate.rate_proof import mean_size
from theory.l1_rate.setting import G, g, i, k

STEPS, ALPHA, START, SIGMA, ROOT = 5, 0.25, 0.5, 1.5, 2.0
USUAL, LARGE = (update * ROOT / math.sqrt(1 - update**2) for update in (ALPHA, 2 * ALPHA))
INPUTS = {**descent(STEPS, 0.5, root=ROOT, at=START, f_star=0.0, beta=0.0, tau=0.0, sigma=SIGMA, alpha=ALPHA),
          "signs": column([[[1.0], [-1.0], [-1.0], [1.0], [1.0]]])}
ETA = INPUTS["eta"].item()


def one_path(large: tuple[bool, ...]) -> tuple[list[float], float]:
    """x before every step of f = max(x, 0)²/2, and how likely the path is."""
    x, chance, path = START, 1.0, []
    for drawn_large in large:
        path.append(x)
        odds = (max(x, 0.0) + USUAL) / (LARGE + USUAL)
        chance *= odds if drawn_large else 1 - odds
        drawn = LARGE if drawn_large else -USUAL
        x -= ETA * drawn / math.sqrt(drawn**2 + ROOT**2)
    return path, chance


def test_updates_are_what_the_draws_were_made_for():
    pair = draws(torch.tensor(ALPHA), torch.tensor(ROOT**2), TorchArithmetic())
    for drawn, update in ((pair.usual, ALPHA), (pair.large, 2 * ALPHA)):
        assert (drawn / math.hypot(drawn, ROOT)).item() == pytest.approx(update)


@pytest.mark.parametrize("arithmetic", [TorchArithmetic(), BallArithmetic(128)], ids=["floats", "balls"])
@pytest.mark.parametrize("mean", [mean_size, E(MEAN_SHARE)], ids=["sizes", "shares"])
def test_means_are_those_of_a_loop_over_all_paths(arithmetic, mean):
    every = [one_path(large) for large in itertools.product((False, True), repeat=STEPS)]
    assert sum(chance for _, chance in every) == pytest.approx(1.0)
    for t, value in enumerate(arithmetic.to_float(uphill(mean)(INPUTS, arithmetic)[mean]).reshape(-1)):
        slopes = [(max(path[t], 0.0), chance) for path, chance in every]
        roots = [1.0 if mean == mean_size else slope / math.sqrt(slope**2 + SIGMA**2 + ROOT**2) for slope, _ in slopes]
        expected = sum(chance * slope * root for (slope, chance), root in zip(slopes, roots, strict=True))
        assert value == pytest.approx(expected, rel=1e-12)


def test_the_marked_path_has_the_given_signs_and_the_noise_its_mean_and_variance():
    found = uphill(mean_size)(INPUTS, TorchArithmetic())
    path, _ = one_path((False, True, True, False, False))
    assert found["x"][0, :STEPS, 0].tolist() == pytest.approx(path)
    for t, x in enumerate(path):
        slope, odds = max(x, 0.0), (max(x, 0.0) + USUAL) / (LARGE + USUAL)
        assert found[E(g[k, i], k)][0, t, 0].item() == pytest.approx(slope, abs=1e-12)
        variance = odds * LARGE**2 + (1 - odds) * USUAL**2 - slope**2
        assert found[E((g[k, i] - G[k, i]) ** 2, k)][0, t, 0].item() == pytest.approx(variance)


def test_half_a_parabola_is_flat_on_the_left():
    ground, points = HalfParabola(TorchArithmetic()), torch.tensor([[[-3.0], [0.0], [2.0]]], dtype=torch.float64)
    assert ground.gradient(points).tolist() == [[[0.0], [0.0], [2.0]]] and ground.value(points).tolist() == [[0.0, 0.0, 2.0]]


def test_exact_arithmetic_refuses_more_steps_than_it_can_count():
    with pytest.raises(RequestError, match="give at most 1500"):
        uphill(mean_size)(rate_instances.climbing(), BallArithmetic(128))


@pytest.mark.parametrize("inputs", [gradient_sum_instances.climbing(), rate_instances.climbing()], ids=["sum", "rate"])
def test_no_path_of_an_instance_reaches_a_slope_that_the_noise_cannot_have_or_a_variance_above_the_claim(inputs):
    pair = draws(inputs["alpha"], inputs["eps"], TorchArithmetic())
    highest = (inputs["x1"][0, 0] + inputs["K"] * inputs["eta"][0] * inputs["alpha"][0]).item()
    slopes = torch.linspace(0.0, highest, 1001, dtype=torch.float64)
    assert highest < pair.large.item()
    assert bool((pair.spread(slopes) <= inputs["sigma"][0, 0] ** 2 * (1 + 1e-12)).all())  # a few roundings
