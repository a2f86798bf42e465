"""Random equations between means: in and out of sums, what the history fixes pulled out, and the tower rule."""

from __future__ import annotations

import random
from typing import Any

import sympy as sp
from statements import closed, linear, random_history, renamed, split
from words import (
    Case,
    N,
    Pen,
    V,
    X,
    Y,
    Z,
    a,
    add,
    eq,
    i,
    j,
    k,
    mul,
    n,
    near_miss,
    power,
    t,
    total,
    x,
)
from worlds import Fixed

from theory.core import E
from theory.core.rules import Expectation


def mean_rules(rng: random.Random, depth: int, near: bool) -> Case:
    """E in and out of up to four sums; what the history fixes pulled out; the tower rule and its relatives."""
    pen, step = Pen(rng, True), rng.choice((N, N + 1, k, k, k))
    history = random_history(pen)
    build = pen.one_of(mean_of_sums, mean_of_sums, pulled_out, pulled_out, pulled_out, towers)
    statement, limits = build(pen, depth, step, history)
    if step == k:
        limits = [(k, pen.one_of(1, 2, 3), pen.one_of(sp.oo, N + 3)), *limits]
    statement = closed(statement, limits)
    proofs = [Expectation("tower")]
    return Case(near_miss(rng, statement) if near else statement, proofs=proofs, history=history)


def mean_of_sums(pen: Pen, depth: int, step: Any, history: dict) -> tuple[Any, list]:
    """E Σ…Σ f = Σ…Σ E f, the mean taken before a step or not."""
    indices, limits = [i, j, n, t][:max(1, depth)], []
    for place, index in enumerate(indices):
        limits.append((index, pen.one_of(0, 1), pen.end(*indices[:place])))
    f, given = pen.body(*indices), [step] if pen.likely(0.5) else []
    return eq(E(sp.Sum(f, *reversed(limits)), *given), sp.Sum(E(f, *given), *reversed(limits))), []


def pulled_out(pen: Pen, depth: int, step: Any, history: dict) -> tuple[Any, list]:
    """E(f g | F_k) = f E(g | F_k) for entries f that the history fixes, or nearly."""
    lags = {base: known.lag for base, known in history.items()}
    late = {base: step - lags.get(base, 1) - pen.one_of(0, 0, 0, 1, -1) for base in (Z, V)}
    places = history.get(V, Fixed(0)).time
    fixed = pen.one_of(Z[late[Z]], V[(late[V], 1) if places == 0 else (1, late[V])], V[(1, late[V])],
                       mul(a, Z[late[Z]]),
                       power(Z[late[Z]], 2), E(Z[step], step), total(Z[i], i, 1, late[Z]), add(Z[late[Z]], x[1]))
    g = pen.one_of(X, Y, Z[step], mul(X, Y), power(X, 2), V[1, step])
    left = E(mul(fixed, g), step)
    if pen.likely(0.3):
        return eq(left, mul(fixed, E(g, step))), []
    if pen.likely(0.4):
        return eq(E(add(mul(fixed, g), Y), step), add(mul(fixed, E(g, step)), E(Y, step))), []
    return eq(total(left, j, 1, N), mul(N, fixed, E(g, step))), []


def towers(pen: Pen, depth: int, step: Any, history: dict) -> tuple[Any, list]:
    """E(E(f | F_m) | F_k) = E(f | F_k) for k ≤ m; near it, k > m."""
    f = pen.body(1, size=2)
    later = step + pen.one_of(0, 1, 2, -1)
    return pen.one_of(
        (eq(E(E(f, step)), E(f)), []), (eq(E(E(f, later), step), E(f, step)), []), (eq(E(E(f), step), E(f)), []),
        (eq(E(mul(a, E(f, later))), mul(a, E(f))), []), (same_mean(pen), []), (same_mean(pen),
                                                                               []), (eq(E(E(f, step), later),
                                                                                        E(f, step)), []))


def same_mean(pen: Pen) -> Any:
    """The mean of nested sums, with their variables renamed or one factor before or behind them."""
    left, right = pen.one_of(renamed, renamed, linear, split)(pen, (), (i, j, n))
    return eq(E(left), E(right))
