"""Exercise the share of ε on second moments of real Adam runs, from far below ε to far above it."""

from __future__ import annotations

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import Attained, Check, Inputs, Measured, Necessary, Tolerance, column
from checks.optimizers import Adam, run
from checks.problems.sampling import log_uniform, normal, uniform
from theory.l1_rate.epsilon_share import CLAIM

STEPS = 5


def sample(generator: torch.Generator, batch: int, part: str, d: int, scale: float) -> Inputs:
    """Gradients (batch, 5, d) over eight decades, many zero; κ between the moments' smallest and largest multiple of ε."""
    g = normal(generator, batch, STEPS, d) * log_uniform(generator, 1e-4, 1e4, batch, 1, d) * 10.0**scale
    if part != "mostly_moment":  # where κ = 0 leaves nothing to compare
        g = torch.where(uniform(generator, 0, 1, batch, 1, d) < 0.2, 0.0, g)
    return {"d": d, "g": g, "beta2": uniform(generator, 0, 1, batch) * 0.999, "level": log_uniform(generator, 1e-3, 1e3, batch),
            "part": part, "slack": log_uniform(generator, 1e-6, 0.5, batch)}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """Adam's second moments after five steps; κ is a little above their largest multiple of ε, or a little below the smallest."""
    ops, d = arithmetic, inputs["d"]
    g, beta2, level = (ops.array(inputs[name]) for name in ("g", "beta2", "level"))
    eps = level * level / d
    adam = Adam(lr=1.0, beta1=0.0, beta2=beta2, eps=eps)
    v = run(adam, 0 * g[:, 0], lambda x, t: g[:, t - 1], STEPS, ops).v[:, -1]
    multiples = v / eps[:, None]
    choose = ops.minimum if inputs["part"] == "mostly_moment" else ops.maximum
    kappa = multiples[:, 0]
    for column_ in range(1, d):
        kappa = choose(kappa, multiples[:, column_])
    slack = ops.array(inputs["slack"])
    kappa = kappa * (1 - slack if inputs["part"] == "mostly_moment" else 1 + slack)
    kappa = ops.array(inputs["kappa"]) if "kappa" in inputs else kappa
    return {"d": d, "epsilon": ops.array(inputs["epsilon"]) if "epsilon" in inputs else eps, "sigma_hat": level, "v": v,
            "kappa": kappa}


def single(part: str = "sandwich", gradient: float = 0.0, **more: float) -> Inputs:
    """One coordinate, β2 = 0, so that v is the last gradient's square; σ̂ = 1."""
    return {"d": 1, "g": torch.full((1, STEPS, 1), gradient, dtype=torch.float64), "beta2": column(0.0), "level": column(1.0),
            "part": part, "slack": column(0.0), **{name: column(value) for name, value in more.items()}}


CHECK = Check(
    claim=CLAIM,
    space={"d": st.integers(1, 16), "scale": st.floats(-2, 2)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-12, "five averages and one root, each rounding by 2^-53"),
    tightness={
        "sandwich": Attained(single),
        "mostly_epsilon": Attained(lambda: single("mostly_epsilon", 1.0)),
        "mostly_moment": Attained(lambda: single("mostly_moment", 1.0)),
        "sum": Attained(single),
    },
    necessity={
        "small moment": Necessary("mostly_epsilon", lambda: single("mostly_epsilon", 4.0, kappa=1.0)),
        "large moment": Necessary("mostly_moment", lambda: single("mostly_moment", 1.0, kappa=4.0)),
        "epsilon": Necessary("sum", lambda: single("sum", 0.0, epsilon=4.0)),
    },
)
