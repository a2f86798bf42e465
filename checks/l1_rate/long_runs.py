"""Long runs that follow a rate's schedule, by sampling: independent paths of single coordinates of separable functions.

On f = Σ_i a_i φ(w_i (x_i - c_i)) with independent noise, every method here moves each coordinate by itself. A *row* is one
coordinate's law and its columns are independent paths of it, so that a mean over 10⁴ equal coordinates needs one row. The
methods are those of Theorems 1 and 2, their versions without decay, and SGD, each with the bound proved for it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
import torch
from torch import Tensor

from checks.arithmetic import TorchArithmetic
from checks.noise import sample_signs
from checks.optimizers import SGD, Adam, AdamW, NAdamW
from checks.optimizers.optimizer import Optimizer
from checks.problems.cosine_wells import CosineWells
from checks.problems.diagonal_quadratics import DiagonalQuadratic
from checks.problems.separable import Separable
from theory.l1_rate import adam_rate, adamw_rate, nadam_rate, nadamw_rate, schedule, sgd_rate
from theory.l1_rate.schedule import ADAMW_C, D, K, L, d, gamma, s, sigma

NUMBERS = (K, d, L, D, sigma, gamma, s)
S = 0.2  # the fraction of the weight decay's bound that the theorems allow whatever θ is (`schedule.small`)
INSIDE = 1 - 1e-9  # what the schedule bounds above stays this far below, so that rounding does not lift it over
Numbers = Mapping[sp.Symbol, Any]
Settings = Mapping[str, Tensor]


# -- methods -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Method:
    """An optimizer with its schedule and what is proved of it.

    bound: on the mean over the steps of E‖∇f‖₁, for power 1, and of E‖∇f‖₂², for power 2; c: the bound of Lemma 2 on its
    update; s: the fraction of the largest weight decay in use.
    """

    name: str
    bound: sp.Expr
    make: Callable[[Settings], Optimizer]
    c: Any = ADAMW_C
    s: float = 0.0
    power: int = 1


def _moments(at: Settings) -> dict[str, Any]:
    return {name: at[name] for name in ("lr", "beta1", "beta2", "eps")}


METHODS = {method.name: method for method in (
    Method("AdamW", adamw_rate.CLAIM.part("rate").conclusion.rhs, s=S,
           make=lambda at: AdamW(**_moments(at), weight_decay=at["weight_decay"])),
    Method("Adam", adam_rate.CLAIM.part("sharper").conclusion.rhs, make=lambda at: Adam(**_moments(at))),
    Method("NAdamW", nadamw_rate.CLAIM.part("rate").conclusion.rhs, s=S, c=schedule.NADAMW_C,
           make=lambda at: NAdamW(**_moments(at), weight_decay=at["weight_decay"])),  # τ = θ
    Method("NAdam", nadam_rate.CLAIM.part("sharper").conclusion.rhs, c=schedule.NADAMW_C, make=lambda at: NAdamW(**_moments(at))),
    Method("SGD", sgd_rate.CLAIM.part("squares").conclusion.rhs, power=2, make=lambda at: SGD(at["lr"])),
)}


@functools.cache
def _compiled(formula: sp.Expr) -> Callable[..., Any]:
    return sp.lambdify(NUMBERS, schedule.closed(sp.sympify(formula)), "numpy")


def evaluated(formula: Any, numbers: Numbers) -> Tensor:
    """`schedule.value` of a formula for many free parameters at once: (B,) float64, on the CPU."""
    columns = np.broadcast_arrays(*(np.asarray(numbers[symbol], dtype=float) for symbol in NUMBERS), np.zeros(1))[:-1]
    return torch.as_tensor(np.broadcast_to(_compiled(formula)(*columns), columns[0].shape).copy())


def settings(method: Method, numbers: Numbers) -> dict[str, Tensor]:
    """The method's parameters (B,) at free parameters K, d, L, D, σ_s, γ (numbers or (B,)), its bound, and ‖x¹‖∞ (start).

    β is √θ, the largest it may be; decay and start stand at their bounds.
    """
    numbers = {**numbers, s: method.s}
    formulas = {
        "lr": schedule.LR, "beta1": 1 - schedule.ONE_MINUS_THETA, "beta2": sp.sqrt(1 - schedule.ONE_MINUS_THETA),
        "eps": schedule.EPS, "weight_decay": schedule.WEIGHT_DECAY_BOUND * INSIDE, "start": schedule.START_BOUND * INSIDE,
        "reach": schedule.radius(method.c) * sp.sqrt(schedule.ONE_MINUS_THETA), "bound": method.bound,
    }
    if method.power == 2:
        formulas["lr"] = sgd_rate.rate["learning rate"].rhs
    return {name: evaluated(formula, numbers) for name, formula in formulas.items()}


# -- instances ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """B coordinates: functions of one variable, starts (B,), standard deviations of the noise (B,)."""

    problem: Separable
    start: Tensor
    noise: Tensor

    def to(self, device: torch.device | str) -> Rows:
        """The same on another device."""
        return Rows(self.problem.to(device=device), self.start.to(device), self.noise.to(device))


FIRST = {"quadratic": (DiagonalQuadratic, 1.0), "wells": (CosineWells, 2.0)}
"""A family's profile, and w(x¹ - c): in the wells at 2, where the curvature is negative."""


