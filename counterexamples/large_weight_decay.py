"""Theorem 1's rate needs its bound on weight_decay: above it the gradient norm stops falling as K grows.

The mathematics, in order. f(x) = a (x - x*)^2 / 2 in one dimension, stochastic gradient f'(x) + noise of
standard deviation sigma, and weight_decay |x*| < 1, so x* itself lies inside the ball and is the KKT point.
With momenta near 1, m is close to f'(x) and v to f'(x)^2 + sigma^2, so AdamW settles where its two pulls
cancel, at the root of

    f'(x) / sqrt(f'(x)^2 + sigma^2 + eps) = -weight_decay x,

which is x* only if weight_decay = 0. There |f'(x)| is about weight_decay sqrt(sigma^2 + eps) |x| (crude
form). Theorem 1's bound lets weight_decay shrink like K^(-3/4), faster than its rate K^(-1/4), and so keeps
this plateau out of sight. A fixed weight_decay passes the bound as K grows, and then the plateau passes the
rate.

The schedule below is Theorem 1's (section 1.8's explicit constants are derived here, not the paper's): d = 1,
gamma = 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
import torch
from scipy.optimize import brentq

from checks.arithmetic import TorchArithmetic
from checks.monte_carlo import MonteCarlo
from checks.optimizers import AdamW
from checks.picture import Picture
from counterexamples import Counterexample, Number, Progress, above, below, close, silent
from counterexamples.command import main
from theory.l1_rate import schedule as theorem

x, a, target, lam, noise, eps = sp.symbols("x a x_* lambda sigma_1 epsilon", real=True)

SLOPE = a * (x - target)
BALANCE = SLOPE / sp.sqrt(SLOPE**2 + noise**2 + eps) + lam * x  # AdamW settles where this is zero
CRUDE_POINT = target / (1 + lam * sp.sqrt(noise**2 + eps) / a)  # the root when f'^2 is dropped from under the root

RATE = theorem.rate(theorem.ADAMW_C)
CURVATURE, OPTIMUM, START, DEVIATION, FRACTION = 1.0, 1.0, 0.9, 0.5, sp.Rational(1, 5)
HORIZONS = (1024, 4096, 16384)
FIXED = (0.1, 0.5)  # values of weight_decay that do not change with K
MULTIPLES = (0.0, 0.25, 1.0, 4.0, 16.0, 64.0)  # of Theorem 1's bound
COPIES = 128
ERROR_CHANCE = 1e-9  # that one confidence interval misses
THETAS, SLOW_LR, SLOW_STEPS = (0.0, 0.5, 0.9, 0.99), 0.002, 6000  # beta1 = beta2: how near 1 must they be?
# BALANCE is exact only for momenta -> 1. `momentum_numbers` measures a relative error of 0.15 at theta = 0,
# falling at least like 1 - theta; twice that is allowed.
MODEL_ERROR = 0.3


def scheduled(formula: sp.Expr, horizon: int) -> float:
    """A formula of Theorem 1's schedule at this K, with the constants of our f: L = a, D = f(x^1) - f(x*)."""
    excess = CURVATURE * (START - OPTIMUM) ** 2 / 2
    numbers = {theorem.K: horizon, theorem.d: 1, theorem.L: CURVATURE, theorem.D: excess}
    return float(theorem.value(formula, {**numbers, theorem.sigma: DEVIATION, theorem.gamma: 1, theorem.s: FRACTION}))


def settled(weight_decay: float, horizon: int) -> float:
    """|f'| at the root of BALANCE, between 0 and x*, to machine precision."""
    numbers = {
        a: CURVATURE,
        target: OPTIMUM,
        lam: weight_decay,
        noise: DEVIATION,
        eps: scheduled(theorem.EPS, horizon),
    }
    root = brentq(sp.lambdify(x, BALANCE.subs(numbers)), 0.0, OPTIMUM, xtol=1e-15)
    return abs(CURVATURE * (root - OPTIMUM))


