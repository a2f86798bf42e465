"""Theorem 1's rate needs its bound on weight_decay: above it the gradient norm stops falling as K grows.

The mathematics, in order. f is a function of one variable, its stochastic gradient is f'(x) + noise of standard
deviation sigma, and weight_decay |x*| < 1, so that x* lies inside the ball and is the KKT point. With momenta near 1, m is
close to f'(x) and v to f'(x)^2 + sigma^2, so AdamW settles where its two pulls cancel, at the root of

    f'(x) / sqrt(f'(x)^2 + sigma^2 + eps) = -weight_decay x,

which is x* only if weight_decay = 0. There |f'(x)| is about weight_decay sqrt(sigma^2 + eps) |x| (crude form).

Theorem 1 has a fraction s: its bound on weight_decay is s times a power of K, its rate grows with s, and it holds while
8 C^2 (1 - theta) <= 1. Two values of s matter:

    s = 1/5      always allowed; the bound falls like K^(-3/4), the rate like K^(-1/4)
    largest s    the bound, the largest weight_decay that Theorem 1 covers at all, falls like K^(-1/2); but s grows with K,
                 and the rate falls no further than 2 sqrt(2) sigma

For each, the break-down point is the smallest weight_decay at which the mean of |f'| over the K steps exceeds the rate. In
multiples of the bound it grows like sqrt(K) for one f: Theorem 1 allows |x^1| up to sqrt(K D / L), and one x^1 falls behind.
For an f that lies as far out as that it hardly moves, so a bound that falls more slowly with K would not do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
import torch

from checks.monte_carlo import MonteCarlo
from checks.optimizers import AdamW
from checks.picture import Picture
from counterexamples import Counterexample, Number, Progress, above, below, close, equal, silent
from counterexamples.command import main
from counterexamples.decay_runs import (
    BOX,
    FAMILIES,
    FIFTH,
    LARGEST_S,
    RATE,
    Case,
    Curve,
    Row,
    crude,
    follow,
    meets,
    predict,
    schedule,
    settled,
    slope_at,
    unsettled,
)
from theory.l1_rate import schedule as theorem

HELPERS = ["decay_runs"]  # what else this script is made of

NAMES = {FIFTH: "s = 1/5", LARGEST_S: "largest s"}
HORIZONS = (1500, 4500, 13500)
FIRST, LAST = min(HORIZONS), max(HORIZONS)
PULL = 0.97  # the largest weight_decay |x*| of the runs: x* stays inside the ball
BRACKET = 0.02  # a predicted break-down point is looked for within this share of itself
COPIES = 48
STYLES = (("-", 4.0, "o"), ("--", 2.4, "s"), (":", 1.6, "^"))  # of the families, which nearly coincide
ERROR_CHANCE = 1e-9  # that one confidence interval misses
THETAS, SLOW_LR, SLOW_STEPS = (0.0, 0.5, 0.9, 0.99), 0.005, 2400  # beta1 = beta2: how near 1 must they be?
# BALANCE is exact only for momenta -> 1. `momentum_numbers` measures a relative error of 0.19 at theta = 0, and less than
# 0.19 (1 - theta) above; half as much again is allowed.
MODEL_ERROR = 0.3

TEXT = (
    "Gradient noise makes sqrt(v + eps) large however small the gradient is, so near x* the pull of the loss is only "
    "f'/sqrt(f'^2 + sigma^2 + eps), and weight decay wins until f' is about weight_decay * sqrt(sigma^2 + eps) * |x|. "
    "Break-down points are predicted by runs without noise (m averages f', v averages f'^2 + sigma^2) and lie between two noisy "
    "rows, one surely below the rate and one surely above. The bound at s = 1/5 is loose by the multiples shown; they grow with "
    "K for one f, and hardly move when x* lies as far as the theorem lets x^1 lie. At the largest s, where the rate itself no "
    "longer falls, K must be large for the runs to reach it. Plateaus are predicted for momenta near 1, as Theorem 1's schedule "
    f"makes them; the last rows show how that fails without. Means over {COPIES} runs, normal-theory intervals (asymptotic) that "
    f"miss with chance {ERROR_CHANCE:g} each; the rows called rigorous need no such theory."
)
BREAK_CAPTION = (
    f"Left: K = {LAST}, x* as far out as Theorem 1 lets x¹ lie. Points: noisy runs; lines: the prediction without noise. The "
    "three families nearly coincide: where the pulls cancel depends on f′ alone. Right: break-down points of the rate at "
    "s = 1/5, bracketed by runs of three families, and where the predicted plateau of a quadratic meets the rate."
)
PLATEAU_CAPTION = (
    "Left: one quadratic. With λ within its bound the mean of |f′| falls with K; with a large λ it does not. Right: where the "
    f"runs with K = {LAST} settle, against the predicted point."
)


@dataclass(frozen=True)
class Measured:
    """A row's mean over k of |f'(x^k)| and |E f'| over the last quarter, with half widths; largest |x^k|; the runs."""

    mean: float
    width: float
    plateau: float
    plateau_width: float
    reach: float
    copies: torch.Tensor


