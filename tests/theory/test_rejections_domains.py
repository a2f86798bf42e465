"""Undefined expressions, captured or undeclared names and indices out of range must be refused."""

from __future__ import annotations

import pytest
import sympy as sp
from small import M, N, a, b, c, i, j, n, p, proved, rejected, s, t, u, x, y

from theory.core import Always, Step, Var
from theory.core.rules import At, Identity, Induction, Known, Polynomial, Termwise

UNDEFINED = "needed for the statement to make sense"
SHADOW = "hides one that is already in use"



def square(value: sp.Expr) -> sp.Ge:
    """(value - a)² ≥ 0, multiplied out so that SymPy does not decide it on the spot."""
    return sp.Ge(value**2 + a**2, 2 * a * value)


# -- definedness ---------------------------------------------------------------------------------------------------------


def test_a_division_by_something_that_can_be_zero():
    goal = sp.Eq((a**2 + a * b) / (a + b), a)
    rejected(UNDEFINED, goal, Identity())
    proved(goal, Polynomial("h"), given={"h": sp.Ne(a + b, 0)})


def test_a_division_inside_a_quantifier():
    goal = Always(sp.Ge((s**2 + 1) / s, 2), (s, 0, 5))
    rejected(UNDEFINED, goal, Polynomial())
    proved(Always(sp.Ge((s**2 + 1) / s, 2), (s, 1, 5)), Polynomial())


def test_a_square_root_of_something_that_can_be_negative():
    goal = sp.Ge(sp.sqrt(a - b), 0, evaluate=False)
    rejected(UNDEFINED, goal, Polynomial())
    proved(goal, Polynomial("h"), given={"h": sp.Ge(a, b)})


def test_an_inverse_square_root_at_zero():
    goal = sp.Gt(1 / sp.sqrt(a), 0, evaluate=False)
    rejected(UNDEFINED, goal, Polynomial("h"), given={"h": sp.Ge(a, 0)})
    proved(goal, Polynomial("h"), given={"h": sp.Gt(a, 0)})


def test_a_cube_root_of_a_negative_number():
    """SymPy's principal cube root of -8 is not -2, and not even real."""
    rejected(UNDEFINED, sp.Ge(sp.cbrt(a) * b**2, a * b**2 - 1), Polynomial())
    proved(sp.Ge(sp.cbrt(u), 0, evaluate=False), Polynomial())


def test_a_logarithm_of_something_nonpositive():
    goal = sp.Eq(sp.log(a**2), 2 * sp.log(sp.Abs(a)))
    rejected(UNDEFINED, goal, Identity())
    rejected(UNDEFINED, sp.Eq(sp.log(u * p), sp.log(u) + sp.log(p)), Identity())
    proved(sp.Eq(sp.log(p**2 * p), 3 * sp.log(p)), Identity())


def test_a_logarithm_split_into_negative_factors():
    """ln(ab) is defined for a, b < 0, but ln a + ln b is not."""
    goal = sp.Eq(sp.log(a * b), sp.log(a) + sp.log(b))
    rejected(UNDEFINED, goal, Identity(), given={"product": sp.Gt(a * b, 0)})


def test_a_power_of_zero_with_an_exponent_that_may_be_negative():
    goal = Always(sp.Ge(u ** (n + 1), 0), (n, -3, 3))
    rejected(UNDEFINED, goal, Polynomial())
    proved(Always(sp.Ge(u ** (n + 3), 0), (n, -3, 3)), Polynomial())


def test_zero_to_the_zero_is_one():
    """u·uⁿ = u is false at n = 1 and uⁿ = 0 for u = 0 is false at n = 0, where 0⁰ = 1."""
    zero = {"zero": sp.Eq(u, 0)}
    rejected("z3 found values", Always(sp.Eq(u**n, 0), (n, 0, 5)), Polynomial("zero"), given=zero)
    proved(Always(sp.Eq(u ** (n + 1), 0), (n, 0, 5)), Polynomial("zero"), given=zero)
    proved(sp.Eq(sp.Sum(u ** (M - i), (i, M, M)), 1), Identity())


def test_splitting_a_power_of_zero_below_exponent_one():
    """0^(n+1) = 0·0ⁿ fails at n = -1: the left side is 1 and 0ⁿ is undefined."""
    goal = Always(sp.Eq(u ** (n + 1), u * u ** (n + 2) / u**2), (n, -1, 5))
    rejected(UNDEFINED, goal, Identity())


