"""Larger runs of Adam by sampling: rigorous upper confidence bounds of the mean ‖∇f‖₁ against the proved rate.

On a quadratic every gradient is bounded for sure, |∇_i f| ≤ a_i(|x¹_i - c_i| + (2/√3)ηK), by Lemma 2, so that the bounded
mean of `MonteCarlo` applies: the interval fails with the stated probability, and nothing asymptotic is used.
"""

from __future__ import annotations

import torch

from checks.arithmetic import Arithmetic, TorchArithmetic
from checks.battery.check import Finding
from checks.monte_carlo import MonteCarlo
from checks.noise import sample_signs
from checks.optimizers import Adam
from theory.l1_rate.rate_proof import rate_with
from theory.l1_rate.schedule import D, K, L, d, gamma, parameters, s, sigma, value

PATHS = 2000
RUNS = ((4, 64), (4, 256), (32, 64), (32, 256))  # (d, K)


def mean_sizes(dim: int, steps: int, rng: torch.Generator) -> tuple[torch.Tensor, float, float]:
    """On each path the mean ‖∇f‖₁ over the steps, (PATHS,); the most it can be; and the proved bound (amplitude 7).

    f = Σ a_i x_i²/2 with a from 1/8 to 1, x¹ = (1, .., 1), noise of total standard deviation one.
    """
    ops, curvature = TorchArithmetic(), torch.linspace(0.125, 1, dim, dtype=torch.float64)
    numbers = {K: steps, d: dim, L: 1, D: float(curvature.sum() / 2), sigma: 1, gamma: 1, s: 0}
    found = parameters(numbers)
    adam = Adam(found["lr"], found["beta1"], found["beta2_most"], found["eps"])
    state = adam.init(torch.ones(PATHS, dim, dtype=torch.float64), ops)
    scale, total = torch.full((1, dim), dim**-0.5, dtype=torch.float64), torch.zeros(PATHS, dtype=torch.float64)
    for _ in range(steps):
        gradient = curvature * state.x
        total += gradient.abs().sum(-1)
        state = adam.step(state, gradient + sample_signs(rng, scale, PATHS)[0], ops)
    most = float((curvature * (1 + 2 / 3**0.5 * found["lr"] * steps)).sum())
    return total / steps, most, float(value(rate_with(7), numbers))


def sampled_rate(arithmetic: Arithmetic, seed: int) -> Finding:
    """Upper confidence bounds of the mean in all runs at once, against the rate."""
    rng, ratios = torch.Generator().manual_seed(seed), {}
    confidence = MonteCarlo(suite_error=1e-6, suite_size=len(RUNS))
    for dim, steps in RUNS:
        samples, most, bound = mean_sizes(dim, steps, rng)
        upper = confidence.bounded_mean(samples[None], 0.0, most).upper[0]
        ratios[f"upper bound / rate at d={dim}, K={steps}"] = float(upper) / bound
    detail = f"{PATHS} sampled paths each; all bounds hold at once but with probability 1e-6"
    return Finding(all(ratio <= 1 for ratio in ratios.values()), detail, ratios)
