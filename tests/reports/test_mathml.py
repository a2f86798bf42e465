"""MathML: right structure, signs and names, hooks at any depth, and nothing harmful let through."""
from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
import sympy as sp
from sympy.logic.boolalg import Boolean

from reports.mathml import latex, mathml, safe_mathml

i, d = sp.symbols("i d", integer=True, positive=True)
beta1, beta2, lam = sp.symbols("beta_1 beta_2 lambda", positive=True)
x = sp.IndexedBase("x")


class Always(Boolean):
    """Stands for an object SymPy cannot print."""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (1 - lam, "1 - \\lambda"),
        (beta2 - beta1, "{\\beta}_{2} - {\\beta}_{1}"),
        (beta1 ** (d - 1 - i), "{\\beta}_{1}^{d - i - 1}"),
        (sp.log(lam), "\\ln{\\left(\\lambda \\right)}"),
        (sp.Symbol("sigma_hat"), "\\hat{\\sigma}"),
        (sp.Symbol("x_star"), "{x}^{\\star}"),
        (sp.Symbol("sigma_s"), "{\\sigma}_{s}"),
        (sp.Symbol("epsilon"), "\\varepsilon"),
        (sp.Symbol("beta1"), "{\\beta}_{1}"),
        (sp.Symbol("lr"), "\\mathrm{lr}"),
        (sp.Function("E")(lam), "\\mathbb{E}\\left[\\lambda\\right]"),
        (sp.Function("E")(lam, i), "\\mathbb{E}_{i}\\left[\\lambda\\right]"),
        (sp.Function("E")(lam) ** 2, "\\mathbb{E}\\left[\\lambda\\right]^{2}"),
        (sp.Function("f")(lam), "f{\\left(\\lambda \\right)}"),
    ],
)
def test_names_and_signs(expression: sp.Basic, expected: str) -> None:
    assert latex(expression) == expected


def test_sum_has_its_limits_and_index() -> None:
    root = ET.fromstring(mathml(sp.Le(sp.Sum(abs(x[i]), (i, 1, d)), sp.sqrt(d))))
    assert root.tag == "math" and root.get("display") == "block"
    over = root.find(".//munderover")
    assert over is not None and "".join(over.itertext()) == "∑i=1d"
    assert root.find(".//msqrt") is not None and "≤" in "".join(root.itertext())


def test_subtraction_is_a_minus_sign_not_a_hyphen() -> None:
    text = "".join(ET.fromstring(mathml(1 - lam)).itertext())
    assert "\u2212" in text and "-" not in text


def test_hooks_print_types_sympy_does_not_know_at_any_depth() -> None:
    hooks = {Always: lambda obj, inner: rf"\forall i:\ {inner(obj.args[0])}"}
    text = "".join(ET.fromstring(mathml(sp.And(lam > 1, Always(lam < beta1)), hooks)).itertext())
    assert "∀" in text and "λ<β" in text.replace(" ", "")


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<math><mtext><script>alert(1)</script></mtext></math>",
        '<math><mi href="javascript:alert(1)" onclick="alert(1)">x</mi></math>',
        "<math><annotation-xml><svg onload='alert(1)'/></annotation-xml></math>",
        "<!DOCTYPE a [<!ENTITY b 'x'>]><math><mi>&b;</mi></math>",
        "<math><mi>broken",
        "a < b & c",
    ],
)
def test_harmful_markup_does_not_get_through(markup: str) -> None:
    made = safe_mathml(markup)
    root = ET.fromstring(made)  # always well-formed
    assert {element.tag for element in root.iter()} <= {"math", "mi", "mtext", "code"}
    assert all(not element.attrib for element in root.iter())


def test_a_symbol_named_like_markup_is_text() -> None:
    assert "<script>" not in mathml(sp.Symbol("<script>"))


def test_safe_mathml_keeps_what_is_fine() -> None:
    once = mathml(sp.sqrt(beta1 / (1 - beta2)))
    assert safe_mathml(once) == once
    assert safe_mathml("") == ""
