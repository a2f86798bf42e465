"""A function of one number is convex (or concave) on an interval, because its second derivative has
a sign inside.

Inside the interval the function must be smooth with f'' ≥ 0. At a finite end, which belongs to the
interval, it need only be continuous: √x is concave on [0, ∞) although it has no slope at 0; 1/x is
not convex on [0, ∞), for the value of 1/0.
"""

from __future__ import annotations

from theory.core.derivative import derivative, smooth_where
from theory.core.instance import Refused, at, constants, fresh, require_ends
from theory.core.term import (
    INF,
    NEGINF,
    ZERO,
    Function,
    Term,
    both,
    forall,
    implies,
    le,
    lt,
    ne,
    var,
)


def convex(function: Function, lower: Term, upper: Term, concave: bool = False) -> tuple[Term, ...]:
    """Conditions under which the function is convex (concave) on [lower, upper], finite ends
    included.
    """
    if len(function.names) != 1:
        raise Refused("curvature needs a function of one number")
    require_ends(lower, upper)
    name = fresh(function.names[0], constants(function), lower, upper)
    body = function.at((var(name),))
    smooth, bend = _twice(body, name)
    sign = le(bend, ZERO) if concave else le(ZERO, bend)
    low = [] if lower == NEGINF else [lt(lower, var(name))]
    high = [] if upper == INF else [lt(var(name), upper)]
    inside = both(*low, *high) if low and high else (low + high + [None])[0]

    def everywhere(prop: Term) -> Term:
        return forall(name, "real", lower, upper, prop if inside is None else implies(inside, prop))

    ends = [end for end in (lower, upper) if end not in (INF, NEGINF)]
    joined = [at(prop, name, end) for end in ends for prop in continuous_where(body, name)]
    return (*map(everywhere, [*smooth, sign]), *joined)


def _twice(body: Term, name: str) -> tuple[list[Term], Term]:
    """Where the function is smooth, and its second derivative."""
    try:
        slope = derivative(body, name)
        return list(
            dict.fromkeys(smooth_where(body, name) + smooth_where(slope, name))
        ), derivative(slope, name)
    except Refused as error:
        raise Refused(
            "curvature needs a smooth function of one number; kinks, sums and sequences are "
            f"refused: {error}"
        ) from None


def continuous_where(term: Term, name: str) -> list[Term]:
    """Conditions at a point under which the term is continuous there; refused where no such
    conditions are known.
    """
    if name not in term.free or term.op == "var":
        return []
    inside = [condition for arg in term.args for condition in continuous_where(arg, name)]
    here: list[Term] = []
    if term.op == "pow" and name not in term.args[1].free:
        here = _continuous_power(*term.args)
    elif term.op == "fn" and term.data == "log":
        here = [lt(ZERO, term.args[0])]
    elif term.op not in ("add", "mul") and (term.op, term.data) != ("fn", "exp"):
        raise Refused(f"it is not known where {term.data or term.op} is continuous in {name}")
    return list(dict.fromkeys(inside + here))


def _continuous_power(base: Term, exponent: Term) -> list[Term]:
    """Powers with a positive exponent are continuous where the base is ≥ 0, with a negative one
    away from 0.
    """
    if exponent.op != "num":
        return [lt(ZERO, base)]
    if exponent.data.denominator == 1:
        return [] if exponent.data >= 0 else [ne(base, ZERO)]
    return [le(ZERO, base)] if exponent.data > 0 else [lt(ZERO, base)]
