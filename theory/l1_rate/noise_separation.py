"""What the rate becomes as the noise grows or vanishes: √d(σ_s²LD/K)^{1/4} when noise dominates, √(dLD/K) without it."""

import sympy as sp

from theory.core import Claim, Part, Source, Step, Var
from theory.core.claim import L1_RATE
from theory.core.rules import Identity, Polynomial
from theory.l1_rate.schedule import NOISE2, VARIABLES, D, K, L, d, gamma, sigma, sigma_hat

A = sp.Symbol("A", positive=True)
h = sp.sqrt(d * L * D / K)
q = (sigma_hat**2 * L * D / K) ** sp.Rational(1, 4)
bound = sp.sqrt(2) * sp.sqrt(A) * sp.sqrt(d) * q + sp.sqrt(2) * A * h
loud = (sigma**2 * L * D / K) ** sp.Rational(1, 4)

dominated = sp.Le(bound, (sp.sqrt(2) * sp.sqrt(A) + sp.sqrt(2) * A * sp.sqrt(gamma)) * sp.sqrt(d) * loud)
silent = sp.Eq(bound, (sp.sqrt(2) * sp.sqrt(A) / sp.sqrt(gamma) + sp.sqrt(2) * A) * h)

scales = [
    Step("h", sp.Eq(h**2, d * L * D / K, evaluate=False), Identity()),
    Step("q", sp.Eq(q**4, sigma_hat**2 * L * D / K, evaluate=False), Identity()),
]
wanted = {symbol for symbol in (K, d, L, D, sigma, gamma, sigma_hat)}

CLAIM = Claim(
    id="l1_rate/noise_separation",
    title="Noise separates the two terms of the rate",
    summary="When the noise dominates, the rate is of the order √d(σ_s²LD/K)^{1/4}; without noise it is of the order √(dLD/K).",
    source=Source("l1_rate", "Section 2.2", L1_RATE),
    provenance="derived",
    variables=[*(var for var in VARIABLES if var.symbol in wanted), Var(A, "amplitude of the rate")],
    hypotheses={"noise level": sp.Eq(sigma_hat**2, NOISE2)},
    parts=[
        Part("noise_dominates", dominated, [
            *scales,
            Step("loud", sp.Eq(loud**4, sigma**2 * L * D / K, evaluate=False), Identity()),
            Step("level", sp.Eq(sigma_hat**2, sigma**2), Polynomial("noise level", "much noise")),
            Step("same", sp.Eq(q**4, loud**4), Polynomial("q", "loud", "level")),
            Step("same scale", sp.Eq(q, loud), Polynomial("same")),
            Step("h to the fourth", sp.Le(h**4, (sp.sqrt(gamma) * sp.sqrt(d) * q) ** 4),
                 Polynomial("h", "q", "level", "much noise")),
            Step("smaller", sp.Le(h, sp.sqrt(gamma) * sp.sqrt(d) * q), Polynomial("h to the fourth")),
            Step("smaller, weighted", sp.Le(A * h, A * sp.sqrt(gamma) * sp.sqrt(d) * q), Polynomial("smaller")),
            Step("dominated", dominated, Polynomial("smaller, weighted", "same scale")),
        ], {"much noise": sp.Ge(sigma**2, L * D / (K * gamma**2))}),
        Part("no_noise", silent, [
            *scales,
            Step("level", sp.Eq(sigma_hat**2, L * D / (K * gamma**2)), Polynomial("noise level", "silence")),
            Step("fourth powers", sp.Eq((sp.sqrt(gamma) * sp.sqrt(d) * q) ** 4, h**4), Polynomial("h", "q", "level")),
            Step("same scale", sp.Eq(sp.sqrt(gamma) * sp.sqrt(d) * q, h), Polynomial("fourth powers")),
            Step("silent", silent, Polynomial("same scale")),
        ], {"silence": sp.Eq(sigma, 0)}),
    ],
    note="A is the amplitude of any of the four rates.",
)
