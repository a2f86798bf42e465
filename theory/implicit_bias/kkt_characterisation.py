"""x is a KKT point of min f on ‖x‖ ≤ 1/λ iff it lies in the ball and ⟨-λx, ∇f⟩ = ‖∇f‖_*, in every norm."""

import sympy as sp

from theory.core import Always, Claim, Part, Source, Step, Var
from theory.core.claim import IMPLICIT_BIAS
from theory.core.rules import At, By, Polynomial, Termwise
from theory.l1_rate.kkt_score import CLAIM as KKT_SCORE
from theory.l1_rate.kkt_score import coordinates, d, f_x, f_y, g, i, lam, mu_minus, mu_plus, nu, x, y

s, norm_x, dual_g, dual_Delta, kappa = sp.symbols("s norm_x dual_g dual_Delta kappa", nonnegative=True)
Delta = sp.IndexedBase("Delta", real=True)


def inner(entry: sp.Expr) -> sp.Expr:
    """⟨x, entry⟩."""
    return sp.Sum(x[i] * entry, coordinates)


aligned = sp.Eq(-lam * inner(g[i]), dual_g)
multiplier = sp.Eq(s, dual_g)
feasible = sp.Le(norm_x, 1 / lam)
duality = sp.Le(-inner(g[i]), norm_x * dual_g)

kkt_point = {
    "feasible": feasible,
    "stationarity": Always(sp.Eq(g[i] + s * Delta[i], 0), coordinates),
    "complementarity": sp.Eq(s * (norm_x - 1 / lam), 0),
    "subgradient size": sp.Le(dual_Delta, 1),
    "subgradient value": sp.Eq(inner(Delta[i]), norm_x),
    "homogeneity": sp.Eq(dual_g, s * dual_Delta),
    "duality": duality,
}
necessity = [
    Step("terms", Always(sp.Eq(x[i] * g[i], -s * x[i] * Delta[i]), coordinates), Polynomial(At("stationarity"))),
    Step("sum", sp.Eq(inner(g[i]), -s * inner(Delta[i])), Termwise("terms", over=coordinates)),
    Step("value", sp.Eq(-lam * inner(g[i]), s), Polynomial("sum", "subgradient value", "complementarity")),
    Step("at most", sp.Le(dual_g, s), Polynomial("homogeneity", "subgradient size")),
    Step("ball", sp.Le(lam * norm_x * dual_g, dual_g), Polynomial("feasible")),
    Step("at least", sp.Le(s, dual_g), Polynomial("value", "duality", "ball")),
]

# The witness for the other direction: multiplier ‖g‖_*, subgradient -g/‖g‖_*.
witness = -g[i] / dual_g
gradient_point = {"feasible": feasible, "duality": duality, "aligned": aligned, "gradient": sp.Gt(dual_g, 0)}
touches = [
    Step("reach", sp.Le(dual_g / lam, norm_x * dual_g), Polynomial("aligned", "duality")),
    Step("touches", sp.Eq(norm_x, 1 / lam), Polynomial("reach", "feasible", "gradient")),
]
witness_value = sp.Eq(inner(witness), norm_x)
witness_stationary = Always(sp.Eq(g[i] + dual_g * Delta[i], 0), coordinates)
witness_complementary = sp.Eq(dual_g * (norm_x - 1 / lam), 0)
# Where the gradient vanishes any subgradient serves: the stationarity error is at most a multiple of ‖g‖_*.
stationarity_error = Always(
    sp.Le(sp.Abs(g[i] + dual_g * Delta[i]), (kappa + sp.Abs(Delta[i])) * dual_g), coordinates)
definite = {"definite": Always(sp.Le(sp.Abs(g[i]), kappa * dual_g), coordinates)}

# The box: the multiplier of coordinate i is |g_i|, on the face that -g_i points at.
box = {
    "in the box": KKT_SCORE.part("kkt_vanishes").hypotheses["in the box"],
    "aligned in the box": sp.Eq(-lam * inner(g[i]), sp.Sum(sp.Abs(g[i]), coordinates)),
}
score_vanishes = Step("score vanishes", KKT_SCORE.part("kkt_vanishes").conclusion, Polynomial("aligned in the box"))


UNUSED = {y: x, f_x: 0, f_y: 0, nu: 0}  # symbols of the score's claim that its complementarity parts do not speak of


