"""Runs that follow the schedule of Theorems 1 and 2, with every mean exact over all paths of the sign noise."""

from __future__ import annotations

from typing import Any

import sympy as sp
import torch

from checks.arithmetic import Arithmetic, Array, TorchArithmetic
from checks.battery.check import Climb, Inputs, Measured
from checks.l1_rate.noisy_runs import Runs, children, landscape, noise_means, sample_runs
from checks.noise import PathStep, repeat_rows
from checks.problems.sampling import log_uniform, uniform
from theory.core import E
from theory.l1_rate.error_sum import f_y, y
from theory.l1_rate.mean_roots import MEAN_SHARE
from theory.l1_rate.rate_proof import ADAMW, NADAMW, Method, mean_size
from theory.l1_rate.setting import MEAN_ROOT, G, i, k

SIZES = [(1, 1), (1, 3), (1, 8), (2, 2), (2, 4), (3, 2), (4, 2)]  # (d, K) with d·K ≤ 8
PORTION = 0.999  # of the claimed noise: with all of it the first step's error would be an equation
INSIDE = 1 - 1e-9  # what has an upper bound stays this far below it, so that rounding does not lift it over


def sample_rate(
    generator: torch.Generator, batch: int, size: tuple[int, int], family: str, loud: float, method: Method, decay: bool,
    any_beta: bool = False,
) -> Inputs:
    """`sample_runs` with the schedule's parameters; s up to the largest that 8C²(1-θ) ≤ 1 allows, λ up to its bound."""
    return build_rate(draw_rate(generator, batch, size, family, loud, method, decay, any_beta))


def draw_rate(
    generator: torch.Generator, batch: int, size: tuple[int, int], family: str, loud: float, method: Method, decay: bool,
    any_beta: bool = False,
) -> dict[str, Any]:
    """The free numbers of an instance: problem, start, noise, and fractions from 0 to 1 that choose within the schedule.

    share.noise: true over claimed standard deviation; share.beta: where log β lies between log √θ and log θ, or
    share.any_beta: β itself; share.tau: where τ lies between θ and 1; share.s and share.lam: of the largest s, of the bound
    on λ. slack: how far f* lies below the minimum, over L.
    """
    runs = sample_runs(generator, batch, size, family, loud)

    def share(*ends: float) -> torch.Tensor:
        """Uniform, but each of the `ends` in a fifth of the instances."""
        found = uniform(generator, 0, 1, batch)
        for end in ends:
            found = torch.where(uniform(generator, 0, 1, batch) < 0.2, end, found)
        return found

    runs |= {"share.noise": runs["noise"] / runs["sigma"], "slack": log_uniform(generator, 1e-6, 1e-1, batch),
             "gamma": torch.where(uniform(generator, 0, 1, batch) < 0.3, 1.0, log_uniform(generator, 1e-2, 1.0, batch)),
             "share.any_beta" if any_beta else "share.beta": share(0.0, 1.0),
             "optimizer": "nadamw" if method is NADAMW else "adamw"}
    runs |= {"share.tau": share(0.0, 1.0)} if method is NADAMW else {}
    return runs | ({"share.s": share(1.0), "share.lam": share(1.0, 1.0)} if decay else {})


def build_rate(free: Inputs) -> dict[str, Any]:
    """The instance with the schedule worked out, meeting every hypothesis for any values of the free numbers."""
    free = {**free, "noise": free["sigma"] * free["share.noise"] * PORTION}
    problem = landscape(free, TorchArithmetic())
    L, K, d = problem.l2_smoothness, free["K"], free["d"]
    runs = {name: value for name, value in free.items() if not name.startswith(("share.", "slack", "gamma"))}
    runs |= {"L": L, "f_star": problem.f_star - free["slack"] * L}  # f* may be any lower bound; this one keeps D > 0
    runs["x1"] = within_start_bound(runs)
    gap = first_gap(runs)
    unresolved = (L * gap / K).sqrt()  # the noise level that K steps cannot see
    level = torch.maximum(runs["sigma"].square().sum(-1).sqrt(), unresolved / free["gamma"].clamp(min=1e-9)) * (1 + 1e-9)
    theta = 1 - unresolved / level
    runs |= {"level": level, "theta": theta, "beta": second_decay(free, theta), "eps": level.square() / d,
             "eta": (gap / (4 * K * d * L)).sqrt(), "lam": torch.zeros_like(theta)}
    method = NADAMW if free["optimizer"] == "nadamw" else ADAMW
    if method is NADAMW:
        runs["tau"] = (theta + (1 - theta) * free["share.tau"]).clamp(max=1.0)
    if "share.s" in free:
        runs["s"] = free["share.s"] * INSIDE / ((1 + float(method.c) / 2) * (8 * (1 - theta)).sqrt())
        bound = runs["s"] * d**0.5 / K**0.75 * (L**3 / (level.square() * gap)) ** 0.25
        runs["lam"] = bound * free["share.lam"] * INSIDE
    return runs


