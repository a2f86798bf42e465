"""Derivatives, monotony and curvature, judged by numbers: balls at high precision, grids of exact
points.
"""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import flint
import pytest
from term_values import conditions_hold, failing, holds, points, random_term, real, value

from theory.calculus.monotone import monotone, monotone_goal
from theory.core.curvature import convex
from theory.core.derivative import derivative, smooth_where
from theory.core.instance import Instance, Refused
from theory.core.term import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Function,
    Term,
    add,
    both,
    const,
    divide,
    entry,
    fn,
    forall,
    implies,
    le,
    lt,
    mean,
    mul,
    ne,
    neg,
    num,
    open_,
    power,
    root,
    sub,
    sum_,
    var,
)

x, p, d, i = var("x"), var("p"), var("d"), var("i")
TWO, HALF, PI = num(2), num(Fraction(1, 2)), const("pi")
PRECISION = 500


@pytest.fixture(autouse=True)
def precise():
    with flint.ctx.workprec(PRECISION):
        yield


# -- derivatives -----------------------------------------------------------------------------------


def test_derivatives_are_slopes_wherever_they_say_so():
    rng, step, compared = random.Random(7), real(Fraction(1, 2**100)), 0
    for _ in range(3000):
        term, point = random_term(rng, 4), real(Fraction(rng.randint(-9, 9), rng.randint(1, 4)))
        at = {"x": point}
        if not all(holds(prop, at) for prop in smooth_where(term, "x")):
            continue
        left, right = (value(term, {"x": point + h}) for h in (-step, step))
        slope, wanted = (right - left) / (2 * step), value(derivative(term, "x"), at)
        if not slope.is_finite() or slope.rad() > 1e-20 or abs(wanted) > 1e6:
            continue
        compared += 1
        assert abs(slope - wanted) < 1e-20 * (1 + abs(wanted)), term
    assert compared > 1000


@pytest.mark.parametrize(
    ("term", "bad"),
    [
        (power(x, num(-1)), 0),
        (root(x), 0),
        (root(x), -1),
        (fn("log", x), 0),
        (fn("log", sub(x, ONE)), 1),
        (power(root(x), TWO), 0),
        (power(power(x, TWO), HALF), 0),
        (power(x, p), 0),
    ],
)
def test_where_total_values_have_no_slope_a_condition_is_false(term, bad):
    assert not all(holds(prop, {"x": real(bad), "p": real(2)}) for prop in smooth_where(term, "x"))


@pytest.mark.parametrize(
    "term",
    [
        *(fn(name, x) for name in ("abs", "sign", "gamma", "max", "min")),
        entry("a", x),
        mean(x),
        power(TWO, x),
        sum_("i", ZERO, ONE, mul(i, x)),
        sum_("i", ZERO, x, i),
        Term("integral", None, (ZERO, x, ONE)),
        entry("x", ZERO),
    ],
)
def test_what_has_no_slope_is_refused_and_is_a_constant_for_another_variable(term):
    for rule in (derivative, smooth_where):
        with pytest.raises(Refused, match="smooth"):
            rule(mul(x, term), "x")
    assert derivative(mul(var("y"), term), "y") == term and smooth_where(term, "y") == []


# -- monotone --------------------------------------------------------------------------------------

POSITIVE = lt(ZERO, x)


def log_tangent(
    shift: int = 1, base: Term = ONE, lower: Term = ZERO, guard: Term | None = POSITIVE
) -> Instance:
    return monotone(fn("log", x), sub(x, num(shift)), "x", lower, INF, base, guard)


def test_the_tangent_of_the_logarithm():
    found = log_tangent()
    assert conditions_hold(found)
    assert found.conclusion == forall(
        "x", "real", ZERO, INF, implies(POSITIVE, le(fn("log", x), sub(x, ONE)))
    )
    assert monotone_goal(found.conclusion, ONE) == found


def test_monotone_asks_for_the_base_the_slope_and_smoothness():
    assert "at the base point" in failing(log_tangent(shift=2))
    assert "base point in the range" in failing(log_tangent(lower=TWO))
    assert "base point in the range" in failing(log_tangent(base=ZERO))
    assert "smooth" in failing(log_tangent(guard=None))
    backwards = monotone(sub(x, ONE), fn("log", x), "x", ONE, INF, ONE)
    assert failing(backwards) == {"slope right of the base point"}
    assert failing(monotone(ZERO, neg(x), "x", NEGINF, ZERO, num(-1))) == {
        "slope right of the base point"
    }
    assert failing(monotone(ZERO, add(x, TWO), "x", num(-3), ZERO, num(-1))) == {
        "slope left of the base point"
    }


def test_a_slope_at_the_base_itself_does_not_matter():
    assert conditions_hold(monotone(ZERO, x, "x", ZERO, INF, ZERO))


