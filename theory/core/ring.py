"""Polynomials over atoms with exact rational coefficients. An atom is a term that is not taken apart.

A polynomial is a dictionary from monomials to coefficients other than 0, a monomial a sorted tuple
of (number of the atom, exponent ≥ 1). Atoms are numbered as they come, the same term always alike.
Nothing here knows what an atom means: two polynomials are equal as polynomials or not.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from theory.core.term import ONE, ZERO, Term, add, mul, num, power

Number = int | Fraction
Monomial = tuple[tuple[int, int], ...]
Poly = dict[Monomial, Number]

UNIT: Monomial = ()
ATOMS: list[Term] = []
_NUMBERS: dict[Term, int] = {}


def number_of(atom: Term) -> int:
    """The atom's number."""
    found = _NUMBERS.get(atom)
    if found is None:
        found = _NUMBERS[atom] = len(ATOMS)
        ATOMS.append(atom)
    return found


def constant(value: Number) -> Poly:
    return {UNIT: value} if value else {}


def atom(term: Term, exponent: int = 1) -> Poly:
    return {((number_of(term), exponent),): 1}


def is_constant(poly: Poly) -> bool:
    return not poly or len(poly) == 1 and UNIT in poly


def plus(one: Poly, other: Poly, factor: Number = 1) -> Poly:
    """one + factor · other."""
    total = dict(one)
    for monomial, value in other.items():
        value = total.get(monomial, 0) + factor * value
        if value:
            total[monomial] = value
        else:
            total.pop(monomial, None)
    return total


def scaled(poly: Poly, factor: Number) -> Poly:
    return {monomial: value * factor for monomial, value in poly.items()} if factor else {}


def join(one: Monomial, other: Monomial) -> Monomial:
    """The product of two monomials."""
    if not one or not other:
        return one or other
    total = dict(one)
    for number, exponent in other:
        total[number] = total.get(number, 0) + exponent
    return tuple(sorted(total.items()))


def times(one: Poly, other: Poly) -> Poly:
    if len(one) == 1 and UNIT in one:
        return scaled(other, one[UNIT])
    total: Poly = {}
    for left, value in one.items():
        for right, factor in other.items():
            monomial = join(left, right)
            total[monomial] = total.get(monomial, 0) + value * factor
    return {monomial: value for monomial, value in total.items() if value}


def rational(value: Number) -> Number:
    """The same number, as an int if it is one."""
    return int(value) if value.denominator == 1 else value


def size(value: Number) -> Fraction:
    """|value|."""
    return abs(Fraction(value))


def single(number: int, exponent: int = 1) -> Poly:
    """A power of an atom."""
    return {((number, exponent),): 1}


def divides(part: Monomial, whole: Monomial) -> bool:
    have = dict(whole)
    return all(have.get(number, 0) >= exponent for number, exponent in part)


def quotient(whole: Monomial, part: Monomial) -> Monomial:
    """whole / part, where part divides it."""
    left = dict(whole)
    for number, exponent in part:
        left[number] -= exponent
    return tuple((number, exponent) for number, exponent in left.items() if exponent)


# -- an order that does not depend on numbers, nor on the names of opened variables ----------------


@cache
def key(term: Term) -> str:
    """A text that orders terms by structure; opened variables (#01, #02, …) keep their order."""
    data = "" if term.data is None else str(term.data)
    return f"{term.op}:{data}({','.join(map(key, term.args))})"


@cache
def order(monomial: Monomial) -> tuple:
    """By degree, then by the largest atoms: multiplication keeps this order."""
    sizes = sorted(((key(ATOMS[n]), exponent) for n, exponent in monomial), reverse=True)
    return sum(exponent for _, exponent in monomial), tuple(sizes)


def leading(poly: Poly) -> Monomial:
    """The largest monomial of a polynomial other than 0."""
    return max(poly, key=order)


def as_term(poly: Poly) -> Term:
    """The polynomial as a term; equal polynomials give equal terms."""
    ordered = sorted(poly, key=order, reverse=True)
    parts = tuple(_product(monomial, poly[monomial]) for monomial in ordered)
    return ZERO if not parts else parts[0] if len(parts) == 1 else add(*parts)


def _product(monomial: Monomial, value: Number) -> Term:
    atoms = sorted(((key(ATOMS[n]), ATOMS[n], e) for n, e in monomial), key=lambda part: part[0])
    factors = [one if e == 1 else power(one, num(e)) for _, one, e in atoms]
    if value != 1 or not factors:
        factors = [num(value), *factors]
    return factors[0] if len(factors) == 1 else mul(*factors)


__all__ = [
    "ATOMS", "ONE", "UNIT", "Monomial", "Number", "Poly", "as_term", "atom", "constant", "divides",
    "is_constant", "join", "key", "leading", "number_of", "order", "plus", "quotient", "rational",
    "scaled", "single", "size", "times",
]
