"""Lemma 1 (E||g||_1 >= sqrt(2d/pi) E||g||_2 for Gaussian g) is false for sparse gradients.

The mathematics, in order. If g has at most k nonzero entries, the norm sandwich on its support gives
||g||_2 <= ||g||_1 <= sqrt(k) ||g||_2, so every such g with k < 2d/pi lies below the Gaussian ratio, and a
one-hot g lies as low as any vector can. In between, let each entry be N(0, 1) with probability p and 0
otherwise: N ~ Bin(d, p) entries are nonzero and, given N = n, the norms have the means of n Gaussian entries,
so both means are finite sums. For large d the ratio over the Gaussian one is close to sqrt(p).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp
import torch
from matplotlib.axes import Axes
from scipy.stats import binom

from checks.arithmetic import RationalArithmetic
from checks.monte_carlo import MonteCarlo
from checks.norms import L1, L2
from checks.picture import Picture
from counterexamples import Counterexample, Number, Progress, above, below, close, equal, silent
from counterexamples.command import main
from theory.l1_rate import gaussian_norm_ratio as gaussian

d, n = sp.symbols("d n", positive=True, integer=True)

LEMMA_RATIO = (gaussian.lemma.lts / gaussian.mean_l2).subs(gaussian.d, d)  # what Lemma 1 promises for E||g||_1 / E||g||_2
MEAN_L1_OF_N = n * gaussian.mean_absolute  # E||g||_1 of n Gaussian entries
# E||g||_2 of n >= 1 Gaussian entries: sqrt(2) Gamma((n+1)/2) / Gamma(n/2), which does not overflow in this
# form
MEAN_L2_OF_N = sp.sqrt(2) * sp.RisingFactorial(n / 2, sp.Rational(1, 2))

DIMENSION = 100
SHARES = (0.01, 0.03, 0.1, 0.3, 1.0)
SAMPLES = 20_000
ERROR_CHANCE = 1e-9  # that the confidence interval of one sampled ratio misses the true ratio


def predicted_ratio(dimension: int, share: float) -> float:
    """E||g||_1 / E||g||_2 when each of `dimension` entries is N(0, 1) with probability `share`, else 0. Exact
    sums.
    """
    counts = np.arange(1, dimension + 1, dtype=float)
    chance = binom.pmf(counts, dimension, share)
    l1, l2 = (sp.lambdify(n, mean, "scipy")(counts) for mean in (MEAN_L1_OF_N, MEAN_L2_OF_N))
    return float((chance * l1).sum() / (chance * l2).sum())


def gaussian_ratio(dimension: int) -> float:
    """Lemma 1's sqrt(2d/pi)."""
    return float(LEMMA_RATIO.subs(d, dimension))


def sampled_ratio(dimension: int, share: float, rng: torch.Generator) -> tuple[float, float]:
    """(ratio of the sample means of ||g||_1 and ||g||_2, half width of its confidence interval)."""
    shape = (SAMPLES, dimension)
    kept = torch.rand(shape, generator=rng, dtype=torch.float64) < share
    gradients = torch.randn(shape, generator=rng, dtype=torch.float64) * kept
    l1, l2 = L1().norm(gradients), L2().norm(gradients)
    # The ratio is rho exactly when E(||g||_1 - rho ||g||_2) = 0, so its error is that of one mean, over
    # E||g||_2.
    ratio = float(l1.mean() / l2.mean())
    interval = MonteCarlo(ERROR_CHANCE).student_mean((l1 - ratio * l2)[None])
    return ratio, float((interval.upper - interval.mean) / l2.mean())


def exact_squares(nonzero: int) -> tuple[Any, Any]:
    """(||g||_1^2, ||g||_2^2) in rationals for a gradient with `nonzero` equal entries among DIMENSION."""
    arithmetic = RationalArithmetic()
    g = arithmetic.array([["1/3"] * nonzero + [0] * (DIMENSION - nonzero)])
    total = arithmetic.sum(arithmetic.abs(g), axis=-1)
    return (total * total)[0], arithmetic.sum(g * g, axis=-1)[0]