@pytest.mark.parametrize(
    "guard",
    [
        ne(x, ZERO),
        Term("or", None, (lt(x, ZERO), POSITIVE)),
        lt(ZERO, power(x, TWO)),
        both(POSITIVE, ne(x, ONE)),
        le(x, x),
        Term("not", None, (le(x, ZERO),)),
    ],
)
def test_values_with_a_hole_are_refused(guard):
    with pytest.raises(Refused, match="hole"):
        monotone(TWO, add(x, divide(ONE, x)), "x", num(-1), num(5), ONE, guard)


def test_across_the_pole_without_a_guard():
    assert "smooth" in failing(monotone(TWO, add(x, divide(ONE, x)), "x", num(-1), num(5), ONE))


def test_monotone_shapes():
    for goal in (
        forall("x", "real", ZERO, INF, lt(ZERO, x)),
        forall("x", "int", ZERO, INF, le(ZERO, x)),
        le(ZERO, x),
    ):
        with pytest.raises(Refused, match="non-strict|one real variable"):
            monotone_goal(goal, ONE)
    with pytest.raises(Refused, match="smooth"):
        monotone(ZERO, fn("abs", x), "x", ZERO, INF, ZERO)
    with pytest.raises(Refused, match="itself"):
        monotone(ZERO, x, "x", ZERO, INF, x)
    with pytest.raises(Refused, match="smaller end"):
        monotone(ZERO, x, "x", INF, ONE, ZERO)
    outer = monotone_goal(
        forall("x", "real", ZERO, INF, le(ZERO, x)), x
    )  # this x is another one: nothing is captured
    assert outer.conditions[0] == le(ZERO, x) and outer.conclusion.free == frozenset()


def random_range(rng: random.Random) -> tuple[Term, Term]:
    low, high = sorted(rng.sample(range(-3, 5), 2))
    return (num(low) if rng.random() < 0.8 else NEGINF), (num(high) if rng.random() < 0.8 else INF)


def test_whatever_the_monotone_rule_accepts_is_true():
    rng, accepted = random.Random(3), 0
    for _ in range(3000):
        margin, (low, high) = random_term(rng, 3), random_range(rng)
        guard = rng.choice([None, None, POSITIVE, le(ZERO, x), lt(x, ZERO)])
        found = monotone(ZERO, margin, "x", low, high, num(rng.randint(-3, 4)), guard)
        if conditions_hold(found):
            accepted += 1
            assert holds(found.conclusion, {}), found.conclusion
    assert accepted > 100


# -- curvature -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "low", "high", "concave", "right"),
    [
        (power(x, TWO), NEGINF, INF, False, True),
        (power(x, num(3)), NEGINF, INF, False, False),
        (power(x, num(3)), ZERO, INF, False, True),
        (root(x), ZERO, INF, True, True),
        (root(x), num(-1), INF, True, False),
        (power(x, num(-1)), ZERO, INF, False, False),
        (power(x, num(-1)), ONE, INF, False, True),
        (power(x, num(-1)), NEGINF, ZERO, True, False),
        (fn("log", x), ZERO, INF, True, False),
        (fn("log", x), ONE, INF, True, True),
        (fn("exp", x), NEGINF, INF, False, True),
        (power(x, num(Fraction(3, 2))), ZERO, INF, False, True),
        (power(x, num(Fraction(-1, 2))), ZERO, ONE, False, False),
        (root(sub(ONE, x)), ZERO, ONE, True, True),
        (neg(root(x)), ZERO, INF, False, True),
        (x, NEGINF, INF, True, True),
        (power(x, p), ZERO, ONE, False, False),
        (power(x, p), ONE, TWO, False, True),
    ],
)
def test_curvature(body, low, high, concave, right):
    assert (
        conditions_hold(convex(Function(("x",), body), low, high, concave), {"p": real(3)}) is right
    )


@pytest.mark.parametrize(
    "body",
    [
        fn("abs", x),
        fn("sign", x),
        fn("max", x, ZERO),
        fn("min", x, ONE),
        entry("a", x),
        sum_("i", ZERO, ONE, power(x, i)),
        neg(fn("abs", x)),
        fn("gamma", x),
    ],
)
def test_kinks_are_refused(body):
    with pytest.raises(Refused, match="kinks"):
        convex(Function(("x",), body), ZERO, INF)


def test_the_name_of_the_argument_captures_nothing():
    conditions = convex(Function(("i",), neg(power(i, TWO))), i, i)
    assert all(prop.free == {"i"} or prop.free == frozenset() for prop in conditions)
    bend = derivative(derivative(neg(power(x, TWO)), "x"), "x")
    assert open_(conditions[0], x) == implies(both(lt(i, x), lt(x, i)), le(ZERO, bend))


def test_whatever_is_accepted_as_convex_is_convex():
    rng, accepted = random.Random(5), 0
    for _ in range(3000):
        body, (low, high) = random_term(rng, 3), random_range(rng)
        if body == x or not conditions_hold(convex(Function(("x",), body), low, high)):
            continue
        accepted += 1
        for a, b in itertools.combinations(points(low, high, "real")[::4], 2):
            at_a, middle, at_b = (value(body, {"x": real(q)}) for q in (a, (a + b) / 2, b))
            assert not middle > (at_a + at_b) / 2, (body, low, high)
    assert accepted > 100
