"""Exercise Hölder's inequality for means on random arrays with a few equally likely outcomes each."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import Attained, Check, Inputs, Measured, Necessary, Searched, Tolerance, column
from checks.problems.sampling import log_uniform, normal, uniform
from theory.core import E
from theory.foundations.mean_of_sizes import CLAIM, i, k, share, size, w


def sample(generator: torch.Generator, batch: int, part: str, K: int, d: int, outcomes: int, spread: float) -> Inputs:
    """Numbers a and weights w of shape (batch, outcomes, K, d) over 2·spread decades; often a is near a multiple of w."""
    shape = (batch, outcomes, K, d)
    weights = log_uniform(generator, 10.0**-spread, 10.0**spread, *shape)
    near = uniform(generator, 0, 1, batch, 1, 1, 1) < 0.5
    numbers = torch.where(near, weights * (1 + 0.1 * normal(generator, *shape)), normal(generator, *shape) * weights.flip(1))
    slack = torch.where(uniform(generator, 0, 1, batch) < 0.3, 0.0, uniform(generator, 0, 1, batch))
    return {"K": K, "d": d, "a": numbers, "w": weights, "slack": slack}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """Means over the outcomes; P and Q (or A, h, F, q) as small as the hypotheses allow, but for the slack."""
    ops, K, d = arithmetic, inputs["K"], inputs["d"]
    numbers, weights, slack = (ops.array(inputs[name]) for name in ("a", "w", "slack"))
    entries = {size: ops.abs(numbers), share: numbers * numbers / weights, w[k, i]: weights}
    means: dict[Any, Any] = {E(entry): values.sum(1) / values.shape[1] for entry, values in entries.items()}
    shares, roots = ((1 + slack) * means[E(entry)].sum(-1).sum(-1) for entry in (share, w[k, i]))
    tiny = ops.array("1/1000000000000")
    P, Q = shares + tiny, roots + tiny
    A = P / K  # with h = 1
    F = Q / (2 * K)
    return {"K": K, "d": d, "P": P, "Q": Q, "A": A, "h": 0 * A + 1, "F": F, "q": ops.sqrt(F / d), "a": numbers[:, 0],
            "w": weights[:, 0], **means}


def single(number: float = 1.0, weight: float = 1.0, **changed: float) -> Inputs:
    """One number, one weight, one outcome."""
    one = torch.ones(1, 1, 1, 1, dtype=torch.float64)
    return {"K": 1, "d": 1, "a": number * one, "w": weight * one, "slack": column(0.0),
        **{n: column(v) for n, v in changed.items()}}


def given(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """The measurement with the scalars that the instance gives."""
    return {**measure(inputs, arithmetic), **{n: arithmetic.array(inputs[n])
        for n in ("P", "Q", "q", "F", "h", "A") if n in inputs}}


CHECK = Check(
    claim=CLAIM,
    space={"K": st.integers(1, 4), "d": st.integers(1, 6), "outcomes": st.integers(1, 8), "spread": st.floats(0, 2)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-9, "sums of at most 200 positive terms; P and Q exceed the sums they bound by 1e-12"),
    tightness={
        "bound": Attained(single),
        "two_scales": Searched("random arrays; the two roots of the last sum cannot both be large"),
    },
    necessity={
        "shares": Necessary("bound", lambda: single(P=0.25), given),
        "weights": Necessary("bound", lambda: single(Q=0.25), given),
        "scales": Necessary("two_scales", lambda: single(1024.0, 2.0**20, q=2.0**-20, F=2.0**19, h=1.0, A=1.0), given),
    },
)