def test_a_step_that_is_undefined_although_its_conclusion_is_not():
    goal = sp.Eq((a + b) * a, a**2 + a * b)
    step = Step("cancel", sp.Eq((a**2 + a * b) / (a + b), a), Identity())
    rejected(UNDEFINED, goal, step, Step("goal", goal, Identity()))
    proved(goal, Identity())


def test_a_sum_with_reversed_limits():
    """SymPy reads Σ_{i=3}^{1} i as -2; here such a sum has no meaning."""
    rejected(UNDEFINED, sp.Eq(sp.Sum(i, (i, 3, 1)), -2, evaluate=False), Identity())
    rejected(UNDEFINED, Always(sp.Ge(sp.Sum(1, (i, 1, n)), -9), (n, -5, 5)), Polynomial())
    proved(sp.Eq(sp.Sum(i, (i, 2, 1)), 0, evaluate=False), Identity())
    proved(Always(sp.Ge(sp.Sum(1, (i, 1, n)), 0, evaluate=False), (n, 0, 5)), Polynomial())


def test_a_last_term_split_off_an_empty_sum():
    goal = sp.Ge(sp.Sum(x[i] ** 2, (i, 1, M)), x[M] ** 2)
    rejected(UNDEFINED, goal, Known("term_below_sum", {"a": x[i] ** 2, "over": (i, 1, M), "at": M}))
    proved(goal.subs(M, N), Known("term_below_sum", {"a": x[i] ** 2, "over": (i, 1, N), "at": N}))


def test_a_term_of_the_sum_outside_its_range():
    goal = sp.Le(x[N] ** 2, sp.Sum(x[i] ** 2, (i, 1, N - 1)))
    rejected("side condition", goal, Known("term_below_sum", {"a": x[i] ** 2, "over": (i, 1, N - 1), "at": N}))


def test_a_sum_over_something_infinite_or_not_whole():
    rejected("not part of the language", sp.Ge(sp.Sum(p**i, (i, 0, sp.oo)), 0, evaluate=False), Polynomial())
    rejected("integer limits", sp.Ge(sp.Sum(p**i, (i, 0, p)), 0, evaluate=False), Polynomial())


def test_functions_outside_the_language():
    f = sp.Function("f", real=True)
    rejected("not one the checker knows", sp.Ge(f(a) ** 2, 0, evaluate=False), Polynomial())
    rejected("not one the checker knows", sp.Le(sp.floor(a), a, evaluate=False), Polynomial())


# -- sequences -----------------------------------------------------------------------------------------------------------


def test_an_index_out_of_the_declared_range():
    rejected(UNDEFINED, sp.Ge(x[0] ** 2, 0, evaluate=False), Polynomial())
    rejected(UNDEFINED, sp.Ge(x[N + 1] ** 2, 0, evaluate=False), Polynomial())
    rejected(UNDEFINED, Always(square(x[i + 1]), (i, 1, N)), Polynomial())
    proved(Always(square(x[i + 1]), (i, 1, N - 1)), Polynomial())


def test_an_index_that_is_no_integer_and_a_wrong_number_of_indices():
    rejected("not known to be an integer", square(x[p]), Polynomial())
    rejected("does not match", square(x[1, 1]), Polynomial())


# -- quantifiers -----------------------------------------------------------------------------------------------------------

bounded = {"h": Always(sp.Le(x[i], 1), (i, 1, N))}


def test_at_outside_its_range():
    short = {"h": Always(sp.Le(x[i], 1), (i, 1, N - 1))}
    rejected("cannot show", sp.Le(x[N], 1), Polynomial(At("h", {i: N})), given=short)
    proved(sp.Le(x[N], 1), Polynomial(At("h", {i: N})), given=bounded)


def test_at_a_value_of_the_wrong_domain():
    real = {"h": Always(sp.Ge(s**2 * a, a), (s, 1, 3))}
    rejected("cannot show", sp.Ge(a / 4, a), Polynomial(At("h", {s: sp.Rational(1, 2)})), given=real)
    integer = {"h": Always(sp.Ge(n**2 * a, n * a), (n, 0, 3))}
    rejected("must be an integer", sp.Ge(a / 4, a / 2), Polynomial(At("h", {n: sp.Rational(1, 2)})), given=integer)


def test_at_without_a_value_or_with_a_strange_one():
    rejected("needs a value for i", sp.Le(x[1], 1), Polynomial("h"), given=bounded)
    rejected("does not quantify over j", sp.Le(x[1], 1), Polynomial(At("h", {j: 1})), given=bounded)
    rejected("is not quantified", sp.Le(a, 1), Polynomial(At("h", {i: 1})), given={"h": sp.Le(a, 1)})


