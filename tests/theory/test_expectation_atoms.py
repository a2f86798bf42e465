"""What SymPy and the history may assume of expectations: nothing of the mean of a constant, and sums only if not random."""

from __future__ import annotations

import sympy as sp

from theory.core import Claim, E, Part, Source, Step, Var, check_claim
from theory.core.rules import Expectation

y = sp.Symbol("y", real=True)
n, k, j = sp.symbols("n k j", integer=True)
N = sp.Symbol("N", integer=True, positive=True)
a, Z = sp.IndexedBase("a", real=True), sp.IndexedBase("Z", real=True)
VARIABLES = [Var(y, "a number"), Var(N, "a count"), Var(a, "fixed numbers", over=((1, N),)),
             Var(Z, "random numbers", over=((0, sp.oo),), random=True)]


def verdict(*steps: Step) -> str:
    """The checker's verdict on a claim whose conclusion is the last step; Z_j is fixed before step k iff j ≤ k-1."""
    claim = Claim("test/expectations", "t", "s", Source("test", "1", ""), "derived", VARIABLES, {},
                  [Part("first", steps[-1].prop, steps)], history={Z: 1})
    return check_claim(claim).verdict


def test_a_mean_in_which_nothing_is_random_is_refused():
    """The author forgot random=True, and E(g²) = (E g)² would follow."""
    forgotten = Step("mean", sp.Eq(E(y), y), Expectation("linearity"))
    assert verdict(forgotten) == "unproved"
    assert verdict(Step("mean", sp.Eq(y * E(sp.S.Zero), 0), Expectation("linearity"))) == "unproved"
    assert verdict(Step("mean", sp.Eq(E(y * Z[0]), y * E(Z[0])), Expectation("linearity"))) == "proved"


def test_a_constant_is_its_own_mean():
    assert verdict(Step("mean", sp.Eq(E(2 + Z[0]), 2 + E(Z[0])), Expectation("linearity"))) == "proved"
    assert verdict(Step("mean", sp.Eq(E(2 + Z[0]), 3 + E(Z[0])), Expectation("linearity"))) == "unproved"


def pulled(factor: sp.Expr, at: int) -> str:
    return verdict(Step("out", sp.Eq(E(factor * Z[at], at), factor * E(Z[at], at)), Expectation("linearity")))


def test_a_sum_is_pulled_out_of_a_conditional_mean_only_if_nothing_in_it_is_random():
    fixed, random = sp.Sum(a[j], (j, 1, N)), sp.Sum(Z[j], (j, 1, N))
    assert pulled(1 / (1 + Z[2] ** 2 + fixed**2), 3) == "proved"
    assert pulled(1 / (1 + Z[3] ** 2 + fixed**2), 3) == "unproved"
    assert pulled(1 / (1 + Z[2] ** 2 + random**2), 3) == "unproved"
