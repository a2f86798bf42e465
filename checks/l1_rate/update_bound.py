"""Exercise |m| ≤ (2/√3)√v and |m̃| ≤ (3/2)√v on real AdamW runs, worst-case gradients and near misses among them."""

from __future__ import annotations

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import (
    Approached,
    Attained,
    Check,
    Defining,
    Exact,
    Inputs,
    Measure,
    Measured,
    Necessary,
    Tolerance,
    column,
)
from checks.optimizers import AdamW, run
from checks.optimizers.optimizer import averaged
from theory.l1_rate.update_bound import CLAIM


def uniform(generator: torch.Generator, *shape: int) -> torch.Tensor:
    """Uniform numbers in [0, 1), float64."""
    return torch.rand(*shape, generator=generator, dtype=torch.float64)


def decays(generator: torch.Generator, batch: int, part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """(theta, beta), each (batch,): θ ≤ β ≤ √θ strictly inside for Lemma 2, else what the part allows; to 1 - 1e-4."""
    theta = 1 - 10 ** (-4 * uniform(generator, batch))
    theta = theta.clamp(min=1e-3)
    if part in ("adamw", "nadamw", "constant"):
        exponent = 1 - uniform(generator, batch).round(decimals=1) / 2  # often at an end
        below_root = theta.sqrt() * (1 - 2.0**-52)  # so that its exact square is not above θ
        return theta, torch.minimum(torch.maximum(theta, theta**exponent), below_root)
    if part == "limit":
        return theta, theta**2 + (1 - theta**2) * (0.01 + 0.98 * uniform(generator, batch))
    return theta, 1e-3 + 0.998 * uniform(generator, batch)


def growing(theta: torch.Tensor, beta: torch.Tensor, steps: int) -> torch.Tensor:
    """The worst gradients (batch, steps), g_{K-j} = (θ/β)^j, largest entry one."""
    ratio = torch.log(beta / theta)[:, None] * torch.arange(steps, dtype=torch.float64)
    return torch.exp(ratio - ratio.amax(1, keepdim=True))


def sample(generator: torch.Generator, batch: int, part: str, steps: int, scale: float) -> Inputs:
    """Gradients (batch, steps): worst case, near it, noise, sparse, sign-flipping; times 10^scale."""
    theta, beta = decays(generator, batch, part)
    kind = uniform(generator, batch, 1)
    worst = growing(theta, beta, steps)
    noise = torch.randn(batch, steps, generator=generator, dtype=torch.float64)
    g = torch.where(kind < 0.4, worst * (1 + 0.1 * noise), noise * (uniform(generator, batch, steps) < kind))
    if part == "attained":
        g = worst
    v0 = torch.where(kind[:, 0] < 0.7, 0.0, uniform(generator, batch)) * (part != "attained")
    tau = theta + (1 - theta) * uniform(generator, batch).round(decimals=1)
    return {"K": steps, "theta": theta, "beta": beta, "tau": tau.clamp(max=1), "g": g * 10.0**scale,
            "v0": v0 * 100.0**scale, "m0": torch.zeros(batch, dtype=torch.float64)}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """Run AdamW's moments on one coordinate fed with the gradients; m̃ mixes m and g as NAdamW does."""
    names = ("theta", "beta", "tau", "g", "v0", "m0")
    theta, beta, tau, g, v0, m0 = (arithmetic.array(inputs[name]) for name in names)
    steps, optimizer = inputs["K"], AdamW(lr=0, beta1=theta, beta2=beta, eps=1)
    start = arithmetic.zeros((len(g), 1))
    path = run(optimizer, start, lambda x, t: g[:, t - 1, None], steps, arithmetic, m0=m0[:, None], v0=v0[:, None])
    with arithmetic.working():
        double = averaged(tau[:, None], path.m[:, 1:, 0], g)
    return {"K": steps, "theta": theta, "beta": beta, "tau": tau, "g": g, "m": path.m[..., 0], "v": path.v[..., 0],
            "mtilde": double}


def one_run(theta: float, beta: float, g: list[float], tau: float = 1.0, m0: float = 0.0, v0: float = 0.0) -> Inputs:
    """One instance with the given gradients."""
    return {"K": len(g), "theta": column(theta), "beta": column(beta), "tau": column(tau), "g": column([g]),
            "v0": column(v0), "m0": column(m0)}


def worst_run(theta: float, beta: float, steps: int, tau: float = 1.0) -> Inputs:
    """The gradients that maximise |m̃_K|/√v_K (|m_K|/√v_K for τ = 1)."""
    g = growing(column(theta), column(beta), steps)[0]
    g[:-1] *= tau * (1 - theta) / (1 - tau * theta)
    return one_run(theta, beta, (g / g.abs().max()).tolist(), tau)


def root(theta: float) -> float:
    """The largest β allowed, √θ, safely rounded down."""
    return theta**0.5 * (1 - 2.0**-52)


def replaced(**entries: list[float]) -> Measure:
    """A measurement with some measured values overwritten: it breaks just what defines them."""

    def altered(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        return {**measure(inputs, arithmetic), **{name: arithmetic.array([value]) for name, value in entries.items()}}

    return altered


CHECK = Check(
    claim=CLAIM,
    space={"steps": st.integers(1, 24), "scale": st.floats(-3, 3)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-11, "24 steps of two recurrences and a sum, each rounding by 2^-53, with 1/(1-θ), 1/(1-β) ≤ 1e4"),
    tightness={
        "worst_case": Attained(lambda: one_run(0.5, 0.25, [8.0, 4.0, 2.0, 1.0])),
        "limit": Approached(lambda: [worst_run(0.5, 0.5, steps) for steps in (2, 8, 30)], 1 - 1e-8,
                            "after k steps the ratio is 1 - (θ²/β)^k"),
        "adamw": Approached(lambda: [worst_run(theta, root(theta), 600) for theta in (0.5, 0.9, 0.99)], 0.9999,
                            "worst gradients with β = √θ and θ towards 1: c² = (1+√θ)²/(1+√θ+θ) rises to 4/3"),
        "constant": Approached(lambda: [one_run(theta, root(theta), [1.0]) for theta in (0.5, 0.9, 0.99)], 0.9999,
                               "β = √θ, θ towards 1"),
        "nadamw": Approached(lambda: [worst_run(0.553, root(0.553), steps, 0.553) for steps in (1, 3, 30)], 0.95,
                             "worst gradients; the supremum is 1.4305, so 3/2 has 5% to spare"),
        "attained": Exact(),
    },
    necessity={
        "below one": Defining("worst_case"),
        "start": Necessary("adamw", lambda: one_run(0.5, 0.5, [0.0], m0=1.0)),
        "momentum": Necessary("adamw", lambda: one_run(0.5, 0.5, [1.0]), replaced(m=[0.0, 9.0])),
        "second moment": Necessary("adamw", lambda: one_run(0.5, 0.5, [1.0]), replaced(v=[0.0, 0.0])),
        "some second-moment memory": Defining("worst_case"),
        "fading memory": Defining("limit"),
        "order": Necessary("adamw", lambda: worst_run(0.875, 0.5, 10)),
        "root": Necessary("adamw", lambda: one_run(0.125, 0.9375, [1.0])),
        "first-moment memory": Defining("constant"),
        "weight above": Necessary("nadamw", lambda: one_run(0.75, 0.75, [1.0], tau=0.0)),
        "weight below": Necessary("nadamw", lambda: one_run(0.5, 0.5, [1.0, 1.0, 1.0, 1.0, 0.0], tau=3.0)),
        "double momentum": Necessary("nadamw", lambda: one_run(0.5, 0.5, [1.0]), replaced(mtilde=[9.0])),
        "v starts at zero": Necessary("attained", lambda: one_run(0.5, 0.25, [2.0, 1.0], v0=1.0)),
        "growth": Necessary("attained", lambda: one_run(0.5, 0.25, [1.0, 1.0])),
    },
)
