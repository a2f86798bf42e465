"""How far the momentum lies from the gradient: the squared error shrinks by θ a step, up to the step's length and the noise."""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.core import Always, Claim, Convention, E, Part, Source, Step
from theory.core.claim import L1_RATE
from theory.core.rules import At, Expectation, Polynomial, Termwise
from theory.l1_rate.schedule import K, L, eta, sigma, theta
from theory.l1_rate.setting import (
    COORDINATES,
    G,
    g,
    history,
    hypotheses,
    i,
    k,
    m,
    mt,
    noise,
    over_coordinates,
    r,
    tau,
    variables,
    x,
)

LATER = (k, 1, K - 1)


def error(momentum: sp.IndexedBase, at: Any) -> sp.Sum:
    """The squared l2 distance of a momentum from the true gradient at step `at`."""
    return over_coordinates((G[at, i] - momentum[at, i]) ** 2)


def after_first(momentum: sp.IndexedBase, share: Any) -> sp.Le:
    """The mean error at step k+1 given the history; share = 1 for AdamW, τ for NAdamW."""
    return sp.Le(E(error(momentum, k + 1), k + 1), bound(share, error(m, k), over_coordinates(r[k, i] ** 2)))


def after_first_mean(momentum: sp.IndexedBase, share: Any) -> sp.Le:
    """The mean error at step k+1."""
    return sp.Le(E(error(momentum, k + 1)), bound(share, E(error(m, k)), E(over_coordinates(r[k, i] ** 2))))


def bound(share: Any, before: sp.Expr, length: sp.Expr) -> sp.Expr:
    """What the error before, the length of the step and the noise add up to."""
    moved = share**2 * theta**2 / (1 - theta) * L**2 * eta**2 * length
    return share**2 * theta * before + moved + (1 - share * theta) ** 2 * sigma**2


def first(momentum: sp.IndexedBase, share: Any) -> sp.Le:
    """The mean error at the first step given the start (m = 0 before it)."""
    return sp.Le(E(error(momentum, 1), 1), first_bound(share, over_coordinates(G[1, i] ** 2)))


def first_mean(momentum: sp.IndexedBase, share: Any) -> sp.Le:
    """The mean error at the first step."""
    return sp.Le(E(error(momentum, 1)), first_bound(share, E(over_coordinates(G[1, i] ** 2))))


def first_bound(share: Any, gradient: sp.Expr) -> sp.Expr:
    """The part of the gradient that m = 0 misses, and the noise."""
    return share**2 * theta**2 * gradient + (1 - share * theta) ** 2 * sigma**2


def noise_steps(momentum: sp.IndexedBase, share: Any, at: Any, limits: tuple, definition: tuple) -> list[Step]:
    """E(|G - m|², k) ≤ (weight · A)² + ((1-weight) σ_i)² in each coordinate, where A = G^k - m^{k-1} and weight = share·θ."""
    known, weight, drawn = G[at, i] - m[at - 1, i], share * theta, g[at, i] - G[at, i]
    term = (G[at, i] - momentum[at, i]) ** 2
    parts = weight**2 * known**2 - 2 * weight * (1 - weight) * known * drawn + (1 - weight) ** 2 * drawn**2
    pulled = (weight**2 * known**2 - 2 * weight * (1 - weight) * known * (E(g[at, i], at) - G[at, i])
              + (1 - weight) ** 2 * E(drawn**2, at))
    bounded = sp.Le(E(term, at), weight**2 * known**2 + (1 - weight) ** 2 * noise[i] ** 2)
    here = {k: at}
    return [
        Step("square", Always(sp.Le(term, parts), *limits), Polynomial(*definition)),
        Step("mean", Always(sp.Le(E(term, at), E(parts, at)), *limits), Expectation("monotone", {"history": at}, ("square",))),
        Step("pulled out", Always(sp.Eq(E(parts, at), pulled), *limits), Expectation("linearity")),
        Step("no cross term", Always(bounded, *limits),
             Polynomial("mean", "pulled out", At("unbiased", here), At("variance", here))),
    ]


def later_steps(momentum: sp.IndexedBase, share: Any, definition: tuple) -> list[Step]:
    """Young's inequality in each coordinate, then the sum over coordinates and the smoothness of f."""
    goal = after_first(momentum, share)
    before, moved = (G[k, i] - m[k, i]) ** 2, (G[k + 1, i] - G[k, i]) ** 2
    young = sp.Le(share**2 * theta**2 * (G[k + 1, i] - m[k, i]) ** 2,
                  share**2 * theta * before + share**2 * theta**2 / (1 - theta) * moved)
    term = sp.Le(E((G[k + 1, i] - momentum[k + 1, i]) ** 2, k + 1), young.rhs + (1 - share * theta) ** 2 * noise[i] ** 2)
    means = over_coordinates(E((G[k + 1, i] - momentum[k + 1, i]) ** 2, k + 1))
    path, length = over_coordinates((x[k + 1, i] - x[k, i]) ** 2), eta**2 * over_coordinates(r[k, i] ** 2)
    return [
        *noise_steps(momentum, share, k + 1, (LATER, COORDINATES), definition),
        Step("young, scaled", Always(sp.Le(theta**2 * (1 - theta) * (G[k + 1, i] - m[k, i]) ** 2,
                                           theta * (1 - theta) * before + theta**2 * moved), LATER, COORDINATES),
             Polynomial("first decay below one")),
        Step("young", Always(young, LATER, COORDINATES), Polynomial("young, scaled", "first decay below one")),
        Step("each coordinate", Always(term, LATER, COORDINATES), Polynomial("no cross term", "young")),
        Step("sum", Always(sp.Le(means, over_coordinates(term.rhs)), LATER), Termwise("each coordinate", over=COORDINATES)),
        Step("length of a coordinate", Always(sp.Eq((x[k + 1, i] - x[k, i]) ** 2, eta**2 * r[k, i] ** 2), LATER, COORDINATES),
             Polynomial("update")),
        Step("length", Always(sp.Eq(path, length), LATER), Termwise("length of a coordinate", over=COORDINATES)),
        Step("mean of the sum", Always(sp.Eq(goal.lhs, means), LATER), Expectation("linearity")),
        Step("gradient change", Always(sp.Le(over_coordinates(moved), L**2 * length), LATER),
             Polynomial("smooth gradient", "length")),
        Step("gradient change, scaled", Always(sp.Le(share**2 * theta**2 / (1 - theta) * over_coordinates(moved),
                                                     share**2 * theta**2 / (1 - theta) * L**2 * length), LATER),
             Polynomial("gradient change", "first decay below one")),
        Step("error", Always(goal, LATER), Polynomial("sum", "mean of the sum", "gradient change, scaled", "noise total")),
    ]


