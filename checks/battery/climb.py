"""Gradient ascent on left/right over the free numbers of instances: worse cases than random search finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from checks.arithmetic import TorchArithmetic
from checks.battery.check import Check, Climb
from checks.battery.property import Tally, examine, ratios, seed_of
from checks.errors import RequestError
from checks.evaluate import Evaluation
from theory.core.claim import Part

STEPS, RATE = 40, 0.1  # of torch's Adam, in units of a factor e for positive knobs, and of the unit interval for fractions
REACH = 12.0  # a positive knob moves by e^±12 at most: further out the floats of an instance cancel
FLOOR = 1e-3  # a right side below this share of its terms is mostly rounding: no direction to climb in


def climb(
    check: Check, part: Part, arithmetic: TorchArithmetic, seed: int, steps: int = STEPS, batch: int | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Tally:
    """The worst instances found, decided like all others; raises Refuted, SamplerFault or Undecided as `explore` does."""
    given, tally = check.climb, Tally()
    if given is None:
        raise RequestError(f"the check of {check.claim.id} names no knobs to turn; give it a Climb.")
    generator = torch.Generator().manual_seed(seed_of(check, part, seed))
    for params in given.starts:
        free = given.draw(generator, batch or given.batch, part.name, **params)
        best = _ascend(check, given, part, dict(free), arithmetic, steps)
        examine(check, part, given.build(best), arithmetic, tally)
        tick()
    return tally


def _ascend(
    check: Check, given: Climb, part: Part, free: dict[str, Any], arithmetic: TorchArithmetic, steps: int
) -> dict[str, Any]:
    """The free numbers at which each instance's ratio was largest."""
    turned = {name: torch.zeros_like(free[name], requires_grad=True) for name in given.knobs if name in free}
    ascent, best = torch.optim.Adam(turned.values(), lr=RATE), dict(free)
    highest = torch.full((len(next(iter(turned.values()))),), -torch.inf, dtype=torch.float64)
    for _ in range(steps):
        moved = {**free, **{name: _moved(free[name], turn, given.knobs[name]) for name, turn in turned.items()}}
        try:
            ratio = _ratio(check, part, given.build(moved), arithmetic)
        except RequestError:  # an instance left the range of floats: what was found before it still counts
            break
        better = torch.isfinite(ratio) & (ratio.detach() > highest)
        highest = torch.where(better, ratio.detach(), highest)
        best |= {name: _chosen(better, moved[name].detach(), best[name]) for name in turned}
        ascent.zero_grad()
        torch.where(torch.isfinite(ratio), -ratio, 0.0).sum().backward()
        for turn in turned.values():
            turn.grad = None if turn.grad is None else turn.grad.nan_to_num(0.0, 0.0, 0.0)
        ascent.step()
    return best


def _moved(start: Tensor, turn: Tensor, domain: str) -> Tensor:
    """A knob's value: a sum, a factor e^turn, or a sum kept between 0 and 1 (the gradient passes the ends)."""
    if domain == "positive":
        return start * turn.clamp(-REACH, REACH).exp()
    if domain == "real":
        return start + turn
    inside = start + turn
    return inside + (inside.clamp(0, 1) - inside).detach()


def _ratio(check: Check, part: Part, inputs: Mapping[str, Any], arithmetic: TorchArithmetic) -> Tensor:
    """log(left/right) of each instance at its worst position, (B,) on the CPU; -inf where there is none."""
    margins = Evaluation(check.claim, check.measure(inputs, arithmetic), arithmetic).statement(part.conclusion)
    found = ratios(margins, FLOOR)
    if found is None or margins.sides is None:
        raise RequestError(f"{part.name} has no two sides to compare.")
    place = torch.as_tensor(found.argmax(1))[:, None]
    left, right = (torch.take_along_dim(side.cpu(), place, 1)[:, 0] for side in margins.sides)
    usable = torch.as_tensor(np.isfinite(found).any(1)) & (left > 0)
    one = torch.ones_like(left)
    return torch.where(usable, torch.where(usable, left, one).log() - torch.where(usable, right, one).log(), -torch.inf)


def _chosen(better: Tensor, new: Tensor, old: Tensor) -> Tensor:
    return torch.where(better.reshape(-1, *[1] * (new.ndim - 1)), new, old)
