"""AdamW with Theorem 1's schedule on one-dimensional functions: noisy runs, and the noise-free run that predicts them.

Each function has smoothness constant L = 1 and its minimiser x* one unit to the right of x^1. Theorem 1 asks for
|x^1| <= sqrt(K D / L); a `Case` puts x^1 at that bound, of its own K or of a smaller one.

The prediction replaces the noise by what it does on average: m averages f'(x) and v averages f'(x)^2 + sigma^2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby

import numpy as np
import sympy as sp
import torch
from scipy.optimize import brentq
from torch import Tensor

from checks.arithmetic import TorchArithmetic
from checks.optimizers import AdamW
from checks.problems import CosineWells, DiagonalQuadratic, LogCosh
from checks.problems.separable import Separable
from counterexamples import Progress, silent
from theory.l1_rate import schedule as theorem

FAMILIES: dict[str, type[Separable]] = {"quadratic": DiagonalQuadratic, "log-cosh": LogCosh, "cosine wells": CosineWells}
DEVIATION = 0.45  # of the gradient noise
STEEPEST = 6 * DEVIATION  # the largest |f'| of log-cosh and of the wells
BELOW = 1 - 1e-9  # |x^1| stays this far under its bound, so that rounding does not lift it over
STEPS = 1000  # of a noise-free run, whatever K is

slope, x, lam, noise, eps = sp.symbols("slope x lambda sigma_1 epsilon", real=True)
BALANCE = slope / sp.sqrt(slope**2 + noise**2 + eps) + lam * x  # AdamW settles where this is zero
balance = sp.lambdify((slope, x, lam, noise, eps), BALANCE, "math")
resting = sp.lambdify((slope, x, noise, eps), sp.solve(BALANCE, lam)[0], "math")  # the weight_decay that settles at a slope

FIFTH = sp.Rational(1, 5)
RATE = theorem.rate(theorem.ADAMW_C)
BOX = theorem.radius(theorem.ADAMW_C) * sp.sqrt(theorem.ONE_MINUS_THETA)  # Theorem 1: weight_decay |x^k| stays below
# The largest s with 8 C^2 (1 - theta) <= 1, whose left side is a multiple of s^2.
LARGEST_S = (1 / sp.sqrt(theorem.small(theorem.ADAMW_C).lhs.subs(theorem.s, 1))).subs(theorem.theta, 1 - theorem.ONE_MINUS_THETA)


@cache
def _function(formula: sp.Expr) -> Callable[..., float]:
    """A formula of the schedule as a function of (K, D, L, s), for d = 1 and gamma = 1."""
    known = theorem.closed(formula).subs({theorem.d: 1, theorem.gamma: 1, theorem.sigma: DEVIATION})
    return sp.lambdify((theorem.K, theorem.D, theorem.L, theorem.s), known, "math")


def place(family: str, minimisers: Sequence[float], device: str = "cpu") -> Separable:
    """Functions of one variable with f'' = 1 at their minimisers: f = a phi(w (x - x*)) with a w = STEEPEST, a w^2 = 1."""
    center = torch.tensor(minimisers, dtype=torch.float64, device=device)[:, None]
    one = torch.ones_like(center)
    return FAMILIES[family](STEEPEST**2 * one, one / STEEPEST, center, torch.zeros_like(center[:, 0]))


@dataclass(frozen=True)
class Case:
    """A function of a family and a number of steps K; x^1 is at its bound for `placed` steps, placed <= K."""

    family: str
    horizon: int
    placed: int

    @cached_property
    def function(self) -> Separable:
        """f, alone in its batch."""
        return place(self.family, [self.minimiser])

    @cached_property
    def _constants(self) -> tuple[float, float]:
        """(D, L), neither of which depends on where the function lies."""
        function = place(self.family, [1.0])
        first = function.value(torch.zeros(1, 1, dtype=torch.float64)) - function.f_star
        return float(first), float(function.l2_smoothness)

    @cached_property
    def start(self) -> float:
        """x^1."""
        return BELOW * _function(theorem.START_BOUND)(self.placed, *self._constants, 0)

    @property
    def minimiser(self) -> float:
        """x*, the KKT point while weight_decay |x*| < 1."""
        return self.start + 1

    def value(self, formula: sp.Expr, s: sp.Expr | float = 0) -> float:
        """A formula of Theorem 1's schedule at this f and K, with this s."""
        fraction = self.value(s) if isinstance(s, sp.Expr) else s
        return float(_function(formula)(self.horizon, *self._constants, fraction))

    def bound(self, s: sp.Expr | float) -> float:
        """The largest weight_decay that Theorem 1 covers with this s."""
        return self.value(theorem.WEIGHT_DECAY_BOUND, s)

    def fraction(self, weight_decay: float) -> float:
        """The smallest s whose bound allows this weight_decay."""
        return weight_decay / self.bound(1)


