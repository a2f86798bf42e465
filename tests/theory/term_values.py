"""The value of a term and the truth of a proposition at numbers, written apart from the code that
the tests judge.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction

import flint

from theory.core.instance import Instance
from theory.core.term import INF, NEGINF, Term, fn, num, open_, power, sub, var

x = var("x")
Values = dict[str, flint.arb]


def real(value) -> flint.arb:
    value = Fraction(value)
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def value(term: Term, at: Values) -> flint.arb:
    """The value of a term at points, with 1/0 = 0 and roots and logarithms of what has none 0."""
    if term.op == "num":
        return real(term.data)
    if term.op == "var":
        return at[term.data]
    if term.op == "const":
        return flint.arb.pi()
    args = [value(arg, at) for arg in term.args]
    if term.op == "add":
        return sum(args, flint.arb(0))
    if term.op == "mul":
        return math.prod(args, start=flint.arb(1))
    if term.op == "pow":
        exact = term.args[1].op == "num"
        return rational_power(args[0], Fraction(term.args[1].data)) if exact else real_power(*args)
    one = args[0]
    total = {
        "exp": flint.arb.exp,
        "abs": abs,
        "sign": flint.arb.sgn,
        "gamma": flint.arb.gamma,
        "log": lambda a: a.log() if a > 0 else flint.arb(0),
    }
    return (
        total[term.data](one) if term.data in total else {"max": max, "min": min}[term.data](args)
    )


def rational_power(base: flint.arb, exponent: Fraction) -> flint.arb:
    if exponent.denominator > 1:
        base = base.root(exponent.denominator) if base > 0 else flint.arb(0)
    if exponent < 0:
        base = 1 / base if not base == 0 else flint.arb(0)
    result = flint.arb(1)
    for _ in range(abs(exponent.numerator)):
        result *= base
    return result


def real_power(base: flint.arb, exponent: flint.arb) -> flint.arb:
    return (exponent * base.log()).exp() if base > 0 else flint.arb(0)


def points(lower: Term, upper: Term, kind: str) -> list[Fraction]:
    """Some points of a range with rational ends, its ends among them."""
    low = Fraction(lower.data) if lower != NEGINF else None
    high = Fraction(upper.data) if upper != INF else None
    if low is not None and high is not None and low > high:
        return []
    first = low if low is not None else (high if high is not None else Fraction(0)) - 6
    last = high if high is not None else first + 12
    found = [first + (last - first) * k / 24 for k in range(25)]
    found += [
        p
        for p in (Fraction(1, 1000), Fraction(-1, 1000), Fraction(0), Fraction(1))
        if first <= p <= last
    ]
    return [p for p in found if p.denominator == 1] if kind == "int" else found


def holds(prop: Term, at: Values) -> bool:
    """Whether the proposition is true at the points (a grid stands for a range; what is too close
    to call counts as true).
    """
    if prop.op == "all":
        body, places = (
            open_(prop, var("@")),
            [at | {"@": real(q)} for q in points(*prop.args[:2], prop.data)],
        )
        return all(holds(body, place) for place in places) and not vanishes_between(body, places)
    if prop.op == "and":
        return all(holds(arg, at) for arg in prop.args)
    if prop.op == "implies":
        return not holds(prop.args[0], at) or holds(prop.args[1], at)
    gap = value(prop.args[1], at) - value(prop.args[0], at)
    return {
        "le": not gap < 0,
        "lt": not gap <= 0,
        "eq": not (gap < 0 or gap > 0),
        "ne": not gap == 0,
    }[prop.op]


def vanishes_between(body: Term, places: list[Values]) -> bool:
    """Whether sides that must differ everywhere change their order along the grid."""
    while body.op == "implies":
        places = [place for place in places if holds(body.args[0], place)]
        body = body.args[1]
    gaps = [value(sub(*body.args), place) for place in places] if body.op == "ne" else []
    return any(gap < 0 for gap in gaps) and any(gap > 0 for gap in gaps)


def conditions_hold(found: Instance | tuple[Term, ...], at: Values | None = None) -> bool:
    return all(
        holds(prop, at or {})
        for prop in (found.conditions if isinstance(found, Instance) else found)
    )


def failing(found: Instance, at: Values | None = None) -> set[str]:
    """The labels of the conditions that are false."""
    return {
        label
        for label, prop in zip(found.labels, found.conditions, strict=True)
        if not holds(prop, at or {})
    }


def random_term(
    rng: random.Random, depth: int, kinds: str = "leaf num add mul pow root exp log"
) -> Term:
    kind = rng.choice(kinds.split()) if depth else "leaf"
    if kind == "num" or (kind == "leaf" and rng.random() < 0.3):
        return num(Fraction(rng.randint(-6, 6), rng.randint(1, 3)))
    if kind == "leaf":
        return x
    inner = random_term(rng, depth - 1, kinds)
    if kind in ("add", "mul"):
        return Term(kind, None, (inner, random_term(rng, depth - 1, kinds)))
    if kind == "pow":
        return power(inner, num(rng.randint(-3, 3)))
    if kind == "root":
        return power(inner, num(Fraction(rng.choice((-3, -1, 1, 2, 5)), rng.choice((2, 3)))))
    return fn(kind, inner)
