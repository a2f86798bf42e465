"""What is shown says what the term says: both forms are read back; examples look as written."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tests.theory.shown import Latex, Plain, value_of
from theory.core.latex import latex, text
from theory.core.term import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Term,
    add,
    both,
    bound,
    close,
    const,
    divide,
    either,
    entry,
    eq,
    fn,
    forall,
    implies,
    le,
    lt,
    mean,
    mul,
    ne,
    neg,
    negation,
    num,
    power,
    prod,
    root,
    sub,
    sum_,
    var,
)

# -- random terms ----------------------------------------------------------------------------------

numbers = st.sampled_from([-2, -1, 0, 1, 2, 3, Fraction(1, 2), Fraction(-2, 3)]).map(num)
exponents = st.sampled_from(
    [-2, -1, 1, 2, 3, Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), Fraction(1, 3)]
).map(num)


@st.composite
def terms(draw: Any, scope: tuple[str, ...] = (), depth: int = 4) -> Term:
    """Numbers about a, b, n, the sequence x and bound variables, whose names may clash."""
    kinds = ["num", "var", "entry"] + (
        ["add", "mul", "pow", "fn", "mean", "sum", "neg", "over"] * 2 if depth else []
    )
    kind = draw(st.sampled_from(kinds))

    def inner(deeper: tuple[str, ...] = scope) -> Term:
        return draw(terms(deeper, depth - 1))

    def name() -> Term:
        places = range(len(scope))
        return draw(st.sampled_from([var("a"), var("b"), var("n"), *map(bound, places)]))

    if kind == "sum":
        hint = draw(st.sampled_from(["i", "j", "a"]))
        ends = draw(
            st.sampled_from(
                [(ONE, var("n")), (num(0), num(2)), (num(2), num(1)), (ONE, sub(var("n"), ONE))]
            )
        )
        return Term(
            draw(st.sampled_from(["sum", "prod"])), None, (*ends, inner((*scope, hint))), hint
        )
    if kind == "fn":
        named = draw(st.sampled_from(["abs", "log", "exp", "max", "min"]))
        return fn(named, inner(), *([inner()] if named in ("max", "min") else []))
    return {
        "num": lambda: draw(numbers),
        "var": name,
        "entry": lambda: entry("x", add(name(), draw(numbers))),
        "add": lambda: add(*(inner() for _ in range(draw(st.integers(2, 3))))),
        "mul": lambda: mul(*(inner() for _ in range(draw(st.integers(2, 3))))),
        "neg": lambda: neg(inner()),
        "over": lambda: divide(inner(), inner()),
        "mean": lambda: mean(inner(), *draw(st.sampled_from([(), (var("n"),)]))),
        "pow": lambda: power(inner(), draw(st.one_of(exponents, terms(scope, 0)))),
    }[kind]()


@settings(max_examples=400, deadline=None)
@given(terms())
def test_latex_read_back_has_the_value_of_the_term(term: Term) -> None:
    assert Latex(latex(term)).all() == value_of(term), latex(term)


@settings(max_examples=400, deadline=None)
@given(terms())
def test_plain_text_read_back_has_the_value_of_the_term(term: Term) -> None:
    assert Plain(text(term)).all() == value_of(term), text(term)


def test_the_readers_notice_a_missing_bracket() -> None:
    right = mul(var("a"), add(var("b"), ONE))
    assert Latex(r"a b + 1").all() != value_of(right) != Plain("a·b + 1").all()


# -- examples --------------------------------------------------------------------------------------

a, b, x, t, d = (var(name) for name in "abxtd")
theta = var("theta")
NAMES = {
    "lambda": r"\lambda",
    "sigma_hat": r"\hat{\sigma}",
    "f_star": r"{f}^{\star}",
    "sigma_s": r"{\sigma}_{s}",
    "epsilon": r"\varepsilon",
    "beta1": r"{\beta}_{1}",
    "beta_1": r"{\beta}_{1}",
    "lr": r"\mathrm{lr}",
    "mtilde": r"\tilde{m}",
    "Gamma": r"\Gamma",
    "x": "x",
    "K2": "{K}_{2}",
}
NUMBERS = {
    r"1 - \lambda": sub(ONE, var("lambda")),
    r"b - a": add(neg(a), b),
    r"t - 1": add(num(-1), t),
    r"1 + \sqrt{a + b}": add(root(add(a, b)), ONE),
    r"\frac{a}{2 b}": mul(num(Fraction(1, 2)), a, power(b, num(-1))),
    r"-\frac{a}{b}": neg(divide(a, b)),
    r"\sqrt[3]{a}": root(a, 3),
    r"a^{\frac{3}{2}}": power(a, num(Fraction(3, 2))),
    r"\frac{1}{\sqrt{a}}": power(a, num(Fraction(-1, 2))),
    r"\left(1 - \theta\right) {g}_{t}": mul(entry("g", t), sub(ONE, theta)),
    r"\frac{1}{d} \sum_{i=1}^{d} \left|{x}_{i}\right|": divide(
        sum_("i", ONE, d, fn("abs", entry("x", var("i")))), d
    ),
    r"\prod_{i=1}^{d} \left(1 + {x}_{i}\right)": prod("i", ONE, d, add(ONE, entry("x", var("i")))),
    r"\max\left(a,\, b\right)": fn("max", a, b),
    r"e^{-a}": fn("exp", neg(a)),
    r"e": fn("exp", ONE),
    r"\pi": const("pi"),
    r"\ln {x}_{t}": fn("log", entry("x", t)),
    r"\mathbb{E}\left[{g}_{t} \,\middle|\, \mathcal{F}_{t}\right]": mean(entry("g", t), t),
    r"\mathbb{E}\left[a\right]^{2}": power(mean(a), num(2)),
    r"\int_{0}^{\infty} e^{-z} \, dz": Term(
        "integral", None, (ZERO, INF, close(fn("exp", neg(var("z"))), "z")), "z"
    ),
    r"\lim_{y \to \infty} \frac{a}{y}": Term(
        "limit", "-", (INF, close(divide(a, var("y")), "y")), "y"
    ),
}
positive = implies(lt(ZERO, x), le(x, b))
STATEMENTS = {
    r"a \leq b": le(a, b),
    r"b \geq a": Term("le", None, (a, b), "≥"),
    r"b > a": Term("lt", None, (a, b), ">"),
    r"a \neq b \;\wedge\; \left(a = b \;\vee\; a < b\right)": both(
        ne(a, b), either(eq(a, b), lt(a, b))
    ),
    r"\neg \left(a = b\right)": negation(eq(a, b)),
    r"a = b \;\Rightarrow\; a \leq b": implies(eq(a, b), le(a, b)),
    r"x \leq b \qquad \text{for all } \text{real } x > 0": forall("x", "real", ZERO, INF, positive),
    r"x \leq b \qquad \text{for all } \text{real } x": forall("x", "real", NEGINF, INF, le(x, b)),
    r"x \leq b \qquad \text{for all } \text{real } x > 0 ": forall(
        "x", "real", NEGINF, INF, positive
    ),
    r"x \leq b \qquad \text{for all } \text{real } 0 < x \leq 1": forall(
        "x", "real", ZERO, ONE, positive
    ),
    r"x \leq b \qquad \text{for all } \text{integers } x": forall(
        "x", "int", NEGINF, INF, le(x, b)
    ),
    r"x \leq b \qquad \text{for all } x \geq 1": forall("x", "int", ONE, INF, le(x, b)),
    r"x \leq b \qquad \text{for all } 1 \leq x \leq d,\; 0 \leq t \leq x": forall(
        "x", "int", ONE, d, forall("t", "int", ZERO, x, le(x, b))
    ),
    r"a = b \;\Rightarrow\; \left(\text{for all } x \geq 1: \; x \leq b\right)": implies(
        eq(a, b), forall("x", "int", ONE, INF, le(x, b))
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    assert latex(var(name)) == NAMES[name]


@pytest.mark.parametrize("shown", [shown for shown, term in NUMBERS.items() if term is not None])
def test_numbers_look_as_an_author_writes_them(shown: str) -> None:
    assert latex(NUMBERS[shown]) == shown


@pytest.mark.parametrize("shown", STATEMENTS)
def test_statements_look_as_an_author_writes_them(shown: str) -> None:
    assert latex(STATEMENTS[shown]).strip() == shown.strip()


def test_a_bound_variable_is_renamed_where_its_name_means_something_else() -> None:
    inner = Term("sum", None, (ONE, d, mul(var("i"), bound(0))), "i")
    assert text(inner) == "Σ(i'=1..d) i·i'"
    nested = Term(
        "sum", None, (ONE, d, Term("sum", None, (ONE, bound(0), mul(bound(1), bound(0))), "i")), "i"
    )
    assert text(nested) == "Σ(i=1..d) Σ(i'=1..i) i·i'"


def test_plain_text_is_one_line_with_its_quantifiers_behind() -> None:
    prop = forall(
        "t",
        "int",
        ONE,
        INF,
        Term("le", None, (ZERO, divide(entry("x", t), sub(ONE, theta))), "≥"),
    )
    assert text(prop) == "x[t]/(1 - theta) ≥ 0  for all t ≥ 1"


def test_what_is_said_of_a_variable_elsewhere_is_no_domain_of_it() -> None:
    """Only a premise that compares the variable itself with zero is spoken of as its range."""
    prop = forall("x", "real", ZERO, INF, implies(lt(a, x), le(x, b)))
    assert text(prop) == "a < x ⇒ x ≤ b  for all real x ≥ 0"
