"""Random equations: true by construction (one side is the other, expanded, exchanged, shifted, split or pulled out),
set in random surroundings up to four sums deep, in means and under quantifiers; and near-misses, with one thing changed.

Nothing is assumed of them afterwards: `models` decides, of the statement as written, whether it is true.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from words import (
    ANY,
    A,
    Case,
    M,
    N,
    Pen,
    V,
    Z,
    a,
    add,
    b,
    c,
    eq,
    i,
    j,
    k,
    mul,
    n,
    near_miss,
    over,
    p,
    power,
    q,
    r,
    spare,
    sub,
    t,
    total,
    u,
    x,
)
from worlds import Fixed

from theory.core import Always, E

Sides = tuple[Any, Any]
Core = Callable[[Pen, Sequence[sp.Symbol], Sequence[sp.Symbol]],
                Sides]  # from the indices outside, and letters still free


# -- sums --------------------------------------------------------------------------------------------------------------


def linear(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """Σ(c f + g) = c Σ f + Σ g."""
    i, lower, upper = free[0], pen.one_of(0, 1), pen.end(*outer)
    factor, f, g = pen.atom(*outer, 1), pen.atom(*outer, i), pen.atom(*outer, i)
    return total(add(mul(factor, f), g), i, lower, upper), add(mul(factor, total(f, i, lower, upper)),
                                                               total(g, i, lower, upper))


def exchanged(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """Two sums over a rectangle in either order; over a triangle, by rows and by columns."""
    i, j = free[:2]
    f, lower = pen.body(*outer, i, j), pen.one_of(0, 1)
    if pen.likely(0.6):
        first, second = (i, 1, pen.end(*outer)), (j, lower, pen.end(*outer))
        return sp.Sum(f, first, second), sp.Sum(f, second, first)
    upper = pen.end(*outer)
    return sp.Sum(f, (i, lower, j), (j, lower, upper)), sp.Sum(f, (j, i, upper), (i, lower, upper))


def shifted(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """Σ_{lo..hi} f(i) = Σ_{lo+d..hi+d} f(i-d)."""
    i, lower, upper, by = free[0], pen.one_of(0, 1), pen.end(*outer), pen.one_of(1, 1, 2, N)
    f = pen.body(*outer, i)
    return total(f, i, lower, upper), total(f.xreplace({i: i - by}), i, lower + by, upper + by)


def split(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """The last or the first term apart."""
    i, lower, upper = free[0], pen.one_of(0, 1), pen.end(*outer)
    f = pen.body(*outer, i)
    if pen.likely(0.6):
        return total(f, i, lower, upper + 1), add(total(f, i, lower, upper), f.xreplace({i: upper + 1}))
    return total(f, i, lower, upper), add(f.xreplace({i: sp.Integer(lower)}), total(f, i, lower + 1, upper))


def expanded(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """Σ(f+g)² = Σ f² + 2 Σ f g + Σ g²."""
    i, lower, upper = free[0], pen.one_of(0, 1), pen.end(*outer)
    f, g = pen.atom(*outer, i), pen.atom(*outer, i)
    parts = [mul(m, total(h, i, lower, upper)) for m, h in ((1, power(f, 2)), (2, mul(f, g)), (1, power(g, 2)))]
    return total(power(add(f, g), 2), i, lower, upper), add(*parts)


def telescoped(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """Σ_{lo..hi} (f(i+1) - f(i)) = f(hi+1) - f(lo)."""
    i, lower, upper = free[0], pen.one_of(0, 1), pen.end(*outer)
    f = pen.one_of(x[i], A[i, i], power(b, i), i**2, mul(x[i], i))
    last, first = f.xreplace({i: upper + 1}), f.xreplace({i: sp.Integer(lower)})
    return total(sub(f.xreplace({i: i + 1}), f), i, lower, upper), sub(last, first)


def counted(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """Σ_{lo..hi} c = (hi - lo + 1) c."""
    f, lower, upper = pen.atom(*outer, 1), pen.one_of(0, 1), pen.end(*outer)
    return total(f, free[0], lower, upper), mul(add(upper, 1 - lower), f)


def squared(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """(Σ f)(Σ g) = ΣΣ f g."""
    (i, j), upper, higher = free[:2], pen.end(*outer), pen.end(*outer)
    f, g = pen.atom(*outer, i), pen.atom(*outer, i)
    product = mul(total(f, i, 1, upper), total(g, i, 1, higher))
    return product, sp.Sum(mul(f, g.xreplace({i: j})), (i, 1, upper), (j, 1, higher))


# -- products, powers, quotients, functions ----------------------------------------------------------------------------


def product_split(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """Π over one more factor; of equal factors; of products; over the empty range."""
    i, upper, f, g = free[0], pen.end(*outer), pen.atom(*outer, free[0]), pen.atom(*outer, free[0])
    fixed = pen.one_of(a, b, p, 2, sp.S.Zero, u)
    return pen.one_of(
        (sp.Product(f, (i, 1, upper + 1)), mul(sp.Product(f, (i, 1, upper)), f.xreplace({i: upper + 1}))),
        (sp.Product(fixed, (i, 1, upper)), power(fixed, upper)),
        (sp.Product(mul(f, g), (i, 1, upper)), mul(sp.Product(f, (i, 1, upper)), sp.Product(g, (i, 1, upper)))),
        (sp.Product(mul(fixed, f), (i, 1, upper)), mul(power(fixed, upper), sp.Product(f, (i, 1, upper)))),
        (mul(sp.Product(f, (i, 1, 0)), fixed), fixed),
        (sp.Product(power(p, i), (i, 1, upper)), power(p, total(i, i, 1, upper))))


def powers(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """Laws of powers with symbolic exponents, for bases that may vanish as well."""
    base, other, m = pen.one_of(a, b, u, p, p, x[1]), pen.one_of(c, q, a), pen.one_of(N, M, M, N, *outer)
    return pen.one_of(
        (power(base, m + 1), mul(base, power(base, m))),
        (mul(power(base, m - 1), base), power(base, m)),
        (mul(power(base, -m), power(base, m)), sp.S.One),
        (power(base, m + 2), mul(power(base, 2), power(base, m))),
        (power(mul(base, other), m), mul(power(base, m), power(other, m))),
        (power(power(base, 2), m), power(base, 2 * m)),
        (power(base, m - 1), over(power(base, m), base)),
        (power(base, 2 * m), mul(power(base, m), power(base, m))),
        (power(sp.Integer(0), m), sp.Integer(0)),
        (power(over(1, base), m), power(base, -m)))


def quotients(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """Fractions brought together, cancelled and taken apart."""
    f, g = pen.atom(*outer, 1), pen.one_of(a, p, q, r, u, add(p, q), add(1, power(b, 2)), pen.atom(*outer, 1),
                                           sub(a, b))
    m = pen.one_of(N, *outer)
    return pen.one_of(
        (mul(over(f, g), g), f),
        (over(mul(f, g), g), f),
        (over(a, mul(2, g)), mul(sp.Rational(1, 2), over(a, g))),
        (add(over(f, g), over(b, g)), over(add(f, b), g)),
        (over(1, mul(m, add(m, 1))), sub(over(1, m), over(1, add(m, 1)))),
        (over(1, over(1, g)), g),
        (sub(over(f, p), over(f, q)), over(mul(f, sub(q, p)), mul(p, q))),
        (over(g, g), sp.S.One),
        (over(power(g, 2), g), g))


def functions(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """Logarithms, roots, absolute values, signs, maxima."""
    f, g = pen.atom(*outer, 1), pen.atom(*outer, 1)
    root, log = lambda e: power(e, sp.Rational(1, 2)), lambda e: sp.log(e, evaluate=False)
    largest, smallest = (lambda *e: sp.Max(*e, evaluate=False)), (lambda *e: sp.Min(*e, evaluate=False))
    size, sign = (lambda e: sp.Abs(e, evaluate=False)), (lambda e: sp.sign(e, evaluate=False))
    m, some = pen.one_of(N, M, *outer), pen.one_of(p, q, u, a)
    return pen.one_of(
        (add(largest(f, g), smallest(f, g)), add(f, g)),
        (size(f), largest(f, mul(-1, f))),
        (mul(sign(f), size(f)), f),
        (mul(sign(f), f), size(f)),
        (mul(sign(f), sign(f)), sp.S.One),
        (power(size(f), 2), power(f, 2)),
        (size(mul(f, g)), mul(size(f), size(g))),
        (root(power(f, 2)), size(f)),
        (power(root(some), 2), some),
        (root(power(some, 2)), some),
        (root(mul(p, some)), mul(root(p), root(some))),
        (log(mul(p, some)), add(log(p), log(some))),
        (log(power(some, m)), mul(m, log(some))),
        (log(over(1, some)), mul(-1, log(some))),
        (sp.exp(add(a, some), evaluate=False), mul(sp.exp(a), sp.exp(some))),
        (mul(sp.exp(a), sp.exp(-a)), sp.S.One),
        (sign(some), sp.S.One),
        (size(some), some))


def three_at_once(pen: Pen, i: sp.Symbol, j: sp.Symbol, k: sp.Symbol) -> sp.Expr:
    """Something of three indices that does not fall into factors."""
    table = pen.one_of(A, A, V) if pen.randomness else A
    return pen.one_of(table[i + j, k], table[i, j + k], mul(table[i, j], table[j, k]), table[i * j, k],
                      sp.Abs(sub(x[i], table[j, k]), evaluate=False),
                      sp.Max(table[i, j], x[k], evaluate=False), table[k, i + j])


def renamed(pen: Pen, outer: Sequence, free: Sequence) -> Sides:
    """Two or three nested sums with the names of their variables exchanged."""
    i, j, k = (*free, spare)[:3]
    end = pen.end(*outer)
    limits = [(i, 1, pen.end(*outer)), (j, pen.one_of(0, 1), pen.one_of(end, pen.end(*outer)))]
    f = pen.body(*outer, i, j)
    if pen.likely(0.6):
        limits, f = [*limits, (k, 1, end)], three_at_once(pen, i, j, k)
    names = {i: j, j: i}
    other = f.xreplace(names)
    return sp.Sum(f, *limits), sp.Sum(other, *[(names.get(letter, letter), *ends) for letter, *ends in limits])


SUMS: Sequence[Core] = (renamed, renamed, linear, exchanged, shifted, split, expanded, telescoped, counted, squared)
OTHERS: Sequence[Core] = (product_split, powers, quotients, functions)


# -- surroundings ------------------------------------------------------------------------------------------------------


def surrounded(pen: Pen, cores: Sequence[Core], depth: int, means: bool) -> tuple[Any, list]:
    """Both sides of a core set in the same surroundings: (equation, limits to quantify it over)."""
    letters = [i, j, k, n, t]
    pen.rng.shuffle(letters)
    kinds = ["sum", "sum", "times", "plus"] + (["mean", "mean", "mean at"] if means else ["all", "all", "prod"])
    layers: list[tuple] = []  # the outermost first
    quantified: list[tuple] = []
    outer: list[sp.Symbol] = []
    for _ in range(depth):
        kind = pen.one_of(*kinds)
        letter = pen.one_of(*outer) if outer and pen.likely(0.04) else letters.pop() if len(letters) > 2 else None
        if kind in ("sum", "prod", "all") and letter is not None:
            limit = (letter, pen.one_of(0, 1, 1), pen.end(*outer))
            if kind == "prod":  # at most two factors, once: both sides are multiplied out
                limit, kinds = (letter, 1, pen.one_of(2, M, N)), kinds[:-1]
            if kind == "all" and not layers:
                quantified.append((*limit[:2], pen.one_of(limit[2], sp.oo)))
            else:
                layers.append((kind, limit))
            outer.append(letter)
        elif kind not in ("sum", "prod", "all"):
            layers.append((kind, pen.one_of(N, N + 1, *outer) if kind == "mean at" else pen.atom(*outer, 1)))
    core = pen.one_of(*cores)
    sides = core(pen, outer, letters)
    return eq(*(inside(side, layers, pen) for side in sides)), quantified


def inside(side: Any, layers: Sequence[tuple], pen: Pen) -> Any:
    """One side in its surroundings, the innermost first."""
    for kind, what in reversed(layers):
        if kind in ("sum", "all"):
            side = sp.Sum(side, what)
        elif kind == "prod":
            side = sp.Product(side, what)
        elif kind in ("mean", "mean at"):
            side = E(side) if kind == "mean" else E(side, what)
        else:
            side = mul(what, side) if kind == "times" else add(side, what)
    return side


def closed(statement: Any, limits: Sequence[tuple]) -> Any:
    return Always(statement, *limits) if limits else statement


def equation(cores: Sequence[Core], means: bool = False) -> Callable[[random.Random, int, bool], Case]:
    """A family: equations from these cores, in means or not."""
    def family(rng: random.Random, depth: int, near: bool) -> Case:
        pen = Pen(rng, means)
        history = random_history(pen) if means else {}
        statement, limits = surrounded(pen, cores, depth, means)
        statement = closed(statement, limits)
        return Case(near_miss(rng, statement) if near else statement, history=history,
                    ranges=some_ranges(pen, statement))

    return family


def random_history(pen: Pen) -> dict:
    """Lags of the random sequences, the table with its time first or second; or nothing is known of one of them."""
    return {base: known for base,
            known in ((Z, Fixed(pen.one_of(0, 1, 2))), (V, Fixed(pen.one_of(0, 1), pen.one_of(0, 1))))
            if pen.likely(0.85)}


def some_ranges(pen: Pen, statement: Any) -> dict:
    """Sequences are mostly declared from 0 on, sometimes from 1 on or up to N only."""
    if pen.likely(0.8):
        return {}
    return {x: (pen.one_of(ANY, (1, sp.oo), (1, N), (0, N + 1)),)}
