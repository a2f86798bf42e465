"""Limits at infinity of rational functions of one variable, by their leading coefficients, exactly;
and what follows.

Other limits are not taken: state the bound with an explicit error C/j for every integer j ≥ 1
instead.
"""

from __future__ import annotations

from fractions import Fraction

from theory.core.instance import Instance, Refused, constants, fresh, instance
from theory.core.term import (
    INF,
    Function,
    Term,
    add,
    close,
    eq,
    forall,
    le,
    num,
    open_,
    substitute,
    var,
)

Polynomial = dict[int, Fraction]  # power -> coefficient, never 0
INSTEAD = "state the bound with an explicit error C/j for every integer j ≥ 1 instead"
LARGEST_DEGREE = 200


def rational_limit(limit: Term) -> Instance:
    """lim_{x → ∞} of a rational function with rational coefficients, where it is a number."""
    if limit.op != "limit" or limit.args[0] != INF or limit.loose:
        raise Refused(f"only limits at infinity are taken; {INSTEAD}")
    name = fresh(limit.hint, limit)
    above, below = _fraction(open_(limit, var(name)), name)
    high, low = max(above, default=-1), max(below)
    if high > low:
        raise Refused("the function grows without bound, so it has no limit")
    value = above[high] / below[low] if high == low else Fraction(0)
    return instance(eq(limit, num(value)))


def below_limit(function: Function, start: Term, step: int = 1) -> Instance:
    """∀ integers n ≥ start: a(n) ≤ lim a, for a rational sequence that does not fall in strides of
    `step`.

    The limit is worked out here and not given: an equation with a limit alone does not say that the
    limit exists.
    """
    if not isinstance(step, int) or isinstance(step, bool) or step < 1 or len(function.names) != 1:
        raise Refused(
            "below_limit is about a sequence of one index, in strides of a whole number ≥ 1"
        )
    name = fresh(function.names[0], constants(function), start)
    term = function.at((var(name),))
    value = rational_limit(Term("limit", None, (INF, close(term, name)), name)).conclusion.args[1]
    later = substitute(term, {name: add(var(name), num(step))})
    return instance(
        forall(name, "int", start, INF, le(term, value)),
        ("does not fall", forall(name, "int", start, INF, le(term, later))),
    )


def _fraction(term: Term, name: str) -> tuple[Polynomial, Polynomial]:
    """Numerator and denominator of a rational function, the term for all large arguments."""
    if term.op == "num":
        return _clean({0: Fraction(term.data)}), {0: Fraction(1)}
    if term == var(name):
        return {1: Fraction(1)}, {0: Fraction(1)}
    if term.op in ("add", "mul"):
        total = _fraction(num(int(term.op == "mul")), name)
        for arg in term.args:
            total = (_plus if term.op == "add" else _through)(total, _fraction(arg, name))
        return total
    whole = term.op == "pow" and term.args[1].op == "num" and term.args[1].data.denominator == 1
    if not whole or abs(term.args[1].data) > LARGEST_DEGREE:
        raise Refused(f"only limits of rational functions of one variable are taken; {INSTEAD}")
    above, below = _fraction(term.args[0], name)
    if term.args[1].data < 0 and not above:
        raise Refused("the function divides by zero everywhere")
    base = (above, below) if term.args[1].data >= 0 else (below, above)
    total = _fraction(num(1), name)
    for _ in range(abs(term.args[1].data)):
        total = _through(total, base)
    return total


def _clean(poly: Polynomial) -> Polynomial:
    return {n: c for n, c in poly.items() if c}


def _times(one: Polynomial, other: Polynomial) -> Polynomial:
    if max(one, default=0) + max(other, default=0) > LARGEST_DEGREE:
        raise Refused(f"the degree of the rational function is above {LARGEST_DEGREE}")
    found: Polynomial = {}
    for n, c in one.items():
        for m, d in other.items():
            found[n + m] = found.get(n + m, Fraction(0)) + c * d
    return _clean(found)


def _through(
    one: tuple[Polynomial, Polynomial], other: tuple[Polynomial, Polynomial]
) -> tuple[Polynomial, Polynomial]:
    return _times(one[0], other[0]), _times(one[1], other[1])


def _plus(
    one: tuple[Polynomial, Polynomial], other: tuple[Polynomial, Polynomial]
) -> tuple[Polynomial, Polynomial]:
    left, right = _times(one[0], other[1]), _times(other[0], one[1])
    total = {n: left.get(n, Fraction(0)) + right.get(n, Fraction(0)) for n in left | right}
    return _clean(total), _times(one[1], other[1])
