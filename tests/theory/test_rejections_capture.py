"""False statements that once got through by a captured name, a random value, or something that is no real number."""

from __future__ import annotations

import sympy as sp
from small import VARIABLES, N, X, Y, Z, a, b, c, claim, i, j, k, n, p, proved, rejected, s, w, x, y

from theory.core import Always, E, Step, Var
from theory.core.context import Context, Declared
from theory.core.forms import forms
from theory.core.read import read
from theory.core.rules import (
    At,
    BelowLimit,
    By,
    Expectation,
    Identity,
    Induction,
    IntegralValue,
    Known,
    LimitValue,
    Monotone,
    Polynomial,
)
from theory.core.term import ONE, var

v = sp.Symbol("v", real=True)
m = sp.Symbol("m", integer=True)


def test_a_range_that_depends_on_a_later_variable():
    """n ≤ 1 for all n ≤ m ≤ 5 is false at n = 2: the induction fact was taken at an m below n."""
    false = Always(sp.And(n <= m, n <= 1), (n, 0, m), (m, 0, 5))
    step = [Step("at zero", n <= 0, Polynomial(At("induction", {m: 0}))),
            Step("next", Always(sp.And(n + 1 <= m, n + 1 <= 1), (m, 0, 5)), Polynomial("at zero"))]
    rejected("m is not declared", false, Induction(base=Polynomial(), step=step))
    rejected("not declared", sp.Ge(sp.Sum(1, (k, 1, m), (i, 0, k)), 0, evaluate=False), Polynomial())
    proved(Always(n <= m, (m, 0, 5), (n, 0, m)), Polynomial())


def test_nested_quantifiers_keep_their_variables_apart():
    """xⱼ ≤ yⱼ for all j is not xᵢ ≤ yⱼ for all i and j."""
    def both(index):
        return Always(sp.And(Always(sp.Le(x[index], y[j]), (j, 1, N)), c <= 1), (i, 1, N))

    given = {"h": both(j), "n": sp.Eq(N, 2)}
    rejected("not the conclusion", both(i), Step("own", both(j), Polynomial("n")), given=given)
    ranges = ((ONE, var("N")),)
    declared = {"N": Declared("int", "positive"), "c": Declared("real"),
                "x": Declared("real", "", ranges), "y": Declared("real", "", ranges)}
    root = Context(declared)

    def form(statement):
        return forms(root).statement(read(statement, {N: "N", c: "c", x: "x", y: "y"}))

    assert form(both(i)) != form(both(j))
    assert form(both(j)) == form(both(j).xreplace({j: k}))


def test_a_bound_variable_with_the_name_of_a_sequence():
    """x₁ ≤ x for x in [0, 1] and y₁ ≤ y for y in [0, 1] had one normal form, so one followed from the other."""
    real = sp.Symbol("x", real=True)
    rejected("hides one", Always(sp.Le(x[1], real), (real, 0, 1)), Polynomial("h"), given={"h": sp.Le(x[1], 0)})
    proved(Always(sp.Le(x[1], s), (s, 0, 1)), Polynomial("h"), given={"h": sp.Le(x[1], 0)})


def test_a_name_declared_with_two_domains():
    other = sp.Symbol("a", positive=True)
    rejected("declared twice", sp.Le(a - 1, a + b**2), Polynomial(), variables=(Var(a, "?"), Var(b, "?"), Var(other, "?")))


def test_jensen_on_intervals_that_move_with_the_index():
    """-(Σwᵢi)² ≤ -Σwᵢi² followed from concave -v² being 'convex' on each single point [i, i]."""
    cap = sp.Lambda(v, -(v**2))
    goal = sp.Le(cap(sp.Sum(w[i] * i, (i, 1, N))), sp.Sum(w[i] * cap(i), (i, 1, N)))
    rule = Known("jensen", {"function": cap, "point": i, "weight": w[i], "over": (i, 1, N), "domain": (i, i)}, ("one",))
    rejected("i is not declared", goal, rule, given={"one": sp.Eq(sp.Sum(w[i], (i, 1, N)), 1)})


def test_jensen_on_an_interval_that_is_random():
    """-(E X)² ≤ E(-X²) followed from -v² being 'convex' on [X, X]."""
    cap = sp.Lambda(v, -(v**2))
    rule = Expectation("jensen", {"function": cap, "point": X, "domain": (X, X)})
    rejected("must not be random", sp.Le(cap(E(X)), E(cap(X))), rule)


def test_a_random_value_for_a_number_under_an_expectation():
    """E(sX) = sE(X) for every number s does not give E(X²) = X E(X)."""
    linear = Step("linear", Always(sp.Eq(E(s * X), s * E(X)), (s, -sp.oo, sp.oo)), Expectation("linearity"))
    false = sp.Eq(E(X**2), X * E(X))
    rejected("random", false, linear, Step("goal", false, Polynomial(At("linear", {s: X}))))
    mean = sp.Eq(E(E(Y) * X), E(Y) * E(X))
    proved(mean, linear, Step("goal", mean, Polynomial(At("linear", {s: E(Y)}))))


