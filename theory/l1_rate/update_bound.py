"""|m| ≤ (2/√3)√v for AdamW, |m̃| ≤ (3/2)√v for NAdamW when θ ≤ β ≤ √θ; and the exact worst case for any θ, β."""

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core import Always, Claim, Convention, Part, Source, Step, Var
from theory.core.claim import L1_RATE
from theory.core.rules import At, Identity, Induction, Polynomial, Termwise

theta, beta, tau = sp.symbols("theta beta tau", nonnegative=True)
K = sp.Symbol("K", integer=True, positive=True)
k, j, n = sp.symbols("k j n", integer=True)
m, g, nesterov = (sp.IndexedBase(name, real=True) for name in ("m", "g", "mtilde"))
v = sp.IndexedBase("v", nonnegative=True)

steps = (k, 1, K)
moments = (At("momentum", {k: n + 1}), At("second moment", {k: n + 1}))

# Everything is proved in squares and without quotients of v, so v = 0 needs no case of its own.
adamw = Always(sp.Le(sp.Abs(m[k]), 2 / sp.sqrt(3) * sp.sqrt(v[k])), steps)
adamw_squares = Always(sp.Le(3 * m[n] ** 2, 4 * v[n]), (n, 0, K))

# One step of Cauchy-Schwarz: (θp + (1-θ)g)² ≤ (cθ²/β + (1-θ)²/(1-β)) (βw + (1-β)g²) if p² ≤ cw. Iterated from c = 0 it
# gives the worst case after n steps; its fixed point is the limit.
fading = (1 - theta) ** 2 * beta / ((1 - beta) * (beta - theta**2))
fades = {"fading memory": sp.Lt(theta**2, beta)}
limit_squares = Always(sp.Le((1 - beta) * (beta - theta**2) * m[n] ** 2, (1 - theta) ** 2 * beta * v[n]), (n, 0, K))
limit_proof = Step("limit, scaled", limit_squares, Induction(
    base=Polynomial("start", "below one", "fading memory"),
    step=Polynomial("induction", *moments, "below one", "fading memory")))
limit = Always(sp.Le(m[k] ** 2, fading * v[k]), steps)


def past(length: sp.Expr) -> sp.Expr:
    """Σ_{j<length} (θ²/β)^j."""
    return sp.Sum((theta**2 / beta) ** j, (j, 0, length - 1))


positive = {"some second-moment memory": sp.Gt(beta, 0)}
powers = Always(sp.Ge((theta**2 / beta) ** j, 0), (j, 0, K))
unrolled = Always(sp.Eq(past(n + 2), 1 + theta**2 / beta * past(n + 1)), (n, 0, K - 1))
sums = [
    Step("powers", powers, Induction(base=Identity(), step=Polynomial("induction", "some second-moment memory"))),
    Step("sum not negative", Always(sp.Le(0, past(n + 1)), (n, 0, K - 1)), Termwise("powers", over=(j, 0, n))),
    Step("unrolled", unrolled, Induction(base=Identity(), step=Polynomial("induction", "some second-moment memory"))),
]
worst_squares = sp.Le((1 - beta) * m[n + 1] ** 2, (1 - theta) ** 2 * past(n + 1) * v[n + 1])
worst = Always(sp.Le(m[k] ** 2, (1 - theta) ** 2 / (1 - beta) * past(k) * v[k]), steps)
first = (At("momentum", {k: 1}), At("second moment", {k: 1}), "start", "below one")
later = (At("momentum", {k: n + 2}), At("second moment", {k: n + 2}), "below one", "some second-moment memory")

# The worst gradients grow by the factor β/θ a step: then m = (1-θ) Σ g and v = (1-β) Σ g² with Σ = Σ_{j<k} (θ²/β)^j.
witness = {**positive, "v starts at zero": sp.Eq(v[0], 0),
           "growth": Always(sp.Eq(beta * g[k], theta * g[k + 1]), (k, 1, K - 1))}