def test_at_a_symbol_of_the_same_name_and_another_domain():
    other = sp.Symbol("i", integer=True, nonnegative=True)
    rejected("does not quantify", sp.Le(x[1], 1), Polynomial(At("h", {other: 1})), given=bounded)


def test_termwise_over_more_terms_than_the_fact_has():
    short = {"h": Always(sp.Le(x[i], y[i]), (i, 2, N))}
    sums = sp.Le(sp.Sum(x[i], (i, 1, N)), sp.Sum(y[i], (i, 1, N)))
    rejected("cannot show", sums, Termwise("h", (i, 1, N)), given=short)
    proved(sums, Termwise("h", (i, 1, N)), given={"h": Always(sp.Le(x[i], y[i]), (i, 1, N))})


def test_a_fact_about_one_index_is_not_a_fact_about_all():
    one = {"h": sp.Le(x[1], y[1])}
    rejected("it gives", sp.Le(sp.Sum(x[i], (i, 1, N)), sp.Sum(y[i], (i, 1, N))), Termwise("h", (i, 1, N)), given=one)


# -- names -----------------------------------------------------------------------------------------------------------------


def test_an_undeclared_symbol():
    stranger = sp.Symbol("stranger", real=True)
    rejected("not declared", square(stranger), Polynomial())
    rejected("not declared", square(sp.IndexedBase("stranger", real=True)[1]), Polynomial())
    rejected("not declared", sp.Ge(a, b), Polynomial("h"), given={"h": sp.Ge(a, b + stranger**2)})
    proved(Always(square(stranger), (stranger, 0, 1)), Polynomial())


def test_a_symbol_of_the_same_name_with_other_assumptions():
    """a is any real number; a positive symbol that prints as a is another one."""
    positive = sp.Symbol("a", positive=True)
    rejected("not declared", sp.Ge(positive + b**2, 0, evaluate=False), Polynomial())


def test_a_symbol_declared_twice():
    twice = (Var(a, "one"), Var(a, "again"))
    rejected("declared twice", sp.Ge(a**2 + a, a), Polynomial(), variables=twice)


def test_a_bound_variable_that_is_already_in_use():
    rejected(SHADOW, Always(sp.Ge(a**2 + b, b), (a, 0, 1)), Polynomial())
    nested = Always(sp.Le(sp.Sum(x[i], (i, 1, N)), N * sp.Max(x[i], 1)), (i, 1, N))
    rejected(SHADOW, nested, Polynomial())


def test_a_variable_captured_by_a_sum():
    """From Σᵢ xⱼ ≤ N for each j, putting i for j must not give Σᵢ xᵢ ≤ N."""
    fact = {"h": Always(sp.Le(sp.Sum(x[j] * y[i], (i, 1, N)), 1), (j, 1, N))}
    free = Always(sp.Le(sp.Sum(x[n] * y[i], (i, 1, N)), 1), (n, 1, N))
    captured = Always(sp.Le(sp.Sum(x[i] * y[i], (i, 1, N)), 1), (n, 1, N))
    rejected("z3 found values", captured, Polynomial(At("h", {j: n})), given=fact)
    proved(free, Polynomial(At("h", {j: n})), given=fact)


def test_the_induction_variable_is_not_a_declared_symbol():
    rejected(SHADOW, Always(sp.Le(0, N), (N, 1, 5)), Induction(base=Identity(), step=Polynomial("induction")))


def test_a_variable_of_one_step_is_unknown_in_the_next():
    steps = [Step("square", Always(square(t), (t, 0, 1)), Polynomial()), Step("goal", square(t), Polynomial())]
    rejected("not declared", square(t), *steps)


def test_names_reserved_for_normal_forms():
    rejected(SHADOW, Always(sp.Ge(sp.Symbol("_1", real=True) ** 2 + c, c), (sp.Symbol("_1", real=True), 0, 1)), Polynomial())
    with pytest.raises(AssertionError):  # the helper itself notices a wrong reason
        rejected("no such reason", sp.Le(a, b), Polynomial())


def test_a_hypothesis_called_like_what_an_induction_assumes():
    goal = Always(sp.Le(0, n), (n, 0, sp.oo))
    for name, why in (("induction", "give your own hypothesis or step of that name another"), ("step", "")):
        rule = Induction(base=Polynomial(), step=Polynomial("induction"))
        given = {name: sp.Le(a, 1)}
        if why:
            rejected(why, goal, rule, given=given)
        else:
            proved(goal, rule, given=given)
