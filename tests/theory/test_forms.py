"""Normal forms: what they make equal is equal, and near misses are kept apart, each with values
that tell them apart; random terms have the value of their normal form in finite worlds.
"""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from finite_worlds import Hidden, World

from theory.core.context import Context, Declared
from theory.core.forms import MODES, forms
from theory.core.ring import as_term
from theory.core.term import (
    INF,
    ONE,
    ZERO,
    Term,
    add,
    divide,
    entry,
    eq,
    fn,
    forall,
    le,
    lt,
    mean,
    mul,
    ne,
    neg,
    num,
    power,
    prod,
    root,
    sub,
    sum_,
    var,
)

a, b, n, m, N, X, Y, i, j, k = map(var, "abnmNXYijk")
TWO, HALF = num(2), num(Fraction(1, 2))
DECLARED = {
    "a": Declared("real"), "b": Declared("real"), "n": Declared("int"), "m": Declared("int"),
    "N": Declared("int", "positive"), "X": Declared("real", random=True),
    "Y": Declared("real", random=True), "x": Declared("real", "", ((ZERO, INF),)),
    "Z": Declared("real", "", ((ZERO, INF),), random=True, time=0, lag=1),
}


def x(index: Term) -> Term:
    return entry("x", index)


def z(index: Term) -> Term:
    return entry("Z", index)


def total(low: Term, high: Term, body: Term) -> Term:
    return sum_("i", low, high, body)


def product(low: Term, high: Term, body: Term) -> Term:
    return prod("i", low, high, body)


def less(term: Term) -> Term:
    return add(term, num(-1))


def context(*facts: Term) -> Context:
    return Context(DECLARED, {f"h{number}": fact for number, fact in enumerate(facts)})


def alike(one: Term, other: Term, *facts: Term) -> bool:
    """Whether one of the modes gives both the same normal form."""
    here = context(*facts)
    return any(forms(here, mode).number(one) == forms(here, mode).number(other) for mode in MODES)


