"""Exercise the update-size bound on batches of real Adam runs whose gradients grow, shrink, vanish and flip sign."""

from __future__ import annotations

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import (
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
from checks.optimizers import Adam, run
from theory.implicit_bias.update_size_bound import CLAIM


def uniform(generator: torch.Generator, *shape: int) -> torch.Tensor:
    """Uniform numbers in [0, 1), float64."""
    return torch.rand(*shape, generator=generator, dtype=torch.float64)


def sample(generator: torch.Generator, batch: int, part: str, steps: int, trend: float, wild: float) -> Inputs:
    """Decay rates from 0 to almost 1, gradients (batch, steps) drifting by 10^trend with bursts of 10^wild."""
    beta2 = 1 - 10 ** (-4 * uniform(generator, batch))
    share = torch.where(uniform(generator, batch) < 0.2, torch.ones(batch), uniform(generator, batch))
    beta1 = beta2 if part == "equal_betas" else beta2 * share
    drift = 10 ** (trend * torch.linspace(0, 1, steps, dtype=torch.float64))
    burst = 10 ** (wild * uniform(generator, batch, steps))
    g = torch.randn(batch, steps, generator=generator, dtype=torch.float64) * drift * burst
    g = torch.where(uniform(generator, batch, 1) < 0.3, g.abs(), g)
    v0 = 10 ** (4 * uniform(generator, batch) - 2)
    rate = uniform(generator, batch, steps) * (uniform(generator, batch, steps) < 0.9)
    rate[:, 0] += 1e-3  # at least one step is taken
    m0 = (2 * uniform(generator, batch) - 1) * 0.999 * v0.sqrt()
    return {"T": steps, "beta1": beta1, "beta2": beta2, "g": g, "v0": v0, "m0": m0, "eta": rate}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """Run Adam (ε = 0, started at m0, v0) on one coordinate with the given gradients."""
    beta1, beta2, g, v0, m0, eta = (arithmetic.array(inputs[k]) for k in ("beta1", "beta2", "g", "v0", "m0", "eta"))
    adam = Adam(lr=eta, beta1=beta1, beta2=beta2, eps=0)
    start = arithmetic.zeros((len(g), 1))
    path = run(adam, start, lambda x, t: g[:, t - 1, None], inputs["T"], arithmetic, m0=m0[:, None], v0=v0[:, None])
    return {"T": inputs["T"], "beta1": beta1, "beta2": beta2, "g": g, "eta": eta,
            "m": path.m[..., 0], "v": path.v[..., 0]}


def one_run(beta1: float, beta2: float, g: list[float], m0: float = 0.0, v0: float = 1.0, eta: float = 1.0) -> Inputs:
    """One instance with constant learning rate."""
    return {"T": len(g), "beta1": column(beta1), "beta2": column(beta2), "g": column([g]), "v0": column(v0),
            "m0": column(m0), "eta": torch.full((1, len(g)), eta, dtype=torch.float64)}


def replaced(**entries: float | list[float]) -> Measure:
    """A measurement with some measured values overwritten: it breaks just what defines them."""

    def altered(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        given = {name: arithmetic.array([value]) for name, value in entries.items()}
        return {**measure(inputs, arithmetic), **given}

    return altered


CHECK = Check(
    claim=CLAIM,
    space={"steps": st.integers(1, 30), "trend": st.floats(-3, 3), "wild": st.floats(0, 2)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-10, "30 steps of recurrences and a double sum, each step rounding by 2^-53 relative; 1/(1-β2) ≤ 1e4"),
    tightness={
        "weights": Exact(),
        "one_step": Attained(lambda: one_run(0.5, 0.5, [1.0, 1.0], m0=1.0)),
        "average": Attained(lambda: one_run(0.5, 0.75, [1.0, 1.0, 1.0], m0=1.0)),
        "equal_betas": Attained(lambda: one_run(0.5, 0.5, [1.0, 1.0], m0=1.0)),
        "regrouped": Exact(),
    },
    necessity={
        "order": Necessary("average", lambda: one_run(0.875, 0.125, [1.0, 1.0, 1e-3, 1e-3], m0=1.0)),
        "below one": Defining("average"),
        "start": Necessary("average", lambda: one_run(0.5, 0.5, [1.0], m0=8.0)),
        "momentum": Necessary("average", lambda: one_run(0.5, 0.5, [1.0, 1.0]), replaced(m=[0.0, 9.0, 9.0])),
        "second moment": Necessary("average", lambda: one_run(0.5, 0.5, [8.0, 8.0]), replaced(v=[1.0, 1.0, 1.0])),
        "some rate": Defining("average"),
        "equal betas": Necessary("equal_betas", lambda: one_run(0.5, 0.9, [8.0, 8.0])),
    },
)