def exact_numbers() -> list[Number]:
    """Rationals: a one-hot gradient, and the largest support on which every gradient fails Lemma 1's
    inequality.
    """
    largest = math.ceil(2 * DIMENSION / math.pi) - 1  # the largest k < 2d/pi
    numbers = []
    for nonzero, name in ((1, "one-hot g"), (largest, f"{largest} equal entries of {DIMENSION}")):
        l1, l2 = exact_squares(nonzero)
        ratio = math.sqrt(float(l1 / l2))
        numbers.append(equal(f"{name}: ||g||_1^2 / ||g||_2^2, exactly", l1 / l2, nonzero))
        numbers.append(below(f"{name}: ||g||_1 / ||g||_2, below Lemma 1's", ratio, gaussian_ratio(DIMENSION)))
    return numbers


def draw(axes: Axes, sampled: dict[float, float]) -> None:
    """Ratio over Lemma 1's against the share of nonzero entries: exact curves, and the sampled ratios as
    points.
    """
    shares = np.geomspace(0.001, 1, 80)
    for dimension, style in ((10, ":"), (DIMENSION, "-"), (1000, "--")):
        ratios = [predicted_ratio(dimension, share) / gaussian_ratio(dimension) for share in shares]
        axes.loglog(shares, ratios, style, label=f"d = {dimension}")
    points = [ratio / gaussian_ratio(DIMENSION) for ratio in sampled.values()]
    axes.loglog(list(sampled), points, "o", color="black", label=f"sampled, d = {DIMENSION}")
    axes.loglog(shares, np.sqrt(shares), color="#5b6470", linewidth=0.8, label="√p")
    axes.axhline(1, color="black", linewidth=0.8)
    axes.annotate("what Lemma 1 says of Gaussian gradients", (shares[0], 1), (0, 3), textcoords="offset points")
    axes.set(xlabel="share p of nonzero entries", ylabel="E‖g‖₁ / E‖g‖₂, over √(2d/π)", ylim=(None, 1.4))
    axes.legend(loc="lower right")


def run(seed: int = 0, device: str = "cpu", progress: Progress = silent) -> Counterexample:
    """Exact ratios of sparse vectors, then sampled ratios for entries that are nonzero with probability p."""
    rng = torch.Generator().manual_seed(seed)
    numbers, sampled = exact_numbers(), {}
    for done, share in enumerate(SHARES, start=1):
        sampled[share], width = sampled_ratio(DIMENSION, share, rng)
        numbers.append(
            close(f"p = {share}: E||g||_1 / E||g||_2", sampled[share], predicted_ratio(DIMENSION, share), width)
        )
        progress(done / len(SHARES))
    # Only at p = 1 are the entries Gaussian: there the sampled ratio must clear Lemma 1's, elsewhere stay
    # below it.
    numbers += [
        below(f"p = {share}: below Lemma 1's ratio", sampled[share], gaussian_ratio(DIMENSION)) for share in SHARES[:-1]
    ]
    numbers.append(above("p = 1 (Gaussian): above Lemma 1's ratio", sampled[1.0], gaussian_ratio(DIMENSION)))
    caption = (
        "Ratio of the mean ℓ1 and ℓ2 norms, over the ratio √(2d/π) that Lemma 1 guarantees for Gaussian "
        "gradients. "
        "As p falls to 0 each curve falls to the one-hot level √(π/2d)."
    )
    return Counterexample(
        title="Sparse gradients: the ℓ1 norm can be as small as the ℓ2 norm",
        claim="E||g||_1 >= sqrt(2d/pi) E||g||_2 for every distribution of the gradient g in R^d (Lemma 1 "
        "without N(0, I)).",
        numbers=numbers,
        text=(
            f"A gradient with at most k nonzero entries has ||g||_1 <= sqrt(k) ||g||_2, so whenever k < "
            f"2d/pi it lies "
            f"below the Gaussian ratio. Sampled ratios: {SAMPLES} gradients, intervals that miss with chance "
            f"{ERROR_CHANCE:g} each (normal approximation)."
        ),
        pictures=[Picture("sparse_gradient.svg", caption, lambda axes: draw(axes, sampled))],
    )


if __name__ == "__main__":
    raise SystemExit(main("sparse_gradient"))
