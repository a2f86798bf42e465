"""Suggestions for the value of an integral: antiderivatives, kinks to split at, classical
integrands. Not trusted.

Whatever is suggested goes through a schema of `integrals`, whose conditions the kernel proves. A
bad suggestion is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import sympy as sp

from theory.calculus import gamma
from theory.calculus.integrals import Piece, fundamental, gamma_integral
from theory.calculus.pen import Atoms, from_sympy, to_sympy
from theory.core.instance import Instance, Refused, fresh
from theory.core.term import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Function,
    Term,
    add,
    mul,
    num,
    open_,
    power,
    rebuild,
    subterms,
    var,
)


class Found(NamedTuple):
    """A schema of calculus by name with what to give it, and what it then says; for a value also
    facts about Γ and powers that help to compare it with another form.
    """

    name: str
    args: Mapping[str, Any]
    instance: Instance
    facts: tuple[Found, ...] = ()


def found_by(schema: Callable[..., Instance], **args: Any) -> Found:
    """A schema with what to give it."""
    return Found(schema.__name__, args, schema(**args))


def suggest(integral: Term, value: Term = ZERO) -> Iterator[Found]:
    """Ways to the integral's value, the likeliest first; `value` is what the author says it is."""
    if integral.op != "integral" or integral.loose:
        raise Refused("the integral rule proves an equation for an integral")
    infinite = integral.args[1] == INF or integral.args[0] == NEGINF
    for found in _classical(integral, value) if infinite else _by_antiderivative(integral):
        yield found._replace(facts=tuple(helpful(found.instance.conclusion.args[1], value)))


# -- classical integrands --------------------------------------------------------------------------


class Monomial(NamedTuple):
    """coefficients · Π r^exponents · exp(-rate r²), all free of r."""

    coefficients: tuple[Term, ...] = ()
    exponents: tuple[Term, ...] = ()
    rates: tuple[Term, ...] = ()


def _classical(integral: Term, value: Term) -> Iterator[Found]:
    name = fresh(integral.hint, integral)
    forms = [part.args[0] for part in subterms(value) if part.op == "fn" and part.data == "gamma"]
    pieces = []
    for found in monomials(open_(integral, var(name)), name):
        exponents = _gather(found.exponents)
        half = _half(exponents, [form for form in forms if not form.loose])
        pieces.append(Piece(_times(found.coefficients), exponents, _plus(found.rates), half))
    yield found_by(gamma_integral, integral=integral, pieces=tuple(pieces))


def _half(exponents: tuple[Term, ...], forms: list[Term]) -> Term:
    """Half of the sum of 1 and the exponents: as the author wrote it, if he did."""
    atoms: Atoms = {}
    half = sp.expand(sum((to_sympy(e, {}, atoms) for e in exponents), sp.S.One) / 2)
    same = [form for form in forms if sp.expand(to_sympy(form, {}, atoms) - half) == 0]
    return same[0] if same else from_sympy(half, {}, atoms)


def monomials(term: Term, name: str) -> list[Monomial]:
    """The term, for r > 0, as a sum of monomials; refused where it is none."""
    if name not in term.free:
        return [Monomial((term,))]
    if term.op == "var":
        return [Monomial((), (ONE,))]
    if term.op == "add":
        return [m for arg in term.args for m in monomials(arg, name)]
    if term.op == "mul":
        return [
            _product(factors) for factors in product(*(monomials(arg, name) for arg in term.args))
        ]
    if term.op == "fn" and term.data == "abs":
        return monomials(term.args[0], name)  # right for positive coefficients; else refused later
    if term.op == "fn" and term.data == "exp":
        return [_product(tuple(_gaussian(m) for m in monomials(term.args[0], name)))]
    if term.op == "pow" and name not in term.args[1].free:
        return _power(monomials(term.args[0], name), term.args[1])
    raise Refused("the integrand is no sum of k rᵃ exp(-c r²)")


def _product(factors: tuple[Monomial, ...]) -> Monomial:
    coefficients, exponents, rates = (sum(parts, ()) for parts in zip(*factors, strict=True))
    return Monomial(coefficients, exponents, rates)


