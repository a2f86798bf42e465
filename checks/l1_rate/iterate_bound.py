"""Exercise the iterate bound on real AdamW and NAdamW runs: worst gradients, noise, and Theorem 1's schedule."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic, Array
from checks.battery.check import (
    Approached,
    Attained,
    Check,
    Defining,
    Inputs,
    Measure,
    Measured,
    Necessary,
    Searched,
    Tolerance,
    Unknown,
    column,
)
from checks.l1_rate.update_bound import decays, growing, uniform
from checks.optimizers import AdamW, NAdamW, run
from checks.optimizers.optimizer import averaged
from theory.l1_rate.iterate_bound import CLAIM

NEUTRAL = {"d": 1, "L": 1.0, "D": 1.0, "gamma": 1.0, "sigma_s": 1.0, "sigma_hat": 1.0}
"""Symbols of the schedule that no part's statement speaks of."""

SCALARS = ("theta", "beta", "tau", "c", "eta", "lambda", "epsilon", "s", "R")


def sample(generator: torch.Generator, batch: int, part: str, steps: int, scale: float) -> Inputs:
    """Gradients (batch, steps) times 10^scale; for the parts of a given |u| ≤ c, updates u drawn instead."""
    theta, beta = decays(generator, batch, "adamw")
    kind, sign = uniform(generator, batch, 1), torch.where(uniform(generator, batch, 1) < 0.5, -1.0, 1.0)
    noise = torch.randn(batch, steps, generator=generator, dtype=torch.float64)
    g = torch.where(kind < 0.5, sign * growing(theta, beta, steps) * (1 + 0.1 * noise), noise)
    c = 1.5 * uniform(generator, batch)
    extreme = torch.where(kind < 0.5, -sign, 2 * uniform(generator, batch, steps) - 1)
    s, radius = 0.199 * uniform(generator, batch) + 1e-3, 10**scale * (1e-3 + uniform(generator, batch))
    rounding = 1 - 2.0**-50  # so that products meet their bounds exactly
    if part in ("schedule", "below_one"):
        eta = radius / (2 * steps)
        decay = s * (1 - theta).sqrt() / radius * rounding * torch.where(kind[:, 0] < 0.8, 1.0, 0.0)
        x1 = radius * torch.where(kind[:, 0] < 0.5, sign[:, 0], 2 * uniform(generator, batch) - 1)
    else:
        eta = 10 ** (-3 * uniform(generator, batch))
        decay = rounding * uniform(generator, batch).round(decimals=1) / eta
        x1 = 10**scale * torch.randn(batch, generator=generator, dtype=torch.float64)
    tau = (theta + (1 - theta) * uniform(generator, batch).round(decimals=1)).clamp(max=1)
    return {"K": steps, "theta": theta, "beta": beta, "tau": tau, "c": c, "eta": eta, "lambda": decay,
            "epsilon": 10 ** (2 * scale - 8 * uniform(generator, batch)), "s": s, "R": radius, "x1": x1,
            "g": g * 10.0**scale, "u": c[:, None] * extreme, "part": part}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """Run AdamW or NAdamW on one coordinate; for the parts of a given |u| ≤ c, the decayed walk with those updates."""
    h = {name: arithmetic.array(inputs[name]) for name in (*SCALARS, "g", "u", "x1")}
    common = dict(lr=h["eta"], beta1=h["theta"], beta2=h["beta"], eps=h["epsilon"], weight_decay=h["lambda"])
    optimizer = NAdamW(**common, tau=h["tau"]) if inputs["part"] == "nadamw" else AdamW(**common)
    path = run(optimizer, h["x1"][:, None], lambda x, t: h["g"][:, t - 1, None], inputs["K"], arithmetic)
    with arithmetic.working():
        double = averaged(h["tau"][:, None], path.m[:, 1:, 0], h["g"])
        given = inputs["part"] not in ("adamw", "nadamw")
        x, u = (walk(h, arithmetic), h["u"]) if given else (path.x[..., 0], path.update[..., 0])
    scalars = {name: h[name] for name in SCALARS}
    return {**NEUTRAL, "K": inputs["K"], **scalars, "x": x, "u": u, "m": path.m[..., 0], "v": path.v[..., 0], "g": h["g"],
            "mtilde": double}


def walk(h: dict[str, Array], arithmetic: Arithmetic) -> Array:
    """x^{k+1} = (1-λη) x^k - η u^k for given updates, (B, K+1)."""
    x = [h["x1"]]
    for k in range(h["u"].shape[1]):
        x.append((1 - h["lambda"] * h["eta"]) * x[-1] - h["eta"] * h["u"][:, k])
    return arithmetic.stack(x, 1)