def crude(weight_decay: float, horizon: int) -> float:
    """|f'| at the crude root, to show how far it is off."""
    numbers = {
        a: CURVATURE,
        target: OPTIMUM,
        lam: weight_decay,
        noise: DEVIATION,
        eps: scheduled(theorem.EPS, horizon),
    }
    return abs(float(SLOPE.subs(x, CRUDE_POINT).subs(numbers)))


@dataclass(frozen=True)
class Measured:
    """One setting (K, weight_decay): the mean over k of |f'(x^k)|, and |E f'| over the last quarter, with
    half widths.
    """

    horizon: int
    weight_decay: float
    average: float
    average_width: float
    plateau: float
    plateau_width: float


def drift(optimizer: AdamW, rows: int, steps: int, seed: int, device: str, progress: Progress) -> tuple[Any, Any]:
    """(sum of |f'(x^k)| over all k / steps, mean of f'(x^k) over the last quarter), each (rows, COPIES).

    COPIES independent runs of each row's hyperparameters from x^1 = START with normal gradient noise.
    """
    arithmetic, rng = TorchArithmetic(device), torch.Generator(device).manual_seed(seed)
    state = optimizer.init(arithmetic.full((rows, COPIES), START), arithmetic)
    total, late, late_from = torch.zeros_like(state.x), torch.zeros_like(state.x), 3 * steps // 4
    for k in range(steps):
        slope = CURVATURE * (state.x - OPTIMUM)
        total += slope.abs()
        late += slope if k >= late_from else 0
        disturbance = torch.randn(slope.shape, generator=rng, dtype=slope.dtype, device=device)
        state = optimizer.step(state, slope + DEVIATION * disturbance, arithmetic)
        if k % 256 == 0:
            progress(k / steps)
    return total / steps, late / (steps - late_from)


def sweep(horizon: int, seed: int, device: str, progress: Progress) -> list[Measured]:
    """Theorem 1's AdamW for K = horizon steps, for MULTIPLES of the bound on weight_decay and the FIXED
    values.
    """
    bound = scheduled(theorem.WEIGHT_DECAY_BOUND, horizon)
    decays = [*(factor * bound for factor in MULTIPLES), *FIXED]
    theta = 1 - scheduled(theorem.ONE_MINUS_THETA, horizon)
    optimizer = AdamW(
        lr=scheduled(theorem.LR, horizon),
        beta1=theta,
        beta2=theta**0.5,
        eps=scheduled(theorem.EPS, horizon),
        weight_decay=torch.tensor(decays, dtype=torch.float64, device=device),
    )
    averages, plateaus = drift(optimizer, len(decays), horizon, seed, device, progress)
    return [
        Measured(horizon, decay, *interval(average), *interval(plateau))
        for decay, average, plateau in zip(decays, averages, plateaus, strict=True)
    ]


def interval(copies: torch.Tensor) -> tuple[float, float]:
    """(|mean|, half width) over independent copies, each of which is already an average over many steps."""
    found = MonteCarlo(ERROR_CHANCE).student_mean(copies[None])
    return abs(float(found.mean)), float(found.upper - found.mean)


def start_numbers(largest: float) -> list[Number]:
    """The hypotheses of Theorem 1 besides the weight_decay bound hold, and x* is inside the ball."""
    return [
        below("hypothesis |x^1|, at the smallest K", START, scheduled(theorem.START_BOUND, min(HORIZONS))),
        below(
            "hypothesis 8 C^2 (1 - theta), at the smallest K",
            scheduled(8 * theorem.radius(theorem.ADAMW_C) ** 2 * theorem.ONE_MINUS_THETA, min(HORIZONS)),
            1,
        ),
        below("weight_decay |x*|, at the largest weight_decay", largest * OPTIMUM, 1),
    ]


