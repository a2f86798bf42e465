"""Side conditions of the classical, calculus, interval and expectation rules must be proved, not assumed."""

from __future__ import annotations

import sympy as sp
from small import VARIABLES, N, X, Y, Z, a, b, claim, i, j, k, n, p, proved, rejected, s, w, x, y

from theory.core import Always, E, Step
from theory.core.rules import (
    BelowLimit,
    By,
    Expectation,
    IntegralValue,
    Interval,
    Known,
    LimitValue,
    Monotone,
    Polynomial,
    Termwise,
)

v = sp.Symbol("v", real=True)
weights = {"positive": Always(sp.Ge(y[i], 0), (i, 1, N)), "one": sp.Eq(sp.Sum(y[i], (i, 1, N)), 1)}

# -- classical inequalities ------------------------------------------------------------------------------------------------


def mean(function, point, domain=(-sp.oo, sp.oo), concave=False, using=("one",)):
    """Jensen's inequality with weights y (of any sign) and the rule that should give it."""
    outside = function(sp.Sum(y[i] * point, (i, 1, N)))
    inside = sp.Sum(y[i] * function(point), (i, 1, N))
    given = {"function": function, "point": point, "weight": y[i], "over": (i, 1, N), "domain": domain}
    return sp.Le(inside, outside) if concave else sp.Le(outside, inside), Known("jensen", given, using)


def test_jensen_with_the_wrong_curvature():
    given = {"one": weights["one"], "h": Always(sp.Ge(y[i], 0), (i, 1, N))}
    for function, verdict in ((-(v**2), rejected), (v**3, rejected)):
        goal, rule = mean(sp.Lambda(v, function), x[i], using=("one",))
        verdict("side condition", goal, rule, given=given)


def test_jensen_with_the_right_curvature():
    shares = {"one": sp.Eq(sp.Sum(w[i], (i, 1, N)), 1)}
    square = sp.Lambda(v, v**2)
    goal = sp.Le(square(sp.Sum(w[i] * x[i], (i, 1, N))), sp.Sum(w[i] * square(x[i]), (i, 1, N)))
    rule = Known("jensen", {"function": square, "point": x[i], "weight": w[i], "over": (i, 1, N)}, ("one",))
    proved(goal, rule, given=shares)
    rejected("it gives", sp.Ge(*goal.args), rule, given=shares)
    rejected("side condition", goal, Known("jensen", rule.given), given={"one": sp.Le(sp.Sum(w[i], (i, 1, N)), 1)})


def test_jensen_with_a_weight_that_may_be_negative():
    square = sp.Lambda(v, v**2)
    goal, rule = mean(square, x[i], using=("one",))
    rejected("side condition", goal, rule, given={"one": weights["one"]})


def test_jensen_with_a_pole_inside_the_domain():
    """1/v is convex on v > 0 but not across 0."""
    function = sp.Lambda(v, 1 / v)
    given = {"one": sp.Eq(sp.Sum(w[i], (i, 1, N)), 1), "away": Always(sp.Ge(x[i], 1), (i, 1, N)),
             "mean": sp.Ge(sp.Sum(w[i] * x[i], (i, 1, N)), 1)}
    goal = sp.Le(function(sp.Sum(w[i] * x[i], (i, 1, N))), sp.Sum(w[i] * function(x[i]), (i, 1, N)))

    def rule(domain):
        values = {"function": function, "point": x[i], "weight": w[i], "over": (i, 1, N), "domain": domain}
        return Known("jensen", values, ("one",))

    rejected("side condition", goal, rule((-1, sp.oo)), given=given)
    rejected("needed for the statement", goal, rule((-1, sp.oo)), given={k: h for k, h in given.items() if k != "away"})


def test_jensen_at_a_kink():
    rejected("kinks", *mean(sp.Lambda(v, -sp.Abs(v)), x[i]), given=weights)


