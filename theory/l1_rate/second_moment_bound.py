"""The mean of Σ√(ṽ+ε), where ṽ is what v is on average: K(‖σ‖₁ + d√ε) plus twice the scaled squared gradients.

With a(k) = ṽ^k + ε and W(j,n) = √(β^j v^n + (1-β^j)σ² + ε): taking the gradient's share from under the root costs at most
(1-β)ρ^j |∇f|²/√a, where ρ = (1+β)/2 ≥ √β; the root lies below its tangent (Jensen), so W(j,n) is on average at most
W(j+1,n-1) plus that cost. The weights ρ^j of all costs of one gradient sum to at most 2/(1-β).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.core import Always, Claim, Convention, E, Part, Source, Step
from theory.core.claim import L1_RATE
from theory.core.rules import At, Expectation, Induction, Polynomial, Termwise
from theory.l1_rate.schedule import K, beta, d, eps
from theory.l1_rate.setting import (
    COORDINATES,
    L1_NOISE,
    MEAN_ROOT,
    STEPS,
    G,
    g,
    history,
    hypotheses,
    i,
    k,
    noise,
    over_coordinates,
    v,
    variables,
)

n, j, t = sp.symbols("n j t", integer=True)
rho = (1 + beta) / 2
cost = E(G[k, i] ** 2 / MEAN_ROOT)
bound = sp.Le(
    sp.Sum(over_coordinates(E(MEAN_ROOT)), STEPS),
    K * L1_NOISE + K * d * sp.sqrt(eps) + 2 * sp.Sum(over_coordinates(cost), STEPS),
)


def inside(at: Any, times: Any = j) -> sp.Expr:
    """W(j, at)²: v after step `at`, averaged `times` more with σ² in place of the squared gradient, plus ε."""
    return beta**times * v[at, i] + noise_share(times) * noise[i] ** 2 + eps


def noise_share(times: Any) -> sp.Expr:
    """1 - β^times, as a sum of non-negative terms."""
    return (1 - beta) * sp.Sum(beta ** (t - 1), (t, 1, times))


def cost_at(at: Any) -> sp.Expr:
    """The mean scaled squared gradient of coordinate i at step `at`."""
    return cost.subs(k, at)


def costs(at: Any) -> sp.Sum:
    """Its sum over the coordinates."""
    return over_coordinates(cost_at(at))


def discounted(length: Any) -> sp.Sum:
    """Σ_{t≤length} ρ^{length-t} costs(t)."""
    return sp.Sum(rho ** (length - t) * costs(t), (t, 1, length))


def level(at: Any, times: Any) -> sp.Sum:
    """Σ_i E W(times, at)."""
    return over_coordinates(E(sp.sqrt(inside(at, times))))


def with_gradient(square: sp.Expr) -> sp.Expr:
    """W(j, n)² with v^n written out and `square` for the squared gradient."""
    return beta**j * (beta * v[n - 1, i] + (1 - beta) * square) + noise_share(j) * noise[i] ** 2 + eps


BOUNDED = ((j, 0, sp.oo), (n, 1, K), COORDINATES)
start = MEAN_ROOT.subs(k, n) ** 2  # a(n)


def mean_inside(times: Any) -> sp.Expr:
    """What the history before step n makes of W(j, n)², at most."""
    return beta**times * (start - eps) + noise_share(times) * noise[i] ** 2 + eps


def root_bound(times: Any) -> sp.Le:
    """β^times √a ≤ ρ^times √b."""
    return sp.Le(beta**times * sp.sqrt(start), rho**times * sp.sqrt(mean_inside(times)))


weight = (1 - beta) * rho**j * G[n, i] ** 2 / sp.sqrt(start)
powers = (At("powers"), "second decay below one")

# On every path: β^j √a ≤ ρ^j √b for b = β^j ṽ + (1-β^j) σ² + ε, by induction on j.
pathwise = [
    Step("powers", Always(sp.And(sp.Le(beta**j, 1), sp.Gt(rho**j, 0)), (j, 0, sp.oo)),
         Induction(base=Polynomial(), step=Polynomial("induction", "second decay below one"))),
    Step("noise share", Always(sp.Le(noise_share(j), 1 - beta**j), (j, 0, sp.oo)),
         Induction(base=Polynomial(), step=Polynomial("induction"))),
    Step("one factor", Always(sp.Ge(rho * sp.sqrt(mean_inside(j + 1)), beta * sp.sqrt(mean_inside(j))), *BOUNDED),
         Polynomial(*powers)),
    Step("root", Always(root_bound(j), *BOUNDED), Induction(base=Polynomial(), step=[
        Step("next", Always(root_bound(j + 1), *BOUNDED[1:]), Polynomial("induction", At("one factor"), *powers))])),
]
root_inside, root_b = sp.sqrt(inside(n - 1, j + 1)), sp.sqrt(mean_inside(j))
taken = (1 - beta) * G[n, i] ** 2
pathwise += [
    Step("shorter", Always(sp.Le(root_inside, root_b), *BOUNDED), Polynomial(*powers)),
    Step("taken out, times the root", Always(sp.Le(root_b**2, root_inside * root_b + beta**j * taken), *BOUNDED),
         Polynomial("shorter", *powers)),
    Step("taken out", Always(sp.Le(root_b, root_inside + beta**j * taken / root_b), *BOUNDED),
         Polynomial("taken out, times the root")),
    Step("smaller quotient", Always(sp.Le(beta**j / root_b, rho**j / sp.sqrt(start)), *BOUNDED), Polynomial("root", *powers)),
    Step("cost", Always(sp.Le(beta**j * taken / root_b, weight), *BOUNDED),
         Polynomial("smaller quotient", "second decay below one")),
    Step("one gradient less", Always(sp.Le(root_b, root_inside + weight), *BOUNDED), Polynomial("taken out", "cost")),
]

# In the mean: √ lies below its tangent at b, and W² is on average at most b.
tangent, drawn = (inside(n) + mean_inside(j)) / (2 * root_b), sp.sqrt(inside(n))
averaged = [
    Step("tangent", Always(sp.Le(drawn, tangent), *BOUNDED), Polynomial(*powers)),
    Step("mean of the tangent", Always(sp.Le(E(drawn, n), E(tangent, n)), *BOUNDED),
         Expectation("monotone", {"history": n}, ("tangent",))),
    Step("tangent of the mean", Always(sp.Eq(E(tangent, n), (E(inside(n), n) + mean_inside(j)) / (2 * root_b)), *BOUNDED),
         Expectation("linearity")),
    Step("new gradient", Always(sp.Le(inside(n), with_gradient(g[n, i] ** 2)), *BOUNDED),
         Polynomial(At("second moment", {k: n}))),
    Step("mean with it", Always(sp.Le(E(inside(n), n), E(with_gradient(g[n, i] ** 2), n)), *BOUNDED),
         Expectation("monotone", {"history": n}, ("new gradient",))),
    Step("mean square", Always(sp.Eq(E(with_gradient(g[n, i] ** 2), n), with_gradient(
        E((g[n, i] - G[n, i]) ** 2, n) + 2 * G[n, i] * E(g[n, i], n) - G[n, i] ** 2)), *BOUNDED), Expectation("linearity")),
    Step("mean of W²", Always(sp.Le(E(inside(n), n), mean_inside(j)), *BOUNDED),
         Polynomial("mean with it", "mean square", At("unbiased", {k: n}), At("variance", {k: n}), *powers)),
    Step("mean of W", Always(sp.Le(E(drawn, n), root_b), *BOUNDED),
         Polynomial("mean of the tangent", "tangent of the mean", "mean of W²", *powers)),
    Step("given the history", Always(sp.Le(E(drawn, n), root_inside + weight), *BOUNDED),
         Polynomial("mean of W", "one gradient less")),
    Step("monotone", Always(sp.Le(E(E(drawn, n)), E(root_inside + weight)), *BOUNDED),
         Expectation("monotone", using=("given the history",))),
    Step("tower", Always(sp.Eq(E(E(drawn, n)), E(drawn)), *BOUNDED), Expectation("tower")),
    Step("linear", Always(sp.Eq(E(root_inside + weight), E(root_inside) + (1 - beta) * rho**j * cost_at(n)), *BOUNDED),
         Expectation("linearity")),
    Step("recursion of a coordinate", Always(sp.Le(E(drawn), E(root_inside) + (1 - beta) * rho**j * cost_at(n)), *BOUNDED),
         Polynomial("monotone", "tower", "linear")),
    Step("recursion", Always(sp.Le(level(n, j), over_coordinates(E(root_inside) + (1 - beta) * rho**j * cost_at(n))),
                             *BOUNDED[:2]), Termwise("recursion of a coordinate", over=COORDINATES)),
]

# W(j, 0) is no more than σ + √ε; unrolled down to it, W(j, n) costs the discounted sum of the costs up to n.
floor = L1_NOISE + d * sp.sqrt(eps)
bottom, BOTTOM = noise[i] + sp.sqrt(eps), ((j, 0, sp.oo), COORDINATES)


def unrolled_bound(at: Any) -> sp.Le:
    """Σ_i E W(j, at) ≤ ‖σ‖₁ + d√ε + (1-β) ρ^j discounted(at)."""
    return sp.Le(level(at, j), floor + (1 - beta) * rho**j * discounted(at))


unrolled = [
    Step("bottom", Always(sp.Le(sp.sqrt(inside(0)), bottom), *BOTTOM),
         Polynomial(At("second moment starts at zero"), At("noise share"), *powers)),
    Step("bottom in the mean", Always(sp.Le(E(sp.sqrt(inside(0))), bottom), *BOTTOM),
         Expectation("monotone", using=("bottom",))),
    Step("bottom sum", Always(sp.Le(level(0, j), over_coordinates(bottom)), (j, 0, sp.oo)),
         Termwise("bottom in the mean", over=COORDINATES)),
    Step("unrolled", Always(unrolled_bound(n), (n, 0, K), (j, 0, sp.oo)), Induction(
        base=[Step("floor", Always(unrolled_bound(sp.S.Zero), (j, 0, sp.oo)), Polynomial("bottom sum"))],
        step=[Step("next", Always(unrolled_bound(n + 1), (j, 0, sp.oo)),
                   Polynomial(At("recursion", {n: n + 1}), At("induction", {j: j + 1})))])),
]

# The step itself is W(0, k) before its gradient's share is taken out.
top = sp.sqrt(inside(k - 1, 1)) + (1 - beta) * G[k, i] ** 2 / MEAN_ROOT
mean_top = E(sp.sqrt(inside(k - 1, 1))) + (1 - beta) * cost
each_step = sp.Le(over_coordinates(E(MEAN_ROOT)), floor + (1 - beta) * discounted(k))
total = sp.Sum(discounted(k), (k, 1, n))
summed = [
    Step("top", Always(sp.Le(MEAN_ROOT, top), STEPS, COORDINATES), Polynomial(At("one gradient less", {j: 0, n: k}))),
    Step("mean top", Always(sp.Le(E(MEAN_ROOT), E(top)), STEPS, COORDINATES), Expectation("monotone", using=("top",))),
    Step("linear top", Always(sp.Eq(E(top), mean_top), STEPS, COORDINATES), Expectation("linearity")),
    Step("top of a coordinate", Always(sp.Le(E(MEAN_ROOT), mean_top), STEPS, COORDINATES), Polynomial("mean top", "linear top")),
    Step("top sum", Always(sp.Le(over_coordinates(E(MEAN_ROOT)), over_coordinates(mean_top)), STEPS),
         Termwise("top of a coordinate", over=COORDINATES)),
    Step("each step, shifted", Always(each_step.subs(k, n + 1), (n, 0, K - 1)),
         Polynomial(At("top sum", {k: n + 1}), At("unrolled", {j: 1}))),
    Step("each step", Always(each_step, STEPS), Polynomial(At("each step, shifted", {n: k - 1}))),
    Step("sum of steps", sp.Le(bound.lhs, sp.Sum(floor + (1 - beta) * discounted(k), STEPS)), Termwise("each step", over=STEPS)),
    Step("geometric", Always(sp.Eq((1 - rho) * total + rho * discounted(n), sp.Sum(costs(k), (k, 1, n))), (n, 0, K)),
         Induction(base=Polynomial(), step=Polynomial("induction"))),
    Step("quotient not negative", Always(sp.Le(0, G[k, i] ** 2 / MEAN_ROOT), STEPS, COORDINATES), Polynomial()),
    Step("cost not negative", Always(sp.Le(0, cost), STEPS, COORDINATES),
         Expectation("monotone", using=("quotient not negative",))),
    Step("costs of k", Always(sp.Le(0, costs(k)), STEPS), Termwise("cost not negative", over=COORDINATES)),
    Step("costs not negative", Always(sp.Le(0, costs(t)), (t, 1, K)), Polynomial(At("costs of k", {k: t}))),
    Step("rest not negative", sp.Le(0, discounted(K)),
         Termwise("costs not negative", over=(t, 1, K), weight=rho ** (K - t))),
    Step("bound", bound, Polynomial("sum of steps", At("geometric", {n: K}), "rest not negative")),
]

CLAIM = Claim(
    id="l1_rate/second_moment_bound",
    title="Second-moment bound",
    summary="The mean l1 norm of √(ṽ+ε), summed over the steps, is at most K(‖σ‖₁ + d√ε) plus twice the sum of the mean "
            "squared gradients over √(ṽ+ε).",
    source=Source("l1_rate", "Lemma 4", L1_RATE),
    provenance="restored",
    convention=Convention(),
    variables=variables(beta, eps, G, g, v),
    history=history(G, g, v),
    hypotheses=hypotheses("second decay below one", "second moment", "second moment starts at zero", "unbiased", "variance"),
    parts=[Part("bound", bound, [*pathwise, *averaged, *unrolled, *summed])],
)
