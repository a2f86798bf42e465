"""Exercise the one-step descent on every step of real NAdamW runs over noisy, smooth functions."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import Attained, Check, Inputs, Measure, Measured, Necessary, Tolerance
from checks.l1_rate.noisy_runs import Runs, quadratic_run, sample_adamw, sample_runs
from checks.problems import FAMILIES
from theory.l1_rate.one_step_descent import CLAIM

SHAPES = [(1, 1), (1, 20), (2, 10), (3, 5), (6, 8)]  # (d, K): one path only, so they need not be small


def sample(generator: torch.Generator, batch: int, part: str, size: tuple[int, int], family: str, loud: float) -> Inputs:
    """One path of NAdamW, with any θ, β < 1, τ ≤ 1."""
    runs = sample_runs(generator, batch, size, family, loud)
    return {**runs, **sample_adamw(generator, runs, nesterov=True)}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """The marked path."""
    runs = Runs(inputs, arithmetic)
    return {**runs.scalars(), **runs.sequences()}


def one_run(L: float = 1.0, eta: float = 0.5, sigma: float = 0.0, theta: float = 0.0, lam: float = 0.0, **more: Any) -> Inputs:
    """One step on f = x²/2 from 1 with L as claimed; the noise points down."""
    return quadratic_run([1.0], [1.0], [sigma], [[-1.0]], L=L, theta=theta, beta=0.0, tau=1.0, eta=eta, eps=1.0, lam=lam,
                         optimizer="nadamw", **more)


def opposed() -> Inputs:
    """All of the proof's inequalities are equations: g = v = 0, and m̃ misses the gradient by what the decay adds."""
    return one_run(sigma=1.0, theta=0.5, lam=1.0, m0=[4.0])


def altered(**entries: list) -> Measure:
    """A measurement with sequences replaced: it breaks just what defines them."""

    def measured(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        return {**measure(inputs, arithmetic), **{name: arithmetic.array(value) for name, value in entries.items()}}

    return measured


CHECK = Check(
    claim=CLAIM,
    space={"size": st.sampled_from(SHAPES), "family": st.sampled_from(sorted(FAMILIES)), "loud": st.floats(-2, 3)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-10, "f and ∇f sum a few tens of terms, each rounding by 2^-53 relative to the terms of the bound"),
    tightness={"descent": Attained(opposed)},
    necessity={
        "direction": Necessary("descent", one_run, altered(r=[[[-8.0]]], x=[[[1.0], [5.0]]], f=[[0.5, 12.5]])),
        "update": Necessary("descent", lambda: one_run(eta=2.0**-20, L=8.0), altered(x=[[[1.0], [2.0]]], f=[[0.5, 2.0]])),
        "quadratic bound": Necessary("descent", lambda: one_run(eta=8.0, L=1 / 64)),
    },
)
