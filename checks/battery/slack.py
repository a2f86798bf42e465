"""How much of each inequality of a proof is used at one instance: where a bound is lost."""

from __future__ import annotations

import numpy as np

from checks.arithmetic import TorchArithmetic
from checks.battery.check import Check, Inputs
from checks.battery.property import side_ratio
from checks.errors import RequestError
from checks.evaluate import Evaluation, speaks_of_limits
from theory.core.claim import Part

FLOOR = 1e-6  # a right side below this share of its terms is what rounding left of them


def slack(check: Check, part: Part, inputs: Inputs, arithmetic: TorchArithmetic) -> dict[str, float]:
    """left/right of every proof step that is an inequality, by the step's name, and of the conclusion (by the part's).

    Read off the steps' own statements. Left out: equations, statements over the reals, steps about expectations that the
    check does not measure, limits and integrals (which can take for ever), and steps whose two sides have no ratio (a
    negative or vanishing side).
    """
    evaluation = Evaluation(check.claim, check.measure(inputs, arithmetic), arithmetic)
    found = {}
    for name, prop in [*((step.name, step.prop) for step in part.proof), (part.name, part.conclusion)]:
        try:
            if speaks_of_limits(term := evaluation.term(prop)):
                continue
            ratio = side_ratio(evaluation.statement(term), FLOOR)
        except RequestError:
            continue
        if ratio is not None and np.isfinite(ratio).all() and ratio.max() > 0:
            found[name] = float(ratio.max())
    return found



