"""Noise that is right on average and yet leads uphill: usually a small gradient of the wrong sign, now and then a large one.

An update with a bounded size, as g/√(g²+ε), follows the usual sign. The run is NAdamW's with τ = 0 and β = 0 in one dimension,
where the update forgets everything: x¹ plus a count of usual and large draws is all there is to know, so means are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from checks.arithmetic import Arithmetic, Array, TorchArithmetic
from checks.battery.check import Inputs, Measure, Measured, column
from checks.errors import RequestError
from checks.l1_rate.one_path import joined, values, walk
from theory.core import E
from theory.l1_rate.setting import G, g, i, k

COUNTED = 1500  # steps of which exact arithmetic counts the draws in a second or two


@dataclass(frozen=True)
class HalfParabola:
    """f(x) = max(x, 0)²/2 in one coordinate, at points (B, N, 1)."""

    arithmetic: Arithmetic

    def gradient(self, x: Array) -> Array:
        return self.arithmetic.where(x > 0, x, 0 * x)

    def value(self, x: Array) -> Array:
        return (self.gradient(x) ** 2).sum(-1) / 2


@dataclass(frozen=True)
class Draws:
    """The two values of g, -usual and large, whose updates g/√(g²+ε) are -α and 2α; ε, α of shape (1, 1)."""

    usual: Array
    large: Array

    def chance(self, slope: Array) -> Array:
        """How likely the large one must be for the mean to be the true gradient, which lies between the two."""
        return (slope + self.usual) / (self.large + self.usual)

    def spread(self, slope: Array) -> Array:
        """The variance of g."""
        chance = self.chance(slope)
        return chance * (self.large - slope) ** 2 + (1 - chance) * (self.usual + slope) ** 2

    def mean(self, slope: Array) -> Array:
        chance = self.chance(slope)
        return chance * self.large - (1 - chance) * self.usual


def draws(alpha: Any, eps: Any, arithmetic: Arithmetic) -> Draws:
    """The draws whose updates are -α and 2α, for 0 < 2α < 1."""

    def drawn(update: Any) -> Any:
        return update * arithmetic.sqrt(eps / (1 - update * update))

    return Draws(drawn(alpha), drawn(2 * alpha))


def uphill(mean: E) -> Measure:
    """Measure the run on `HalfParabola` with α = the inputs' `alpha`; on the marked path a sign -1 stands for a large draw.

    mean: the only one that is given, of those of `one_path`. f must not reach a slope above the large draw (x¹ + Kηα bounds
    it). Exact arithmetic refuses (RequestError) more than `COUNTED` steps.
    """

    def measured(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        if inputs["K"] > COUNTED and not isinstance(arithmetic, TorchArithmetic):
            raise RequestError(f"{inputs['K']} steps have too many counts of draws for exact arithmetic; give at most {COUNTED}.")
        alpha, eps = (arithmetic.array(inputs[name])[:, None] for name in ("alpha", "eps"))
        ground, drawn = HalfParabola(arithmetic), draws(alpha, eps, arithmetic)
        large = (inputs["signs"][0, :, 0] < 0).tolist()
        found = walk(inputs, arithmetic, ground, lambda t, slope: 0 * slope + (drawn.large if large[t - 1] else -drawn.usual))
        slope = found["G"][:, :-1]
        return {**found, E(g[k, i], k): drawn.mean(slope), E((g[k, i] - G[k, i]) ** 2, k): drawn.spread(slope),
                mean: mean_over_paths(mean, inputs, arithmetic, ground, drawn, found)}

    return measured


def misled(steps: int, alpha: float) -> tuple[float, Inputs]:
    """The noise level to claim where √ε = 1, and what else an instance for `uphill` needs."""
    usual, large = (drawn.item() for drawn in vars(draws(column(alpha), column(1.0), TorchArithmetic())).values())
    signs = [[-1.0 if t % 3 == 2 else 1.0] for t in range(steps)]  # a large draw takes back two usual ones
    return (usual + large) / 2, {"alpha": column(alpha), "signs": column([signs])}  # squared, the largest the variance becomes


def mean_over_paths(
    mean: E, inputs: Inputs, arithmetic: Arithmetic, ground: HalfParabola, drawn: Draws, found: dict[Any, Any]
) -> Array:
    """The mean for k = 1..K, (1, K, ..): after n draws, j of them large, x is x¹ + (n-3j)ηα."""
    steps, ops = inputs["K"], arithmetic
    lowest = -2 * (steps - 1)
    stride = (ops.array(inputs["eta"]) * ops.array(inputs["alpha"]))[:, None, None]
    x = found["x"][:, :1] + stride * ops.array(torch.arange(lowest, steps))[None, :, None]
    slope = ground.gradient(x)
    nodes = {**found, "K": steps - lowest, "x": x, "G": slope, "v": 0 * joined(slope[:, :1], slope)}
    value, chance = values(nodes, arithmetic)[mean], drawn.chance(slope)[..., 0]
    none = 0 * chance[:, :1]
    weight, means = 1 + none, []
    for n in range(steps):
        here = torch.arange(n - lowest, -2 * n - lowest - 1, -3).numpy()  # for j = 0..n
        means.append((weight.reshape(weight.shape + (1,) * (value.ndim - 2)) * value[:, here]).sum(1))
        usual, large = weight * (1 - chance[:, here]), weight * chance[:, here]
        weight = joined(usual, none) + joined(none, large)
    return ops.stack(means, 1)
