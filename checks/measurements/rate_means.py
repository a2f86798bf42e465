"""What `rates` measures: means of ‖∇f‖ over grids of K, d, σ_s, L and D with rigorous intervals, and their exponents."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import sympy as sp
import torch

from checks.l1_rate.long_runs import METHODS, Method, averages, equal_coordinates, evaluated, largest_slope, settings
from checks.monte_carlo import MonteCarlo
from theory.l1_rate import rate_proof, schedule
from theory.l1_rate.schedule import NOISE2, D, K, L, d, gamma, s, sigma, sigma_hat

GAMMA = 0.5  # the bound on 1-θ; θ is 1/2 where there is no noise
SHOWN = ("AdamW", "Adam", "NAdamW", "SGD")
FACTORS = (0.25, 1.0, 4.0)
"""By which σ_s, L and D are multiplied, one at a time; the noise dominates in all of them: σ_s² ≥ LD/(Kγ²)."""
SQUARES = 2
"""Squares spread further than sizes: SGD gets this many times the paths."""
ERROR = 1e-4
"""The probability that any interval of a whole measurement fails."""


@dataclass(frozen=True)
class Scale:
    """The grid of K and d; dim and steps_apart are d and K where other parameters vary; paths: of one coordinate.

    squares_to, squares_apart: the largest K and steps_apart for SGD, whose squares would ask for too many paths beyond.
    """

    steps: tuple[int, ...]
    dims: tuple[int, ...]
    dim: int
    steps_apart: int
    paths: int
    squares_to: int
    squares_apart: int

    def steps_of(self, method: str) -> list[int]:
        """Every K at which this method is run."""
        return [steps for steps in self.steps if METHODS[method].power == 1 or steps <= self.squares_to]


USUAL = Scale((16, 64, 256, 1024), (10, 100, 1000), 100, 256, 6144, 1024, 256)
FULL = Scale((100, 1000, 10_000, 100_000), (100, 1000, 10_000), 100, 10_000, 8192, 10_000, 1000)


@dataclass(frozen=True)
class Point:
    """One run to measure; the field names are those of the free parameters' symbols."""

    method: str
    family: str
    K: int
    d: int
    L: float = 1.0
    D: float = 1.0
    sigma_s: float = 1.0

    @property
    def numbers(self) -> dict[sp.Symbol, Any]:
        """The schedule's free parameters."""
        return {K: self.K, d: self.d, L: self.L, D: self.D, sigma: self.sigma_s, gamma: GAMMA}


@dataclass(frozen=True)
class Mean:
    """A measured mean of ‖∇f‖₁ (SGD: the root of the mean ‖∇f‖₂²) with its interval, and the bound proved for it."""

    value: float
    lower: float
    upper: float
    bound: float


Means = dict[Point, Mean]


def grid(scale: Scale, method: str, family: str = "quadratic", sigma_s: float = 1.0) -> list[Point]:
    """Every K with every d; in the wells with one d."""
    dims = scale.dims if family == "quadratic" else (scale.dim,)
    return [Point(method, family, steps, dim, sigma_s=sigma_s) for steps in scale.steps_of(method) for dim in dims]


def along(scale: Scale, method: str, parameter: sp.Symbol, noisy: bool) -> list[Point]:
    """The points in which one parameter varies, on quadratics."""
    apart = scale.steps_apart if METHODS[method].power == 1 else scale.squares_apart
    base = Point(method, "quadratic", apart, scale.dim, sigma_s=float(noisy))
    if parameter in (K, d):
        values: Sequence[float] = scale.steps_of(method) if parameter == K else scale.dims
    else:
        values = [factor * getattr(base, parameter.name) for factor in FACTORS]
    changes: list[dict[str, Any]] = [{parameter.name: value} for value in values]
    return [replace(base, **change) for change in changes]


def varied(noisy: bool) -> tuple[sp.Symbol, ...]:
    """The parameters whose exponents are measured."""
    return (K, d, sigma, L, D) if noisy else (K, d, L, D)


def points(scale: Scale) -> list[Point]:
    """All points, each once, those that can run side by side next to each other."""
    found = [p for noisy in (True, False) for method in SHOWN for p in (
        *grid(scale, method, sigma_s=float(noisy)), *(p for n in varied(noisy) for p in along(scale, method, n, noisy)))]
    found += [p for noisy in (True, False) for p in grid(scale, "AdamW", "wells", float(noisy))]
    return sorted(dict.fromkeys(found), key=_together)


def _together(point: Point) -> tuple[Any, ...]:
    return point.method, point.family, point.K, point.sigma_s > 0


def measured(scale: Scale, seed: int, device: str, progress: Callable[[float], None]) -> Means:
    """The means at all points of a scale; the intervals hold all at once except with probability ERROR."""
    groups = [list(group) for _, group in groupby(points(scale), _together)]
    confidence = MonteCarlo(ERROR, sum(group[0].sigma_s > 0 for group in groups))
    found: Means = {}
    total, done = sum(group[0].K for group in groups), 0
    for group in groups:
        # Anew for each group, so that one can be repeated alone; intervals hold at once however runs depend on each other.
        rng = torch.Generator(device).manual_seed(seed)
        found |= side_by_side(group, scale.paths, confidence, rng)
        done += group[0].K
        progress(done / total)
    return found


