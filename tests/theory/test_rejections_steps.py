"""False or broken chains of steps must stay unproved while their nearest true neighbours are proved."""

from __future__ import annotations

import sympy as sp
from small import N, a, b, c, claim, i, n, p, proved, q, reasons, rejected, s, u, x, y

from theory.core import Always, Part, Step, Var, check_claim, solving
from theory.core.rules import At, By, Cited, Identity, Induction, Polynomial, Termwise
from theory.proofs import place


def test_a_false_identity():
    rejected("differ", sp.Eq((a + b) ** 2, a**2 + a * b + b**2), Identity())
    proved(sp.Eq((a + b) ** 2, a**2 + 2 * a * b + b**2), Identity())


def test_an_identity_false_only_far_from_the_origin():
    """The difference is far below any sampling threshold, so only the normal form can see it."""
    tiny = sp.Rational(1, 10**60)
    rejected("not shown to vanish", sp.Eq((a + b) ** 2, a**2 + 2 * a * b + (1 + tiny) * b**2), Identity())


def test_an_identity_that_fails_without_its_hypothesis():
    rejected("z3 found values", sp.Eq(sp.Abs(a), a), Polynomial())
    proved(sp.Eq(sp.Abs(a), a), Polynomial("sign"), given={"sign": sp.Ge(a, 0)})


def test_an_inequality_without_its_hypothesis():
    rejected("z3 found values", sp.Le(a, a**2), Polynomial())
    proved(sp.Le(a, a**2), Polynomial("one"), given={"one": sp.Ge(a, 1)})


def test_a_relation_the_identity_rule_cannot_speak_of():
    rejected("proves an equation", sp.Le(a, a**2 + 1), Identity())


def test_a_chain_with_a_gap():
    given = {"one": sp.Le(a, b), "two": sp.Le(b + 1, c)}
    gap = Step("gap", sp.Le(b, c - 2), Polynomial("two"))
    sound = Step("sound", sp.Le(b, c - 1), Polynomial("two"))
    rejected("z3 found values", sp.Le(a, c), gap, Step("goal", sp.Le(a, c), Polynomial("one", "gap")), given=given)
    proved(sp.Le(a, c), sound, Step("goal", sp.Le(a, c), Polynomial("one", "sound")), given=given)


def test_a_chain_with_a_link_left_out():
    given = {"one": Always(sp.Le(x[i], y[i]), (i, 1, N)), "two": Always(sp.Le(y[i], 5), (i, 1, N))}
    rejected("z3 found values", sp.Le(x[1], 5), Polynomial(At("one", {i: 1})), given=given)
    proved(sp.Le(x[1], 5), Polynomial(At("one", {i: 1}), At("two", {i: 1})), given=given)


def test_a_chain_that_proves_a_neighbouring_statement():
    step = Step("near", sp.Le(a, b + 1), Polynomial("h"))
    rejected("not the conclusion", sp.Le(a, b), step, given={"h": sp.Le(a, b)})
    proved(sp.Le(a, b + 1), step, given={"h": sp.Le(a, b)})


def test_a_chain_without_steps_and_a_claim_without_parts():
    rejected("there are no steps", sp.Le(a, a + 1 + b**2, evaluate=False))


def test_a_strict_conclusion_from_a_non_strict_chain():
    given = {"one": sp.Le(a, b), "two": sp.Le(b, c)}
    rejected("z3 found values", sp.Lt(a, c), Polynomial("one", "two"), given=given)
    proved(sp.Le(a, c), Polynomial("one", "two"), given=given)
    proved(sp.Lt(a, c), Polynomial("one", "two"), given={**given, "one": sp.Lt(a, b)})


def test_a_strict_conclusion_whose_last_step_is_not_strict():
    step = Step("weak", sp.Le(a, b), Polynomial("h"))
    rejected("not the conclusion", sp.Lt(a, b), step, given={"h": sp.Lt(a, b)})


def test_a_strict_sum_from_strict_terms_when_the_sum_may_be_empty():
    given = {"h": Always(sp.Lt(x[i], y[i]), (i, 1, N))}
    upper = sp.Sum(x[i], (i, 1, N)), sp.Sum(y[i], (i, 1, N))
    rejected("it gives", sp.Lt(*upper), Termwise("h", (i, 1, N)), given=given)
    proved(sp.Le(*upper), Termwise("h", (i, 1, N)), given=given)


