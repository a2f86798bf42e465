"""ln x ≤ x - 1 for x > 0: the logarithm lies below its tangent at 1."""

import sympy as sp

from theory.core import Always, Claim, Part, Source, Step, Var
from theory.core.rules import At, Monotone, Polynomial

x = sp.Symbol("x", positive=True)
y = sp.Symbol("y", positive=True)

CLAIM = Claim(
    id="foundations/log_tangent",
    title="Logarithm below its tangent",
    summary="The natural logarithm lies below its tangent at 1.",
    source=Source("foundations", "calculus", ""),
    provenance="derived",
    variables=[Var(y, "any positive number")],
    hypotheses={},
    parts=[Part("tangent", sp.Le(sp.log(y), y - 1), [
        Step("everywhere", Always(sp.Le(sp.log(x), x - 1), (x, 0, sp.oo)), Monotone(base=1)),
        Step("at y", sp.Le(sp.log(y), y - 1), Polynomial(At("everywhere", {x: y}))),
    ])],
)