def test_cauchy_schwarz_with_a_negative_weight():
    goal = sp.Le(sp.Sum(y[i] * x[i], (i, 1, N)) ** 2, sp.Sum(y[i] * x[i] ** 2, (i, 1, N)) * sp.Sum(y[i], (i, 1, N)))
    rule = Known("cauchy_schwarz", {"a": x[i], "b": sp.S.One, "weight": y[i], "over": (i, 1, N)})
    rejected("side condition", goal, rule)
    proved(goal.subs(y, w), Known("cauchy_schwarz", {**rule.given, "weight": w[i]}))


def test_the_triangle_inequality_the_wrong_way_round():
    small, large = sp.Abs(sp.Sum(x[i], (i, 1, N))), sp.Sum(sp.Abs(x[i]), (i, 1, N))
    rejected("it gives", sp.Ge(small, large), Known("triangle", {"a": x[i], "over": (i, 1, N)}))
    proved(sp.Le(small, large), Known("triangle", {"a": x[i], "over": (i, 1, N)}))


def test_one_term_below_a_sum_of_terms_of_both_signs():
    rule = Known("term_below_sum", {"a": x[i], "over": (i, 1, N), "at": 1})
    rejected("side condition", sp.Le(x[1], sp.Sum(x[i], (i, 1, N))), rule)
    proved(sp.Le(w[1], sp.Sum(w[i], (i, 1, N))), Known("term_below_sum", {"a": w[i], "over": (i, 1, N), "at": 1}))


def test_an_inequality_nobody_knows():
    rejected("no classical inequality", sp.Le(a, a**2), Known("folklore", {}))


def test_a_negative_weight_in_termwise():
    given = {"h": Always(sp.Le(x[i], y[i]), (i, 1, N))}
    for weight, verdict in ((a, "not shown to be non-negative"), (-w[i], "not shown to be non-negative")):
        goal = sp.Le(sp.Sum(weight * x[i], (i, 1, N)), sp.Sum(weight * y[i], (i, 1, N)))
        rejected(verdict, goal, Termwise("h", (i, 1, N), weight), given=given)
    proved(sp.Le(sp.Sum(w[i] * x[i], (i, 1, N)), sp.Sum(w[i] * y[i], (i, 1, N))), Termwise("h", (i, 1, N), w[i]), given=given)


def test_termwise_the_wrong_way_round():
    given = {"h": Always(sp.Le(x[i], y[i]), (i, 1, N))}
    rejected("it gives", sp.Ge(sp.Sum(x[i], (i, 1, N)), sp.Sum(y[i], (i, 1, N))), Termwise("h", (i, 1, N)), given=given)


def test_a_double_sum_swapped_to_the_wrong_triangle():
    pair = x[i] * y[j]
    rows = sp.Sum(sp.Sum(pair, (i, 1, j - 1)), (j, 1, N))
    rule = Known("swap_triangle", {"a": pair, "outer": j, "inner": i, "lower": 1, "upper": N})
    rejected("it gives", sp.Eq(rows, sp.Sum(sp.Sum(pair, (j, i, N)), (i, 1, N))), rule)
    proved(sp.Eq(rows, sp.Sum(sp.Sum(pair, (j, i + 1, N)), (i, 1, N))), rule)


# -- calculus ----------------------------------------------------------------------------------------------------------------

r = sp.Symbol("r", positive=True)


def test_monotone_with_a_slope_of_the_wrong_sign():
    rejected("slope", Always(sp.Ge(sp.log(r), r - 1), (r, 0, sp.oo)), Monotone(base=1))
    proved(Always(sp.Le(sp.log(r), r - 1), (r, 0, sp.oo)), Monotone(base=1))


def test_monotone_from_a_base_where_it_fails_or_outside_the_range():
    rejected("at the base point", Always(sp.Le(sp.log(r), r - 2), (r, 0, sp.oo)), Monotone(base=1))
    rejected("base point", Always(sp.Le(sp.log(r), r - 1), (r, 2, sp.oo)), Monotone(base=1))
    rejected("base point", Always(sp.Le(sp.log(r), r - 1), (r, 0, sp.oo)), Monotone(base=-1))


