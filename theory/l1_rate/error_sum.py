"""Proof steps: the momentum's errors of all steps add up to at most 3LD/(1-θ), and a part of the scaled squared steps.

Lemma 3 gives e_{k+1} ≤ θe_k + (θ²/(1-θ))L²η²|r^k|² + (1-θ)²σ² for the error e of m, and so on for m̃. By induction
(1-θ)Σ_{k≤n}e_k + θe_n stays below what is added, and the sum for m̃ follows from the sum for m.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.core import Always, E, Step
from theory.core.rules import At, By, Expectation, Induction, Polynomial, Termwise
from theory.foundations import gradient_below_gap
from theory.l1_rate import momentum_error
from theory.l1_rate.momentum_error import error
from theory.l1_rate.schedule import D, K, L, eps, eta, sigma, theta
from theory.l1_rate.setting import COORDINATES, ROOT, STEPS, G, everywhere, f, fstar, i, k, m, mt, over_coordinates, r, tau, v, x

n = sp.Symbol("n", integer=True)
y = sp.IndexedBase("y", real=True)
f_y = sp.Symbol("f_y", real=True)
z, w = sp.Symbol("z", nonnegative=True), sp.Symbol("w", positive=True)
a = sp.Symbol("a", real=True)
LATER, BEFORE = (k, 1, K - 1), (n, 0, K - 1)
MOVE = ROOT * r[k, i] ** 2

# What smoothness says at y = x¹ - ∇f(x¹)/L, a point the algorithm need not visit.
START = {
    "gradient step": Always(sp.Eq(y[i], x[1, i] - G[1, i] / L), COORDINATES),
    "smooth at the start": sp.Le(f_y, f[1] + over_coordinates(G[1, i] * (y[i] - x[1, i]))
        + L / 2 * over_coordinates((y[i] - x[1, i]) ** 2)),
    "infimum below the start": sp.Le(fstar, f_y),
}
first_gradient = over_coordinates(G[1, i] ** 2)


def moves(last: Any) -> sp.Sum:
    """Σ_{k≤last} Σ_i E √(v+ε) r²."""
    return sp.Sum(over_coordinates(E(MOVE)), (k, 1, last))


def errors(momentum: sp.IndexedBase, last: Any) -> sp.Sum:
    """Σ_{k≤last} E ‖∇f - momentum‖²."""
    return sp.Sum(E(error(momentum, k)), (k, 1, last))


FIRST_GRADIENT = [
    Step("start gradient", sp.Le(first_gradient, 2 * L * (f[1] - fstar)), By(gradient_below_gap.CLAIM, "bound", {
        gradient_below_gap.x: sp.Lambda(i, x[1, i]), gradient_below_gap.y: y, gradient_below_gap.g: sp.Lambda(i, G[1, i]),
        gradient_below_gap.f_x: f[1], gradient_below_gap.f_y: f_y, gradient_below_gap.f_star: fstar}, tuple(START))),
    Step("start gradient, bounded", sp.Le(first_gradient, 2 * L * D), Polynomial("start gradient", "start")),
    Step("first gradient", sp.Le(E(first_gradient), 2 * L * D),
         Expectation("monotone", using=("start gradient, bounded",))),
]

short, long = r[k, i] ** 2, MOVE / sp.sqrt(eps)
moved = (1 - theta) * sp.sqrt(eps) / 4  # what L²η²|r|²/(1-θ) is of Σ√(v+ε) r², at most
LENGTHS = [
    Step("longer root", Always(sp.Le(a**2, sp.sqrt(z + w) * a**2 / sp.sqrt(w)), (z, 0, sp.oo), (w, 0, sp.oo), (a, -sp.oo, sp.oo)),
         Polynomial()),
    Step("length", everywhere(sp.Le(short, long)), Polynomial(At("longer root", {z: v[k, i], w: eps, a: r[k, i]}))),
    Step("lengths", Always(sp.Le(over_coordinates(short), over_coordinates(long)), STEPS), Termwise("length", over=COORDINATES)),
    Step("mean length", Always(sp.Le(E(over_coordinates(short)), E(over_coordinates(long))), STEPS),
         Expectation("monotone", using=("lengths",))),
    Step("mean length, linear", Always(sp.Eq(E(over_coordinates(long)), over_coordinates(E(MOVE)) / sp.sqrt(eps)), STEPS),
         Expectation("linearity")),
    Step("moved", Always(sp.Le(
        L**2 * eta**2 / (1 - theta) * E(over_coordinates(short)), moved * over_coordinates(E(MOVE))), STEPS),
        Polynomial("mean length", "mean length, linear", "rate", "first decay below one")),
    Step("one more move", Always(sp.Le(moves(n), moves(n + 1)), BEFORE), Polynomial()),
    Step("all moves", sp.Le((1 - theta) * moves(K - 1), (1 - theta) * moves(K)),
         Polynomial(At("one more move", {n: K - 1}), "first decay below one")),
]

# E‖∇f - m‖² ≥ 0, in the form that normal forms keep: E Σ 2∇f m ≤ E Σ (|∇f|² + m²).
products, squares = over_coordinates(2 * G[k, i] * m[k, i]), over_coordinates(G[k, i] ** 2 + m[k, i] ** 2)
LAST_ERROR = (At("mean of squares", {k: K}), At("mean error", {k: K}))
NOT_NEGATIVE = [
    Step("squares", everywhere(sp.Le(2 * G[k, i] * m[k, i], G[k, i] ** 2 + m[k, i] ** 2)), Polynomial()),
    Step("sum of squares", Always(sp.Le(products, squares), STEPS), Termwise("squares", over=COORDINATES)),
    Step("mean of squares", Always(sp.Le(E(products), E(squares)), STEPS), Expectation("monotone", using=("sum of squares",))),
    Step("mean error", Always(sp.Eq(E(error(m, k)), E(squares) - E(products)), STEPS), Expectation("linearity")),
]

LEMMA_3 = ("first decay below one", "momentum", "update", "unbiased", "variance", "noise total", "smooth gradient",
           "momentum starts at zero")
fresh, mixed_fresh = (1 - theta) ** 2 * sigma**2, (1 - tau * theta) ** 2 * sigma**2


def own_bound(count: Any, last: Any) -> sp.Expr:
    """What (1-θ)Σe + θe_last is at most after `count` steps, moves up to `last`."""
    return 2 * theta**2 * L * D + count * fresh + theta**2 * moved * moves(last)


def own_sum(last: Any) -> sp.Expr:
    return (1 - theta) * errors(m, last) + theta * E(error(m, last))


OWN = [
    Step("first error", momentum_error.first_mean(m, 1), By(momentum_error.CLAIM, "adamw_first_mean", {}, LEMMA_3)),
    Step("next error", Always(momentum_error.after_first_mean(m, 1), LATER), By(momentum_error.CLAIM, "adamw_mean", {}, LEMMA_3)),
    Step("next error, simply", Always(sp.Le(
        E(error(m, k + 1)), theta * E(error(m, k)) + theta**2 * moved * over_coordinates(E(MOVE)) + fresh), LATER),
        Polynomial("next error", "moved")),
    Step("errors, weighted", Always(sp.Le(own_sum(n + 1), own_bound(n + 1, n)), BEFORE), Induction(
        base=Polynomial("first error", "first gradient"), step=Polynomial("induction", At("next error, simply", {k: n + 1})))),
    Step("all errors", sp.Le((1 - theta) * errors(m, K), own_bound(K, K)),
         Polynomial(At("errors, weighted", {n: K - 1}), *LAST_ERROR, "all moves")),
]

share = tau**2 * theta


def mixed_bound(count: Any, last: Any) -> sp.Expr:
    """What Σẽ + τ²θe_count is at most after `count` steps, moves up to `last`."""
    start, past = 2 * tau**2 * theta**2 * L * D, share * errors(m, count)
    return start + count * mixed_fresh + past + tau**2 * theta**2 * moved * moves(last)


def mixed_sum(last: Any) -> sp.Expr:
    return errors(mt, last) + share * E(error(m, last))


MIXED = [
    Step("first mixed error", momentum_error.first_mean(mt, tau),
         By(momentum_error.CLAIM, "nadamw_first_mean", {}, (*LEMMA_3, "mixed momentum"))),
    Step("next mixed error", Always(momentum_error.after_first_mean(mt, tau), LATER),
         By(momentum_error.CLAIM, "nadamw_mean", {}, (*LEMMA_3, "mixed momentum"))),
    Step("next mixed error, simply", Always(sp.Le(
        E(error(mt, k + 1)), share * E(error(m, k))
            + tau**2 * theta**2 * moved * over_coordinates(E(MOVE)) + mixed_fresh), LATER),
        Polynomial("next mixed error", "moved")),
    Step("mixed errors, weighted", Always(sp.Le(mixed_sum(n + 1), mixed_bound(n + 1, n)), BEFORE), Induction(
        base=Polynomial("first mixed error", "first gradient"),
        step=Polynomial("induction", At("next mixed error, simply", {k: n + 1})))),
    Step("all mixed errors", sp.Le(errors(mt, K), mixed_bound(K, K)),
         Polynomial(At("mixed errors, weighted", {n: K - 1}), *LAST_ERROR, "all moves")),
]

# (1-θ) times the bound on Σẽ, with the bound on (1-θ)Σe put in; then (1-τθ)² + τ²θ(1-θ) ≤ (3-2τ²θ²)(1-θ) and τθ ≤ 1.
bracket, rest = (1 - tau * theta) ** 2 + share * (1 - theta), 3 - 2 * tau**2 * theta**2
combined = 2 * tau**2 * theta**2 * L * D + K * sigma**2 * (1 - theta) * bracket + tau**2 * theta**2 * moved * moves(K)
ERRORS = sp.Le((1 - theta) * errors(mt, K), 3 * L * D + moved * moves(K))
TOGETHER = [
    Step("scaled mixed", sp.Le((1 - theta) * errors(mt, K), (1 - theta) * mixed_bound(K, K)),
         Polynomial("all mixed errors", "first decay below one")),
    Step("scaled own", sp.Le(share * (1 - theta) * errors(m, K), share * own_bound(K, K)), Polynomial("all errors")),
    Step("combined", sp.Le((1 - theta) * errors(mt, K), combined), Polynomial("scaled mixed", "scaled own")),
    Step("noise factor", sp.Le(bracket, rest * (1 - theta)), Polynomial("weight above", "weight below", "first decay below one")),
    Step("noise, factored", sp.Le(K * sigma**2 * (1 - theta) * bracket, K * sigma**2 * (1 - theta) * rest * (1 - theta)),
         Polynomial("noise factor", "first decay below one")),
    Step("one", sp.And(sp.Le(tau**2 * theta**2, 1), sp.Ge(rest, 0)), Polynomial("first decay below one", "weight below")),
    Step("noise, bounded", sp.Le(rest * K * fresh, rest * L * D), Polynomial("budget", "one")),
    Step("smaller moves", sp.Le(tau**2 * theta**2 * moved * moves(K), moved * moves(K)),
         Polynomial("one", "first decay below one")),
    Step("errors", ERRORS, Polynomial("combined", "noise, factored", "noise, bounded", "smaller moves")),
]
STEPS_OF_PROOF = [*FIRST_GRADIENT, *LENGTHS, *NOT_NEGATIVE, *OWN, *MIXED, *TOGETHER]
