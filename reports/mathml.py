"""Turns SymPy expressions into presentation MathML, and lets only harmless MathML onto the page.

The way taken is SymPy's LaTeX printer followed by latex2mathml. SymPy's own MathML printer was looked at
beside it in a browser and does worse: it has no products or piecewise functions, brackets every nested sum,
and writes hyphens for minus signs.
"""
from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from latex2mathml.converter import convert
from sympy import Add, Expr, Symbol
from sympy.printing.latex import LatexPrinter, translate

Latex = Callable[[Any], str]
Hook = Callable[[Any, Latex], str]
"""A hook gets the object and a function that prints its parts; it returns LaTeX for the whole."""

_ACCENTS = {"hat": r"\hat{%s}", "tilde": r"\tilde{%s}", "bar": r"\bar{%s}", "star": r"{%s}^{\star}"}
_EXPECTATIONS = {"E", "Expectation"}
_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_TAGS = frozenset(
    "math mrow mi mn mo mtext mspace ms mfrac msqrt mroot msub msup msubsup munder mover munderover mtable "
    "mtr mtd mpadded mphantom mstyle merror mmultiscripts mprescripts semantics".split()
)
_ATTRIBUTES = frozenset(
    "display mathvariant stretchy fence separator form lspace rspace accent accentunder movablelimits "
    "largeop linethickness columnalign rowalign columnspan rowspan width height depth displaystyle "
    "scriptlevel minsize maxsize symmetric".split()
)
_ENTITIES = {"&InvisibleTimes;": "\u2062", "&ApplyFunction;": "\u2061"}


class _Printer(LatexPrinter):
    """SymPy's LaTeX with positive terms first (`1 - x`, not `-x + 1`), accents from names, and hooks."""

    def __init__(self, hooks: Mapping[type, Hook]) -> None:
        super().__init__({"ln_notation": True, "gothic_re_im": False})
        self._hooks = hooks

    def _print(self, expr: Any, **kwargs: Any) -> str:
        for kind in type(expr).__mro__:
            if kind in self._hooks:
                return self._hooks[kind](expr, self.doprint)
        return super()._print(expr, **kwargs)

    def _as_ordered_terms(self, expr: Add, order: str | None = None) -> list[Expr]:
        terms = list(super()._as_ordered_terms(expr, order=order))
        return sorted(terms, key=lambda term: term.could_extract_minus_sign())

    def _print_Symbol(self, expr: Symbol, style: str = "plain") -> str:
        return _name(expr.name)

    def _print_Function(self, expr: Any, exp: str | None = None) -> str:
        if expr.func.__name__ not in _EXPECTATIONS:
            return super()._print_Function(expr, exp)
        given = "".join(f"_{{{self._print(step)}}}" for step in expr.args[1:])  # E(x, k) given the past
        power = f"^{{{exp}}}" if exp is not None else ""
        return rf"\mathbb{{E}}{given}\left[{self._print(expr.args[0])}\right]{power}"

    def _print_Expectation(self, expr: Any) -> str:
        return rf"\mathbb{{E}}\left[{self._print(expr.args[0])}\right]"


def _name(name: str) -> str:
    """LaTeX of a symbol's name: accents, one sub-index, Greek letters, words upright."""
    base, _, index = name.partition("_")
    head, _, last = name.rpartition("_")
    if head and last in _ACCENTS:
        return _ACCENTS[last] % _name(head)
    if not (base and index):
        return _word(name)
    return f"{{{_word(base)}}}_{{{','.join(_word(part) for part in index.split('_'))}}}"


def _word(word: str) -> str:
    translated = r"\varepsilon" if word in ("epsilon", "eps") else translate(word)
    if translated.startswith("\\") or len(word) <= 1:
        return translated
    numbered = re.fullmatch(r"(\D+?)(\d+)", word)
    if numbered:
        return f"{{{_word(numbered[1])}}}_{{{numbered[2]}}}"
    return word if word.isdigit() else rf"\mathrm{{{word}}}"


def latex(expr: Any, hooks: Mapping[type, Hook] | None = None) -> str:
    """LaTeX of an expression; `hooks` adds types SymPy does not know (looked up along the type's bases)."""
    return _Printer(hooks or {}).doprint(expr)


def mathml(expr: Any, hooks: Mapping[type, Hook] | None = None, display: str = "block") -> str:
    """One `<math>` element for a SymPy expression; `display` is "block" or "inline".

    hooks: `{type: function(obj, latex) -> LaTeX}`, for objects SymPy cannot print, at any depth.
    A string is taken as LaTeX already.
    """
    source = expr if isinstance(expr, str) else latex(expr, hooks)
    return safe_mathml(convert(source, display=display))


def safe_mathml(markup: str) -> str:
    """The same MathML with only known elements and attributes in it; anything else comes back escaped."""
    if not markup.strip():
        return ""
    if "<!" in markup:  # no document types, entities or comments: nothing of ours writes them
        return f"<code>{escape(markup)}</code>"
    for entity, character in _ENTITIES.items():
        markup = markup.replace(entity, character)
    try:
        root = ET.fromstring(markup)
    except ET.ParseError:
        return f"<code>{escape(markup)}</code>"
    if root.tag.removeprefix(_NAMESPACE) != "math":
        wrapper = ET.Element("math")
        wrapper.append(root)
        root = wrapper
    if any(_foreign(element) for element in root.iter()):
        return f"<code>{escape(markup)}</code>"
    for element in root.iter():
        _tidy(element)
    return ET.tostring(root, encoding="unicode", short_empty_elements=False)


def _foreign(element: ET.Element) -> bool:
    return not isinstance(element.tag, str) or element.tag.removeprefix(_NAMESPACE) not in _TAGS


def _tidy(element: ET.Element) -> None:
    """Drop the namespace prefix and unknown attributes; mark a leading minus as a prefix (set tight)."""
    element.tag = element.tag.removeprefix(_NAMESPACE)
    element.attrib = {key: value for key, value in element.attrib.items() if key in _ATTRIBUTES}
    previous: ET.Element | None = None
    for child in element:
        opens = previous is None or (previous.tag.endswith("mo") and (previous.text or "") not in ")]|")
        if child.tag.endswith("mo") and child.text == "\u2212" and opens and len(element) > 1:
            child.set("form", "prefix")
        previous = child
