"""The end of the proofs of Theorems 1 and 2 and their corollaries: schedule, box, absorption, and the rate itself.

AdamW, NAdamW and their versions without decay differ in the momentum in use, in the bound c of Lemma 2 and in the amplitude;
everything else is written once here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core import Always, Claim, E, Step, Var
from theory.core.rules import At, By, Expectation, Identity, Known, Polynomial, Termwise
from theory.foundations import mean_of_sizes
from theory.l1_rate import gradient_sum, iterate_bound, schedule, second_moment_bound, update_bound
from theory.l1_rate.error_sum import START
from theory.l1_rate.mean_roots import MEAN_SHARE, total
from theory.l1_rate.schedule import D, K, L, beta, d, eps, eta, lam, radius, s, sigma, sigma_hat, theta
from theory.l1_rate.setting import (
    COORDINATES,
    HYPOTHESES,
    L1_NOISE,
    MEAN_ROOT,
    ROOT,
    SEQUENCES,
    STEPS,
    G,
    everywhere,
    fstar,
    g,
    hypotheses,
    i,
    k,
    m,
    mt,
    noise,
    over_coordinates,
    r,
    tau,
    v,
    variables,
    x,
)

BOX_USES = [update_bound.CLAIM, iterate_bound.CLAIM]
RATE_USES = [gradient_sum.CLAIM, second_moment_bound.CLAIM, mean_of_sizes.CLAIM]
flat = sp.sqrt(d) * sigma_hat
shares, roots, sizes = total(MEAN_SHARE), total(MEAN_ROOT), total(sp.Abs(G[k, i]))
mean_size = E(over_coordinates(sp.Abs(G[k, i])))
h = sp.sqrt(d * L * D / K)
q = (sigma_hat**2 * L * D / K) ** sp.Rational(1, 4)
start_bound = schedule.START_BOUND


@dataclass(frozen=True)
class Method:
    """What tells AdamW from NAdamW: c of Lemma 2, τ, the hypotheses on the momentum in use, the part of Lemma 2."""

    c: Any
    tau: Any
    momentum: Mapping[str, Boolean]
    lemma: str


ADAMW = Method(schedule.ADAMW_C, sp.S.One, {"momentum in use": everywhere(sp.Eq(mt[k, i], m[k, i]))}, "adamw")
NADAMW = Method(schedule.NADAMW_C, tau, hypotheses("weight above", "weight below", "mixed momentum"), "nadamw")

COMMON = {
    "noise level": sp.Le(sigma, sigma_hat),
    **{name: schedule.HYPOTHESES[name] for name in (
        "first decay", "second decay above", "second decay below", "epsilon", "learning rate")},
}
PATH = hypotheses("momentum", "second moment", "update", "momentum starts at zero", "second moment starts at zero",
                  "unbiased", "variance", "noise total", "smooth gradient", "quadratic bound", "infimum", "start")
PLAIN_DIRECTION = {"direction": everywhere(sp.Eq(r[k, i], mt[k, i] / ROOT))}
START_IN_BOX = {"start bound": Always(sp.Le(sp.Abs(x[1, i]), start_bound), COORDINATES)}


C = sp.Symbol("C", nonnegative=True)
A = sp.Symbol("A", positive=True)


def enough(a: Any, size: Any) -> Boolean:
    """The amplitudes that a box λ|x| ≤ C√(1-θ) with C = `size` allows: A(1 - 4C²(1-θ)) ≥ 4(5/2 + C²)."""
    return sp.Ge(a * (1 - 4 * size**2 * (1 - theta)), 4 * (sp.Rational(5, 2) + size**2), evaluate=False)


IN_A_BOX = {
    "direction": HYPOTHESES["direction"],
    "box": everywhere(sp.Le(lam * sp.Abs(x[k, i]), C * sp.sqrt(1 - theta))),
    "amplitude": enough(A, C),
}


def decayed_hypotheses(method: Method) -> dict[str, Boolean]:
    """What Theorems 1 and 2 assume."""
    return {**COMMON, "weight decay": schedule.HYPOTHESES["weight decay"], "small": schedule.small(method.c), **START_IN_BOX,
            **method.momentum, **hypotheses("direction"), **PATH, **START}


def plain_hypotheses(method: Method) -> dict[str, Boolean]:
    """What the corollaries without decay assume."""
    return {**COMMON, **method.momentum, **PLAIN_DIRECTION, **PATH, **START}


def any_second_decay(*, box: bool) -> dict[str, Boolean]:
    """What the rate rests on, without decay or with it in a box: any β < 1 in place of θ ≤ β ≤ √θ."""
    kept = {name: prop for name, prop in plain_hypotheses(NADAMW).items() if not name.startswith("second decay")}
    return {**kept, **hypotheses("second decay below one"), **(IN_A_BOX if box else {})}


def declarations(method: Method, *scalars: sp.Symbol) -> list[Var]:
    """The variables of a rate; `scalars` are the decay's (λ, s)."""
    meanings = {var.symbol: var for var in schedule.VARIABLES}
    mixing = [tau] if method.tau == tau else []
    listed = variables(L, D, theta, beta, eta, eps, *mixing, fstar, *SEQUENCES)
    return [*listed, meanings[sigma_hat], *(meanings[symbol] for symbol in scalars), *gradient_sum.AUXILIARY]


