"""Exercise ln x ≤ x - 1 from 1e-300 to 1e300, close to the touching point too."""

from __future__ import annotations

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import Attained, Check, Inputs, Measured, Tolerance, column
from theory.foundations.log_tangent import CLAIM


def sample(generator: torch.Generator, batch: int, part: str, spread: float) -> Inputs:
    """Numbers 10^±spread, half of them near 1 (by down to 10^-7.5)."""
    u = 2 * torch.rand(batch, generator=generator, dtype=torch.float64) - 1
    near = torch.rand(batch, generator=generator, dtype=torch.float64) < 0.5
    return {"y": torch.where(near, 1 + u * 10.0 ** -(spread / 40), 10 ** (u * spread))}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    return {"y": arithmetic.array(inputs["y"])}


CHECK = Check(
    claim=CLAIM,
    space={"spread": st.floats(1, 300)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-15, "one logarithm and one subtraction, each rounded to 2^-53, relative to the larger side"),
    tightness={"tangent": Attained(lambda: {"y": column(1.0)})},
    necessity={},
)
