"""SGD, for comparison: the mean squared gradient is at most 2D/(ηK) + Lησ_s², and so √(2LD/K) + (8σ_s²LD/K)^{1/4} in l2 norm."""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.core import Always, Claim, E, Part, Source, Step
from theory.core.claim import L1_RATE
from theory.core.rules import At, Expectation, Induction, Known, Polynomial, Termwise
from theory.l1_rate.schedule import D, K, L, eta, sigma
from theory.l1_rate.setting import (
    COORDINATES,
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
    noise,
    over_coordinates,
    variables,
    x,
)

n = sp.Symbol("n", integer=True)
a, b = sp.symbols("a b", real=True)

square = over_coordinates(G[k, i] ** 2)
mean_square = sp.Sum(E(square), STEPS) / K
mean_norm = sp.Sum(E(sp.sqrt(square)), STEPS) / K
any_rate = sp.Le(mean_square, 2 * D / (eta * K) + L * eta * sigma**2)
fast, slow = 2 * L * D / K, 2 * sp.sqrt(2 * L * D * sigma**2 / K)
squares = sp.Le(mean_square, fast + slow)
norms = sp.Le(mean_norm, sp.sqrt(fast) + sp.sqrt(slow))
noisy = sp.sqrt(L * K * sigma**2 / (2 * D))  # 1/η where the noise dominates

moved = x[k + 1, i] - x[k, i]
taylor, along = G[k, i] * moved + L / 2 * moved**2, -eta * G[k, i] * g[k, i] + L / 2 * eta**2 * g[k, i] ** 2
mean_along = (-eta * G[k, i] * E(g[k, i], k)
              + L / 2 * eta**2 * (E((g[k, i] - G[k, i]) ** 2, k) + 2 * G[k, i] * E(g[k, i], k) - G[k, i] ** 2))
coordinate = sp.Le(mean_along, -eta / 2 * G[k, i] ** 2 + L / 2 * eta**2 * noise[i] ** 2)
ahead = f[k] + over_coordinates(along)
lower = f[k] - eta / 2 * square + L / 2 * eta**2 * sigma**2
mean_lower = E(f[k]) - eta / 2 * E(square) + L / 2 * eta**2 * sigma**2


def telescoped(steps: Any) -> sp.Le:
    """E f^{n+1} after n steps."""
    fall = eta / 2 * sp.Sum(E(square), (k, 1, steps))
    return sp.Le(E(f[steps + 1]), E(f[1]) - fall + steps * L / 2 * eta**2 * sigma**2)


