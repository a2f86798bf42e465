"""Where AdamW converges is a KKT point of min f on ‖x‖∞ ≤ 1/λ, through bounds that hold after any number of steps."""

import sympy as sp

from theory.core import Always, Claim, Convention, Part, Source, Step, Var
from theory.core.claim import IMPLICIT_BIAS
from theory.core.rules import At, By, Identity, Induction, Polynomial, Termwise
from theory.implicit_bias.update_size_bound import CLAIM as UPDATE_SIZE
from theory.implicit_bias.update_size_bound import (
    T,
    beta1,
    beta2,
    eta,
    excess,
    g,
    growth,
    i,
    m,
    memory,
    n,
    steps,
    t,
    total_rate,
    update,
    v,
)
from theory.l1_rate.kkt_score import CLAIM as KKT_SCORE
from theory.l1_rate.kkt_score import d, f_x, f_y, lam, mu_minus, mu_plus, nu
from theory.l1_rate.kkt_score import x as point

eps, delta, B = sp.symbols("epsilon delta B", nonnegative=True)
a, b = sp.symbols("a b", positive=True)
x_star, s, slope = sp.symbols("x_star s g_star", real=True)
x, G, y = (sp.IndexedBase(name, real=True) for name in ("X", "G", "y"))
slack = sp.IndexedBase("sigma", nonnegative=True)

drift = sp.Abs(x[0] - x[T]) / total_rate
mean_iterate = sp.Sum(eta[t] * x[t - 1], steps) / total_rate
mean_growth = sp.Sum(eta[t] * growth, steps) / total_rate
mean_update = sp.Sum(eta[t] * update, steps) / total_rate

telescoping = sp.Eq(sp.Sum(eta[t] * update, steps), x[0] - x[T] - lam * sp.Sum(eta[t] * x[t - 1], steps))
mean_radius = sp.Le(lam * sp.Abs(mean_iterate), drift + sp.sqrt(sp.Max(0, 1 + excess * mean_growth)))
growth_bound = sp.Le(sp.Sum(eta[t] * growth, steps), eta[1] * B / (1 - beta1))
allowance = excess * eta[1] * B / ((1 - beta1) * total_rate)
radius = sp.Le(lam * sp.Abs(x_star), lam * delta + drift + sp.sqrt(1 + allowance))

iterates = {"iterates": Always(sp.Eq(x[t], (1 - lam * eta[t]) * x[t - 1] - eta[t] * update), steps)}
some_rate = {"some rate": sp.Gt(total_rate, 0)}
betas = {"order": sp.Le(beta1, beta2), "below one": sp.Lt(beta2, 1)}
moments = {
    "momentum": Always(sp.Eq(m[t], beta1 * m[t - 1] + (1 - beta1) * g[t]), steps),
    "second moment": Always(sp.Eq(v[t], beta2 * v[t - 1] + (1 - beta2) * (g[t] ** 2 + eps)), steps),
}
start = {"start": sp.Le(m[0] ** 2, v[0])}
near = {"near the limit": Always(sp.Le(sp.Abs(x[t - 1] - x_star), delta), steps)}
schedule = {
    "non-increasing rates": Always(sp.Le(eta[t + 1], eta[t]), (t, 1, T - 1)),
    "bounded growth": Always(sp.Le(sp.log(v[t]), B + sp.log(v[0])), steps),
}
gradients = {
    "sign": sp.Eq(s**2, 1),
    "gradients": Always(sp.And(sp.Le(a, s * g[t]), sp.Le(s * g[t], b)), steps),
}
steady = {
    **gradients,
    "first moment at the start": sp.And(sp.Le(a, s * m[0]), sp.Le(s * m[0], b)),
    "second moment at the start": sp.And(sp.Le(a**2 + eps, v[0]), sp.Le(v[0], b**2 + eps)),
    "first decay": sp.Lt(beta1, 1),
    "second decay": sp.Lt(beta2, 1),
}

