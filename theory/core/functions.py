"""Normal forms of inverses, powers, roots, exp, log, |·|, sign, max and min of polynomials.

Each rewriting holds for the total functions of `term` without a condition, or under one that is
granted. The docstrings say which, and why the case 0 is right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from theory.core.context import Context
from theory.core.grants import Grants, Sign, of
from theory.core.ring import (
    ATOMS,
    UNIT,
    Monomial,
    Number,
    Poly,
    as_term,
    atom,
    constant,
    divides,
    is_constant,
    join,
    key,
    leading,
    number_of,
    plus,
    quotient,
    rational,
    scaled,
    single,
    size,
    times,
)
from theory.core.term import ONE, Term, fn, num
from theory.core.term import power as power_term

INVERSE: dict[int, Poly] = {}  # the atom D⁻¹ -> D
ROOTS: dict[int, tuple[Poly, int]] = {}  # the atom D^(1/q) -> D, q
LARGEST_EXPONENT, LARGEST_SIZE = 60, 3000
SMALL_FACTORS = 2000


class Base:
    """Products in normal form, and what the context grants of forms."""

    def __init__(self, context: Context, mode: str) -> None:
        self.context, self.mode = context, mode
        self.grants: Grants = of(context)
        self.memory: dict[Term, Poly] = {}

    def granted(self, margin: Poly, strict: bool = False) -> bool:
        """Whether the form is granted to be ≥ 0 (> 0)."""
        return self.grants.at_least(margin, strict)

    def spare(self, number: Poly) -> int:
        """How much of an integer's constant part can be taken away so that ≥ 0 is still granted: as
        much for n as for n + 1, less one. Below n - 4 nobody looks.
        """
        constant_part = left = int(number.get(UNIT, 0))
        if not self.granted(number):
            return 0
        while left > -4 and self.granted(plus(number, constant(left - 1 - constant_part))):
            left -= 1
        return constant_part - left

    def product(self, one: Poly, other: Poly) -> Poly:
        """The product, with a·a⁻¹ cancelled and powers of roots and of |a| taken out."""
        todo = list(times(one, other).items())
        total: Poly = {}
        while todo:
            monomial, value = todo.pop()
            found = self._reduced(monomial)
            if found is None:
                total = plus(total, {monomial: value})
            else:
                todo += [(m, v * value) for m, v in found.items()]
        return {m: rational(v) for m, v in total.items()}

    def _reduced(self, monomial: Monomial) -> Poly | None:
        """One rewriting of a monomial; None if there is none."""
        for number, exponent in monomial:
            if number in INVERSE:
                found = self._cancelled(monomial, number, exponent)
                if found is not None:
                    return found
            elif number in ROOTS:
                base, degree = ROOTS[number]
                if exponent >= degree and self.granted(base):
                    return times({quotient(monomial, ((number, degree),)): 1}, base)
            elif exponent > 1 and ATOMS[number].op == "fn" and ATOMS[number].data == "abs":
                inside = polynomial(self, ATOMS[number].args[0])  # |a|² = a²
                return times({quotient(monomial, ((number, 2),)): 1}, times(inside, inside))
        return None

    def _cancelled(self, monomial: Monomial, number: int, exponent: int) -> Poly | None:
        """aᵐa⁻ᵏ = aᵐ⁻ᵏ for m ≠ k (at a = 0 both are 0), and for m = k if a ≠ 0; for a sum D in place
        of a: D⁻¹·(its leading monomial) by D⁻¹·D = 1, if D ≠ 0.
        """
        below = INVERSE[number]
        top = leading(below)
        alone = len(below) == 1
        times_there = dict(monomial).get(top[0][0], 0) if alone else 0
        if alone and times_there:
            common = min(times_there, exponent)
            if times_there == exponent and not self.grants.nonzero(below):
                common -= 1
            if not common:
                return None
            gone = join(((number, common),), ((top[0][0], common),))
            return {quotient(monomial, tuple(sorted(gone))): 1}
        if not alone and divides(top, monomial) and self.grants.nonzero(below):
            rest = quotient(monomial, join(top, ((number, 1),)))
            tail = {m: v for m, v in below.items() if m != top}
            replaced = plus(constant(1), times(tail, single(number)), -1)
            return times({rest: Fraction(1) / below[top]}, replaced)
        return None


# -- parts -----------------------------------------------------------------------------------------


def content(poly: Poly) -> tuple[Number, Monomial, Poly]:
    """The polynomial, not 0, as number · monomial · primitive polynomial with a positive leading
    coefficient.
    """
    above = math.gcd(*(Fraction(v).numerator for v in poly.values()))
    below = math.lcm(*(Fraction(v).denominator for v in poly.values()))
    number = Fraction(above, below) * (1 if poly[leading(poly)] > 0 else -1)
    common = dict(next(iter(poly)))
    for monomial in poly:
        have = dict(monomial)
        common = {n: min(e, have[n]) for n, e in common.items() if n in have}
    shared = tuple(sorted(common.items()))
    rest = {quotient(m, shared): rational(Fraction(v) / number) for m, v in poly.items()}
    return rational(number), shared, rest


def primes(number: int) -> list[tuple[int, int]]:
    """Small prime factors of a number ≥ 1 with exponents, and what is left as one factor."""
    found = []
    for p in range(2, SMALL_FACTORS):
        if p * p > number:
            break
        exponent = 0
        while number % p == 0:
            number, exponent = number // p, exponent + 1
        if exponent:
            found.append((p, exponent))
    return found + ([(number, 1)] if number > 1 else [])


# -- inverses and powers ---------------------------------------------------------------------------


def inverse(form: Base, poly: Poly) -> Poly:
    """(ab)⁻¹ = a⁻¹b⁻¹ and (a⁻¹)⁻¹ = a also where a or b is 0."""
    if not poly:
        return {}
    number, monomial, rest = content(poly)
    total = constant(rational(1 / Fraction(number)))
    for one, exponent in monomial:
        total = form.product(total, _to_the(form, _inverse_atom(form, one), exponent))
    return total if is_constant(rest) else form.product(total, _inverse_of(rest))


def _inverse_atom(form: Base, one: int) -> Poly:
    if one in INVERSE:
        return INVERSE[one]
    if one in ROOTS:  # 1/R = R^(q-1)/D: where D < 0 both are 0, as R is
        base, degree = ROOTS[one]
        return form.product(single(one, degree - 1), inverse(form, base))
    return _inverse_of(single(one))


def _inverse_of(poly: Poly) -> Poly:
    number = number_of(power_term(as_term(poly), num(-1)))
    INVERSE[number] = poly
    return single(number)


def _to_the(form: Base, poly: Poly, exponent: int) -> Poly:
    total = constant(1)
    for _ in range(exponent):
        total = form.product(total, poly)
    return total


def power(form: Base, base: Poly, exponent: Poly) -> Poly:
    """A power, by the kind of its exponent."""
    if not is_constant(exponent):
        whole = form.context.is_whole(as_term(exponent))
        return _whole_power(form, base, exponent) if whole else _real_power(form, base, exponent)
    value = Fraction(exponent.get(UNIT, 0))
    if value.denominator > 1:
        found = root(form, base, value.denominator)
        found = inverse(form, found) if value < 0 else found
        return _to_the(form, found, abs(value.numerator))
    times_there = abs(value.numerator)
    if times_there > LARGEST_EXPONENT or len(base) ** times_there > LARGEST_SIZE:
        return atom(power_term(as_term(base), num(value)))
    return _to_the(form, inverse(form, base) if value < 0 else base, times_there)


def _whole_power(form: Base, base: Poly, exponent: Poly) -> Poly:
    """(ab)ⁿ = aⁿbⁿ for every integer n: where a = 0, both sides are 1 for n = 0 and 0 otherwise."""
    if not base:
        return atom(power_term(num(0), as_term(exponent)))
    number, monomial, rest = content(base)
    if number < 0 and not is_constant(rest):
        number, rest = -number, scaled(rest, -1)
    total = constant(1)
    factors = [(single(n), e) for n, e in monomial]
    factors += [] if is_constant(rest) else [(rest, 1)]
    above, below = size(number).numerator, Fraction(number).denominator
    factors += [(constant(p), e) for p, e in primes(above)]
    factors += [(constant(p), -e) for p, e in primes(below)]
    factors += [(constant(-1), 1)] if number < 0 else []
    for factor, times_there in factors:
        one = _one_power(form, factor, exponent)
        one = inverse(form, one) if times_there < 0 else one
        total = form.product(total, _to_the(form, one, abs(times_there)))
    return total


def _one_power(form: Base, base: Poly, exponent: Poly) -> Poly:
    """b^(n+c) = bᶜbⁿ if b ≠ 0, or if c, n ≥ 0; then n is as small as is granted."""
    if len(base) == 1 and (found := _inner_power(form, base, exponent)) is not None:
        return found
    offset = int(exponent.get(UNIT, 0))
    if form.grants.nonzero(base):
        rest = plus(exponent, constant(-offset))
        outside = power(form, base, constant(offset))
        return form.product(outside, _primitive_power(form, base, rest))
    out = form.spare(exponent)
    inside = _primitive_power(form, base, plus(exponent, constant(-out)))
    return form.product(_to_the(form, base, out), inside)


def _inner_power(form: Base, base: Poly, exponent: Poly) -> Poly | None:
    """(a⁻¹)ⁿ = (aⁿ)⁻¹ and (aᵐ)ⁿ = aᵐⁿ for integers, (eˣ)ⁿ = eⁿˣ."""
    (monomial, _), = base.items()
    if not monomial:
        return None
    number = monomial[0][0]
    inner = ATOMS[number]
    if number in INVERSE:
        return inverse(form, _whole_power(form, INVERSE[number], exponent))
    if inner.op == "pow" and form.context.is_whole(inner.args[1]):
        product = form.product(polynomial(form, inner.args[1]), exponent)
        return _whole_power(form, polynomial(form, inner.args[0]), product)
    if inner.op == "fn" and inner.data == "exp":
        return exp(form, [form.product(polynomial(form, inner.args[0]), exponent)])
    return None


def polynomial(form: Base, term: Term) -> Poly:
    """The form of a term in normal form (the forms know how)."""
    return form.number(term)  # type: ignore[attr-defined]


def _primitive_power(form: Base, base: Poly, exponent: Poly) -> Poly:
    """b^(kn) = (bⁿ)ᵏ for every integer k: where b = 0, both are 1 for n = 0 and 0 otherwise, k ≠ 0."""
    if not exponent:
        return constant(1)
    number = content(exponent)[0]
    one = atom(power_term(as_term(base), as_term(scaled(exponent, 1 / Fraction(number)))))
    one = inverse(form, one) if number < 0 else one
    return _to_the(form, one, abs(int(number)))


def _real_power(form: Base, base: Poly, exponent: Poly) -> Poly:
    """b^(x+c) = bᶜbˣ if b > 0; any other exponent is left alone."""
    offset = Fraction(exponent.get(UNIT, 0))
    if not base or not form.granted(base, True) or not offset:
        return atom(power_term(as_term(base), as_term(exponent)))
    rest = atom(power_term(as_term(base), as_term(plus(exponent, constant(-offset)))))
    return form.product(power(form, base, constant(offset)), rest)


def root(form: Base, poly: Poly, degree: int) -> Poly:
    """The q-th root, with what is granted to be ≥ 0 taken out factor by factor.

    (ab)^(1/q) = a^(1/q) b^(1/q) if a ≥ 0: for b < 0 both are 0. For even q, a^q has the root |a|.
    """
    if not poly:
        return {}
    number, monomial, rest = content(poly)
    inside = rest if number > 0 else scaled(rest, -1)
    total = _root_of_number(form, size(number), degree)
    for one, exponent in monomial:
        it: Poly = single(one)
        outside, left = divmod(exponent, degree)
        if form.granted(it):
            total = form.product(total, _to_the(form, it, outside))
            total = form.product(total, _to_the(form, _root_atom(it, degree), left))
        elif degree % 2 == 0:
            total = form.product(total, _to_the(form, absolute(form, [it]), outside))
            inside = times(inside, {((one, left),): 1}) if left else inside
        else:
            inside = times(inside, {((one, exponent),): 1})
    if is_constant(inside):
        return total if inside[UNIT] > 0 else {}
    return form.product(total, _root_atom(inside, degree))


def _root_atom(inside: Poly, degree: int) -> Poly:
    number = number_of(power_term(as_term(inside), num(Fraction(1, degree))))
    ROOTS[number] = inside, degree
    return single(number)


def _root_of_number(form: Base, value: Fraction, degree: int) -> Poly:
    """The root of a number > 0 over roots of primes: (a/b)^(1/q) = (a b^(q-1))^(1/q) / b."""
    total = constant(rational(Fraction(1, value.denominator)))
    for p, exponent in primes(value.numerator * value.denominator ** (degree - 1)):
        outside, left = divmod(exponent, degree)
        total = scaled(total, p**outside)
        total = form.product(total, _to_the(form, _root_atom(constant(p), degree), left))
    return total


# -- exp and log -----------------------------------------------------------------------------------


def exp(form: Base, args: list[Poly]) -> Poly:
    """e^(x+y) = eˣeʸ, e^(kx) = (eˣ)ᵏ, e^(ln a) = a if a > 0."""
    total = constant(1)
    for monomial, value in args[0].items():
        value = Fraction(value)
        inner = ATOMS[monomial[0][0]] if len(monomial) == 1 and monomial[0][1] == 1 else None
        if inner is not None and inner.op == "fn" and inner.data == "log" and \
                form.granted(polynomial(form, inner.args[0]), True):
            one = polynomial(form, inner.args[0])
            part = power(form, one, constant(value))
        else:
            one = atom(fn("exp", as_term({monomial: rational(Fraction(1, value.denominator))})))
            one = inverse(form, one) if value < 0 else one
            part = _to_the(form, one, abs(value.numerator))
        total = form.product(total, part)
    return total


def log(form: Base, args: list[Poly]) -> Poly:
    """ln(ab) = ln a + ln b if both are > 0; ln of a number ≤ 0 is 0."""
    poly = args[0]
    if is_constant(poly) and poly.get(UNIT, 0) <= 0:
        return {}
    number, monomial, rest = content(poly)
    factors: list[Poly] = [single(n) for n, _ in monomial]
    factors += [] if is_constant(rest) else [rest]
    if number < 0 or not all(form.granted(factor, True) for factor in factors):
        return atom(fn("log", as_term(poly)))
    total: Poly = {}
    for part, sign in ((Fraction(number).numerator, 1), (Fraction(number).denominator, -1)):
        for p, exponent in primes(part):
            total = plus(total, atom(fn("log", num(p))), sign * exponent)
    for n, exponent in monomial:
        total = plus(total, _log_of_atom(form, n), exponent)
    return total if is_constant(rest) else plus(total, atom(fn("log", as_term(rest))))


def _log_of_atom(form: Base, number: int) -> Poly:
    """ln of an atom > 0: of an inverse, a root, an exponential, a power, a product."""
    term = ATOMS[number]
    if number in INVERSE:
        return scaled(log(form, [INVERSE[number]]), -1)
    if number in ROOTS:
        base, degree = ROOTS[number]
        return scaled(log(form, [base]), Fraction(1, degree))
    if term.op == "fn" and term.data == "exp":
        return polynomial(form, term.args[0])
    if term.op == "pow" and form.granted(base := polynomial(form, term.args[0]), True):
        return form.product(polynomial(form, term.args[1]), log(form, [base]))
    return atom(fn("log", term))


# -- |·|, sign, max, min ---------------------------------------------------------------------------


def _sign_of(form: Base, poly: Poly) -> Sign:
    above, below = form.granted(poly), form.granted(scaled(poly, -1))
    return Sign(above, below, form.grants.nonzero(poly))


def absolute(form: Base, args: list[Poly]) -> Poly:
    """|ab| = |a||b|, |a⁻¹| = |a|⁻¹, and what has a sign is itself or its negative."""
    poly = args[0]
    if not poly:
        return {}
    number, monomial, rest = content(poly)
    total = constant(rational(size(number)))
    for n, exponent in monomial:
        even = exponent - exponent % 2
        total = form.product(total, single(n, even) if even else constant(1))
        if exponent % 2:
            total = form.product(total, _absolute_of(form, single(n)))
    return total if is_constant(rest) else form.product(total, _absolute_of(form, rest))


def _absolute_of(form: Base, poly: Poly) -> Poly:
    sign = _sign_of(form, poly)
    if sign.above or sign.below:
        return poly if sign.above else scaled(poly, -1)
    number = next(iter(poly))[0][0] if len(poly) == 1 else -1
    if number in INVERSE:
        return inverse(form, absolute(form, [INVERSE[number]]))
    if number >= 0 and ATOMS[number].op == "fn" and ATOMS[number].data == "sign":
        return power(form, poly, constant(2))
    return atom(fn("abs", as_term(poly)))


def signum(form: Base, args: list[Poly]) -> Poly:
    """sign(ab) = sign a · sign b; ±1 for what has a strict sign."""
    poly = args[0]
    if not poly:
        return {}
    number, monomial, rest = content(poly)
    total = constant(1 if number > 0 else -1)
    factors = [(single(n), e) for n, e in monomial]
    for factor, exponent in [*factors, *([] if is_constant(rest) else [(rest, 1)])]:
        sign = _sign_of(form, factor)
        one = atom(fn("sign", as_term(factor)))
        if sign.nonzero and (sign.above or sign.below):
            one = constant(1 if sign.above else -1)
        total = form.product(total, _to_the(form, one, exponent))
    return total


def _extreme(name: str) -> Callable[[Base, list[Poly]], Poly]:
    def largest(form: Base, args: list[Poly]) -> Poly:
        """Of arguments of which one is granted not to be beaten by another, the one; else an atom."""
        kept: list[Poly] = []
        for poly in args:
            worse = (lambda a, b: plus(b, a, -1)) if name == "max" else plus_minus
            if any(form.granted(worse(poly, other)) for other in kept):
                continue
            kept = [other for other in kept if not form.granted(worse(other, poly))] + [poly]
        terms = sorted((as_term(poly) for poly in kept), key=key)
        return kept[0] if len(kept) == 1 else atom(fn(name, *terms))

    return largest


def plus_minus(one: Poly, other: Poly) -> Poly:
    """one - other."""
    return plus(one, other, -1)


FORMS: Mapping[str, Callable[[Base, list[Poly]], Poly]] = {
    "abs": absolute, "sign": signum, "exp": exp, "log": log,
    "gamma": lambda form, args: atom(fn("gamma", as_term(args[0]))),
    "max": _extreme("max"), "min": _extreme("min"),
}

__all__ = ["FORMS", "INVERSE", "ONE", "ROOTS", "Base", "content", "inverse", "power", "root"]
