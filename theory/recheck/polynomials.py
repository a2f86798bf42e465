"""Polynomials over atoms, with exact coefficients; an atom is a term that is not taken apart.

A monomial is a tuple of (atom, exponent ≥ 1), in the order of the atoms' numbers; a polynomial is a
dictionary from monomials to coefficients other than 0.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache, cmp_to_key

from theory.recheck.terms import ONE, ZERO, Number, Term, add, by_structure, compare, mul, num, power

Mono = tuple[tuple[Term, int], ...]
Poly = dict[Mono, Number]
UNIT: Mono = ()
LARGEST = 4000  # terms of a polynomial


class TooLarge(Exception):
    """Written out, a term would be too large to work with."""


def constant(value: Number) -> Poly:
    return {UNIT: value} if value else {}


def atom(term: Term) -> Poly:
    return {((term, 1),): 1}


def number(poly: Poly) -> Number | None:
    """The value of a polynomial that is a number."""
    return 0 if not poly else poly[UNIT] if len(poly) == 1 and UNIT in poly else None


def plus(one: Poly, other: Poly, factor: Number = 1) -> Poly:
    """one + factor · other."""
    total = dict(one)
    for mono, value in other.items():
        new = total.get(mono, 0) + factor * value
        if new:
            total[mono] = new
        else:
            total.pop(mono, None)
    if len(total) > LARGEST:
        raise TooLarge(f"a polynomial has more than {LARGEST} terms")
    return total


def scaled(poly: Poly, factor: Number) -> Poly:
    return {mono: value * factor for mono, value in poly.items()} if factor else {}


def join(one: Mono, other: Mono, sign: int = 1) -> Mono:
    """The product (sign -1: the quotient, which exists) of two monomials."""
    if not other:
        return one
    total = dict(one)
    for term, exponent in other:
        total[term] = total.get(term, 0) + sign * exponent
    return tuple(sorted(((t, e) for t, e in total.items() if e), key=lambda pair: pair[0].number))


def divides(part: Mono, whole: Mono) -> bool:
    have = dict(whole)
    return all(have.get(term, 0) >= exponent for term, exponent in part)


def gcd(one: Mono, other: Mono) -> Mono:
    have = dict(other)
    return tuple((term, min(e, have[term])) for term, e in one if term in have)


def _compare(one: Mono, other: Mono) -> int:
    """By degree, then by the exponents of the largest atoms: an order that products keep."""
    degrees = sum(e for _, e in one) - sum(e for _, e in other)
    if degrees or one == other:
        return degrees
    left, right = (sorted(m, key=lambda p: by_structure(p[0]), reverse=True) for m in (one, other))
    for (a, n), (b, m) in zip(left, right, strict=False):
        if a is not b:
            return compare(a, b)
        if n != m:
            return n - m
    return len(left) - len(right)


by_size = cmp_to_key(_compare)


def leading(poly: Poly) -> Mono:
    return max(poly, key=by_size)


def as_term(poly: Poly) -> Term:
    """The polynomial as a term; equal polynomials give the same term."""
    parts = [_as_term(mono, poly[mono]) for mono in sorted(poly, key=by_size, reverse=True)]
    return ZERO if not parts else parts[0] if len(parts) == 1 else add(*parts)


def _as_term(mono: Mono, value: Number) -> Term:
    ordered = sorted(mono, key=lambda pair: by_structure(pair[0]))
    factors = [term if e == 1 else power(term, num(e)) for term, e in ordered]
    if value != 1 or not factors:
        factors = [num(value), *factors]
    return factors[0] if len(factors) == 1 else mul(*factors)


@cache
def _from_term(term: Term) -> tuple[tuple[Mono, Number], ...]:
    total: Poly = {}
    for part in term.args if term.op == "add" else (term,):
        value: Number = 1
        mono: Mono = UNIT
        for factor in part.args if part.op == "mul" else (part,):
            if factor.op == "num":
                value *= factor.data
                continue
            whole = factor.op == "pow" and factor.args[1].op == "num"
            n = factor.args[1].data if whole and factor.args[1].data.denominator == 1 else 0
            mono = join(mono, ((factor.args[0], int(n)),) if n > 1 else ((factor, 1),))
        total = plus(total, {mono: value} if value else {})
    return tuple(total.items())


def from_term(term: Term) -> Poly:
    """What `as_term` came from."""
    return dict(_from_term(term))


def content(poly: Poly) -> tuple[Number, Mono, Poly]:
    """c, M, P with poly = c · M · P, where P has no monomial as a factor and leads with 1."""
    common = dict(next(iter(poly)))
    for mono in poly:
        have = dict(mono)
        common = {term: min(e, have[term]) for term, e in common.items() if term in have}
    shared = join(UNIT, tuple(common.items()))
    value = poly[leading(poly)]
    rest = {join(m, shared, -1): Fraction(c) / value for m, c in poly.items()}
    return value, shared, {m: int(c) if c.denominator == 1 else c for m, c in rest.items()}


def factors(value: int) -> dict[int, int]:
    """A number > 0 as a product of powers; a large factor that is hard to split stays whole."""
    found: dict[int, int] = {}
    prime = 2
    while prime * prime <= value and prime < 5000:
        while value % prime == 0:
            found[prime] = found.get(prime, 0) + 1
            value //= prime
        prime += 1
    if value > 1:
        found[value] = found.get(value, 0) + 1
    return found


__all__ = ["ONE", "Mono", "Poly", "TooLarge", "UNIT", "as_term", "atom", "constant", "content",
           "divides", "factors", "from_term", "join", "leading", "number", "plus",
           "scaled"]  # fmt: skip
