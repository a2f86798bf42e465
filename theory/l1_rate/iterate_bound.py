"""Decoupled decay holds the iterates: λ|x^k| ≤ q^{k-1} λ|x¹| + c(1-q^{k-1}), and λ|x^k| < 1 under Theorem 1's schedule."""

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core import Always, Claim, Convention, Part, Source, Step, Var
from theory.core.claim import L1_RATE
from theory.core.rules import At, By, Induction, Polynomial
from theory.l1_rate import schedule, update_bound
from theory.l1_rate.schedule import ADAMW_C, NADAMW_C, K, beta, eps, eta, lam, s, theta

k, n = sp.symbols("k n", integer=True)
tau = sp.Symbol("tau", nonnegative=True)
c = sp.Symbol("c", nonnegative=True)
x, u, m, g, nesterov = (sp.IndexedBase(name, real=True) for name in ("x", "u", "m", "g", "mtilde"))
v = sp.IndexedBase("v", nonnegative=True)

steps, iterates = (k, 1, K), (k, 1, K + 1)
q = 1 - lam * eta


def geometric(c: sp.Expr) -> Always:
    """λ|x^k| ≤ q^{k-1} λ|x¹| + c (1 - q^{k-1}) for k ≥ 2 (for k = 1 it says nothing)."""
    return Always(sp.Le(lam * sp.Abs(x[k]), q ** (k - 1) * lam * sp.Abs(x[1]) + c * (1 - q ** (k - 1))), (k, 2, K + 1))


def linear(c: sp.Expr, first: int = 2) -> Always:
    """|x^k| ≤ |x¹| + cη(k-1) for k from `first` on."""
    return Always(sp.Le(sp.Abs(x[k]), sp.Abs(x[1]) + c * eta * (k - 1)), (k, first, K + 1))


def from_zero(statement: Always) -> Always:
    """The statement with k = n + 1, n from 0 to K, so that exponents start at 0."""
    return Always(statement.body.subs(k, n + 1), (n, 0, K))


def walk(c: sp.Expr, wanted: Always, decay: str) -> list[Step]:
    """Proof of `geometric` or `linear` from the fact "direction", |u| ≤ c, by the triangle inequality."""
    one_step = Always(sp.Le(sp.Abs(x[k + 1]), q * sp.Abs(x[k]) + eta * c), steps)
    return [
        Step("one step", one_step, Polynomial("iteration", "direction", decay)),
        Step("from zero", from_zero(wanted), Induction(
            base=Polynomial(), step=Polynomial("induction", At("one step", {k: n + 1}), decay))),
        Step("every iterate", wanted, Polynomial(At("from zero", {n: k - 1}))),
    ]


MOMENTS: dict[str, Boolean] = {
    "start of m": sp.Eq(m[0], 0),
    "momentum": Always(sp.Eq(m[k], theta * m[k - 1] + (1 - theta) * g[k]), steps),
    "second moment": Always(sp.Eq(v[k], beta * v[k - 1] + (1 - beta) * g[k] ** 2), steps),
}
ADAMW: dict[str, Boolean] = {**MOMENTS, "update": Always(sp.Eq(u[k], m[k] / sp.sqrt(v[k] + eps)), steps)}
NADAMW: dict[str, Boolean] = {
    **MOMENTS, "weight above": sp.Le(theta, tau), "weight below": sp.Le(tau, 1),
    "double momentum": Always(sp.Eq(nesterov[k], tau * m[k] + (1 - tau) * g[k]), steps),
    "update of NAdamW": Always(sp.Eq(u[k], nesterov[k] / sp.sqrt(v[k] + eps)), steps),
}
DECAYS: dict[str, Boolean] = {"below one": sp.Lt(beta, 1), "order": sp.Le(theta, beta), "root": sp.Le(beta**2, theta)}
BOUNDED = Always(sp.Le(sp.Abs(u[k]), c), steps)
SMALL_DECAY: dict[str, Boolean] = {"small decay": sp.Le(lam * eta, 1)}


def direction(c: sp.Expr, momentum: sp.IndexedBase, part: str, update: str, using: tuple[str, ...]) -> list[Step]:
    """|u| ≤ c from Lemma 2: |momentum| ≤ c √v ≤ c √(v+ε)."""
    lemma = Always(sp.Le(sp.Abs(momentum[k]), c * sp.sqrt(v[k])), steps)
    return [
        Step("momentum bound", lemma, By(update_bound.CLAIM, part, using=using)),
        Step("larger root", Always(sp.Le(sp.sqrt(v[k]), sp.sqrt(v[k] + eps)), steps), Polynomial()),
        Step("with ε", Always(sp.Le(sp.Abs(momentum[k]), c * sp.sqrt(v[k] + eps)), steps),
             Polynomial("momentum bound", "larger root")),
        Step("direction", Always(sp.Le(sp.Abs(u[k]), c), steps), Polynomial(update, "with ε")),
    ]


def adamw_direction() -> list[Step]:
    return direction(ADAMW_C, m, "adamw", "update", (*MOMENTS, *DECAYS))


def nadamw_direction() -> list[Step]:
    return direction(NADAMW_C, nesterov, "nadamw", "update of NAdamW", (*NADAMW, *DECAYS))


# Theorem 1's schedule through R = √(KD/(dL)): η = R/(2K), |x¹| ≤ R and λR ≤ s√(1-θ).
R = sp.Symbol("R", positive=True)
SCHEDULE: dict[str, Boolean] = {
    "first decay below one": sp.Lt(theta, 1), "start of x": sp.Le(sp.Abs(x[1]), R),
    "learning rate": sp.Eq(2 * K * eta, R), "weight decay": sp.Le(lam * R, s * sp.sqrt(1 - theta)),
}


