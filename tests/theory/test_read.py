"""What authors write in SymPy is read as it stands: numbers, statements, binders, all claims."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
import sympy as sp
from reading_helpers import (
    A_NUMBER,
    DECIDED,
    HIDES,
    N_,
    PLAIN,
    SCOPE,
    UNDECLARED,
    A,
    B,
    N,
    P,
    a,
    b,
    forge,
    half,
    i,
    j,
    k,
    le,
    p,
    s,
    x,
    y,
)

from checks import registry
from theory.core import Always, Claim, E
from theory.core import term as t
from theory.core.domain import Unreadable, read_declared
from theory.core.read import read, read_function, read_number, read_statement
from theory.core.rules import Induction
from theory.core.term import INF, NEGINF, ONE, ZERO, Term, var


def rank(name: str) -> Term:
    """The sum of the entries of x up to a variable, with its bound variable named otherwise."""
    return t.sum_("other", ONE, var(name), t.entry("x", var("other")))


# -- numbers and statements as they stand ----------------------------------------------------------


@pytest.mark.parametrize(
    ("expr", "wanted"),
    [
        (a, A),
        (3, t.num(3)),
        (Fraction(1, 3), t.num(Fraction(1, 3))),
        (sp.Integer(-7), t.num(-7)),
        (sp.Integer(0), ZERO),
        (half, t.num(Fraction(1, 2))),
        (sp.Rational(-2, 3), t.num(Fraction(-2, 3))),
        (sp.pi, t.const("pi")),
        (sp.E, t.fn("exp", ONE)),
        (sp.exp(a), t.fn("exp", A)),
        (sp.Pow(sp.E, a, evaluate=False), t.fn("exp", A)),
        (sp.log(p), t.fn("log", P)),
        (sp.Abs(a), t.fn("abs", A)),
        (sp.sign(a), t.fn("sign", A)),
        (sp.gamma(p), t.fn("gamma", P)),
        (sp.Max(a, b), t.fn("max", A, B)),
        (sp.Min(a, b), t.fn("min", A, B)),
        (sp.Add(b, a, 2, evaluate=False), t.add(B, A, t.num(2))),
        (sp.Mul(b, a, evaluate=False), t.mul(B, A)),
        (a / b, t.mul(A, t.power(B, t.num(-1)))),
        (sp.sqrt(p), t.root(P)),
        (a**N, t.power(A, N_)),
        (sp.Add(a, sp.Mul(-1, a), evaluate=False), t.add(A, t.mul(t.num(-1), A))),
        (x[N, 2], t.entry("x", N_, t.num(2))),
        (E(a), t.mean(A)),
        (E(a, N), t.mean(A, N_)),
        (sp.Product(x[i], (i, 1, N)), t.prod("i", ONE, N_, t.entry("x", var("i")))),
        (sp.Sum(x[i], (i, 1, N)), rank("N")),
    ],
)
def test_numbers(expr, wanted):
    assert read(expr, SCOPE) == read_number(expr, SCOPE) == wanted


@pytest.mark.parametrize(
    ("expr", "wanted", "hint"),
    [
        (sp.Le(a, b), t.le(A, B), ""),
        (sp.Lt(a, b), t.lt(A, B), ""),
        (sp.Ge(a, b), t.le(B, A), "≥"),
        (sp.Gt(a, b), t.lt(B, A), ">"),
        (sp.Eq(a, b), t.eq(A, B), ""),
        (sp.Ne(b, a), t.ne(B, A), ""),
        (sp.And(sp.Le(a, 1), sp.Lt(b, 1)), t.both(t.le(A, ONE), t.lt(B, ONE)), ""),
        (sp.Or(sp.Le(a, 1), sp.Lt(b, 1)), t.either(t.le(A, ONE), t.lt(B, ONE)), ""),
        (sp.Not(sp.Le(a, b), evaluate=False), t.negation(t.le(A, B)), ""),
        (sp.Implies(sp.Le(b, 1), sp.Le(a, 1)), t.implies(t.le(B, ONE), t.le(A, ONE)), ""),
        (
            sp.Equivalent(sp.Le(a, 1), sp.Lt(b, 1)),
            Term("iff", None, (t.le(A, ONE), t.lt(B, ONE))),
            "",
        ),
    ],
)
def test_statements(expr, wanted, hint):
    found = read_statement(expr, SCOPE)
    assert (found, found.hint) == (wanted, hint)
    assert read(expr, SCOPE) == wanted


def test_nothing_is_simplified():
    """a/a and 0·a stay as they were written, or their definedness would never be asked."""
    ratio = sp.Mul(a, sp.Pow(a, -1), evaluate=False)
    assert read(ratio, SCOPE) == t.divide(A, A)
    assert read(sp.Mul(0, 1 / a, evaluate=False), SCOPE) == t.divide(ZERO, A)
    assert read(le(a, a), SCOPE) == t.le(A, A)


def test_a_scope_gives_the_names():
    assert read(a + 1, {a: "alpha"}).free == {"alpha"}


# -- binders ---------------------------------------------------------------------------------------


def test_the_innermost_range_of_a_sum_stands_first():
    triangle = sp.Sum(x[i] * y[j], (i, 1, j), (j, 1, N))
    inner = t.sum_("i", ONE, var("j"), read(x[i] * y[j], {**SCOPE, i: "i", j: "j"}))
    found = read(triangle, SCOPE)
    assert found == t.sum_("j", ONE, N_, inner)
    assert (found.hint, found.args[-1].hint) == ("j", "i")


def test_a_range_speaks_of_outer_variables_only():
    with pytest.raises(Unreadable, match="i is not declared"):
        read(sp.Sum(x[i] * y[j], (i, 1, N), (j, 1, i)), SCOPE)
    with pytest.raises(Unreadable, match="j is not declared"):
        read(Always(le(a, i + j), (i, 1, j), (j, 1, N)), SCOPE)


def test_the_outermost_range_of_always_stands_first():
    body = t.le(A, t.mul(var("i"), var("s")))
    wanted = t.forall("i", "int", ONE, INF, t.forall("s", "real", NEGINF, var("i"), body))
    assert (
        read(Always(le(a, sp.Mul(i, s, evaluate=False)), (i, 1, sp.oo), (s, -sp.oo, i)), SCOPE)
        == wanted
    )


@pytest.mark.parametrize(
    "write",
    [
        lambda u, v: sp.Sum(x[u], (u, 1, N)),
        lambda u, v: sp.Product(x[u + 1], (u, 1, N)),
        lambda u, v: sp.Sum(x[u] ** v, (u, 1, v), (v, 1, N)),
        lambda u, v: Always(le(sp.Sum(x[v], (v, 1, u)), a), (u, 1, N)),
        lambda u, v: E(sp.Sum(E(x[u], u), (u, 1, N))),
    ],
)
def test_the_names_of_bound_variables_do_not_count(write):
    one = read(write(i, j), SCOPE)
    assert one == read(write(k, i), SCOPE) == read(write(sp.Dummy("i", integer=True), k), SCOPE)
    assert one.free <= {"a", "N", "x"}


def test_which_variable_an_entry_is_taken_at_does_count():
    other = read(sp.Sum(x[j], (i, 1, N), (j, 1, N)), SCOPE)
    assert read(sp.Sum(x[i], (i, 1, N), (j, 1, N)), SCOPE) != other


def test_dummies_of_one_name_are_told_apart():
    one, two = sp.Dummy("i", integer=True), sp.Dummy("i", integer=True)
    wanted = read(sp.Sum(x[i] * y[j], (i, 1, j), (j, 1, N)), SCOPE)
    assert read(sp.Sum(x[one] * y[two], (one, 1, two), (two, 1, N)), SCOPE) == wanted


def test_integrals_and_limits():
    found = read(sp.Integral(sp.exp(-s), (s, 0, sp.oo)), SCOPE)
    body = t.fn("exp", t.mul(t.num(-1), t.bound(0)))
    assert (found, found.hint) == (Term("integral", None, (ZERO, INF, body)), "s")
    inverse = t.power(t.bound(0), t.num(-1))
    assert read(sp.Limit(1 / s, s, sp.oo), SCOPE) == Term("limit", "-", (INF, inverse))
    assert read(sp.Limit(1 / s, s, b, "+"), SCOPE) == Term("limit", "+", (B, inverse))
    assert read(sp.Limit(1 / s, s, 1, "+-"), SCOPE) == Term("limit", "+-", (ONE, inverse))


# -- formulas --------------------------------------------------------------------------------------


def test_a_formula_for_a_sequence():
    two = t.num(2)
    assert read_function(sp.Lambda(i, x[i] + a), SCOPE, 1).at((two,)) == t.add(A, t.entry("x", two))
    swapped = read_function(sp.Lambda((i, j), x[j, i]), SCOPE, 2)
    assert swapped.at((ONE, two)) == t.entry("x", two, ONE)
    assert read_function(x, SCOPE, 2).at((ONE, two)) == t.entry("x", ONE, two)
    assert read_function(sp.Lambda(i, i), SCOPE, 1).at((two,)) == two
    assert read_function(sp.Lambda(i, 3), SCOPE, 1).at((two,)) == t.num(3)


def test_a_formula_whose_variable_has_a_name_in_use():
    """The parameter hides the variable of the same name around it, and nothing is captured."""
    opened = {**SCOPE, i: "i", j: "j"}
    value = t.add(var("i"), var("j"))
    assert read_function(sp.Lambda(i, x[i] * y[j]), opened, 1).at((value,)) == t.mul(
        t.entry("x", value), t.entry("y", var("j"))
    )
    other = sp.Symbol("x", integer=True)  # the name of a sequence
    assert read_function(sp.Lambda(other, x[other]), SCOPE, 1).at((N_,)) == t.entry("x", N_)
    real = sp.Symbol("i", real=True)
    assert read_function(sp.Lambda((i, real), x[i] * real), SCOPE, 2).at((ONE, A)) == t.mul(
        A, t.entry("x", ONE)
    )


@pytest.mark.parametrize(
    ("value", "arity", "why"),
    [
        (lambda n: x[n], 1, "is not a formula"),
        (type("OtherLambda", (sp.Lambda,), {})(i, x[i]), 1, "is not a formula"),
        (x[1], 1, "is not a formula"),
        (a, 1, "is not a formula"),
        (sp.Lambda((i, j), x[i]), 1, "is a formula in 2 variables; give one in 1"),
        (sp.Lambda(i, x[i]), 2, "is a formula in 1 variables; give one in 2"),
        (sp.Lambda(i, i), 2, "is not a formula"),
        (sp.Lambda(((i, j),), x[i]), 1, "cannot be a bound variable"),
        (sp.Lambda(sp.Symbol("z", even=True), a), 1, PLAIN),
        (sp.Lambda(i, sp.Le(x[i], 1)), 1, A_NUMBER),
        (sp.Lambda(i, x[j]), 1, "j " + UNDECLARED),
        (sp.Lambda(i, sp.Sum(x[i], (i, 1, 2))), 1, HIDES),
        (sp.IndexedBase("q", real=True), 1, "q " + UNDECLARED),
        (forge(sp.Lambda, sp.Tuple(i, i), x[i]), 2, "is a formula in 2 variables"),
    ],
)
def test_what_is_not_a_formula(value, arity, why):
    with pytest.raises(Unreadable) as refusal:
        read_function(value, SCOPE, arity)
    assert why in str(refusal.value)


# -- the project -----------------------------------------------------------------------------------


def statements(claim: Claim) -> Iterator[sp.Basic]:
    """Every hypothesis and conclusion of a claim."""
    yield from claim.hypotheses.values()
    for part in claim.parts:
        yield from part.hypotheses.values()
        yield part.conclusion


def propositions(steps, scope) -> Iterator[tuple[sp.Basic, dict]]:
    """What steps say, and the steps of inductions, where the induction's variable is open."""
    for step in steps:
        yield step.prop, scope
        if isinstance(step.rule, Induction):
            variable = step.prop.limits[0][0]
            for proof, inside in (
                (step.rule.base, scope),
                (step.rule.step, {**scope, variable: str(variable)}),
            ):
                yield from propositions(proof if isinstance(proof, (list, tuple)) else (), inside)


@pytest.mark.parametrize("name", registry.entries())
def test_what_the_project_says_is_read(name):
    """Hypotheses and conclusions all; of the steps, those that SymPy had not decided."""
    claim = registry.entries()[name].claim
    scope = {variable.symbol: str(variable.symbol) for variable in claim.variables}
    for variable in claim.variables:
        read_declared(variable.symbol)
    for statement in statements(claim):
        found = read_statement(statement, scope)
        assert found.loose == 0 and found.free <= set(scope.values())
    for prop, inside in (pair for part in claim.parts for pair in propositions(part.proof, scope)):
        if prop.has(sp.true, sp.false):
            with pytest.raises(Unreadable, match=DECIDED):
                read_statement(prop, inside)
        else:
            assert read_statement(prop, inside).free <= set(inside.values())
