"""Random inequalities, and equations that rest on hypotheses: sums term by term with a weight, the classical
inequalities, means of what is ordered, arithmetic, calculus, and instances of small lemmas; with near-misses of each.

The ingredients (weights, points, functions, ranges) are drawn first, unfit ones among them, and the statement is what
an author would write for them; SymPy may cancel there, as it does for an author.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean
from words import (
    A,
    Case,
    M,
    N,
    Pen,
    X,
    Y,
    Z,
    a,
    add,
    b,
    c,
    i,
    j,
    k,
    le,
    mul,
    near_miss,
    over,
    p,
    power,
    q,
    r,
    sub,
    t,
    total,
    u,
    v,
    w,
    x,
    y,
)
from worlds import Fixed

from theory.core import Always, Claim, E, Part, Source, Step, Var
from theory.core.rules import By, Expectation, Identity, Induction, Interval, Known, Monotone, Polynomial, Termwise


def missed(pen: Pen, near: bool, statement: Boolean) -> Boolean:
    return near_miss(pen.rng, statement) if near else statement


def termwise(rng: random.Random, depth: int, near: bool) -> Case:
    """Σ w l ≤ Σ w r from l ≤ r; the weight may be negative, vanish, or have a pole in the range."""
    pen = Pen(rng)
    limit = (i, pen.one_of(0, 1, 1), pen.one_of(N, N, M, 2))
    weight = pen.one_of(sp.S.One, w[i], w[i], p, u, b**2, i, 1 / i, 1 / (i + 1), u ** (-N), 1 / r, b, i**-2, p**i, u**i,
                        b**i, 1 / u, w[i] / p, sp.Abs(b), A[i, 1] ** 2, sp.sqrt(b), 1 / w[i], i - 1, N - i)
    awkward = pen.one_of(sp.S.One, sp.S.One, sp.S.One, 1 / weight, weight if weight != 1 else i)
    left, right = awkward * pen.one_of(x[i], 2 * x[i], x[i] * a), awkward * pen.one_of(y[i], y[i] + b**2, y[i])
    fact = pen.one_of(le, le, le, sp.Eq, sp.Eq, sp.Lt)(left, right)
    relation = sp.Eq if isinstance(fact, sp.Eq) else sp.Le
    if pen.likely(0.5):
        sums = sp.Sum(weight * left, limit), sp.Sum(weight * right, limit)
    else:
        sums = sp.Sum(mul(weight, left), limit), sp.Sum(mul(weight, right), limit)
    statement = missed(pen, near, relation(*sums, evaluate=False))
    fact = Always(fact, limit)
    return Case(statement, {"fact": fact},
                [Termwise("fact", limit, weight), Termwise("fact", limit, weight, ("fact",))])


def squares(rng: random.Random, depth: int, near: bool) -> Case:
    """0 ≤ Σ … Σ w f², and means of it: first the terms, then the sums around them."""
    pen, limit = Pen(rng), (i, rng.choice((0, 1)), rng.choice((N, M)))
    weight = pen.one_of(sp.S.One, w[i], p, u, b, i - 1)
    term = pen.one_of(power(sub(x[i], c), 2), power(x[i], 2), sp.Abs(sub(x[i], y[i])), power(x[i], 4),
                      power(add(x[i], A[i, 1]), 2))
    terms = Step("terms", Always(le(0, term), limit), Polynomial())
    goal = le(sp.Sum(weight * 0, limit), sp.Sum(weight * term, limit))
    statement = missed(pen, near, le(0, sp.Sum(weight * term, limit)))
    return Case(statement, {},
                [[terms, Step("sums", goal, Termwise("terms", limit, weight)),
                  Step("goal", statement, Polynomial("sums"))]])


def known(rng: random.Random, depth: int, near: bool) -> Case:
    """Instances of the classical inequalities, with poles and empty ranges among the ingredients."""
    pen = Pen(rng)
    build = pen.one_of(cauchy, cauchy, triangle, one_term, rows, jensen_of_sums, jensen_of_sums)
    statement, hypotheses, rule, before = build(pen)
    statement = missed(pen, near, statement)
    return Case(statement, hypotheses, [[*before, Step("goal", statement, rule)]])


def cauchy(pen: Pen) -> tuple:
    limit = (i, pen.one_of(0, 1, 1), pen.one_of(N, N, 1, 2, M))
    first = pen.one_of(x[i], x[i], 1 / i, x[i] / i, 1 / i, x[i] / i, a * x[i], sp.S.One, p**i, x[i] / (i + 1), 1 / w[i])
    second = pen.one_of(y[i], sp.S.One, y[i], i, A[i, 1])
    weight = pen.one_of(sp.S.One, w[i], w[i], p, i, i**2, i**2, i**2 * (2 * i**2 - 1), b, u)
    if pen.likely(0.15):  # the weight cancels a pole, and leaves less than nothing of it
        limit, first, second, weight = (i, 0, 1), pen.one_of(a, p, c) / i, sp.S.One, i**2 * (2 * i**2 - 1)
    left = sp.Sum(weight * first * second, limit) ** 2
    right = sp.Sum(weight * first**2, limit) * sp.Sum(weight * second**2, limit)
    sign = Always(sp.Ge(weight, 0, evaluate=False), limit)
    before = [Step("weight", sign, Induction(Polynomial(), Polynomial()) if limit[2] == 1 else Polynomial())]
    rule = Known("cauchy_schwarz", {"a": first, "b": second, "over": limit, "weight": weight}, ("weight",))
    return le(left, right), {}, rule, before


def triangle(pen: Pen) -> tuple:
    limit = (i, pen.one_of(0, 1), pen.one_of(N, M, 2))
    term = pen.one_of(x[i], x[i] - y[i], x[i] / i, b**i, x[i] * A[i, N], a)
    left, right = sp.Abs(sp.Sum(term, limit), evaluate=False), sp.Sum(sp.Abs(term, evaluate=False), limit)
    return le(left, right), {}, Known("triangle", {"a": term, "over": limit}), []


def one_term(pen: Pen) -> tuple:
    limit, at = (i, pen.one_of(0, 1), pen.one_of(N, M, N + 1)), pen.one_of(N, 1, 0, M, N + 1, N - 1)
    term = pen.one_of(w[i], w[i] * x[i] ** 2, w[i], p**i, x[i], i, w[i] / i, sp.Abs(x[i]))
    before = [Step("sign", Always(sp.Ge(term, 0, evaluate=False), limit), Polynomial())]
    rule = Known("term_below_sum", {"a": term, "over": limit, "at": at}, ("sign",))
    return le(term.xreplace({i: sp.sympify(at)}), sp.Sum(term, limit)), {}, rule, before


def rows(pen: Pen) -> tuple:
    lower, upper = pen.one_of(0, 1), pen.one_of(N, M, N + 1)
    term = pen.one_of(A[t, i], A[t, i] * x[i], x[i] / t, p**t)
    left = sp.Sum(term, (i, lower, t - 1), (t, lower, upper))
    right = sp.Sum(term, (t, i + 1, upper), (i, lower, upper))
    rule = Known("swap_triangle", {"a": term, "outer": t, "inner": i, "lower": lower, "upper": upper})
    return sp.Eq(left, right, evaluate=False), {}, rule, []


def bent(pen: Pen) -> tuple[sp.Lambda, tuple]:
    """A function and an interval on which it is convex, concave, or neither."""
    body = pen.one_of(v**2, v**2, v**4, v**3, -(v**2), 1 / v, sp.exp(v), sp.log(v), sp.sqrt(v), sp.Abs(v), sp.sign(v),
                      sp.sign(v), v * sp.sign(v), 3 * v, v**2 * sp.sign(v),
                      sp.Max(v, 0), v**-2, 1 / (v + 1), a * v**2, u * v**2, v * sp.Abs(v), sp.Abs(v) ** 3, 1 / (1 - v))
    if pen.likely(0.3):  # smooth, or flat, only where the variable is positive
        bodies = (sp.sign(v), v * sp.sign(v), -sp.sign(v), -sp.Abs(v), v**2 - sp.Abs(v))
        return sp.Lambda(v, pen.one_of(*bodies)), (0, sp.oo)
    return sp.Lambda(v, body), pen.one_of((-sp.oo, sp.oo), (0, sp.oo), (0, sp.oo), (1, 2), (0, p))


def jensen_of_sums(pen: Pen) -> tuple:
    function, domain = bent(pen)
    limit, point = (i, 1, N), pen.one_of(w[i], x[i], x[i] ** 2, i, 1 + x[i] ** 2)
    weight = pen.one_of(w[i + 1], w[i], 1 / N)
    hypotheses = {"one": sp.Eq(sp.Sum(weight, limit), 1, evaluate=False)}
    statement = le(function(sp.Sum(weight * point, limit)), sp.Sum(weight * function(point), limit))
    given = {"function": function, "point": point, "weight": weight, "over": limit, "domain": domain}
    return statement, hypotheses, Known("jensen", given, ("one",)), []


# -- means -------------------------------------------------------------------------------------------------------------


def ordered_means(rng: random.Random, depth: int, near: bool) -> Case:
    """E l ≤ E r from l ≤ r on every sample, before a step or not; and Jensen for means."""
    pen = Pen(rng, randomness=True)
    given = [pen.one_of(N, N + 1)] if pen.likely(0.5) else []
    extra = {"history": given[0]} if given else {}
    if pen.likely(0.5):
        function, domain = bent(pen)
        point, concave = pen.one_of(X, X**2, Z[N], Z[N] ** 2 + 1, Y, sp.Abs(X)), pen.likely(0.3)
        sides = function(E(point, *given)), E(function(point), *given)
        statement = missed(pen, near, le(*reversed(sides)) if concave else le(*sides))
        rule = Expectation("jensen",
                           {"function": function, "point": point, "domain": domain, "concave": concave, **extra})
        return Case(statement, {}, [rule], history={Z: Fixed(1)})
    left = sp.sympify(pen.one_of(X, x[1] * X, Z[N], Z[N] * a, 0, 2 * X))
    right = pen.one_of(Y, Y + u, X**2 + 1, Z[N] ** 2, Y, sp.Abs(X))
    statement = missed(pen, near, le(E(left, *given), E(right, *given)))
    rule = Expectation("monotone", extra, ("fact",))
    free = le(left, right)
    if pen.likely(0.4):
        return Case(statement, {}, [[Step("fact", free, Polynomial()), Step("goal", statement, rule)]],
                    history={Z: Fixed(1)})
    return Case(statement, {"fact": free}, [rule], history={Z: Fixed(1)})


# -- arithmetic --------------------------------------------------------------------------------------------------------


def arithmetic(rng: random.Random, depth: int, near: bool) -> Case:
    """Low-degree inequalities, quotients, integers, from at most one hypothesis, quantified or not."""
    pen = Pen(rng)
    f, g = pen.one_of(a, x[1], p, b, x[N], total(x[i], i, 1, N)), pen.one_of(b, y[1], q, c, total(y[i], i, 1, M))
    hypotheses: dict[str, Boolean] = {}
    statement = pen.one_of(
        le(mul(2, f, g), add(power(f, 2), power(g, 2))),
        le(mul(f, g), add(mul(p, power(f, 2)), over(power(g, 2), mul(4, p)))),
        le(over(1, add(p, q)), over(1, p)),
        le(over(p, add(p, u)), 1),
        le(over(f, p), over(g, p)),
        le(over(1, p), over(1, u)),
        le(over(u, r), u),
        le(mul(p, f), mul(p, g)),
        le(mul(f, u), mul(g, u)),
        le(add(f, u), add(g, u)),
        le(sub(f, 1), g),
        le(sp.Abs(add(f, g), evaluate=False), add(sp.Abs(f), sp.Abs(g))),
        le(sp.Max(f, g, evaluate=False), add(sp.Abs(f), sp.Abs(g))),
        le(power(u, sp.Rational(1, 2)), over(add(1, u), 2)),
        le(N, mul(2, N)),
        le(N, power(N, 2)),
        le(M, power(M, 2)),
        sp.Lt(0, add(p, u), evaluate=False),
        sp.Ne(add(N, u), 0, evaluate=False),
        le(total(w[i], i, 1, N), total(w[i], i, 1, N + 1)))
    if pen.likely(0.7):
        hypotheses["given"] = pen.one_of(le(f, g), le(f, g), sp.Lt(f, g), sp.Ne(r, 0), sp.Ge(r, 1),
                                         sp.Implies(le(f, 0), le(g, 0)), sp.Eq(f, g, evaluate=False))
    if pen.likely(0.3):
        statement = Always(sp.Implies(le(k, N), statement), (k, pen.one_of(0, 1), N + 1))
    statement = missed(pen, near, statement)
    return Case(statement, hypotheses, [Polynomial(*hypotheses)])


# -- calculus, and what SymPy decides ----------------------------------------------------------------------------------


def calculus(rng: random.Random, depth: int, near: bool) -> Case:
    """Inequalities in one real variable from a base point outwards, over intervals with and without holes and poles."""
    pen = Pen(rng)
    z = sp.Symbol("z", real=True, **pen.one_of({}, {}, {"positive": True}, {"nonzero": True}, {"nonnegative": True}))
    lower, upper = pen.one_of((-1, 5), (0, 1), (1, sp.oo), (sp.Rational(1, 2), 3), (0, sp.oo), (-sp.oo, sp.oo),
                              (-2, -1))
    left, right = pen.one_of(
        (2, z + 1 / z), (1 + z, sp.exp(z)), (sp.log(z), z - 1), (2 * z - 1, z**2), (1 / z, 1), (2 - z, 1 / z),
        (0, sp.sqrt(z)), (1 - z**2 / 2, sp.exp(-z)), (0, z**3), (z / (1 + z), sp.log(1 + z)), (z, z**2), (-1 / z, 3))
    statement = missed(pen, near, Always(le(left, right), (z, lower, upper)))
    return Case(statement, {}, [*(Monotone(base) for base in (0, 1, -1)), Interval(boxes=60)])


def decided_by_sympy(rng: random.Random, depth: int, near: bool) -> Case:
    """Relations SymPy may turn into True or False when written plainly; the checker gets what it makes of them."""
    pen = Pen(rng)
    m = sp.Symbol("m", integer=True, **pen.one_of({"positive": True}, {"nonnegative": True}, {}))
    first, last = pen.one_of((-N, -1), (-N, 0), (1, N), (0, N), (3, 1), (2, N), (1, 0), (-2, 2))
    body = pen.one_of(m, m, m**2, p * m, sp.S.Zero, u, p**m)
    left = pen.one_of(sp.Sum(body, (m, first, last)), sp.Product(body, (m, first, last)))
    right = pen.one_of(0, 0, 1, -1, u, pen.one_of(left, N))
    relation = pen.one_of(sp.Gt, sp.Ge, sp.Eq, sp.Ne, sp.Le)
    statement, handed = relation(left, right, evaluate=False), relation(left, right)
    return Case(statement, handed=handed if handed in (sp.true, sp.false) else None)


# -- lemmas ------------------------------------------------------------------------------------------------------------


S = sp.IndexedBase("S", real=True)
B = sp.Symbol("B", real=True)
P = sp.Symbol("P", positive=True)
K = sp.Symbol("K", integer=True, positive=True)
R = sp.Symbol("R", real=True)


def lemma(name: str, statement: Boolean, rule: Any, variables: Sequence[Var], hypotheses: Any = None,
          history: Any = None) -> Claim:
    return Claim(f"fuzz/{name}", "lemma", "lemma", Source("fuzz", "1", ""), "derived", variables, hypotheses or {},
                 [Part("lemma", statement, [Step("goal", statement, rule)])], history=history or {})


NUMBERS = [Var(P, "positive"), Var(B, "a number"), Var(K, "a count")]
TABLE = Var(S, "numbers", over=((1, K),))
LEMMAS = (
    lemma("cube", sp.Le(P, P**3 + 1), Polynomial(), NUMBERS),
    lemma("inverse", sp.Le(2, P + 1 / P), Polynomial(), NUMBERS),
    lemma("count", sp.Le(1, K + B**2, evaluate=False), Polynomial(), NUMBERS),
    lemma("scaled", Always(le(P * S[i], P * B), (i, 1, K)), Polynomial("below"), [*NUMBERS, TABLE],
          {"below": Always(le(S[i], B), (i, 1, K))}),
    lemma("first", le(S[1], B), Polynomial("h"), [*NUMBERS, TABLE], {"h": le(S[1], B)}),
    lemma("sums", sp.Eq(sp.Sum(B * S[i], (i, 1, K)), B * sp.Sum(S[i], (i, 1, K)), evaluate=False), Identity(),
          [*NUMBERS, TABLE]),
    lemma("power", sp.Eq(mul(B, power(B, K)), power(B, K + 1), evaluate=False), Identity(), NUMBERS),
    lemma("last", sp.Eq(sp.Sum(S[i], (i, 1, K)), sp.Sum(S[i], (i, 1, K - 1)) + S[K], evaluate=False), Identity(),
          [*NUMBERS, TABLE]),
    lemma("mean", sp.Eq(E(B * R), B * E(R), evaluate=False), Expectation("linearity"),
          [*NUMBERS, Var(R, "random", random=True)]),
    lemma("moving", Always(le(0, power(sub(i, B), 2)), (i, 1, K)), Polynomial(), NUMBERS),
)


def by_lemma(rng: random.Random, depth: int, near: bool) -> Case:
    """An instance of a proved lemma: its numbers become others, not always of the domain, its sequence a formula."""
    pen, used = Pen(rng), rng.choice(LEMMAS)
    value = {P: pen.one_of(p, p, b, p + q, u, r**2, N, 1 / p, M),
             B: pen.one_of(a, c, a + b, X, N, total(x[i], i, 1, N), sp.S.Zero),
             K: pen.one_of(N, N, M, N + 1, 1, N - 1, 2 * N), R: pen.one_of(X, Y, X * Y, a)}
    letter = pen.one_of(j, i, t)
    formula = pen.one_of(x[letter], 2 * x[letter], x[letter] + y[letter], letter + 0, x[letter - 1], a + 0,
                         total(A[letter, k], k, 1, N), 1 / letter, x[letter] / (letter - 1), letter * b)
    declared = {var.symbol for var in used.variables}
    given: dict = {symbol: sp.sympify(what) for symbol, what in value.items() if symbol in declared}
    if S in declared:
        given[S] = sp.Lambda(letter, formula)

    def instance(expr: sp.Basic) -> sp.Basic:
        numbers = {key: what for key, what in given.items() if key != S}
        expr = expr.replace(lambda e: isinstance(e, sp.Indexed) and e.base == S,
                            lambda e: formula.xreplace({letter: e.indices[0]}))
        return expr.xreplace(numbers)

    part = used.parts[0]
    hypotheses = {name: instance(prop) for name, prop in used.hypotheses.items()}
    statement = instance(part.conclusion)
    if statement in (sp.true, sp.false) or any(h in (sp.true, sp.false) for h in hypotheses.values()):
        return by_lemma(rng, depth, near)
    statement = missed(pen, near, statement)
    return Case(statement, hypotheses, [By(used, "lemma", given, tuple(hypotheses))], uses=[used])
