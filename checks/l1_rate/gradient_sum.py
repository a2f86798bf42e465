"""Exercise the bound on the scaled gradients of all steps on real runs, its means exact over all paths of the sign noise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import sympy as sp
import torch

from checks.battery.check import Check, Climb, Inputs, Searched, Tolerance
from checks.l1_rate.gradient_sum_instances import needs
from checks.l1_rate.rate_runs import INSIDE, SIZES, build_rate, measure_rate, sample_rate, schedule_climb
from checks.problems import FAMILIES
from theory.l1_rate.gradient_sum import CLAIM
from theory.l1_rate.rate_proof import NADAMW
from theory.l1_rate.schedule import radius, s


def sample(generator: torch.Generator, batch: int, part: str, size: tuple[int, int], family: str, loud: float) -> Inputs:
    """NAdamW with the schedule; ρ what the theorem gives it, and decay only for that part."""
    return with_reach(sample_rate(generator, batch, size, family, loud, NADAMW, decay=part == "with_decay"))


SIZE = sp.lambdify(s, radius(NADAMW.c))


def with_reach(inputs: Inputs) -> Inputs:
    """The instance with ρ = C√(1-θ), or 0 without decay."""
    if "s" not in inputs:
        return {**inputs, "rho": torch.zeros_like(inputs["theta"])}
    return {**inputs, "rho": SIZE(inputs["s"] / INSIDE) * (1 - inputs["theta"]).sqrt()}


def turned() -> Climb:
    """The schedule's knobs; a start has the decay's only for that part."""
    found = {decay: schedule_climb(NADAMW, decay=decay) for decay in (False, True)}

    def draw(generator: torch.Generator, batch: int, part: str, **params: Any) -> Inputs:
        return found[part == "with_decay"].draw(generator, batch, part, **params)

    return replace(found[True], draw=draw, build=lambda free: with_reach(build_rate(free)))


CHECK = Check(
    claim=CLAIM,
    space={"size": st.sampled_from(SIZES), "family": st.sampled_from(sorted(FAMILIES)), "loud": st.floats(-2, 2)},
    sample=sample,
    measure=measure_rate,
    tolerance=Tolerance(1e-10, "8 steps and up to 256 paths, each rounding by 2^-53; the schedule's roots add a few units"),
    tightness={name: Searched("runs of few steps, all paths") for name in ("with_decay", "without_decay")},
    necessity=needs(),
    climb=turned(),
    batch=128,
)
