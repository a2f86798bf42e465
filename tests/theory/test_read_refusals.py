"""What is not part of the language is refused with a sentence that says how to write it.

Each refusal stands beside a sibling that is read, so that a reader which refuses everything fails.
"""

from __future__ import annotations

import pytest
import sympy as sp
from reading_helpers import (
    A_NUMBER,
    A_STATEMENT,
    DECIDED,
    HIDES,
    PLAIN,
    SCOPE,
    UNDECLARED,
    A,
    N,
    OtherAlways,
    OtherBase,
    OtherSymbol,
    a,
    b,
    forge,
    half,
    i,
    j,
    le,
    p,
    r,
    s,
    x,
    y,
)

from theory.core import Always, E
from theory.core.domain import Unreadable
from theory.core.read import read, read_number, read_statement
from theory.core.term import ZERO

# -- refusals --------------------------------------------------------------------------------------


class OverData(E):
    """A mean that is not E."""


class OtherLog(sp.log):
    """A logarithm that is not log."""


class OtherSum(sp.Sum):
    """A sum that is not Sum."""


f = sp.Function("f", real=True)
LANGUAGE = "is not part of the language"
KNOWN = "is not one the checker knows"


@pytest.mark.parametrize(
    ("expr", "why", "sibling"),
    [
        (sp.Le(p, p + 1), DECIDED, le(p, p + 1)),
        (sp.Lt(p, p), DECIDED, sp.Lt(p, p, evaluate=False)),
        (True, DECIDED, le(1, 2)),
        (Always(sp.Gt(N, 0), (i, 1, N)), DECIDED, Always(sp.Gt(N, 0, evaluate=False), (i, 1, N))),
        (forge(sp.And, sp.true, sp.Le(a, b)), DECIDED, forge(sp.And, sp.Le(a, b))),
        (sp.Le(a, 0.5), LANGUAGE + ": it is not exact", sp.Le(a, half)),
        (0.5, LANGUAGE, half),
        (a + 1.0, LANGUAGE, a + 1),
        (a + sp.I, LANGUAGE, a + sp.pi),
        (sp.Le(a, sp.oo, evaluate=False), "infinity is no number", sp.Le(a, 10**9)),
        (sp.Max(a, sp.zoo, evaluate=False), LANGUAGE, sp.Max(a, 1)),
        (forge(sp.Add, a, sp.nan), LANGUAGE, forge(sp.Add, a, b)),
        (a + sp.EulerGamma, LANGUAGE, a + sp.E),
        (sp.Piecewise((a, a > b), (b, True)), KNOWN, sp.Max(a, b)),
        (f(a), KNOWN, sp.exp(a)),
        (sp.floor(a), KNOWN, sp.sign(a)),
        (sp.Derivative(f(a), a), LANGUAGE, a),
        (sp.UnevaluatedExpr(a), LANGUAGE, a),
        ("a", LANGUAGE, a),
        (None, LANGUAGE, a),
        ([a], LANGUAGE, a),
        (OverData(a), "only E itself is", E(a)),
        (OtherLog(p + 1), "only log itself is", sp.log(p + 1)),
        (OtherSum(x[i], (i, 1, N)), "only Sum itself is", sp.Sum(x[i], (i, 1, N))),
        (OtherSymbol("a", real=True), LANGUAGE, a),
        (
            OtherAlways(le(x[i], 1), (i, 1, N)),
            "only Always itself is",
            Always(le(x[i], 1), (i, 1, N)),
        ),
        (
            forge(sp.Not, OtherAlways(le(a, 1), (i, 1, N))),
            "only Always itself is",
            forge(sp.Not, Always(le(a, 1), (i, 1, N))),
        ),
        (sp.Wild("a"), LANGUAGE, a),
        (
            sp.Xor(sp.Le(a, 1), sp.Le(b, 1)),
            "write it as an Or of Ands",
            sp.Or(sp.Le(a, 1), sp.Le(b, 1)),
        ),
        (
            sp.ITE(sp.Le(a, 1), sp.Le(b, 1), sp.Le(b, 2)),
            LANGUAGE,
            sp.Implies(sp.Le(a, 1), sp.Le(b, 1)),
        ),
        (sp.Symbol("c", real=True), "c " + UNDECLARED, b),
        (sp.Symbol("a", positive=True), "a " + UNDECLARED, a),
        (sp.Symbol("x", real=True), "x " + UNDECLARED, x[1]),
        (sp.IndexedBase("x", positive=True)[1], "x " + UNDECLARED, x[1]),
        (sp.IndexedBase("q", real=True)[1], "q " + UNDECLARED, y[1]),
        (OtherBase("x", real=True)[1], "only an IndexedBase has entries", x[1]),
        (x, "write x[i]", x[1]),
        (x[sp.Idx("i")], LANGUAGE, x[N]),
        (sp.Sum(x[i] + j, (i, 1, N)), "j " + UNDECLARED, sp.Sum(x[i] + j, (i, 1, N), (j, 1, 2))),
        (sp.Eq(sp.Sum(i, (i, 1, N)), i), "i " + UNDECLARED, sp.Eq(sp.Sum(i, (i, 1, N)), a)),
    ],
)
def test_what_is_not_part_of_the_language(expr, why, sibling):
    with pytest.raises(Unreadable) as refusal:
        read(expr, SCOPE)
    assert why in str(refusal.value)
    assert read(sibling, SCOPE)


