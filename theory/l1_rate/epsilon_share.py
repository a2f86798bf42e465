"""How much of √(v+ε) is ε: √ε ≤ √(v+ε) ≤ √v + √ε, and the share √ε/√(v+ε) is what v/ε says it is."""

import sympy as sp

from theory.core import Always, Claim, Convention, Part, Source, Step, Var
from theory.core.claim import L1_RATE
from theory.core.rules import Polynomial, Termwise

d = sp.Symbol("d", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
eps, sigma_hat = sp.symbols("epsilon sigma_hat", positive=True)
kappa = sp.Symbol("kappa", nonnegative=True)
v = sp.IndexedBase("v", nonnegative=True)
coordinates = (i, 1, d)
root = sp.sqrt(v[i] + eps)
share = sp.sqrt(eps) / root

sandwich = Always(sp.And(sp.Le(sp.sqrt(eps), root), sp.Le(root, sp.sqrt(v[i]) + sp.sqrt(eps))), coordinates)
small = Always(sp.Ge(share, 1 / sp.sqrt(1 + kappa)), coordinates)
large = Always(sp.Le(share, 1 / sp.sqrt(1 + kappa)), coordinates)
total = sp.Le(sp.Sum(root, coordinates), sp.Sum(sp.sqrt(v[i]), coordinates) + sp.sqrt(d) * sigma_hat)

CLAIM = Claim(
    id="l1_rate/epsilon_share",
    title="Share of ε in the denominator",
    summary="The root of v+ε lies between √ε and √v+√ε; ε makes up at least 1/√(1+κ) of it exactly while v ≤ κε; with "
            "ε = σ̂²/d it adds at most √d σ̂ to the sum of the denominators.",
    source=Source("l1_rate", "Section 2.4", L1_RATE),
    provenance="derived",
    convention=Convention(),
    variables=[
        Var(d, "number of coordinates"), Var(eps, "ε, inside the root"), Var(kappa, "how many times ε the second moment is"),
        Var(sigma_hat, "noise level"), Var(v, "second moments", over=((1, d),)),
    ],
    hypotheses={},
    parts=[
        Part("sandwich", sandwich, [Step("sandwich", sandwich, Polynomial())]),
        Part("mostly_epsilon", small, [Step("share", small, Polynomial("small moment"))],
             {"small moment": Always(sp.Le(v[i], kappa * eps), coordinates)}),
        Part("mostly_moment", large, [Step("share", large, Polynomial("large moment"))],
             {"large moment": Always(sp.Ge(v[i], kappa * eps), coordinates)}),
        Part("sum", total, [
            Step("each", Always(sp.Le(root, sp.sqrt(v[i]) + sp.sqrt(eps)), coordinates), Polynomial()),
            Step("all", sp.Le(sp.Sum(root, coordinates), sp.Sum(sp.sqrt(v[i]) + sp.sqrt(eps), coordinates)),
                 Termwise("each", over=coordinates)),
            Step("scale", sp.Eq(d * sp.sqrt(eps), sp.sqrt(d) * sigma_hat), Polynomial("epsilon")),
            Step("sum", total, Polynomial("all", "scale")),
        ], {"epsilon": sp.Eq(eps, sigma_hat**2 / d)}),
    ],
    note="The paper measures this share on real runs; the report's digits run does the same.",
)