def _gaussian(inside: Monomial) -> Monomial:
    """exp of a monomial."""
    if not inside.exponents and not inside.rates:
        return Monomial((Term("fn", "exp", (_times(inside.coefficients),)),))
    if inside.rates or _gather(inside.exponents) != (num(2),):
        raise Refused("the integrand is no sum of k rᵃ exp(-c r²)")
    return Monomial((), (), (_times((num(-1), *inside.coefficients)),))


def _power(base: list[Monomial], exponent: Term) -> list[Monomial]:
    if len(base) > 1 and exponent.op == "num" and exponent.data in (2, 3, 4):
        return [_product(factors) for factors in product(base, repeat=exponent.data)]
    if len(base) > 1:
        raise Refused("the integrand is no sum of k rᵃ exp(-c r²)")
    (one,) = base
    return [
        Monomial(
            tuple(power(c, exponent) for c in one.coefficients),
            tuple(_times((e, exponent)) for e in one.exponents),
            tuple(_times((rate, exponent)) for rate in one.rates),
        )
    ]


def _times(factors: tuple[Term, ...]) -> Term:
    """The product, with its numbers multiplied."""
    factors = tuple(_number_power(factor) for factor in factors)
    flat = [f for factor in factors for f in (factor.args if factor.op == "mul" else (factor,))]
    number = Fraction(1)
    for factor in flat:
        number *= factor.data if factor.op == "num" else 1
    rest = [factor for factor in flat if factor.op != "num"]
    kept = ([num(number)] if number != 1 or not rest else []) + rest
    return kept[0] if len(kept) == 1 else mul(*kept)


def _number_power(term: Term) -> Term:
    whole = (
        term.op == "pow"
        and all(a.op == "num" for a in term.args)
        and term.args[1].data.denominator == 1
    )
    return (
        num(Fraction(term.args[0].data) ** int(term.args[1].data))
        if whole and term.args[0].data
        else term
    )


def _plus(terms: tuple[Term, ...]) -> Term:
    """The sum, with its numbers added."""
    flat = [t for term in terms for t in (term.args if term.op == "add" else (term,))]
    number = sum((Fraction(t.data) for t in flat if t.op == "num"), Fraction(0))
    rest = [t for t in flat if t.op != "num"]
    kept = rest + ([num(number)] if number or not rest else [])
    return kept[0] if len(kept) == 1 else add(*kept)


def _gather(exponents: tuple[Term, ...]) -> tuple[Term, ...]:
    """Numbers added up, other exponents kept as they are: the kernel need not merge powers then."""
    number = sum((Fraction(e.data) for e in exponents if e.op == "num"), Fraction(0))
    return tuple(e for e in exponents if e.op != "num") + ((num(number),) if number else ())


# -- antiderivatives -------------------------------------------------------------------------------


def _by_antiderivative(integral: Term) -> Iterator[Found]:
    """SymPy's antiderivatives of several forms of the integrand, on each piece between kinks."""
    name = fresh(integral.hint, integral)
    atoms: Atoms = {}
    body = open_(integral, var(name))
    x = sp.Symbol(name, real=True)
    symbols = {other: sp.Symbol(other, positive=True) for other in body.free} | {name: x}
    cuts = _kinks(body, name, *integral.args[:2])
    ends = [integral.args[0], *map(num, cuts), integral.args[1]]
    options = []
    for low, high in zip(ends, ends[1:], strict=False):
        side = (low.data + high.data) / Fraction(2) if low.op == high.op == "num" else None
        unfolded = to_sympy(_unfold(body, name, side), symbols, atoms)
        options.append(
            [
                Function((name,), from_sympy(area, symbols, atoms))
                for area in _areas(unfolded, x, to_sympy(low, symbols, atoms))
            ]
        )
    for functions in product(*options):
        points = tuple(map(num, cuts))
        yield found_by(fundamental, integral=integral, functions=functions, points=points)


def _areas(f: sp.Expr, x: sp.Symbol, low: sp.Expr) -> list[sp.Expr]:
    """Antiderivatives of forms of f, the shortest first; the forms may hold on a part of the line
    only.
    """
    forms = {f, sp.powsimp(sp.powdenest(f, force=True), force=True), sp.expand(f), sp.simplify(f)}
    areas = {sp.integrate(form, x) for form in forms}
    areas |= {sp.logcombine(a - a.subs(x, low), force=True) for a in areas if a.has(sp.log)}
    unknown = (sp.Integral, sp.Piecewise, sp.zoo, sp.nan, sp.oo, sp.I)
    known = [area for area in areas if not area.has(*unknown)]
    return sorted(known, key=lambda area: (sp.count_ops(area), str(area)))


