"""Domains of declared symbols, and what becomes of a bound variable's declared sign."""

from __future__ import annotations

import pytest
import sympy as sp
from reading_helpers import (
    N_,
    SCOPE,
    A,
    N,
    OtherBase,
    OtherSymbol,
    a,
    count,
    half,
    i,
    le,
    s,
    signed,
    x,
)

from theory.core import Always
from theory.core import term as t
from theory.core.domain import Domain, Unreadable, domain_conditions, read_bound, read_declared
from theory.core.read import read
from theory.core.term import INF, NEGINF, ONE, ZERO, var

# -- domains ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assumptions", "domain"),
    [
        ({"real": True}, Domain("real")),
        ({"integer": True}, Domain("int")),
        ({"positive": True}, Domain("real", "positive")),
        ({"negative": True}, Domain("real", "negative")),
        ({"nonnegative": True}, Domain("real", "nonnegative")),
        ({"nonpositive": True}, Domain("real", "nonpositive")),
        ({"nonzero": True}, Domain("real", "nonzero")),
        ({"integer": True, "positive": True}, Domain("int", "positive")),
        ({"integer": True, "nonzero": True}, Domain("int", "nonzero")),
        ({"nonnegative": True, "nonzero": True}, Domain("real", "positive")),
    ],
)
def test_the_domain_of_a_symbol_and_of_a_sequence(assumptions, domain):
    assert read_declared(sp.Symbol("v", **assumptions)) == domain
    assert read_declared(sp.IndexedBase("v", **assumptions)) == domain
    assert read_declared(sp.IndexedBase(sp.Symbol("v", **assumptions))) == domain
    assert read_bound(sp.Dummy("v", **assumptions)) == domain


@pytest.mark.parametrize(
    "assumptions",
    [
        {},
        {"even": True},
        {"prime": True},
        {"zero": True},
        {"extended_real": True},
        {"complex": True},
        {"real": True, "integer": False},
        {"irrational": True},
        {"rational": True},
        {"commutative": False},
        {"real": True, "positive": False, "even": True},
        {"integer": True, "composite": False},
    ],
)
def test_a_domain_with_a_hidden_restriction_is_refused(assumptions):
    wanted = "declare v as a real symbol with at most a sign and integer=True as its domain"
    for symbol in (sp.Symbol("v", **assumptions), sp.IndexedBase("v", **assumptions)):
        with pytest.raises(Unreadable, match=wanted):
            read_declared(symbol)


@pytest.mark.parametrize(
    "symbol",
    [
        x[1],
        sp.Integer(1),
        a + 1,
        OtherSymbol("v", real=True),
        OtherBase("v", real=True),
        "v",
        sp.Symbol("_v", real=True),
        sp.Symbol("#v", real=True),
        sp.Symbol("1", real=True),
        sp.Symbol("", real=True),
        sp.IndexedBase("_v", real=True),
        sp.IndexedBase(a + 1, real=True),
        sp.Dummy("v", real=True),
    ],
)
def test_only_a_symbol_or_a_sequence_can_be_declared(symbol):
    with pytest.raises(
        Unreadable,
        match="must be a scalar, or a sequence with its index ranges, and not start with '_'",
    ):
        read_declared(symbol)


def test_a_sequence_declares_its_ranges_apart():
    with pytest.raises(Unreadable, match="declare v as a real symbol"):
        read_declared(sp.IndexedBase("v", shape=(3,), real=True))


@pytest.mark.parametrize(
    ("sign", "wanted"),
    [
        ("", []),
        ("positive", [t.lt(ZERO, A)]),
        ("negative", [t.lt(A, ZERO)]),
        ("nonnegative", [t.le(ZERO, A)]),
        ("nonpositive", [t.le(A, ZERO)]),
        ("nonzero", [t.ne(A, ZERO)]),
    ],
)
def test_what_a_domain_says_of_a_value(sign, wanted):
    assert (
        domain_conditions(Domain("real", sign), A)
        == domain_conditions(Domain("int", sign), A)
        == wanted
    )


