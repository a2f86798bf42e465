"""Facts about Γ and about powers with any exponent, each with the conditions under which it holds.

Where an argument is a sum, it may be given in another form (`named`), which is then a condition of
its own.
"""

from __future__ import annotations

from fractions import Fraction

from theory.core.instance import Instance, instance
from theory.core.term import ONE, ZERO, Term, add, const, eq, fn, le, lt, mul, num, power, root


def gamma_next(x: Term, named: Term | None = None) -> Instance:
    """Γ(x+1) = x Γ(x) for x > 0."""
    following, same = _form(add(x, ONE), named)
    return instance(
        eq(fn("gamma", following), mul(x, fn("gamma", x))), *same, ("positive", lt(ZERO, x))
    )


def gamma_positive(x: Term) -> Instance:
    """Γ(x) > 0 for x > 0."""
    return instance(lt(ZERO, fn("gamma", x)), ("positive", lt(ZERO, x)))


def gamma_one() -> Instance:
    """Γ(1) = 1."""
    return instance(eq(fn("gamma", ONE), ONE))


def gamma_half() -> Instance:
    """Γ(1/2) = √π."""
    return instance(eq(fn("gamma", num(Fraction(1, 2))), root(const("pi"))))


def gamma_log_convex(x: Term, y: Term, named: Term | None = None) -> Instance:
    """Γ((x+y)/2)² ≤ Γ(x) Γ(y) for x, y > 0."""
    middle, same = _form(mul(num(Fraction(1, 2)), add(x, y)), named)
    return instance(
        le(power(fn("gamma", middle), num(2)), mul(fn("gamma", x), fn("gamma", y))),
        *same,
        ("positive", lt(ZERO, x)),
        ("positive", lt(ZERO, y)),
    )


def power_product(base: Term, x: Term, y: Term, named: Term | None = None) -> Instance:
    """bˣ bʸ = b^(x+y) for b > 0."""
    total, same = _form(add(x, y), named)
    return instance(
        eq(mul(power(base, x), power(base, y)), power(base, total)),
        *same,
        ("positive", lt(ZERO, base)),
    )


def power_inverse(base: Term, x: Term) -> Instance:
    """(1/b)ˣ bˣ = 1 for b > 0."""
    inverse = (
        num(1 / Fraction(base.data)) if base.op == "num" and base.data else power(base, num(-1))
    )
    return instance(eq(mul(power(inverse, x), power(base, x)), ONE), ("positive", lt(ZERO, base)))


def _form(plain: Term, named: Term | None) -> tuple[Term, list[tuple[str, Term]]]:
    """The form to be used, and that it is the plain one."""
    return (plain, []) if named is None else (named, [("the same argument", eq(named, plain))])