Runs = dict[Row, Measured]
Curves = dict[Case, Curve]


def intervals(copies: torch.Tensor) -> list[tuple[float, float]]:
    """(|mean|, half width) of each row (rows, copies); a copy is already an average over many steps."""
    found = MonteCarlo(len(copies) * ERROR_CHANCE).student_mean(copies)
    return list(zip(found.mean.abs().tolist(), (found.upper - found.mean).tolist(), strict=True))


def moved(horizon: int) -> list[Case]:
    """x^1 at its bound: one function a family, which lies the farther the larger K."""
    return [Case(family, horizon, horizon) for family in FAMILIES]


def fixed(horizon: int) -> list[Case]:
    """The function that `moved` has at the smallest K."""
    return [Case(family, horizon, FIRST) for family in FAMILIES]


def leaves_box(case: Case) -> float:
    """The weight_decay that puts x^1 itself out of Theorem 1's box at the largest s."""
    return case.value(BOX, LARGEST_S) / case.start


def around(weight_decay: float | None) -> list[float]:
    """The two ends of the bracket; none for a break-down point that is not there."""
    return [] if weight_decay is None else [(1 - BRACKET) * weight_decay, (1 + BRACKET) * weight_decay]


def broken(case: Case, curves: Curves, s: sp.Expr) -> float | None:
    """The predicted break-down point."""
    return curves[case].reaches(case.value(RATE, s))


def rows(case: Case, curves: Curves) -> list[Row]:
    """No decay, Theorem 1's bounds, the brackets around predicted events, and nearly x* on the rim of the ball."""
    decays = [0.0, case.bound(FIFTH), *around(broken(case, curves, FIFTH)), PULL / case.minimiser]
    if case in moved(case.horizon):
        bounds = [case.bound(LARGEST_S) / 2, case.bound(LARGEST_S)]
        decays += [*bounds, *around(leaves_box(case)), *around(broken(case, curves, LARGEST_S))]
    return [Row(case, decay) for decay in decays if decay * case.minimiser < 1]


def sweep(horizon: int, curves: Curves, seed: int, device: str, progress: Progress) -> Runs:
    """The rows of every function at this K, run with noise."""
    planned = [row for case in curves if case.horizon == horizon for row in rows(case, curves)]
    rng = torch.Generator(device).manual_seed(seed)
    found = follow(planned, schedule(planned, device=device), horizon, COPIES, rng, device, progress)
    parts = zip(planned, intervals(found.size), intervals(found.late), found.reach, found.size, strict=True)
    return {row: Measured(*mean, *plateau, float(reach.max()), size) for row, mean, plateau, reach, size in parts}


