"""The judge of the fuzz is judged: statements whose truth is plain, and what `models` says of them."""

from __future__ import annotations

import pytest
import sympy as sp
from models import decide
from words import DECLARED, A, Case, M, N, V, X, Y, Z, a, b, eq, i, j, k, le, n, over, p, power, s, total, u, x
from worlds import Fixed, draw_model

from theory.core import Always, E

PAST, SECOND = {Z: Fixed(1)}, {V: Fixed(1, time=1)}
positive = sp.Symbol("m", integer=True, positive=True)

UNBROKEN = {
    "means of sums": Case(eq(E(total(Z[i], i, 1, N)), total(E(Z[i]), i, 1, N))),
    "what is past comes out": Case(eq(E(Z[N - 1] * Y, N), Z[N - 1] * E(Y, N)), history=PAST),
    "the second index is time": Case(eq(E(V[9, N - 1] * Y, N), V[9, N - 1] * E(Y, N)), history=SECOND),
    "the tower": Case(eq(E(E(X, N + 1), N), E(X, N))),
    "an empty product": Case(Always(eq(sp.Product(s, (i, 1, n)), power(s, n)), (n, 0, sp.oo), (s, -1, 1))),
    "an inner variable of the same name": Case(eq(sp.Sum(x[i], (i, 1, i), (i, 1, 2)), 2 * x[1] + x[2])),
    "an irrational value": Case(le(1 + a, sp.exp(a))),
    "a premise guards its conclusion": Case(sp.Implies(sp.Ne(b, 0), eq(over(b, b), 1))),
}
BROKEN = {
    "one more term": Case(eq(total(x[i], i, 1, N), total(x[i], i, 1, N + 1))),
    "what is not past yet": Case(eq(E(Z[N] * Y, N), Z[N] * E(Y, N)), history=PAST),
    "the second index is time": Case(eq(E(V[0, N] * Y, N), V[0, N] * E(Y, N)), history=SECOND),
    "nothing is known of it": Case(eq(E(Z[0] * Y, N), Z[0] * E(Y, N))),
    "a finer history inside": Case(eq(E(E(X, N + 1), N + 1), E(X, N))),
    "on one sample point": Case(le(X, E(X))),
    "an empty product of zeros": Case(Always(eq(sp.Product(sp.S.Zero, (i, 1, n)), 0), (n, 0, 5))),
    "two indices exchanged": Case(eq(sp.Sum(A[i, j], (j, 1, i), (i, 1, N)), sp.Sum(A[j, i], (j, 1, i), (i, 1, N)))),
    "an irrational value": Case(le(sp.exp(a), 1 + a)),
    "between the integers": Case(Always(le(s, s**2), (s, 0, 1))),
}
UNDEFINED = {
    "a division by zero": Case(eq(over(b, b), 1)),
    "a root": Case(le(0, power(a, sp.Rational(1, 2)))),
    "a logarithm": Case(le(sp.log(u, evaluate=False), u)),
    "a reversed sum": Case(eq(total(i, i, M, 0), 0)),
    "an entry out of range": Case(le(x[N + 1], x[N + 1]), ranges={x: ((1, N),)}),
    "inside a mean": Case(eq(E(over(X, X)), 1)),
    "a true disjunction": Case(sp.Or(eq(a, a), eq(power(b, -1), 1))),
    "an index of forbidden sign": Case(le(0, sp.Sum(positive, (positive, -N, 1)))),
    "a variable outside its binder": Case(le(total(x[i], i, 1, N), x[k])),
}


def verdict(case: Case) -> str:
    return decide(case.variables, case.history, case.hypotheses, case.statement, seed=1, models=60).verdict


@pytest.mark.parametrize("name", UNBROKEN)
def test_nothing_breaks_what_is_true(name: str) -> None:
    assert verdict(UNBROKEN[name]) == "unbroken"


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_false_is_broken(name: str) -> None:
    assert verdict(BROKEN[name]) == "broken"


@pytest.mark.parametrize("name", UNDEFINED)
def test_what_has_no_meaning_is_undefined(name: str) -> None:
    assert verdict(UNDEFINED[name]) == "undefined"


def test_models_satisfy_the_hypotheses() -> None:
    """a ≤ b breaks nothing where it is assumed, and half of all models where it is not."""
    case = Case(le(a, b), {"given": le(a, b)})
    assert verdict(case) == "unbroken"
    assert verdict(Case(le(a, b), {"given": le(b, a)})) == "broken"
    with pytest.raises(ValueError, match="finitely many"):
        verdict(Case(le(a, b), {"given": Always(le(a, s * p), (s, 0, 1))}))


def test_histories_only_grow() -> None:
    """What one step knows the next one knows, and what is fixed before a step is a function of what it knows."""
    for seed in range(40):
        model = draw_model([DECLARED[Z]], PAST, seed, lambda end, model: end)
        points = range(len(model.weights))
        assert sum(model.weights) == 1
        for step in range(-2, 8):
            before, after = model.known_at(step), model.known_at(step + 1)
            assert all(before[p] == before[q] for p in points for q in points if after[p] == after[q])
            if step >= 1:
                values = model.entry(Z, (step - 1,))
                assert all(values[p] == values[q] for p in points for q in points if before[p] == before[q])