BELOW_ONE = [
    Step("first decay below one", sp.Lt(theta, 1), Polynomial("first decay")),
    Step("second decay below one", sp.Lt(beta, 1), Polynomial("second decay below", "first decay below one")),
]
SCHEDULE = [
    Step("memory", sp.Eq((1 - theta) ** 2 * K * sigma_hat**2, L * D), Polynomial("first decay")),
    Step("budget", sp.Le(K * (1 - theta) ** 2 * sigma**2, L * D), Polynomial("memory", "noise level")),
    Step("root of epsilon", sp.Eq(d * sp.sqrt(eps), flat), Polynomial("epsilon")),
    Step("step squared", sp.Eq(4 * eta**2 * K * d * L, D), Polynomial("learning rate")),
    Step("rate", sp.Eq(2 * L * eta, (1 - theta) * sp.sqrt(eps)),
         Polynomial("step squared", "memory", "epsilon", "first decay below one")),
]


def in_box(method: Method) -> Boolean:
    """λ|x^k| ≤ C√(1-θ) < 1 for every iterate."""
    reach = radius(method.c) * sp.sqrt(1 - theta)
    return Always(sp.And(sp.Le(lam * sp.Abs(x[k, i]), reach), sp.Lt(reach, 1)), COORDINATES, (k, 1, K + 1))


def box_proof(method: Method) -> list[Step]:
    """Proof of `in_box` from Lemma 2, coordinate by coordinate."""
    bound, direction = schedule.WEIGHT_DECAY_BOUND, mt[k, i] / ROOT
    reach = radius(method.c) * sp.sqrt(1 - theta)
    inside = sp.Le(lam * sp.Abs(x[k, i]), reach)
    moments = {update_bound.m: column(m), update_bound.v: column(v), update_bound.g: column(g), update_bound.nesterov: column(mt)}
    path = {iterate_bound.x: column(x), iterate_bound.u: sp.Lambda(k, direction), iterate_bound.m: column(m),
            iterate_bound.v: column(v), iterate_bound.g: column(g), iterate_bound.nesterov: column(mt)}
    numbers = {iterate_bound.c: method.c, iterate_bound.R: start_bound, schedule.gamma: 1, iterate_bound.tau: method.tau}
    lemma = m if method.lemma == "adamw" else mt
    return [
        *BELOW_ONE, *SCHEDULE,
        Step("decay, fourth power", sp.Eq(
            bound**4, s**4 * d**2 * L**3 / (K**3 * sigma_hat**2 * D), evaluate=False), Identity()),
        Step("decay to the fourth", sp.Le(lam**4, bound**4), Polynomial("weight decay")),
        Step("scaled decay to the fourth", sp.Le((lam * start_bound) ** 4, (s * sp.sqrt(1 - theta)) ** 4),
             Polynomial("decay to the fourth", "decay, fourth power", "memory", "first decay below one")),
        Step("scaled decay", sp.Le(lam * start_bound, s * sp.sqrt(1 - theta)),
             Polynomial("scaled decay to the fourth", "first decay below one")),
        Step("travel", sp.Eq(2 * K * eta, start_bound), Polynomial("step squared")),
        Step("momentum size", Always(sp.Le(sp.Abs(lemma[k, i]), method.c * sp.sqrt(v[k, i])), COORDINATES, STEPS),
             By(update_bound.CLAIM, method.lemma, {**moments, update_bound.tau: method.tau}, (
                 "second decay below one", "momentum starts at zero", "momentum", "second moment", "second decay above",
                 "second decay below", *method.momentum))),
        Step("direction size", Always(sp.Le(sp.Abs(direction), method.c), COORDINATES, STEPS),
             Polynomial(At("momentum size"), *(["momentum in use"] if method.lemma == "adamw" else []))),
        Step("iteration", Always(sp.Eq(x[k + 1, i], (1 - lam * eta) * x[k, i] - eta * direction), COORDINATES, STEPS),
             Polynomial("direction", "update")),
        Step("reach", Always(inside, COORDINATES, (k, 1, K + 1)), By(iterate_bound.CLAIM, "schedule", {**path, **numbers}, (
            "iteration", "first decay below one", "start bound", "travel", "scaled decay", "small", "direction size"))),
        Step("reach below one", sp.Lt(reach, 1), Polynomial("small", "first decay below one")),
        Step("box", in_box(method), Polynomial("reach", "reach below one")),
    ]