def rate_numbers(runs: list[Measured]) -> list[Number]:
    """Up to the bound the mean gradient norm is below the rate; at the largest K, far above the bound, it is
    not.
    """
    numbers = []
    for m in runs:
        bound, rate = scheduled(theorem.WEIGHT_DECAY_BOUND, m.horizon), scheduled(RATE, m.horizon)
        label = f"K = {m.horizon}, weight_decay = {m.weight_decay / bound:.3g} x bound: mean |f'|"
        if m.weight_decay <= bound:
            numbers.append(below(label, m.average + m.average_width, rate))
        elif m.horizon == max(HORIZONS) and m.weight_decay == max(FIXED):
            numbers.append(above(label, m.average - m.average_width, rate))
    return numbers


def plateau_numbers(runs: list[Measured]) -> list[Number]:
    """Where the runs of the longest horizon settle, against the root of BALANCE."""
    horizon, numbers = max(HORIZONS), []
    for m in (m for m in runs if m.horizon == horizon):
        predicted = settled(m.weight_decay, horizon)
        # What is left of the start: the pull towards the root is at least a / sqrt(sigma^2 + eps) a unit of
        # lr.
        pull = CURVATURE / (DEVIATION**2 + scheduled(theorem.EPS, horizon)) ** 0.5
        rest = abs(CURVATURE * (START - OPTIMUM) + predicted) * math.exp(
            -0.75 * horizon * scheduled(theorem.LR, horizon) * pull
        )
        within = m.plateau_width + rest + MODEL_ERROR * scheduled(theorem.ONE_MINUS_THETA, horizon) * predicted
        rough = crude(m.weight_decay, horizon)
        label = f"K = {horizon}, weight_decay = {m.weight_decay:.2g}: plateau (crude form: {rough:.3g})"
        numbers.append(close(label, m.plateau, predicted, within))
    return numbers


def fall_numbers(runs: list[Measured]) -> list[Number]:
    """From the smallest to the largest K (a factor 16), the rate's K^(-1/4) predicts a fall by 2 at least."""
    averages = {(m.horizon, m.weight_decay): m.average for m in runs}
    first, last = min(HORIZONS), max(HORIZONS)
    fixed = averages[last, max(FIXED)] / averages[first, max(FIXED)]
    adam = averages[last, 0.0] / averages[first, 0.0]
    return [
        below(f"mean |f'| at K = {last} over K = {first}, weight_decay = 0", adam, 0.5),
        above(f"mean |f'| at K = {last} over K = {first}, weight_decay = {max(FIXED)}", fixed, 1),
    ]


def momentum_numbers(seed: int, device: str, progress: Progress) -> list[Number]:
    """Plateau against BALANCE for beta1 = beta2 further and further from 1, at one small step size."""
    horizon, decay = max(HORIZONS), max(FIXED)
    theta = torch.tensor(THETAS, dtype=torch.float64, device=device)
    optimizer = AdamW(SLOW_LR, theta, theta, scheduled(theorem.EPS, horizon), decay)
    plateaus = drift(optimizer, len(THETAS), SLOW_STEPS, seed, device, progress)[1]
    predicted, numbers = settled(decay, horizon), []
    for value, (plateau, width) in zip(THETAS, map(interval, plateaus), strict=True):
        within = width + MODEL_ERROR * (1 - value) * predicted
        numbers.append(close(f"beta1 = beta2 = {value}: plateau", plateau, predicted, within))
        if value == 0:
            error = (plateau - width) / predicted - 1
            numbers.append(above("beta1 = beta2 = 0: relative error of the prediction", error, 0.05))
    return numbers


