"""Named classical facts a proof may instantiate: each gives its conclusion and the side conditions to be proved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core.language import Always, free_atoms, substitute
from theory.core.scope import Rejected

Instance = tuple[Boolean, list[Boolean]]
SMOOTH = (sp.Add, sp.Mul, sp.Pow, sp.log, sp.exp, sp.Symbol, sp.Number, sp.NumberSymbol)


def written(relation: type[sp.Rel], left: sp.Expr, right: Any) -> Boolean:
    """A relation that SymPy does not decide: its reasons are not ours."""
    return relation(left, sp.sympify(right), evaluate=False)


def cauchy_schwarz(a: sp.Expr, b: sp.Expr, over: tuple, weight: Any = 1) -> Instance:
    """(Σ w a b)² ≤ Σ w a² · Σ w b² for w ≥ 0."""
    weight = sp.sympify(weight)
    left = sp.Sum(weight * a * b, over) ** 2
    return written(sp.Le, left, sp.Sum(weight * a**2, over) * sp.Sum(weight * b**2, over)), [
        Always(written(sp.Ge, weight, 0), over)]


def triangle(a: sp.Expr, over: tuple) -> Instance:
    """|Σ a| ≤ Σ |a|."""
    return written(sp.Le, sp.Abs(sp.Sum(a, over)), sp.Sum(sp.Abs(a), over)), []


def term_below_sum(a: sp.Expr, over: tuple, at: Any) -> Instance:
    """a_j ≤ Σ a for non-negative terms and j in the range of the sum."""
    index, lower, upper = over
    at = sp.sympify(at)
    if not at.is_integer:
        raise Rejected(f"{at} is not known to be an integer")
    term = substitute(a, {index: at})
    inside = [Always(written(sp.Ge, a, 0), over), written(sp.Le, lower, at), written(sp.Le, at, upper)]
    return written(sp.Le, term, sp.Sum(a, over)), inside


def swap_triangle(a: sp.Expr, outer: sp.Symbol, inner: sp.Symbol, lower: Any, upper: Any) -> Instance:
    """Σ_{t=lo}^{hi} Σ_{i=lo}^{t-1} a(t,i) = Σ_{i=lo}^{hi} Σ_{t=i+1}^{hi} a(t,i)."""
    rows = sp.Sum(sp.Sum(a, (inner, lower, outer - 1)), (outer, lower, upper))
    columns = sp.Sum(sp.Sum(a, (outer, inner + 1, upper)), (inner, lower, upper))
    return written(sp.Eq, rows, columns), []


def swap_rectangle(a: sp.Expr, outer: tuple, inner: tuple) -> Instance:
    """Σ_t Σ_i a(t,i) = Σ_i Σ_t a(t,i) over ranges that do not depend on each other."""
    (t, *outer_ends), (i, *inner_ends) = outer, inner
    if any({t, i} & free_atoms(sp.sympify(end)) for end in (*outer_ends, *inner_ends)):
        raise Rejected("the ranges of a rectangle do not depend on each other; see swap_triangle")
    return written(sp.Eq, sp.Sum(sp.Sum(a, inner), outer), sp.Sum(sp.Sum(a, outer), inner)), []


def last_term(a: sp.Expr, over: tuple) -> Instance:
    """Σ_{i=lo}^{hi} a = Σ_{i=lo}^{hi-1} a + a(hi) if there is a term."""
    i, lower, upper = over
    parts = sp.Sum(a, (i, lower, upper - 1)) + substitute(a, {i: sp.sympify(upper)})
    return written(sp.Eq, sp.Sum(a, over), parts), [written(sp.Le, lower, upper)]


def first_term(a: sp.Expr, over: tuple) -> Instance:
    """Σ_{i=lo}^{hi} a = a(lo) + Σ_{i=lo+1}^{hi} a if there is a term."""
    i, lower, upper = over
    parts = substitute(a, {i: sp.sympify(lower)}) + sp.Sum(a, (i, lower + 1, upper))
    return written(sp.Eq, sp.Sum(a, over), parts), [written(sp.Le, lower, upper)]


def shift(a: sp.Expr, over: tuple, by: Any) -> Instance:
    """Σ_{i=lo}^{hi} a(i) = Σ_{i=lo-by}^{hi-by} a(i+by) for an integer `by`."""
    i, lower, upper = over
    by = sp.sympify(by)
    if not by.is_integer or i in free_atoms(by):
        raise Rejected(f"{by} is not known to be an integer that the index leaves alone")
    moved = sp.Sum(substitute(a, {i: i + by}), (i, lower - by, upper - by))
    return written(sp.Eq, sp.Sum(a, over), moved), []


def exp_tangent(x: sp.Expr) -> Instance:
    """1 + x ≤ eˣ."""
    return written(sp.Le, 1 + x, sp.exp(x)), []


def exp_increasing(low: sp.Expr, high: sp.Expr) -> Instance:
    """eᵃ ≤ eᵇ if a ≤ b."""
    return written(sp.Le, sp.exp(low), sp.exp(high)), [written(sp.Le, low, high)]


def log_increasing(low: sp.Expr, high: sp.Expr) -> Instance:
    """ln a ≤ ln b if 0 < a ≤ b."""
    return written(sp.Le, sp.log(low), sp.log(high)), [written(sp.Gt, low, 0), written(sp.Le, low, high)]


def jensen(function: sp.Lambda, point: sp.Expr, weight: sp.Expr, over: tuple, domain: tuple = (-sp.oo, sp.oo)) -> Instance:
    """f(Σ w x) ≤ Σ w f(x) for weights w ≥ 0 of sum 1, all x in an interval on which f'' ≥ 0."""
    convexity, inside = curvature(function, domain), [Always(c, over) for c in between(point, domain)]
    weights = [Always(written(sp.Ge, weight, 0), over), written(sp.Eq, sp.Sum(weight, over), 1)]
    conclusion = written(sp.Le, function(sp.Sum(weight * point, over)), sp.Sum(weight * function(point), over))
    return conclusion, [convexity, *inside, *weights]


def curvature(function: sp.Lambda, domain: tuple, sign: int = 1) -> Boolean:
    """f'' ≥ 0 (or ≤ 0 for sign -1) inside the domain, as a statement to prove; kinks are refused."""
    (argument,) = function.signature
    lower, upper = domain
    if any(not isinstance(node, SMOOTH) for node in sp.preorder_traversal(function.expr)):
        raise Rejected("curvature needs a smooth function of one number; kinks, sums and sequences are refused")
    x = sp.Dummy("x", real=True)  # no sign: an assumption would simplify the function before it is looked at
    body = function.expr.xreplace({argument: x})
    bend = sign * sp.diff(body, x, 2)
    inside = sp.And(*(c for c in (lower < x, x < upper) if c is not sp.true))
    return Always(sp.Implies(inside, written(sp.Ge, bend, 0)), (x, lower, upper))


def between(point: sp.Expr, domain: tuple) -> list[Boolean]:
    """point lies in the closed interval `domain`."""
    lower, upper = domain
    low = [] if lower == -sp.oo else [written(sp.Ge, point, lower)]
    return low if upper == sp.oo else [*low, written(sp.Le, point, upper)]


KNOWN: Mapping[str, Callable[..., Instance]] = {
    f.__name__: f for f in (
        cauchy_schwarz, triangle, term_below_sum, swap_triangle, swap_rectangle, last_term, first_term, shift, exp_tangent,
        exp_increasing, log_increasing, jensen,
    )
}