m_witness = Always(sp.Eq(m[n + 1], (1 - theta) * past(n + 1) * g[n + 1]), (n, 0, K - 1))
v_witness = Always(sp.Eq(v[n + 1], (1 - beta) * past(n + 1) * g[n + 1] ** 2), (n, 0, K - 1))
attained = Always(sp.Eq(m[k] ** 2, (1 - theta) ** 2 / (1 - beta) * past(k) * v[k]), steps)
older = Step("older gradient", sp.Eq(g[n + 1], theta / beta * g[n + 2]),
             Polynomial(At("growth", {k: n + 1}), "some second-moment memory"))
m_grown = [
    older,
    Step("carried", sp.Eq(theta * m[n + 1], (1 - theta) * theta**2 / beta * past(n + 1) * g[n + 2]),
         Polynomial("induction", "older gradient")),
    Step("next", m_witness.body.subs(n, n + 1), Polynomial("carried", later[0], At("unrolled", {n: n}))),
]
v_grown = [
    older,
    Step("carried", sp.Eq(beta * v[n + 1], (1 - beta) * theta**2 / beta * past(n + 1) * g[n + 2] ** 2),
         Polynomial("induction", "older gradient", "some second-moment memory")),
    Step("next", v_witness.body.subs(n, n + 1), Polynomial("carried", later[1], At("unrolled", {n: n}))),
]

lemma_2 = {"order": sp.Le(theta, beta), "root": sp.Le(beta**2, theta)}
constant = sp.Le(fading, sp.Rational(4, 3))

# NAdamW: m̃_k = τθ m_{k-1} + (1-τθ) g_k, by Cauchy-Schwarz once more. θ = 0 leaves only β = 0, where m̃ = g and v = g².
before = Always(sp.Le((1 - beta) * (beta - theta**2) * m[k - 1] ** 2, (1 - theta) ** 2 * beta * v[k - 1]), steps)
mixed = Always(sp.Eq(nesterov[k], tau * theta * m[k - 1] + (1 - tau * theta) * g[k]), steps)
share = (1 - tau * theta) ** 2 * (beta - theta**2) + tau**2 * (1 - theta) ** 2 * theta**2
combined = Always(sp.Le((1 - beta) * (beta - theta**2) * nesterov[k] ** 2, share * v[k]), steps)
nadamw_constant = sp.Le(4 * share, 9 * (1 - beta) * (beta - theta**2))
nadamw_squares = sp.Le(4 * nesterov[k] ** 2, 9 * v[k])
nadamw_scaled = Always(sp.Le((1 - beta) * (beta - theta**2) * (4 * nesterov[k] ** 2 - 9 * v[k]), 0), steps)
nadamw = Always(sp.Le(sp.Abs(nesterov[k]), sp.Rational(3, 2) * sp.sqrt(v[k])), steps)
double = {**lemma_2, "weight above": sp.Le(theta, tau), "weight below": sp.Le(tau, 1),
          "double momentum": Always(sp.Eq(nesterov[k], tau * m[k] + (1 - tau) * g[k]), steps)}


def nadamw_if(condition: Boolean) -> Always:
    """4m̃² ≤ 9v under a condition on the decay rates."""
    return Always(sp.Implies(condition, nadamw_squares), steps)


now = (At("momentum", {k: k}), At("second moment", {k: k}))