@dataclass(frozen=True)
class Row:
    """One setting: a case and a weight_decay."""

    case: Case
    weight_decay: float


@dataclass(frozen=True)
class Followed:
    """Runs of each row, (rows, copies): mean of |f'(x^k)| over all k, of f'(x^k) over the last quarter, largest |x^k|."""

    size: Tensor
    late: Tensor
    reach: Tensor


class NoiseFree(AdamW):
    """AdamW that is fed f'(x) and averages f'(x)^2 + sigma^2, the mean of the squared noisy gradient."""

    def square(self, grad, arithmetic):
        return grad * grad + DEVIATION**2


def schedule(rows: Sequence[Row], method: type[AdamW] = AdamW, steps: int | None = None, device: str = "cpu") -> AdamW:
    """Theorem 1's hyperparameters of each row, beta2 at the upper end; for `steps` long steps in place of the row's K."""

    def column(values: Iterable[float]) -> Tensor:
        return torch.tensor(list(values), dtype=torch.float64, device=device)

    stride = column(row.case.horizon / (steps or row.case.horizon) for row in rows)
    fresh = stride * column(row.case.value(theorem.ONE_MINUS_THETA) for row in rows)
    return method(
        lr=stride * column(row.case.value(theorem.LR) for row in rows),
        beta1=1 - fresh,
        beta2=(1 - fresh).sqrt(),
        eps=column(row.case.value(theorem.EPS) for row in rows),
        weight_decay=column(row.weight_decay for row in rows),
    )


def gradient_of(rows: Sequence[Row], device: str) -> Callable[[Tensor], Tensor]:
    """f' of every row at points (rows, copies); rows of one family stand together."""
    groups = [(family, list(members)) for family, members in groupby(rows, lambda row: row.case.family)]
    functions = [place(family, [row.case.minimiser for row in members], device) for family, members in groups]
    sizes = [len(members) for _, members in groups]

    def gradient(x: Tensor) -> Tensor:
        parts = zip(functions, x.split(sizes), strict=True)
        return torch.cat([function.gradient(points[..., None])[..., 0] for function, points in parts])

    return gradient


def noise_of(copies: int, rng: torch.Generator | None, device: str) -> Iterator[Tensor | int]:
    """Normal noise of one step after another, (1, copies), drawn many steps at a time; none without an rng."""
    while True:
        many = (256, 1, copies)
        yield from [0] if rng is None else DEVIATION * torch.randn(many, generator=rng, dtype=torch.float64, device=device)


def follow(
    rows: Sequence[Row], optimizer: AdamW, steps: int, copies: int = 1, rng: torch.Generator | None = None,
    device: str = "cpu", progress: Progress = silent,
) -> Followed:
    """`copies` runs of each row from its x^1, with normal noise when there is an rng.

    The copies of a row are independent; all rows meet the same noise, so that they differ by their setting alone.
    """
    arithmetic, gradient = TorchArithmetic(device), gradient_of(rows, device)
    starts = torch.tensor([row.case.start for row in rows], dtype=torch.float64, device=device)
    state = optimizer.init(starts[:, None].repeat(1, copies), arithmetic)
    noise = noise_of(copies, rng, device)
    size, late, reach = torch.zeros_like(state.x), torch.zeros_like(state.x), state.x.abs()
    late_from = 3 * steps // 4
    for k in range(steps):
        slope = gradient(state.x)
        size += slope.abs()
        late += slope if k >= late_from else 0
        torch.maximum(reach, state.x.abs(), out=reach)
        state = optimizer.step(state, slope + next(noise), arithmetic)
        if k % 256 == 0:
            progress(k / steps)
    return Followed(size / steps, late / (steps - late_from), reach)


