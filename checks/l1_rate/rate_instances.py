"""One instance at a time for the rates: quadratics with the schedule worked out, to leave one hypothesis at a time.

f = a x²/2 in one dimension; without noise there is one path, so that many steps cost little.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import Inputs, Measure, Measured, Necessary, Unknown
from checks.l1_rate.noisy_runs import quadratic_run
from checks.l1_rate.rate_runs import measure_rate
from theory.core import E
from theory.l1_rate.rate_proof import mean_size
from theory.l1_rate.setting import G, g, i, k

MANY = 1000  # steps after which the bound is below the gradient of a method that never moves


def one_run(
    steps: int = 1, start: float = 1.0, curvature: float = 1.0, slack: float = 0.0, gap: float | None = None, fresh: float = 1.0,
    s: float = 0.0, share: float = 1.0, at: float = 0.0, **changed: Any,
) -> Inputs:
    """Theorem 1's schedule with L = 1 and 1-θ = fresh: σ̂² = D/(K fresh²), β = θ, λ = share of its bound.

    start: how far x¹ lies to the right of the quadratic's centre. at: where x¹ is.
    slack: how far f* lies below the minimum. gap: D where it is not f(x¹) - f*. Entries in
    `changed` replace the schedule's.
    """
    first = curvature * start**2 / 2
    bottom = min(first, 0.0) - slack
    D = first - bottom if gap is None else gap
    level = (D / steps) ** 0.5 / fresh
    bound = s / steps**0.75 * (1 / (level**2 * D)) ** 0.25
    sigma = changed.pop("sigma", [2.0**-30 * level])
    given: dict[str, Any] = {
        "theta": 1 - fresh, "beta": 1 - fresh, "tau": 1.0, "level": level, "eps": level**2, "eta": (D / (4 * steps)) ** 0.5,
        "lam": bound * share, "s": s, "f_star": bottom, "optimizer": "adamw", "L": 1.0}
    inputs = quadratic_run([curvature], [start], sigma, [[1.0]] * steps, **{"noise": [0.0], **given, **changed})
    moved = {"x1": inputs["x1"] - start + at, "problem.center": inputs["problem.center"] - start + at}
    return {**inputs, **moved}


def altered(**entries: Any) -> Measure:
    """The measurement with entries replaced: it breaks just what defines them."""

    def measured(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        return {**measure_rate(inputs, arithmetic), **{name: arithmetic.array(value) for name, value in entries.items()}}

    return measured


def standing_still(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """A stochastic gradient that is always zero: nothing moves, whatever the true gradient at x¹."""
    first = measure_rate({**inputs, "K": 1, "signs": inputs["signs"][:, :1]}, arithmetic)
    steps, still = inputs["K"], arithmetic.zeros((1, inputs["K"] + 1, 1))
    found: dict[Any, Any] = {**first, "K": steps}
    found |= {name: still + first[name][:, :1] for name in ("x", "G")} | {"f": still[..., 0] + first["f"][:, :1]}
    found |= {name: still[:, 1:] for name in ("g", "mtilde", "r")} | {name: still for name in ("m", "v")}
    slope = found["G"][:, 1:]
    return {**found, mean_size: arithmetic.abs(slope)[..., 0], E(g[k, i], k): still[:, 1:],
        E((g[k, i] - G[k, i]) ** 2, k): slope * slope}


def stuck(*frozen: str) -> Measure:
    """θ = β = 0 and g = ∇f at every step, yet x never moves, because the named sequences stay at zero (v: very large)."""

    def measured(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        found = dict(standing_still(inputs, arithmetic))
        slope, nothing = found["G"][:, 1:], 0 * found["G"][:, 1:]
        moment = found["m"][:, :1]
        huge = slope * slope * 2.0**200 if isinstance(slope, torch.Tensor) else slope * slope * 2**200
        v = huge if "v" in frozen else slope * slope
        root = arithmetic.sqrt(v + arithmetic.array(inputs["eps"])[:, None, None])
        values = {"m": slope, "mtilde": slope, "r": slope / root}
        kept = {name: nothing if name in frozen else value for name, value in values.items()}
        noisy = {"g": slope, E(g[k, i], k): slope, E((g[k, i] - G[k, i]) ** 2, k): nothing}
        return {**found, **noisy, **kept, "m": joined(moment, kept["m"]), "v": joined(moment, v)}

    return measured


def joined(first: Any, rest: Any) -> Any:
    """Two arrays one after the other along the steps."""
    return torch.cat([first, rest], 1) if isinstance(rest, torch.Tensor) else np.concatenate([first, rest], 1)


def never_moving(**changed: Any) -> Inputs:
    """Many steps that lead nowhere, for the reason given."""
    return one_run(steps=MANY, **changed)


SHORT = "4,928 random runs with d·K ≤ 8, all paths: the mean is at most "
NOISY = SHORT + "0.11 of the bound with noise up to 64 times what is claimed; exact means of more steps do not fit"

ALWAYS = {
    "noise level": Unknown("too much noise was tried under 'variance': " + NOISY),
    "variance": Unknown(NOISY),
    "noise total": Unknown("too much noise was tried under 'variance': " + NOISY),
    "second decay above": Unknown(SHORT + "0.08 of the bound with β between 0 and θ"),
    "second decay below": Unknown(SHORT + "0.08 of the bound with β between √θ and 1"),
    "smooth gradient": Unknown("not tried alone: a too small L breaks 'quadratic bound' as well"),
    "quadratic bound": Unknown("not tried alone: a too small L breaks 'smooth gradient' as well"),
    "gradient step": Unknown("not tried: it only names the point at which the two hypotheses on the start speak"),
    "smooth at the start": Unknown("by hand: f must fall by more than D if |∇f(x¹)| is large enough to break the bound"),
    "infimum below the start": Unknown("by hand: f must fall by more than D if |∇f(x¹)| is large enough to break the bound"),
}


def plain(part: str, *in_use: str) -> dict[str, Any]:
    """Necessity of the hypotheses common to all four rates, shown at `part`; `in_use` names the one on the momentum in use."""
    return {
        **ALWAYS,
        "first decay": Necessary(part, lambda: never_moving(theta=1 - 2.0**-40, beta=1 - 2.0**-40)),
        "epsilon": Necessary(part, lambda: never_moving(eps=2.0**60)),
        "learning rate": Necessary(part, lambda: never_moving(eta=2.0**-60)),
        "unbiased": Necessary(part, lambda: one_run(steps=6000, fresh=2.0**-7, sigma=[1.0]), standing_still),
        "infimum": Necessary(part, lambda: one_run(steps=MANY, curvature=-1.0, slack=1.5)),
        "update": Necessary(part, never_moving, stuck()),
        "direction": Necessary(part, never_moving, stuck("r")),
        **{name: Necessary(part, never_moving, stuck("r", "mtilde")) for name in in_use},
        "momentum": Necessary(part, never_moving, stuck("r", "mtilde", "m")),
        "second moment": Necessary(part, lambda: never_moving(at=1.0), stuck("v")),
        "start": Necessary(part, lambda: one_run(gap=2.0**-40), altered(D=[2.0**-40])),
        "momentum starts at zero": Necessary(part, lambda: one_run(steps=2, fresh=0.5, m0=[-2.0**20])),
        "second moment starts at zero": Necessary(part, lambda: one_run(steps=2 * MANY, fresh=0.05, v0=[2.0**400])),
    }


def decayed() -> dict[str, Any]:
    """Necessity of what only the decay needs."""
    return {
        "weight decay": Necessary("box", lambda: one_run(s=0.2, share=64.0, slack=1.0, at=1.0)),
        "start bound": Necessary("box", lambda: one_run(curvature=2.0**-10, s=0.2, at=1.0)),
        "second decay below": Necessary("box", lambda: one_run(start=-(2.0**0.5), at=0.999, s=2.0**-7, beta=1 - 2.0**-20)),
        "small": Necessary("box", lambda: one_run(s=2.0, share=0.0)),
    }


def mixing() -> dict[str, Any]:
    """Necessity of τ's range, which only NAdamW has."""
    return {"weight above": Unknown(SHORT + "0.08 of the bound with τ = 0, where m̃ = g"),
            "weight below": Unknown("not tried: the optimizer refuses τ > 1")}