POSITIVE, NONZERO, ORDERED = lt(ZERO, a), ne(a, ZERO), le(ZERO, n)
EQUAL = {
    "square of a sum": (power(add(a, b), TWO), add(mul(a, a), mul(TWO, a, b), mul(b, b))),
    "inverse of a product": (power(mul(a, b), num(-1)), mul(power(a, num(-1)), power(b, num(-1)))),
    "inverse of an inverse": (divide(ONE, divide(ONE, a)), a),
    "a² / a, also at 0": (divide(mul(a, a), a), a),
    "a / a² at 0": (divide(a, mul(a, a)), divide(ONE, a)),
    "a / a": (divide(a, a), ONE, NONZERO),
    "a sum over itself": (divide(add(a, b), add(b, a)), ONE, lt(ZERO, add(a, b))),
    "partial fractions": (divide(a, add(a, ONE)), sub(ONE, divide(ONE, add(a, ONE))), POSITIVE),
    "0⁰": (power(ZERO, ZERO), ONE),
    "(ab)ⁿ": (power(mul(a, b), n), mul(power(a, n), power(b, n))),
    "(a²)ⁿ": (power(mul(a, a), n), power(a, mul(TWO, n))),
    "(1/a)ⁿ": (power(divide(ONE, a), n), power(a, neg(n))),
    "aⁿ⁺¹": (power(a, add(n, ONE)), mul(a, power(a, n)), ORDERED),
    "aⁿ⁻¹": (power(a, less(n)), divide(power(a, n), a), NONZERO),
    "(aⁿ)ᵐ": (power(power(a, n), m), power(a, mul(n, m))),
    "√a²": (root(mul(a, a)), fn("abs", a)),
    "√(ab)": (root(mul(a, b)), mul(root(a), root(b)), le(ZERO, a)),
    "√a √a": (mul(root(a), root(a)), a, le(ZERO, a)),
    "a / √a": (divide(a, root(a)), root(a), POSITIVE),
    "√-a²": (root(neg(mul(a, a))), ZERO),
    "√12": (root(num(12)), mul(TWO, root(num(3)))),
    "eᵃ⁺ᵇ": (fn("exp", add(a, b)), mul(fn("exp", a), fn("exp", b))),
    "e⁻ᵃ": (fn("exp", neg(a)), divide(ONE, fn("exp", a))),
    "e^(ln a)": (fn("exp", fn("log", a)), a, POSITIVE),
    "ln eᵃ": (fn("log", fn("exp", a)), a),
    "ln(ab)": (fn("log", mul(a, b)), add(fn("log", a), fn("log", b)), POSITIVE, lt(ZERO, b)),
    "|ab|": (fn("abs", mul(a, b)), mul(fn("abs", a), fn("abs", b))),
    "|a|²": (power(fn("abs", a), TWO), mul(a, a)),
    "|a|": (fn("abs", a), neg(a), le(a, ZERO)),
    "|a - b|": (fn("abs", sub(a, b)), fn("abs", sub(b, a))),
    "sign(ab)": (fn("sign", mul(a, b)), fn("sign", b), POSITIVE),
    "max": (fn("max", a, b), b, le(a, b)),
    "max of three": (fn("max", a, b, a), fn("max", b, a)),
    "min": (fn("min", a, b), a, le(a, b)),
    "a sum is linear": (total(ONE, n, add(mul(a, x(i)), b)),
                        add(mul(a, total(ONE, n, x(i))), mul(b, total(ONE, n, ONE)))),
    "how many": (total(ONE, n, a), mul(n, a), ORDERED),
    "last term": (total(ONE, add(n, ONE), x(i)), add(total(ONE, n, x(i)), x(add(n, ONE))), ORDERED),
    "shifted sums": (total(ONE, n, x(i)), total(ZERO, less(n), x(add(i, ONE)))),
    "a reversed sum": (total(num(3), ONE, x(i)), ZERO),
    "written out": (total(ONE, TWO, x(i)), add(x(ONE), x(TWO))),
    "a product of products": (product(ONE, n, mul(x(i), i)),
                              mul(product(ONE, n, x(i)), product(ONE, n, i)), ORDERED),
    "a product of aⁿ": (product(ONE, n, a), power(a, n), ORDERED),
    "an empty product": (product(ONE, ZERO, ZERO), ONE),
    "a mean is linear": (mean(add(mul(a, X), b)), add(mul(a, mean(X)), b)),
    "a mean of a sum": (mean(total(ONE, n, mul(i, z(i)))), total(ONE, n, mul(i, mean(z(i))))),
    "what the history fixes": (mean(mul(z(less(k)), X), k), mul(z(less(k)), mean(X, k))),
    "tower": (mean(mean(X, n)), mean(X)),
    "tower with a factor": (mean(mul(z(less(k)), mean(X, k))), mean(mul(z(less(k)), X))),
    "nested means": (mean(mean(X, n), k), mean(X, k), le(k, n)),
}
DIFFERENT = {
    "a / a": (divide(a, a), ONE, {"a": 0}),
    "a - |a|": (fn("abs", a), a, {"a": -1}),
    "√(ab)": (root(mul(a, b)), mul(root(a), root(b)), {"a": -1, "b": -1}),
    "√a²": (root(mul(a, a)), a, {"a": -1}),
    "√a √a": (mul(root(a), root(a)), a, {"a": -1}),
    "0ⁿ": (power(ZERO, n), ZERO, {"n": 0}),
    "aⁿ⁺¹ at 0": (power(a, add(n, ONE)), mul(a, power(a, n)), {"a": 0, "n": -1}),
    "aⁿ⁻¹ at 0": (power(a, less(n)), divide(power(a, n), a), {"a": 0, "n": 1}),
    "aⁿ a⁻ⁿ at 0": (mul(power(a, n), power(a, neg(n))), ONE, {"a": 0, "n": 1}),
    "(-1)ⁿ": (power(num(-1), n), ONE, {"n": 1}),
    "(a²)^(1/2)³": (power(mul(a, a), num(Fraction(3, 2))), mul(a, a, a), {"a": -1}),
    "a^(1/3)": (power(power(a, num(Fraction(1, 3))), num(3)), a, {"a": -1}),
    "aᵇ, b no integer": (power(power(a, b), TWO), power(mul(a, a), b), {"a": -1, "b": HALF.data}),
    "ln a²": (fn("log", mul(a, a)), mul(TWO, fn("log", a)), {"a": -2}),
    "e^(ln a)": (fn("exp", fn("log", a)), a, {"a": 0}),
    "sign a": (mul(fn("sign", a), fn("sign", a)), ONE, {"a": 0}),
    "max": (fn("max", a, b), b, {"a": 1, "b": 0}),
    "how many": (total(ONE, n, a), mul(n, a), {"n": -1, "a": 1}),
    "last term": (total(ONE, add(n, ONE), ONE), add(total(ONE, n, ONE), ONE), {"n": -2}),
    "a product of aⁿ": (product(ONE, n, a), power(a, n), {"n": -1, "a": 2}),
    "ends apart": (total(ONE, n, i), total(ZERO, less(n), i), {"n": 2}),
    "two indices": (total(ONE, n, sum_("j", ONE, i, mul(i, j))),
                    total(ONE, n, sum_("j", ONE, i, mul(j, j))), {"n": 2}),
    "Σ i² and (Σ i)²": (total(ONE, n, mul(i, i)), power(total(ONE, n, i), TWO), {"n": 2}),
}
MEANS_APART = {
    "E X²": (mean(mul(X, X)), power(mean(X), TWO)),
    "E XY": (mean(mul(X, Y)), mul(mean(X), mean(Y))),
    "E |X|": (mean(fn("abs", X)), fn("abs", mean(X))),
    "given a history": (mean(X, n), mean(X)),
    "not yet fixed": (mean(mul(z(k), X), k), mul(z(k), mean(X, k))),
    "no history known": (mean(mul(Y, X), k), mul(Y, mean(X, k))),
    "an earlier history": (mean(mul(z(k), mean(X, k))), mean(mul(z(k), X))),
}


