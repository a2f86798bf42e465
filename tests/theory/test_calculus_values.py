"""Values of integrals and limits, facts about Γ, and intervals, judged by numbers."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import flint
import mpmath
import pytest
from term_values import Values, conditions_hold, failing, holds, random_term, real, value

from theory.calculus import SCHEMAS, gamma
from theory.calculus.find import Found, suggest
from theory.calculus.integrals import Piece, fundamental, gamma_integral, rewrite, symmetric
from theory.calculus.interval import Undecided, enclosure, interval
from theory.calculus.limits import below_limit, rational_limit
from theory.core.instance import Instance, Refused
from theory.core.term import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Function,
    Term,
    add,
    close,
    const,
    divide,
    entry,
    eq,
    fn,
    forall,
    le,
    lt,
    mul,
    neg,
    num,
    open_,
    power,
    root,
    sub,
    substitute,
    var,
)

x, p, d, i = var("x"), var("p"), var("d"), var("i")
TWO, HALF, PI = num(2), num(Fraction(1, 2)), const("pi")
PRECISION = 500


@pytest.fixture(autouse=True)
def precise():
    with flint.ctx.workprec(PRECISION):
        yield


# -- integrals -------------------------------------------------------------------------------------


def integral(low: Term, high: Term, body: Term) -> Term:
    return Term("integral", None, (low, high, close(body, "x")), "x")


def normal(body: Term) -> Term:
    return mul(
        body, divide(fn("exp", mul(num(Fraction(-1, 2)), power(x, TWO))), root(mul(TWO, PI)))
    )


CHI = divide(
    mul(power(x, sub(d, ONE)), fn("exp", divide(neg(power(x, TWO)), TWO))),
    mul(power(TWO, sub(mul(d, HALF), ONE)), fn("gamma", mul(d, HALF))),
)
TWO_LESS = sub(TWO, x)
ABOVE, BELOW = fn("gamma", mul(add(d, ONE), HALF)), fn("gamma", mul(d, HALF))
INTEGRALS = {
    "mean size": (integral(NEGINF, INF, normal(fn("abs", x))), root(divide(TWO, PI))),
    "mean square": (integral(NEGINF, INF, normal(power(x, TWO))), ONE),
    "mean norm": (integral(ZERO, INF, mul(x, CHI)), divide(mul(root(TWO), ABOVE), BELOW)),
    "gaussian": (integral(NEGINF, INF, fn("exp", neg(mul(p, power(x, TWO))))), root(divide(PI, p))),
    "line": (integral(ZERO, ONE, mul(p, x)), mul(p, HALF)),
    "one": (integral(ZERO, ONE, mul(root(TWO_LESS), root(divide(ONE, TWO_LESS)))), ONE),
    "kink": (integral(ZERO, ONE, fn("abs", sub(x, num(Fraction(1, 3))))), num(Fraction(5, 18))),
    "of e": (integral(ZERO, p, fn("exp", x)), sub(fn("exp", p), ONE)),
    "sum": (
        integral(ZERO, INF, mul(add(power(x, TWO), ONE), fn("exp", neg(power(x, TWO))))),
        mul(num(Fraction(3, 4)), root(PI)),
    ),
}
PARAMETERS = {"p": Fraction(3), "d": Fraction(5)}


def quadrature(term: Term, at: Values) -> float:
    """The integral by another way: Gauss-Legendre of mpmath between many points."""
    body = open_(term, var("@"))
    ends = (
        [k / mpmath.mpf(8) for k in range(-96, 97)]
        if INF in term.args
        else [k / mpmath.mpf(12) for k in range(40)]
    )
    low = float(value(term.args[0], at)) if term.args[0] != NEGINF else -12
    high = float(value(term.args[1], at)) if term.args[1] != INF else 12

    def f(q):
        return mpmath.mpf(float(value(body, at | {"@": flint.arb(float(q))})))

    inside = [low, *(e for e in ends if low < e < high), high]
    return float(mpmath.quad(f, inside, maxdegree=3))


@pytest.mark.parametrize("name", INTEGRALS)
def test_integrals_are_found_and_their_conditions_hold(name):
    (term, wanted), at = INTEGRALS[name], {key: real(q) for key, q in PARAMETERS.items()}
    found = next(iter(suggest(term, wanted)))
    concrete = [replaced(prop) for prop in found.instance.conditions]
    assert all(holds(prop, at) for prop in concrete), failing(found.instance, at)
    shown, given = value(found.instance.conclusion.args[1], at), value(wanted, at)
    assert found.instance.conclusion.args[0] == term and shown.overlaps(given)
    assert abs(quadrature(term, at) - float(given)) < 1e-8
    facts = [fact.instance for fact in found.facts]
    assert all(holds(fact.conclusion, at) and conditions_hold(fact, at) for fact in facts)
    assert all(SCHEMAS[use.name](**use.args) == use.instance for use in (found, *found.facts))


def replaced(prop: Term) -> Term:
    """With a number for p, so that ranges have rational ends."""
    return substitute(prop, {"p": num(PARAMETERS["p"])})


def primitive(body: Term) -> tuple[Function, ...]:
    return (Function(("x",), body),)


def test_an_antiderivative_across_a_pole_or_of_something_else():
    pole = integral(num(-1), ONE, power(x, num(-2)))
    assert "smooth" in failing(fundamental(pole, primitive(neg(power(x, num(-1))))))
    assert failing(fundamental(integral(ZERO, ONE, x), primitive(power(x, TWO)))) == {"derivative"}
    reversed_range = fundamental(integral(ONE, ZERO, x), primitive(mul(HALF, power(x, TWO))))
    assert "the range is not reversed" in failing(reversed_range)
    split = fundamental(integral(ZERO, ONE, ONE), primitive(x) * 2, (TWO,))
    assert "the range is not reversed" in failing(split)
    step = integral(
        num(-1), ONE, fn("sign", x)
    )  # F = |x|: refused; on two pieces the derivative is wrong at 0 only
    with pytest.raises(Refused, match="smooth"):
        fundamental(step, primitive(fn("abs", x)))
    assert failing(fundamental(step, (*primitive(neg(x)), *primitive(x)), (ZERO,))) == {
        "derivative"
    }


def test_what_the_fundamental_theorem_is_not_about():
    with pytest.raises(Refused, match="finite ends"):
        fundamental(integral(ZERO, INF, x), primitive(x))
    for functions in ((), primitive(x) * 2):
        with pytest.raises(Refused, match="one antiderivative"):
            fundamental(integral(ZERO, ONE, x), functions)
    with pytest.raises(Refused, match="equation for an integral"):
        fundamental(x, primitive(x))
    for low, high in ((INF, ONE), (ZERO, NEGINF), (INF, INF)):
        with pytest.raises(Refused, match="smaller end"):
            rewrite(integral(low, high, x), Function(("x",), ZERO))


def piece(exponent: Term, rate: Term, half: Term, coefficient: Term = ONE) -> tuple[Piece, ...]:
    return (Piece(coefficient, (exponent,), rate, half),)


def test_classical_integrals_that_diverge_or_are_others():
    gaussian = fn("exp", neg(power(x, TWO)))
    diverging = integral(ZERO, INF, mul(power(x, num(-1)), gaussian))
    assert failing(gamma_integral(diverging, piece(num(-1), ONE, ZERO))) == {
        "the exponent is above -1"
    }
    growing = integral(ZERO, INF, fn("exp", power(x, TWO)))
    assert failing(gamma_integral(growing, piece(ZERO, num(-1), HALF))) == {"the rate is positive"}
    plain = integral(ZERO, INF, gaussian)
    assert failing(gamma_integral(plain, piece(ZERO, ONE, HALF))) == set()
    assert failing(gamma_integral(plain, piece(ZERO, ONE, HALF, TWO))) == {"integrand"}
    assert failing(gamma_integral(plain, piece(ZERO, ONE, ONE))) == {"half of the exponent"}
    odd = integral(NEGINF, INF, mul(x, gaussian))
    assert failing(gamma_integral(odd, piece(ONE, ONE, ONE))) == {"even"}
    assert "even" in failing(symmetric(odd))
    assert symmetric(integral(NEGINF, INF, gaussian)).conclusion == eq(
        integral(NEGINF, INF, gaussian), mul(TWO, plain)
    )
    for low, high in ((ONE, INF), (ZERO, ONE), (NEGINF, ZERO)):
        with pytest.raises(Refused):
            gamma_integral(integral(low, high, gaussian), piece(ZERO, ONE, HALF))


def test_an_exponent_that_names_the_variable_is_another_one():
    term = integral(ZERO, INF, mul(power(x, x), fn("exp", neg(power(x, TWO)))))
    found = gamma_integral(term, piece(x, ONE, mul(HALF, add(x, ONE))))
    assert "integrand" in failing(found, {"x": real(2)})


def test_an_integrand_is_rewritten_where_it_is_equal_only():
    term, size = integral(ZERO, ONE, fn("abs", x)), Function(("x",), x)
    found = rewrite(term, size)
    assert failing(found) == set() and found.conclusion == eq(term, integral(ZERO, ONE, x))
    assert failing(rewrite(integral(num(-1), ONE, fn("abs", x)), size)) == {"integrand"}
    assert "the range is not reversed" in failing(
        rewrite(integral(ONE, ZERO, ONE), Function(("x",), TWO))
    )


def test_nothing_is_suggested_for_what_is_not_classical():
    with pytest.raises(Refused, match="sum of k r"):
        list(suggest(integral(ZERO, INF, fn("exp", neg(x)))))
    found: list[Found] = list(suggest(integral(ZERO, ONE, fn("gamma", add(x, ONE)))))
    assert found == []


# -- Γ, limits -------------------------------------------------------------------------------------


def test_facts_about_gamma_and_powers():
    y, rng = var("y"), random.Random(1)
    facts = [
        gamma.gamma_next(x),
        gamma.gamma_positive(x),
        gamma.gamma_one(),
        gamma.gamma_half(),
        gamma.gamma_log_convex(x, y),
        gamma.power_product(x, y, neg(HALF)),
        gamma.power_inverse(x, y),
        gamma.gamma_next(x, sub(add(x, TWO), ONE)),
        gamma.power_inverse(TWO, y),
    ]
    for fact, _ in itertools.product(facts, range(30)):
        at = {name: real(Fraction(rng.randint(1, 90), 10)) for name in "xy"}
        assert conditions_hold(fact, at) and holds(fact.conclusion, at)
    negative = {"x": real(Fraction(-1, 2)), "y": real(Fraction(1, 2))}
    assert all(
        failing(fact, negative) == {"positive"} for fact in (facts[0], facts[1], *facts[4:8])
    )
    assert "the same argument" in failing(gamma.gamma_next(x, x), at)
    assert "the same argument" in failing(gamma.gamma_log_convex(x, y, x), at)
    assert "the same argument" in failing(gamma.power_product(x, y, ONE, y), at)


def limit(body: Term, point: Term = INF) -> Term:
    return Term("limit", None, (point, close(body, "x")), "x")


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (divide(x, add(x, ONE)), 1),
        (neg(divide(x, add(x, ONE))), -1),
        (power(x, num(-3)), 0),
        (num(Fraction(2, 7)), Fraction(2, 7)),
        (
            divide(add(mul(TWO, power(x, TWO)), ONE), sub(mul(num(3), power(x, TWO)), x)),
            Fraction(2, 3),
        ),
        (sub(power(add(x, ONE), num(3)), power(x, num(3))), None),
        (sub(x, x), 0),
        (x, None),
        (neg(power(x, TWO)), None),
        (sub(divide(power(x, TWO), add(x, ONE)), x), -1),
        (power(add(ONE, divide(ONE, x)), num(-4)), 1),
    ],
)
def test_limits_of_rational_functions(body, wanted):
    if wanted is None:
        with pytest.raises(Refused, match="grows without bound"):
            rational_limit(limit(body))
        return
    assert rational_limit(limit(body)) == Instance(eq(limit(body), num(wanted)))
    far = real(10**40)
    assert abs(value(body, {"x": far}) - real(wanted)) < 1e-30


@pytest.mark.parametrize(
    "term",
    [
        limit(power(x, num(Fraction(-1, 4)))),
        limit(fn("exp", neg(x))),
        limit(divide(p, x)),
        limit(x, ZERO),
        x,
        limit(power(sub(ONE, divide(ONE, x)), x)),
        limit(divide(fn("sign", x), x)),
        limit(entry("a", x)),
        limit(power(x, num(10**9))),
    ],
)
def test_other_limits_are_refused(term):
    with pytest.raises(Refused, match="C/j|degree"):
        rational_limit(term)


def test_a_division_by_zero_has_no_limit():
    with pytest.raises(Refused, match="divides by zero"):
        rational_limit(limit(divide(ONE, sub(x, x))))


def test_sequences_that_do_not_fall_lie_below_their_limit():
    rises, falls = (
        Function(("n",), divide(var("n"), add(var("n"), ONE))),
        Function(("n",), divide(ONE, var("n"))),
    )
    found = below_limit(rises, ZERO, 2)
    assert conditions_hold(found) and holds(found.conclusion, {})
    assert found.conclusion == forall(
        "n", "int", ZERO, INF, le(divide(var("n"), add(var("n"), ONE)), ONE)
    )
    assert failing(below_limit(falls, ONE)) == {"does not fall"}
    for step in (0, -1, Fraction(3, 2), True):
        with pytest.raises(Refused, match="strides"):
            below_limit(rises, ZERO, step)
    with pytest.raises(Refused, match="without bound"):
        below_limit(Function(("n",), var("n")), ZERO)


# -- intervals -------------------------------------------------------------------------------------


def on(low, high, relation: Term, kind: str = "real") -> Term:
    return forall("x", kind, num(low), num(high), relation)


@pytest.mark.parametrize(
    "goal",
    [
        on(0, 1, lt(ZERO, add(sub(power(x, TWO), x), num(Fraction(26, 100))))),
        on(-1, 1, le(fn("abs", x), add(ONE, fn("exp", x)))),
        on(0, 1, lt(fn("max", x, sub(ONE, x)), num(Fraction(101, 100)))),
        on(0, 4, lt(root(x), num(Fraction(201, 100)))),
        on(1, 3, lt(fn("gamma", x), num(Fraction(21, 10)))),
        on(0, 1, lt(fn("exp", ONE), add(PI, x))),
        on(1, 2, lt(fn("log", x), x)),
        on(-1, 1, lt(num(Fraction(-1, 1000)), power(x, num(4)))),
        on(1, 0, lt(ONE, ZERO)),
        on(-2, -1, lt(power(x, num(-3)), num(Fraction(-1, 9)))),
        on(1, 2, lt(power(x, PI), num(9))),
        forall("y", "real", ZERO, ONE, on(0, 1, lt(mul(x, var("y")), num(Fraction(11, 10))))),
    ],
)
def test_what_enclosures_decide(goal):
    assert interval(goal, boxes=3000) == Instance(goal)


@pytest.mark.parametrize(
    ("goal", "why"),
    [
        (on(0, 1, lt(ZERO, add(sub(power(x, TWO), x), num(Fraction(1, 4))))), "not decided after"),
        (on(0, 1, lt(ZERO, x)), "not decided after"),
        (on(0, 1, lt(fn("exp", x), TWO)), "fails on the box"),
        (on(0, 1, lt(add(x, PI), p)), "no further symbols"),
        (on(0, 1, lt(entry("a", x), ONE)), "no further symbols"),
        (forall("x", "real", ZERO, INF, lt(x, fn("exp", x))), "rational corners"),
        (on(0, 1, le(ZERO, x), "int"), "real variables"),
        (on(0, 1, eq(x, x)), "quantified inequality"),
        (lt(ZERO, ONE), "quantified inequality"),
        (on(0, 1, le(divide(ONE, x), ZERO)), "fails|not decided"),
        (on(-1, 1, lt(num(-1), divide(ONE, x))), "fails|not decided"),
        (on(-1, 0, le(fn("gamma", x), ONE)), "not decided"),
        (on(Fraction(-3, 4), Fraction(-1, 4), lt(fn("gamma", x), ZERO)), "not decided"),
        (on(0, 1, lt(ONE, ONE)), "fails on the box"),
        (on(0, 1, le(fn("log", x), ONE)), "not decided"),
        (on(-2, -1, le(root(x), ONE)), "not decided"),
        (on(0, 1, lt(ONE, fn("exp", fn("exp", fn("exp", num(99)))))), "not decided"),
        (on(0, 1, le(power(x, num(10**6)), ONE)), "powers and roots"),
    ],
)
def test_what_enclosures_do_not_decide(goal, why):
    with pytest.raises(Refused, match=why):
        interval(goal, boxes=300)


def test_enclosures_contain_the_values():
    rng, kinds, compared = (
        random.Random(11),
        "leaf num add mul pow root exp log abs sign gamma max",
        0,
    )
    for _ in range(3000):
        term, low = random_term(rng, 4, kinds), Fraction(rng.randint(-12, 12), 4)
        width = Fraction(rng.randint(0, 8), 4)
        with flint.ctx.workprec(53):
            try:
                ball = enclosure(term, {"x": real(low).union(real(low + width))})
            except Undecided:
                continue
        inside = [value(term, {"x": real(low + width * k / 10)}) for k in range(11)]
        assert all(ball.overlaps(v) for v in inside), term
        compared += any(v.is_finite() for v in inside)
    assert compared > 800
