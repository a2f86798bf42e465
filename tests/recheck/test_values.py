"""Normal forms keep the value of every term, also where it divides by 0 or roots are of numbers < 0."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

from theory.recheck.contexts import Context, Declared
from theory.recheck.normal import MODES, normal
from theory.recheck.polynomials import as_term
from theory.recheck.signs import known
from theory.recheck.terms import (
    ONE,
    ZERO,
    Term,
    add,
    binder,
    eq,
    fn,
    le,
    lt,
    make,
    mul,
    num,
    open_,
    power,
    var,
)

TERMS = 300
DECLARED = {
    "a": Declared("real"),
    "b": Declared("real"),
    "x": Declared("real", "nonnegative"),
    "y": Declared("real", "positive"),
    "z": Declared("real", "negative"),
    "n": Declared("int", "nonnegative"),
    "k": Declared("int"),
    "K": Declared("int", "positive"),
    "s": Declared("real", "", ((ONE, var("K")),)),
}
a, b, x, y, z, n, k, K = map(var, "a b x y z n k K".split())


def value(term: Term, at: dict[str, float]) -> float:
    """The value of a term with x/0 = 0, 0^0 = 1 and no roots or logarithms of what has none."""
    if term.op == "num":
        return float(term.data)
    if term.op == "const":
        return math.e if term.data == "e" else math.pi
    if term.op == "var":
        return at[term.data]
    if term.op in ("sum", "prod"):
        low, high = (value(end, at) for end in term.args[:2])
        parts = [value(open_(term, num(i)), at) for i in range(math.ceil(low), math.floor(high) + 1)]
        return sum(parts) if term.op == "sum" else math.prod(parts)
    args = [value(arg, at) for arg in term.args]
    if term.op == "entry":
        return (-1.0, 0.0, 2.0, 0.5, 1.0)[round(args[0]) % 5]
    if term.op == "add":
        return sum(args)
    if term.op == "mul":
        return math.prod(args)
    if term.op == "pow":
        return raised(args[0], term.args[1], args[1])
    first = args[0]
    return {
        "abs": lambda: abs(first),
        "sign": lambda: float((first > 0) - (first < 0)),
        "exp": lambda: math.exp(first),
        "log": lambda: math.log(first) if first > 0 else 0.0,
        "max": lambda: max(args),
        "min": lambda: min(args),
    }[term.data]()


def raised(base: float, exponent: Term, number: float) -> float:
    base = 0.0 if abs(base) < 1e-12 else base
    literal = exponent.op == "num" and exponent.data.denominator > 1
    if not literal and abs(number - round(number)) < 1e-12:
        whole = round(number)
        return 1.0 if whole == 0 else 0.0 if base == 0 else base**whole
    return base**number if base > 0 else 0.0


def drawn(rng: random.Random, depth: int) -> Term:
    if depth == 0:
        numbers = [num(rng.randint(-3, 3)), num(Fraction(rng.randint(1, 5), rng.randint(1, 4)))]
        return rng.choice([a, b, x, y, z, n, k, K, *numbers, make("entry", "s", (n,))])
    inner = [drawn(rng, rng.randint(0, depth - 1)) for _ in range(3)]
    exponents = [num(rng.choice([-2, -1, 2, 3])), num(Fraction(rng.choice([-3, -1, 1, 3]), 2)),
                 num(Fraction(1, 3)), add(n, num(rng.randint(-2, 2))), k, mul(num(2), k)]  # fmt: skip
    low, high = rng.choice([ZERO, ONE, n]), rng.choice([K, add(K, ONE), add(n, num(2)), k])
    body = rng.choice([inner[0], mul(inner[0], var("i")), power(inner[0], var("i")),
                       make("entry", "s", (var("i"),))])  # fmt: skip
    return rng.choice([
        add(*inner), add(*inner[:2]), mul(*inner), mul(*inner[:2]), mul(inner[0], inner[0]),
        mul(inner[0], power(inner[0], num(-1))), power(inner[0], rng.choice(exponents)),
        power(inner[0], rng.choice(exponents)),
        mul(power(inner[0], exponents[3]), power(inner[0], exponents[4])),
        fn(rng.choice(["abs", "sign", "log"]), inner[0]),
        fn(rng.choice(["max", "min"]), *inner[:2]), fn("exp", drawn(rng, 0)),
        binder("sum", None, "i", low, high, body),
        binder("prod", None, "i", low, high, drawn(rng, 0)),
    ])  # fmt: skip


def point(rng: random.Random) -> dict[str, float]:
    real = [0.0, 0.0, 1.0, -1.0, 0.5, -2.0, 1.5]
    return {"a": rng.choice(real), "b": rng.choice(real), "x": rng.choice([0.0, 1.0, 0.25, 2.0]),
            "y": rng.choice([0.5, 1.0, 3.0]), "z": rng.choice([-0.5, -1.0, -2.0]),
            "n": rng.choice([0, 1, 2, 3]), "k": rng.choice([-2, -1, 0, 1, 3]),
            "K": rng.choice([1, 2, 4])}  # fmt: skip


CONTEXTS = {
    "nothing": [],
    "k below K": [le(ZERO, k), lt(k, K)],
    "a above b": [lt(b, a), le(ZERO, b)],
    "n from one": [le(ONE, n), eq(a, mul(num(2), b))],
    "b is not 0": [make("ne", None, (b, ZERO)), le(b, num(1))],
}


@pytest.mark.parametrize("facts", CONTEXTS)
@pytest.mark.parametrize("mode", MODES)
def test_a_normal_form_has_the_same_value(facts: str, mode: str) -> None:
    rng = random.Random(f"{facts} {mode}")
    form = normal(where(facts), mode)
    compared = 0
    for _ in range(TERMS):
        term = drawn(rng, 3)
        other = as_term(form.poly(term))
        for _ in range(12):
            at = point(rng)
            if not all(true(fact, at) for fact in CONTEXTS[facts]):
                continue
            try:
                left, right = value(term, at), value(other, at)
            except OverflowError:
                continue
            if max(abs(left), abs(right)) < 1e6:
                compared += 1
                assert left == pytest.approx(right, rel=1e-6, abs=1e-6), (term, other, at)
    assert compared > TERMS / 2


@pytest.mark.parametrize("facts", CONTEXTS)
def test_what_is_shown_is_true(facts: str) -> None:
    rng = random.Random(facts)
    grants = known(where(facts), MODES["written"])
    drawn_points = [point(rng) for _ in range(300)]
    points = [at for at in drawn_points if all(true(fact, at) for fact in CONTEXTS[facts])]
    shown = 0
    for _ in range(TERMS):
        sides = drawn(rng, rng.randint(0, 2)), drawn(rng, rng.randint(0, 1))
        prop = make(rng.choice(["le", "lt", "eq", "ne"]), None, sides)
        if grants.holds(prop):
            shown += 1
            assert all(true(prop, at, 1e-9) for at in points), prop
    assert shown >= 5  # or the test would say nothing


def true(prop: Term, at: dict[str, float], slack: float = 0.0) -> bool:
    """Whether a relation holds, up to a rounding error; what overflows is not judged."""
    try:
        left, right = (value(side, at) for side in prop.args)
    except OverflowError:
        return True
    if max(abs(left), abs(right)) > 1e6 or slack and 0 < abs(left - right) < slack:
        return True
    return {"le": left <= right, "lt": left < right, "eq": left == right, "ne": left != right}[
        prop.op
    ]


def where(facts: str) -> Context:
    context = Context(DECLARED)
    for fact in CONTEXTS[facts]:
        context = context.assume(fact)
    return context
