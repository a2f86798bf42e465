"""The KKT score S(x) = ‖g‖₁ + λ⟨x, g⟩ of a box: ≥ 0 inside, 0 exactly at KKT points, S/λ bounds the convex gap."""

import sympy as sp

from theory.core import Always, Claim, Part, Source, Step, Var
from theory.core.claim import L1_RATE
from theory.core.rules import At, Known, Polynomial, Termwise

d = sp.Symbol("d", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
lam = sp.Symbol("lambda", positive=True)
nu = sp.Symbol("nu", nonnegative=True)
f_x, f_y = sp.symbols("f_x f_y", real=True)
x, g, y = (sp.IndexedBase(name, real=True) for name in "xgy")
mu_plus, mu_minus = (sp.IndexedBase(name, nonnegative=True) for name in ("mu_plus", "mu_minus"))

coordinates = (i, 1, d)
score = sp.Sum(sp.Abs(g[i]), coordinates) + lam * sp.Sum(x[i] * g[i], coordinates)
term = sp.Abs(g[i]) + lam * x[i] * g[i]

in_box = Always(sp.Le(sp.Abs(x[i]), 1 / lam), coordinates)
nonnegative_term = Always(sp.Ge(term, 0), coordinates)
zero_term = Always(sp.Eq(term, 0), coordinates)

nonnegative = [
    Step("terms", nonnegative_term, Polynomial(At("in the box"))),
    Step("nonnegative", sp.Ge(score, 0), Termwise("terms", over=coordinates)),
]
# A sum of non-negative terms that vanishes has vanishing terms.
size_sum = sp.Sum(sp.Abs(term), coordinates)
zero_terms = [
    Step("sizes", Always(sp.Eq(sp.Abs(term), term), coordinates), Polynomial(At("in the box"))),
    Step("sum of sizes", sp.Eq(size_sum, score), Termwise("sizes", over=coordinates)),
    Step("each below the sum", Always(sp.Le(sp.Abs(term.subs(i, j)), size_sum), (j, 1, d)),
         Known("term_below_sum", {"a": sp.Abs(term), "over": coordinates, "at": j})),
    Step("vanishing", zero_term, Polynomial(At("each below the sum", {j: i}), "sum of sizes", "score vanishes")),
]


def face(multiplier: sp.Expr, distance: sp.Expr) -> Always:
    """A multiplier is zero unless its face is active."""
    return Always(sp.Eq(multiplier * distance, 0), coordinates)


upper, lower = 1 / lam - x[i], 1 / lam + x[i]
stationary = Always(sp.Eq(g[i] + sp.Max(-g[i], 0) - sp.Max(g[i], 0), 0), coordinates)
kkt_point = {
    "in the box": in_box,
    "stationarity": Always(sp.Eq(g[i] + mu_plus[i] - mu_minus[i], 0), coordinates),
    "upper faces": face(mu_plus[i], upper),
    "lower faces": face(mu_minus[i], lower),
}
box_facts = (At("in the box"), At("stationarity"), At("upper faces"), At("lower faces"))
vanishing = {"in the box": in_box, "score vanishes": sp.Eq(score, 0)}


def vanishing_part(name: str, conclusion: Always) -> Part:
    """One KKT condition with the multipliers max(-g, 0) and max(g, 0), from S = 0."""
    return Part(name, conclusion, [*zero_terms, Step("condition", conclusion, Polynomial(At("vanishing")))], vanishing)


interior = sp.Ge(score, (1 - nu) * sp.Sum(sp.Abs(g[i]), coordinates))
certificate = sp.Le(f_x - f_y, score / lam)

CLAIM = Claim(
    id="l1_rate/kkt_score",
    title="KKT score of a box",
    summary="‖g‖₁ + λ⟨x, g⟩ is non-negative in ‖x‖∞ ≤ 1/λ, vanishes exactly at the KKT points, is at least (1-ν)‖g‖₁ at "
            "ν/λ, and divided by λ bounds the distance of a convex f from its minimum on the box.",
    source=Source("l1_rate", "Section 1 (KKT score)", L1_RATE),
    provenance="restored",
    variables=[
        Var(d, "number of coordinates"), Var(lam, "weight decay; the box has radius 1/λ"),
        Var(x, "point", over=((1, d),)), Var(g, "gradient at x", over=((1, d),)),
        Var(y, "another point of the box", over=((1, d),)),
        Var(mu_plus, "multiplier of x ≤ 1/λ", over=((1, d),)), Var(mu_minus, "multiplier of -x ≤ 1/λ", over=((1, d),)),
        Var(nu, "how far into the box x reaches, as a fraction"),
        Var(f_x, "function value at x"), Var(f_y, "function value at y"),
    ],
    hypotheses={},
    parts=[
        Part("nonnegative", sp.Ge(score, 0), nonnegative, {"in the box": in_box}),
        Part("stationary", stationary, [Step("split", stationary, Polynomial())]),
        vanishing_part("upper_faces", face(sp.Max(-g[i], 0), upper)),
        vanishing_part("lower_faces", face(sp.Max(g[i], 0), lower)),
        Part("kkt_vanishes", sp.Eq(score, 0), [
            Step("terms vanish", zero_term, Polynomial(*box_facts)),
            Step("sum", sp.Eq(score, 0), Termwise("terms vanish", over=coordinates)),
        ], kkt_point),
        Part("interior", interior, [
            Step("terms", Always(sp.Ge(term, (1 - nu) * sp.Abs(g[i])), coordinates), Polynomial(At("in a smaller box"))),
            Step("interior", interior, Termwise("terms", over=coordinates)),
        ], {"in a smaller box": Always(sp.Le(sp.Abs(x[i]), nu / lam), coordinates)}),
        Part("certificate", certificate, [
            Step("terms", Always(sp.Le(-lam * y[i] * g[i], sp.Abs(g[i])), coordinates), Polynomial(At("y in the box"))),
            Step("support", sp.Le(-lam * sp.Sum(y[i] * g[i], coordinates), sp.Sum(sp.Abs(g[i]), coordinates)),
                 Termwise("terms", over=coordinates)),
            Step("certificate", certificate, Polynomial("support", "gradient inequality")),
        ], {"y in the box": Always(sp.Le(sp.Abs(y[i]), 1 / lam), coordinates),
            "gradient inequality": sp.Ge(f_y, f_x + sp.Sum(g[i] * (y[i] - x[i]), coordinates))}),
    ],
    note="The gradient inequality is what convexity says of f at x and y. The certificate, which is ours and not the "
         "paper's, does not need x inside the box.",
)
