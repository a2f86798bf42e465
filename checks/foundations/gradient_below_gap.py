"""Exercise ‖∇f(x)‖₂² ≤ 2L(f(x) - f*) on every family of problems; a quadratic with curvature L attains it."""

from __future__ import annotations

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import Attained, Check, Inputs, Measured, Necessary, Tolerance, column
from checks.problems import FAMILIES
from checks.problems.sampling import log_uniform, normal
from theory.foundations.gradient_below_gap import CLAIM


def sample(generator: torch.Generator, batch: int, part: str, d: int, family: str) -> Inputs:
    """Points (batch, d), gradients and values of real problems with their certified L and f*."""
    problem = FAMILIES[family](generator, batch, d)
    x = normal(generator, batch, d) * log_uniform(generator, 1e-2, 1e2, batch, 1)
    g = problem.gradient(x)
    y = x - g / problem.l2_smoothness[:, None]
    return {"d": d, "L": problem.l2_smoothness, "x": x, "g": g, "f_x": problem.value(x), "f_y": problem.value(y),
            "f_star": torch.minimum(problem.f_star, problem.value(y))}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """The gradient step is taken in the arithmetic at hand unless the instance says where it leads."""
    found = {name: value if name == "d" else arithmetic.array(value) for name, value in inputs.items()}
    return {"y": found["x"] - found["g"] / found["L"][:, None], **found}


def parabola(L: float = 1.0, f_star: float = 0.0, **more: torch.Tensor) -> Inputs:
    """f = x²/2 at 1."""
    one = column([[1.0]])
    return {"d": 1, "L": column(L), "x": one, "g": one, "f_x": column(0.5), "f_y": column((1 - 1 / L) ** 2 / 2),
            "f_star": column(f_star), **more}


CHECK = Check(
    claim=CLAIM,
    space={"d": st.integers(1, 12), "family": st.sampled_from(sorted(FAMILIES))},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-9, "values and gradients of at most a few hundred terms; "
        "f(y) nearly cancels f(x) where both are large"),
    tightness={"bound": Attained(parabola)},
    necessity={
        "gradient step": Necessary("bound", lambda: parabola(f_star=0.5, y=column([[1.0]]), f_y=column(0.5))),
        "smooth": Necessary("bound", lambda: parabola(L=0.25)),
        "infimum": Necessary("bound", lambda: parabola(f_star=0.25)),
    },
)
