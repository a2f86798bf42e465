"""‖x‖₂ ≤ ‖x‖₁ ≤ √d ‖x‖₂ for every vector of d coordinates."""

import sympy as sp

from theory.core import Always, Claim, Part, Source, Step, Var
from theory.core.claim import L1_RATE
from theory.core.rules import At, Identity, Induction, Known, Polynomial

d = sp.Symbol("d", integer=True, positive=True)
i, n = sp.symbols("i n", integer=True)
x = sp.IndexedBase("x", real=True)

l1 = sp.Sum(sp.Abs(x[i]), (i, 1, d))
l2 = sp.sqrt(sp.Sum(x[i] ** 2, (i, 1, d)))


def partial(expr: sp.Expr, upper: sp.Expr) -> sp.Expr:
    """The sum of the first `upper` coordinates."""
    return sp.Sum(expr, (i, 1, upper))


squares = sp.Le(partial(x[i] ** 2, n), partial(sp.Abs(x[i]), n) ** 2)

CLAIM = Claim(
    id="l1_rate/norm_sandwich",
    title="Norm sandwich",
    summary="The l1 norm lies between the l2 norm and √d times it.",
    source=Source("l1_rate", "Section 1 (norm comparison)", L1_RATE),
    provenance="stated",
    variables=[Var(d, "number of coordinates"), Var(x, "vector", over=((1, d),))],
    hypotheses={},
    parts=[
        Part("lower", sp.Le(l2, l1), [
            Step("squares", Always(squares, (n, 0, d)), Induction(base=Identity(), step=Polynomial("induction"))),
            Step("lower", sp.Le(l2, l1), Polynomial(At("squares", {n: d}))),
        ]),
        Part("upper", sp.Le(l1, sp.sqrt(d) * l2), [
            Step("cauchy-schwarz", sp.Le(partial(sp.Abs(x[i]), d) ** 2, d * partial(x[i] ** 2, d)),
                 Known("cauchy_schwarz", {"a": sp.Abs(x[i]), "b": sp.S.One, "over": (i, 1, d)})),
            Step("upper", sp.Le(l1, sp.sqrt(d) * l2), Polynomial("cauchy-schwarz")),
        ]),
    ],
)
