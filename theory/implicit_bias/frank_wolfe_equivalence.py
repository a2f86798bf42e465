"""A step of normalised steepest descent with decay at rate η is a Frank-Wolfe step at rate λη on ‖x‖ ≤ 1/λ."""

import sympy as sp

from theory.core import Always, Claim, Convention, Part, Source, Step, Var
from theory.core.claim import IMPLICIT_BIAS
from theory.core.rules import At, Polynomial

d = sp.Symbol("d", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
lam = sp.Symbol("lambda", positive=True)
eta = sp.Symbol("eta", nonnegative=True)
x, g, Delta, x_next, z, s = (sp.IndexedBase(name, real=True) for name in ("x", "g", "Delta", "x_next", "z", "s"))
norm_Delta, norm_vertex, norm_z, norm_s, norm_minus, dual_g = sp.symbols(
    "norm_Delta norm_vertex norm_z norm_s norm_minus dual_g", nonnegative=True)

coordinates = (i, 1, d)
gamma = lam * eta
vertex = -Delta[i] / lam


def inner(entry: sp.Expr) -> sp.Expr:
    """⟨g, entry⟩."""
    return sp.Sum(g[i] * entry, coordinates)


def frank_wolfe(point: sp.Expr) -> Always:
    """x_next is a step of length γ = λη from x towards `point`."""
    return Always(sp.Eq(x_next[i], (1 - gamma) * x[i] + gamma * point), coordinates)


def descent(direction: sp.Expr) -> Always:
    """x_next is a step of steepest descent along `direction` with decoupled decay."""
    return Always(sp.Eq(x_next[i], (1 - lam * eta) * x[i] - eta * direction), coordinates)


steepest = sp.Eq(inner(Delta[i]), dual_g)
unit = sp.Le(norm_Delta, 1)
minimises = sp.Le(inner(vertex), inner(z[i]))
converse = sp.Eq(inner(-lam * s[i]), dual_g)
same_step, same_unnormalised = frank_wolfe(vertex), frank_wolfe(dual_g * vertex)

CLAIM = Claim(
    id="implicit_bias/frank_wolfe_equivalence",
    title="Steepest descent with decay is Frank-Wolfe",
    summary="Normalised steepest descent with weight decay λ and rate η takes, in every norm and from every point, the step of "
            "Frank-Wolfe on ‖x‖ ≤ 1/λ with rate λη and vertex -Δ/λ.",
    source=Source("implicit_bias", "Theorem 3.2", IMPLICIT_BIAS),
    provenance="stated",
    convention=Convention(eps="none"),
    variables=[
        Var(d, "number of coordinates"), Var(lam, "weight decay; the ball has radius 1/λ"), Var(eta, "learning rate"),
        Var(x, "iterate before the step", over=((1, d),)), Var(g, "gradient there", over=((1, d),)),
        Var(Delta, "normalised steepest direction", over=((1, d),)), Var(x_next, "iterate after the step", over=((1, d),)),
        Var(z, "another point of the ball", over=((1, d),)), Var(s, "a vertex Frank-Wolfe may choose", over=((1, d),)),
        Var(norm_Delta, "‖Δ‖"), Var(norm_vertex, "‖-Δ/λ‖"), Var(norm_z, "‖z‖"), Var(norm_s, "‖s‖"),
        Var(norm_minus, "‖-λs‖"), Var(dual_g, "dual norm ‖g‖_*"),
    ],
    hypotheses={},
    parts=[
        Part("same_step", same_step, [Step("same step", same_step, Polynomial(At("descent step")))],
             {"descent step": descent(Delta[i])}),
        Part("vertex_in_ball", sp.Le(norm_vertex, 1 / lam),
             [Step("scaled", sp.Le(norm_vertex, 1 / lam), Polynomial("homogeneity", "unit direction"))],
             {"unit direction": unit, "homogeneity": sp.Eq(norm_vertex, norm_Delta / lam)}),
        Part("vertex_minimises", minimises, [
            Step("vertex value", sp.Eq(inner(vertex), -dual_g / lam), Polynomial("steepest direction")),
            Step("norm", sp.Le(norm_z * dual_g, dual_g / lam), Polynomial("z in the ball")),
            Step("minimises", minimises, Polynomial("vertex value", "norm", "duality")),
        ], {"steepest direction": steepest, "z in the ball": sp.Le(norm_z, 1 / lam),
            "duality": sp.Le(inner(-z[i]), norm_z * dual_g)}),
        Part("vertex_is_steepest", converse, [
            Step("at most", sp.Le(inner(-s[i]), dual_g / lam), Polynomial("duality at s", "s in the ball")),
            Step("at least", sp.Le(dual_g / lam, inner(-s[i])), Polynomial("best vertex", "steepest direction")),
            Step("steepest", converse, Polynomial("at most", "at least")),
        ], {"steepest direction": steepest, "s in the ball": sp.Le(norm_s, 1 / lam),
            "duality at s": sp.Le(inner(-s[i]), norm_s * dual_g), "best vertex": sp.Le(inner(s[i]), inner(vertex))}),
        Part("vertex_is_unit", sp.Le(norm_minus, 1),
             [Step("scaled", sp.Le(norm_minus, 1), Polynomial("homogeneity at s", "s in the ball"))],
             {"s in the ball": sp.Le(norm_s, 1 / lam), "homogeneity at s": sp.Eq(norm_minus, lam * norm_s)}),
        Part("unnormalised_step", same_unnormalised,
             [Step("same step", same_unnormalised, Polynomial(At("unnormalised step")))],
             {"unnormalised step": descent(dual_g * Delta[i])}),
    ],
    note="Norm and dual norm enter as numbers, with the axioms used (homogeneity, ⟨g, z⟩ ≤ ‖g‖_*‖z‖) named as hypotheses "
         "about the vectors concerned, so the claim speaks of every norm. No rate is too large for the identity; a convex "
         "combination needs λη ≤ 1. Without normalisation the same step aims at ‖g‖_* times the vertex: a ball whose radius "
         "‖g‖_*/λ follows the gradient.",
)
