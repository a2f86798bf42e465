"""Statements that are false, or speak of what does not exist, and that the checker once took for
proved; each is refused, and a true sibling is proved.
"""

from __future__ import annotations

import pytest
import sympy as sp
from small import a, b, claim, p, proved, rejected, s, t

from theory.core import Always, Step, Var, check_claim
from theory.core.context import Context, Declared, Rejected
from theory.core.rules import By, Cited, Identity, Induction, IntegralValue, LimitValue, Polynomial
from theory.core.term import ZERO, Term, divide, forall, implies, le, lt, mean, num, var
from theory.proofs.check import STAND_IN
from theory.proofs.exists import require_shown_to_exist

n = sp.Symbol("n", integer=True)
DIVERGENT, AREA = sp.Integral(1 / s, (s, 0, 1)), sp.Integral(p * s, (s, 0, 1))
VALUE = Step("value", sp.Eq(AREA, p / 2), IntegralValue())
MISSING = "not shown to exist"


def plain(relation, left, right):
    """The relation as it is written: SymPy may not decide it."""
    return relation(left, right, evaluate=False)


# -- what nothing proves -----------------------------------------------------------------------------


def test_a_citation_is_no_proof_whatever_it_refers_to():
    """A reference that reads like the checker's own word for an unproved step is a reference."""
    for reference in (STAND_IN, "", "somebody"):
        for conclusion, rule in (
                (sp.Le(a, b), Cited(reference)),
                (Always(sp.Le(a, n), (n, 0, sp.oo)), Induction(Cited(reference), Cited(reference)))):
            report = check_claim(claim(conclusion, rule))
            assert report.verdict in ("proved_modulo", "unproved")
    proved(sp.Le(a, b), Polynomial("h"), given={"h": sp.Le(a, b)})


def test_a_fact_that_is_the_goal_inside_its_quantifier():
    """It holds for each value of a variable it does not speak of, and is then the quantified goal."""
    proved(Always(sp.Le(a, b), (t, 0, 1)), Polynomial("h"), given={"h": sp.Le(a, b)})
    proved(Always(sp.Implies(sp.Le(p, t), sp.Le(a, b)), (t, 0, 1)), Polynomial("h"),
           given={"h": sp.Le(a, b)})
    rejected("", Always(sp.Le(a, b), (t, 0, 1)), Polynomial("h"), given={"h": sp.Le(b, a)})


# -- integrals and limits that are not shown to exist --------------------------------------------------


def test_the_conclusion_speaks_of_no_more_than_the_steps():
    """I < I + 1 has the normal form of a < a + 1, and ∫ ds/s does not exist."""
    step = Step("goal", plain(sp.Lt, a, a + 1), Polynomial())
    rejected(MISSING, plain(sp.Lt, DIVERGENT, DIVERGENT + 1), step)
    rejected(MISSING, plain(sp.Lt, AREA, AREA + 1), step)
    proved(plain(sp.Lt, AREA, AREA + 1), VALUE, step)


def test_what_is_put_for_a_name_of_another_claim_exists():
    square = claim(sp.Le(a, a**2 + 1), Polynomial(), name="test/square", variables=(Var(a, "a"),))

    def goal(integral):
        return sp.Le(integral, integral**2 + 1)

    rejected(MISSING, goal(DIVERGENT), By(square, "first", {a: DIVERGENT}), uses=[square])
    proved(goal(AREA), VALUE, Step("goal", goal(AREA), By(square, "first", {a: AREA})),
           uses=[square])


def test_an_integral_of_another_claim_exists_for_all_its_values():
    r = sp.Symbol("r", positive=True)
    area = claim(VALUE.prop, VALUE.rule, name="test/area", variables=(Var(p, "a number"),))
    other = sp.Integral((r + 1) * s, (s, 0, 1))
    proved(sp.Eq(other, (r + 1) / 2), By(area, "first", {p: r + 1}), uses=[area],
           variables=(Var(r, "a number"),))
    both = plain(sp.Eq, other + DIVERGENT, (r + 1) / 2 + DIVERGENT)
    rejected(MISSING, both, By(area, "first", {p: r + 1}), uses=[area],
             variables=(Var(r, "a number"),))


