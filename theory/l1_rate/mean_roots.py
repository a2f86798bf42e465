"""Proof steps: on average √(v+ε) is at most √(ṽ+ε), and |∇f|²/√(v+ε) at least |∇f|²/√(ṽ+ε) (Jensen, by tangents).

A tangent at ṽ+ε, which the history fixes, turns each inequality into one that is linear in v.
"""

from __future__ import annotations

import sympy as sp

from theory.core import Always, E, Step
from theory.core.rules import At, Expectation, Polynomial, Termwise
from theory.l1_rate.schedule import beta, eps
from theory.l1_rate.setting import COORDINATES, MEAN_ROOT, ROOT, SECOND_MEAN, STEPS, G, everywhere, g, i, k, over_coordinates, v

SHARE, MEAN_SHARE = G[k, i] ** 2 / ROOT, G[k, i] ** 2 / MEAN_ROOT
z, w = sp.symbols("z w", positive=True)
a = sp.Symbol("a", real=True)


def total(entry: sp.Expr) -> sp.Sum:
    """Σ_k Σ_i E of an entry."""
    return sp.Sum(over_coordinates(E(entry)), STEPS)


def summed(name: str, low: sp.Expr, high: sp.Expr, fact: str) -> list[Step]:
    """From low ≤ high at every step and coordinate to the double sums."""
    return [
        Step(f"{name}, rows", Always(sp.Le(over_coordinates(low), over_coordinates(high)), STEPS),
             Termwise(fact, over=COORDINATES)),
        Step(name, sp.Le(sp.Sum(over_coordinates(low), STEPS), sp.Sum(over_coordinates(high), STEPS)),
             Termwise(f"{name}, rows", over=STEPS)),
    ]


inside = v[k, i] + eps
recurrence = beta * v[k - 1, i] + (1 - beta) * g[k, i] ** 2 + eps
spread = sp.Eq(E((g[k, i] - G[k, i]) ** 2, k), E(g[k, i] ** 2, k) - 2 * G[k, i] * E(g[k, i], k) + G[k, i] ** 2)


def root_tangent(value: sp.Expr) -> sp.Expr:
    """The tangent of the root at ṽ+ε."""
    return MEAN_ROOT / 2 + value / (2 * MEAN_ROOT)


def share_tangent(value: sp.Expr) -> sp.Expr:
    """|∇f|² times the tangent of 1/√ at ṽ+ε."""
    return G[k, i] ** 2 * (3 - value / MEAN_ROOT**2) / (2 * MEAN_ROOT)


MEAN_OF_V = [
    Step("spread", everywhere(spread), Expectation("linearity")),
    Step("recurrence", everywhere(sp.Le(inside, recurrence)), Polynomial("second moment")),
    Step("mean recurrence", everywhere(sp.Le(E(inside, k), E(recurrence, k))),
         Expectation("monotone", {"history": k}, ("recurrence",))),
    Step("recurrence, linear", everywhere(sp.Eq(E(recurrence, k), beta * v[k - 1, i] + (1 - beta) * E(g[k, i] ** 2, k) + eps)),
         Expectation("linearity")),
    Step("mean of v", everywhere(sp.Le(E(inside, k), SECOND_MEAN + eps)),
         Polynomial("mean recurrence", "recurrence, linear", "spread", "unbiased", "variance", "second decay below one")),
    Step("positive mean", everywhere(sp.Gt(SECOND_MEAN + eps, 0)), Polynomial("second decay below one")),
    Step("mean root positive", everywhere(sp.Gt(MEAN_ROOT, 0)), Polynomial("positive mean")),
]
ROOTS = [
    Step("tangent of the root", Always(sp.Le(sp.sqrt(z), w / 2 + z / (2 * w)), (z, 0, sp.oo), (w, 0, sp.oo)), Polynomial()),
    Step("root, tangent", everywhere(sp.Le(ROOT, root_tangent(inside))),
         Polynomial(At("tangent of the root", {z: inside, w: MEAN_ROOT}))),
    Step("root, mean tangent", everywhere(sp.Le(E(ROOT, k), E(root_tangent(inside), k))),
         Expectation("monotone", {"history": k}, ("root, tangent",))),
    Step("root, linear", everywhere(sp.Eq(E(root_tangent(inside), k), root_tangent(E(inside, k)))), Expectation("linearity")),
    Step("root", everywhere(sp.Le(E(ROOT, k), MEAN_ROOT)),
         Polynomial("root, mean tangent", "root, linear", "mean of v", "positive mean")),
    Step("root, mean", everywhere(sp.Le(E(E(ROOT, k)), E(MEAN_ROOT))), Expectation("monotone", using=("root",))),
    Step("root, tower", everywhere(sp.Eq(E(E(ROOT, k)), E(ROOT))), Expectation("tower")),
    Step("mean root", everywhere(sp.Le(E(ROOT), E(MEAN_ROOT))), Polynomial("root, mean", "root, tower")),
    *summed("roots", E(ROOT), E(MEAN_ROOT), "mean root"),
]
SHARES = [
    Step("tangent of the inverse", Always(sp.Ge(a**2 / sp.sqrt(z), a**2 * (3 - z / w**2) / (2 * w)),
                                          (z, 0, sp.oo), (w, 0, sp.oo), (a, -sp.oo, sp.oo)), Polynomial()),
    Step("share, tangent", everywhere(sp.Ge(SHARE, share_tangent(inside))),
         Polynomial(At("tangent of the inverse", {z: inside, w: MEAN_ROOT, a: G[k, i]}))),
    Step("share, mean tangent", everywhere(sp.Ge(E(SHARE, k), E(share_tangent(inside), k))),
         Expectation("monotone", {"history": k}, ("share, tangent",))),
    Step("share, linear", everywhere(sp.Eq(E(share_tangent(inside), k), share_tangent(E(inside, k)))), Expectation("linearity")),
    Step("share", everywhere(sp.Le(MEAN_SHARE, E(SHARE, k))),
         Polynomial("share, mean tangent", "share, linear", "mean of v", "positive mean")),
    Step("share, mean", everywhere(sp.Le(E(MEAN_SHARE), E(E(SHARE, k)))), Expectation("monotone", using=("share",))),
    Step("share, tower", everywhere(sp.Eq(E(E(SHARE, k)), E(SHARE))), Expectation("tower")),
    Step("mean share", everywhere(sp.Le(E(MEAN_SHARE), E(SHARE))), Polynomial("share, mean", "share, tower")),
    *summed("shares", E(MEAN_SHARE), E(SHARE), "mean share"),
]
