"""Exercise the rate in a box on real runs of NAdamW that Lemma 2 keeps in one, their means exact over all sign paths."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import sympy as sp
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import Check, Inputs, Measure, Measured, Necessary, Need, Searched, Tolerance, column
from checks.l1_rate.no_decay_rate import ONE
from checks.l1_rate.one_path import one_path
from checks.l1_rate.rate_instances import MANY, mixing, never_moving, one_run, plain
from checks.l1_rate.rate_runs import INSIDE, SIZES, build_rate, measure_rate, sample_rate, schedule_climb
from checks.problems import FAMILIES
from theory.l1_rate.rate_in_box import CLAIM
from theory.l1_rate.rate_proof import NADAMW
from theory.l1_rate.schedule import radius, s, sharper_amplitude, theta


def sample(generator: torch.Generator, batch: int, part: str, size: tuple[int, int], family: str, loud: float) -> Inputs:
    """Runs of NAdamW with the schedule of Theorem 2."""
    return with_box(sample_rate(generator, batch, size, family, loud, NADAMW, decay=True))


SIZE = sp.lambdify(s, radius(NADAMW.c))
LEAST = sp.lambdify((s, theta), sharper_amplitude(NADAMW.c))


def with_box(inputs: Inputs) -> Inputs:
    """The instance with Theorem 2's C and the least A that C allows."""
    share = inputs["s"] / INSIDE
    return {**inputs, "C": SIZE(share), "A": LEAST(share, inputs["theta"]) / INSIDE}


def boxed(measure: Measure) -> Measure:
    """A measurement of the rates, with the box and the amplitude the instance names."""

    def measured(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        return {**measure(inputs, arithmetic), **{name: arithmetic.array(inputs[name]) for name in ("C", "A")}}

    return measured


def in_no_box(need: Need) -> Need:
    """What breaks the rates without decay breaks this claim at C = 0, A = 10."""
    if not isinstance(need, Necessary):
        return need
    return Necessary(need.part, lambda: at_rest(need.inputs()), boxed(need.measure or measure_rate))


def at_rest(inputs: Inputs, amplitude: float = 10.0) -> Inputs:
    """The instance with C = 0."""
    return {**inputs, "C": column(0.0), "A": column(amplitude)}


WHOLE = (4 * MANY / 0.5) ** 0.5  # λ = 1/η where D = 1/2: the decay takes x back to the origin at every step
NEEDED = {**plain("rate", "mixed momentum"), **mixing(any_beta=True)}

CHECK = Check(
    claim=CLAIM,
    space={"size": st.sampled_from(SIZES), "family": st.sampled_from(sorted(FAMILIES)), "loud": st.floats(-2, 2)},
    sample=sample,
    measure=boxed(measure_rate),
    tolerance=Tolerance(1e-10, "8 steps and up to 256 paths, each rounding by 2^-53; the schedule's roots add a few units"),
    tightness={"rate": Searched("runs of few steps, all paths")},
    necessity={
        **{name: in_no_box(NEEDED[name]) for name in CLAIM.hypotheses if name in NEEDED},
        "second decay below one": ONE,
        "box": Necessary("rate", lambda: at_rest(never_moving(lam=WHOLE)), boxed(one_path())),
        "amplitude": Necessary("rate", lambda: at_rest(one_run(), amplitude=2.0**-40)),
    },
    climb=replace(schedule_climb(NADAMW, decay=True), build=lambda free: with_box(build_rate(free))),
    batch=128,
)
