"""Larger runs by sampling: rigorous upper confidence bounds of the mean ‖∇f‖₁ against the proved rate of each method.

On a quadratic every gradient is bounded on every path (`long_runs.largest_slope`), so that the bounded mean of `MonteCarlo`
applies: the interval fails with the stated probability, and nothing asymptotic is used.
"""

from __future__ import annotations

import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import Experiment, Finding
from checks.l1_rate.long_runs import METHODS, Method, Rows, averages, largest_slope, settings
from checks.monte_carlo import MonteCarlo
from checks.problems.diagonal_quadratics import DiagonalQuadratic
from theory.l1_rate.schedule import D, K, L, d, gamma, sigma

PATHS = 2000
RUNS = ((4, 64), (4, 1024), (32, 64), (32, 256))  # (d, K)


def mean_sizes(method: Method, dim: int, steps: int, rng: torch.Generator) -> tuple[torch.Tensor, float, float]:
    """On each path the mean ‖∇f‖₁ over the steps, (PATHS,); a bound on it for every path; and the proved bound on its mean.

    f = Σ a_i (x_i - c_i)²/2 with a from 1/8 to 1, noise of total standard deviation one. x¹ stands at its bound, far from 0
    where the decay pulls, and c one below it.
    """
    curvature = torch.linspace(0.125, 1, dim, dtype=torch.float64)
    numbers = {K: steps, d: dim, L: 1, D: float(curvature.sum() / 2), sigma: 1, gamma: 1}
    at, ones, smooth = settings(method, numbers), torch.ones(dim, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    start = at["start"] * ones
    problem = DiagonalQuadratic(curvature[:, None], ones[:, None], start[:, None] - 1, 0 * ones)
    rows = Rows(problem, start, ones * dim**-0.5)
    most = largest_slope(rows, method, at, smooth).sum()
    return averages(method.make(at), rows, steps, PATHS, rng).sum(0), float(most), float(at["bound"])


def sampled_rate(name: str) -> Experiment:
    """Upper confidence bounds of the mean of the method of this name (in `METHODS`), in all runs at once, against its rate."""

    def experiment(arithmetic: Arithmetic, seed: int) -> Finding:
        rng, ratios = torch.Generator().manual_seed(seed), {}
        confidence = MonteCarlo(suite_error=1e-6, suite_size=len(RUNS))
        for dim, steps in RUNS:
            samples, most, bound = mean_sizes(METHODS[name], dim, steps, rng)
            upper = confidence.bounded_mean(samples[None], 0.0, most).upper[0]
            ratios[f"upper bound / rate at d={dim}, K={steps}"] = float(upper) / bound
        detail = f"{PATHS} sampled paths each; all bounds hold at once but with probability 1e-6"
        return Finding(all(ratio <= 1 for ratio in ratios.values()), detail, ratios)

    return experiment
