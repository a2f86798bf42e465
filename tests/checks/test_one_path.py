"""Runs along one path: against the real optimizer, and the exact means of rare noise against a loop over its strikes."""

from __future__ import annotations

import importlib
import math
from typing import Any

import pytest
import sympy as sp
import torch

from checks.arithmetic import BallArithmetic, TorchArithmetic
from checks.battery.check import Necessary
from checks.l1_rate.one_path import line, one_path, rare
from checks.l1_rate.rate_instances import one_run
from checks.l1_rate.rate_runs import measure_rate
from theory.core import E
from theory.l1_rate.mean_roots import MEAN_SHARE
from theory.l1_rate.rate_proof import mean_size
from theory.l1_rate.setting import MEAN_ROOT

STEPS, RARITY, SIGMA = 4, 0.25, 3.0
SETTINGS = {"theta": 0.75, "beta": 0.5, "tau": 0.875, "eta": 0.5, "eps": 0.0625}
CHECKS = ["adamw_rate", "nadamw_rate", "gradient_sum"]  # the other rates share their instances


def numbers(value: Any) -> torch.Tensor:
    return torch.as_tensor(value, dtype=torch.float64)


@pytest.mark.parametrize("tau", [0.25, 1.0])
def test_without_noise_it_is_the_run_of_the_real_optimizer(tau):
    inputs = one_run(STEPS, **{**SETTINGS, "tau": tau}, lam=0.25, at=2.0, slack=0.5, optimizer="nadamw", sigma=SIGMA,
                     m0=[0.5], v0=[0.25])
    real, found = measure_rate(inputs, TorchArithmetic()), one_path()(inputs, TorchArithmetic())
    assert set(found) <= set(real)
    for name, value in found.items():
        torch.testing.assert_close(numbers(value), numbers(real[name]), rtol=1e-14, atol=1e-14)  # a few roundings


def struck_at(step: int) -> list[dict[str, float]]:
    """NAdam written out for f = x²/2 from x = 1, its gradient 0 before the step, ∇f/p at it, ∇f after it."""
    theta, beta, tau, eta, eps = SETTINGS.values()
    x, m, v, steps = 1.0, 0.0, 0.0, []
    for t in range(1, STEPS + 1):
        drawn = 0.0 if t < step else x / RARITY if t == step else x
        expected = math.sqrt(beta * v + (1 - beta) * (x * x + SIGMA**2) + eps)
        m, v = theta * m + (1 - theta) * drawn, beta * v + (1 - beta) * drawn**2
        steps.append({"x": x, "g": drawn, "m": m, "v": v, "root": expected, "share": x * x / expected,
                      "spread": (1 / RARITY - 1) * x * x if t <= step else 0.0})
        x -= eta * (tau * m + (1 - tau) * drawn) / math.sqrt(v + eps)
    return steps


@pytest.mark.parametrize("arithmetic", [TorchArithmetic(), BallArithmetic(128)], ids=["floats", "balls"])
@pytest.mark.parametrize("strikes", [0, 1, 3])
def test_rare_noise_is_a_loop_over_the_step_at_which_it_strikes(arithmetic, strikes):
    found = rare(one_run(STEPS, **SETTINGS, at=1.0, sigma=SIGMA, rarity=RARITY, strikes=strikes), arithmetic)
    marked = struck_at(strikes or STEPS + 1)
    for name in ("x", "g"):
        assert arithmetic.to_float(found[name])[0, :STEPS, 0].tolist() == pytest.approx([step[name] for step in marked])
    for name in ("m", "v"):
        assert arithmetic.to_float(found[name])[0, 1:, 0].tolist() == pytest.approx([step[name] for step in marked])
    chances = {step: RARITY * (1 - RARITY) ** (step - 1) for step in range(1, STEPS + 1)}
    chances[STEPS + 1] = 1 - sum(chances.values())
    paths = {step: struck_at(step) for step in chances}
    for mean, entry in ((mean_size, "x"), (E(MEAN_ROOT), "root"), (E(MEAN_SHARE), "share")):
        expected = [sum(chance * abs(paths[step][t][entry]) for step, chance in chances.items()) for t in range(STEPS)]
        assert arithmetic.to_float(found[mean]).reshape(-1).tolist() == pytest.approx(expected, rel=1e-12)
    spread = next(value for key, value in found.items() if isinstance(key, E) and len(key.args) == 2 and key.args[0].is_Pow)
    assert arithmetic.to_float(spread).reshape(-1).tolist() == pytest.approx([step["spread"] for step in marked])


def test_with_decay_rare_noise_gives_no_means():
    assert mean_size not in rare(one_run(STEPS, **SETTINGS, lam=0.25, rarity=RARITY), TorchArithmetic())


def test_a_line_bends_at_zero():
    ground = line(-1.0, -3.0)({}, TorchArithmetic())
    points = torch.tensor([[[-2.0], [0.0], [2.0]]], dtype=torch.float64)
    assert ground.gradient(points).tolist() == [[[-1.0], [-1.0], [-3.0]]]
    assert ground.value(points).tolist() == [[2.0, 0.0, -6.0]]


def outside(symbol: Any, value: Any) -> bool:
    """Whether a measured value is none that the symbol's own assumptions allow."""
    label = symbol.label if isinstance(symbol, sp.IndexedBase) else symbol
    least = numbers(value).min().item()
    return bool((label.is_positive and least <= 0) or (label.is_nonnegative and least < 0))


@pytest.mark.parametrize("name", CHECKS)
def test_instances_that_leave_one_hypothesis_stay_in_the_domain_of_the_symbols(name):
    """No hypothesis says that σ̂ > 0 or v ≥ 0: the symbols do, and the battery does not ask."""
    check = importlib.import_module(f"checks.l1_rate.{name}").CHECK
    for hypothesis, need in check.necessity.items():
        if isinstance(need, Necessary):
            found = (need.measure or check.measure)(need.inputs(), TorchArithmetic())
            values = {var.symbol: found[str(var.symbol)] for var in check.claim.variables}
            assert not [f"{symbol} at '{hypothesis}'" for symbol, value in values.items() if outside(symbol, value)]
