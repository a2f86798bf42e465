"""The authors' calculus rules prove small true claims, and none of the false ones beside them."""

from __future__ import annotations

import pytest
import sympy as sp
from small import N, a, b, c, claim, i, j, n, p, q, reasons, s, t, x

from theory.core import Always, Step
from theory.core.rules import (
    Archimedes,
    At,
    BelowLimit,
    Calculus,
    Identity,
    IntegralValue,
    LimitValue,
    Polynomial,
)
from theory.proofs.check import check_claim

r = sp.Symbol("r", positive=True)
half, oo = sp.Rational(1, 2), sp.oo


def proved(*args, **kwargs) -> None:
    report = check_claim(claim(*args, **kwargs))
    assert report.verdict == "proved", reasons(report)


def rejected(why: str, *args, **kwargs) -> None:
    report = check_claim(claim(*args, **kwargs))
    assert report.verdict == "unproved"
    assert why in reasons(report), reasons(report)


def integral(body, low=0, high=1):
    return sp.Integral(body, (s, low, high))


def equal(left, right):
    return sp.Eq(left, right, evaluate=False)


# -- integrals -------------------------------------------------------------------------------------

INTEGRALS = {
    "square": (integral(s**2), sp.Rational(1, 3)),
    "parameter": (integral(p * s), p / 2),
    "logarithm": (integral(1 / (s + p)), sp.log((1 + p) / p)),
    "pole outside": (integral(1 / s**2, 1, 2), half),
    "kink": (integral(sp.Abs(s), -1, 1), 1),
    "exponential": (integral(sp.exp(-p * s), 0, q), (1 - sp.exp(-p * q)) / p),
    "root": (integral(sp.sqrt(s), 1, 4), sp.Rational(14, 3)),
    "end": (integral(s, 0, p), p**2 / 2),
    "gaussian": (integral(sp.exp(-p * s**2), -oo, oo), sp.sqrt(sp.pi / p)),
    "variance": (integral(s**2 * sp.exp(-(s**2) / 2) / sp.sqrt(2 * sp.pi), -oo, oo), 1),
    "fourth moment": (integral(s**4 * sp.exp(-(s**2) / 2) / sp.sqrt(2 * sp.pi), -oo, oo), 3),
}


@pytest.mark.parametrize("name", INTEGRALS)
def test_an_integral_has_its_value_and_no_other(name):
    term, value = INTEGRALS[name]
    proved(equal(term, value), IntegralValue())
    rejected("not shown to be", equal(term, value + sp.Rational(1, 1000)), IntegralValue())


def test_an_integral_for_every_value_of_a_parameter():
    goal = Always(equal(integral(s, 0, t), t**2 / 2), (t, 0, oo))
    proved(goal, IntegralValue())
    before = Always(equal(integral(s, 0, t), t**2 / 2), (t, -1, oo))
    rejected("0 ≤ t is needed for the statement", before, IntegralValue())


def test_a_fact_that_an_integral_needs():
    goal = equal(integral(1 / (s + a)), sp.log(a + 1) - sp.log(a))
    proved(goal, IntegralValue(using=("h",)), given={"h": sp.Gt(a, 0)})
    rejected("needed for the statement", goal, IntegralValue(), given={"h": sp.Gt(a, -1)})


@pytest.mark.parametrize(("why", "term", "value"), [
    ("needed for the statement", integral(1 / s**2, -1, 1), -2),
    ("needed for the statement", integral(1 / (s - p) ** 2, 0, 1), 1 / (p - 1) - 1 / p),
    ("needed for the statement", integral(sp.sqrt(s), -1, 1), sp.Rational(2, 3)),
    ("needed for the statement", integral(sp.log(s - half)), 0),
    ("smooth", integral(1 / s), 0),
    ("smooth", integral(1 / s**2), -1),
    ("the exponent is above -1", integral(sp.exp(-(s**2)) / s, 0, oo), 0),
    ("no sum of k r", integral(1 / (1 + s), 0, oo), 0),
    ("the rate is positive", integral(sp.exp(p * s**2), 0, oo), 0),
    ("even", integral(s * sp.exp(-(s**2)), -oo, oo), 1),
    ("p ≤ q is needed for the statement", integral(s, p, q), (q**2 - p**2) / 2),
])
def test_poles_roots_of_negative_numbers_and_integrals_that_diverge(why, term, value):
    rejected(why, equal(term, value), IntegralValue(), given={"h": sp.Ne(p, 1)})