@pytest.mark.parametrize(
    ("expr", "why", "sibling"),
    [
        (forge(sp.Add, a, sp.Le(a, b)), A_NUMBER, forge(sp.Add, a, b)),
        (sp.Eq(sp.Le(a, 1), sp.Le(b, 1)), A_NUMBER, sp.Equivalent(sp.Le(a, 1), sp.Le(b, 1))),
        (E(sp.Le(a, b)), A_NUMBER, E(a)),
        (x[sp.Le(a, b)], A_NUMBER, x[1]),
        (Always(a, (i, 1, N)), A_STATEMENT, Always(sp.Le(a, 1), (i, 1, N))),
        (sp.And(sp.Symbol("a", real=True), sp.Le(a, 1)), A_STATEMENT, sp.Le(a, 1)),
        (
            sp.Implies(sp.Le(a, 1), sp.Symbol("b", real=True)),
            A_STATEMENT,
            sp.Implies(sp.Le(a, 1), sp.Le(b, 1)),
        ),
        (forge(sp.Not, a), A_STATEMENT, forge(sp.Not, sp.Le(a, b))),
        (forge(E, a, N, N), "with 3 arguments; give it 1 or 2", forge(E, a, N)),
        (forge(sp.log, a, b), "with 2 arguments; give it 1", forge(sp.log, a)),
        (forge(sp.Le, a), "with 1 arguments; give it 2", forge(sp.Le, a, b)),
        (forge(sp.Mul), "with 0 arguments; give it at least 1", forge(sp.Mul, a)),
        (
            sp.Equivalent(sp.Le(a, 1), sp.Le(b, 1), sp.Le(a, 2)),
            "give it 2",
            sp.Equivalent(sp.Le(a, 1), sp.Le(b, 1)),
        ),
        (Always(sp.Le(a, b)), "has no range", Always(sp.Le(a, b), (i, 1, N))),
        (Always(sp.Le(a, b), (i, 1)), "is not a range", Always(sp.Le(a, b), (i, 1, N))),
        (forge(sp.Sum), "has no range", sp.Sum(a, (i, 1, N))),
        (forge(sp.Sum, a, i), "is not a range", sp.Sum(a, (i, 1, N))),
        (forge(sp.Limit, a, s, ZERO), "with 3 arguments", sp.Limit(a * s, s, 0)),
    ],
)
def test_what_stands_in_the_wrong_place(expr, why, sibling):
    with pytest.raises(Unreadable) as refusal:
        read(expr, SCOPE)
    assert why in str(refusal.value)
    assert read(sibling, SCOPE)


