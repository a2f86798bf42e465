"""Exercise the bound on the scaled gradients of all steps on real runs, its means exact over all paths of the sign noise."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import torch

from checks.battery.check import Check, Inputs, Searched, Tolerance, Unknown
from checks.l1_rate.rate_runs import INSIDE, SIZES, measure_rate, sample_rate
from checks.problems import FAMILIES
from theory.l1_rate.gradient_sum import CLAIM
from theory.l1_rate.rate_proof import NADAMW


def sample(generator: torch.Generator, batch: int, part: str, size: tuple[int, int], family: str, loud: float) -> Inputs:
    """NAdamW with the schedule; ρ from what the theorem gives it to far more, and decay only for that part."""
    decay = part == "with_decay"
    inputs = sample_rate(generator, batch, size, family, loud, NADAMW, decay=decay)
    reach = inputs["s"] * 1.75 * (1 - inputs["theta"]).sqrt() / INSIDE if decay else torch.zeros(batch, dtype=torch.float64)
    return {**inputs, "rho": reach}


UNTRIED: dict[str, Any] = {name: Unknown("not tried here; the rates show which of them they need") for part in CLAIM.parts
                           for name in CLAIM.all_hypotheses(part)}

CHECK = Check(
    claim=CLAIM,
    space={"size": st.sampled_from(SIZES), "family": st.sampled_from(sorted(FAMILIES)), "loud": st.floats(-2, 2)},
    sample=sample,
    measure=measure_rate,
    tolerance=Tolerance(1e-10, "8 steps and up to 256 paths, each rounding by 2^-53; the schedule's roots add a few units"),
    tightness={name: Searched("random runs of at most 8 steps, all paths") for name in ("with_decay", "without_decay")},
    necessity=UNTRIED,
    batch=128,
)