telescope = [
    Step("one step", Always(sp.Eq(eta[t] * update, x[t - 1] - x[t] - lam * eta[t] * x[t - 1]), steps),
         Polynomial(At("iterates"))),
    Step("all steps", sp.Eq(sp.Sum(eta[t] * update, steps),
                            sp.Sum(x[t - 1] - x[t] - lam * eta[t] * x[t - 1], steps)), Termwise("one step", over=steps)),
    Step("differences", Always(sp.Eq(sp.Sum(x[t - 1] - x[t], (t, 1, n)), x[0] - x[n]), (n, 0, T)),
         Induction(base=Identity(), step=Polynomial("induction"))),
    Step("telescoping", telescoping, Polynomial("all steps", At("differences", {n: T}))),
]

size = UPDATE_SIZE.part("average").conclusion
mean_steps = [
    Step("second moment grows", UPDATE_SIZE.hypotheses["second moment"], Polynomial(At("second moment"), "below one")),
    Step("update size", size, By(UPDATE_SIZE, "average", using=(
        "order", "below one", "start", "momentum", "second moment grows", "some rate"))),
    Step("root", sp.Le(sp.Abs(mean_update), sp.sqrt(sp.Max(0, 1 + excess * mean_growth))), Polynomial("update size")),
    Step("split", sp.Eq(lam * mean_iterate, (x[0] - x[T]) / total_rate - mean_update),
         Polynomial("telescoping", "some rate")),
    Step("triangle", sp.Le(lam * sp.Abs(mean_iterate), drift + sp.Abs(mean_update)), Polynomial("split", "some rate")),
    Step("mean radius", mean_radius, Polynomial("triangle", "root")),
]

# The log-growth of v telescopes: with M_n the exponential average of ln v, (1-β1) growth_n = M_n - M_{n-1}.
average = memory(sp.log(v[i]), sp.log(v[0]), n)
depth = B + sp.log(v[0]) - average  # how far M_n lies below its ceiling
weights = Always(sp.Eq(memory(sp.S.One, sp.S.One, n), 1), (n, 0, T))
deep = Always(sp.Ge(depth, 0), (n, 0, T))
rise = (1 - beta1) * growth
gain = sp.Eq(eta[n + 1] * rise.subs(t, n + 1), eta[n + 1] * depth - eta[n + 1] * depth.subs(n, n + 1))
summed = Always(sp.Le(sp.Sum(eta[t] * rise, (t, 1, n)), eta[1] * B - eta[n + 1] * depth), (n, 0, T - 1))
growth_steps = [
    Step("weights", weights, Induction(base=Identity(), step=Polynomial("induction"))),
    Step("deep", deep, Induction(base=Polynomial(), step=[
        Step("older", sp.Ge(beta1 * depth, 0), Polynomial("induction")),
        Step("newer", sp.Ge((1 - beta1) * (B + sp.log(v[0]) - sp.log(v[n + 1])), 0),
             Polynomial(At("bounded growth", {t: n + 1}), "order", "below one")),
        Step("step", sp.Ge(depth.subs(n, n + 1), 0), Polynomial("older", "newer")),
    ])),
    Step("gain", Always(gain, (n, 0, T - 1)), Polynomial(At("weights"))),
    Step("summed", summed, Induction(base=Polynomial(), step=[
        Step("smaller rate", sp.Le(eta[n + 2] * depth.subs(n, n + 1), eta[n + 1] * depth.subs(n, n + 1)),
             Polynomial(At("non-increasing rates", {t: n + 1}), At("deep", {n: n + 1}))),
        Step("same rate", sp.Le(sp.Sum(eta[t] * rise, (t, 1, n + 1)), eta[1] * B - eta[n + 1] * depth.subs(n, n + 1)),
             Polynomial("induction", At("gain"))),
        Step("step", summed.body.subs(n, n + 1), Polynomial("same rate", "smaller rate")),
    ])),
    Step("last depth", Always(sp.Ge(eta[n + 1] * depth.subs(n, n + 1), 0), (n, 0, T - 1)), Polynomial(At("deep", {n: n + 1}))),
    Step("all gains", Always(sp.Le(sp.Sum(eta[t] * rise, (t, 1, n + 1)), eta[1] * B), (n, 0, T - 1)),
         Polynomial(At("summed"), At("gain"), At("last depth"))),
    Step("growth", growth_bound, Polynomial(At("all gains", {n: T - 1}), "order", "below one")),
]

