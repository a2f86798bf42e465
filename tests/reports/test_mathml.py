"""MathML: right structure and signs, and nothing harmful let through. How terms become LaTeX is `tests/theory/test_latex.py`."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from reports.mathml import mathml, safe_mathml
from theory.core.term import ONE, divide, entry, fn, le, mean, root, sub, sum_, var

lam, i, d = var("lambda"), var("i"), var("d")


def test_sum_has_its_limits_and_index() -> None:
    found = ET.fromstring(mathml(le(sum_("i", ONE, d, fn("abs", entry("x", i))), root(d))))
    assert found.tag == "math" and found.get("display") == "block"
    over = found.find(".//munderover")
    assert over is not None and "".join(over.itertext()) == "∑i=1d"
    assert found.find(".//msqrt") is not None and "≤" in "".join(found.itertext())


def test_subtraction_is_a_minus_sign_not_a_hyphen() -> None:
    text = "".join(ET.fromstring(mathml(sub(ONE, lam))).itertext())
    assert "\u2212" in text and "-" not in text


def test_a_mean_given_the_history_has_its_bar_inside_the_brackets() -> None:
    text = "".join(ET.fromstring(mathml(mean(entry("g", var("k")), var("k")))).itertext())
    assert text == "𝔼[gk|ℱk]"


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
    assert "<script>" not in mathml(var("<script>"))


def test_safe_mathml_keeps_what_is_fine() -> None:
    once = mathml(root(divide(lam, sub(ONE, d))))
    assert safe_mathml(once) == once
    assert safe_mathml("") == ""
