"""(Σ_k Σ_i E|a|)² ≤ (Σ_k Σ_i E a²/w)(Σ_k Σ_i E w): Hölder's inequality for means of double sums."""

from __future__ import annotations

import sympy as sp

from theory.core import Always, Claim, E, Part, Source, Step, Var
from theory.core.rules import Expectation, Polynomial, Termwise

K, d = sp.symbols("K d", integer=True, positive=True)
k, i = sp.symbols("k i", integer=True)
P, Q, A, F, q, h = sp.symbols("P Q A F q h", positive=True)
a = sp.IndexedBase("a", real=True)
w = sp.IndexedBase("w", positive=True)
STEPS, COORDINATES = (k, 1, K), (i, 1, d)


def total(term: sp.Expr) -> sp.Expr:
    """Σ_k Σ_i E term."""
    return sp.Sum(sp.Sum(E(term), COORDINATES), STEPS)


size, share = sp.Abs(a[k, i]), a[k, i] ** 2 / w[k, i]


def proof(shares: sp.Expr, weights: sp.Expr) -> list[Step]:
    """Σ E|a| ≤ √(shares · weights) by Young's inequality with one number for all terms: no Cauchy-Schwarz under E is needed."""
    root, everywhere = sp.sqrt(shares * weights), (STEPS, COORDINATES)
    young, mean_young = weights * share + shares * w[k, i], weights * E(share) + shares * E(w[k, i])
    low, high = sp.Sum(2 * root * E(size), COORDINATES), sp.Sum(mean_young, COORDINATES)
    return [
        Step("young", Always(sp.Le(2 * root * size, young), *everywhere), Polynomial()),
        Step("mean", Always(sp.Le(E(2 * root * size), E(young)), *everywhere), Expectation("monotone", using=("young",))),
        Step("left", Always(sp.Eq(E(2 * root * size), 2 * root * E(size)), *everywhere), Expectation("linearity")),
        Step("right", Always(sp.Eq(E(young), mean_young), *everywhere), Expectation("linearity")),
        Step("entry", Always(sp.Le(2 * root * E(size), mean_young), *everywhere), Polynomial("mean", "left", "right")),
        Step("row", Always(sp.Le(low, high), STEPS), Termwise("entry", over=COORDINATES)),
        Step("all", sp.Le(sp.Sum(low, STEPS), sp.Sum(high, STEPS)), Termwise("row", over=STEPS)),
        Step("twice", sp.Le(2 * root * total(size), 2 * shares * weights), Polynomial("all", "shares", "weights")),
        Step("geometric mean", sp.Le(total(size), root), Polynomial("twice")),
    ]


# Two scales: shares of size AKh and weights of size 2KF + 2AKh, where Fh = dq².
small, large = A * K * h, 2 * K * F + 2 * A * K * h
scales = sp.Le(total(size), K * (sp.sqrt(2 * A) * sp.sqrt(d) * q + sp.sqrt(2) * A * h))

CLAIM = Claim(
    id="foundations/mean_of_sizes",
    title="Means of sizes between two weighted means",
    summary="The sum of E|a| is at most the geometric mean of the sums of E a²/w and of E w.",
    source=Source("foundations", "Hölder for means", ""),
    provenance="derived",
    variables=[
        Var(K, "number of steps"), Var(d, "number of coordinates"), Var(P, "bound on the shares"), Var(Q, "bound on the weights"),
        Var(A, "amplitude of the shares"), Var(h, "scale of a step without noise"), Var(F, "scale of the noise"),
        Var(q, "scale of a step with noise, dq² = Fh"), Var(a, "random numbers", over=((1, K), (1, d)), random=True),
        Var(w, "random weights", over=((1, K), (1, d)), random=True),
    ],
    hypotheses={},
    parts=[
        Part("bound", sp.Le(total(size), sp.sqrt(P * Q)), proof(P, Q),
             {"shares": sp.Le(total(share), P), "weights": sp.Le(total(w[k, i]), Q)}),
        Part("two_scales", scales, [
            *proof(small, large),
            Step("product", sp.Le(small * large, (K * (sp.sqrt(2 * A) * sp.sqrt(d) * q + sp.sqrt(2) * A * h)) ** 2),
                 Polynomial("scales")),
            Step("two scales", scales, Polynomial("geometric mean", "product")),
        ], {"shares": sp.Le(total(share), small), "weights": sp.Le(total(w[k, i]), large), "scales": sp.Eq(F * h, d * q**2)}),
    ],
)