one_step = [
    Step("move", everywhere(sp.Eq(taylor, along)), Polynomial("sgd update")),
    Step("moves", Always(sp.Eq(over_coordinates(taylor), over_coordinates(along)), STEPS), Termwise("move", over=COORDINATES)),
    Step("descent", Always(sp.Le(f[k + 1], ahead), STEPS), Polynomial("quadratic bound", "moves")),
    Step("mean given the history", Always(sp.Le(E(f[k + 1], k), E(ahead, k)), STEPS),
         Expectation("monotone", {"history": k}, ("descent",))),
    Step("pulled out", Always(sp.Eq(E(ahead, k), f[k] + over_coordinates(mean_along)), STEPS), Expectation("linearity")),
    Step("each coordinate", everywhere(coordinate), Polynomial("unbiased", "variance", "short step")),
    Step("coordinates", Always(sp.Le(over_coordinates(mean_along), over_coordinates(coordinate.rhs)), STEPS),
         Termwise("each coordinate", over=COORDINATES)),
    Step("one step given the history", Always(sp.Le(E(f[k + 1], k), lower), STEPS),
         Polynomial("mean given the history", "pulled out", "coordinates", "noise total")),
    Step("mean", Always(sp.Le(E(E(f[k + 1], k)), E(lower)), STEPS),
         Expectation("monotone", using=("one step given the history",))),
    Step("tower", Always(sp.Eq(E(E(f[k + 1], k)), E(f[k + 1])), STEPS), Expectation("tower")),
    Step("linear", Always(sp.Eq(E(lower), mean_lower), STEPS), Expectation("linearity")),
    Step("one step", Always(sp.Le(E(f[k + 1]), mean_lower), STEPS), Polynomial("mean", "tower", "linear")),
]
all_steps = [
    *one_step,
    Step("telescoped", Always(telescoped(n), (n, 0, K)),
         Induction(base=Polynomial(), step=Polynomial("induction", At("one step", {k: n + 1})))),
    Step("below", sp.Le(f[1], fstar + D), Polynomial("start")),
    Step("mean below", sp.Le(E(f[1]), fstar + D), Expectation("monotone", using=("below",))),
    Step("above", sp.Le(fstar, f[K + 1]), Polynomial(At("infimum", {k: K + 1}))),
    Step("mean above", sp.Le(fstar, E(f[K + 1])), Expectation("monotone", using=("above",))),
    Step("sum", sp.Le(eta / 2 * sp.Sum(E(square), STEPS), D + K * L / 2 * eta**2 * sigma**2),
         Polynomial(At("telescoped", {n: K}), "mean below", "mean above")),
    Step("any rate", any_rate, Polynomial("sum")),
]
tuned = [
    Step("short step", sp.Le(L * eta, 1), Polynomial("learning rate")),
    *all_steps,
    Step("fast part", sp.Le(2 * D / (eta * K), fast + 2 * D * noisy / K), Polynomial("learning rate")),
    Step("noise", sp.Eq(L * sigma**2, 2 * D * noisy**2 / K, evaluate=False), Polynomial()),
    Step("not too long", sp.Le(eta * noisy, 1), Polynomial("learning rate")),
    Step("slow part", sp.Le(L * eta * sigma**2, 2 * D * noisy / K), Polynomial("noise", "not too long")),
    Step("both parts", sp.Eq(4 * D * noisy / K, slow, evaluate=False), Polynomial()),
    Step("squares", squares, Polynomial("any rate", "fast part", "slow part", "both parts")),
]
root_mean = [
    Step("jensen", Always(sp.Le(E(sp.sqrt(square)) ** 2, E(square)), STEPS),
         Expectation("jensen", {"function": sp.Lambda(n, n**2), "point": sp.sqrt(square)})),
    Step("jensen, summed", sp.Le(sp.Sum(E(sp.sqrt(square)) ** 2, STEPS), sp.Sum(E(square), STEPS)),
         Termwise("jensen", over=STEPS)),
    Step("cauchy-schwarz", sp.Le(sp.Sum(E(sp.sqrt(square)), STEPS) ** 2, K * sp.Sum(E(sp.sqrt(square)) ** 2, STEPS)),
         Known("cauchy_schwarz", {"a": E(sp.sqrt(square)), "b": sp.S.One, "over": STEPS})),
    Step("square of the mean", sp.Le(mean_norm**2, mean_square), Polynomial("jensen, summed", "cauchy-schwarz")),
    Step("square of the bound", sp.Le(mean_norm**2, (sp.sqrt(fast) + sp.sqrt(slow)) ** 2),
         Polynomial("square of the mean", "squares")),
    Step("root", Always(sp.Implies(sp.And(sp.Le(a**2, b**2), sp.Ge(b, 0)), sp.Le(a, b)), (a, -sp.oo, sp.oo), (b, -sp.oo, sp.oo)),
         Polynomial()),
    Step("bound not negative", sp.Ge(norms.rhs, 0, evaluate=False), Polynomial()),
    Step("norms", norms, Polynomial(At("root", {a: norms.lhs, b: norms.rhs}), "square of the bound", "bound not negative")),
]
rate = {"learning rate": sp.Eq(eta, 1 / sp.Max(L, noisy))}

CLAIM = Claim(
    id="l1_rate/sgd_rate",
    title="SGD rate",
    summary="With η the smaller of 1/L and √(2D/(LKσ_s²)), the mean l2 norm of the gradient along K steps of SGD is at most "
            "√(2LD/K) + (8σ_s²LD/K)^{1/4}.",
    source=Source("l1_rate", "Equation 4", L1_RATE),
    provenance="restored",
    variables=variables(L, D, eta, fstar, x, G, f, g),
    history=history(x, G, f, g),
    hypotheses={
        "sgd update": everywhere(sp.Eq(x[k + 1, i], x[k, i] - eta * g[k, i])),
        **hypotheses("unbiased", "variance", "noise total", "quadratic bound", "infimum", "start"),
    },
    parts=[
        Part("any_rate", any_rate, all_steps, {"short step": sp.Le(L * eta, 1)}),
        Part("squares", squares, tuned, rate),
        Part("norms", norms, root_mean, rate),
    ],
    note="Without noise the smaller step is 1/L. The constants are derived here.",
)