def test_monotone_across_a_kink_or_for_a_strict_relation():
    rejected("smooth", Always(sp.Le(0, sp.Abs(s - 1) + s - 1), (s, 0, 3)), Monotone(base=1))
    rejected("non-strict", Always(sp.Lt(sp.log(r), r - 1), (r, 0, sp.oo)), Monotone(base=1))


def test_a_limit_that_is_something_else():
    rejected("away from", sp.Eq(sp.Limit(r / (1 + r), r, sp.oo), 2), LimitValue())
    proved(sp.Eq(sp.Limit(r / (1 + r), r, sp.oo), 1), LimitValue())


def test_an_integral_that_is_something_else():
    integrand = sp.Integral(sp.exp(-p * s**2), (s, -sp.oo, sp.oo))
    rejected("away from", sp.Eq(integrand, sp.sqrt(2 * sp.pi / p)), IntegralValue())
    proved(sp.Eq(integrand, sp.sqrt(sp.pi / p)), IntegralValue())


def below(limit_of, growth_of):
    """Steps from growth and limit to 'below the limit' for a(n) = n/(n+1)."""
    growth = Step("growth", Always(sp.Le(growth_of(n), growth_of(n + 1)), (n, 0, sp.oo)), Polynomial())
    limit = Step("limit", sp.Eq(sp.Limit(limit_of(r), r, sp.oo), 1), LimitValue())
    return growth, limit


def test_below_the_limit_of_another_sequence():
    def ratio(m):
        return m / (m + 1)

    goal = Always(sp.Le(ratio(n), 1), (n, 0, sp.oo))
    other = Always(sp.Le((n + 2) / (n + 1), 1), (n, 0, sp.oo))
    rule = BelowLimit("growth", "limit")
    rejected("same sequence", other, *below(lambda m: (m + 2) / (m + 1), ratio), Step("goal", other, rule))
    proved(goal, *below(ratio, ratio), Step("goal", goal, rule))


# -- intervals ---------------------------------------------------------------------------------------------------------------


def test_an_interval_that_touches_the_boundary():
    touching = Always(sp.Gt(s**2 - s + sp.Rational(1, 4), 0), (s, 0, 1))
    rejected("not decided", touching, Interval(boxes=300))
    rejected("not decided", Always(sp.Gt(s, 0), (s, 0, 1)), Interval(boxes=300))
    proved(Always(sp.Gt(s**2 - s + sp.Rational(26, 100), 0), (s, 0, 1)), Interval(boxes=300))


def test_an_interval_on_which_the_inequality_fails():
    rejected("fails on the box", Always(sp.Lt(sp.exp(s), 2), (s, 0, 1)), Interval())


def test_an_interval_with_a_further_symbol_or_an_open_end():
    rejected("no further symbols", Always(sp.Gt(s**2 + s * p + p**2 + 1, 0), (s, 0, 1)), Interval())
    rejected("rational corners", Always(sp.Gt(sp.exp(s), s), (s, 0, sp.oo)), Interval())


# -- expectations --------------------------------------------------------------------------------------------------------------

fixed = {Z: 1}  # Z[j] is known before step k for j ≤ k - 1


def test_a_random_factor_is_not_pulled_out_of_an_expectation():
    rejected("left over", sp.Eq(E(X * Y), E(X) * E(Y)), Expectation("linearity"))
    rejected("left over", sp.Eq(E(X**2), X * E(X)), Expectation("linearity"))
    proved(sp.Eq(E(a * X + Y), a * E(X) + E(Y)), Expectation("linearity"))


def test_something_not_yet_known_is_not_pulled_out_of_a_conditional_expectation():
    late = Always(sp.Eq(E(Z[k] * Y, k), Z[k] * E(Y, k)), (k, 1, sp.oo))
    early = Always(sp.Eq(E(Z[k - 1] * Y, k), Z[k - 1] * E(Y, k)), (k, 1, sp.oo))
    rejected("left over", late, Expectation("linearity"), history=fixed)
    rejected("left over", early, Expectation("linearity"))
    proved(early, Expectation("linearity"), history=fixed)


