"""Normal forms keep the value: random expressions evaluated exactly before and after, zero bases and empty sums included."""

from __future__ import annotations

import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from theory.core.normal import Normalizer, Powered, _height
from theory.core.scope import Scope

b, c = sp.symbols("b c", real=True)
p = sp.Symbol("p", positive=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
i = sp.Symbol("i", integer=True)
x = sp.IndexedBase("x", real=True)

leaves = st.sampled_from([b, c, sp.Integer(2), sp.Rational(-1, 3), x[1], b**n, b ** (n + 1), c ** (n + 2) * b, n])
terms = st.sampled_from([x[i], i, b ** (n - i + 2), c**i * x[i], sp.S.One])


@st.composite
def sums(draw):
    """A sum from 1 up to n, n + 1 or n + 2 whose terms mix an index and a factor without it."""
    return sp.Sum(draw(terms) * draw(leaves) + draw(terms), (i, 1, n + draw(st.integers(0, 2))))


expressions = st.recursive(leaves | sums(), lambda inner: st.builds(lambda s, t, mul: s * t if mul else s + t,
                                                                    inner, inner, st.booleans()), max_leaves=5)
rationals = st.sampled_from([sp.S.Zero, sp.S.One, sp.Integer(-2), sp.Rational(3, 7)])


def value(expr, point):
    """Exact value with sums written out; `Powered` is a power and 0⁰ is 1."""
    concrete = expr.replace(Powered, sp.Pow).xreplace(point).doit()
    entries = {e: sp.Rational(2 * e.indices[0] - 5, 3) for e in concrete.atoms(sp.Indexed)}
    return sp.expand(concrete.xreplace(entries))


@given(expressions, rationals, rationals, st.integers(0, 3))
def test_a_normal_form_has_the_value_of_the_expression(expr, at_b, at_c, at_n):
    normal = Normalizer(Scope({}, {}).holds).expression(expr)
    point = {b: at_b, c: at_c, n: sp.Integer(at_n)}
    assert value(normal, point) == value(expr, point)


@given(st.integers(-3, 3), st.integers(1, 5), st.integers(1, 5))
def test_logarithms_split_only_into_positive_factors(power, first, second):
    expr = sp.log(p**power * first / second)
    normal = Normalizer().expression(expr)
    assert abs(sp.N((normal - expr).subs(p, sp.Rational(7, 3)), 30)) < sp.Float("1e-25")  # 30 digits computed
    product = Normalizer().expression(sp.log(b * c))
    assert product == sp.log(b * c)


def test_a_power_of_zero_is_not_split_below_exponent_zero():
    """0^(m+1) at m = -1 is 1, while 0·0^m has no value."""
    m = sp.Symbol("m", integer=True)
    scope = Scope({}, {})
    assert not Normalizer(scope.holds).expression(b ** (m + 1)).has(sp.Mul)
    assert Normalizer(scope.holds).expression(b ** (n + 1)) == b * Powered(b, n)
    assert Normalizer(scope.holds).expression(p ** (m - 1)) == Powered(p, m) / p


def test_merged_sums_are_as_deep_as_nested_ones():
    """The names of bound variables are drawn from the depth, so two depths in one would be two variables in one."""
    j, k = sp.symbols("j k", integer=True)
    merged = sp.Sum(x[i] * x[j] * x[k], (i, 1, 2), (j, 1, 2), (k, 1, n))
    assert len(merged.limits) == 3 and _height(merged) == 3