def first_steps(momentum: sp.IndexedBase, share: Any, definition: tuple) -> list[Step]:
    """The first step: nothing but the noise and the gradient itself."""
    goal, means = first(momentum, share), over_coordinates(E((G[1, i] - momentum[1, i]) ** 2, 1))
    term = sp.Le(means.function, share**2 * theta**2 * G[1, i] ** 2 + (1 - share * theta) ** 2 * noise[i] ** 2)
    return [
        *noise_steps(momentum, share, sp.S.One, (COORDINATES,), definition),
        Step("each coordinate", Always(term, COORDINATES), Polynomial("no cross term", At("momentum starts at zero"))),
        Step("sum", sp.Le(means, over_coordinates(term.rhs)), Termwise("each coordinate", over=COORDINATES)),
        Step("mean of the sum", sp.Eq(goal.lhs, means), Expectation("linearity")),
        Step("error", goal, Polynomial("sum", "mean of the sum", "noise total")),
    ]


def mean_steps(conditional: sp.Le, mean: sp.Le, part: str, limits: tuple) -> list[Step]:
    """From the mean given the history to the mean: monotone, tower, linear."""
    def lifted(relation: Any) -> Any:
        return Always(relation, *limits) if limits else relation

    return [
        Step("monotone", lifted(sp.Le(E(conditional.lhs), E(conditional.rhs))), Expectation("monotone", using=(part,))),
        Step("tower", lifted(sp.Eq(E(conditional.lhs), mean.lhs)), Expectation("tower")),
        Step("linear", lifted(sp.Eq(E(conditional.rhs), mean.rhs)), Expectation("linearity")),
        Step("mean", lifted(mean), Polynomial("monotone", "tower", "linear")),
    ]


momentum_after, momentum_first = (At("momentum", {k: k + 1}),), (At("momentum", {k: 1}),)
mixed_after = (*momentum_after, At("mixed momentum", {k: k + 1}))
mixed_first = (*momentum_first, At("mixed momentum", {k: 1}))
zero = hypotheses("momentum starts at zero")
mixed, mixed_zero = hypotheses("mixed momentum"), hypotheses("mixed momentum", "momentum starts at zero")
noise_factor = sp.And(sp.Le((1 - tau * theta) ** 2, (1 - theta**2) ** 2), sp.Le((1 - tau * theta) ** 2, 4 * (1 - theta) ** 2))

CLAIM = Claim(
    id="l1_rate/momentum_error",
    title="Momentum error",
    summary="Given the history, the squared distance of the momentum from the true gradient shrinks by the factor θ, up to "
            "the squared length of the last step and the share of the fresh noise.",
    source=Source("l1_rate", "Lemma 3", L1_RATE),
    provenance="restored",
    convention=Convention(),
    variables=variables(L, theta, tau, eta, x, G, g, m, mt, r),
    history=history(x, G, g, m, mt, r),
    hypotheses=hypotheses("first decay below one", "momentum", "update", "unbiased", "variance", "noise total",
                          "smooth gradient"),
    parts=[
        Part("adamw", Always(after_first(m, 1), LATER), later_steps(m, sp.S.One, momentum_after)),
        Part("adamw_mean", Always(after_first_mean(m, 1), LATER),
             mean_steps(after_first(m, 1), after_first_mean(m, 1), "adamw", (LATER,))),
        Part("adamw_first", first(m, 1), first_steps(m, sp.S.One, momentum_first), zero),
        Part("adamw_first_mean", first_mean(m, 1), mean_steps(first(m, 1), first_mean(m, 1), "adamw_first", ()), zero),
        Part("nadamw", Always(after_first(mt, tau), LATER), later_steps(mt, tau, mixed_after), mixed),
        Part("nadamw_mean", Always(after_first_mean(mt, tau), LATER),
             mean_steps(after_first(mt, tau), after_first_mean(mt, tau), "nadamw", (LATER,)), mixed),
        Part("nadamw_first", first(mt, tau), first_steps(mt, tau, mixed_first), mixed_zero),
        Part("nadamw_first_mean", first_mean(mt, tau),
             mean_steps(first(mt, tau), first_mean(mt, tau), "nadamw_first", ()), mixed_zero),
        Part("noise_share", noise_factor, [
            Step("below", sp.Le(1 - tau * theta, 1 - theta**2), Polynomial("weight above")),
            Step("positive", sp.Ge(1 - tau * theta, 0), Polynomial("weight below", "first decay below one")),
            Step("twice", sp.Le(1 - theta**2, 2 * (1 - theta)), Polynomial("first decay below one")),
            Step("noise share", noise_factor, Polynomial("below", "positive", "twice")),
        ], hypotheses("weight above", "weight below")),
    ],
)