CLAIM = Claim(
    id="l1_rate/update_bound",
    title="Update bound",
    summary="The momentum of AdamW and NAdamW never exceeds a small multiple of the root of its second moment.",
    source=Source("l1_rate", "Lemma 2", L1_RATE),
    provenance="restored",
    convention=Convention(),
    variables=[
        Var(theta, "first-moment decay"), Var(beta, "second-moment decay"), Var(tau, "weight of m in NAdamW's momentum"),
        Var(K, "number of steps"), Var(m, "first moment of one coordinate", over=((0, K),)),
        Var(v, "second moment of that coordinate", over=((0, K),)), Var(g, "stochastic gradient entry", over=((1, K),)),
        Var(nesterov, "NAdamW's momentum", over=((1, K),)),
    ],
    hypotheses={
        "below one": sp.Lt(beta, 1),
        "start": sp.Eq(m[0], 0),
        "momentum": Always(sp.Eq(m[k], theta * m[k - 1] + (1 - theta) * g[k]), steps),
        "second moment": Always(sp.Eq(v[k], beta * v[k - 1] + (1 - beta) * g[k] ** 2), steps),
    },
    parts=[
        Part("worst_case", worst, [
            *sums,
            Step("worst case, scaled", Always(worst_squares, (n, 0, K - 1)), Induction(
                base=Polynomial(*first),
                step=Polynomial("induction", *later, At("unrolled", {n: n}), At("sum not negative", {n: n})))),
            Step("worst case", worst, Polynomial(At("worst case, scaled", {n: k - 1}), "below one")),
        ], positive),
        Part("limit", limit, [limit_proof, Step("limit", limit, Polynomial(
            At("limit, scaled", {n: k}), "below one", "fading memory"))], fades),
        Part("adamw", adamw, [
            Step("squares", adamw_squares, Induction(
                base=Polynomial("start"), step=Polynomial("induction", *moments, "order", "root", "below one"))),
            Step("adamw", adamw, Polynomial(At("squares", {n: k}))),
        ], lemma_2),
        Part("constant", constant, [
            Step("gap", sp.Lt(theta**2, beta), Polynomial("order", "first-moment memory", "below one")),
            Step("scaled", sp.Le(3 * (1 - theta) ** 2 * beta, 4 * (1 - beta) * (beta - theta**2)),
                 Polynomial(*lemma_2, "below one")),
            Step("constant", constant, Polynomial("scaled", "gap", "below one")),
        ], {**lemma_2, "first-moment memory": sp.Gt(theta, 0)}),
        Part("nadamw", nadamw, [
            Step("order of squares", sp.Le(theta**2, beta), Polynomial("order", "below one")),
            Step("memory", limit_squares, Induction(
                base=Polynomial("start", "below one", "order of squares"),
                step=Polynomial("induction", *moments, "below one", "order of squares"))),
            Step("before", before, Polynomial(At("memory", {n: k - 1}))),
            Step("mixed", mixed, Polynomial("double momentum", *now)),
            Step("combined", combined, Polynomial("before", "mixed", *now, "below one", "order of squares")),
            Step("constant", nadamw_constant,
                 Polynomial("order", "root", "below one", "weight above", "weight below")),
            Step("gap", sp.Or(sp.Eq(beta, 0), sp.Lt(theta**2, beta)), Polynomial("order", "below one")),
            Step("scaled", nadamw_scaled, Polynomial("combined", "constant")),
            Step("with memory", nadamw_if(sp.Lt(theta**2, beta)), Polynomial("scaled", "below one")),
            Step("without memory", nadamw_if(sp.Eq(beta, 0)), Polynomial("mixed", *now, "order")),
            Step("squares", Always(nadamw_squares, steps), Polynomial("gap", "with memory", "without memory")),
            Step("nadamw", nadamw, Polynomial("squares")),
        ], double),
        Part("attained", attained, [
            *sums,
            Step("momentum of the witness", m_witness, Induction(base=Polynomial(*first), step=m_grown)),
            Step("second moment of the witness", v_witness, Induction(
                base=Polynomial(*first, "v starts at zero"), step=v_grown)),
            Step("attained", attained, Polynomial(At("momentum of the witness", {n: k - 1}),
                                                  At("second moment of the witness", {n: k - 1}), "below one")),
        ], witness),
    ],
    note="v may start anywhere at or above zero, and θ = β = 0 is allowed. In floats the bound needs squares that do not "
    "underflow: a gradient below 1e-154 (float64) gives m ≠ 0 with v = 0, which is what ε is for.",
)
