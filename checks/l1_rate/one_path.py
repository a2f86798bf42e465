"""Runs along one path, for single instances: without noise, or with noise that strikes once; many steps cost little.

The recursion stands here as the claims state it, so that an instance can leave one line of it; whatever it should obey is
asked of it as a hypothesis. Every mean is exact: over a single path it is the value itself, and noise that strikes once
leaves one path for each step at which it may strike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
import torch

from checks.arithmetic import Arithmetic, Array
from checks.battery.check import Inputs, Measure, Measured
from checks.evaluate import Evaluation
from checks.l1_rate.noisy_runs import Runs, landscape
from theory.core import E
from theory.l1_rate import second_moment_bound
from theory.l1_rate.error_sum import f_y, y
from theory.l1_rate.mean_roots import MEAN_SHARE
from theory.l1_rate.rate_proof import mean_size
from theory.l1_rate.setting import COORDINATES, MEAN_ROOT, STEPS, G, g, i, k

HUGE = 2.0**200  # where a second moment is frozen: the update it leaves is lost in every sum
MEANS = {mean_size: (STEPS,), E(MEAN_ROOT): (STEPS, COORDINATES), E(MEAN_SHARE): (STEPS, COORDINATES)}
Ground = Callable[[Inputs, Arithmetic], Any]
"""From an instance to its function: `.value` and `.gradient` at points (B, N, d)."""
Draw = Callable[[int, Array], Array]
"""From the step and the true gradient (1, d) to the stochastic gradient."""


@dataclass(frozen=True)
class Line:
    """f(x) = left · x up to zero and right · x beyond, in each coordinate of points (B, N, d)."""

    left: Array
    right: Array
    arithmetic: Arithmetic

    def gradient(self, x: Array) -> Array:
        return self.arithmetic.where(x > 0, self.right, self.left)

    def value(self, x: Array) -> Array:
        return (self.gradient(x) * x).sum(-1)


def line(left: float, right: float) -> Ground:
    """The function that falls and rises in straight lines, with a kink at zero."""
    return lambda inputs, arithmetic: Line(arithmetic.array(left), arithmetic.array(right), arithmetic)


def one_path(ground: Ground = landscape, draw: Draw = lambda t, slope: slope, frozen: str = "") -> Measure:
    """Measure the run that draws g by `draw` (the true gradient, if nothing is said) on the function `ground`.

    frozen: the sequence (m, v, mtilde, r, x) that ignores its own rule and stays where it is; v stays at `HUGE`.
    """

    def measured(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        found = walk(inputs, arithmetic, ground(inputs, arithmetic), draw, frozen)
        certain = {E(g[k, i], k): found["g"], E((g[k, i] - G[k, i]) ** 2, k): (found["g"] - found["G"][:, :-1]) ** 2}
        return {**found, **certain, **values(found, arithmetic)}

    return measured


def rare(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """Measure a run with g = ∇f/p with probability p and else 0, until it has been ∇f/p once; from then on g = ∇f.

    p is the inputs' `rarity`; on the marked path the noise strikes at the step `strikes` (never, if that is 0). While it
    waits all moments are zero and, without decay, x rests: so every path is the one struck at once, begun later. With
    decay (and for more than one step) it is not, and no means are given.
    """
    p, steps = arithmetic.array(inputs["rarity"])[:, None], inputs["K"]
    waiting = (inputs["strikes"] or steps + 1) - 1
    struck = walk(inputs, arithmetic, landscape(inputs, arithmetic), lambda t, slope: slope / p if t == 1 else slope)
    found = {**struck, **{name: delayed(struck[name], waiting) for name in ("x", "G", "f", "m", "v")},
             **{name: delayed(0 * struck[name][:, :1], waiting, struck[name]) for name in ("g", "mtilde", "r")}}
    slope = found["G"][:, :-1]
    spread = (1 / p - 1)[:, None] * slope * slope
    certain = {E(g[k, i], k): slope,
               E((g[k, i] - G[k, i]) ** 2, k): joined(spread[:, : waiting + 1], 0 * spread[:, waiting + 1 :])}
    rests = steps == 1 or not bool((inputs["lam"] != 0).any())
    means = {key: mixed(value, p, arithmetic) for key, value in values(struck, arithmetic).items()} if rests else {}
    return {**found, **certain, **means}


def reporting(measure: Measure, **entries: Any) -> Measure:
    """The measurement with entries replaced, by name: it leaves just the hypotheses that speak of them."""

    def measured(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        return {**measure(inputs, arithmetic), **{name: arithmetic.array(value) for name, value in entries.items()}}

    return measured


def walk(inputs: Inputs, arithmetic: Arithmetic, ground: Any, draw: Draw, frozen: str = "") -> dict[Any, Any]:
    """One instance's constants and its sequences by the claims' names, shapes as the claims declare them."""
    ops = arithmetic
    theta, beta, tau, eta, eps, lam = (ops.array(inputs[name])[:, None] for name in ("theta", "beta", "tau", "eta", "eps", "lam"))
    x, still = ops.array(inputs["x1"]), 0 * ops.array(inputs["x1"])
    m, v = (still + ops.array(inputs[name]) if name in inputs else still for name in ("m0", "v0"))
    states: dict[str, list[Array]] = {"x": [x], "G": [], "m": [m], "v": [v], "g": [], "mtilde": [], "r": []}
    for t in range(1, inputs["K"] + 1):
        slope = ground.gradient(x[:, None])[:, 0]
        drawn = draw(t, slope)
        m = m if frozen == "m" else theta * m + (1 - theta) * drawn
        v = still + HUGE if frozen == "v" else beta * v + (1 - beta) * drawn * drawn
        mixture = still if frozen == "mtilde" else tau * m + (1 - tau) * drawn
        r = still if frozen == "r" else mixture / ops.sqrt(v + eps) + lam * x
        x = x if frozen == "x" else x - eta * r
        for name, entry in {"x": x, "G": slope, "m": m, "v": v, "g": drawn, "mtilde": mixture, "r": r}.items():
            states[name].append(entry)
    states["G"].append(ground.gradient(x[:, None])[:, 0])
    found = {name: ops.stack(entries, 1) for name, entries in states.items()}
    return {**found, **constants(inputs, arithmetic, ground, found)}


def constants(inputs: Inputs, arithmetic: Arithmetic, ground: Any, found: dict[str, Any]) -> dict[Any, Any]:
    """Every parameter by the claims' names, f along the path, and where a gradient step from the start leads."""
    names = {"sigma_hat": "level", "s": "s", "rho": "rho"}
    scalars = {**Runs(inputs, arithmetic).scalars(),
               **{symbol: arithmetic.array(inputs[name]) for symbol, name in names.items() if name in inputs}}
    f = ground.value(found["x"])
    below = found["x"][:, 0] - found["G"][:, 0] / scalars["L"][:, None]
    return {**scalars, "D": f[:, 0] - scalars["f_star"], "f": f, str(y): below, str(f_y): ground.value(below[:, None])[:, 0]}


