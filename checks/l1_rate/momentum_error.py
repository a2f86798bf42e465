"""Exercise the momentum error on real AdamW and NAdamW runs, its means exact over all paths of the sign noise."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic, Array
from checks.battery.check import Attained, Check, Defining, Inputs, Measure, Measured, Necessary, Tolerance
from checks.l1_rate.noisy_runs import (
    SIZES,
    Runs,
    Statistic,
    children,
    in_use,
    noise_means,
    quadratic_run,
    sample_adamw,
    sample_runs,
)
from checks.noise import PathStep
from checks.problems import FAMILIES
from theory.core import E
from theory.l1_rate.momentum_error import CLAIM, error
from theory.l1_rate.setting import G, i, k, m, mt, over_coordinates, r


def sample(generator: torch.Generator, batch: int, part: str, size: tuple[int, int], family: str, loud: float) -> Inputs:
    """Runs of AdamW or NAdamW with any θ, β < 1 and, for the noise share, τ ≥ θ."""
    runs = sample_runs(generator, batch, size, family, loud)
    inputs = {**runs, **sample_adamw(generator, runs, nesterov=not part.startswith("adamw"))}
    if part == "noise_share":
        inputs["tau"] = inputs["theta"] + (1 - inputs["theta"]) * inputs["tau"]
    return inputs


def statistics(runs: Runs) -> dict[str, Statistic]:
    """Squared distances of both momenta from the true gradient, and squared lengths of r and of the gradient."""
    def clean(step: PathStep) -> Array:
        return children(step, runs.paths.evaluate(runs.landscape.gradient, step.before.x))

    def length(step: PathStep) -> Array:
        return step.after.update + step.after.hyper["weight_decay"] * children(step, step.before.x)

    return {"m": lambda step, ops: ((clean(step) - step.after.m) ** 2).sum(-1),
            "mt": lambda step, ops: ((clean(step) - in_use(step.after, step.noisy)) ** 2).sum(-1),
            "r": lambda step, ops: (length(step) ** 2).sum(-1),
            "G": lambda step, ops: (clean(step) ** 2).sum(-1)}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """The marked path, and the errors' means given its history and over all paths."""
    runs = Runs(inputs, arithmetic)
    given, overall = (runs.means(steps, statistics(runs)) for steps in (runs.marked_path(), runs.all_paths()))
    return {**runs.scalars(), **runs.sequences(), **noise_means(runs), **expectations(given, overall)}


def expectations(given: dict[str, Array], overall: dict[str, Array]) -> dict[Any, Array]:
    """The claim's expectations; axis k starts at 1."""
    found: dict[Any, Array] = {E(over_coordinates(r[k, i] ** 2)): overall["r"],
                               E(over_coordinates(G[1, i] ** 2)): overall["G"][:, 0]}
    for base, name in ((m, "m"), (mt, "mt")):
        found |= {E(error(base, k + 1), k + 1): given[name][:, 1:], E(error(base, k + 1)): overall[name][:, 1:],
                  E(error(base, 1), 1): given[name][:, 0], E(error(base, 1)): overall[name][:, 0]}
    return {**found, E(error(m, k)): overall["m"]}


def one_run(start: float = 1.0, sigma: float = 0.0, signs: tuple[float, ...] = (1.0, 1.0), theta: float = 0.5, tau: float = 1.0,
            L: float = 1.0, eta: float = 0.5, optimizer: str = "nadamw", **more: Any) -> Inputs:
    """f = x²/2 in one dimension, with L as claimed."""
    return quadratic_run([1.0], [start], [sigma], [[s] for s in signs], L=L, theta=theta, beta=0.5, tau=tau, eta=eta, eps=1.0,
                         lam=0.0, optimizer=optimizer, **more)


def altered(entries: dict[Any, Any]) -> Measure:
    """A measurement with entries replaced: it breaks just what defines them."""

    def measured(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        return {**measure(inputs, arithmetic), **{name: arithmetic.array(value) for name, value in entries.items()}}

    return measured


def overshoot() -> Inputs:
    """Young's inequality is an equation at the third step: with this η, ∇f(x²) - m² = ∇f(x³) - ∇f(x²) (a root, by bisection).

    Both are negative, because the momentum carries x past the minimum; off the root the gap grows with the square.
    """
    return one_run(eta=3.0050832672677763, signs=(1.0, 1.0, 1.0))


FIRST = [part.name for part in CLAIM.parts if "first" in part.name]
AFTER_FIRST = [part.name for part in CLAIM.parts if part.name not in (*FIRST, "noise_share")]
CHECK = Check(
    claim=CLAIM,
    space={"size": st.sampled_from(SIZES), "family": st.sampled_from(sorted(FAMILIES)), "loud": st.floats(-2, 2)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-10, "8 steps, each rounding by 2^-53 relative to gradients up to 1e5 times the errors measured here"),
    tightness={**dict.fromkeys(AFTER_FIRST, Attained(overshoot)), **dict.fromkeys(FIRST, Attained(lambda: one_run(sigma=1.0))),
               "noise_share": Attained(lambda: one_run(theta=0.5, tau=0.5))},
    necessity={
        "first decay below one": Defining("adamw"),
        "momentum": Necessary("adamw", one_run, altered({"m": [[[0.0], [0.0], [9.0]]], E(error(m, k + 1), k + 1): [[64.0]]})),
        "momentum starts at zero": Necessary("adamw_first", lambda: one_run(m0=[-9.0])),
        "mixed momentum": Necessary("nadamw", one_run, altered({"mtilde": [[[9.0], [9.0]]],
                                                                E(error(mt, k + 1), k + 1): [[64.0]]})),
        "update": Necessary("adamw", lambda: one_run(eta=8.0), altered({"r": [[[0.0], [0.0]]]})),
        "unbiased": Necessary("adamw", lambda: one_run(start=-1.0, sigma=1.0, noise=[0.0], bias=[1.0], eta=1 / 64)),
        "variance": Necessary("adamw", lambda: one_run(sigma=1.0, noise=[2.0])),
        "noise total": Necessary("adamw", lambda: one_run(sigma=1.0), altered({"sigma_s": [0.0]})),
        "smooth gradient": Necessary("adamw", lambda: one_run(L=1 / 16, eta=8.0)),
        "weight above": Necessary("noise_share", lambda: one_run(theta=0.5, tau=0.25)),
        "weight below": Necessary("noise_share", one_run, altered({"tau": [8.0]})),
    },
    batch=256,
)