def box_part(name: str) -> Part:
    """A complementarity condition of the box, taken from the score."""
    conclusion = KKT_SCORE.part(name).conclusion
    return Part(f"box_{name}", conclusion, [
        score_vanishes,
        Step("condition", conclusion, By(KKT_SCORE, name, UNUSED, using=("in the box", "score vanishes"))),
    ], box)


box_multipliers = Always(sp.Eq(mu_plus[i] + mu_minus[i], sp.Abs(g[i])), coordinates)
box_kkt = {"box stationarity" if name == "stationarity" else name: hypothesis
           for name, hypothesis in KKT_SCORE.part("kkt_vanishes").hypotheses.items()}

CLAIM = Claim(
    id="implicit_bias/kkt_characterisation",
    title="KKT points of a norm ball",
    summary="A point is KKT for min f on ‖x‖ ≤ 1/λ exactly if it lies in the ball and ⟨-λx, ∇f⟩ = ‖∇f‖_*; the multiplier is "
            "‖∇f‖_*, and for ℓ∞ the multipliers of the faces are |∇_i f|.",
    source=Source("implicit_bias", "Lemma 3.8", IMPLICIT_BIAS),
    provenance="stated",
    variables=[
        Var(d, "number of coordinates"), Var(lam, "weight decay; the ball has radius 1/λ"),
        Var(x, "point", over=((1, d),)), Var(g, "gradient ∇f at x", over=((1, d),)),
        Var(Delta, "subgradient of the norm at x", over=((1, d),)), Var(s, "multiplier of ‖x‖ ≤ 1/λ"),
        Var(norm_x, "‖x‖"), Var(dual_g, "dual norm ‖g‖_*"), Var(dual_Delta, "dual norm ‖Δ‖_*"),
        Var(kappa, "a constant with |g_i| ≤ κ‖g‖_*, which every norm has"),
        Var(mu_plus, "multiplier of x ≤ 1/λ", over=((1, d),)), Var(mu_minus, "multiplier of -x ≤ 1/λ", over=((1, d),)),
    ],
    hypotheses={},
    uses=[KKT_SCORE],
    parts=[
        Part("multiplier", multiplier, [*necessity, Step("equal", multiplier, Polynomial("at most", "at least"))], kkt_point),
        Part("necessity", aligned,
             [*necessity, Step("aligned", aligned, Polynomial("value", "at most", "at least"))], kkt_point),
        Part("witness_stationary", witness_stationary,
             [Step("stationary", witness_stationary, Polynomial("gradient", At("witness")))],
             {"gradient": sp.Gt(dual_g, 0), "witness": Always(sp.Eq(Delta[i], witness), coordinates)}),
        Part("witness_size", sp.Eq(dual_Delta, 1),
             [Step("size", sp.Eq(dual_Delta, 1), Polynomial("gradient", "homogeneity of the witness"))],
             {"gradient": sp.Gt(dual_g, 0), "homogeneity of the witness": sp.Eq(dual_g * dual_Delta, dual_g)}),
        Part("witness_value", witness_value, [
            *touches,
            Step("value", witness_value, Polynomial("touches", "aligned", "gradient")),
        ], gradient_point),
        Part("witness_complementary", witness_complementary,
             [*touches, Step("complementary", witness_complementary, Polynomial("touches"))], gradient_point),
        Part("any_subgradient", stationarity_error,
             [Step("error", stationarity_error, Polynomial(At("definite")))], definite),
        box_part("upper_faces"),
        box_part("lower_faces"),
        Part("box_multipliers", box_multipliers,
             [Step("multipliers", box_multipliers, Polynomial(*(At(name) for name in box_kkt)))], box_kkt),
    ],
    note="‖·‖ and ‖·‖_* enter as numbers, with the axioms used named as hypotheses about the vectors concerned, so the claim "
         "speaks of every norm. `multiplier` and `necessity` read a KKT point; the `witness_` parts give, where ∇f ≠ 0, the "
         "multiplier ‖∇f‖_* and the subgradient -∇f/‖∇f‖_*, and `any_subgradient` says that any subgradient serves "
         "where ∇f = 0. The `box_` parts give the two multipliers of a coordinate for ℓ∞: max(-∇_i f, 0) and max(∇_i f, 0).",
)
