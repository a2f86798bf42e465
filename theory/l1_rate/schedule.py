"""The parameter schedule of Theorem 1 (AdamW) and Theorem 2 (NAdamW), written once: formulas, hypotheses, numbers.

The free parameters are K, d, L, D, the noise level σ_s, and two fractions γ and s; the rest follows from them:

    σ̂² = max(σ_s², LD/(Kγ²))     1-θ = √(LD/(Kσ̂²)) ≤ γ     ε = σ̂²/d     η = √(D/(4KdL)) = (1-θ)√ε/(2L)
    ‖x¹‖∞ ≤ √(KD/(dL))           λ ≤ s √d K^{-3/4} (L³/(σ̂²D))^{1/4},  which is  λ √(KD/(dL)) ≤ s √(1-θ)
    C = s(1 + c/2)               A = 8(5/2 + C²)          c bounds the update: 2/√3 for AdamW, 3/2 for NAdamW

The form of the schedule is restored from the paper's proof; the constants s, C and A are derived here, not the paper's.
Formulas below may hold the symbol σ̂; `closed` writes it out in the free parameters, `value` puts numbers in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core import Var

K = sp.Symbol("K", integer=True, positive=True)
d = sp.Symbol("d", integer=True, positive=True)
L, D, gamma, s = sp.symbols("L D gamma s", positive=True)
sigma = sp.Symbol("sigma_s", nonnegative=True)
sigma_hat = sp.Symbol("sigma_hat", positive=True)
theta, beta, lam = sp.symbols("theta beta lambda", nonnegative=True)
eta, eps = sp.symbols("eta epsilon", positive=True)

NOISE2 = sp.Max(sigma**2, L * D / (K * gamma**2))
ONE_MINUS_THETA = sp.sqrt(L * D / (K * sigma_hat**2))
EPS = sigma_hat**2 / d
LR = sp.sqrt(D / (4 * K * d * L))
START_BOUND = sp.sqrt(K * D / (d * L))
WEIGHT_DECAY_BOUND = s * sp.sqrt(d) / K ** sp.Rational(3, 4) * (L**3 / (sigma_hat**2 * D)) ** sp.Rational(1, 4)

ADAMW_C, NADAMW_C = 2 / sp.sqrt(3), sp.Rational(3, 2)


def radius(c: Any) -> sp.Expr:
    """C = s(1 + c/2): λ|x_i^k| ≤ C √(1-θ) when |update| ≤ c."""
    return s * (1 + c / 2)


def amplitude(c: Any) -> sp.Expr:
    """A = 8(5/2 + C²), the constant of the rate."""
    return 8 * (sp.Rational(5, 2) + radius(c) ** 2)


def sharper_amplitude(c: Any) -> sp.Expr:
    """4(5/2 + C²)/(1 - 4C²(1-θ)): what the proof of the rate gives before 8C²(1-θ) ≤ 1 rounds it up to A."""
    return amplitude(c) / 2 / (1 - 4 * radius(c) ** 2 * (1 - theta))


def rate(c: Any) -> sp.Expr:
    """The bound √(2A) √d (σ̂²LD/K)^{1/4} + √2 A √(dLD/K) on the mean of E‖∇f(x^k)‖₁; s = 0 (or λ = 0) gives Adam's."""
    a = amplitude(c)
    noisy = sp.sqrt(2) * sp.sqrt(a) * sp.sqrt(d) * (sigma_hat**2 * L * D / K) ** sp.Rational(1, 4)
    return noisy + sp.sqrt(2) * a * sp.sqrt(d * L * D / K)


VARIABLES = [
    Var(K, "number of steps"), Var(d, "number of coordinates"), Var(L, "smoothness of f in the l2 norm"),
    Var(D, "f at the first iterate minus the infimum of f"), Var(sigma, "standard deviation of the whole gradient noise"),
    Var(gamma, "upper bound on 1-θ"), Var(s, "fraction of the largest weight decay in use"),
    Var(sigma_hat, "noise level, not below the level K steps can resolve"),
    Var(theta, "first-moment decay"), Var(beta, "second-moment decay"), Var(eta, "learning rate"),
    Var(eps, "ε, inside the root"), Var(lam, "weight decay"),
]

HYPOTHESES: dict[str, Boolean] = {
    "gamma": sp.Le(gamma, 1),
    "noise level": sp.Eq(sigma_hat**2, NOISE2),
    "first decay": sp.Eq(1 - theta, ONE_MINUS_THETA),
    "second decay above": sp.Le(theta, beta),
    "second decay below": sp.Le(beta**2, theta),
    "epsilon": sp.Eq(eps, EPS),
    "learning rate": sp.Eq(eta, LR),
    "weight decay": sp.Le(lam, WEIGHT_DECAY_BOUND),
}


def small(c: Any) -> Boolean:
    """The condition 8C²(1-θ) ≤ 1; s = 1/5 meets it for every θ."""
    return sp.Le(8 * radius(c) ** 2 * (1 - theta), 1)


def closed(formula: sp.Expr) -> sp.Expr:
    """The formula in the free parameters alone (σ̂ written out)."""
    return formula.subs(sigma_hat, sp.sqrt(NOISE2))


def value(formula: sp.Expr, numbers: Mapping[sp.Symbol, Any]) -> sp.Expr:
    """The formula at given free parameters: exact for ints and SymPy rationals; `float(...)` of it is a number.

    Raises ValueError naming the parameters that are missing.
    """
    result = closed(sp.sympify(formula)).subs(numbers)
    if result.free_symbols:
        raise ValueError(f"give a value for {', '.join(sorted(map(str, result.free_symbols)))}")
    return result


def parameters(numbers: Mapping[sp.Symbol, Any], c: Any = ADAMW_C) -> dict[str, float]:
    """What Theorem 1 (c of AdamW) or 2 (c of NAdamW) gives a user at their K, d, L, D, σ_s, γ, s.

    The optimizer's lr, beta1, eps; the ends of the range for beta2; the largest weight_decay and the largest |x¹| (start);
    and the bound on the mean of E‖∇f‖₁ (rate). The rate needs `small(c)`, which s ≤ 1/5 ensures.
    """
    formulas = {"lr": LR, "beta1": 1 - ONE_MINUS_THETA, "beta2_least": 1 - ONE_MINUS_THETA,
                "beta2_most": sp.sqrt(1 - ONE_MINUS_THETA), "eps": EPS, "weight_decay": WEIGHT_DECAY_BOUND,
                "start": START_BOUND, "rate": rate(c)}
    return {name: float(value(formula, numbers)) for name, formula in formulas.items()}