def column(sequence: sp.IndexedBase) -> sp.Lambda:
    """Coordinate i of a sequence."""
    return sp.Lambda(k, sequence[k, i])


NOISE = [
    Step("lemma 4", second_moment_bound.bound, By(second_moment_bound.CLAIM, "bound", {}, (
        "second decay below one", "second moment", "second moment starts at zero", "unbiased", "variance"))),
    Step("spread of the noise", sp.Le(L1_NOISE**2, sp.Sum(sp.S.One, COORDINATES) * over_coordinates(noise[i] ** 2)),
         Known("cauchy_schwarz", {"a": noise[i], "b": sp.S.One, "over": COORDINATES})),
    Step("noise, l1 squared", sp.Le(L1_NOISE**2, flat**2), Polynomial("spread of the noise", "noise total", "noise level")),
    Step("noise, l1", sp.Le(L1_NOISE, flat), Polynomial("noise, l1 squared")),
    Step("root sum", sp.Le(roots, 2 * K * flat + 2 * shares), Polynomial("lemma 4", "noise, l1", "root of epsilon")),
]


def absorbed() -> list[Step]:
    """ηΣ shares ≤ (A/2)D: the decay's term is C²D and 2C²(1-θ) of the shares, by Lemma 4; (1 - 4C²(1-θ)) > 0 takes them away."""
    square, weight = C**2, C**2 * (1 - theta)
    left = 1 - 4 * weight
    return [
        Step("flat step", sp.Eq(2 * eta * (1 - theta) * K * flat, D), Polynomial("rate", "memory", "root of epsilon", "epsilon")),
        Step("root sum, weighted", sp.Le(eta * weight * roots, eta * weight * (2 * K * flat + 2 * shares)),
             Polynomial("root sum", "first decay below one")),
        Step("flat step, weighted", sp.Le(eta * weight * 2 * K * flat, square * D), Polynomial("flat step")),
        Step("what is left", sp.Gt(left, 0), Polynomial("amplitude")),
        Step("absorbed, times what is left", sp.Le(eta * shares * left, 2 * (sp.Rational(5, 2) + square) * D),
             Polynomial("gain of means", "root sum, weighted", "flat step, weighted")),
        Step("gap, times what is left", sp.Le(2 * (sp.Rational(5, 2) + square) * D, A / 2 * D * left), Polynomial("amplitude")),
        Step("absorbed", sp.Le(eta * shares, A / 2 * D),
             Polynomial("absorbed, times what is left", "gap, times what is left", "what is left")),
    ]


def end(a: sp.Expr) -> list[Step]:
    """From Σ shares ≤ AKh (as "absorbed": η Σ shares ≤ (A/2)D) to the rate."""
    given = {mean_of_sizes.A: a, mean_of_sizes.F: flat, mean_of_sizes.q: q, mean_of_sizes.h: h, mean_of_sizes.P: 1,
             mean_of_sizes.Q: 1, mean_of_sizes.a: sp.Lambda((k, i), G[k, i]), mean_of_sizes.w: sp.Lambda((k, i), MEAN_ROOT)}
    large = 2 * K * flat + 2 * a * K * h
    scales = K * (sp.sqrt(2) * sp.sqrt(a) * sp.sqrt(d) * q + sp.sqrt(2) * a * h)
    return [
        Step("scale without noise", sp.Eq(h**2, d * L * D / K, evaluate=False), Identity()),
        Step("distance", sp.Eq(D, 2 * eta * K * h), Polynomial("step squared", "scale without noise")),
        Step("share sum", sp.Le(shares, a * K * h), Polynomial("absorbed", "distance")),
        Step("root sum, bounded", sp.Le(roots, large), Polynomial("root sum", "share sum")),
        Step("scale with noise", sp.Eq((q**2) ** 2, sigma_hat**2 * L * D / K, evaluate=False), Identity()),
        Step("scales, squared", sp.Eq((flat * h) ** 2, (d * q**2) ** 2, evaluate=False),
             Polynomial("scale without noise", "scale with noise")),
        Step("scales", sp.Eq(flat * h, d * q**2, evaluate=False), Polynomial("scales, squared")),
        Step("sizes", sp.Le(sizes, scales), By(mean_of_sizes.CLAIM, "two_scales", given, (
            "share sum", "root sum, bounded", "scales", "second decay below one"))),
        Step("mean size", Always(sp.Eq(mean_size, over_coordinates(E(sp.Abs(G[k, i])))), STEPS), Expectation("linearity")),
        Step("mean sizes", sp.Eq(sp.Sum(mean_size, STEPS), sizes), Termwise("mean size", over=STEPS)),
        Step("rate of decrease", mean_rate(sp.sqrt(2) * sp.sqrt(a) * sp.sqrt(d) * q + sp.sqrt(2) * a * h),
             Polynomial("sizes", "mean sizes")),
    ]


