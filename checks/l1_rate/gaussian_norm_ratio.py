"""Exercise E‖x‖₁ ≥ √(2d/π) E‖x‖₂ with expectations by quadrature that does not know the claim, and by sampling."""

from __future__ import annotations

import functools
import math

import hypothesis.strategies as st
import mpmath
import numpy as np
import sympy as sp
import torch
from scipy import stats

from checks.arithmetic import Arithmetic, Array
from checks.battery.check import (
    Approached,
    Check,
    Exact,
    Finding,
    Inputs,
    Measure,
    Measured,
    Necessary,
    Searched,
    Tolerance,
)
from theory.core import E
from theory.l1_rate.gaussian_norm_ratio import CLAIM, mean_l1, mean_l2, x

i = sp.Symbol("i", integer=True)
def sample(generator: torch.Generator, batch: int, part: str, d: int) -> Inputs:
    """The law is fixed by d alone, so one instance a batch."""
    return {"d": d}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """E|x_i|, E x_i² and E‖x‖₁ by quadrature of the normal density; E‖x‖₂ by quadrature of its tail probability."""
    with mpmath.workdps(30):
        d = inputs["d"]
        absolute, square = (normal_mean(power) for power in (1, 2))
        return means(d, [absolute] * d, [square] * d, d * absolute, chi_mean(d), arithmetic)


def means(d: int, absolute: list, square: list, l1: object, l2: object, arithmetic: Arithmetic) -> Measured:
    """The measured expectations, each keyed by its own expression; E|x_i| and E x_i² have shape (1, d)."""
    return {"d": d, mean_l1: number([l1], arithmetic), mean_l2: number([l2], arithmetic),
            E(sp.Abs(x[i])): number([absolute], arithmetic), E(x[i] ** 2): number([square], arithmetic)}


def number(values: list, arithmetic: Arithmetic) -> Array:
    return arithmetic.array(np.vectorize(lambda v: mpmath.nstr(v, 28), otypes=[object])(np.array(values, dtype=object)))


@functools.cache
def normal_mean(power: int) -> mpmath.mpf:
    """E|z|^power for standard normal z, by quadrature."""
    return 2 * mpmath.quad(lambda z: z**power * mpmath.npdf(z), [0, 2, 5, 12, 40])


@functools.cache
def chi_mean(d: int) -> mpmath.mpf:
    """E‖x‖₂ = ∫ P(‖x‖₂² > r²) dr: the tail is a regularised incomplete Gamma function; √d ± 14 holds all but 1e-40 of it."""
    middle = mpmath.sqrt(d)
    low = max(mpmath.mpf(0), middle - 14)
    points = [low, *(p for p in (middle - 4, middle) if p > low), middle + 4, middle + 14]
    return low + mpmath.quad(lambda r: mpmath.gammainc(mpmath.mpf(d) / 2, r**2 / 2, regularized=True), points)


def one_hot(length: float) -> Measure:
    """x = ±length·e_j with j uniform, so ‖x‖₁ = ‖x‖₂ = length."""

    def altered(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        d, size = inputs["d"], mpmath.mpf(length)
        return means(d, [size / d] * d, [size**2 / d] * d, size, size, arithmetic)

    return altered


def sampled(arithmetic: Arithmetic, seed: int) -> Finding:
    """The gap E‖x‖₁ - √(2d/π) E‖x‖₂ from normal samples in many dimensions, against its exact value.

    The gap's integrand is Lipschitz with constant √d + √(2d/π), so by Gaussian concentration a mean of n samples is off by
    more than that times √(2 ln(2/p)/n) with probability at most p.
    """
    generator, chance, agrees = torch.Generator().manual_seed(seed), 1e-9, True
    numbers: dict[str, float] = {}
    for d, count in ((64, 40_000), (4096, 1000)):
        draws = torch.randn(count, d, generator=generator, dtype=torch.float64)
        slope = math.sqrt(2 * d / math.pi)
        mean = float((draws.abs().sum(1) - slope * draws.norm(dim=1)).mean())
        exact = d * math.sqrt(2 / math.pi) - slope * stats.chi(d).mean()
        width = (math.sqrt(d) + slope) * math.sqrt(2 * math.log(4 / chance) / count)
        numbers |= {f"d = {d}: sampled": mean, f"d = {d}: exact": exact, f"d = {d}: half width": width}
        agrees &= abs(mean - exact) <= width
    return Finding(agrees, f"means of normal samples agree with the exact gap; error probability {chance:g}", numbers)


CHECK = Check(
    claim=CLAIM,
    space={"d": st.integers(1, 40)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-11, "Gamma functions through logarithms up to 100 and a product of roots; quadrature to 28 digits"),
    tightness={
        "lemma": Approached(lambda: [{"d": d} for d in (1, 10, 200)], 0.998, "the ratio of the sides is 1 - 1/(4d) + ..."),
        "exact": Exact(),
        "ratio": Searched("1/ratio is largest at the largest dimension looked at, 64; the proof finds the limit 1"),
        "decreasing": Searched("neighbouring ratios approach each other as d grows; looked at up to 64"),
        "one_dimension": Exact(),
    },
    necessity={
        "law of |x_i|": Necessary("lemma", lambda: {"d": 9}, one_hot(3.0)),
        "law of x_i²": Necessary("lemma", lambda: {"d": 9}, one_hot(9 * math.sqrt(2 / math.pi))),
        "law of ‖x‖₂": Necessary("exact", lambda: {"d": 9}, one_hot(3.0)),
    },
    experiments={"samples": sampled},
    batch=1,
)
