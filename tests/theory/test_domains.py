"""Declared domains must be plain, and a bound variable's assumptions must not shorten its range."""

from __future__ import annotations

import pytest
import sympy as sp

from theory.core import Always, Claim, Part, Source, Step, Var, check_claim
from theory.core.rules import Induction, Polynomial

x = sp.Symbol("x", real=True)
k = sp.Symbol("k", integer=True)


ANY = (Var(x, "any number"),)


def report(conclusion, proof, hypotheses=None, parts=(), variables=ANY):
    """The checker's report on a one-part claim (plus `parts`)."""
    first = Part("first", conclusion, [Step("goal", conclusion, proof)])
    return check_claim(Claim("test/domain", "t", "t", Source("test", "1", ""), "derived", variables,
                             hypotheses or {}, [first, *parts]))


def reasons(result) -> str:
    return " ".join([result.reason, *(f"{p.reason} {' '.join(s.reason for s in p.steps)}" for p in result.parts)])


@pytest.mark.parametrize("variable", [
    sp.Symbol("n", even=True), sp.Symbol("n", prime=True), sp.Symbol("n", zero=True), sp.Symbol("n", extended_real=True),
    sp.Symbol("n"),
])
def test_a_bound_variable_with_a_hidden_restriction_is_refused(variable):
    always = Always(sp.Ge(variable**2, 0), (variable, 0, 3))
    result = report(always, Polynomial())
    assert result.verdict == "unproved"
    assert "the bound variable n" in reasons(result)


@pytest.mark.parametrize("symbol", [sp.Symbol("y", even=True), sp.Symbol("y", extended_real=True), sp.Symbol("y")])
def test_a_declared_symbol_with_a_hidden_restriction_is_refused(symbol):
    goal = sp.Ge((symbol - 1) ** 2, 0, evaluate=False)
    result = report(goal, Polynomial(), variables=(Var(symbol, "?"),))
    assert result.verdict == "unproved"
    assert "declare y" in reasons(result)


def test_a_sign_of_a_bound_variable_does_not_shorten_its_range():
    positive = sp.Symbol("p", integer=True, positive=True)
    assert report(Always(sp.Le(1, positive, evaluate=False), (positive, 0, 3)), Polynomial()).verdict == "unproved"
    assert report(Always(sp.Le(1, positive, evaluate=False), (positive, 1, 3)), Polynomial()).verdict == "proved"


def test_induction_from_a_half_proves_nothing_of_the_integers():
    always = Always(sp.Le(k, k**2), (k, sp.Rational(1, 2), sp.oo))
    result = report(always, Induction(base=Polynomial(), step=Polynomial("induction")))
    assert result.verdict == "unproved"
    assert "integer" in reasons(result)
    whole = Always(sp.Le(k, k**2), (k, 1, sp.oo))
    assert report(whole, Induction(base=Polynomial(), step=Polynomial("induction"))).verdict == "proved"


def test_a_part_may_not_weaken_a_hypothesis_by_taking_its_name():
    """Earlier parts are usable in later ones, so a renamed hypothesis would carry x > 0 over to x > -5."""
    goal = sp.Gt(x, 0)
    weaker = Part("second", goal, [Step("again", goal, Polynomial("first"))], {"side": sp.Gt(x, -5)})
    result = report(goal, Polynomial("side"), {"side": sp.Gt(x, 0)}, [weaker])
    assert result.verdict == "unproved"
    assert "has the name of one of the claim's" in reasons(result)


def test_a_positive_integer_is_at_least_one_and_a_positive_real_need_not_be():
    count, amount = sp.Symbol("N", integer=True, positive=True), sp.Symbol("a", positive=True)
    assert report(sp.Ge(count, 1, evaluate=False), Polynomial(), variables=(Var(count, "?"),)).verdict == "proved"
    assert report(sp.Ge(count, 2), Polynomial(), variables=(Var(count, "?"),)).verdict == "unproved"
    assert report(sp.Ge(amount, 1), Polynomial(), variables=(Var(amount, "?"),)).verdict == "unproved"


def test_a_positive_index_does_not_make_a_sum_over_negative_numbers_positive():
    positive, count = sp.Symbol("j", integer=True, positive=True), sp.Symbol("N", integer=True, positive=True)
    goal = sp.Ge(sp.Sum(positive, (positive, -count, -1)), 0, evaluate=False)
    assert report(goal, Polynomial(), variables=(Var(count, "a count"),)).verdict == "unproved"
