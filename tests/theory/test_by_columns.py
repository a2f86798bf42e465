"""A claim about one sequence serves every column of a matrix, where its hypothesis is known of that column."""

from __future__ import annotations

import sympy as sp

from theory.core import Always, Claim, E, Part, Source, Step, Var, check_claim
from theory.core.rules import By, Expectation, Polynomial

K, d = sp.symbols("K d", integer=True, positive=True)
k, i = sp.symbols("k i", integer=True)
u, a, Z = (sp.IndexedBase(name, real=True) for name in ("u", "a", "Z"))
c, b = sp.symbols("c b", real=True)
SOURCE = Source("test", "1", "")


def claim(name, variables, hypotheses, goal, rule, uses=(), history=None) -> Claim:
    return Claim(name, "t", "t", SOURCE, "derived", variables, hypotheses, [Part("only", goal, [Step("goal", goal, rule)])],
                 list(uses), history=history or {})


ONE = claim("test/one", [Var(K, "?"), Var(u, "?", over=((1, K),))], {"large": Always(sp.Ge(u[k], 1), (k, 1, K))},
            Always(sp.Ge(u[k], 0), (k, 1, K)), Polynomial("large"))


def columns(last) -> str:
    """The verdict on: every column is ≥ 0, if the columns up to `last` are ≥ 1."""
    goal = Always(sp.Ge(a[k, i], 0), (i, 1, d), (k, 1, K))
    known = {"large": Always(sp.Ge(a[k, i], 1), (k, 1, K), (i, 1, last))}
    variables = [Var(K, "?"), Var(d, "?"), Var(a, "?", over=((1, K), (1, d)))]
    rule = By(ONE, "only", {u: sp.Lambda(k, a[k, i])}, ("large",))
    return check_claim(claim("test/columns", variables, known, goal, rule, [ONE])).verdict


def test_every_column_follows_from_what_is_known_of_every_column():
    assert columns(d) == "proved"


def test_a_column_of_which_nothing_is_known_does_not_follow():
    assert columns(d - 1) == "unproved"


MEAN = claim("test/mean", [Var(c, "?"), Var(K, "?"), Var(Z, "?", over=((1, K),), random=True)], {},
             Always(sp.Eq(E(c * Z[k], k), c * E(Z[k], k)), (k, 1, K)), Expectation("linearity"), history={Z: 1})


def scaled(random: bool) -> str:
    """The verdict on E(bZ, k) = bE(Z, k), as an instance of the claim with a number c."""
    goal = Always(sp.Eq(E(b * Z[k], k), b * E(Z[k], k)), (k, 1, K))
    variables = [Var(b, "?", random=random), Var(K, "?"), Var(Z, "?", over=((1, K),), random=True)]
    return check_claim(claim("test/scaled", variables, {}, goal, By(MEAN, "only", {c: b}), [MEAN], {Z: 1})).verdict


def test_a_number_under_a_mean_may_become_another_number_but_nothing_random():
    assert scaled(random=False) == "proved"
    assert scaled(random=True) == "unproved"