def hypothesis_numbers() -> list[Number]:
    """Theorem 1's hypotheses besides the bound on weight_decay hold, x* is inside the ball; what the largest s means."""
    condition = 8 * theorem.radius(theorem.ADAMW_C).subs(theorem.s, LARGEST_S) ** 2 * theorem.ONE_MINUS_THETA
    over = max(case.start / case.value(theorem.START_BOUND) for K in HORIZONS for case in (*moved(K), *fixed(K)))
    falls = sp.limit((RATE / theorem.sigma_hat).subs({theorem.s: LARGEST_S, theorem.d: 1}), theorem.K, sp.oo)
    reach = sp.radsimp((theorem.WEIGHT_DECAY_BOUND * theorem.START_BOUND).subs(theorem.s, LARGEST_S))
    least = max(case.fraction(case.bound(FIFTH)) / case.value(LARGEST_S) for K in HORIZONS for case in moved(K))
    return [
        below("hypothesis |x^1| over its bound, largest", over, 1),
        equal("hypothesis 8 C^2 (1 - theta) <= 1 at the largest s, exactly", sp.simplify(condition), 1),
        below("1/5 over the largest s, largest", least, 1),
        equal("largest s: bound times sqrt(K D / L), exactly and whatever K", reach,
              sp.radsimp(theorem.s / (sp.sqrt(8) * theorem.radius(theorem.ADAMW_C)))),
        equal("largest s: rate / sigma as K grows, exactly", falls, 2 * sp.sqrt(2)),
        below("weight_decay |x*|, largest", PULL, 1),
    ]


def proven_numbers(runs: Runs) -> list[Number]:
    """While s is allowed, every row obeys Theorem 1 with the smallest s that covers it."""
    numbers = []
    for horizon in HORIZONS:
        inside = [(row, m) for row, m in runs.items()
                  if row.case.horizon == horizon and row.weight_decay <= row.case.bound(LARGEST_S)]
        ratios = [(m.mean + m.width) / row.case.value(RATE, row.case.fraction(row.weight_decay)) for row, m in inside]
        boxes = [row.weight_decay * m.reach / row.case.value(BOX, row.case.fraction(row.weight_decay))
                 for row, m in inside if row.weight_decay]
        numbers += [below(f"K = {horizon}, proven range, {len(inside)} rows: largest mean |f'| / rate", max(ratios), 1),
                    below(f"K = {horizon}, proven range: largest weight_decay |x^k| / (C sqrt(1 - theta))", max(boxes), 1)]
    return numbers


def bracket(label: str, bound: float, point: float, ends: list[tuple[float, bool]]) -> Number:
    """An event predicted at `point`, over the bound: not yet at the lower end of its bracket, there at the upper end."""
    (low, early), (high, late) = ends
    return Number(label, f"{low / bound:.4g} to {high / bound:.4g}", f"{point / bound:.4g}", not early and late)


def break_number(case: Case, s: sp.Expr, runs: Runs, curves: Curves) -> Number:
    """The break-down point as a multiple of the bound, between two rows that lie surely on either side of the rate."""
    which = "x* far" if case in moved(case.horizon) else "f fixed"
    label = f"K = {case.horizon}, {case.family}, {which}, {NAMES[s]}: break-down, over the bound"
    rate, point = case.value(RATE, s), broken(case, curves, s)
    if point is None:
        last = runs[Row(case, PULL / case.minimiser)]
        none = f"none up to {PULL / case.minimiser / case.bound(s):.4g}"
        return Number(label, none if last.mean + last.width < rate else "there is one", none, last.mean + last.width < rate)
    low, high = (runs[Row(case, decay)] for decay in around(point))
    sure = [(around(point)[0], not low.mean + low.width < rate), (around(point)[1], high.mean - high.width > rate)]
    return bracket(label, case.bound(s), point, sure)


def break_numbers(runs: Runs, curves: Curves) -> list[Number]:
    """Every break-down point; for the function that stays put at s = 1/5 alone, whose rate falls with K."""
    numbers = [break_number(case, s, runs, curves) for s in NAMES for K in HORIZONS for case in moved(K)]
    numbers += [break_number(case, FIFTH, runs, curves) for K in HORIZONS if K > FIRST for case in fixed(K)]
    return numbers


def growth_numbers(curves: Curves) -> list[Number]:
    """How the break-down multiples at s = 1/5, bracketed above, move with K: halfway between the powers 0 and 1/2 is 1/4."""

    def multiple(case: Case) -> float:
        return (broken(case, curves, FIFTH) or math.nan) / case.bound(FIFTH)

    label, middle = f"break-down multiple at K = {LAST} over K = {FIRST}", (LAST / FIRST) ** 0.25
    far = [multiple(last) / multiple(first) for first, last in zip(moved(FIRST), moved(LAST), strict=True)]
    same = [multiple(last) / multiple(first) for first, last in zip(fixed(FIRST), fixed(LAST), strict=True)]
    # NumPy's extremes are NaN when one of the ratios is: a break-down point that is missing agrees with nothing.
    return [below(f"{label}, x* far, largest (K^0: 1)", float(np.max(far)), middle),
            above(f"{label}, f fixed, smallest (K^(1/2): {(LAST / FIRST) ** 0.5:.3g})", float(np.min(same)), middle)]