@pytest.mark.parametrize("name", EQUAL)
def test_these_have_one_normal_form_and_the_facts_are_needed(name):
    one, other, *facts = EQUAL[name]
    steps = {"k": Declared("int", "positive")}
    here = Context({**DECLARED, **steps}, {f"h{number}": fact for number, fact in enumerate(facts)})
    assert any(forms(here, mode).number(one) == forms(here, mode).number(other) for mode in MODES)
    if facts:
        bare = Context({**DECLARED, **steps})
        assert all(forms(bare, mode).number(one) != forms(bare, mode).number(other)
                   for mode in MODES)


@pytest.mark.parametrize("name", DIFFERENT)
def test_near_misses_are_kept_apart(name):
    one, other, given = DIFFERENT[name]
    world = World(DECLARED, 0, {key: Fraction(value) for key, value in given.items()})
    assert world.value(one, {}, 0) != world.value(other, {}, 0)
    assert not alike(one, other)


@pytest.mark.parametrize("name", MEANS_APART)
def test_means_are_kept_apart(name):
    one, other = MEANS_APART[name]
    here = Context({**DECLARED, "k": Declared("int", "positive")})
    assert all(forms(here, mode).number(one) != forms(here, mode).number(other) for mode in MODES)


def test_an_assumption_about_some_samples_does_not_enter_a_mean():
    """|X| is X where X ≥ 0, and E|X| is not E X for that."""
    some = context().assume(le(ZERO, X))
    sure = context(le(ZERO, X))
    absolute = fn("abs", X)
    assert forms(some).number(absolute) == forms(some).number(X)
    assert forms(some).number(mean(absolute)) != forms(some).number(mean(X))
    assert forms(sure).number(mean(absolute)) == forms(sure).number(mean(X))


def test_a_factor_taken_out_of_a_sum_keeps_what_an_empty_sum_is():
    """Inside Σ_{i=1}^n n ≥ 1 is known, outside it is not."""
    one, other = total(ONE, n, mul(fn("abs", n), x(i))), mul(n, total(ONE, n, x(i)))
    assert alike(one, other)  # both are 0 for n < 1
    assert not alike(total(ONE, n, fn("abs", n)), mul(n, n))  # for n = -1
    assert not alike(product(ONE, n, fn("abs", n)), power(n, n))