def _kinks(body: Term, name: str, low: Term, high: Term) -> list[Fraction]:
    """Where the argument of an absolute value changes sign between rational ends: exactly for
    linear arguments.
    """
    if low.op != "num" or high.op != "num":
        return []
    found = set()
    x = sp.Symbol(name, real=True)
    for part in subterms(body):
        if part.op == "fn" and part.data in ("abs", "max", "min") and part.free == {name}:
            args = [to_sympy(arg, {name: x}, {}) for arg in part.args]
            gaps = args if part.data == "abs" else [a - b for a in args for b in args if a != b]
            found |= {root for gap in gaps for root in sp.solve(gap, x) if root.is_Rational}
    cuts = sorted(Fraction(int(root.p), int(root.q)) for root in found)
    return [cut for cut in cuts if low.data < cut < high.data]


def _unfold(term: Term, name: str, side: Fraction | None) -> Term:
    """The term with each |·|, max and min replaced by what it is at one point of the piece."""
    if side is None or not term.args:
        return term
    args = tuple(_unfold(arg, name, side) for arg in term.args)
    if term.op == "fn" and term.data in ("abs", "max", "min") and term.free == {name}:
        x = sp.Symbol(name, real=True)
        values = [
            to_sympy(arg, {name: x}, {}).subs(x, sp.Rational(side.numerator, side.denominator))
            for arg in args
        ]
        if term.data == "abs":
            return args[0] if values[0] >= 0 else mul(num(-1), args[0])
        best = (max if term.data == "max" else min)(range(len(args)), key=lambda n: values[n])
        return args[best]
    return rebuild(term, args)


# -- facts that help to compare two forms of a value -----------------------------------------------


def helpful(*terms: Term) -> Iterator[Found]:
    """Values of Γ at half integers down to Γ(1) or Γ(1/2), and powers of one number with various
    exponents.
    """
    nodes = [part for term in terms for part in subterms(term)]
    for value in sorted(
        {v for n in nodes if n.op == "fn" and n.data == "gamma" for v in _number(n.args[0])}
    ):
        yield found_by(gamma.gamma_half if value.denominator == 2 else gamma.gamma_one)
        while value > 1:
            value -= 1
            yield found_by(gamma.gamma_next, x=num(value), named=num(value + 1))
    yield from _powers(nodes)


def _number(term: Term) -> Iterator[Fraction]:
    atoms: Atoms = {}
    value = to_sympy(term, {}, atoms)
    if value.is_Rational and value > 0 and 2 * value == int(2 * value) and value < 40:
        yield Fraction(int(value.p), int(value.q))


def _powers(nodes: list[Term]) -> Iterator[Found]:
    """(1/b)ˣ bˣ = 1, bˣ b^q = b^(x+q), and bˣ bʸ = b^q for exponents that add up to a number q."""
    atoms: Atoms = {}
    exponents: dict[Fraction, dict[Term, sp.Expr]] = {}
    for node in nodes:
        if (
            node.op == "pow"
            and node.args[0].op == "num"
            and node.args[1].op != "num"
            and node.args[0].data > 0
        ):
            base = Fraction(node.args[0].data)
            if base < 1:
                yield found_by(gamma.power_inverse, base=num(1 / base), x=node.args[1])
            exponents.setdefault(max(base, 1 / base), {})[node.args[1]] = to_sympy(
                node.args[1], {}, atoms
            )
    for base, found in exponents.items():
        first, *others = found.items()
        for form, other in others:
            gap, total = (_rational(e) for e in (other - first[1], other + first[1]))
            args = {"base": num(base), "x": first[0]}
            if gap is not None:
                yield found_by(gamma.power_product, **args, y=num(gap), named=form)
            elif total is not None:
                yield found_by(gamma.power_product, **args, y=form, named=num(total))


def _rational(expr: sp.Expr) -> Fraction | None:
    """The number that an expression is, if it is one."""
    value = sp.expand(expr)
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else None