radius_steps = [
    Step("below", Always(sp.Le(eta[t] * x_star, eta[t] * (x[t - 1] + delta)), steps), Polynomial(At("near the limit"))),
    Step("above", Always(sp.Le(eta[t] * (x[t - 1] - delta), eta[t] * x_star), steps), Polynomial(At("near the limit"))),
    Step("sum below", sp.Le(sp.Sum(eta[t] * x_star, steps), sp.Sum(eta[t] * (x[t - 1] + delta), steps)),
         Termwise("below", over=steps)),
    Step("sum above", sp.Le(sp.Sum(eta[t] * (x[t - 1] - delta), steps), sp.Sum(eta[t] * x_star, steps)),
         Termwise("above", over=steps)),
    Step("mean near", sp.Le(sp.Abs(mean_iterate - x_star), delta), Polynomial("sum below", "sum above", "some rate")),
]
radius_end = [
    Step("mean growth", sp.Le(mean_growth, eta[1] * B / ((1 - beta1) * total_rate)),
         Polynomial("growth_mean", "some rate", "order", "below one")),
    Step("larger root", sp.Le(sp.Max(0, 1 + excess * mean_growth), 1 + allowance),
         Polynomial("mean growth", "some rate", "order", "below one")),
    Step("roots", sp.Le(sp.sqrt(sp.Max(0, 1 + excess * mean_growth)), sp.sqrt(1 + allowance)),
         Polynomial("larger root", "some rate", "order", "below one")),
    Step("limit", sp.Le(lam * sp.Abs(x_star), lam * delta + lam * sp.Abs(mean_iterate)), Polynomial("mean near")),
    Step("radius", radius, Polynomial("limit", "mean_radius", "roots", "some rate", "order", "below one")),
]

# Wherever the moments start, gradients in [a, b] draw them in geometrically.
squares = Always(sp.And(sp.Le(a**2, g[t] ** 2), sp.Le(g[t] ** 2, b**2)), steps)


def enters(moment: sp.Expr, edge: sp.Expr, decay: sp.Symbol, below: bool) -> Always:
    """What a moment lacks of the edge of its range (on that side) shrinks by the decay rate at every step."""
    ahead, left = edge - moment, decay**n * (edge - moment.subs(n, 0))
    return Always(sp.Le(ahead, left) if below else sp.Ge(ahead, left), (n, 0, T))


def entry(name: str, moment: sp.Expr, edge: sp.Expr, decay: sp.Symbol, below: bool) -> Part:
    """One of the four edges, by induction."""
    rule, inputs = ("momentum", "gradients") if decay == beta1 else ("second moment", "squares")
    limit = {"first decay": sp.Lt(beta1, 1)} if decay == beta1 else {"second decay": sp.Lt(beta2, 1)}
    goal = enters(moment, edge, decay, below)
    step = Polynomial("induction", At(rule, {t: n + 1}), At(inputs, {t: n + 1}), *limit)
    return Part(name, Always(goal.body, (n, 1, T)), [
        Step("squares", squares, Polynomial(At("gradients"), "sign")),
        Step("from the start", goal, Induction(base=Polynomial(), step=step)),
        Step("entry", Always(goal.body, (n, 1, T)), Polynomial(At("from the start"))),
    ], {rule: moments[rule], **gradients, **limit})


entries = [
    entry("first_moment_low", s * m[n], a, beta1, True), entry("first_moment_high", s * m[n], b, beta1, False),
    entry("second_moment_low", v[n], a**2 + eps, beta2, True),
    entry("second_moment_high", v[n], b**2 + eps, beta2, False),
]

# Gradients that keep a sign and vary little make every update nearly that sign.
first_range = Always(sp.And(sp.Le(a, s * m[n]), sp.Le(s * m[n], b)), (n, 0, T))
second_range = Always(sp.And(sp.Le(a**2 + eps, v[n]), sp.Le(v[n], b**2 + eps)), (n, 0, T))
lowest, highest = a / sp.sqrt(b**2 + eps), b / sp.sqrt(a**2 + eps)
at_least = Always(sp.Le(lowest, s * update), steps)
at_most = Always(sp.Le(s * update, highest), steps)
wobble = sp.Max(1 - lowest, highest - 1)
alignment = sp.Le(sp.Abs(s + lam * x_star), wobble + lam * delta + drift)

