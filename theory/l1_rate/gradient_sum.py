"""(η/2) Σ E Σ|∇f|²/√(ṽ+ε) ≤ (5/2)D + ηρ² Σ E Σ√(ṽ+ε) if λ|x| ≤ ρ: the descent of all steps. Without decay: ≤ (7/4)D.

The one-step descent is summed over the steps; the momentum's errors cost at most (3/2)D (half of it without decay, where no
square has to be split) and a part of the squared steps that the descent pays for; at last v gives way to its mean ṽ.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.core import Always, Claim, Convention, E, Part, Source, Step, Var
from theory.core.claim import L1_RATE
from theory.core.rules import At, By, Expectation, Induction, Polynomial, Termwise
from theory.foundations import gradient_below_gap
from theory.l1_rate import error_sum, momentum_error, one_step_descent
from theory.l1_rate.error_sum import MOVE, START, errors, f_y, moves, n, w, y, z
from theory.l1_rate.mean_roots import MEAN_OF_V, MEAN_SHARE, ROOTS, SHARE, SHARES, total
from theory.l1_rate.momentum_error import error
from theory.l1_rate.schedule import D, K, L, beta, d, eps, eta, lam, sigma, theta
from theory.l1_rate.setting import (
    COORDINATES,
    MEAN_ROOT,
    ROOT,
    STEPS,
    G,
    everywhere,
    f,
    fstar,
    g,
    history,
    hypotheses,
    i,
    k,
    m,
    mt,
    over_coordinates,
    r,
    tau,
    v,
    variables,
    x,
)

rho = sp.Symbol("rho", nonnegative=True)
half = sp.Rational(1, 2)


def telescoped(right: sp.Expr, share: Any, decay: Any) -> list[Step]:
    """Sum E f^{k+1} ≤ E(right) over the steps; `share` of (η/√ε)‖∇f - m̃‖² and `decay` times Σ√(v+ε) stand in `right`."""
    price = share * eta / sp.sqrt(eps)
    mean = (E(f[k]) - eta / 2 * over_coordinates(E(SHARE)) - eta * (1 + theta) / 4 * over_coordinates(E(MOVE))
            + price * E(error(mt, k)) + eta * decay * over_coordinates(E(ROOT)))

    def sums(last: Any) -> sp.Le:
        left = E(f[last + 1]) + eta / 2 * sp.Sum(over_coordinates(E(SHARE)), (k, 1, last)) + eta * (1 + theta) / 4 * moves(last)
        return sp.Le(left, E(f[1]) + price * errors(mt, last) + eta * decay * sp.Sum(over_coordinates(E(ROOT)), (k, 1, last)))

    gain = sp.Le(eta / 2 * total(SHARE), (1 + 3 * share / 2) * D + eta * decay * total(ROOT))
    return [
        Step("descent, mean", Always(sp.Le(E(f[k + 1]), E(right)), STEPS), Expectation("monotone", using=("descent",))),
        Step("descent, linear", Always(sp.Eq(E(right), mean), STEPS), Expectation("linearity")),
        Step("mean descent", Always(sp.Le(E(f[k + 1]), mean), STEPS), Polynomial("descent, mean", "descent, linear")),
        Step("descents", Always(sums(n), (n, 0, K)), Induction(
            base=Polynomial(), step=Polynomial("induction", At("mean descent", {k: n + 1})))),
        Step("first value", sp.Le(f[1], fstar + D), Polynomial("start")),
        Step("first value, mean", sp.Le(E(f[1]), fstar + D), Expectation("monotone", using=("first value",))),
        Step("last value", sp.Ge(f[K + 1], fstar), Polynomial(At("infimum", {k: K + 1}))),
        Step("last value, mean", sp.Ge(E(f[K + 1]), fstar), Expectation("monotone", using=("last value",))),
        Step("errors, scaled", sp.Le(price * errors(mt, K), 3 * share / 2 * D + share * eta / 4 * moves(K)),
             Polynomial("errors", "rate")),
        Step("moves, kept", sp.Le(share * eta / 4 * moves(K), eta * (1 + theta) / 4 * moves(K)), Polynomial()),
        Step("gain", gain, Polynomial(At("descents", {n: K}), "first value, mean", "last value, mean",
                                      "errors, scaled", "moves, kept")),
    ]


right = (f[k] - eta / 2 * over_coordinates(SHARE) - eta * (1 + theta) / 4 * over_coordinates(MOVE)
         + eta / sp.sqrt(eps) * error(mt, k) + eta * rho**2 * over_coordinates(ROOT))
curvature = eta / 2 * (1 - L * eta / sp.sqrt(eps)) * over_coordinates(MOVE)
decay_term = lam**2 * x[k, i] ** 2 * ROOT
WITH_DECAY = [
    Step("one step", one_step_descent.descent,
         By(one_step_descent.CLAIM, "descent", {}, ("direction", "update", "quadratic bound"))),
    Step("decay term", everywhere(sp.Le(decay_term, rho**2 * ROOT)), Polynomial("box")),
    Step("decay terms", Always(sp.Le(over_coordinates(decay_term), over_coordinates(rho**2 * ROOT)), STEPS),
         Termwise("decay term", over=COORDINATES)),
    Step("decay terms, scaled", Always(sp.Le(eta * lam**2 * over_coordinates(x[k, i] ** 2 * ROOT),
                                             eta * rho**2 * over_coordinates(ROOT)), STEPS), Polynomial("decay terms")),
    Step("curvature", sp.Eq(L * eta / sp.sqrt(eps), (1 - theta) / 2), Polynomial("rate")),
    Step("length kept", Always(sp.Eq(curvature, eta * (1 + theta) / 4 * over_coordinates(MOVE)), STEPS), Polynomial("curvature")),
    Step("descent", Always(sp.Le(f[k + 1], right), STEPS), Polynomial("one step", "decay terms, scaled", "length kept")),
    *telescoped(right, sp.S.One, rho**2),
    Step("weighted roots", sp.Le(rho**2 * total(ROOT), rho**2 * total(MEAN_ROOT)), Polynomial("roots")),
]
decayed = sp.Le(eta / 2 * total(MEAN_SHARE), sp.Rational(5, 2) * D + eta * rho**2 * total(MEAN_ROOT))

# Without decay -∇f r = ((∇f - m̃)² - |∇f|² - (r√(v+ε))²)/(2√(v+ε)) in each coordinate, and nothing has to be split.
a, b = sp.symbols("a b", real=True)
product = sp.Le(-a * b / sp.sqrt(z + w), (a - b) ** 2 / (2 * sp.sqrt(w)) - a**2 / (2 * sp.sqrt(z + w))
                - sp.sqrt(z + w) * (b / sp.sqrt(z + w)) ** 2 / 2)
taylor = G[k, i] * (x[k + 1, i] - x[k, i]) + L / 2 * (x[k + 1, i] - x[k, i]) ** 2
mixed_error = (G[k, i] - mt[k, i]) ** 2
fall = -eta / 2 * SHARE - eta * (1 + theta) / 4 * MOVE + eta / (2 * sp.sqrt(eps)) * mixed_error
REALS = ((z, 0, sp.oo), (w, 0, sp.oo), (a, -sp.oo, sp.oo), (b, -sp.oo, sp.oo))
WITHOUT_DECAY = [
    Step("inner product", Always(product, *REALS), Polynomial()),
    Step("plain direction", everywhere(sp.Eq(r[k, i], mt[k, i] / ROOT)), Polynomial("direction", "no decay")),
    Step("slope", everywhere(sp.Le(-G[k, i] * r[k, i], mixed_error / (2 * sp.sqrt(eps)) - SHARE / 2 - MOVE / 2)),
         Polynomial(At("inner product", {z: v[k, i], w: eps, a: G[k, i], b: mt[k, i]}), "plain direction")),
    Step("bend", everywhere(sp.Le(L / 2 * eta**2 * r[k, i] ** 2, eta * (1 - theta) / 4 * MOVE)), Polynomial("length", "rate")),
    Step("taylor", everywhere(sp.Eq(taylor, -eta * G[k, i] * r[k, i] + L / 2 * eta**2 * r[k, i] ** 2)), Polynomial("update")),
    Step("each coordinate", everywhere(sp.Le(taylor, fall)), Polynomial("slope", "bend", "taylor")),
    Step("sum", Always(sp.Le(over_coordinates(taylor), over_coordinates(fall)), STEPS),
         Termwise("each coordinate", over=COORDINATES)),
    Step("descent", Always(sp.Le(f[k + 1], f[k] + over_coordinates(fall)), STEPS), Polynomial("quadratic bound", "sum")),
    *telescoped(f[k] + over_coordinates(fall), half, sp.S.Zero),
]
plain = sp.Le(eta / 2 * total(MEAN_SHARE), sp.Rational(7, 4) * D)

RELATIONS = {
    "rate": sp.Eq(2 * L * eta, (1 - theta) * sp.sqrt(eps)),
    "budget": sp.Le(K * (1 - theta) ** 2 * sigma**2, L * D),
}
ASSUMED = hypotheses(
    "weight above", "weight below", "momentum", "second moment", "mixed momentum", "direction", "update",
    "momentum starts at zero", "unbiased", "variance", "noise total", "smooth gradient", "quadratic bound", "infimum", "start")
SEQUENCES = (x, G, f, g, m, v, mt, r)
AUXILIARY = [Var(y, "where a gradient step from x¹ of length 1/L leads", over=((1, d),), random=True),
             Var(f_y, "f there", random=True)]

CLAIM = Claim(
    id="l1_rate/gradient_sum",
    title="Scaled gradients of all steps",
    summary="The scaled squared gradients of all steps are on average bounded by the initial gap and the weight decay.",
    source=Source("l1_rate", "Proof of Theorem 1", L1_RATE),
    provenance="restored",
    convention=Convention(),
    variables=[*variables(L, D, theta, beta, eta, eps, lam, tau, fstar, *SEQUENCES), *AUXILIARY,
               Var(rho, "bound on λ|x|")],
    history=history(*SEQUENCES),
    hypotheses={**hypotheses("first decay below one", "second decay below one"), **RELATIONS, **ASSUMED, **START},
    uses=[gradient_below_gap.CLAIM, momentum_error.CLAIM, one_step_descent.CLAIM],
    parts=[
        Part("with_decay", decayed, [*error_sum.STEPS_OF_PROOF, *MEAN_OF_V, *ROOTS, *SHARES, *WITH_DECAY,
                                     Step("gain of means", decayed, Polynomial("gain", "shares", "weighted roots"))],
             {"box": everywhere(sp.Le(lam * sp.Abs(x[k, i]), rho))}),
        Part("without_decay", plain, [*error_sum.STEPS_OF_PROOF, *MEAN_OF_V, *SHARES, *WITHOUT_DECAY,
                                      Step("gain of means", plain, Polynomial("gain", "shares"))],
             {"no decay": sp.Eq(lam, 0)}),
    ],
)
