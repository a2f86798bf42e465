"""The stochastic setting of the l1 rates: iterates, gradients and moments as random sequences, and what is assumed of them.

Steps are counted k = 1..K; g^k is the stochastic gradient at x^k and leads to x^{k+1}. `E(y, k)` is the mean given the
history before g^k is drawn, which fixes x^k, ∇f(x^k) and f(x^k), and all of g, m, v, m̃, r up to step k-1. NAdamW's
momentum m̃ = τm + (1-τ)g is AdamW's m at τ = 1. The parameters themselves (θ, β, η, ...) stand in `schedule`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core import Always, E, Fixed, Var
from theory.l1_rate.schedule import D, K, L, beta, d, eps, eta, lam, sigma, theta

k, i = sp.symbols("k i", integer=True)
tau = sp.Symbol("tau", nonnegative=True)
fstar = sp.Symbol("f_star", real=True)
noise = sp.IndexedBase("sigma", nonnegative=True)
x, g, G, f, m, mt, r = (sp.IndexedBase(name, real=True) for name in ("x", "g", "G", "f", "m", "mtilde", "r"))
v = sp.IndexedBase("v", nonnegative=True)

STEPS, COORDINATES = (k, 1, K), (i, 1, d)
HISTORY = {x: Fixed(0), G: Fixed(0), f: Fixed(0), **{s: Fixed(1) for s in (g, m, v, mt, r)}}  # the first index is time

SIZES = [Var(K, "number of steps"), Var(d, "number of coordinates")]
NOISE = [Var(sigma, "standard deviation of the whole gradient noise"),
         Var(noise, "standard deviation of the gradient noise in a coordinate", over=((1, d),))]
SEQUENCES = {
    x: Var(x, "iterate x^k", over=((1, K + 1), (1, d)), random=True),
    G: Var(G, "true gradient ∇f(x^k)", over=((1, K + 1), (1, d)), random=True),
    f: Var(f, "function value f(x^k)", over=((1, K + 1),), random=True),
    g: Var(g, "stochastic gradient at x^k", over=((1, K), (1, d)), random=True),
    m: Var(m, "first moment", over=((0, K), (1, d)), random=True),
    v: Var(v, "second moment", over=((0, K), (1, d)), random=True),
    mt: Var(mt, "momentum in use: τm + (1-τ)g (AdamW: τ = 1)", over=((1, K), (1, d)), random=True),
    r: Var(r, "direction with the decay in it, x^{k+1} = x^k - ηr^k", over=((1, K), (1, d)), random=True),
}
SCALARS = {
    L: Var(L, "smoothness of f in the l2 norm"), D: Var(D, "f at the first iterate minus the infimum of f"),
    theta: Var(theta, "first-moment decay"), beta: Var(beta, "second-moment decay"), eta: Var(eta, "learning rate"),
    eps: Var(eps, "ε, inside the root"), lam: Var(lam, "weight decay"),
    tau: Var(tau, "weight of m in the momentum"), fstar: Var(fstar, "infimum of f"),
}


def variables(*symbols: Any) -> list[Var]:
    """Declarations of K, d, the noise levels and the given symbols."""
    return [*SIZES, *NOISE, *(SCALARS.get(s) or SEQUENCES[s] for s in symbols)]


def history(*symbols: Any) -> dict[sp.IndexedBase, Fixed]:
    """What of the given sequences the history fixes, for `Claim.history`."""
    return {s: HISTORY[s] for s in symbols if s in HISTORY}


def over_coordinates(entry: sp.Expr) -> sp.Sum:
    """The sum over i of an expression in i."""
    return sp.Sum(entry, COORDINATES)


def everywhere(relation: Boolean) -> Always:
    """The relation at every step and coordinate."""
    return Always(relation, STEPS, COORDINATES)


MOVED = over_coordinates((x[k + 1, i] - x[k, i]) ** 2)
SECOND_MEAN = beta * v[k - 1, i] + (1 - beta) * (G[k, i] ** 2 + noise[i] ** 2)  # ṽ: what v^k is on average, at most
ROOT, MEAN_ROOT = sp.sqrt(v[k, i] + eps), sp.sqrt(SECOND_MEAN + eps)
L1_NOISE = over_coordinates(noise[i])

# Pathwise: what the algorithm does.
ALGORITHM: dict[str, Boolean] = {
    "momentum": everywhere(sp.Eq(m[k, i], theta * m[k - 1, i] + (1 - theta) * g[k, i])),
    "second moment": everywhere(sp.Eq(v[k, i], beta * v[k - 1, i] + (1 - beta) * g[k, i] ** 2)),
    "mixed momentum": everywhere(sp.Eq(mt[k, i], tau * m[k, i] + (1 - tau) * g[k, i])),
    "direction": everywhere(sp.Eq(r[k, i], mt[k, i] / ROOT + lam * x[k, i])),
    "update": everywhere(sp.Eq(x[k + 1, i], x[k, i] - eta * r[k, i])),
    "momentum starts at zero": Always(sp.Eq(m[0, i], 0), COORDINATES),
    "second moment starts at zero": Always(sp.Eq(v[0, i], 0), COORDINATES),
}
# What is assumed of the noise: in the mean, given the history.
STOCHASTIC: dict[str, Boolean] = {
    "unbiased": everywhere(sp.Eq(E(g[k, i], k), G[k, i])),
    "variance": everywhere(sp.Le(E((g[k, i] - G[k, i]) ** 2, k), noise[i] ** 2)),
    "noise total": sp.Eq(sigma**2, over_coordinates(noise[i] ** 2)),
}
# What L-smoothness of f says along the path: of the gradients, and (integrated) of the values.
FUNCTION: dict[str, Boolean] = {
    "smooth gradient": Always(sp.Le(over_coordinates((G[k + 1, i] - G[k, i]) ** 2), L**2 * MOVED), STEPS),
    "quadratic bound": Always(
        sp.Le(f[k + 1], f[k] + over_coordinates(G[k, i] * (x[k + 1, i] - x[k, i])) + L / 2 * MOVED), STEPS),
    "infimum": Always(sp.Ge(f[k], fstar), (k, 1, K + 1)),
    "start": sp.Eq(f[1], fstar + D),
}
RANGES: dict[str, Boolean] = {
    "first decay below one": sp.Lt(theta, 1),
    "second decay below one": sp.Lt(beta, 1),
    "weight above": sp.Le(theta, tau),
    "weight below": sp.Le(tau, 1),
}
HYPOTHESES: dict[str, Boolean] = {**RANGES, **ALGORITHM, **STOCHASTIC, **FUNCTION}


def hypotheses(*names: str) -> dict[str, Boolean]:
    """The named hypotheses, in the order given."""
    return {name: HYPOTHESES[name] for name in names}