def mean_rate(bound: sp.Expr) -> Boolean:
    """(1/K) Σ_k E‖∇f(x^k)‖₁ ≤ bound."""
    return sp.Le(sp.Sum(mean_size, STEPS) / K, bound)


LEMMAS = ("first decay below one", "second decay below one", "rate", "budget", "momentum", "second moment", "direction", "update",
          "momentum starts at zero", "unbiased", "variance", "noise total", "smooth gradient", "quadratic bound", "infimum",
          "start", *START)


def rate_in_box() -> list[Step]:
    """Proof of the rate for iterates in a box, λ|x| ≤ C√(1-θ), whatever keeps them there."""
    reach = C * sp.sqrt(1 - theta)
    gain = sp.Le(eta / 2 * shares, sp.Rational(5, 2) * D + eta * reach**2 * roots)
    return [
        *BELOW_ONE[:1], *SCHEDULE,
        Step("gain", gain, By(gradient_sum.CLAIM, "with_decay", {gradient_sum.rho: reach}, (*LEMMAS, *NADAMW.momentum, "box"))),
        Step("gain of means", sp.Le(eta / 2 * shares, sp.Rational(5, 2) * D + eta * C**2 * (1 - theta) * roots),
             Polynomial("gain", "first decay below one")),
        *NOISE, *absorbed(), *end(A),
    ]


def from_box(method: Method, in_a_box: Claim, a: sp.Expr) -> list[Step]:
    """Proof of the theorems with amplitude a from the rate in a box, and from `in_box` as the fact "box"."""
    size = radius(method.c)
    kept = tuple(name for name in in_a_box.hypotheses if name in decayed_hypotheses(method))
    return [
        *BELOW_ONE,
        Step("box of the sum", everywhere(sp.Le(lam * sp.Abs(x[k, i]), size * sp.sqrt(1 - theta))), Polynomial("box")),
        Step("amplitude", enough(a, size), Polynomial("small", "first decay below one")),
        Step("rate of decrease", mean_rate(rate_with(a)), By(in_a_box, "rate", {C: size, A: a, tau: method.tau}, (
            *kept, *method.momentum, "first decay below one", "second decay below one", "box of the sum", "amplitude"))),
    ]


def plain_rate() -> list[Step]:
    """Proof of the rate without decay for any β < 1, with amplitude 7."""
    return [
        *BELOW_ONE[:1], *SCHEDULE,
        Step("gain of means", sp.Le(eta / 2 * shares, sp.Rational(7, 4) * D), By(
            gradient_sum.CLAIM, "without_decay", {gradient_sum.rho: 0, lam: 0}, (*LEMMAS, *NADAMW.momentum))),
        *NOISE,
        Step("absorbed", sp.Le(eta * shares, sp.Rational(7, 2) * D), Polynomial("gain of means")),
        *end(sp.Integer(7)),
    ]


def rate_with(a: Any) -> sp.Expr:
    """The bound of the rate with another amplitude."""
    return sp.sqrt(2) * sp.sqrt(a) * sp.sqrt(d) * q + sp.sqrt(2) * a * h


def sharper(method: Method, without_decay: Claim) -> list[Step]:
    """The corollaries with amplitude 7: θ ≤ β ≤ √θ leaves β below one, and that is all that is needed of β."""
    kept = tuple(name for name in plain_hypotheses(method) if not name.startswith("second decay"))
    return [
        *BELOW_ONE,
        Step("rate of decrease", mean_rate(rate_with(7)), By(without_decay, "rate", {tau: method.tau}, (
            *kept, "first decay below one", "second decay below one"))),
    ]


def weaker(part: str) -> list[Step]:
    """Amplitude 20 from amplitude 7."""
    first, second = sp.symbols("a b", nonnegative=True)
    both = Always(sp.Le(sp.sqrt(14) * first + 7 * sp.sqrt(2) * second, sp.sqrt(40) * first + 20 * sp.sqrt(2) * second),
                  (first, 0, sp.oo), (second, 0, sp.oo))
    return [
        Step("smaller amplitude", both, Polynomial()),
        Step("larger bound", sp.Le(rate_with(7), rate_with(20)),
             Polynomial(At("smaller amplitude", {first: sp.sqrt(d) * q, second: h}))),
        Step("rate of decrease", mean_rate(rate_with(20)), Polynomial(part, "larger bound")),
    ]