def box_numbers(runs: Runs) -> list[Number]:
    """The box |weight_decay x^k| <= C sqrt(1 - theta) at the largest s: the first multiple of the bound that leaves it."""
    numbers = []
    for case in moved(LAST):
        edge, point = case.value(BOX, LARGEST_S), leaves_box(case)
        ends = [(decay, runs[Row(case, decay)].reach * decay > edge) for decay in around(point)]
        label = f"K = {LAST}, {case.family}: weight_decay |x^k| leaves the box, over the bound"
        numbers.append(bracket(label, case.bound(LARGEST_S), point, ends))
    return numbers


def sure_numbers(runs: Runs) -> list[Number]:
    """Beyond doubt: a lower bound, rigorous for any noise, on the mean |f'| near the rim of the ball.

    A mean is at least the mean of what is cut off at three times the rate, and that lies in a known range.
    """
    numbers = []
    for case in moved(LAST):
        rate, found = case.value(RATE, FIFTH), runs[Row(case, PULL / case.minimiser)]
        lower = MonteCarlo(ERROR_CHANCE).bounded_mean(found.copies.clamp(max=3 * rate)[None], 0.0, 3 * rate).lower
        label = f"K = {LAST}, {case.family}, weight_decay |x*| = {PULL}: mean |f'|, rigorous lower bound"
        numbers.append(above(label, float(lower), rate))
    return numbers


def fall_numbers(runs: Runs) -> list[Number]:
    """One function, one weight_decay: the rate's K^(-1/4) asks the mean to fall from the first K to the last."""

    def ratio(last: Case, first: Case, pull: float) -> float:
        return runs[Row(last, pull / last.minimiser)].mean / runs[Row(first, pull / first.minimiser)].mean

    pairs = list(zip(fixed(LAST), fixed(FIRST), strict=True))
    label = f"f fixed: mean |f'| at K = {LAST} over K = {FIRST}"
    return [below(f"{label}, weight_decay = 0, largest", max(ratio(*pair, 0.0) for pair in pairs), (FIRST / LAST) ** 0.25),
            above(f"{label}, weight_decay |x*| = {PULL}, smallest", min(ratio(*pair, PULL) for pair in pairs), 1)]


def plateau_numbers(runs: Runs, curves: Curves) -> list[Number]:
    """Where the runs of the largest K settle, against the root of BALANCE."""
    numbers = []
    for case in moved(LAST):
        for decay in (case.bound(LARGEST_S), around(leaves_box(case))[0], *around(broken(case, curves, FIFTH))[1:]):
            found, predicted = runs[Row(case, decay)], -slope_at(case, settled(case, decay))
            within = found.plateau_width + unsettled(case, decay) + MODEL_ERROR * case.value(theorem.ONE_MINUS_THETA) * predicted
            label = f"K = {LAST}, {case.family}, weight_decay |x*| = {decay * case.minimiser:.3f}: plateau"
            numbers.append(close(f"{label} (crude form: {crude(case, decay):.3g})", found.plateau, predicted, within))
    return numbers


def momentum_numbers(seed: int, device: str, progress: Progress) -> list[Number]:
    """Plateau against BALANCE for beta1 = beta2 further and further from 1, at one small step size."""
    case = Case("quadratic", LAST, FIRST)
    row = Row(case, 0.5 / case.minimiser)
    theta = torch.tensor(THETAS, dtype=torch.float64, device=device)
    optimizer = AdamW(SLOW_LR, theta, theta, case.value(theorem.EPS), row.weight_decay)
    rng = torch.Generator(device).manual_seed(seed)
    plateaus = follow([row] * len(THETAS), optimizer, SLOW_STEPS, COPIES, rng, device, progress).late
    predicted, numbers = -slope_at(case, settled(case, row.weight_decay)), []
    for value, (plateau, width) in zip(THETAS, intervals(plateaus), strict=True):
        within = width + MODEL_ERROR * (1 - value) * predicted
        numbers.append(close(f"beta1 = beta2 = {value}: plateau", plateau, predicted, within))
        if value == 0:
            error = (plateau - width) / predicted - 1
            numbers.append(above("beta1 = beta2 = 0: relative error of the prediction", error, 0.05))
    return numbers


