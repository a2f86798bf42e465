"""Named classical facts a proof may instantiate: each gives its conclusion and the side conditions to be proved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core.language import Always, substitute
from theory.core.scope import Rejected

Instance = tuple[Boolean, list[Boolean]]


def cauchy_schwarz(a: sp.Expr, b: sp.Expr, over: tuple, weight: Any = 1) -> Instance:
    """(Σ w a b)² ≤ Σ w a² · Σ w b² for w ≥ 0."""
    weight = sp.sympify(weight)
    left = sp.Sum(weight * a * b, over) ** 2
    return sp.Le(left, sp.Sum(weight * a**2, over) * sp.Sum(weight * b**2, over)), [Always(sp.Ge(weight, 0), over)]


def triangle(a: sp.Expr, over: tuple) -> Instance:
    """|Σ a| ≤ Σ |a|."""
    return sp.Le(sp.Abs(sp.Sum(a, over)), sp.Sum(sp.Abs(a), over)), []


def term_below_sum(a: sp.Expr, over: tuple, at: Any) -> Instance:
    """a_j ≤ Σ a for non-negative terms and j in the range of the sum."""
    index, lower, upper = over
    at = sp.sympify(at)
    if not at.is_integer:
        raise Rejected(f"{at} is not known to be an integer")
    term = substitute(a, {index: at})
    return sp.Le(term, sp.Sum(a, over)), [Always(sp.Ge(a, 0), over), sp.Le(lower, at), sp.Le(at, upper)]


def swap_triangle(a: sp.Expr, outer: sp.Symbol, inner: sp.Symbol, lower: Any, upper: Any) -> Instance:
    """Σ_{t=lo}^{hi} Σ_{i=lo}^{t-1} a(t,i) = Σ_{i=lo}^{hi} Σ_{t=i+1}^{hi} a(t,i)."""
    rows = sp.Sum(sp.Sum(a, (inner, lower, outer - 1)), (outer, lower, upper))
    columns = sp.Sum(sp.Sum(a, (outer, inner + 1, upper)), (inner, lower, upper))
    return sp.Eq(rows, columns), []


def jensen(function: sp.Lambda, point: sp.Expr, weight: sp.Expr, over: tuple, domain: tuple = (-sp.oo, sp.oo)) -> Instance:
    """f(Σ w x) ≤ Σ w f(x) for weights w ≥ 0 of sum 1, all x in an interval on which f'' ≥ 0."""
    convexity, inside = curvature(function, domain), [Always(c, over) for c in between(point, domain)]
    weights = [Always(sp.Ge(weight, 0), over), sp.Eq(sp.Sum(weight, over), 1)]
    conclusion = sp.Le(function(sp.Sum(weight * point, over)), sp.Sum(weight * function(point), over))
    return conclusion, [convexity, *inside, *weights]


def curvature(function: sp.Lambda, domain: tuple, sign: int = 1) -> Boolean:
    """f'' ≥ 0 (or ≤ 0 for sign -1) inside the domain, as a statement to prove; kinks are refused."""
    (argument,) = function.signature
    lower, upper = domain
    x = sp.Dummy("x", real=True, **({"positive": True} if lower == 0 else {}))
    body = function.expr.subs(argument, x)
    if body.has(sp.Abs, sp.sign, sp.Max, sp.Min, sp.Piecewise, sp.Sum, sp.Indexed):
        raise Rejected("curvature needs a smooth function of one number; kinks, sums and sequences are refused")
    bend = sign * sp.diff(body, x, 2)
    inside = sp.And(*(c for c in (lower < x, x < upper) if c is not sp.true))
    return Always(sp.Implies(inside, sp.Ge(bend, 0)), (x, lower, upper))


def between(point: sp.Expr, domain: tuple) -> list[Boolean]:
    """point lies in the closed interval `domain`."""
    lower, upper = domain
    low = [] if lower == -sp.oo else [sp.Ge(point, lower)]
    return low if upper == sp.oo else [*low, sp.Le(point, upper)]


KNOWN: Mapping[str, Callable[..., Instance]] = {
    f.__name__: f for f in (cauchy_schwarz, triangle, term_below_sum, swap_triangle, jensen)
}
