"""Average update size of Adam-like steps: (|Σ ηΔ|/Ση)² ≤ 1 + (β2-β1)/(1-β2) · (weighted mean log-growth of v)."""

import sympy as sp

from theory.core import Always, Claim, Convention, Part, Source, Step, Var
from theory.core.claim import IMPLICIT_BIAS
from theory.core.rules import At, By, Identity, Induction, Known, Polynomial, Termwise
from theory.foundations.log_tangent import CLAIM as LOG_TANGENT
from theory.foundations.log_tangent import y

beta1 = sp.Symbol("beta1", nonnegative=True)
beta2 = sp.Symbol("beta2", nonnegative=True)
T = sp.Symbol("T", integer=True, positive=True)
t, i, n = sp.symbols("t i n", integer=True)
m, g = sp.IndexedBase("m", real=True), sp.IndexedBase("g", real=True)
v = sp.IndexedBase("v", positive=True)
eta = sp.IndexedBase("eta", nonnegative=True)

steps = (t, 1, T)
update = m[t] / sp.sqrt(v[t])
total_rate = sp.Sum(eta[t], steps)
recent = sp.Sum(beta1 ** (t - 1 - i) * sp.log(v[t] / v[i]), (i, 1, t - 1))
growth = beta1 ** (t - 1) * sp.log(v[t] / v[0]) + (1 - beta1) * recent
excess = (beta2 - beta1) / (1 - beta2)


def memory(entry: sp.Expr, first: sp.Expr, length: sp.Expr) -> sp.Expr:
    """Exponential average with factor β1 of entry(i), i ≤ length, started at `first`."""
    return beta1**length * first + (1 - beta1) * sp.Sum(beta1 ** (length - i) * entry, (i, 1, length))


weights_sum = Always(sp.Eq(memory(sp.S.One, sp.S.One, n), 1), (n, 0, T - 1))
square_at = (1 - beta2) * m[n + 1] ** 2
square_bound = Always(
    sp.Le(square_at, (1 - beta1) * v[n + 1] - (beta2 - beta1) * memory(v[i], v[0], n)), (n, 0, T - 1)
)
weight = beta1 ** (t - 1 - i)
below = v[t] * (1 + sp.log(v[i] / v[t]))
log_bound = Always(sp.Le(below, v[i]), (t, 1, T), (i, 0, T))
step_bound = Always(sp.Le(update**2, 1 + excess * growth), steps)
mean_square = sp.Sum(eta[t] * update**2, steps)
average_bound = sp.Le((sp.Abs(sp.Sum(eta[t] * update, steps)) / total_rate) ** 2,
                      1 + excess * sp.Sum(eta[t] * growth, steps) / total_rate)

square_step = [
    Step("convexity", sp.Le(m[n + 2] ** 2, beta1 * m[n + 1] ** 2 + (1 - beta1) * g[n + 2] ** 2),
         Polynomial(At("momentum", {t: n + 2}), "order", "below one")),
    Step("scaled", sp.Le((1 - beta2) * m[n + 2] ** 2,
                         beta1 * (1 - beta2) * m[n + 1] ** 2 + (1 - beta1) * (1 - beta2) * g[n + 2] ** 2),
         Polynomial("convexity", "below one")),
    Step("gradient", sp.Le((1 - beta1) * (1 - beta2) * g[n + 2] ** 2, (1 - beta1) * (v[n + 2] - beta2 * v[n + 1])),
         Polynomial(At("second moment", {t: n + 2}), "order", "below one")),
    Step("before", sp.Le(beta1 * square_at,
                         beta1 * ((1 - beta1) * v[n + 1] - (beta2 - beta1) * memory(v[i], v[0], n))),
         Polynomial("induction")),
    Step("step", square_bound.body.subs(n, n + 1), Polynomial("scaled", "gradient", "before")),
]

one_step = [
    Step("square", square_bound, Induction(
        base=Polynomial(At("momentum", {t: 1}), At("second moment", {t: 1}), "start", "order", "below one"),
        step=square_step)),
    Step("tangent", Always(sp.Le(sp.log(v[i] / v[t]), v[i] / v[t] - 1), (t, 1, T), (i, 0, T)),
         By(LOG_TANGENT, "tangent", {y: v[i] / v[t]})),
    Step("log bound", log_bound, Polynomial("tangent")),
    Step("older terms", Always(sp.Le(sp.Sum(weight * below, (i, 1, t - 1)), sp.Sum(weight * v[i], (i, 1, t - 1))), steps),
         Termwise("log bound", over=(i, 1, t - 1), weight=weight)),
    Step("first term", Always(sp.Le(beta1 ** (t - 1) * below.subs(i, 0), beta1 ** (t - 1) * v[0]), steps),
         Polynomial(At("log bound", {i: 0}))),
    Step("one step, scaled", Always(sp.Le((1 - beta2) * m[t] ** 2,
                                          v[t] * (1 - beta2 + (beta2 - beta1) * growth)), steps),
         Polynomial(At("square", {n: t - 1}), At("weights", {n: t - 1}), "older terms", "first term", "order", "below one")),
    Step("one step", step_bound, Polynomial("one step, scaled", "below one")),
]