def draw(axes: Any, runs: list[Measured]) -> None:
    """Left: mean |f'| against K, for some weight decays. Right: plateau against weight_decay / bound."""
    left, right = axes
    horizons = np.array(HORIZONS)
    fixed = [f"λ = {value}" for value in FIXED]
    lines = ((0, "λ = 0", "o-"), (2, "λ at the bound", "s--"), (-2, fixed[0], "^-"), (-1, fixed[1], "D-"))
    for position, label, style in lines:
        left.loglog(horizons, [runs_at(runs, h)[position].average for h in HORIZONS], style, label=label)
    left.loglog(horizons, [scheduled(RATE, h) for h in HORIZONS], color="black", label="Theorem 1's rate")
    left.set(
        xlabel="K",
        ylabel="mean of |f′| over K steps",
        ylim=(0.002, 1),
        xticks=horizons,
        xticklabels=[str(h) for h in horizons],
    )
    left.minorticks_off()
    left.legend(loc="lower left", fontsize=8)
    last, bound = runs_at(runs, max(HORIZONS))[1:], scheduled(theorem.WEIGHT_DECAY_BOUND, max(HORIZONS))
    grid = np.geomspace(0.2, FIXED[1] / bound, 60)
    right.loglog(grid, [settled(factor * bound, max(HORIZONS)) for factor in grid], label="predicted")
    factors = [m.weight_decay / bound for m in last]
    plateaus, widths = [m.plateau for m in last], [m.plateau_width for m in last]
    right.errorbar(factors, plateaus, widths, fmt="o", color="black", label="measured")
    right.axhline(scheduled(RATE, max(HORIZONS)), color="black", linewidth=0.8)
    right.annotate("Theorem 1's rate", (0.2, scheduled(RATE, max(HORIZONS))), (0, 3), textcoords="offset points")
    right.axvline(1, color="#5b6470", linewidth=0.8, linestyle=":")
    right.set(xlabel="λ over Theorem 1's bound", ylabel=f"plateau |E f′|, K = {max(HORIZONS)}", ylim=(1e-4, 1))
    right.legend(loc="lower right")


def runs_at(runs: list[Measured], horizon: int) -> list[Measured]:
    """The runs of one horizon, in the order of MULTIPLES and then FIXED."""
    return [m for m in runs if m.horizon == horizon]


def run(seed: int = 0, device: str = "cpu", progress: Progress = silent) -> Counterexample:
    """Sweep weight_decay for each K, then the momenta; half widths miss with chance ERROR_CHANCE."""
    runs: list[Measured] = []
    whole, before = sum(HORIZONS) + SLOW_STEPS, 0
    for horizon in HORIZONS:
        runs += sweep(horizon, seed, device, part_of(progress, before / whole, horizon / whole))
        before += horizon
    momenta = momentum_numbers(seed, device, part_of(progress, before / whole, SLOW_STEPS / whole))
    progress(1.0)
    caption = (
        "Left: mean of |f′| over a run of K steps with Theorem 1's schedule. With λ within its bound it "
        "falls with K; with "
        "a fixed λ it stops falling and passes the rate. Right: where the longest runs settle, against the "
        "predicted point."
    )
    return Counterexample(
        title="Above its bound, weight decay keeps AdamW's gradient norm from falling",
        claim="Theorem 1's rate for (1/K) sum_k E||grad f(x^k)||_1 holds for every weight_decay that "
        "leaves the minimiser "
        "inside the ball.",
        numbers=[
            *start_numbers(max(FIXED)),
            *rate_numbers(runs),
            *fall_numbers(runs),
            *plateau_numbers(runs),
            *momenta,
        ],
        text="Gradient noise makes sqrt(v + eps) large however small the gradient is, so near x* the pull "
        "of the loss is "
        "only f'/sqrt(f'^2 + sigma^2 + eps), and weight decay wins until f' is about weight_decay * "
        "sqrt(sigma^2 + eps) * "
        "|x|. The prediction takes the momenta to be near 1, as Theorem 1's schedule makes them; the last "
        "rows show how "
        f"it fails without. Means over {COPIES} runs, normal-theory intervals that miss with chance "
        f"{ERROR_CHANCE:g} each.",
        pictures=[Picture("large_weight_decay.svg", caption, lambda axes: draw(axes, runs), 7.4, 3.6, {"ncols": 2})],
    )


def part_of(progress: Progress, start: float, share: float) -> Progress:
    """The progress of one part of the work as progress of the whole."""
    return lambda done: progress(start + share * done)


if __name__ == "__main__":
    raise SystemExit(main("large_weight_decay"))
