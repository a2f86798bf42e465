"""Exercise the second-moment bound on real AdamW runs, its means exact over all paths of the sign noise."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic, Array
from checks.battery.check import Attained, Check, Defining, Finding, Inputs, Measured, Necessary, Tolerance, column
from checks.l1_rate.noisy_runs import (
    SIZES,
    Runs,
    Statistic,
    children,
    noise_means,
    quadratic_run,
    repeat_rows,
    sample_adamw,
    sample_runs,
)
from checks.noise import PathStep
from checks.problems import FAMILIES
from theory.core import E
from theory.l1_rate.second_moment_bound import CLAIM
from theory.l1_rate.setting import MEAN_ROOT, G, i, k


def sample(generator: torch.Generator, batch: int, part: str, size: tuple[int, int], family: str, loud: float) -> Inputs:
    """Runs of AdamW with any θ, β < 1."""
    runs = sample_runs(generator, batch, size, family, loud)
    return {**runs, **sample_adamw(generator, runs, nesterov=False)}


def statistics(runs: Runs) -> dict[str, Statistic]:
    """√(ṽ + ε) and the squared gradient over it, in every coordinate."""
    variance = runs.arithmetic.array(runs.inputs["sigma"]) ** 2

    def clean(step: PathStep) -> Array:
        return children(step, runs.paths.evaluate(runs.landscape.gradient, step.before.x))

    def root(step: PathStep) -> Array:
        hyper, expected = step.after.hyper, clean(step) ** 2 + repeat_rows(variance, len(step.noisy) // len(variance))
        mean = hyper["beta2"] * children(step, step.before.v) + (1 - hyper["beta2"]) * expected
        return runs.arithmetic.sqrt(mean + hyper["eps"])

    return {"root": lambda step, ops: root(step), "cost": lambda step, ops: clean(step) ** 2 / root(step)}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """The marked path, and the means over all paths."""
    runs = Runs(inputs, arithmetic)
    means = runs.means(runs.all_paths(), statistics(runs))
    return {**runs.scalars(), **runs.sequences(), **noise_means(runs), E(MEAN_ROOT): means["root"],
            E(G[k, i] ** 2 / MEAN_ROOT): means["cost"]}


def one_run(start: float = 0.0, sigma: float = 0.0, steps: int = 1, beta: float = 0.5, eps: float = 1.0, eta: float = 2.0**-20,
            **more: Any) -> Inputs:
    """f = x²/2 in one dimension, hardly moving unless η says so."""
    return quadratic_run([1.0], [start], [sigma], [[1.0]] * steps, theta=0.5, beta=beta, tau=1.0, eta=eta, eps=eps, lam=0.0,
                         optimizer="adamw", **more)


def with_jump(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """Second moments that jump after the first step, whatever the gradients were."""
    large = arithmetic.full((1, inputs["K"], 1), 100)
    found = measure(inputs, arithmetic)
    return {**found, "v": arithmetic.stack([found["v"][:, 0], *(large[:, n] for n in range(inputs["K"]))], 1),
            E(MEAN_ROOT): large}


def spike(n: int, steps: int) -> Inputs:
    """One gradient of size one, then none: β = 1 - 4^-n and η = 2^-n take the first step to the minimum exactly.

    σ is zero and ε so small that adding it to 1-β changes nothing in floats.
    """
    return {**one_run(start=1.0, steps=steps, beta=1 - 4.0**-n, eps=2.0**-70, eta=2.0**-n), "theta": column(0.0)}


def constant_two(arithmetic: Arithmetic, seed: int) -> Finding:
    """(LHS - K‖σ‖₁ - Kd√ε) / ΣE[|∇f|²/√(ṽ+ε)] on spikes: it can be no more than the constant 2, and comes close."""
    numbers = {}
    for n, steps in ((1, 60), (2, 250), (3, 1000)):
        runs = Runs(spike(n, steps), arithmetic)
        means = runs.means(runs.all_paths(), statistics(runs))
        excess = float(means["root"].sum()) - steps * 2.0**-35
        numbers[f"β = 1 - 4^-{n}"] = excess / float(means["cost"].sum())
    values = list(numbers.values())
    return Finding(values == sorted(values) and 1.99 < values[-1] <= 2, "one spike of gradient needs nearly the constant 2, "
                   "the more nearly the closer β is to 1", numbers)


CHECK = Check(
    claim=CLAIM,
    space={"size": st.sampled_from(SIZES), "family": st.sampled_from(sorted(FAMILIES)), "loud": st.floats(-2, 2)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-10, "8 steps and up to 256 paths of positive terms, each rounding by 2^-53"),
    tightness={"bound": Attained(one_run)},  # nothing but ε; that the constant 2 is needed, the experiment shows
    experiments={"the constant 2": constant_two},
    necessity={
        "second decay below one": Defining("bound"),
        "second moment": Necessary("bound", lambda: one_run(steps=2), with_jump),
        "second moment starts at zero": Necessary("bound", lambda: one_run(v0=[64.0])),
        "unbiased": Necessary("bound", lambda: one_run(start=1.0, sigma=6.0, steps=40, eps=2.0**-20, noise=[0.0], bias=[6.0])),
        "variance": Necessary("bound", lambda: one_run(noise=[8.0], steps=2)),
    },
)
