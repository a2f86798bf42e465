"""What an author can prove of sums, exponentials, integers and means, each beside a false neighbour that stays unproved."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from small import M, N, X, a, b, c, i, j, n, p, proved, q, rejected, s, x, y

from theory.core import Always, E, Step
from theory.core.rules import Expectation, Identity, Induction, Interval, Known, Monotone, Polynomial, Termwise

ROW = sp.Sum(x[i], (i, 1, N))


def known(name: str, using: tuple[str, ...] = (), **given: Any) -> Known:
    return Known(name, given, using)


@pytest.mark.parametrize(("wrong", "rule", "goal"), [
    ("it gives", known("last_term", a=x[i], over=(i, 1, N)), sp.Eq(ROW, sp.Sum(x[i], (i, 1, N - 1)) + x[1])),
    ("it gives", known("first_term", a=x[i], over=(i, 1, N)), sp.Eq(ROW, sp.Sum(x[i], (i, 2, N)) + x[N])),
    ("it gives", known("shift", a=x[i], over=(i, 1, N), by=1), sp.Eq(ROW, sp.Sum(x[j + 1], (j, 1, N - 1)))),
    ("it gives", known("exp_tangent", x=a), sp.Le(1 + 2 * a, sp.exp(a))),
    ("needed for the statement", known("last_term", a=x[i], over=(i, 1, M)),
     sp.Eq(sp.Sum(x[i], (i, 1, M)), sp.Sum(x[i], (i, 1, M - 1)) + x[M])),
    ("not known to be an integer", known("shift", a=x[i], over=(i, 1, N), by=sp.Rational(1, 2)), sp.Eq(ROW, a)),
    ("side condition", known("exp_increasing", low=a, high=b), sp.Le(sp.exp(a), sp.exp(b))),
    ("side condition", known("log_increasing", low=p, high=q), sp.Le(sp.log(p), sp.log(q))),
])
def test_the_wrong_end_index_or_side(wrong, rule, goal):
    rejected(wrong, goal, rule)


def test_first_and_last_terms_and_a_shift():
    proved(sp.Eq(ROW, sp.Sum(x[i], (i, 1, N - 1)) + x[N]), known("last_term", a=x[i], over=(i, 1, N)))
    proved(sp.Eq(ROW, x[1] + sp.Sum(x[i], (i, 2, N))), known("first_term", a=x[i], over=(i, 1, N)))
    proved(sp.Eq(ROW, sp.Sum(x[j + 1], (j, 0, N - 1))), known("shift", a=x[i], over=(i, 1, N), by=1))


def test_exchange_of_sums_over_a_rectangle():
    rows, columns = sp.Sum(x[i] * y[j], (i, 1, N), (j, 1, 2)), sp.Sum(x[i] * y[j], (j, 1, 2), (i, 1, N))
    two = {"two": sp.Ge(N, 2)}
    rule = known("swap_rectangle", a=x[i] * y[j], outer=(j, 1, 2), inner=(i, 1, N))
    proved(sp.Eq(rows, columns, evaluate=False), rule, given=two)
    moving = known("swap_rectangle", a=x[i] * y[j], outer=(j, 1, N), inner=(i, 1, j))
    rejected("", sp.Eq(sp.Sum(x[i] * y[j], (i, 1, j), (j, 1, N)), a), moving)


def test_a_sum_of_squares_is_not_negative():
    goal = sp.Ge(sp.Sum((x[i] - c) ** 2, (i, 1, N)), 0, evaluate=False)
    squares = Step("squares", Always(sp.Le(0, (x[i] - c) ** 2, evaluate=False), (i, 1, N)), Polynomial())
    proved(goal, squares, Step("goal", goal, Termwise("squares", (i, 1, N))))
    cubes = Step("cubes", Always(sp.Le(0, (x[i] - c) ** 3, evaluate=False), (i, 1, N)), Polynomial())
    false = sp.Ge(sp.Sum((x[i] - c) ** 3, (i, 1, N)), 0, evaluate=False)
    rejected("z3 found values", false, cubes, Step("goal", false, Termwise("cubes", (i, 1, N))))


def test_a_geometric_sum():
    def total(last):
        return Always(sp.Eq((1 - p) * sp.Sum(p**i, (i, 0, n)), 1 - p**last), (n, 0, sp.oo))

    rule = Induction(base=Identity(), step=Polynomial("induction"))
    proved(total(n + 1), rule)
    rejected("base", total(n + 2), rule)


def test_exponentials_and_logarithms_grow():
    order = {"h": sp.Le(p, q)}
    proved(sp.Le(1 + a, sp.exp(a)), known("exp_tangent", x=a))
    proved(sp.Le(sp.exp(p), sp.exp(q)), known("exp_increasing", ("h",), low=p, high=q), given=order)
    proved(sp.Le(sp.log(p), sp.log(q)), known("log_increasing", ("h",), low=p, high=q), given=order)
    rejected("it gives", sp.Le(sp.log(q), sp.log(p)), known("log_increasing", ("h",), low=p, high=q), given=order)
    proved(sp.Eq(sp.exp(a + b), sp.exp(a) * sp.exp(b), evaluate=False), Identity())
    undefined = known("log_increasing", ("h",), low=a, high=q)
    rejected("needed for the statement", sp.Le(sp.log(sp.Abs(a)), sp.log(q)), undefined, given={"h": sp.Le(a, q)})


def test_integers_keep_away_from_what_lies_between_them():
    proved(Always(sp.Le(n, n**2), (n, -5, sp.oo)), Polynomial())
    proved(Always(sp.Implies(sp.Ne(n, 0), sp.Gt(n**2, 0)), (n, -5, sp.oo)), Polynomial())
    rejected("z3 found values", Always(sp.Le(n + 1, n**2), (n, -5, sp.oo)), Polynomial())
    rejected("z3 found values", Always(sp.Le(s, s**2), (s, -5, 5)), Polynomial())


def test_halves_maxima_and_means():
    proved(sp.Eq(p / (2 * (p + q)), p / (p + q) / 2, evaluate=False), Identity())
    proved(sp.Eq(sp.Max(a, b) + sp.Min(a, b), a + b, evaluate=False), Polynomial())
    rejected("z3 found values", sp.Eq(sp.Max(a, b) - sp.Min(a, b), a - b, evaluate=False), Polynomial())
    proved(sp.Le(E(X), 5), Expectation("monotone", using=("h",)), given={"h": sp.Le(X, 5)})


def test_intervals_with_a_maximum_a_minimum_and_e():
    half = sp.Rational(1, 2)

    def below(top):
        return Always(sp.Lt(sp.Max(s, 1 - s) + sp.Min(s, sp.E) + (s - half) ** 2, top), (s, half, 1))

    proved(below(sp.exp(s) + 1), Interval())
    rejected("fails on the box", below(sp.exp(s) - 1), Interval())


def test_monotone_still_needs_to_know_the_exponential():
    rejected("slope", Always(sp.Le(1 + s, sp.exp(s)), (s, -1, 1)), Monotone(base=0))