@dataclass(frozen=True)
class Curve:
    """The predicted mean of |f'| over a run, at weight decays of one case."""

    weight_decays: np.ndarray
    means: np.ndarray

    def reaches(self, level: float) -> float | None:
        """The smallest weight_decay whose predicted mean is `level`, None if there is none on the curve."""
        above = np.flatnonzero(self.means >= level)
        if not len(above) or above[0] == 0:
            return None
        ends = slice(above[0] - 1, above[0] + 1)
        return float(np.exp(np.interp(np.log(level), np.log(self.means[ends]), np.log(self.weight_decays[ends]))))


def predict(cases: Sequence[Case], largest: float, points: int = 40) -> dict[Case, Curve]:
    """Noise-free runs from half the bound at s = 1/5 up to weight_decay |x*| = largest.

    STEPS steps whatever K is, each as long as K / STEPS: what the start and the momenta leave behind is forgotten within some
    1 / (1 - theta) steps, many of these, so that the mean over a run is off by about the share of one step, 1 / STEPS.
    """
    grids = {case: np.geomspace(case.bound(FIFTH / 2), largest / case.minimiser, points) for case in cases}
    rows = [Row(case, float(decay)) for case, grid in grids.items() for decay in grid]
    means = follow(rows, schedule(rows, NoiseFree, STEPS), STEPS).size[:, 0].numpy()
    return {case: Curve(grid, part) for (case, grid), part in zip(grids.items(), np.split(means, len(grids)), strict=True)}


def slope_at(case: Case, point: float) -> float:
    """f' at a point."""
    return float(case.function.gradient(torch.tensor([[point]], dtype=torch.float64)))


def settled(case: Case, weight_decay: float) -> float:
    """x at the root of BALANCE nearest to x*, to machine precision."""
    level = case.value(theorem.EPS)
    # Left of x*, |f'| grows for pi/2 / w at least, w = L / STEEPEST, in each family: no second root comes before.
    nearest = case.minimiser - math.pi / 2 * float(1 / case.function.rate)
    return brentq(lambda point: balance(slope_at(case, point), point, weight_decay, DEVIATION, level),
                  nearest, case.minimiser, xtol=1e-15)


def crude(case: Case, weight_decay: float) -> float:
    """|f'| where f'^2 is dropped from under the root and x is taken to be x*, to show how far that is off."""
    return weight_decay * case.minimiser * (DEVIATION**2 + case.value(theorem.EPS)) ** 0.5


def unsettled(case: Case, weight_decay: float) -> float:
    """What is left of |f'(x^1) - f'(root)| after three quarters of the run: the pull of f is weakest at one of the two."""
    root = settled(case, weight_decay)
    pull = sp.diff(BALANCE, slope).subs({noise: DEVIATION, eps: case.value(theorem.EPS)})
    points = torch.tensor([[root], [case.start]], dtype=torch.float64)
    bend = case.function.repeat(2).hessian(points)[:, 0, 0]
    weakest = min(float(pull.subs(slope, slope_at(case, float(p))) * b) for p, b in zip(points, bend, strict=True))
    time = 0.75 * case.horizon * case.value(theorem.LR)
    return abs(slope_at(case, case.start) - slope_at(case, root)) * math.exp(-weakest * time)


def meets(case: Case) -> float:
    """The multiple of the bound at s = 1/5 at which BALANCE puts a quadratic's plateau on the rate."""
    rate = case.value(RATE, FIFTH)
    return resting(-rate, case.minimiser - rate, DEVIATION, case.value(theorem.EPS)) / case.bound(FIFTH)
