"""Values of integrals: by antiderivatives on finite ranges, by Γ for rᵃ exp(-c r²) on (0, ∞) and on
the whole line.

Every value here comes with the integral's existence: on a finite range the integrand is continuous
on each piece, on an infinite one it is a sum of classical integrands that converge. What the
integrand is, is compared on the range only. An integral's value is decided by the values of its
integrand on the range (one point does not matter); where it does not exist its value is 0.
`rewrite` and `symmetric` relate values in this sense, and do not show that either integral exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from theory.core.derivative import derivative, smooth_where
from theory.core.instance import Instance, Refused, constants, fresh, instance, require_ends
from theory.core.term import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Function,
    Term,
    add,
    close,
    divide,
    eq,
    fn,
    forall,
    implies,
    le,
    lt,
    mul,
    neg,
    num,
    open_,
    power,
    sub,
    var,
)


class Piece(NamedTuple):
    """coefficient · Π r^(exponents) · exp(-rate r²); `half` is half of the sum of 1 and the
    exponents, in any form.
    """

    coefficient: Term
    exponents: tuple[Term, ...]
    rate: Term
    half: Term


def fundamental(
    integral: Term, functions: tuple[Function, ...], points: tuple[Term, ...] = ()
) -> Instance:
    """∫_a^b f = F(b) - F(a), as F' = f on [a, b]; with points in between, one antiderivative for
    each piece.
    """
    lower, upper = _read(integral)
    ends = (lower, *points, upper)
    if INF in ends or NEGINF in ends:
        raise Refused("an antiderivative gives the value of an integral with finite ends only")
    if len(functions) != len(ends) - 1 or any(len(f.names) != 1 for f in functions):
        raise Refused("each piece of the range needs one antiderivative, a function of one number")
    name = fresh(integral.hint, integral, *points, *map(constants, functions))
    conditions: list[tuple[str, Term]] = []
    values = []
    for low, high, function in zip(ends, ends[1:], functions, strict=False):
        area = function.at((var(name),))
        conditions.append(("the range is not reversed", le(low, high)))
        conditions += [
            ("smooth", forall(name, "real", low, high, prop)) for prop in smooth_where(area, name)
        ]
        slope = eq(derivative(area, name), open_(integral, var(name)))
        conditions.append(("derivative", forall(name, "real", low, high, slope)))
        values.append(sub(function.at((high,)), function.at((low,))))
    return instance(eq(integral, _total(values)), *conditions)


def gamma_integral(integral: Term, pieces: tuple[Piece, ...]) -> Instance:
    """∫_0^∞ Σ k rᵃ exp(-c r²) dr = Σ k Γ((a+1)/2) / (2 c^((a+1)/2)) for a > -1 and c > 0.

    The integrand is compared with the sum for r > 0. From -∞ on it must be even, and the value is
    doubled.
    """
    lower, upper = _read(integral)
    given = [
        term
        for piece in pieces
        for term in (piece.coefficient, *piece.exponents, piece.rate, piece.half)
    ]
    if (
        upper != INF
        or lower not in (ZERO, NEGINF)
        or not pieces
        or any(term.loose for term in given)
    ):
        raise Refused(
            "Γ gives integrals from 0 or -∞ to ∞ of sums of k rᵃ exp(-c r²), with k, a, c free of r"
        )
    name = fresh(integral.hint, integral, *given)
    whole, r = open_(integral, var(name)), var(name)
    conditions = [condition for piece in pieces for condition in _converges(piece)]
    same = implies(lt(ZERO, r), eq(whole, _total([_integrand(piece, r) for piece in pieces])))
    conditions.append(("integrand", forall(name, "real", ZERO, INF, same)))
    value = _total([_gamma_value(piece) for piece in pieces])
    if lower == NEGINF:
        conditions.append(("even", _even(integral, name)))
        value = mul(num(2), value)
    return instance(eq(integral, value), *conditions)


def rewrite(integral: Term, function: Function) -> Instance:
    """∫ f = ∫ g, as f = g on the range; the existence of either is not shown."""
    lower, upper = _read(integral)
    if len(function.names) != 1:
        raise Refused("an integrand is a function of one number")
    name = fresh(integral.hint, integral, constants(function))
    other = function.at((var(name),))
    order = (
        [] if lower == NEGINF or upper == INF else [("the range is not reversed", le(lower, upper))]
    )
    same = forall(name, "real", lower, upper, eq(open_(integral, var(name)), other))
    changed = Term("integral", None, (lower, upper, close(other, name)), integral.hint)
    return instance(eq(integral, changed), *order, ("integrand", same))


def symmetric(integral: Term) -> Instance:
    """∫_{-∞}^{∞} f = 2 ∫_0^∞ f for even f; the existence of either is not shown."""
    lower, upper = _read(integral)
    if lower != NEGINF or upper != INF:
        raise Refused("the integral of an even function is halved on the whole line only")
    half = Term("integral", None, (ZERO, INF, integral.args[-1]), integral.hint)
    return instance(
        eq(integral, mul(num(2), half)), ("even", _even(integral, fresh(integral.hint, integral)))
    )


def _read(integral: Term) -> tuple[Term, Term]:
    """The ends of a closed integral."""
    if integral.op != "integral" or integral.loose:
        raise Refused("the integral rule proves an equation for an integral")
    require_ends(*integral.args[:2])
    return integral.args[0], integral.args[1]


def _even(integral: Term, name: str) -> Term:
    x = var(name)
    return forall(name, "real", NEGINF, INF, eq(open_(integral, neg(x)), open_(integral, x)))


def _total(terms: Sequence[Term]) -> Term:
    return ZERO if not terms else terms[0] if len(terms) == 1 else add(*terms)


def _integrand(piece: Piece, r: Term) -> Term:
    powers = [r if a == ONE else power(r, a) for a in piece.exponents]
    return mul(piece.coefficient, *powers, fn("exp", neg(mul(piece.rate, power(r, num(2))))))


def _converges(piece: Piece) -> list[tuple[str, Term]]:
    half = mul(num(Fraction(1, 2)), add(*piece.exponents, ONE))
    return [
        ("half of the exponent", eq(piece.half, half)),
        ("the exponent is above -1", lt(ZERO, piece.half)),
        ("the rate is positive", lt(ZERO, piece.rate)),
    ]


def _gamma_value(piece: Piece) -> Term:
    """With b = (a+1)/2: k Γ(b) / (2 cᵇ)."""
    below = mul(num(2), power(piece.rate, piece.half))
    return mul(piece.coefficient, divide(fn("gamma", piece.half), below))