def test_only_an_equation_gives_an_integral_its_value():
    area, divergent = integral(p * s), integral(1 / s)
    rejected("the integral rule proves", sp.Lt(area, p), IntegralValue())
    rejected("the integral rule proves", equal(p / 2, area), IntegralValue())
    rejected("speak of no other", equal(integral(s), half + divergent), IntegralValue())
    up_to = Always(equal(integral(s), half), (t, 0, divergent))
    rejected("speak of no other", up_to, IntegralValue())
    rejected("not shown to exist", sp.Lt(divergent, divergent + 1, evaluate=False), Polynomial())
    rejected("calculus rules", equal(area, p / 2), Identity())
    value = Step("value", equal(area, p / 2), IntegralValue())
    proved(sp.Lt(area, p), value, Step("goal", sp.Lt(area, p), Polynomial("value")))


# -- limits ----------------------------------------------------------------------------------------


def limit(body):
    return sp.Limit(body, r, oo)


def test_the_limit_of_a_rational_function():
    fraction = (2 * r**2 + 1) / (3 * r**2 - r + 5)
    proved(equal(limit(fraction), sp.Rational(2, 3)), LimitValue())
    rejected("not shown to be", equal(limit(fraction), sp.Rational(3, 2)), LimitValue())
    rejected("the limit rule proves", sp.Le(limit(fraction), 1), LimitValue())


@pytest.mark.parametrize(("why", "term"), [
    ("rational functions", limit(sp.exp(-r))),
    ("rational functions", limit(sp.sqrt(r + 1) - sp.sqrt(r))),
    ("rational functions", limit(p / r)),
    ("at infinity", sp.Limit(s, s, 0)),
    ("without bound", limit(r)),
])
def test_other_limits_have_no_value(why, term):
    rejected(why, equal(term, 0), LimitValue())


def fraction(m):
    return m / (m + 1)


def growth(of, step=1):
    return Step("growth", Always(sp.Le(of(n), of(n + step)), (n, 0, oo)), Polynomial())


def below(bound=1, of=fraction):
    return Always(sp.Le(of(n), bound), (n, 0, oo))


def test_a_rational_sequence_that_does_not_fall_is_below_its_limit():
    value = Step("limit", equal(limit(fraction(r)), 1), LimitValue())
    for steps, rule in (
        ((growth(fraction), value), BelowLimit("growth", "limit")),
        ((growth(fraction),), BelowLimit("growth")),
        ((growth(fraction, 2),), BelowLimit("growth", step=2)),
    ):
        proved(below(), *steps, Step("goal", below(), rule))