def values(found: dict[Any, Any], arithmetic: Arithmetic) -> dict[E, Array]:
    """What the claims take the mean of, along a path, read from their own expressions: keyed by the mean."""
    evaluation = Evaluation(second_moment_bound.CLAIM, found, arithmetic)
    return {mean: evaluation.along(sp.Sum(mean.args[0], *reversed(limits)), len(limits)) for mean, limits in MEANS.items()}


def mixed(struck: Array, p: Array, arithmetic: Arithmetic) -> Array:
    """The mean of a statistic over the step at which the noise strikes, from its values (1, K, ..) if it strikes at once.

    After k-1 steps it has not struck with probability (1-p)^(k-1); it struck n steps ago with p(1-p)^(k-1-n), n = 1..k-1.
    """
    p = p.reshape((1,) * (struck.ndim - 1))
    waits, past, means = 1 + 0 * p, 0 * struck[:, 0], []
    for n in range(struck.shape[1]):
        past = (1 - p) * past + p * struck[:, n] if n else past
        means.append(waits * struck[:, 0] + past)
        waits = (1 - p) * waits
    return arithmetic.stack(means, 1)


def delayed(array: Array, steps: int, begun: Array | None = None) -> Array:
    """An array (1, n, ..) begun `steps` later, its first entry before; or `begun` after so many times the first entry."""
    begun = array if begun is None else begun
    return joined(*[array[:, :1]] * steps, begun)[:, : begun.shape[1]]


def joined(*pieces: Array) -> Array:
    """Arrays one after the other along the steps."""
    return torch.cat(pieces, 1) if isinstance(pieces[0], torch.Tensor) else np.concatenate(pieces, 1)
