"""What an author can prove since the kernel has its own terms, each beside a false neighbour that stays unproved:
products, sums of squares as written, shifted sums without a rule, means of double sums, what proved parts define.
"""

from __future__ import annotations

import sympy as sp
from small import M, N, Z, a, c, i, j, k, n, p, proved, q, rejected, w, x, y

from theory.core import Always, E, Step
from theory.core.rules import Expectation, Identity, Known, Polynomial


def test_a_sum_of_squares_as_it_is_written():
    proved(sp.Ge(sp.Sum((x[i] - c) ** 2, (i, 1, N)), 0, evaluate=False), Polynomial())
    proved(sp.Ge(sp.Sum(p * (x[i] - y[i]) ** 2 / q, (i, 1, N)), 0, evaluate=False), Polynomial())
    rejected("z3 found values", sp.Ge(sp.Sum((x[i] - c) ** 3, (i, 1, N)), 0, evaluate=False), Polynomial())
    rejected("z3 found values", sp.Gt(sp.Sum((x[i] - c) ** 2, (i, 1, N)), 0, evaluate=False), Polynomial())


def test_products_over_one_more_factor():
    whole, most = sp.Product(x[i], (i, 1, N)), sp.Product(x[i], (i, 1, N - 1))
    proved(sp.Eq(whole, most * x[N], evaluate=False), Identity())
    rejected("differ", sp.Eq(whole, most * x[1], evaluate=False), Identity())
    proved(sp.Eq(sp.Product(p, (i, 0, N)), p ** (N + 1), evaluate=False), Identity())
    rejected("differ", sp.Eq(sp.Product(p, (i, 0, N)), p**N, evaluate=False), Identity())
    proved(sp.Eq(sp.Product(c * x[i], (i, 1, N)), c**N * whole, evaluate=False), Identity())
    rejected("needed for the statement", sp.Eq(sp.Product(p, (i, 2, M)), p ** (M - 1), evaluate=False), Identity())


def test_products_compared_and_the_logarithm_of_one():
    over = (i, 1, N)
    below = {"zero": Always(sp.Le(0, x[i]), over), "below": Always(sp.Le(x[i], y[i]), over)}
    goal = sp.Le(sp.Product(x[i], over), sp.Product(y[i], over), evaluate=False)
    rule = Known("product_below", {"a": x[i], "b": y[i], "over": over}, ("zero", "below"))
    proved(goal, rule, given=below)
    rejected("side condition", goal, rule, given={**below, "zero": Always(sp.Le(-1, x[i]), over)})
    logs = sp.Eq(sp.log(sp.Product(w[i], over)), sp.Sum(sp.log(w[i]), over), evaluate=False)
    proved(logs, Known("log_of_product", {"a": w[i], "over": over}, ("above",)), given={"above": Always(sp.Gt(w[i], 0), over)})
    rejected("", logs, Known("log_of_product", {"a": w[i], "over": over}))


def test_a_shifted_sum_needs_no_rule():
    row = sp.Sum(x[i], (i, 1, N))
    proved(sp.Eq(row, sp.Sum(x[j + 1], (j, 0, N - 1)), evaluate=False), Identity())
    rejected("differ", sp.Eq(row, sp.Sum(x[j + 1], (j, 0, N - 1)) + x[1], evaluate=False), Identity())


def test_the_mean_of_a_double_sum():
    rows = sp.Sum(Z[i] * x[j], (i, 1, N), (j, 1, N))
    means = sp.Sum(x[j] * E(Z[i]), (j, 1, N), (i, 1, N))
    swapped = Known("swap_rectangle", {"a": x[j] * E(Z[i]), "outer": (j, 1, N), "inner": (i, 1, N)})
    inside = sp.Sum(x[j] * E(Z[i]), (i, 1, N), (j, 1, N))
    proved(sp.Eq(E(rows), inside, evaluate=False), Expectation("linearity"))
    proved(sp.Eq(E(rows), means, evaluate=False), Step("in", sp.Eq(E(rows), inside, evaluate=False), Expectation("linearity")),
           Step("swapped", sp.Eq(inside, means, evaluate=False), swapped),
           Step("goal", sp.Eq(E(rows), means, evaluate=False), Polynomial("in", "swapped")))
    rejected("left over", sp.Eq(E(rows), sp.Sum(x[j] * E(Z[j]), (i, 1, N), (j, 1, N)), evaluate=False), Expectation("linearity"))


def test_what_an_earlier_part_says_defines_a_later_one():
    """AdaGrad's partial sums: the quotient makes sense because an earlier part, or a hypothesis, says so."""
    partial = sp.Sum(w[i], (i, 1, k))
    positive = Always(sp.Gt(partial, 0, evaluate=False), (k, 1, N))
    whole = Always(sp.Le(0, 1 / partial, evaluate=False), (k, 1, N))
    given = {"above": Always(sp.Gt(w[i], 0), (i, 1, N))}
    rejected("needed for the statement", whole, Polynomial())
    proved(whole, Polynomial("sums"), given={**given, "sums": positive})
    steps = Step("sums", positive, Polynomial()), Step("whole", whole, Polynomial("sums"))
    proved(whole, *steps, given=given)


def test_powers_and_roots():
    proved(Always(sp.Eq(p ** (n + 2), p * p * p**n, evaluate=False), (n, 0, sp.oo)), Identity())
    proved(sp.Eq(sp.sqrt(8 * p**2 * q), 2 * p * sp.sqrt(2 * q), evaluate=False), Identity())
    proved(sp.Eq(1 / sp.sqrt(p), sp.sqrt(p) / p, evaluate=False), Identity())
    proved(sp.Eq(sp.sqrt(a**2), sp.Abs(a), evaluate=False), Identity())
    rejected("differ", sp.Eq(sp.sqrt(a**2), a, evaluate=False), Identity())
    proved(sp.Eq(sp.log(p**2 * q), 2 * sp.log(p) + sp.log(q), evaluate=False), Identity())
    rejected("", Always(sp.Eq(0**n, 0, evaluate=False), (n, 0, sp.oo)), Identity())
