"""Random statements for every integer from a number on, shown by induction; and quantified facts at values."""

from __future__ import annotations

import random

import sympy as sp
from statements import closed
from words import (
    A,
    Case,
    M,
    N,
    Pen,
    X,
    Y,
    a,
    add,
    b,
    eq,
    i,
    j,
    le,
    mul,
    n,
    near_miss,
    over,
    p,
    power,
    r,
    rebuilt,
    s,
    sub,
    total,
    u,
    x,
)

from theory.core import Always, E, Step
from theory.core.rules import At, Expectation, Identity, Polynomial


def by_induction(rng: random.Random, depth: int, near: bool) -> Case:
    """Closed forms, bounds and recursions for every integer from a number on."""
    pen, start, first = Pen(rng), rng.choice((0, 0, 1, 1, 2)), rng.choice((0, 1, 1))
    f, upper = pen.one_of(x[i], A[i, i], i, mul(a, x[i])), pen.one_of(sp.oo, sp.oo, N + 2)
    twice = f.xreplace({i: n})
    statement = pen.one_of(
        eq(total(i, i, first, n), over(mul(n, add(n, 1)), 2)),
        eq(mul(sub(1, b), total(power(b, i), i, 0, n)), sub(1, power(b, n + 1))),
        eq(total(sub(f.xreplace({i: i + 1}), f), i, first, n),
           sub(f.xreplace({i: n + 1}), f.xreplace({i: sp.Integer(first)}))),
        eq(total(f, i, first, n), add(total(f, i, first, n - 1), twice)),
        eq(sp.Product(a, (i, first, n)), power(a, n)),
        eq(sp.Product(over(i, i + 1), (i, 1, n)), over(1, n + 1)),
        eq(total(total(i, i, 1, j), j, 1, n), over(mul(n, add(n, 1), add(n, 2)), 6)),
        le(n, power(2, n)),
        le(power(n, 2), power(2, n)),
        le(add(1, mul(n, u)), power(add(1, u), n)),
        le(0, sp.Product(pen.one_of(power(x[i], 2), p, u, i, add(1, power(b, i))), (i, 1, n))),
        le(power(p, n), power(p, n + 1)),
        le(0, total(power(x[i], 2), i, first, n)),
        le(0, mul(n, sub(n, 1))),
        sp.Gt(power(p, n), 0, evaluate=False),
        le(total(over(1, power(i, 2)), i, 1, n), sub(2, over(1, n))),
        le(1, n))
    statement = Always(statement, (n, start, upper))
    return Case(near_miss(rng, statement) if near else statement)


# -- quantified facts at values ----------------------------------------------------------------------------------------


def at_values(rng: random.Random, depth: int, near: bool) -> Case:
    """A quantified fact (a hypothesis, or a true equation proved first) taken at values its author did not think of."""
    pen = Pen(rng, randomness=True)
    index_values = (0, 1, N, N + 1, M, N - 1, i + 0, 2 * N)
    real_values = (0, 1, -1, sp.Rational(1, 2), a, b, p, X, E(X), r - 1, u)
    facts = (
        (eq(sp.Product(s, (i, 1, n)), power(s, n)), Identity()),
        (eq(mul(power(s, n), s), power(s, n + 1)), Identity()),
        (eq(E(mul(s, X)), mul(s, E(X))), Expectation("linearity")),
        (eq(E(mul(s, X), N), mul(s, E(X, N))), Expectation("linearity")),
        (eq(total(mul(s, x[i]), i, 1, n), mul(s, total(x[i], i, 1, n))), Identity()),
        (eq(over(mul(s, n), n), s), Identity()),
        (eq(total(s, i, 1, n), mul(n, s)), Identity()),
        (le(2 * s, s**2 + 1), Polynomial()),
        (le(mul(p, x[n]), pen.one_of(a, u, b**2, x[1])), None),
        (eq(mul(n, x[n]), mul(b, n)), None),
        (le(total(x[j], j, 1, n), a), None),
        (le(mul(n, X), add(Y, x[n])), None))
    body, proof = pen.one_of(*facts)
    upper = N + 1 if proof is None else pen.one_of(sp.oo, N + 1)
    limits = [lim for lim in ((n, pen.one_of(0, 1), upper), (s, pen.one_of(-sp.oo, 0, 1), sp.oo))
              if body.has(lim[0])]
    fact = Always(body, *limits)
    values = {limit[0]: sp.sympify(pen.one_of(*(index_values if limit[0] == n else real_values))) for limit in limits}
    if n in values and len(limits) > 1 and pen.likely(0.35):  # the integer stays quantified
        del values[n]
    statement = body.xreplace(values) if pen.likely(0.5) else put_in(body, values)
    if statement in (sp.true, sp.false):
        statement = put_in(body, values)
    statement = closed(statement, [limit for limit in limits if limit[0] not in values])
    if near:
        statement = near_miss(rng, statement)
    rule = Polynomial(At("fact", values))
    hypotheses = {} if proof else {"fact": fact}
    steps = [*([Step("fact", fact, proof)] if proof else []), Step("goal", statement, rule)]
    return Case(statement, hypotheses, [steps])


def put_in(expr: sp.Basic, values: dict) -> sp.Basic:
    """The values in place of free variables, nothing evaluated."""
    if expr in values:
        return values[expr]
    if isinstance(expr, (sp.Indexed, sp.Symbol)) or not expr.args:
        return expr.xreplace(values)
    return rebuilt(expr, [put_in(arg, values) for arg in expr.args])
