"""The property stage: Hypothesis draws sizes and a seed, the batch does the volume, the referee decides the close ones."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import hypothesis.strategies as st
import numpy as np
import torch

from checks.arithmetic import TorchArithmetic
from checks.battery.check import Check, Inputs, Measured
from checks.battery.instances import require_portable, select
from checks.errors import RequestError
from checks.evaluate import Evaluation
from checks.margins import Margins, as_numpy
from checks.referee import HOLDS, REFUTED, decide
from theory.core.claim import Part

CLOSE_CALLS = 2  # instances a batch may send to the referee; the rest inside the band are not counted as examples


class Refuted(AssertionError):
    """The claim fails on an instance that satisfies its hypotheses."""

    def __init__(self, part: Part, inputs: Inputs, detail: str) -> None:
        super().__init__(detail)
        self.part, self.inputs, self.detail = part, inputs, detail


class SamplerFault(AssertionError):
    """The sampler made an instance outside the hypotheses: the check is wrong, not the claim."""


class Undecided(AssertionError):
    """Floats say no and nothing exact could say otherwise."""


@dataclass
class Tally:
    """What one part's search saw. `examples` counts decided instances only."""

    examples: int = 0
    batches: int = 0
    close: int = 0
    refereed: int = 0
    undecided: int = 0
    nontrivial: int = 0
    max_ratio: float = float("nan")
    worst: Inputs | None = None
    rulings: list[str] = field(default_factory=list)

    def merge(self, other: Tally) -> None:
        """Add what another search of the same part saw."""
        for name in ("examples", "batches", "close", "refereed", "undecided", "nontrivial", "rulings"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        if other.max_ratio > self.max_ratio or math.isnan(self.max_ratio):
            self.max_ratio, self.worst = other.max_ratio, other.worst


def seed_of(check: Check, part: Part, seed: int) -> int:
    """A seed of its own for every claim and part, so that no two draw the same instances."""
    return int.from_bytes(hashlib.sha256(f"{check.claim.id}/{part.name}/{seed}".encode()).digest()[:6], "big")


def explore(
    check: Check, part: Part, arithmetic: TorchArithmetic, seed: int, batches: int, tick: Callable[[], None] = lambda: None
) -> Tally:
    """Search for an instance that breaks `part`; raises Refuted (shrunk), SamplerFault or Undecided."""
    tally = Tally()

    @hypothesis.seed(seed_of(check, part, seed))
    @hypothesis.settings(max_examples=batches, deadline=None, database=None, print_blob=False,
                         report_multiple_bugs=False,  # one way of failing is enough to mend
                         suppress_health_check=list(hypothesis.HealthCheck), phases=[
                             hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink])
    @hypothesis.given(st.fixed_dictionaries(dict(check.space)), st.integers(0, 2**32 - 1))
    def search(params: dict[str, Any], draw: int) -> None:
        generator = torch.Generator().manual_seed(draw)
        examine(check, part, check.sample(generator, check.batch, part.name, **params), arithmetic, tally)
        tick()

    search()
    return tally


def examine(check: Check, part: Part, inputs: Inputs, arithmetic: TorchArithmetic, tally: Tally) -> None:
    """Evaluate hypotheses and conclusion on one batch and add what was seen to the tally."""
    require_portable(inputs)
    measured = check.measure(inputs, arithmetic)
    evaluation = Evaluation(check.claim, measured, arithmetic)
    require_hypotheses(check, part, evaluation, inputs)
    margins = evaluation.statement(part.conclusion)
    worst = relative_margin(margins, check)
    _note_ratio(check, margins, inputs, tally)
    tally.batches += 1
    tally.nontrivial += int((as_numpy(margins.size).max(axis=1, initial=0) > 0).sum())
    clear = margins.clear(check.tolerance.value)
    close = sorted(np.flatnonzero(~clear), key=lambda b: worst[b])
    tally.examples += int(clear.sum())
    tally.close += len(close)
    broken = int((worst < -check.tolerance.value).sum())  # floats say no: each of them is decided again
    for index in close[: max(CLOSE_CALLS, broken)]:
        _referee(check, part, select(inputs, int(index)), float(worst[index]), tally)


def _referee(check: Check, part: Part, instance: Inputs, margin: float, tally: Tally) -> None:
    ruling = decide(check.claim, [part.conclusion], instance, check.measure)
    tally.refereed += 1
    tally.rulings.append(ruling.by)
    if ruling.verdict == HOLDS:
        tally.examples += 1
    elif ruling.verdict == REFUTED:
        hypotheses = list(check.claim.all_hypotheses(part).values())
        if decide(check.claim, hypotheses, instance, check.measure).verdict == REFUTED:
            if margin < -check.tolerance.value:  # too far to be excused by the same rounding
                raise Undecided(f"{part.name} fails by a relative margin of {margin:.3g}, but at an instance just outside the "
                                "hypotheses; make the sampler meet them exactly")
            tally.undecided += 1  # by a rounding error the instance lies outside the hypotheses
            return
        raise Refuted(part, instance, f"{part.name} fails by a relative margin of {margin:.3g}, confirmed by {ruling.by}")
    elif margin < -check.tolerance.value:
        raise Undecided(f"{part.name}: floats give a relative margin of {margin:.3g}, and {ruling.by} cannot decide")
    else:
        tally.undecided += 1


def require_hypotheses(check: Check, part: Part, evaluation: Evaluation, inputs: Inputs, but: str | None = None) -> None:
    """Every hypothesis (but the one named) must hold on every instance; SamplerFault names the first that does not."""
    for name, hypothesis_ in check.claim.all_hypotheses(part).items():
        if name == but:
            continue
        margins = evaluation.statement(hypothesis_)
        worst = relative_margin(margins, check)
        broken = np.flatnonzero(~margins.satisfied(check.tolerance.value))
        if len(broken):
            raise SamplerFault(f"the hypothesis '{name}' of {part.name} fails on {len(broken)} of {len(worst)} instances "
                               f"(relative margin {worst[broken].min():.3g})")


def relative_margin(margins: Margins, check: Check) -> np.ndarray:
    """Smallest margin of each instance in units of the terms' size, shape (B,); NaN and infinity are refused."""
    if not all(np.isfinite(as_numpy(array)).all() for array in (margins.margin, margins.size)):
        raise RequestError(f"{check.claim.id}: a measured margin is not a finite number; look for overflow in the measurement.")
    return margins.relative().min(axis=1, initial=1.0)


def _note_ratio(check: Check, margins: Margins, inputs: Inputs, tally: Tally) -> None:
    ratio = side_ratio(margins, min(1e6 * check.tolerance.value, 0.1))
    if ratio is None or not np.isfinite(ratio).any():
        return
    best = int(np.nanargmax(ratio))
    if not tally.max_ratio >= ratio[best]:
        tally.max_ratio, tally.worst = float(ratio[best]), select(inputs, best)


def side_ratio(margins: Margins, floor: float = 0.0) -> np.ndarray | None:
    """Largest left/right of each instance over positions with left ≥ 0 and right > 0; None without two sides.

    Positions whose right side is what rounding left of larger terms have no ratio to speak of: the right side must reach
    `floor` times the terms' size. A search asks for a million times the rounding band, so that its ratio is right to 10^-6;
    a witness's claim has been refereed and needs no floor.
    """
    found = ratios(margins, floor)
    if found is None:
        return None
    best = found.max(axis=1, initial=-np.inf)
    return np.where(best == -np.inf, np.nan, best)


def ratios(margins: Margins, floor: float = 0.0) -> np.ndarray | None:
    """left/right at every position, (B, positions), -inf where it has none (see `side_ratio`)."""
    if margins.sides is None:
        return None
    left, right = (as_numpy(side) for side in margins.sides)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((left >= 0) & (right > 0) & (right >= floor * as_numpy(margins.size)), left / right, -np.inf)


__all__ = ["Measured", "Refuted", "SamplerFault", "Tally", "Undecided", "examine", "explore", "ratios", "relative_margin",
           "require_hypotheses", "seed_of", "side_ratio"]