def draw(axes: Any, runs: Runs, curves: Curves) -> None:
    """Left: mean |f'| over the rate against weight_decay, both in units of Theorem 1 at s = 1/5. Right: break-down against K."""
    left, right = axes
    for case, (line, width, marker) in zip(moved(LAST), STYLES, strict=True):
        unit, rate, curve = case.bound(FIFTH), case.value(RATE, FIFTH), curves[case]
        (drawn,) = left.loglog(curve.weight_decays / unit, curve.means / rate, line, linewidth=width, label=case.family)
        found = [(row.weight_decay / unit, m.mean / rate) for row, m in runs.items() if row.case == case and row.weight_decay]
        left.plot(*zip(*found, strict=True), marker, color=drawn.get_color(), fillstyle="none")
    shade_proven(left, moved(LAST)[0])
    point = (broken(moved(LAST)[0], curves, FIFTH) or math.nan) / moved(LAST)[0].bound(FIFTH)
    left.annotate(f"break-down, {point:.0f} ×", (point, 1), (12, 8), arrowprops={"arrowstyle": "->"}, fontsize=8)
    left.set(xlabel="λ over its bound at s = 1/5", ylabel="mean |f′| over the rate at s = 1/5", xlim=(0.5, 60), ylim=(0.03, 20),
             xticks=(1, 10), xticklabels=("1", "10"), yticks=(0.1, 1, 10), yticklabels=("0.1", "1", "10"))
    left.legend(loc="upper left", fontsize=8)
    draw_break_downs(right, curves)


def shade_proven(axes: Any, case: Case) -> None:
    """The weight decays that Theorem 1 covers, with the rate that it proves for each."""
    end = case.value(LARGEST_S) / float(FIFTH)
    multiples = np.geomspace(0.5, end, 40)
    rates = [case.value(RATE, float(multiple * FIFTH)) / case.value(RATE, FIFTH) for multiple in multiples]
    axes.plot(multiples, rates, "k-.", label="Theorem 1's rate at this λ")
    axes.axhline(1, color="black", linewidth=0.8)
    axes.text(16, 0.9, "rate at s = 1/5", ha="right", va="top", fontsize=8)
    for low, high, colour, words in ((0.5, 1, "#d5e1ee", "s ≤ 1/5"), (1, end, "#edf2f7", "proven with larger s")):
        axes.axvspan(low, high, color=colour, zorder=0)
        axes.text((low * high) ** 0.5, 0.034, words, ha="center", fontsize=8)


def draw_break_downs(axes: Any, curves: Curves) -> None:
    """Break-down multiples at s = 1/5: the points that the runs bracket, and where BALANCE meets the rate."""
    grid = np.geomspace(FIRST / 1.5, LAST * 1.5, 30).round().astype(int).tolist()
    for place, cases, marker in (("f fixed", fixed, "o"), ("x* far", moved, "s")):
        found = [(K, (broken(case, curves, FIFTH) or math.nan) / case.bound(FIFTH)) for K in HORIZONS for case in cases(K)]
        axes.loglog(*zip(*found, strict=True), marker, label=f"runs, {place}", fillstyle="none", color="black")
        axes.plot(grid, [meets(Case("quadratic", K, FIRST if cases is fixed else K)) for K in grid], label=f"predicted, {place}")
    axes.set(xlabel="K", ylabel="break-down over the bound, s = 1/5", xticks=HORIZONS, xticklabels=map(str, HORIZONS),
             ylim=(10, 200), yticks=(10, 20, 50, 100, 200), yticklabels=("10", "20", "50", "100", "200"))
    axes.minorticks_off()
    axes.legend(loc="upper left", fontsize=8)