def test_a_number_of_terms_that_is_random():
    """The E of a sum with a random number of terms is not the sum of the E's."""
    count = sp.Symbol("K", integer=True, positive=True)
    variables = (*VARIABLES, type(VARIABLES[0])(count, "a random count", random=True))
    goal = sp.Eq(E(sp.Sum(Z[i], (i, 0, count))), sp.Sum(E(Z[i]), (i, 0, count)))
    rejected("left over", goal, Expectation("linearity"), variables=variables)
    proved(sp.Eq(E(sp.Sum(Z[i], (i, 0, N))), sp.Sum(E(Z[i]), (i, 0, N))), Expectation("linearity"))


def test_jensen_for_expectations_with_the_wrong_curvature():
    def goal(function):
        return sp.Le(function(E(X)), E(function(X)))

    square, cap = sp.Lambda(v, v**2), sp.Lambda(v, -(v**2))
    rejected("side condition", goal(cap), Expectation("jensen", {"function": cap, "point": X}))
    rejected("it gives", goal(square), Expectation("jensen", {"function": cap, "point": X, "concave": True}))
    proved(goal(square), Expectation("jensen", {"function": square, "point": X}))


def test_jensen_for_expectations_outside_the_domain():
    root = sp.Lambda(v, sp.sqrt(v))
    goal = sp.Le(E(sp.sqrt(X**2 + 1)), sp.sqrt(E(X**2 + 1)))
    rule = {"function": root, "point": X**2 + 1, "concave": True, "domain": (0, sp.oo)}
    rejected("needed for the statement", sp.Le(E(sp.sqrt(X)), sp.sqrt(E(X))), Expectation("jensen", {**rule, "point": X}))
    proved(goal, Expectation("jensen", rule), given={"mean": sp.Ge(E(X**2 + 1), 0, evaluate=False)})


def test_jensen_with_a_function_that_is_itself_random():
    function = sp.Lambda(v, X * v**2)
    rule = Expectation("jensen", {"function": function, "point": Y})
    rejected("must not itself be random", sp.Le(function(E(Y)), E(function(Y))), rule)


def test_monotonicity_of_expectations_needs_an_inequality_on_every_sample():
    given = {"means": sp.Le(E(X), E(Y))}
    rejected("it gives", sp.Le(E(X**2), E(Y**2)), Expectation("monotone", using=("means",)), given=given)
    rejected("needs an inequality", sp.Le(E(X), E(Y)), Expectation("monotone", using=("same",)), given={"same": sp.Eq(X, Y)})
    proved(sp.Le(E(X), E(Y)), Expectation("monotone", using=("below",)), given={"below": sp.Le(X, Y)})


def test_the_tower_rule_in_the_wrong_direction():
    rejected("the two sides", sp.Eq(E(E(X, N)), E(X, N)), Expectation("tower"))
    rejected("tower rule proves", sp.Eq(E(E(X), N), E(X)).reversed, Expectation("tower"))
    proved(sp.Eq(E(E(X, N)), E(X)), Expectation("tower"))


def test_an_expectation_rule_nobody_knows():
    rejected("no expectation rule", sp.Eq(E(X * Y), E(X) * E(Y)), Expectation("independence"))


def test_by_with_a_random_value_for_a_fixed_symbol():
    """E(aX) = aE(X) holds for every number a, not for a random one."""
    fixed_factor = claim(sp.Eq(E(a * X), a * E(X)), Expectation("linearity"), name="test/factor")
    rejected("under an expectation", sp.Eq(E(Y * X), Y * E(X)), By(fixed_factor, "first", {a: Y}), uses=[fixed_factor])
    proved(sp.Eq(E(b * X), b * E(X)), By(fixed_factor, "first", {a: b}), uses=[fixed_factor])


