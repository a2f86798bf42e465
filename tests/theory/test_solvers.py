"""The translation to the solvers against plain evaluation: roots, inverses, choices, integers, and what stays open."""

from __future__ import annotations

import itertools

import sympy as sp
import z3
from hypothesis import given
from hypothesis import strategies as st

from theory.core.normal import Normalizer
from theory.core.solvers import Translation, entails

a, b = sp.symbols("a b", real=True)
k, m = sp.symbols("k m", integer=True)
normal = Normalizer()

PIECES = [a, b, sp.Abs(a), sp.sign(b), sp.Max(a, b), sp.Min(a, b, 1), sp.sqrt(a**2), sp.cbrt(sp.Abs(b)),
          1 / (a**2 + 1), sp.sqrt(b**2 + 1), sp.Rational(-2, 3), (a**2 + 1) ** sp.Rational(-1, 2)]
expressions = st.recursive(st.sampled_from(PIECES), lambda inner: st.builds(lambda s, t, mul: s * t if mul else s + t,
                                                           inner, inner, st.booleans()), max_leaves=4)
POINTS = [sp.Integer(n) for n in (-8, -1, 0, 1, 8)]


@given(expressions, st.sampled_from(POINTS), st.sampled_from(POINTS))
def test_the_solver_can_take_the_value_that_evaluation_gives(expr, at_a, at_b):
    takes_exactly_the_value(expr, at_a, at_b)


def test_every_function_has_its_own_value_at_every_point():
    for expr, at_a, at_b in itertools.product(PIECES, POINTS, POINTS):
        takes_exactly_the_value(expr, at_a, at_b)


def takes_exactly_the_value(expr, at_a, at_b):
    """The true value lies within 1e-9 of a value the constraints allow, and nothing further away is allowed."""
    translation = Translation(normal)
    term = translation.term(normal.expression(expr))
    value = sp.Rational(str(sp.N(expr.subs({a: at_a, b: at_b}), 30)))
    solver = z3.Solver()
    solver.set("timeout", 5000)
    solver.add(*translation.constraints)
    for symbol, number in ((a, at_a), (b, at_b)):
        if symbol in translation.names:
            solver.add(translation.names[symbol] == z3.Q(int(number), 1))
    tolerance = sp.Rational(1, 10**9)  # 30 digits were computed
    low, high = (z3.Q(int(end.p), int(end.q)) for end in (value - tolerance, value + tolerance))
    assert solver.check(term > low, term < high) == z3.sat
    assert solver.check(z3.Or(term < low, term > high)) == z3.unsat


def test_a_division_by_zero_has_no_value_to_rely_on():
    by_zero = [sp.Eq(b, 0), sp.Eq(a, 1)]
    for goal in (sp.Eq(a / b, 0), sp.Ne(a / b, 0), sp.Ge(a / b, 0), sp.Le(a / b, 0)):
        assert not entails(by_zero, goal, normal).proved
    assert entails([sp.Gt(b, 0), sp.Eq(a, 1)], sp.Ge(a / b, 0), normal).proved


def test_the_root_of_a_negative_number_is_any_nonnegative_number():
    root = sp.sqrt(a)
    assert not entails([sp.Lt(a, 0)], sp.Eq(root, 0), normal).proved
    assert not entails([sp.Lt(a, 0)], sp.Eq(root**4, a**2 + 1), normal).proved
    assert entails([sp.Ge(a, 0), sp.Lt(a, 1)], sp.Ge(root, a), normal).proved


def test_integers_are_tightened_exactly_where_integers_obey():
    """a < b gives a ≤ b - 1 for integers: true of all of them in a box, and not granted to the reals."""
    for left, right in itertools.product(range(-3, 4), repeat=2):
        assert (left < right) == (left <= right - 1)
    assert entails([sp.Lt(k, m)], sp.Le(k + 1, m), normal).proved
    assert not entails([sp.Lt(k, m)], sp.Le(k + 2, m), normal).proved
    assert not entails([sp.Lt(a, m)], sp.Le(a + 1, m), normal).proved
    assert not entails([sp.Lt(k / 2, m)], sp.Le(k / 2 + 1, m), normal).proved


def test_pi_lies_where_it_is_bounded():
    assert entails([], sp.Gt(sp.pi * a**2 + 1, 3 * a**2), normal).proved
    assert not entails([sp.Gt(a, 0)], sp.Gt(sp.pi * a, sp.Rational(31416, 10000) * a), normal).proved


def test_one_fact_is_enough_only_where_the_goal_is_no_stronger():
    from theory.core.scope import _follows_from_one

    (n, m), count = sp.symbols("n m", integer=True), sp.Symbol("K", integer=True, positive=True)
    assert _follows_from_one(sp.Le(0, n), [sp.Le(1, n)])
    assert _follows_from_one(sp.Le(n, count + 1), [sp.Le(n, count)])
    assert not _follows_from_one(sp.Le(2, n), [sp.Le(1, n)])
    assert not _follows_from_one(sp.Le(n, count - 1), [sp.Le(n, count)])
    assert not _follows_from_one(sp.Le(n, 0), [sp.Le(0, n)])
    assert not _follows_from_one(sp.Le(0, n), [sp.Le(0, m)])
    assert not _follows_from_one(sp.Lt(0, n), [sp.Le(0, n)])