def test_a_range_that_is_random():
    """s ≤ X for s in [0, X] holds on every sample, but E(s) ≤ E(X) fails where X is large and its mean is small."""
    false = Always(sp.Le(E(s), E(X)), (s, 0, X))
    inside = Step("inside", Always(sp.Le(s, X), (s, 0, X)), Polynomial())
    rejected("random", false, inside, Step("goal", false, Expectation("monotone", using=("inside",))))


def test_by_a_claim_with_another_history():
    """Pulling Z_{k-1} out of E(., k) is right where it is known before step k, not where only Z_{k-2} is."""
    goal = sp.Eq(E(Z[N - 1] * Y, N), Z[N - 1] * E(Y, N))
    early = claim(goal, Expectation("linearity"), history={Z: 1}, name="test/early")
    rejected("history", goal, By(early, "first"), uses=[early], history={Z: 2})
    rejected("history", goal, By(early, "first"), uses=[early])
    proved(goal, By(early, "first"), uses=[early], history={Z: 1})


def test_conditioning_on_a_random_step():
    count = sp.Symbol("K", integer=True, positive=True)
    goal = sp.Eq(E(E(X, count)), E(X))
    variables = (*VARIABLES, Var(count, "a random step", random=True))
    rejected("random", goal, Expectation("tower"), variables=variables)


def test_a_value_that_is_no_real_number():
    """(s - a)² ≥ 0 at s = a + i gave -1 ≥ 0, and a/(1 + s²) > 0 at s = ∞ gave 0 > 0: everything followed."""
    square = Step("square", Always(sp.Ge(s**2 - 2 * s * a + a**2, 0), (s, -sp.oo, sp.oo)), Polynomial())
    false = sp.Le(a, a - 1 + b - b, evaluate=False)
    rejected("not part of the language", false, square, Step("goal", false, Polynomial(At("square", {s: a + sp.I}))))
    decay = Step("decay", Always(sp.Gt(a / (1 + s**2), 0), (s, 0, sp.oo)), Polynomial("h"))
    at_infinity = Step("goal", false, Polynomial(At("decay", {s: sp.oo})))
    rejected("not part of the language", false, decay, at_infinity, given={"h": a > 0})


def test_floating_point_numbers():
    """(a + 1)(a + 1e-30) = a² + a + 1e-30 is false, and true once 1 + 1e-30 is rounded."""
    tiny = sp.Float("1e-40")
    rejected("not part of the language", sp.Eq((a + 1) * (a + tiny), a**2 + a + tiny), Identity())


def test_a_product_with_reversed_limits():
    """SymPy reads Π_{i=3}^{1} i as 1/2; the empty product is 1."""
    rejected("needed for the statement to make sense", sp.Eq(sp.Product(i, (i, 3, 1)), sp.Rational(1, 2)), Identity())
    proved(sp.Eq(sp.Product(i, (i, 1, 3)), 6), Identity())


def test_a_limit_variable_is_not_captured():
    """p/v → 0 for every number p does not give v/v → 0."""
    lim = sp.Limit(p / v, v, sp.oo)
    rejected("calculus rules", sp.Eq(lim, 0), Identity())


def test_an_integral_goes_to_its_own_rule():
    rejected("calculus rules", sp.Eq(sp.Integral(p * s, (s, 0, 1)), p / 2), Identity())
    proved(sp.Eq(sp.Integral(p * s, (s, 0, 1)), p / 2), IntegralValue())


def test_an_integral_that_converges_for_the_sampled_parameters_only():
    """∫₁^∞ v^(-p-1/2) dv = 1/(p - 1/2) holds for p > 1/2 and diverges below."""
    value = 1 / (p - sp.Rational(1, 2))
    goal = sp.Eq(sp.Integral(v ** (-p - sp.Rational(1, 2)), (v, 1, sp.oo)), value)
    rejected("Γ gives integrals from", goal, IntegralValue(), given={"h": sp.Ne(p, sp.Rational(1, 2))})


def test_below_a_limit_in_strides_of_a_half():
    goal = Always(sp.Le(n / (n + 1), 1), (n, 0, sp.oo))
    half = sp.Rational(3, 2)
    growth = Step("growth", Always(sp.Le(n / (n + 1), (n + half) / (n + half + 1)), (n, 0, sp.oo)), Polynomial())
    limit = Step("limit", sp.Eq(sp.Limit(p / (p + 1), p, sp.oo), 1), LimitValue())
    rejected("", goal, growth, limit, Step("goal", goal, BelowLimit("growth", "limit", step=half)))


def test_a_base_point_that_is_no_number():
    r = sp.Symbol("r", positive=True)
    goal = Always(sp.Le(sp.log(r), r - 1), (r, 0, sp.oo))
    rejected("not part of the language", goal, Monotone(base=sp.oo))
    rejected("not declared", goal, Monotone(base=sp.Symbol("elsewhere", positive=True)))


def test_a_malformed_rule_leaves_its_step_unproved():
    rejected("TypeError", sp.Le(a, b), Known("triangle", {"nonsense": a}))


def test_every_word_of_the_language_is_still_understood():
    proved(sp.Le(sp.Max(a, b), sp.Abs(a) + sp.Abs(b)), Polynomial())
    proved(sp.Le(sp.Min(a, b) * sp.sign(p), a), Polynomial())
    proved(sp.Implies(sp.Lt(a, b), sp.Ne(a, b)), Polynomial())
