"""Exercise the two limits of the rate on numbers over many scales."""

from __future__ import annotations

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import Attained, Check, Exact, Inputs, Measured, Necessary, Tolerance, column
from checks.problems.sampling import log_uniform, uniform
from theory.l1_rate.noise_separation import CLAIM


def sample(generator: torch.Generator, batch: int, part: str, K: int, d: int, scale: float) -> Inputs:
    """L, D, γ, A over four decades; σ_s above the level that K steps resolve, or zero."""
    L, D, A = (log_uniform(generator, 1e-2, 1e2, batch) * 10.0**scale for _ in range(3))
    gamma = log_uniform(generator, 1e-2, 1.0, batch)
    least = (L * D / K).sqrt() / gamma
    loud = least * torch.where(uniform(generator, 0, 1, batch) < 0.2, 1 + 1e-9, log_uniform(generator, 1.01, 1e4, batch))
    silent = part == "no_noise"
    return {"K": K, "d": d, "L": L, "D": D, "A": A, "gamma": gamma, "sigma_s": 0 * loud if silent else loud,
            "sigma_hat": least if silent else loud}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    return {name: value if name in ("K", "d") else arithmetic.array(value) for name, value in inputs.items()}


def unit(sigma: float = 1.0, sigma_hat: float = 1.0, gamma: float = 1.0, A: float = 1.0) -> Inputs:
    """K = d = L = D = 1."""
    return {"K": 1, "d": 1, "L": column(1.0), "D": column(1.0), "A": column(A), "gamma": column(gamma),
            "sigma_s": column(sigma), "sigma_hat": column(sigma_hat)}


CHECK = Check(
    claim=CLAIM,
    space={"K": st.integers(1, 10**6), "d": st.integers(1, 10**4), "scale": st.floats(-2, 2)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-12, "a few roots and products, each rounding by 2^-53 relative"),
    tightness={"noise_dominates": Attained(unit), "no_noise": Exact()},
    necessity={
        "noise level": Necessary("noise_dominates", lambda: unit(sigma_hat=4.0)),
        "much noise": Necessary("noise_dominates", lambda: unit(sigma=2.0**-10)),
        "silence": Necessary("no_noise", lambda: unit(sigma=4.0, sigma_hat=4.0)),
    },
)