def side_by_side(group: list[Point], paths: int, confidence: MonteCarlo, rng: torch.Generator) -> Means:
    """The means at points that differ in numbers only; without noise there is one path, whose mean is exact.

    The d coordinates are alike and independent: E‖∇f‖₁ = d E|∇_i f| and E‖∇f‖₂² = d E|∇_i f|², from paths of one coordinate.
    """
    method, first = METHODS[group[0].method], group[0]
    numbers = {symbol: torch.tensor([float(p.numbers[symbol]) for p in group], dtype=torch.float64) for symbol in first.numbers}
    at = settings(method, numbers)
    rows = equal_coordinates(first.family, numbers, at["start"])
    most = largest_slope(rows, method, at, numbers[L]) ** method.power
    there = {name: value.to(rng.device) for name, value in at.items()}
    noisy = first.sigma_s > 0
    paths = (paths * SQUARES if method.power == 2 else paths) if noisy else 1
    values = averages(method.make(there), rows.to(rng.device), first.K, paths, rng, method.power).cpu()
    ends = [values[:, 0]] * 3
    if noisy:
        interval = confidence.bounded_mean(values, 0.0, most)
        ends = [interval.mean, interval.lower, interval.upper]
    whole = [(numbers[d] * end) ** (1 / method.power) for end in ends] + [at["bound"] ** (1 / method.power)]
    return {point: Mean(*map(float, row)) for point, row in zip(group, zip(*whole, strict=True), strict=True)}


# -- exponents ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exponent:
    """Slopes of log mean against the log of a parameter, and what the bound's exponent tends to as K grows."""

    method: str
    parameter: str
    noisy: bool
    measured: float
    lower: float
    upper: float
    bound: float
    limit: sp.Expr


def slope_weights(values: Iterable[float]) -> np.ndarray:
    """w with Σ w_j y_j the least-squares slope of y against log(values)."""
    logs = np.log(np.asarray(list(values), dtype=float))
    centred = logs - logs.mean()
    return centred / (centred @ centred)


def exponent(means: Means, chosen: list[Point], parameter: sp.Symbol) -> Exponent:
    """The slope through the means at these points, between its least and largest value within their intervals."""
    weights = slope_weights(getattr(p, parameter.name) for p in chosen)
    value, lower, upper, bound = np.log([list(asdict(means[p]).values()) for p in chosen]).T
    least, most = np.where(weights > 0, lower, upper), np.where(weights > 0, upper, lower)
    method, noisy = METHODS[chosen[0].method], chosen[0].sigma_s > 0
    return Exponent(method.name, parameter.name, noisy, float(weights @ value), float(weights @ least), float(weights @ most),
                    float(weights @ bound), limit_exponent(method, parameter, noisy))


@functools.cache
def limit_exponent(method: Method, parameter: sp.Symbol, noisy: bool) -> sp.Expr:
    """The limit of ∂ log bound/∂ log parameter as K → ∞, from the claim's own bound; with noise σ̂ is σ_s in the end."""
    local = local_exponent(method, parameter, noisy)
    plain = {symbol: sp.Dummy(symbol.name, positive=True) for symbol in local.free_symbols}
    return sp.limit(local.xreplace(plain), plain[K], sp.oo) if K in plain else sp.simplify(local)


def local_exponent(method: Method, parameter: sp.Symbol, noisy: bool) -> sp.Expr:
    """∂ log bound/∂ log parameter, of the root for SGD, where the noise dominates or is absent."""
    level = sigma if noisy else sp.sqrt(NOISE2.subs(sigma, 0))
    bound = method.bound.subs({sigma_hat: level, s: sp.nsimplify(method.s)}).subs({} if noisy else {sigma: 0})
    return parameter * sp.diff(sp.log(bound), parameter) / method.power


def exponents(means: Means, scale: Scale) -> list[Exponent]:
    """All of them: with noise and without, method by method."""
    return [exponent(means, along(scale, method, parameter, noisy), parameter)
            for noisy in (True, False) for method in SHOWN for parameter in varied(noisy)]


def factors(means: Means, scale: Scale, method: str, sigma_s: float = 1.0) -> tuple[float, float]:
    """The factors of √d(σ̂²LD/K)^{1/4} and of √(dLD/K) that fit the means over K best, relative to their sizes."""
    chosen = [p for p in grid(scale, method, sigma_s=sigma_s) if p.d == scale.dim]
    terms = (sp.sqrt(schedule.d) * rate_proof.q, rate_proof.h)
    sizes = np.array([[float(evaluated(term, {**p.numbers, s: 0})[0]) for term in terms] for p in chosen])
    value = np.array([means[p].value for p in chosen])
    first, second = np.linalg.lstsq(sizes / value[:, None], np.ones(len(value)), rcond=None)[0]
    return float(first), float(second)


def largest_share(means: Means, method: str, family: str) -> float:
    """The largest upper end of an interval over the bound there."""
    return max(mean.upper / mean.bound for point, mean in means.items() if (point.method, point.family) == (method, family))
