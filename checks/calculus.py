"""The number an integral or a limit is, to thirty digits, without a proof that it is right.

An integral is a tanh-sinh quadrature, a limit is looked at from very near: enough to draw instances
and to compare in floats, never to decide.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import mpmath

from theory.core.term import INF, NEGINF, Term

DIGITS = 30
FAR = 10**15  # where a limit at infinity is looked at, and how near one at a point

FUNCTIONS = {
    "abs": abs,
    "sign": mpmath.sign,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "gamma": mpmath.gamma,
    "max": max,
    "min": min,
}


@functools.lru_cache(maxsize=4096)
def number_of(term: Term, sizes: tuple[tuple[str, int], ...]) -> float:
    """The value of a term that speaks of sizes only; remembered, for every batch asks again."""
    with mpmath.workdps(DIGITS + 10):
        return float(mpmath.re(_at(term, dict(sizes), ())))


def _at(term: Term, sizes: Mapping[str, int], scope: tuple[Any, ...]) -> Any:
    """The value of a term below binders with the values in `scope`, the innermost last."""
    if term.op == "num":
        exact = Fraction(term.data)
        return mpmath.mpf(exact.numerator) / exact.denominator
    if term.op in ("inf", "neginf"):
        return mpmath.inf if term.op == "inf" else -mpmath.inf
    if term.op in ("var", "bound", "const"):
        value = (
            sizes[term.data]
            if term.op == "var"
            else scope[-1 - term.data]
            if term.op == "bound"
            else mpmath.pi
        )
        return mpmath.mpf(value)
    if term.op in ("sum", "prod", "integral", "limit"):
        return _bound(term, sizes, scope)
    args = [_at(arg, sizes, scope) for arg in term.args]
    if term.op == "pow":
        return args[0] ** args[1]
    if term.op in ("add", "mul"):
        return mpmath.fsum(args) if term.op == "add" else mpmath.fprod(args)
    return FUNCTIONS[term.data](*args)


def _bound(term: Term, sizes: Mapping[str, int], scope: tuple[Any, ...]) -> Any:
    *ends, body = term.args

    def inside(value: Any) -> Any:
        return _at(body, sizes, (*scope, value))

    if term.op == "limit":
        if ends[0] in (INF, NEGINF):
            return inside(mpmath.mpf(FAR if ends[0] == INF else -FAR))
        step = mpmath.mpf(1) / FAR
        return inside(_at(ends[0], sizes, scope) + (-step if term.data == "-" else step))
    low, high = (_at(end, sizes, scope) for end in ends)
    if term.op == "integral":
        return mpmath.quad(
            inside, [low, 0, high] if low == -mpmath.inf and high == mpmath.inf else [low, high]
        )
    values = [inside(k) for k in range(int(low), int(high) + 1)]
    return mpmath.fsum(values) if term.op == "sum" else mpmath.fprod(values)