def equal_coordinates(family: str, numbers: Numbers, start: Tensor) -> Rows:
    """One row for each entry of the free parameters: all d coordinates are alike, and f has just this L, D and σ_s.

    D = d a φ(z) and L = a w² give a and w at z = w(x¹ - c); the start is given, and the centre lies below it.
    """
    kind, z = FIRST[family]
    columns = torch.broadcast_tensors(*(torch.as_tensor(numbers[n], dtype=torch.float64) for n in (d, L, D, sigma)), start)
    dim, smooth, gap, noise = columns[:4]
    amplitude = gap / (dim * kind.phi(torch.tensor(z, dtype=torch.float64)))
    rate = (smooth / amplitude).sqrt()
    problem = kind(amplitude[:, None], rate[:, None], (start - z / rate)[:, None], torch.zeros_like(start))
    return Rows(problem, start, noise / dim.sqrt())


def largest_slope(rows: Rows, method: Method, at: Settings, smooth: Tensor) -> Tensor:
    """A bound (B,) on |∇_i f| that holds on every path. In the wells it is a w.

    Quadratics, G = ∇_i f = a(x_i - c_i) with a ≤ L = `smooth`, noise |g - G| ≤ σ. SGD: G becomes (1-ηa)G + ηa(G - g), a
    weighted mean, so |G| ≤ max(|G¹|, σ). Else let κ = C√(1-θ) ≥ λ|x_i| (Theorem 1's box), and M be the bound. While G > b :=
    σ + κ(M + σ + √ε), every g is at least b - σ, which is at least κ√(v+ε). So if this begins at step k, then at step k + j
    the momentum is at least (1-θ^{j+1})κ√(v+ε) - θ^{j+1}|m^{k-1}|, and by Lemma 2, with θ ≤ β, θ^{j+1}|m^{k-1}| is at most
    (2/√3)√θ^{j+1}√v. Summed over j, x_i grows by at most η(κ + 4/√3)/(1-θ), G by √ε(κ/2 + 2/√3), since 2Lη = (1-θ)√ε.
    It begins at G¹, or after one step, of at most Lη(c+κ), from below b. The other sign is the same.
    """
    start = rows.problem.gradient(rows.start[:, None])[:, 0].abs()
    if isinstance(rows.problem, CosineWells):
        return (rows.problem.amplitude * rows.problem.rate)[:, 0]
    if method.power == 2:
        return torch.maximum(start, rows.noise)
    kappa, root, noise = at["reach"], at["eps"].sqrt(), rows.noise
    further = root * (kappa / 2 + float(ADAMW_C))
    begun = noise + kappa * (noise + root) + smooth * at["lr"] * (float(method.c) + kappa)
    return torch.maximum(start + further, (begun + further) / (1 - kappa))


# -- runs --------------------------------------------------------------------------------------------------------------


def averages(
    optimizer: Optimizer, rows: Rows, steps: int, paths: int, rng: torch.Generator, power: int = 1,
    progress: Callable[[], None] = lambda: None,
) -> Tensor:
    """(1/K) Σ_k |∇_i f(x^k)|^power on every sampled path: (B, paths), on the device of rows and rng.

    progress is called after each step.
    """
    ops = TorchArithmetic(rows.start.device)
    state = optimizer.init(rows.start[:, None].expand(-1, paths).clone(), ops)
    total = ops.zeros(state.x.shape)
    for _ in range(steps):
        slope = rows.problem.gradient(state.x[..., None])[..., 0]
        total += slope.abs() if power == 1 else slope * slope
        state = optimizer.step(state, slope + sample_signs(rng, rows.noise[:, None], paths)[..., 0], ops)
        progress()
    return total / steps