@pytest.mark.parametrize(
    ("expr", "why", "sibling"),
    [
        (
            sp.Sum(x[i], (i, 0, sp.oo)),
            "the sum over i needs integer limits",
            sp.Sum(x[i], (i, 0, N)),
        ),
        (
            sp.Sum(x[i], (i, -sp.oo, 0)),
            "the sum over i needs integer limits",
            sp.Sum(x[i], (i, -N, 0)),
        ),
        (sp.Product(s, (s, 1, 3)), "the sum over s needs integer limits", sp.Product(i, (i, 1, 3))),
        (
            Always(sp.Le(x[1], a), (x[1], 0, 5)),
            "x[1] cannot be a bound variable",
            Always(sp.Le(s, a), (s, 0, 5)),
        ),
        (sp.Sum(x[1], (x[1], 0, 5)), "x[1] cannot be a bound variable", sp.Sum(x[1], (i, 0, 5))),
        (
            sp.Integral(x[1], (x[1], 0, 5)),
            "x[1] cannot be a bound variable",
            sp.Integral(s, (s, 0, 5)),
        ),
        (
            Always(sp.Le(3, a), (sp.Integer(3), 0, 5)),
            "3 cannot be a bound variable",
            Always(sp.Le(3, a), (s, 0, 5)),
        ),
        (Always(sp.Le(a, b), (a, 0, 1)), HIDES, Always(sp.Le(s, b), (s, 0, 1))),
        (
            Always(le(sp.Sum(x[i], (i, 1, 2)), x[i]), (i, 1, N)),
            HIDES,
            Always(le(sp.Sum(x[j], (j, 1, 2)), x[i]), (i, 1, N)),
        ),
        (sp.Sum(x[i], (i, 1, 2), (i, 1, 3)), HIDES, sp.Sum(x[i], (i, 1, 2), (j, 1, 3))),
        (
            sp.Sum(sp.Symbol("a", integer=True), (sp.Symbol("a", integer=True), 1, 2)),
            "the bound variable a " + HIDES,
            sp.Sum(i, (i, 1, 2)),
        ),
        (
            Always(
                le(sp.Sum(x[i], (i, 1, 2)), sp.Symbol("i", real=True)),
                (sp.Symbol("i", real=True), 0, 1),
            ),
            HIDES,
            Always(le(sp.Sum(x[i], (i, 1, 2)), s), (s, 0, 1)),
        ),
        (
            Always(sp.Le(sp.Symbol("x", real=True), a), (sp.Symbol("x", real=True), 0, 1)),
            HIDES,
            Always(sp.Le(s, a), (s, 0, 1)),
        ),
        *(
            (Always(sp.Le(v, a), (v, 0, 1)), HIDES, Always(sp.Le(s, a), (s, 0, 1)))
            for v in (
                sp.Symbol("_1", real=True),
                sp.Symbol("#1", real=True),
                sp.Symbol("1", real=True),
                sp.Dummy("_z", real=True),
            )
        ),
        *(
            (
                Always(sp.Le(a, b), (v, 0, 1)),
                PLAIN,
                Always(sp.Le(a, b), (sp.Symbol("z", real=True), 0, 1)),
            )
            for v in (
                sp.Symbol("z"),
                sp.Symbol("z", even=True),
                sp.Symbol("z", prime=True),
                sp.Symbol("z", zero=True),
                sp.Symbol("z", extended_real=True),
                sp.Symbol("z", real=True, integer=False),
                sp.Symbol("z", imaginary=True),
            )
        ),
        (
            Always(sp.Le(s, a), (s, sp.oo, 1)),
            "the range of s is empty",
            Always(sp.Le(s, a), (s, -sp.oo, 1)),
        ),
        (
            Always(sp.Le(s, a), (s, 1, -sp.oo)),
            "the range of s is empty",
            Always(sp.Le(s, a), (s, 1, sp.oo)),
        ),
        (
            sp.Integral(r * s, (r, 0, 1), (s, 0, 1)),
            "write an integral over one",
            sp.Integral(r * a, (r, 0, 1)),
        ),
        (
            sp.Integral(i, (i, 0, 1)),
            "the integral over i needs a real variable",
            sp.Integral(s, (s, 0, 1)),
        ),
        (sp.Integral(s, s), "is not a range", sp.Integral(s, (s, 0, 1))),
        (sp.Sum(x[i], (i, 1, i)), "i " + UNDECLARED, sp.Sum(x[i], (i, 1, N))),
        (Always(sp.Le(s, a), (s, s, 1)), "s " + UNDECLARED, Always(sp.Le(s, a), (s, b, 1))),
        (forge(sp.Limit, 1 / s, s, s, sp.Symbol("+")), "s " + UNDECLARED, sp.Limit(1 / s, s, a)),
        (sp.Integral(s, (s, 0, s)), "s " + UNDECLARED, sp.Integral(s, (s, 0, a))),
        (
            sp.Limit(1 / i, i, sp.oo),
            "the limit over i needs a real variable",
            sp.Limit(1 / s, s, sp.oo),
        ),
        (sp.Limit(a * b, a, 0), "the bound variable a " + HIDES, sp.Limit(s * b, s, 0)),
        (
            forge(sp.Limit, s, s, sp.S.Zero, sp.Symbol("up")),
            "write '+', '-' or '+-'",
            sp.Limit(s, s, 0),
        ),
    ],
)
def test_what_binds_a_variable_wrongly(expr, why, sibling):
    with pytest.raises(Unreadable) as refusal:
        read(expr, SCOPE)
    assert why in str(refusal.value)
    assert read(sibling, SCOPE)


def test_a_sort_that_the_caller_asks_for():
    assert read_number(a, SCOPE) == A
    with pytest.raises(Unreadable, match=A_NUMBER):
        read_number(sp.Le(a, b), SCOPE)
    with pytest.raises(Unreadable, match=A_STATEMENT):
        read_statement(a, SCOPE)


def test_an_expression_nested_too_deeply_is_a_sentence():
    deep = a
    for _ in range(20):
        deep = sp.Abs(deep, evaluate=False) + 1
    assert read(deep, SCOPE)
    for _ in range(3000):
        deep = forge(sp.Abs, deep)
    with pytest.raises(Unreadable, match="nested too deeply"):
        read(deep, SCOPE)
