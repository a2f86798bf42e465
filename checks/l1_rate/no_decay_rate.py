"""Exercise the rate without decay on real runs of NAdamW with any β below one, its means exact over all sign paths."""

from __future__ import annotations

import hypothesis.strategies as st
import torch

from checks.battery.check import Check, Inputs, Need, Searched, Tolerance, Unknown, Unneeded
from checks.l1_rate.rate_instances import mixing, plain
from checks.l1_rate.rate_runs import SIZES, measure_rate, sample_rate, schedule_climb
from checks.problems import FAMILIES
from theory.l1_rate.no_decay_rate import CLAIM
from theory.l1_rate.rate_proof import NADAMW


def sample(generator: torch.Generator, batch: int, part: str, size: tuple[int, int], family: str, loud: float) -> Inputs:
    """Runs of NAdamW with the schedule, without decay, β anywhere from 0 to just below 1."""
    return sample_rate(generator, batch, size, family, loud, NADAMW, decay=False, any_beta=True)


NEEDED = {**plain("rate", "mixed momentum"), **mixing(any_beta=True)}
ONE = Unknown("β = 1 is the only further value, and untried: β > 1 makes v negative unless every gradient is zero")
# What the corollaries say of their range θ ≤ β ≤ √θ.
SECOND_DECAYS: dict[str, Need] = {
    "second decay above": Unneeded("rate"),
    "second decay below": Unknown("not needed for β < 1: that is no_decay_rate; β = 1 is the only further value, and untried"),
}

CHECK = Check(
    claim=CLAIM,
    space={"size": st.sampled_from(SIZES), "family": st.sampled_from(sorted(FAMILIES)), "loud": st.floats(-2, 2)},
    sample=sample,
    measure=measure_rate,
    tolerance=Tolerance(1e-10, "8 steps and up to 256 paths, each rounding by 2^-53; the schedule's roots add a few units"),
    tightness={"rate": Searched("runs of few steps, all paths")},
    necessity={**{name: NEEDED[name] for name in CLAIM.hypotheses if name in NEEDED}, "second decay below one": ONE},
    climb=schedule_climb(NADAMW, decay=False, any_beta=True),
    batch=128,
)