def second_decay(free: Inputs, theta: torch.Tensor) -> torch.Tensor:
    """β with θ ≤ β ≤ √θ, or any β < 1."""
    if "share.any_beta" in free:
        return free["share.any_beta"] * (1 - 2.0**-30)
    return torch.minimum(torch.maximum(theta ** (0.5 + 0.5 * free["share.beta"]), theta), theta.sqrt() * (1 - 2.0**-52))


def first_gap(inputs: Inputs) -> torch.Tensor:
    """D = f(x¹) - f*."""
    return landscape(inputs, TorchArithmetic()).value(inputs["x1"][:, None, :])[:, 0] - inputs["f_star"]


def within_start_bound(inputs: Inputs) -> torch.Tensor:
    """Starts with ‖x¹‖∞ ≤ √(KD/(dL)): pulled towards zero, where the bound holds, until they fit."""
    found, outside = inputs["x1"], torch.ones(len(inputs["x1"]), dtype=torch.bool)
    for _ in range(100):
        gap = first_gap({**inputs, "x1": found})
        outside = found.abs().amax(-1) > (inputs["K"] * gap / (inputs["d"] * inputs["L"])).sqrt() * INSIDE
        if not bool(outside.any()):
            break
        found = torch.where(outside[:, None], 0.8 * found, found)
    return torch.where(outside[:, None], 0.0, found)


def schedule_climb(method: Method, decay: bool, any_beta: bool = False) -> Climb:
    """Gradient ascent over quadratics or cosine wells, their starts and noise, and the fractions of the schedule."""
    fractions = ("noise", "beta", "any_beta", "tau", "s", "lam")
    knobs = {"x1": "real", "problem.center": "real", "problem.amplitude": "positive", "sigma": "positive", "slack": "positive",
             "gamma": "unit", **{f"share.{name}": "unit" for name in fractions}}

    def draw(generator: torch.Generator, batch: int, part: str, **params: Any) -> Inputs:
        return draw_rate(generator, batch, **params, method=method, decay=decay, any_beta=any_beta)

    def start(family: str, dim: int, steps: int) -> dict[str, Any]:
        return {"size": (dim, steps), "family": family, "loud": 0.0}

    return Climb(draw, build_rate, knobs, [start("diagonal_quadratics", 1, 8)],
                 deeper=[start(family, *size) for family in ("diagonal_quadratics", "cosine_wells", "log_cosh")
                         for size in ((1, 4), (1, 10), (2, 2), (2, 5), (3, 3))])


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
        "sizes": lambda step, _: ops.abs(clean(step)), "root": lambda step, _: root(step),
        "share": lambda step, _: clean(step) ** 2 / root(step)})
    found = {**runs.scalars(), **runs.sequences(), **noise_means(runs)}
    names = {"sigma_hat": "level", "s": "s", "rho": "rho"}
    below = found["x"][:, 0] - found["G"][:, 0] / found["L"][:, None]
    return {**found, **{symbol: ops.array(inputs[name]) for symbol, name in names.items() if name in inputs},
            str(y): below, str(f_y): runs.paths.evaluate(runs.landscape.value, below),
            mean_size: means["sizes"].sum(-1), E(sp.Abs(G[k, i])): means["sizes"],
            E(MEAN_ROOT): means["root"], E(MEAN_SHARE): means["share"]}