# -- signs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "lower", "upper", "guard"),
    [
        ("positive", 0, 5, t.lt(ZERO, var("z"))),
        ("positive", half, 5, None),
        ("positive", a, 5, t.lt(ZERO, var("z"))),
        ("nonnegative", 0, sp.oo, None),
        ("nonnegative", -1, 5, t.le(ZERO, var("z"))),
        ("nonnegative", -sp.oo, 5, t.le(ZERO, var("z"))),
        ("nonzero", -1, 5, t.ne(var("z"), ZERO)),
        ("negative", -1, 5, t.lt(var("z"), ZERO)),
        ("nonpositive", -1, 5, t.le(var("z"), ZERO)),
    ],
)
def test_the_sign_of_a_real_variable_is_a_premise(sign, lower, upper, guard):
    z = signed(**{sign: True})
    body = t.le(var("z"), A)
    ends = [NEGINF if lower == -sp.oo else read(lower, SCOPE), INF if upper == sp.oo else t.num(5)]
    wanted = t.forall("z", "real", *ends, t.implies(guard, body) if guard else body)
    assert read(Always(sp.Le(z, a, evaluate=False), (z, lower, upper)), SCOPE) == wanted


def test_a_premise_stands_before_the_ranges_inside():
    z = signed(nonzero=True)
    inner = t.forall("i", "int", ONE, N_, t.le(var("z"), A))
    wanted = t.forall("z", "real", ZERO, ONE, t.implies(t.ne(var("z"), ZERO), inner))
    assert read(Always(le(z, a), (z, 0, 1), (i, 1, N)), SCOPE) == wanted


RANGES = [
    lambda n, lower: sp.Sum(x[n], (n, lower, N)),
    lambda n, lower: sp.Product(x[n], (n, lower, N)),
    lambda n, lower: Always(le(x[n], a), (n, lower, N)),
]


@pytest.mark.parametrize("write", RANGES)
def test_the_sign_of_an_integer_variable_must_be_in_its_range(write):
    natural = sp.Symbol("n", integer=True, nonnegative=True)
    for variable, lower in ((count, 1), (count, 3), (natural, 0), (natural, 1)):
        assert read(write(variable, lower), SCOPE) == read(write(i, lower), SCOPE)
    below = [
        sp.Symbol("n", integer=True, **{sign: True})
        for sign in ("negative", "nonpositive", "nonzero")
    ]
    for variable, lower in (
        (count, 0),
        (count, N),
        (count, half),
        (natural, -1),
        *((n, 1) for n in below),
    ):
        with pytest.raises(
            Unreadable, match="n may be declared positive or nonnegative only where its range"
        ):
            read(write(variable, lower), SCOPE)


@pytest.mark.parametrize(
    ("sign", "ends", "fine"),
    [
        ("positive", (0, sp.oo), True),
        ("positive", (-1, 1), False),
        ("positive", (0, a), False),
        ("positive", (1, -1), False),
        ("nonnegative", (0, 1), True),
        ("negative", (-sp.oo, 0), True),
        ("negative", (0, 1), False),
        ("nonzero", (0, 1), True),
        ("nonzero", (-2, -1), True),
        ("nonzero", (-1, 1), False),
    ],
)
def test_the_sign_of_an_integral_s_variable_must_be_in_its_range(sign, ends, fine):
    z = signed(**{sign: True})
    integral = sp.Integral(sp.exp(-z), (z, *ends))
    if fine:
        assert read(integral, SCOPE) == read(sp.Integral(sp.exp(-s), (s, *ends)), SCOPE)
    else:
        with pytest.raises(Unreadable, match="the integral over z needs a real variable"):
            read(integral, SCOPE)


@pytest.mark.parametrize(
    ("sign", "point", "fine"),
    [
        ("positive", sp.oo, True),
        ("nonzero", -sp.oo, True),
        ("negative", -sp.oo, True),
        ("negative", sp.oo, False),
        ("positive", 0, False),
        ("positive", 1, False),
        ("nonnegative", a, False),
    ],
)
def test_the_sign_of_a_limit_s_variable_must_be_the_point_s(sign, point, fine):
    z = signed(**{sign: True})
    if fine:
        assert read(sp.Limit(1 / z, z, point), SCOPE) == read(sp.Limit(1 / s, s, point), SCOPE)
    else:
        with pytest.raises(Unreadable, match="the limit over z needs a real variable"):
            read(sp.Limit(1 / z, z, point), SCOPE)
