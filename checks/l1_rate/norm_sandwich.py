"""Exercise ‖x‖₂ ≤ ‖x‖₁ ≤ √d ‖x‖₂ on dense, sparse, tied and widely scaled vectors."""

from __future__ import annotations

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import Attained, Check, Inputs, Measured, Tolerance
from theory.l1_rate.norm_sandwich import CLAIM


def sample(generator: torch.Generator, batch: int, part: str, d: int, scale: float) -> Inputs:
    """Heavy-tailed vectors of size (batch, d) times 10^scale, a random share of their entries zero, some tied."""
    x = torch.randn(batch, d, generator=generator, dtype=torch.float64) ** 3
    density = torch.rand(batch, 1, generator=generator, dtype=torch.float64)
    kept = torch.rand(batch, d, generator=generator, dtype=torch.float64) <= density
    tied = torch.rand(batch, 1, generator=generator, dtype=torch.float64) < 0.2
    return {"d": d, "x": torch.where(tied, x[:, :1].expand_as(x), x) * kept * 10.0**scale}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    return {"d": inputs["d"], "x": arithmetic.array(inputs["x"])}


CHECK = Check(
    claim=CLAIM,
    space={"d": st.integers(1, 64), "scale": st.floats(-3, 3)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-13, "sums of at most 64 terms and one root, each rounded to 2^-53, relative to their size"),
    tightness={
        "lower": Attained(lambda: {"d": 3, "x": torch.tensor([[0.0, -2.0, 0.0]], dtype=torch.float64)}),
        "upper": Attained(lambda: {"d": 4, "x": torch.full((1, 4), -3.0, dtype=torch.float64)}),
    },
    necessity={},
)