average = [
    Step("mean square", sp.Le(mean_square, sp.Sum(eta[t] * (1 + excess * growth), steps)),
         Termwise("one_step", over=steps, weight=eta[t])),
    Step("cauchy-schwarz", sp.Le(sp.Sum(eta[t] * update, steps) ** 2, mean_square * total_rate),
         Known("cauchy_schwarz", {"a": update, "b": sp.S.One, "weight": eta[t], "over": steps})),
    Step("squares", sp.Le(sp.Abs(sp.Sum(eta[t] * update, steps)) ** 2 / total_rate**2, mean_square / total_rate),
         Polynomial("cauchy-schwarz", "some rate")),
    Step("average", average_bound, Polynomial("squares", "mean square", "some rate", "below one")),
]

# Regrouped: the coefficient of each ln v_t, which sum to zero.
coefficient = eta[i] - (1 - beta1) * sp.Sum(eta[t] * beta1 ** (t - 1 - i), (t, i + 1, T))
first_coefficient = -sp.Sum(eta[t] * beta1 ** (t - 1), steps)
regrouped_sum = first_coefficient * sp.log(v[0]) + sp.Sum(coefficient * sp.log(v[i]), (i, 1, T))
pair = eta[t] * weight

regrouped = [
    Step("own weight", Always(sp.Eq(eta[t] * sp.log(v[t]) * memory(sp.S.One, sp.S.One, t - 1), eta[t] * sp.log(v[t])), steps),
         Polynomial(At("weights", {n: t - 1}))),
    Step("own weights", sp.Eq(sp.Sum(eta[t] * sp.log(v[t]) * memory(sp.S.One, sp.S.One, t - 1), steps),
                              sp.Sum(eta[t] * sp.log(v[t]), steps)), Termwise("own weight", over=steps)),
    Step("swap", sp.Eq(sp.Sum(sp.Sum(pair * sp.log(v[i]), (i, 1, t - 1)), steps),
                       sp.Sum(sp.Sum(pair * sp.log(v[i]), (t, i + 1, T)), (i, 1, T))),
         Known("swap_triangle", {"a": pair * sp.log(v[i]), "outer": t, "inner": i, "lower": 1, "upper": T})),
    Step("regrouped", sp.Eq(sp.Sum(eta[t] * growth, steps), regrouped_sum), Polynomial("own weights", "swap")),
]

CLAIM = Claim(
    id="implicit_bias/update_size_bound",
    title="Update-size bound",
    summary="The learning-rate-weighted mean update of an Adam-like rule exceeds 1 only through growth of v.",
    source=Source("implicit_bias", "Lemma 4.2", IMPLICIT_BIAS),
    provenance="restored",
    convention=Convention(),
    variables=[
        Var(beta1, "first-moment decay"), Var(beta2, "second-moment decay"), Var(T, "number of steps"),
        Var(m, "first moment of one coordinate", over=((0, T),)),
        Var(v, "second moment of that coordinate (with ε added, if ε > 0)", over=((0, T),)),
        Var(g, "gradient entry", over=((1, T),)),
        Var(eta, "learning rate", over=((1, T),)),
    ],
    hypotheses={
        "order": sp.Le(beta1, beta2),
        "below one": sp.Lt(beta2, 1),
        "start": sp.Le(m[0] ** 2, v[0]),
        "momentum": Always(sp.Eq(m[t], beta1 * m[t - 1] + (1 - beta1) * g[t]), steps),
        "second moment": Always(sp.Ge(v[t] - beta2 * v[t - 1], (1 - beta2) * g[t] ** 2), steps),
    },
    uses=[LOG_TANGENT],
    parts=[
        Part("weights", weights_sum, [Step("sum", weights_sum, Induction(base=Identity(), step=Polynomial("induction")))]),
        Part("one_step", step_bound, one_step),
        Part("average", average_bound, average, {"some rate": sp.Gt(total_rate, 0)}),
        Part("equal_betas", Always(sp.Le(sp.Abs(update), 1), steps), [
            Step("equal", Always(sp.Le(sp.Abs(update), 1), steps), Polynomial("one_step", "equal betas", "below one")),
        ], {"equal betas": sp.Eq(beta1, beta2)}),
        Part("regrouped", regrouped[-1].prop, regrouped),
    ],
)