def test_below_a_limit_without_growth_or_of_another_sequence():
    def goal(rule, bound=1, of=fraction):
        return Step("goal", below(bound, of), rule)

    grows, same = growth(fraction), "same sequence"
    tight = sp.Rational(9, 10)
    rejected("there is no fact 'growth'", below(), goal(BelowLimit("growth")))
    rejected(same, below(tight), grows, goal(BelowLimit("growth"), tight))
    rejected(same, below(1, lambda m: 1 / (m + 1)), grows,
             goal(BelowLimit("growth"), 1, lambda m: 1 / (m + 1)))
    other = Step("limit", equal(limit(2 * r / (r + 1)), 2), LimitValue())
    rejected(same, below(), grows, other, goal(BelowLimit("growth", "limit")))
    rejected(same, below(), grows, goal(BelowLimit("growth", step=2)))
    for step in (sp.Rational(3, 2), 0, -1):
        rejected("strides", below(), grows, goal(BelowLimit("growth", step=step)))
    rejected(same, below(), Step("growth", below(), Polynomial()), goal(BelowLimit("growth")))
    falls = Step("growth", Always(sp.Le(1 / (n + 2), 1 / (n + 1)), (n, 0, oo)), Polynomial())
    rejected(same, below(0, lambda m: 1 / (m + 1)), falls,
             goal(BelowLimit("growth"), 0, lambda m: 1 / (m + 1)))
    short = Step("growth", Always(sp.Le(fraction(n), fraction(n + 1)), (n, 0, N)), Polynomial())
    rejected(same, below(), short, goal(BelowLimit("growth")))


def test_below_the_limit_of_a_sequence_that_is_not_rational():
    def root(m):
        return 1 - 1 / sp.sqrt(m + 1)

    goal = Step("goal", below(1, root), BelowLimit("growth"))
    rejected("C/j", below(1, root), growth(root), goal)


# -- facts about Γ and powers ----------------------------------------------------------------------


def gamma(length):
    return sp.gamma(length * half)


def every(prop):
    return Always(prop, (n, 1, oo))


FACTS = {
    "gamma_next": (equal(gamma(n + 2), n * half * gamma(n)), equal(gamma(n + 2), gamma(n)),
                   {"x": n * half}),
    "gamma_positive": (sp.Gt(gamma(n), 0, evaluate=False), sp.Lt(gamma(n), 0, evaluate=False),
                       {"x": n * half}),
    "gamma_log_convex": (sp.Le(gamma(n + 1) ** 2, gamma(n) * gamma(n + 2)),
                         sp.Ge(gamma(n + 1) ** 2, gamma(n) * gamma(n + 2)),
                         {"x": n * half, "y": n * half + 1}),
    "power_product": (equal(2 ** (n * half) * 2**a, 2 ** (a + n * half)),
                      equal(2 ** (n * half) * 2**a, 2 ** (a * n * half)),
                      {"base": 2, "x": n * half, "y": a}),
}


@pytest.mark.parametrize("name", FACTS)
def test_facts_about_gamma_and_powers(name):
    right, wrong, given = FACTS[name]
    proved(every(right), Calculus(name, given))
    rejected("it gives", every(wrong), Calculus(name, given))
    rejected("it gives", every(wrong), Calculus(name, {**given, "x": given["x"] + 1}))


def test_a_power_of_an_inverse():
    goal = equal((1 / c) ** b * c**b, 1)
    rule = Calculus("power_inverse", {"base": c, "x": b}, using=("h",))
    proved(goal, rule, given={"h": sp.Gt(c, 0)})
    rejected("", goal, rule, given={"h": sp.Lt(c, 0)})


def test_values_of_gamma():
    proved(equal(sp.gamma(1, evaluate=False), 1), Calculus("gamma_one"))
    proved(equal(sp.gamma(half, evaluate=False), sp.sqrt(sp.pi)), Calculus("gamma_half"))
    rejected("it gives", equal(sp.gamma(half, evaluate=False), 2), Calculus("gamma_half"))


def test_facts_about_gamma_where_they_do_not_hold():
    goal = equal(sp.gamma(a + 1), a * sp.gamma(a))
    positive = {"h": sp.Gt(a, -1), "k": sp.Ne(a, 0)}
    rejected("needed for the statement", goal, Calculus("gamma_next", {"x": a}), given=positive)
    proved(goal, Calculus("gamma_next", {"x": a}, using=("h",)), given={"h": sp.Gt(a, 0)})
    rejected("positive", sp.Gt(p, 0, evaluate=False), Calculus("gamma_positive", {"x": a}))
    rule = Calculus("power_product", {"base": a, "x": b, "y": c})
    rejected("", equal(a**b * a**c, a ** (b + c)), rule)


