"""Exercise Adam's rate on real runs with Corollary 1's schedule, its means exact over all paths of the sign noise."""

from __future__ import annotations

import hypothesis.strategies as st
import torch

from checks.battery.check import Check, Inputs, Searched, Tolerance
from checks.l1_rate.no_decay_rate import SECOND_DECAYS
from checks.l1_rate.rate_instances import plain
from checks.l1_rate.rate_runs import SIZES, measure_rate, sample_rate, schedule_climb
from checks.l1_rate.rate_sampling import sampled_rate
from checks.problems import FAMILIES
from theory.l1_rate.adam_rate import CLAIM
from theory.l1_rate.rate_proof import ADAMW


def sample(generator: torch.Generator, batch: int, part: str, size: tuple[int, int], family: str, loud: float) -> Inputs:
    """Runs of Adam with the schedule, without decay."""
    return sample_rate(generator, batch, size, family, loud, ADAMW, decay=False)


CHECK = Check(
    claim=CLAIM,
    space={"size": st.sampled_from(SIZES), "family": st.sampled_from(sorted(FAMILIES)), "loud": st.floats(-2, 2)},
    sample=sample,
    measure=measure_rate,
    tolerance=Tolerance(1e-10, "8 steps and up to 256 paths, each rounding by 2^-53; the schedule's roots add a few units"),
    tightness={name: Searched("runs of few steps, all paths") for name in ("sharper", "rate")},
    necessity={**plain("rate", "momentum in use"), **SECOND_DECAYS},
    experiments={"larger runs by sampling": sampled_rate("Adam")},
    climb=schedule_climb(ADAMW, decay=False),
    batch=128,
)