def inside(c: sp.Expr) -> Always:
    """λ|x^k| ≤ C√(1-θ) with C = s(1 + c/2)."""
    return Always(sp.Le(lam * sp.Abs(x[k]), schedule.radius(c) * sp.sqrt(1 - theta)), iterates)


below_one = Always(sp.Lt(lam * sp.Abs(x[k]), 1), iterates)


def ball(c: sp.Expr) -> list[Step]:
    """Proof of `inside` from `linear`: |x^k| ≤ R + cηK = R(1 + c/2), times λ."""
    reach = schedule.radius(c) * sp.sqrt(1 - theta)
    radius = sp.Symbol("R", positive=True) * (1 + c / 2)
    return [
        Step("distance", Always(sp.Le(c * eta * (k - 1), c * R / 2), iterates), Polynomial("learning rate")),
        Step("radius", Always(sp.Le(sp.Abs(x[k]), radius), iterates), Polynomial("every iterate", "distance", "start of x")),
        Step("times λ", Always(sp.Le(lam * sp.Abs(x[k]), lam * radius), iterates), Polynomial("radius")),
        Step("reach", sp.Le(lam * radius, reach), Polynomial("weight decay")),
        Step("inside", inside(c), Polynomial("times λ", "reach")),
    ]


def step_sizes(c: sp.Expr) -> list[Step]:
    """λη ≤ 1: λη = λR/(2K) ≤ s√(1-θ)/2 ≤ C√(1-θ)."""
    reach = schedule.radius(c) * sp.sqrt(1 - theta)
    return [
        Step("reach squared", sp.Le(reach**2, 1), Polynomial("small", "first decay below one")),
        Step("reach below one", sp.Le(reach, 1), Polynomial("reach squared")),
        Step("fraction", sp.Le(s * sp.sqrt(1 - theta), reach), Polynomial()),
        Step("λR", sp.Le(lam * R, 1), Polynomial("weight decay", "fraction", "reach below one")),
        Step("η below R", sp.Le(eta, R), Polynomial("learning rate")),
        Step("λη", sp.Le(lam * eta, lam * R), Polynomial("η below R")),
        Step("small decay", sp.Le(lam * eta, 1), Polynomial("λη", "λR")),
    ]


CLAIM = Claim(
    id="l1_rate/iterate_bound",
    title="Iterate bound",
    summary="Weight decay pulls every coordinate towards the ball of radius c/λ; under Theorem 1's schedule λ|x| stays below 1.",
    source=Source("l1_rate", "Lemma 2 (iterates)", L1_RATE),
    provenance="restored",
    convention=Convention(),
    variables=[
        *schedule.VARIABLES, Var(tau, "weight of m in NAdamW's momentum"), Var(c, "bound on the update"),
        Var(R, "largest first iterate the schedule allows, √(KD/(dL))"),
        Var(x, "one coordinate of the iterates", over=((1, K + 1),)), Var(u, "update of that coordinate", over=((1, K),)),
        Var(m, "first moment", over=((0, K),)), Var(v, "second moment", over=((0, K),)),
        Var(g, "stochastic gradient entry", over=((1, K),)), Var(nesterov, "NAdamW's momentum", over=((1, K),)),
    ],
    hypotheses={"iteration": Always(sp.Eq(x[k + 1], (1 - lam * eta) * x[k] - eta * u[k]), steps)},
    uses=[update_bound.CLAIM],
    parts=[
        Part("geometric", geometric(c), walk(c, geometric(c), "small decay"),
             {**SMALL_DECAY, "direction": BOUNDED}),
        Part("linear", linear(c), walk(c, linear(c), "small decay"),
             {**SMALL_DECAY, "direction": BOUNDED}),
        Part("adamw", geometric(ADAMW_C), [*adamw_direction(), *walk(ADAMW_C, geometric(ADAMW_C), "small decay")],
             {**SMALL_DECAY, **DECAYS, **ADAMW}),
        Part("nadamw", geometric(NADAMW_C), [*nadamw_direction(), *walk(NADAMW_C, geometric(NADAMW_C), "small decay")],
             {**SMALL_DECAY, **DECAYS, **NADAMW}),
        Part("schedule", inside(c), [*step_sizes(c), *walk(c, linear(c, 1), "small decay"), *ball(c)],
             {**SCHEDULE, "small": schedule.small(c), "direction": BOUNDED}),
        Part("below_one", below_one, [
            Step("reach", sp.Lt(schedule.radius(c) * sp.sqrt(1 - theta), 1), Polynomial("small", "first decay below one")),
            Step("below one", below_one, Polynomial("schedule", "reach")),
        ], {**SCHEDULE, "small": schedule.small(c), "direction": BOUNDED}),
        Part("fraction", schedule.small(c), [
            Step("sum", sp.Le(s * (1 + c / 2), sp.Rational(7, 20)), Polynomial("a fifth", "c below 3/2")),
            Step("square", sp.Le((s * (1 + c / 2)) ** 2, sp.Rational(49, 400)), Polynomial("sum")),
            Step("small", schedule.small(c), Polynomial("square", "first decay below one")),
        ], {"a fifth": sp.Le(s, sp.Rational(1, 5)), "c below 3/2": sp.Le(c, NADAMW_C),
            "first decay below one": sp.Lt(theta, 1)}),
    ],
)