square_sum = Always(sp.Le(n + 1, 2**n), (n, 0, N))


def test_an_induction_without_its_base():
    """2n + 1 ≤ 2ⁿ passes from n to n+1 but is false at 1."""
    false = Always(sp.Le(2 * n + 1, 2**n), (n, 1, sp.oo))
    true = Always(sp.Le(2 * n + 1, 2**n), (n, 3, sp.oo))
    rejected("base", false, Induction(base=Identity(), step=Polynomial("induction")))
    proved(true, Induction(base=Identity(), step=Polynomial("induction")))


def test_an_induction_with_no_step_at_all():
    rejected("there are no steps", square_sum, Induction(base=Identity(), step=[]))
    rejected("there are no steps", square_sum, Induction(base=[], step=Polynomial("induction")))
    proved(square_sum, Induction(base=Identity(), step=Polynomial("induction")))


def test_an_induction_whose_step_fails():
    rejected("step", Always(sp.Le(n, 3), (n, 0, N)), Induction(base=Identity(), step=Polynomial("induction")))


def test_an_induction_step_that_proves_something_else():
    goal = Always(sp.Le(n, n**2), (n, 0, N))
    other = [Step("other", sp.Le(n, n**2), Polynomial("induction"))]
    rejected("not the conclusion", goal, Induction(base=Identity(), step=other))


def test_an_induction_over_the_reals():
    rejected("integer variable", Always(sp.Le(0, s**2 + s), (s, 0, 5)), Induction(base=Identity(), step=Polynomial("induction")))


def test_a_fact_named_before_it_is_there():
    later = Step("later", sp.Le(a, b), Polynomial("h"))
    rejected("there is no fact 'later'", sp.Le(a, b), Step("goal", sp.Le(a, b), Polynomial("later")), later, given={"h": a <= b})


def test_a_step_that_uses_itself():
    rejected("there is no fact 'goal'", sp.Le(a, b), Polynomial("goal"))


def test_duplicate_step_names():
    steps = [Step("one", sp.Le(a, b), Polynomial("h")), Step("one", sp.Le(a, b), Polynomial("h"))]
    rejected("used twice", sp.Le(a, b), *steps, given={"h": sp.Le(a, b)})
    rejected("used twice", sp.Le(a, b), Step("h", sp.Le(a, b), Polynomial("h")), given={"h": sp.Le(a, b)})


def test_facts_of_a_part_in_a_part_with_other_hypotheses():
    first = Part("strong", sp.Le(a, b), [Step("goal", sp.Le(a, b), Polynomial("order"))], {"order": sp.Le(a, b)})
    weak = Part("weak", sp.Le(a, b), [Step("goal", sp.Le(a, b), Polynomial("strong"))], {"other": sp.Le(a, b + 1)})
    same = Part("weak", sp.Le(a, b + 1), [Step("goal", sp.Le(a, b + 1), Polynomial("strong"))], {"order": sp.Le(a, b)})
    true = sp.Eq(a - a + b, b, evaluate=False)
    rejected("there is no fact 'strong'", true, Identity(), parts=[first, weak])
    proved(true, Identity(), parts=[first, same])


def test_a_cited_step_is_never_proved_outright():
    report = check_claim(claim(sp.Le(a, a**2), Cited("folklore")))
    assert (report.verdict, report.cited) == ("proved_modulo", ("folklore",))
    inside = Induction(base=Cited("folklore"), step=Polynomial("induction"))
    assert check_claim(claim(Always(sp.Le(a * n, a * n + 1, evaluate=False), (n, 0, N)), inside)).verdict == "proved_modulo"
    assert check_claim(claim(sp.Le(a, b), By(report.claim, "first", {a: b}), uses=[report.claim])).verdict != "proved"


# -- instances of other claims ------------------------------------------------------------------------------------------

between = claim(sp.Le(a, a**2), Polynomial("one"), given={"one": sp.Ge(a, 1)}, name="test/between",
                variables=(Var(a, "a number"),))
