"""Decides statements without the checker: it evaluates them, as written, in many small models with exact rationals.

Ranges are written out, and real quantifiers run over a grid of rationals. What a model is stands in `worlds`.

A statement is broken if one model breaks it on one sample point, and undefined if it divides by zero there, takes a
root or logarithm that does not exist, an entry outside its declared range, or a sum whose range is reversed
(hi < lo - 1). "Unbroken" means only that no model was found that breaks it. Irrational values are balls of 200 bits,
and break a relation only where the balls are apart. Nothing here shares code with the checker beyond the language.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import sympy as sp
from sympy.logic.boolalg import Boolean
from worlds import Fixed, Model, Number, Undefined, draw_model, in_domain

from theory.core import Always, E, Var

Truth = bool | None  # None: rounding hides it
Env = Mapping[sp.Basic, Number]

GRID = tuple(map(Fraction, "-2 -1 -1/2 0 1/3 1/2 1 2 7/2".split()))


class Hidden(Exception):
    """A ball is too wide to say whether a value exists."""

# -- numbers -----------------------------------------------------------------------------------------------------------


def ball(value: Number) -> flint.arb:
    """A rational as a ball."""
    return flint.arb(flint.fmpq(value.numerator, value.denominator)) if isinstance(value, Fraction) else value


def both_exact(left: Number, right: Number) -> bool:
    return isinstance(left, Fraction) and isinstance(right, Fraction)


def plus(left: Number, right: Number) -> Number:
    return left + right if both_exact(left, right) else ball(left) + ball(right)


def times(left: Number, right: Number) -> Number:
    return left * right if both_exact(left, right) else ball(left) * ball(right)


def sign_of(value: Number) -> int:
    """-1, 0 or 1; `Hidden` where a ball holds zero."""
    if value > 0:
        return 1
    if value < 0:
        return -1
    if isinstance(value, Fraction) or value == 0:
        return 0
    raise Hidden("the sign of a ball that holds zero")


def to_power(base: Number, exponent: Number) -> Number:
    """base^exponent: 0⁰ = 1; undefined for a negative power of 0 and for a root of a negative number."""
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        if exponent < 0:
            if sign_of(base) == 0:
                raise Undefined("a division by zero")
            base = 1 / base
        return base ** abs(int(exponent))
    sign = sign_of(base)
    if sign < 0 or sign == 0 and not exponent > 0:
        raise Undefined("a root of a negative number, or a negative power of zero")
    if sign == 0:
        return Fraction(0)
    if both_exact(base, exponent) and (root := exact_root(base, exponent.denominator)) is not None:
        return to_power(root, Fraction(exponent.numerator))
    return (ball(base).log() * ball(exponent)).exp()


def exact_root(value: Fraction, degree: int) -> Fraction | None:
    """The rational root of a positive rational, if it has one."""
    parts = [round(part ** (1 / degree)) for part in (value.numerator, value.denominator)]
    root = Fraction(*parts) if parts[1] else Fraction(0)
    return root if root**degree == value else None


def logarithm(value: Number) -> Number:
    if sign_of(value) <= 0:
        raise Undefined("the logarithm of what is not positive")
    return Fraction(0) if value == 1 else ball(value).log()


def pick(larger: bool, values: Sequence[Number]) -> Number:
    """The largest or the smallest of some numbers."""
    best = values[0]
    for value in values[1:]:
        if sign_of(plus(value, times(Fraction(-1), best))) == (1 if larger else -1):
            best = value
    return best


FUNCTIONS: Mapping[Any, Callable[..., Number]] = {
    sp.Abs: lambda v: v if sign_of(v) >= 0 else -v,
    sp.sign: lambda v: Fraction(sign_of(v)),
    sp.exp: lambda v: Fraction(1) if v == 0 else ball(v).exp(),
    sp.log: logarithm,
    sp.Pow: to_power,
    sp.Max: lambda *values: pick(True, values),
    sp.Min: lambda *values: pick(False, values),
    sp.Add: lambda *values: functools.reduce(plus, values),
    sp.Mul: lambda *values: functools.reduce(times, values),
}


def whole(value: Number) -> int:
    """The value of an index or an end of a range."""
    if not isinstance(value, Fraction) or value.denominator != 1:
        raise Undefined(f"{value} is no integer")
    return int(value)


@functools.lru_cache(maxsize=20_000)
def number(expr: sp.Expr) -> Callable[[Model, Env, int], Number]:
    """The value of an expression in a model, under values of the bound variables, on one sample point."""
    if isinstance(expr, sp.Rational):
        constant = Fraction(int(expr.p), int(expr.q))
        return lambda model, env, point: constant
    if expr in (sp.zoo, sp.nan, sp.oo, -sp.oo):
        return no_number
    if expr in (sp.pi, sp.E):
        return lambda model, env, point: flint.arb.pi() if expr == sp.pi else flint.arb(1).exp()
    if isinstance(expr, sp.Symbol):
        return lambda model, env, point: env[expr] if expr in env else model.scalar(expr)[point]
    args = [number(arg) for arg in (expr.indices if isinstance(expr, sp.Indexed) else expr.args[:1] if isinstance(
        expr, (sp.Sum, sp.Product)) else expr.args)]
    if isinstance(expr, sp.Indexed):
        return lambda model, env, point: model.entry(expr.base, tuple(whole(a(model, env, point)) for a in args))[point]
    if isinstance(expr, (sp.Sum, sp.Product)):
        return folded(expr, args[0])
    if isinstance(expr, E):
        return averaged(expr, args)
    function = FUNCTIONS[expr.func]
    return lambda model, env, point: function(*[a(model, env, point) for a in args])


def no_number(model: Model, env: Env, point: int) -> Number:
    """What SymPy makes of 1/0."""
    raise Undefined("an infinite value")


def folded(expr: sp.Sum | sp.Product, body: Callable) -> Callable[[Model, Env, int], Number]:
    """A sum or product written out; each range may speak of the variables outside it, whatever they are called."""
    limits = [(v, number(lower), number(upper)) for v, lower, upper in reversed(expr.limits)]
    combine, empty = (plus, Fraction(0)) if isinstance(expr, sp.Sum) else (times, Fraction(1))

    def value(model: Model, env: Env, point: int, depth: int = 0) -> Number:
        if depth == len(limits):
            return body(model, env, point)
        variable, lower, upper = limits[depth]
        first, last = whole(lower(model, env, point)), whole(upper(model, env, point))
        if last < first - 1:
            raise Undefined(f"the range {first}..{last} is reversed")
        total = empty
        for n in range(first, last + 1):
            if not in_domain(variable, Fraction(n)):
                raise Undefined(f"{variable} takes the value {n}, which its declared sign forbids")
            total = combine(total, value(model, {**env, variable: Fraction(n)}, point, depth + 1))
        return total

    return value


def averaged(expr: E, args: Sequence[Callable]) -> Callable[[Model, Env, int], Number]:
    """The weighted mean over all sample points, or over those the history before a step does not tell from this one."""
    def value(model: Model, env: Env, point: int) -> Number:
        classes = model.known_at(whole(args[1](model, env, point))) if len(args) > 1 else [0] * len(model.weights)
        key = (expr, frozenset(env.items()), tuple(classes), classes[point])
        if key not in model.means:
            like = [p for p, c in enumerate(classes) if c == classes[point]]
            mass = sum(model.weights[p] for p in like)
            parts = [times(model.weights[p] / mass, args[0](model, env, p)) for p in like]
            model.means[key] = functools.reduce(plus, parts)
        return model.means[key]

    return value


# -- statements --------------------------------------------------------------------------------------------------------


RELATIONS: Mapping[Any, Callable[[int], bool]] = {
    sp.Le: lambda s: s <= 0, sp.Lt: lambda s: s < 0, sp.Ge: lambda s: s >= 0, sp.Gt: lambda s: s > 0,
    sp.Eq: lambda s: s == 0, sp.Ne: lambda s: s != 0}


@functools.lru_cache(maxsize=20_000)
def truth(prop: Boolean) -> Callable[[Model, Env, int], Truth]:
    """Whether a statement holds on one sample point; every part of it must be defined, even of a true disjunction."""
    if prop in (sp.true, sp.false):
        return lambda model, env, point: prop is sp.true
    if type(prop) in RELATIONS:
        holds, left, right = RELATIONS[type(prop)], number(prop.lhs), number(prop.rhs)

        def related(model: Model, env: Env, point: int) -> Truth:
            try:
                gap = plus(left(model, env, point), times(Fraction(-1), right(model, env, point)))
                return holds(sign_of(gap))
            except Hidden:
                return None

        return related
    if isinstance(prop, Always):
        return quantified(prop)
    return connected(prop)


def connected(prop: Boolean) -> Callable[[Model, Env, int], Truth]:
    """And, or, not, implies; what follows a premise need be defined only where the premise holds."""
    parts = [truth(part) for part in prop.args]
    if isinstance(prop, sp.Implies):
        def implied(model: Model, env: Env, point: int) -> Truth:
            premise = parts[0](model, env, point)
            return parts[1](model, env, point) if premise else None if premise is None else True

        return implied
    if isinstance(prop, sp.Not):
        return lambda model, env, point: None if (t := parts[0](model, env, point)) is None else not t
    decisive = isinstance(prop, sp.Or)
    if not isinstance(prop, (sp.And, sp.Or)):
        raise NotImplementedError(f"{type(prop).__name__} is not decided here")

    def joined(model: Model, env: Env, point: int) -> Truth:
        found = [part(model, env, point) for part in parts]
        return decisive if decisive in found else None if None in found else not decisive

    return joined


def quantified(prop: Always) -> Callable[[Model, Env, int], Truth]:
    """Every value of the first variable, then of the next; the declared domain restricts the range."""
    limits = [(v, lower, upper) for v, lower, upper in prop.limits]
    body = truth(prop.body)

    def value(model: Model, env: Env, point: int, depth: int = 0) -> Truth:
        if depth == len(limits):
            return body(model, env, point)
        result: Truth = True
        variable, lower, upper = limits[depth]
        ends = [None if end in (sp.oo, -sp.oo) else number(end)(model, env, point) for end in (lower, upper)]
        for candidate in candidates(variable, *ends):
            found = value(model, {**env, variable: candidate}, point, depth + 1)
            if found is False:
                return False
            result = None if found is None else result
        return result

    return value


def candidates(variable: sp.Symbol, lower: Number | None, upper: Number | None) -> Iterator[Fraction]:
    """Values between two ends, both included where they are finite; four integers where there is no upper end."""
    if any(end is not None and not isinstance(end, Fraction) for end in (lower, upper)):
        return
    if variable.is_integer:
        first = -(-lower // 1) if lower is not None else min(-2, upper // 1 if upper is not None else 0)
        last = upper // 1 if upper is not None else first + 3
        values: set[Fraction] = {Fraction(n) for n in range(int(first), int(last) + 1)}
    else:
        ends = [end for end in (lower, upper) if end is not None]
        middle = [Fraction(sum(ends)) / 2] if len(ends) == 2 else [end + step for end in ends for step in (1, -1)]
        values = {*GRID, *ends, *middle}
    for value in sorted(values):
        inside = (lower is None or lower <= value) and (upper is None or value <= upper)
        if inside and in_domain(variable, value):
            yield value


# -- verdicts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """`unbroken`, `broken` or `undefined`, with the values that show it, and in how many models it was asked."""

    verdict: str
    shown_by: str
    models: int


def decide(variables: Sequence[Var], history: Mapping[sp.Basic, Fixed], hypotheses: Mapping[str, Boolean],
           statement: Boolean, seed: int, models: int = 20, tries: int = 120) -> Decision:
    """Ask the statement in `models` models that satisfy the hypotheses (in fewer where `tries` draws give fewer)."""
    for hypothesis in hypotheses.values():
        require_finite(hypothesis)
    asked = 0
    with flint.ctx.workprec(200):
        for draw_number in range(tries):
            model = draw_model(variables, history, seed * 1000 + draw_number, end_of_range)
            try:
                if not all(on_every_point(model, hypothesis) for hypothesis in hypotheses.values()):
                    continue
                asked += 1
                broken = on_every_point(model, statement) is False
            except Undefined as problem:
                return Decision("undefined", f"{problem}: {shown(model)}", asked)
            except Hidden:  # in an end or an index: this model says nothing
                continue
            if broken:
                return Decision("broken", shown(model), asked)
            if asked == models:
                break
    return Decision("unbroken", "", asked)


def require_finite(hypothesis: Boolean) -> None:
    """A hypothesis is decided exactly: over a grid, or over the first of infinitely many integers, it would not be."""
    for part in sp.preorder_traversal(hypothesis):
        limits = part.limits if isinstance(part, Always) else ()
        if any(not v.is_integer or sp.oo in (abs(lower), abs(upper)) for v, lower, upper in limits):
            raise ValueError(f"write a hypothesis over finitely many integers, not {part}")


def end_of_range(end: sp.Expr, model: Model) -> Number:
    """The value of an end of a declared index range."""
    return number(end)(model, {}, 0)


def on_every_point(model: Model, statement: Boolean) -> Truth:
    """Whether a statement holds on every sample point."""
    ask = truth(statement)
    found = [ask(model, {}, point) for point in range(len(model.weights))]
    return False if False in found else None if None in found else True


def shown(model: Model) -> str:
    """The values a model has so far."""
    values = {str(key if not isinstance(key,
                                        tuple) else key[0][key[1]]): [str(v) for v in points] if len(set(points)) > 1
              else str(points[0]) for key, points in model.values.items()}
    space = f"; weights {[str(w) for w in model.weights]}, origin {model.origin}"
    return f"{values}{space if len(model.weights) > 1 else ''}"