def test_facts_that_there_are_not():
    goal = sp.Gt(sp.gamma(p), 0, evaluate=False)
    rejected("no fact of calculus", goal, Calculus("fundamental", {"x": p}))
    rejected("missing a required argument", goal, Calculus("gamma_positive"))
    rejected("unexpected keyword", goal, Calculus("gamma_positive", {"x": p, "y": q}))
    for power in (2, 3):
        whole, right = integral(s**power, -oo, oo), integral(s**power, 0, oo)
        rule = Calculus("symmetric", {"integral": whole})
        rejected("not shown to exist", equal(whole, 2 * right), rule)


# -- an error C/j ----------------------------------------------------------------------------------

BELOW = sp.Le(a, b)


def errors(body, low=1, high=oo, variable=j):
    return {"every j": Always(body, (variable, low, high))}


@pytest.mark.parametrize("body", [
    sp.Le(a, b + c / j), sp.Le(a - 1 / j, b), sp.Lt(a, b + p / j), sp.Le(a, b + x[1] * p / (2 * j)),
])
def test_no_error_is_left(body):
    proved(BELOW, Archimedes("every j"), given=errors(body))


def test_an_error_is_brought_into_shape_first():
    given = errors(sp.Le(a * j, b * j + q))
    shape = Step("shape", Always(sp.Le(a, b + q / j), (j, 1, oo)), Polynomial("every j"))
    proved(BELOW, shape, Step("goal", BELOW, Archimedes("shape")), given=given)


@pytest.mark.parametrize(("why", "given"), [
    ("free of j", errors(sp.Le(a, b + j / (2 * j + 1)))),
    ("free of j", errors(sp.Le(a, b + p * j))),
    ("free of j", errors(sp.Le(a, b + p))),
    ("free of j", errors(sp.Le(a, 2 * b + p / j))),
    ("free of j", errors(sp.Le(a, b + (-1) ** j / j))),
    ("free of j", errors(sp.Le(b, a + p / j))),
    ("2 ≤ j", errors(sp.Le(a, b + p / j), low=2)),
    ("every integer j", errors(sp.Le(a, b + p / j), high=N)),
    ("every integer j", errors(sp.Le(a, b + p / t), variable=t)),
    ("every integer j", errors(sp.Eq(a, b + p / j, evaluate=False))),
    ("every integer j", {"every j": sp.Le(a, b + p)}),
])
def test_an_error_that_does_not_vanish_or_not_for_every_integer(why, given):
    rejected(why, BELOW, Archimedes("every j"), given=given)


def test_an_error_whose_constant_grows():
    given = errors(sp.Le(a, b + x[j] / j), high=N)
    rejected("every integer j", BELOW, Archimedes("every j"), given=given)
    rejected("with ≤ only", sp.Lt(a, b), Archimedes("every j"), given=errors(sp.Lt(a, b + p / j)))
    rejected("there is no fact", BELOW, Archimedes("no such"))


def test_an_error_for_every_value_of_other_variables():
    row = sp.Sum(x[i], (i, 1, n))
    given = {"every j": Always(sp.Le(row, a + n * p / j), (n, 1, N), (j, 1, oo))}
    goal = Always(sp.Le(row, a), (n, 1, N))
    proved(goal, Archimedes("every j"), given=given)
    top = sp.Le(sp.Sum(x[i], (i, 1, N)), a)
    proved(top, Archimedes(At("every j", {n: N})), given=given)
    rejected("needs a value for n", top, Archimedes("every j"), given=given)
    rejected("cannot show", top, Archimedes(At("every j", {n: N + 1})), given=given)
    rejected("takes no value for j", top, Archimedes(At("every j", {n: N, j: 2})), given=given)
    swapped = {"every j": Always(sp.Le(row, a + n * p / j), (j, 1, oo), (n, 1, N))}
    rejected("", goal, Archimedes("every j"), given=swapped)