root = claim(sp.Le(sp.sqrt(p), p + 1), Polynomial(), name="test/root", variables=(Var(p, "a positive number"),))
count = claim(sp.Ge(N, 1, evaluate=False), Polynomial(), name="test/count", variables=(Var(N, "a count"),))


def test_by_with_a_hypothesis_that_does_not_hold():
    rejected("hypothesis 'one'", sp.Le(b, b**2), By(between, "first", {a: b}), uses=[between])
    proved(sp.Le(b, b**2), By(between, "first", {a: b}, ("h",)), uses=[between], given={"h": sp.Ge(b, 2)})


def test_by_with_a_value_outside_the_domain():
    rejected("the domain of", sp.Le(sp.sqrt(u), u + 1), By(root, "first", {p: u}), uses=[root])
    rejected("the domain of", sp.Le(sp.sqrt(b**2), b**2 + 1), By(root, "first", {p: b**2}), uses=[root])
    proved(sp.Le(sp.sqrt(u + 1), u + 2), By(root, "first", {p: u + 1}), uses=[root])


def test_by_with_a_real_number_for_an_integer():
    rejected("must be an integer", sp.Ge(p, 1, evaluate=False), By(count, "first", {N: p}), uses=[count])
    proved(sp.Ge(N + 1, 1, evaluate=False), By(count, "first", {N: N + 1}), uses=[count])


def test_by_a_claim_that_is_not_declared_as_used():
    rejected("not among the claims", sp.Le(b, b**2), By(between, "first", {a: b}, ("h",)), given={"h": sp.Ge(b, 2)})


def test_by_an_unproved_claim_or_an_unknown_part():
    false = claim(sp.Le(a, a**2), Polynomial(), name="test/false", variables=(Var(a, "a number"),))
    rejected("unproved", sp.Le(b, b**2), By(false, "first", {a: b}), uses=[false])
    rejected("has no part 'second'", sp.Le(b, b**2), By(between, "second", {a: b}), uses=[between])
    rejected("no symbol", sp.Le(b, b**2), By(between, "first", {a: b, c: b}, ("h",)), uses=[between], given={"h": b >= 2})


def test_circular_by():
    goal = sp.Le(a, a**2)
    one = claim(goal, Polynomial(), name="test/one", variables=(Var(a, "a number"),))
    two = claim(goal, By(one, "first"), name="test/two", uses=[one], variables=(Var(a, "a number"),))
    one.uses.append(two)
    one.parts[0].proof[:] = [Step("goal", goal, By(two, "first"))]
    for member in (one, two):
        report = check_claim(member)
        assert report.verdict == "unproved"
        assert "circular" in reasons(report)


def test_a_claim_that_proves_itself():
    goal = sp.Le(a, a**2)
    own = claim(goal, Polynomial(), name="test/own")
    own.uses.append(own)
    own.parts[0].proof[:] = [Step("goal", goal, By(own, "first"))]
    report = check_claim(own)
    assert report.verdict == "unproved" and "circular" in reasons(report)


# -- solvers -------------------------------------------------------------------------------------------------------------

HARD = sp.Ge(a**6 * b**4 + b**6 * c**4 + c**6 * a**4 + p**10 * q**2 + 1, 3 * a * b * c**3 * p * q * a * b + a**3 * b**3 * c**2)


def test_a_time_out_is_unproved(monkeypatch):
    monkeypatch.setattr(place, "MILLISECONDS", (1, 1))
    monkeypatch.setattr(place, "SIDE", (1, 1))
    rejected("z3 does not know", HARD, Polynomial())


def test_solvers_that_disagree_are_unproved_and_say_so(monkeypatch):
    proved(sp.Le(a, b), Polynomial("h"), given={"h": sp.Lt(a, b)})
    given = {"h": sp.Le(a**3, b**3)}
    proved(sp.Le(a, b), Polynomial("h"), given=given)
    monkeypatch.setattr(solving.CVC5, "wait", lambda pending: solving.Verdict("sat"))
    rejected("DISAGREEMENT", sp.Le(a, b), Polynomial("h"), given=given)


def test_something_the_solver_cannot_read():
    rejected("cannot be handed to a solver", sp.Xor(a <= 0, a >= 1), Polynomial("h"), given={"h": sp.Le(a, 0)})
