"""E‖x‖₁ ≥ √(2d/π) E‖x‖₂ for d independent standard normal coordinates; the exact ratio falls from √(π/2) to 1."""

import sympy as sp

from theory.core import Always, Claim, E, Part, Source, Step, Var
from theory.core.claim import L1_RATE
from theory.core.rules import (
    Archimedes,
    At,
    Calculus,
    Expectation,
    Identity,
    Induction,
    IntegralValue,
    Polynomial,
    Termwise,
)

d = sp.Symbol("d", integer=True, positive=True)
n = sp.Symbol("n", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
z, y = sp.Symbol("z", real=True), sp.Symbol("y", positive=True)
r = sp.Symbol("r", positive=True)
x = sp.IndexedBase("x", real=True)

coordinates = (i, 1, d)
l1 = sp.Sum(sp.Abs(x[i]), coordinates)
squares = sp.Sum(x[i] ** 2, coordinates)
l2 = sp.sqrt(squares)
mean_l1, mean_l2 = E(l1), E(l2)

density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
absolute_law = sp.Integral(sp.Abs(z) * density, (z, -sp.oo, sp.oo))
square_law = sp.Integral(z**2 * density, (z, -sp.oo, sp.oo))
half = sp.Rational(1, 2)
chi_density = r ** (d - 1) * sp.exp(-(r**2) / 2) / (2 ** (d * half - 1) * sp.gamma(d * half))
chi_law = sp.Integral(r * chi_density, (r, 0, sp.oo))
chi_mean = sp.sqrt(2) * sp.gamma((d + 1) * half) / sp.gamma(d * half)

laws = {"law of |x_i|": Always(sp.Eq(E(sp.Abs(x[i])), absolute_law), coordinates)}
square_laws = {"law of x_i²": Always(sp.Eq(E(x[i] ** 2), square_law), coordinates)}
mean_absolute = sp.sqrt(2 / sp.pi)


def ratio(length: sp.Expr) -> sp.Expr:
    """E‖x‖₁ / (√(2d/π) E‖x‖₂) in d = `length` dimensions."""
    return sp.sqrt(length) / sp.sqrt(2) * sp.gamma(length * half) / sp.gamma((length + 1) * half)


l1_steps = [
    Step("integral of |z|", sp.Eq(absolute_law, mean_absolute, evaluate=False), IntegralValue()),
    Step("mean of |x_i|", Always(sp.Eq(E(sp.Abs(x[i])), mean_absolute), coordinates),
         Polynomial("law of |x_i|", "integral of |z|")),
    Step("linear", sp.Eq(mean_l1, sp.Sum(E(sp.Abs(x[i])), coordinates)), Expectation("linearity")),
    Step("sum of means", sp.Eq(sp.Sum(E(sp.Abs(x[i])), coordinates), d * mean_absolute),
         Termwise("mean of |x_i|", over=coordinates)),
    Step("mean l1", sp.Eq(mean_l1, d * mean_absolute), Polynomial("linear", "sum of means")),
]
lemma = sp.Ge(mean_l1, sp.sqrt(2 * d / sp.pi) * mean_l2)
exact = sp.Eq(mean_l2, chi_mean)
dimensions = (n, 1, sp.oo)
at_least_one = Always(sp.Ge(ratio(n), 1), dimensions)
two_more = Always(sp.Eq((n + 1) * ratio(n + 2), sp.sqrt(n * (n + 2)) * ratio(n)), dimensions)
gamma_even = Always(sp.Eq(sp.gamma((n + 2) * half), n * half * sp.gamma(n * half)), dimensions)
gamma_odd = Always(sp.Eq(sp.gamma((n + 3) * half), (n + 1) * half * sp.gamma((n + 1) * half)), dimensions)
log_convex = Always(sp.Le(
    sp.gamma((n + 1) * half) ** 2, sp.gamma(n * half) * sp.gamma((n + 2) * half)), dimensions)
even_step = Step("full", gamma_even, Calculus("gamma_next", {"x": n * half}))
odd_step = Step("half", gamma_odd, Calculus("gamma_next", {"x": (n + 1) * half}))


def scaled(length: sp.Expr) -> sp.Expr:
    """ratio⁴ · d/(d+1): at least one exactly if ratio(d+1) ≤ ratio(d), since (ratio(d) ratio(d+1))² = (d+1)/d."""
    return ratio(length) ** 4 * length / (length + 1)


CLAIM = Claim(
    id="l1_rate/gaussian_norm_ratio",
    title="Gaussian norm ratio",
    summary="A standard normal vector has an l1 norm of at least √(2d/π) times its l2 norm on average.",
    source=Source("l1_rate", "Lemma 1", L1_RATE),
    provenance="stated",
    variables=[Var(d, "number of coordinates"), Var(x, "vector of standard normal coordinates", over=((1, d),), random=True)],
    hypotheses={},
    parts=[
        Part("lemma", lemma, [
            *l1_steps,
            Step("integral of z²", sp.Eq(square_law, 1, evaluate=False), IntegralValue()),
            Step("mean of x_i²", Always(sp.Eq(E(x[i] ** 2), 1), coordinates), Polynomial("law of x_i²", "integral of z²")),
            Step("linear in squares", sp.Eq(E(squares), sp.Sum(E(x[i] ** 2), coordinates)), Expectation("linearity")),
            Step("sum of squares", sp.Eq(sp.Sum(E(x[i] ** 2), coordinates), d), Termwise("mean of x_i²", over=coordinates)),
            Step("jensen", sp.Le(mean_l2, sp.sqrt(E(squares))), Expectation("jensen", {
                "function": sp.Lambda(y, sp.sqrt(y)), "point": squares, "domain": (0, sp.oo), "concave": True})),
            Step("mean l2", sp.Le(mean_l2, sp.sqrt(d)), Polynomial("jensen", "linear in squares", "sum of squares")),
            Step("product", sp.Eq(sp.sqrt(2 * d / sp.pi) * sp.sqrt(d), d * mean_absolute, evaluate=False), Identity()),
            Step("scaled", sp.Le(sp.sqrt(2 * d / sp.pi) * mean_l2, sp.sqrt(2 * d / sp.pi) * sp.sqrt(d)), Polynomial("mean l2")),
            Step("lemma", lemma, Polynomial("mean l1", "scaled", "product")),
        ], {**laws, **square_laws}),
        Part("exact", exact, [
            Step("integral", sp.Eq(chi_law, chi_mean, evaluate=False), IntegralValue()),
            Step("exact", exact, Polynomial("law of ‖x‖₂", "integral")),
        ], {"law of ‖x‖₂": sp.Eq(mean_l2, chi_law)}),
        Part("ratio", at_least_one, [
            even_step,
            Step("log-convex", log_convex, Calculus("gamma_log_convex", {"x": n * half, "y": (n + 2) * half})),
            Step("square", Always(sp.Ge(ratio(n) ** 2, 1), dimensions), Polynomial("full", "log-convex")),
            Step("ratio", at_least_one, Polynomial("square")),
        ]),
        Part("decreasing", Always(sp.Le(ratio(n + 1), ratio(n)), dimensions), [
            even_step,
            odd_step,
            Step("two more", two_more, Polynomial("full", "half")),
            Step("square of the squares", Always(sp.Eq(
                (n + 1) ** 4 * ratio(n + 2) ** 4, (n * (n + 2)) ** 2 * ratio(n) ** 4), dimensions), Polynomial("two more")),
            Step("falls", Always(sp.Le(scaled(n + 2), scaled(n)), dimensions), Polynomial("square of the squares")),
            Step("falls on", Always(sp.Le(scaled(n + 2 * j), scaled(n)), (j, 0, sp.oo), dimensions), Induction(
                base=Identity(), step=Polynomial(At("induction", {n: n + 2}), "falls"))),
            Step("nearly one", Always(sp.Le(1 - 1 / n, scaled(n)), dimensions), Polynomial("ratio")),
            Step("far", Always(sp.Le(1 - 1 / (n + 2 * j), scaled(n)), dimensions, (j, 1, sp.oo)),
                 Polynomial(At("nearly one", {n: n + 2 * j}), "falls on")),
            Step("error", Always(sp.Le(1 / (n + 2 * j), 1 / j), dimensions, (j, 1, sp.oo)), Polynomial()),
            Step("every j", Always(sp.Le(1, scaled(n) + 1 / j), dimensions, (j, 1, sp.oo)), Polynomial("far", "error")),
            Step("scaled", Always(sp.Le(1, scaled(n)), dimensions), Archimedes("every j")),
            Step("neighbours", Always(sp.Eq(n * (ratio(n) * ratio(n + 1)) ** 2, n + 1), dimensions), Polynomial("full")),
            Step("fourth power", Always(sp.Le(n + 1, n * ratio(n) ** 4), dimensions), Polynomial("scaled")),
            Step("one factor less", Always(sp.Le(n * ratio(n) ** 2 * ratio(n + 1) ** 2, n * ratio(n) ** 4), dimensions),
                 Polynomial("fourth power", "neighbours")),
            Step("positive", Always(sp.Gt(n * ratio(n) ** 2, 0, evaluate=False), dimensions), Polynomial()),
            Step("squares", Always(sp.Le(ratio(n + 1) ** 2, ratio(n) ** 2), dimensions),
                 Polynomial("one factor less", "positive")),
            Step("decreasing", Always(sp.Le(ratio(n + 1), ratio(n)), dimensions), Polynomial("squares")),
        ]),
        Part("one_dimension", sp.Eq(ratio(sp.S.One), sp.sqrt(sp.pi / 2), evaluate=False), [
            Step("value", sp.Eq(ratio(sp.S.One), sp.sqrt(sp.pi / 2), evaluate=False), Identity())]),
    ],
)