def from_formula(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """NAdamW's update and walk from its formula, for weights τ the optimizer would refuse."""
    found = measure({**inputs, "part": "adamw"}, arithmetic)
    with arithmetic.working():
        u = found["mtilde"] / arithmetic.sqrt(found["v"][:, 1:] + found["epsilon"][:, None])
        h = {**found, "u": u, "x1": arithmetic.array(inputs["x1"])}
        return {**found, "u": u, "x": walk(h, arithmetic)}


def one_run(part: str, **given: Any) -> Inputs:
    """One instance: a quiet one, with the given values changed."""
    quiet = {"theta": 0.5, "beta": 0.5, "tau": 1.0, "c": 1.0, "eta": 0.25, "lambda": 1.0, "epsilon": 1.0, "s": 0.125,
             "R": 1.0, "x1": 0.0, "g": [1.0, 1.0], "u": [-1.0, -1.0]}
    entries: dict[str, Any] = {**quiet, **given}
    numbers = {name: column([value]) for name, value in entries.items()}
    return {"K": len(entries["g"]), "part": part, **numbers}


def replaced(**entries: list[float]) -> Measure:
    """A measurement with some measured values overwritten: it breaks just what defines them."""

    def altered(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        return {**measure(inputs, arithmetic), **{name: arithmetic.array([value]) for name, value in entries.items()}}

    return altered


def step_only(part: str, **given: Any) -> Inputs:
    """One run with λη = 1 and ε = 2^-40, so that λ|x^{k+1}| = |u^k|."""
    return one_run(part, **{"lambda": 4.0, "epsilon": 2.0**-40, **given})


def worst_step(beta: float, steps: int) -> Inputs:
    """The gradients that make the last |u| largest, with θ = β²."""
    g = growing(column(beta**2), column(beta), steps)[0].tolist()
    return step_only("adamw", theta=beta**2, beta=beta, g=g, u=[0.0] * steps)


JUMP = replaced(u=[9.0], x=[0.0, -2.25])
CHECK = Check(
    claim=CLAIM,
    space={"steps": st.integers(1, 24), "scale": st.floats(-3, 3)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-11, "24 steps of three recurrences, each rounding by 2^-53, with 1/(1-θ), 1/(1-β) ≤ 1e4"),
    tightness={
        "geometric": Attained(lambda: one_run("geometric", x1=1.0)),
        "linear": Attained(lambda: one_run("linear", x1=1.0, **{"lambda": 0.0})),
        "adamw": Approached(lambda: [worst_step(beta, steps) for beta, steps in ((0.5, 8), (0.875, 40), (0.96875, 160))], 0.999,
                            "λη = 1, so that λ|x| = |u|, which tends to c as θ = β² tends to 1"),
        "nadamw": Searched("worst gradients of Lemma 2 on every step size and weight τ"),
        "schedule": Approached(lambda: [
            one_run("schedule", theta=0.75, s=s, x1=1.0, **{"lambda": s / 2}) for s in (0.2, 0.02, 0.002)
        ], 0.999, "start at the edge, all updates outwards, s to 0"),
        "below_one": Searched("the radius C√(1-θ) is at most 1/√8 by the hypothesis 8C²(1-θ) ≤ 1"),
        "fraction": Approached(lambda: [
            one_run("fraction", s=0.2 * (1 - 2.0**-50), c=1.5, theta=theta) for theta in (0.5, 0.0)
        ], 0.979, "0.98 at s = 1/5, c = 3/2, θ = 0"),
    },
    necessity={
        "iteration": Necessary("geometric", lambda: one_run("geometric"), replaced(x=[0.0, 9.0, 9.0])),
        "small decay": Necessary("geometric", lambda: one_run("geometric", x1=1.0, c=0.0, u=[0.0, 0.0], **{"lambda": 12.0})),
        "direction": Necessary("geometric", lambda: one_run("geometric", u=[9.0, 9.0])),
        "below one": Unknown("θ ≤ β, β² ≤ θ and β ≥ 1 leave only θ = β = 1, where m stays 0 and the bound holds"),
        "order": Necessary("adamw", lambda: step_only("adamw", theta=0.875, beta=0.5, g=growing(
            column(0.875), column(0.5), 10)[0].tolist(), u=[0.0] * 10)),
        "root": Necessary("adamw", lambda: step_only("adamw", theta=0.125, beta=0.9375, g=[1.0], u=[0.0])),
        "start of m": Necessary("adamw", lambda: step_only("adamw", epsilon=1.0, g=[0.0], u=[0.0]),
                                replaced(m=[8.0, 4.0], u=[4.0], x=[0.0, -1.0])),
        "momentum": Necessary("adamw", lambda: step_only("adamw", epsilon=1.0, g=[0.0], u=[0.0]),
                              replaced(m=[0.0, 9.0], u=[9.0], x=[0.0, -2.25])),
        "second moment": Necessary("adamw", lambda: step_only("adamw", epsilon=2.0**-20, g=[1.0], u=[0.0]),
                                   replaced(v=[0.0, 0.0], u=[512.0], x=[0.0, -128.0])),
        "update": Necessary("adamw", lambda: step_only("adamw", g=[0.0], u=[0.0]), JUMP),
        "weight above": Necessary("nadamw", lambda: step_only(
            "nadamw", theta=0.75, beta=0.75, tau=0.0, g=[1.0], u=[0.0])),
        "weight below": Necessary("nadamw", lambda: step_only(
            "nadamw", tau=3.0, g=[1.0, 1.0, 1.0, 1.0, 0.0], u=[0.0] * 5), from_formula),
        "double momentum": Necessary("nadamw", lambda: step_only("nadamw", epsilon=1.0, g=[0.0], u=[0.0]),
                                     replaced(mtilde=[9.0], u=[9.0], x=[0.0, -2.25])),
        "update of NAdamW": Necessary("nadamw", lambda: step_only("nadamw", g=[0.0], u=[0.0]), JUMP),
        "first decay below one": Defining("schedule"),
        "start of x": Necessary("schedule", lambda: one_run("schedule", x1=9.0, u=[0.0, 0.0], **{"lambda": 0.0625})),
        "learning rate": Necessary("schedule", lambda: one_run("schedule", eta=16.0, **{"lambda": 0.0625})),
        "weight decay": Necessary("schedule", lambda: one_run("schedule", x1=1.0, **{"lambda": 8.0})),
        "small": Necessary("below_one", lambda: one_run("below_one", x1=1.0, s=8.0, **{"lambda": 5.0})),
        "a fifth": Necessary("fraction", lambda: one_run("fraction", s=1.0)),
        "c below 3/2": Necessary("fraction", lambda: one_run("fraction", c=100.0)),
    },
)
