"""Young's inequality: 2ab ≤ c a² + b²/c for c > 0."""

import hypothesis.strategies as st
import sympy as sp
import torch

from checks.battery.check import Attained, Check, Tolerance, column
from theory.core import Claim, Part, Source, Step, Var
from theory.core.rules import Polynomial

a, b = sp.symbols("a b", real=True)
c = sp.Symbol("c", positive=True)
young = sp.Le(2 * a * b, c * a**2 + b**2 / c)

CLAIM = Claim(
    id="mine/young",
    title="Young's inequality",
    summary="A product is at most a weighted sum of squares.",
    source=Source("mine", "Lemma 1", ""),
    provenance="stated",
    variables=[Var(a, "a number"), Var(b, "a number"), Var(c, "the weight")],
    hypotheses={},
    parts=[Part("young", young, [Step("square", young, Polynomial())])],
)


def sample(generator, batch, part, spread):
    a, b, c = torch.randn(3, batch, generator=generator, dtype=torch.float64)
    return {"a": a * 10**spread, "b": b, "c": c.exp()}


CHECK = Check(
    claim=CLAIM,
    space={"spread": st.floats(-3, 3)},
    sample=sample,
    measure=lambda inputs, arithmetic: {name: arithmetic.array(value) for name, value in inputs.items()},
    tolerance=Tolerance(1e-14, "a handful of roundings of 2^-53"),
    tightness={"young": Attained(lambda: {"a": column(1.0), "b": column(2.0), "c": column(2.0)})},
    necessity={},
)