def draw_plateaus(axes: Any, runs: Runs, curves: Curves) -> None:
    """Left: mean |f'| against K for one function. Right: plateau against weight_decay."""
    left, right = axes
    first = [fixed(K)[0] for K in HORIZONS]
    for pull, style in ((0.0, "o-"), (PULL, "D-")):
        means = [runs[Row(case, pull / case.minimiser)].mean for case in first]
        left.loglog(HORIZONS, means, style, label=f"λ|x*| = {pull:g}")
    left.loglog(HORIZONS, [runs[Row(case, case.bound(FIFTH))].mean for case in first], "s--", label="λ at its bound, s = 1/5")
    left.loglog(HORIZONS, [case.value(RATE, FIFTH) for case in first], color="black", label="rate, s = 1/5")
    left.set(xlabel="K", ylabel="mean of |f′| over K steps", xticks=HORIZONS, xticklabels=map(str, HORIZONS),
             ylim=(0.01, 4), yticks=(0.01, 0.1, 1), yticklabels=("0.01", "0.1", "1"))
    left.minorticks_off()
    left.legend(loc="lower left", fontsize=8)
    for case, (line, width, marker) in zip(moved(LAST), STYLES, strict=True):
        pulls = np.linspace(0.005, 0.9, 40)
        predicted = [-slope_at(case, settled(case, pull / case.minimiser)) for pull in pulls]
        (drawn,) = right.plot(pulls, predicted, line, linewidth=width, label=f"predicted, {case.family}")
        found = [(row.weight_decay * case.minimiser, m.plateau) for row, m in runs.items()
                 if row.case == case and row.weight_decay * case.minimiser < 0.9]
        right.plot(*zip(*found, strict=True), marker, color=drawn.get_color(), fillstyle="none")
    pulls = np.linspace(0.0, 0.9, 2)
    case = moved(LAST)[0]
    right.plot(pulls, [crude(case, pull / case.minimiser) for pull in pulls], ":", color="#5b6470", label="crude form")
    right.set(xlabel="λ|x*|", ylabel=f"plateau |E f′|, K = {LAST}")
    right.legend(loc="upper left", fontsize=8)


def run(seed: int = 0, device: str = "cpu", progress: Progress = silent) -> Counterexample:
    """Sweep weight_decay for each K, then the momenta; half widths miss with chance ERROR_CHANCE."""
    runs: Runs = {}
    cases = {case for horizon in HORIZONS for case in (*moved(horizon), *fixed(horizon))}
    curves = predict(sorted(cases, key=lambda case: (case.family, case.horizon, case.placed)), PULL)
    whole, before = sum(HORIZONS) + SLOW_STEPS, 0
    for horizon in HORIZONS:
        runs |= sweep(horizon, curves, seed, device, part_of(progress, before / whole, horizon / whole))
        before += horizon
    momenta = momentum_numbers(seed, device, part_of(progress, before / whole, SLOW_STEPS / whole))
    progress(1.0)
    return Counterexample(
        title="Above its bound, weight decay keeps AdamW's gradient norm from falling",
        claim="Theorem 1's rate (with s = 1/5) for (1/K) sum_k E||grad f(x^k)||_1 holds for every weight_decay that leaves the "
        "minimiser inside the ball.",
        numbers=[*hypothesis_numbers(), *proven_numbers(runs), *break_numbers(runs, curves), *growth_numbers(curves),
                 *sure_numbers(runs), *box_numbers(runs), *fall_numbers(runs), *plateau_numbers(runs, curves), *momenta],
        text=TEXT,
        pictures=[Picture("large_weight_decay.svg", BREAK_CAPTION, lambda axes: draw(axes, runs, curves), 7.4, 3.6, {"ncols": 2}),
                  Picture("large_weight_decay_plateau.svg", PLATEAU_CAPTION, lambda axes: draw_plateaus(axes, runs, curves),
                          7.4, 3.4, {"ncols": 2})],
    )


def part_of(progress: Progress, start: float, share: float) -> Progress:
    """The progress of one part of the work as progress of the whole."""
    return lambda done: progress(start + share * done)


if __name__ == "__main__":
    raise SystemExit(main("large_weight_decay"))
