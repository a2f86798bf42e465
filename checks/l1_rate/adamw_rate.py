"""Exercise AdamW's rate on real runs with Theorem 1's schedule, its means exact over all paths of the sign noise."""

from __future__ import annotations

import hypothesis.strategies as st
import torch

from checks.battery.check import Check, Inputs, Searched, Tolerance
from checks.l1_rate.rate_instances import decayed, plain
from checks.l1_rate.rate_runs import SIZES, measure_rate, sample_rate, schedule_climb
from checks.l1_rate.rate_sampling import sampled_rate
from checks.problems import FAMILIES
from theory.l1_rate.adamw_rate import CLAIM
from theory.l1_rate.rate_proof import ADAMW


def sample(generator: torch.Generator, batch: int, part: str, size: tuple[int, int], family: str, loud: float) -> Inputs:
    """Runs of AdamW with the schedule, decay up to its bound."""
    return sample_rate(generator, batch, size, family, loud, ADAMW, decay=True)


CHECK = Check(
    claim=CLAIM,
    space={"size": st.sampled_from(SIZES), "family": st.sampled_from(sorted(FAMILIES)), "loud": st.floats(-2, 2)},
    sample=sample,
    measure=measure_rate,
    tolerance=Tolerance(1e-10, "8 steps and up to 256 paths, each rounding by 2^-53; the schedule's roots add a few units"),
    tightness={"box": Searched("runs of few steps"), "rate": Searched("runs of few steps, all paths"),
               "sharper": Searched("runs of few steps, all paths")},
    necessity={**plain("rate", "momentum in use"), **decayed()},
    climb=schedule_climb(ADAMW, decay=True),
    experiments={"larger runs by sampling": sampled_rate("AdamW")},
    batch=128,
)
