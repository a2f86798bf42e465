"""Runs that follow the schedule of Theorems 1 and 2, with every mean exact over all paths of the sign noise."""

from __future__ import annotations

from typing import Any

import torch

from checks.arithmetic import Arithmetic, Array, TorchArithmetic
from checks.battery.check import Inputs, Measured
from checks.l1_rate.noisy_runs import Runs, children, landscape, noise_means, sample_runs
from checks.noise import PathStep, repeat_rows
from checks.problems.sampling import log_uniform, uniform
from theory.core import E
from theory.l1_rate.error_sum import f_y, y
from theory.l1_rate.mean_roots import MEAN_SHARE
from theory.l1_rate.rate_proof import NADAMW, Method, mean_size
from theory.l1_rate.setting import MEAN_ROOT

SIZES = [(1, 1), (1, 3), (1, 8), (2, 2), (2, 4), (3, 2), (4, 2)]  # (d, K) with d·K ≤ 8
INSIDE = 1 - 1e-9  # what has an upper bound stays this far below it, so that rounding does not lift it over


def sample_rate(
    generator: torch.Generator, batch: int, size: tuple[int, int], family: str, loud: float, method: Method, decay: bool
) -> Inputs:
    """`sample_runs` with the schedule's parameters; s up to the largest that 8C²(1-θ) ≤ 1 allows, λ up to its bound."""
    runs = sample_runs(generator, batch, size, family, loud)
    slack = log_uniform(generator, 1e-6, 1e-1, batch) * runs["L"]  # f* may be any lower bound; it keeps D > 0
    runs["f_star"] = runs["f_star"] - slack
    runs["x1"] = within_start_bound(runs)
    gap, K, d, L = first_gap(runs), runs["K"], runs["d"], runs["L"]
    noise = runs["sigma"].square().sum(-1).sqrt()
    gamma = torch.where(uniform(generator, 0, 1, batch) < 0.3, 1.0, log_uniform(generator, 1e-2, 1.0, batch))
    level = torch.maximum(noise, (L * gap / K).sqrt() / gamma) * (1 + 1e-9)
    theta = 1 - (L * gap / K).sqrt() / level
    numbers = {"level": level, "theta": theta, "beta": second_decay(generator, theta), "eps": level.square() / d,
               "eta": (gap / (4 * K * d * L)).sqrt(), "lam": torch.zeros_like(theta), **mixing(generator, theta, method)}
    if decay:
        numbers |= weight_decay(generator, runs, level, theta, gap, method)
    return {**runs, **numbers}


def second_decay(generator: torch.Generator, theta: torch.Tensor) -> torch.Tensor:
    """β with θ ≤ β ≤ √θ, often at an end."""
    power = uniform(generator, 0, 1, len(theta))
    power = torch.where(uniform(generator, 0, 1, len(theta)) < 0.4, power.round(), power)
    return torch.minimum(torch.maximum(theta ** (0.5 + 0.5 * power), theta), theta.sqrt() * (1 - 2.0**-52))


def mixing(generator: torch.Generator, theta: torch.Tensor, method: Method) -> dict[str, Any]:
    """τ from θ to 1 for NAdamW, often an end; AdamW has none."""
    if method is not NADAMW:
        return {"optimizer": "adamw"}
    weight = (1.5 * uniform(generator, 0, 1, len(theta)) - 0.25).clamp(0, 1)
    return {"optimizer": "nadamw", "tau": (theta + (1 - theta) * weight).clamp(max=1.0)}


def weight_decay(
    generator: torch.Generator, runs: Inputs, level: torch.Tensor, theta: torch.Tensor, gap: torch.Tensor, method: Method
) -> dict[str, torch.Tensor]:
    """s, and λ below its bound: at the bound in half of the instances."""
    batch = len(theta)
    widest = 1 / ((1 + float(method.c) / 2) * (8 * (1 - theta)).sqrt())
    s = widest * torch.where(uniform(generator, 0, 1, batch) < 0.3, 1.0, uniform(generator, 0, 1, batch)) * INSIDE
    bound = s * runs["d"] ** 0.5 / runs["K"] ** 0.75 * (runs["L"] ** 3 / (level.square() * gap)) ** 0.25
    share = torch.where(uniform(generator, 0, 1, batch) < 0.5, 1.0, uniform(generator, 0, 1, batch))
    return {"s": s, "lam": bound * share * INSIDE}


def first_gap(inputs: Inputs) -> torch.Tensor:
    """D = f(x¹) - f*."""
    return landscape(inputs, TorchArithmetic()).value(inputs["x1"][:, None, :])[:, 0] - inputs["f_star"]


def within_start_bound(inputs: Inputs) -> torch.Tensor:
    """Starts with ‖x¹‖∞ ≤ √(KD/(dL)): pulled towards zero, where the bound holds, until they fit."""
    found, outside = inputs["x1"], torch.ones(len(inputs["x1"]), dtype=torch.bool)
    for _ in range(100):
        gap = first_gap({**inputs, "x1": found})
        outside = found.abs().amax(-1) > (inputs["K"] * gap / (inputs["d"] * inputs["L"])).sqrt() * INSIDE
        found = torch.where(outside[:, None], 0.8 * found, found)
    return torch.where(outside[:, None], 0.0, found)


def measure_rate(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """The marked path, a gradient step from the start, and the means over all paths."""
    runs, ops = Runs(inputs, arithmetic), arithmetic
    variance = ops.array(inputs["sigma"]) ** 2

    def clean(step: PathStep) -> Array:
        return children(step, runs.paths.evaluate(runs.landscape.gradient, step.before.x))

    def root(step: PathStep) -> Array:
        hyper, expected = step.after.hyper, clean(step) ** 2 + repeat_rows(variance, len(step.noisy) // len(variance))
        return ops.sqrt(hyper["beta2"] * children(step, step.before.v) + (1 - hyper["beta2"]) * expected + hyper["eps"])

    means = runs.means(runs.all_paths(), {
        "size": lambda step, _: ops.abs(clean(step)).sum(-1), "root": lambda step, _: root(step),
        "share": lambda step, _: clean(step) ** 2 / root(step)})
    found = {**runs.scalars(), **runs.sequences(), **noise_means(runs)}
    names = {"sigma_hat": "level", "s": "s", "rho": "rho"}
    below = found["x"][:, 0] - found["G"][:, 0] / found["L"][:, None]
    return {**found, **{symbol: ops.array(inputs[name]) for symbol, name in names.items() if name in inputs},
            str(y): below, str(f_y): runs.paths.evaluate(runs.landscape.value, below),
            mean_size: means["size"], E(MEAN_ROOT): means["root"], E(MEAN_SHARE): means["share"]}