def test_a_value_under_a_premise_is_none_without_it():
    """∫₀¹ ds/(s + b) exists for b ≥ 1, and not for b = 0."""
    moving = sp.Integral(1 / (s + b), (s, 0, 1))
    value = Step("value", sp.Implies(sp.Ge(b, 1), sp.Eq(moving, sp.log(1 + b) - sp.log(b))),
                 IntegralValue())
    goal = plain(sp.Lt, moving, moving + 1)
    rejected(MISSING, goal, value, Step("goal", goal, Polynomial()), given={"h": sp.Ge(b, 0)})
    goal = sp.Implies(sp.Ge(b, 1), goal)
    proved(goal, value, Step("goal", goal, Polynomial()), given={"h": sp.Ge(b, 0)})


def test_a_value_on_one_range_is_none_on_another():
    moving = sp.Integral(1 / (s + t), (s, 0, 1))
    value = Step("value", Always(sp.Eq(moving, sp.log(1 + t) - sp.log(t)), (t, 1, 2)),
                 IntegralValue())

    def goal(low):
        return Always(plain(sp.Lt, moving, moving + 1), (t, low, 2))

    rejected(MISSING, goal(0), value, Step("goal", goal(0), Polynomial()))
    proved(goal(1), value, Step("goal", goal(1), Polynomial()))


def test_an_integral_from_a_larger_end_to_a_smaller_one():
    """∫₁⁰ |s - 1/2| is -1/4 and ∫₁⁰ (s - 1/2) is 0: between 1 and 0 the two agree nowhere."""
    half = sp.Rational(1, 2)

    def steps(low, high):
        facts = {"h": plain(sp.Eq, sp.Integral(sp.Abs(s - half), (s, low, high)), a),
                 "g": plain(sp.Eq, sp.Integral(s - half, (s, low, high)), b)}
        equal = plain(sp.Eq, facts["h"].args[0], facts["g"].args[0])
        last = Step("goal", sp.Eq(a, b), Polynomial("equal", "h", "g"))
        return (sp.Eq(a, b), Step("equal", equal, Identity()), last), facts

    proof, facts = steps(1, 0)
    rejected("needed for the statement", *proof, given=facts)
    proof, facts = steps(half, 1)
    proved(*proof, given=facts)


def test_limits_exist_where_they_are_given():
    r = sp.Symbol("r", positive=True)
    limit = sp.Limit(r / (1 + r), r, sp.oo)
    value, goal = Step("value", sp.Eq(limit, 1), LimitValue()), plain(sp.Lt, limit, limit + 1)
    step = Step("goal", plain(sp.Lt, a, a + 1), Polynomial())
    rejected(MISSING, goal, step)
    proved(goal, value, step)


@pytest.mark.parametrize(("covered", "prop"), [
    (True, lambda part: le(part, ZERO)),
    (True, lambda part: forall("j", "int", ZERO, num(5), le(part, var("j")))),
    (True, lambda part: implies(lt(var("X"), ZERO), le(mean(part), ZERO))),
    (False, lambda part: le(divide(num(1), num(2)), Term("limit", "+", (ZERO, part.args[-1])))),
])
def test_what_exists_anywhere_exists_inside(covered, prop):
    context = Context({"X": Declared("real", random=True), "a": Declared("real")})
    part = Term("integral", None, (ZERO, num(1), var("a")))
    if covered:
        require_shown_to_exist(prop(part), [le(part, num(7))], context)
    else:
        with pytest.raises(Rejected, match=MISSING):
            require_shown_to_exist(prop(part), [le(part, num(7))], context)


def test_what_exists_on_some_samples_has_no_mean():
    """A premise that some samples satisfy stands outside the mean."""
    context = Context({"X": Declared("real", random=True)})
    part = Term("integral", None, (ZERO, num(1), var("X")))
    premise = lt(ZERO, var("X"))
    known = [implies(premise, le(part, num(7)))]
    require_shown_to_exist(implies(premise, le(part, ZERO)), known, context)
    for prop in (implies(premise, le(mean(part), ZERO)), le(part, ZERO),
                 implies(lt(var("X"), ZERO), le(part, ZERO))):
        with pytest.raises(Rejected, match=MISSING):
            require_shown_to_exist(prop, known, context)
