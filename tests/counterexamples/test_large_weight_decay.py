"""The predicted resting point balances the two pulls, and a run of AdamW settles there and not elsewhere."""

from __future__ import annotations

import pytest

from checks.optimizers import AdamW
from counterexamples import large_weight_decay as script
from counterexamples import silent


@pytest.mark.parametrize("weight_decay", [1e-3, 0.1, 0.5, 0.9])
def test_the_predicted_point_balances_the_two_pulls(weight_decay: float) -> None:
    slope, eps = script.settled(weight_decay, 4096), script.scheduled(script.theorem.EPS, 4096)
    x = script.OPTIMUM - slope / script.CURVATURE
    assert slope / (slope**2 + script.DEVIATION**2 + eps) ** 0.5 == pytest.approx(weight_decay * x, rel=1e-9)
    # dropping f'^2 from under the root strengthens the pull of the loss: the crude slope is the smaller one
    assert 0 < script.crude(weight_decay, 4096) < slope


def test_a_run_settles_at_the_predicted_slope_and_not_at_the_optimum() -> None:
    horizon, decay = 4096, 0.5
    eps = script.scheduled(script.theorem.EPS, horizon)
    optimizer = AdamW(lr=0.005, beta1=0.95, beta2=0.95, eps=eps, weight_decay=decay)
    plateau, width = script.interval(script.drift(optimizer, 1, 2500, 3, "cpu", silent)[1][0])
    predicted = script.settled(decay, horizon)
    assert abs(plateau - predicted) <= width + script.MODEL_ERROR * 0.05 * predicted
    assert plateau - width > 0.2 and width < 0.02


def test_a_run_below_the_bound_has_another_plateau_than_one_above() -> None:
    runs = {m.weight_decay: m for m in script.sweep(1024, 0, "cpu", silent)}
    assert runs[0.5].plateau - runs[0.5].plateau_width > runs[0.0].plateau + runs[0.0].plateau_width
    wrong = script.rate_numbers([script.Measured(1024, 0.0, 1.0, 0.0, 0.0, 0.0)])  # a mean |f'| above the rate
    assert [number.holds for number in wrong] == [False]