moment_steps = [
    Step("first moment", first_range, Induction(
        base=Polynomial("first moment at the start"),
        step=Polynomial("induction", At("momentum", {t: n + 1}), At("gradients", {t: n + 1}), "first decay"))),
    Step("squares", squares, Polynomial(At("gradients"), "sign")),
    Step("second moment range", second_range, Induction(
        base=Polynomial("second moment at the start"),
        step=Polynomial("induction", At("second moment", {t: n + 1}), At("squares", {t: n + 1}), "second decay"))),
]
by_moments = Polynomial(At("first moment", {n: t}), At("second moment range", {n: t}))
align_steps = [
    Step("low", Always(sp.Le(eta[t] * lowest, s * eta[t] * update), steps), Polynomial(At("update_at_least"))),
    Step("high", Always(sp.Le(s * eta[t] * update, eta[t] * highest), steps), Polynomial(At("update_at_most"))),
    Step("sum low", sp.Le(sp.Sum(eta[t] * lowest, steps), sp.Sum(s * eta[t] * update, steps)),
         Termwise("low", over=steps)),
    Step("sum high", sp.Le(sp.Sum(s * eta[t] * update, steps), sp.Sum(eta[t] * highest, steps)),
         Termwise("high", over=steps)),
    Step("mean update", sp.And(sp.Le(lowest, s * mean_update), sp.Le(s * mean_update, highest)),
         Polynomial("sum low", "sum high", "some rate")),
    *radius_steps,
    Step("split", sp.Eq(lam * mean_iterate, (x[0] - x[T]) / total_rate - mean_update),
         Polynomial("telescoping", "some rate")),
    Step("wobble", sp.Le(sp.Abs(1 - s * mean_update), wobble), Polynomial("mean update")),
    Step("turned", sp.Le(sp.Abs(s - mean_update), sp.Abs(1 - s * mean_update)), Polynomial("sign")),
    Step("update near sign", sp.Le(sp.Abs(s - mean_update), wobble), Polynomial("wobble", "turned")),
    Step("drift", sp.Le(sp.Abs(s + lam * mean_iterate), sp.Abs(s - mean_update) + drift),
         Polynomial("split", "some rate")),
    Step("limit", sp.Le(sp.Abs(s + lam * x_star), sp.Abs(s + lam * mean_iterate) + lam * delta), Polynomial("mean near")),
    Step("alignment", alignment, Polynomial("limit", "drift", "update near sign")),
]

slackness = sp.Le(sp.Abs(slope) + lam * x_star * slope, sp.Abs(slope) * (wobble + lam * delta + drift))
flat = sp.Le(sp.Abs(slope) + lam * x_star * slope, sp.Abs(slope) * (1 + lam * sp.Abs(x_star)))
gap = sp.Le(f_x - f_y, sp.Sum(slack[i], (i, 1, d)) / lam)
term = sp.Abs(G[i]) + lam * point[i] * G[i]
of_point = {KKT_SCORE.variables[3].symbol: G}  # the gradient at the limit, beside g_t of the run
hypotheses_gap = {
    "bounded terms": Always(sp.Le(term, slack[i]), (i, 1, d)),
    "y in the box": KKT_SCORE.part("certificate").hypotheses["y in the box"],
    "gradient inequality": sp.Ge(f_y, f_x + sp.Sum(G[i] * (y[i] - point[i]), (i, 1, d))),
}
gap_steps = [
    Step("certificate", sp.Le(f_x - f_y, (sp.Sum(sp.Abs(G[i]), (i, 1, d)) + lam * sp.Sum(point[i] * G[i], (i, 1, d))) / lam),
         By(KKT_SCORE, "certificate", {**of_point, mu_plus: slack, mu_minus: slack, nu: 0},
            using=("y in the box", "gradient inequality"))),
    Step("slack", sp.Le(sp.Sum(term, (i, 1, d)), sp.Sum(slack[i], (i, 1, d))), Termwise("bounded terms", over=(i, 1, d))),
    Step("gap", gap, Polynomial("certificate", "slack")),
]
whole_run = {**iterates, **some_rate, **betas, **moments, **start}
steady_run = {**moments, **steady}
aligned_run = {**iterates, **some_rate, **steady_run, **near}
signed = {"slope": sp.Eq(s * slope, sp.Abs(slope))}