def test_statements():
    here = forms(context(POSITIVE))
    same = (
        (le(a, b), le(mul(TWO, a), mul(TWO, b))), (eq(a, b), eq(neg(b), neg(a))),
        (ne(a, b), ne(b, a)), (le(sub(a, b), ZERO), le(a, b)),
        (forall("i", "int", ONE, N, le(ZERO, mul(i, x(i)))),
         forall("j", "int", ONE, N, le(ZERO, mul(x(var("j")), var("j"))))),
        (Term("and", None, (le(a, b), lt(b, N))), Term("and", None, (lt(b, N), le(a, b)))),
    )
    apart = (
        (le(a, b), lt(a, b)), (le(a, b), le(b, a)), (eq(a, b), ne(a, b)),
        (le(a, b), le(mul(a, a), mul(a, b))), (le(a, b), le(neg(a), neg(b))),
        (forall("i", "int", ONE, N, le(ZERO, x(i))), forall("i", "int", ZERO, N, le(ZERO, x(i)))),
        (forall("i", "int", ONE, N, le(ZERO, i)), forall("i", "real", ONE, N, le(ZERO, i))),
        (Term("and", None, (le(a, b), lt(b, N))), Term("or", None, (le(a, b), lt(b, N)))),
        (Term("implies", None, (le(a, b), lt(b, N))), Term("implies", None, (lt(b, N), le(a, b)))),
    )
    for one, other in same:
        assert here.statement(one) == here.statement(other)
    for one, other in apart:
        assert here.statement(one) != here.statement(other)


# -- random terms ----------------------------------------------------------------------------------

FACTS = (le(ZERO, n), le(ONE, n), NONZERO, POSITIVE, lt(b, ZERO), le(a, b), lt(n, m), eq(a, b),
         le(ZERO, X), le(X, Y), le(mul(a, a), b))
EXPONENTS = (-3, -2, -1, -1, 2, 3, Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), Fraction(2, 3))
KINDS = "add mul mul pow pow whole abs sign max min exp log sum sum prod mean".split()


class Maker:
    """Random terms; those of sums are named one after the other."""

    def __init__(self, seed: int) -> None:
        self.rng, self.names = random.Random(seed), 0

    def whole(self, bound: tuple[str, ...]) -> Term:
        rng = self.rng
        leaf = rng.choice([n, m, N, num(rng.randint(-2, 3)), *map(var, bound), *map(var, bound)])
        return leaf if rng.random() < 0.6 else add(leaf, num(rng.randint(-2, 2)))

    def leaf(self, bound: tuple[str, ...]) -> Term:
        rng = self.rng
        number = num(Fraction(rng.randint(-4, 4), rng.randint(1, 2)))
        return rng.choice([a, b, n, X, Y, number, x(self.whole(bound)), *map(var, bound)])

    def term(self, depth: int, bound: tuple[str, ...] = ()) -> Term:
        rng = self.rng
        if depth == 0 or rng.random() < 0.15:
            return self.leaf(bound)
        kind = rng.choice(KINDS)
        one = self.term(depth - 1, bound)
        if kind in ("add", "mul"):
            return Term(kind, None, (one, self.term(depth - 1, bound)))
        if kind in ("pow", "whole"):
            return power(one, num(rng.choice(EXPONENTS)) if kind == "pow" else self.whole(bound))
        if kind in ("max", "min"):
            return fn(kind, one, self.term(depth - 1, bound))
        if kind == "mean":
            return mean(one)
        if kind in ("sum", "prod"):
            self.names += 1
            name = f"i{self.names}"
            body = self.term(depth - 1, (*bound, name))
            fold = sum_ if kind == "sum" else prod
            return fold(name, self.whole(bound), self.whole(bound), body)
        return fn(kind, one)


@pytest.mark.parametrize("seed", range(120))
def test_a_random_term_has_the_value_of_its_normal_form(seed):
    maker = Maker(seed)
    facts = maker.rng.sample(FACTS, maker.rng.randint(0, 2))
    term = maker.term(maker.rng.choice((2, 3)))
    here = context(*facts)
    equations = [eq(term, as_term(forms(here, mode).number(term))) for mode in MODES]
    worlds = (World(DECLARED, number, close=True) for number in range(seed * 100, seed * 100 + 40))
    for world in worlds:
        try:
            if all(map(world.holds, facts)):
                assert all(map(world.holds, equations)), term
        except (Hidden, OverflowError):
            continue
