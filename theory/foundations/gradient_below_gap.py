"""‖∇f(x)‖₂² ≤ 2L(f(x) - f*) for every function with an L-Lipschitz gradient and infimum f*."""

import sympy as sp

from theory.core import Always, Claim, Part, Source, Step, Var
from theory.core.rules import Polynomial, Termwise

d = sp.Symbol("d", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
L = sp.Symbol("L", positive=True)
f_x, f_y, f_star = sp.symbols("f_x f_y f_star", real=True)
x, y, g = (sp.IndexedBase(name, real=True) for name in "xyg")
coordinates = (i, 1, d)

slope = sp.Sum(g[i] * (y[i] - x[i]), coordinates)
bend = sp.Sum((y[i] - x[i]) ** 2, coordinates)
squares = sp.Sum(g[i] ** 2, coordinates)

CLAIM = Claim(
    id="foundations/gradient_below_gap",
    title="The gradient is small where f is nearly minimal",
    summary="The squared l2 norm of the gradient is at most 2L times the distance of f(x) from the infimum.",
    source=Source("foundations", "smoothness and a lower bound", ""),
    provenance="derived",
    variables=[
        Var(d, "number of coordinates"), Var(L, "smoothness of f in the l2 norm"), Var(x, "point", over=((1, d),)),
        Var(y, "where a gradient step from x of length 1/L leads", over=((1, d),)),
        Var(g, "gradient of f at x", over=((1, d),)), Var(f_x, "f(x)"), Var(f_y, "f(y)"),
        Var(f_star, "a lower bound of f"),
    ],
    hypotheses={
        "gradient step": Always(sp.Eq(y[i], x[i] - g[i] / L), coordinates),
        "smooth": sp.Le(f_y, f_x + slope + L / 2 * bend),
        "infimum": sp.Le(f_star, f_y),
    },
    parts=[Part("bound", sp.Le(squares, 2 * L * (f_x - f_star)), [
        Step("slopes", Always(sp.Eq(g[i] * (y[i] - x[i]), -g[i] ** 2 / L), coordinates), Polynomial("gradient step")),
        Step("slope", sp.Eq(slope, sp.Sum(-g[i] ** 2 / L, coordinates)), Termwise("slopes", over=coordinates)),
        Step("bends", Always(sp.Eq((y[i] - x[i]) ** 2, g[i] ** 2 / L**2), coordinates), Polynomial("gradient step")),
        Step("bend", sp.Eq(bend, sp.Sum(g[i] ** 2 / L**2, coordinates)), Termwise("bends", over=coordinates)),
        Step("bound", sp.Le(squares, 2 * L * (f_x - f_star)), Polynomial("slope", "bend", "smooth", "infimum")),
    ])],
    note="'smooth' is the quadratic upper bound that an L-Lipschitz gradient gives between x and y.",
)