CLAIM = Claim(
    id="implicit_bias/adamw_limit_is_kkt",
    title="AdamW's limit is a KKT point",
    summary="If full-batch AdamW with β1 ≤ β2 converges, the limit lies in ‖x‖∞ ≤ 1/λ and sits on the face that the "
            "negative gradient points at wherever the gradient is not zero; for convex f it is the constrained minimiser. "
            "Each part bounds the distance from that after T steps: let δ → 0, b/a → 1 and Ση_t → ∞.",
    source=Source("implicit_bias", "Theorem 1.1", IMPLICIT_BIAS),
    provenance="derived",
    convention=Convention(),
    variables=[
        Var(beta1, "first-moment decay"), Var(beta2, "second-moment decay"), Var(eps, "ε under the root"),
        Var(lam, "weight decay; the box has radius 1/λ"), Var(T, "number of steps"),
        Var(x, "one coordinate of the iterates", over=((0, T),)), Var(m, "its first moment", over=((0, T),)),
        Var(v, "its second moment with ε added", over=((0, T),)), Var(g, "gradient entry", over=((1, T),)),
        Var(eta, "learning rate", over=((1, T),)),
        Var(x_star, "that coordinate of the limit"), Var(delta, "largest distance of the iterates from it"),
        Var(B, "bound on how far ln v rises above its start"),
        Var(s, "sign of the gradient entry"), Var(a, "smallest |g_t|"), Var(b, "largest |g_t|"),
        Var(slope, "gradient entry at the limit"),
        Var(d, "number of coordinates"), Var(point, "the limit, all coordinates", over=((1, d),)),
        Var(G, "gradient there", over=((1, d),)), Var(y, "another point of the box", over=((1, d),)),
        Var(slack, "bound on |G_i| + λ x_i G_i", over=((1, d),)),
        Var(f_x, "function value at the limit"), Var(f_y, "function value at y"),
    ],
    hypotheses={},
    uses=[UPDATE_SIZE, KKT_SCORE],
    parts=[
        Part("telescoping", telescoping, telescope, iterates),
        Part("mean_radius", mean_radius, mean_steps, whole_run),
        Part("growth_mean", growth_bound, growth_steps, {**betas, **schedule}),
        Part("radius", radius, [*radius_steps, *radius_end], {**whole_run, **schedule, **near}),
        *entries,
        Part("update_at_least", at_least, [*moment_steps, Step("at least", at_least, by_moments)], steady_run),
        Part("update_at_most", at_most, [*moment_steps, Step("at most", at_most, by_moments)], steady_run),
        Part("alignment", alignment, align_steps, aligned_run),
        Part("slackness", slackness, [
            Step("product", sp.Eq(sp.Abs(slope) + lam * x_star * slope, sp.Abs(slope) * s * (s + lam * x_star)),
                 Polynomial("sign", "slope")),
            Step("size", sp.Le(s * (s + lam * x_star), sp.Abs(s + lam * x_star)), Polynomial("sign")),
            Step("slackness", slackness, Polynomial("product", "size", "alignment")),
        ], {**aligned_run, **signed}),
        Part("flat", flat, [Step("flat", flat, Polynomial())]),
        Part("certified_gap", gap, gap_steps, hypotheses_gap),
    ],
    note="`radius` gives λ|x*| ≤ 1 in the limit; `alignment` gives x* = -s/λ where the gradient keeps a sign s; `slackness` "
         "and, where the gradient vanishes, `flat` make every |G_i| + λ x_i G_i vanish, so `certified_gap` bounds a "
         "convex f's distance from its minimum on the box by their sum over λ. Non-increasing rates are used in "
         "`growth_mean` (and so in `radius`) alone, to keep the growth of ln v from adding up; telescoping, alignment and "
         "the certificate hold for any rates. `alignment` takes a run from the step on which its moments lie in the "
         "stated ranges; the four `_low` and `_high` parts say how fast they come there from anywhere. With ε > 0 the "
         "update tends to g/√(g²+ε), not to the sign: the limit is then KKT only up to the 1 - a/√(b²+ε) that "
         "`alignment` shows.",
)
