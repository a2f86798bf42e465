"""Exercise SGD's rate on real runs over noisy, smooth functions, its means exact over all paths of the sign noise."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import sympy as sp
import torch

from checks.arithmetic import Arithmetic, Array
from checks.battery.check import Attained, Check, Inputs, Measure, Measured, Necessary, Tolerance
from checks.l1_rate.noisy_runs import SIZES, Runs, Statistic, children, landscape, noise_means, quadratic_run, sample_runs
from checks.noise import PathStep
from checks.problems import FAMILIES
from checks.problems.sampling import log_uniform
from theory.core import E
from theory.l1_rate.setting import G, i, k, over_coordinates
from theory.l1_rate.sgd_rate import CLAIM


def sample(generator: torch.Generator, batch: int, part: str, size: tuple[int, int], family: str, loud: float) -> Inputs:
    """Runs of SGD with η up to 1/L; where the rate is tuned, η follows from the instance."""
    runs = {**sample_runs(generator, batch, size, family, loud), "optimizer": "sgd"}
    share = torch.clamp(log_uniform(generator, 1e-3, 4.0, batch), max=1 - 2.0**-50)  # often 1/L, but not above by rounding
    return {**runs, "eta": share / runs["L"]} if part == "any_rate" else runs


def tuned(inputs: Inputs, arithmetic: Arithmetic) -> Array:
    """η = 1/max(L, √(LKσ_s²/(2D))), the smaller of 1/L and √(2D/(LKσ_s²))."""
    start, sigma, L = (arithmetic.array(inputs[name]) for name in ("x1", "sigma", "L"))
    gap = landscape(inputs, arithmetic).value(start[:, None])[:, 0] - arithmetic.array(inputs["f_star"])
    return 1 / arithmetic.maximum(L, arithmetic.sqrt(L * inputs["K"] * (sigma * sigma).sum(-1) / (2 * gap)))


def statistics(runs: Runs) -> dict[str, Statistic]:
    """The squared l2 norm of the true gradient, and the norm."""
    def square(step: PathStep) -> Array:
        return (children(step, runs.paths.evaluate(runs.landscape.gradient, step.before.x)) ** 2).sum(-1)

    return {"square": lambda step, ops: square(step), "norm": lambda step, ops: ops.sqrt(square(step))}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """The marked path, and the means over all paths."""
    with arithmetic.working():
        given = inputs if "eta" in inputs else {**inputs, "eta": tuned(inputs, arithmetic)}
    runs = Runs(given, arithmetic)
    means, square = runs.means(runs.all_paths(), statistics(runs)), over_coordinates(G[k, i] ** 2)
    return {**runs.scalars(), **runs.sequences(), **noise_means(runs), E(square): means["square"],
            E(sp.sqrt(square)): means["norm"]}


def one_run(start: float = 1.0, sigma: float = 0.0, steps: int = 1, L: float = 1.0, **more: Any) -> Inputs:
    """f = x²/2 in one dimension, with L as claimed; η tuned unless given."""
    return quadratic_run([1.0], [start], [sigma], [[1.0]] * steps, L=L, optimizer="sgd", **more)


def altered(**entries: list) -> Measure:
    """A measurement with entries replaced: it breaks just what defines them."""

    def measured(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        return {**measure(inputs, arithmetic), **{name: arithmetic.array(value) for name, value in entries.items()}}

    return measured


CHECK = Check(
    claim=CLAIM,
    space={"size": st.sampled_from(SIZES), "family": st.sampled_from(sorted(FAMILIES)), "loud": st.floats(-2, 2)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-10, "8 steps on up to 256 paths of squared gradients, each rounding by 2^-53; f - f* cancels"),
    tightness={"any_rate": Attained(lambda: one_run(eta=1.0)), "squares": Attained(one_run), "norms": Attained(one_run)},
    necessity={
        "sgd update": Necessary("any_rate", lambda: one_run(steps=8, eta=2.0**-20), altered(eta=[1.0])),
        "unbiased": Necessary("any_rate", lambda: one_run(steps=64, sigma=1.0, noise=[0.0], bias=[-1.0], eta=0.25)),
        "variance": Necessary("any_rate", lambda: one_run(start=0.125, steps=4, noise=[8.0], eta=1.0)),
        "noise total": Necessary("any_rate", lambda: one_run(start=0.125, steps=4, sigma=8.0, eta=1.0), altered(sigma_s=[0.0])),
        "quadratic bound": Necessary("any_rate", lambda: one_run(steps=2, L=1 / 16, eta=8.0)),
        "infimum": Necessary("any_rate", lambda: one_run(eta=1.0, f_star=0.375)),
        "start": Necessary("any_rate", lambda: one_run(eta=1.0), altered(D=[0.125])),
        "short step": Necessary("any_rate", lambda: one_run(steps=2, eta=4.0)),
        "learning rate": Necessary("squares", lambda: one_run(steps=8, eta=2.0**-10)),
    },
)
