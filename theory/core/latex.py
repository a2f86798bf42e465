"""Terms as a reader sees them: LaTeX for the report, a line of plain text for terminals.

What is shown is the kernel's own term; only its layout is decided, here and in `layout`. No proof
rests on these files, but whoever reads a statement does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from theory.core.layout import ATOM, GREEK, POWER, PRODUCT, REACH, Printer, Shown
from theory.core.term import Term, num

ACCENTS = {"hat": r"\hat{%s}", "tilde": r"\tilde{%s}", "bar": r"\bar{%s}", "star": r"{%s}^{\star}"}


def latex(term: Term, names: Sequence[str] = ()) -> str:
    """A number or a statement in LaTeX, below binders of these names, the outermost first."""
    return _Latex().whole(term, tuple(names))


def text(term: Term, names: Sequence[str] = ()) -> str:
    """The same in one line of plain text."""
    return _Plain().whole(term, tuple(names))


class _Latex(Printer):
    open, shut = r"\left(", r"\right)"
    relations = {"le": r"\leq", "lt": "<", "eq": "=", "ne": r"\neq", "≥": r"\geq", ">": ">"}
    words = {
        "for all": r" \qquad \text{for all } ",
        "real": r"\text{real } ",
        "integer": r"\text{integers } ",
        "comma": r",\; ",
        "every": r"\text{for all } ",
        "gap": r"\; ",
        "not": r"\neg ",
        "and": r"\;\wedge\;",
        "or": r"\;\vee\;",
        "implies": r"\;\Rightarrow\;",
        "iff": r"\;\Leftrightarrow\;",
        "true": r"\text{true}",
        "false": r"\text{false}",
        "inf": r"\infty",
        "neginf": r"-\infty",
        "minus": "-",
        "dot": r" \cdot ",
        "times": " ",
        "before ln": r" \, ",
    }
    calls = {
        "log": r"\ln",
        "sign": r"\operatorname{sign}",
        "gamma": r"\Gamma",
        "max": r"\max",
        "min": r"\min",
    }

    def name(self, name: str) -> str:
        return name_latex(name)

    def entry(self, name: str, indices: list[str]) -> str:
        return f"{{{self.name(name)}}}_{{{','.join(indices)}}}"

    def quotient(self, above: Shown, below: Shown) -> Shown:
        return Shown(rf"\frac{{{above.text}}}{{{below.text}}}", PRODUCT)

    def root(self, inside: str, degree: int) -> Shown:
        return Shown((r"\sqrt" if degree == 2 else rf"\sqrt[{degree}]") + f"{{{inside}}}", POWER)

    def raised(self, base: str, exponent: Shown) -> Shown:
        return Shown(f"{base}^{{{exponent.text}}}", POWER)

    def function(self, term: Term, scope: tuple[str, ...]) -> Shown:
        inside = [self.show(arg, scope).text for arg in term.args]
        if term.data == "abs":
            return Shown(rf"\left|{inside[0]}\right|", ATOM)
        if term.data == "exp":
            return Shown("e" if term.args[0] == num(1) else f"e^{{{inside[0]}}}", POWER)
        if term.data == "log" and term.args[0].op in ("var", "bound", "entry", "const"):
            return Shown(rf"\ln {inside[0]}", REACH)
        return Shown(self.calls[term.data] + self.bracketed(r",\, ".join(inside)), ATOM)

    def mean(self, term: Term, scope: tuple[str, ...]) -> Shown:
        given = (
            rf" \,\middle|\, \mathcal{{F}}_{{{self.show(term.args[1], scope).text}}}"
            if len(term.args) > 1
            else ""
        )
        return Shown(
            rf"\mathbb{{E}}\left[{self.show(term.args[0], scope).text}{given}\right]", ATOM
        )

    def big(self, op: str, name: str, ends: list[Shown], body: str) -> Shown:
        if op == "limit":
            return Shown(rf"\lim_{{{name} \to {ends[0].text}}} {body}", REACH)
        if op == "integral":
            return Shown(rf"\int_{{{ends[0].text}}}^{{{ends[1].text}}} {body} \, d{name}", REACH)
        sign = r"\sum" if op == "sum" else r"\prod"
        return Shown(rf"{sign}_{{{name}={ends[0].text}}}^{{{ends[1].text}}} {body}", REACH)


class _Plain(Printer):
    relations = {"le": "≤", "lt": "<", "eq": "=", "ne": "≠", "≥": "≥", ">": ">"}
    words = {
        "for all": "  for all ",
        "real": "real ",
        "integer": "integers ",
        "comma": ", ",
        "every": "for all ",
        "gap": "",
        "not": "not ",
        "and": "and",
        "or": "or",
        "implies": "⇒",
        "iff": "⇔",
        "true": "true",
        "false": "false",
        "inf": "∞",
        "neginf": "-∞",
        "minus": "-",
        "dot": "·",
        "times": "·",
        "before ln": "·",
    }
    calls = {"log": "ln", "abs": "abs", "gamma": "Γ"}

    def name(self, name: str) -> str:
        return name

    def entry(self, name: str, indices: list[str]) -> str:
        return f"{name}[{', '.join(indices)}]"

    def quotient(self, above: Shown, below: Shown) -> Shown:
        top = above.text if above.level >= PRODUCT else self.bracketed(above.text)
        return Shown(
            f"{top}/{below.text if below.level > PRODUCT else self.bracketed(below.text)}", PRODUCT
        )

    def root(self, inside: str, degree: int) -> Shown:
        return Shown(f"sqrt({inside})" if degree == 2 else f"root({inside}, {degree})", ATOM)

    def raised(self, base: str, exponent: Shown) -> Shown:
        return Shown(
            f"{base}^{exponent.text if exponent.level == ATOM else self.bracketed(exponent.text)}",
            POWER,
        )

    def function(self, term: Term, scope: tuple[str, ...]) -> Shown:
        inside = ", ".join(self.show(arg, scope).text for arg in term.args)
        return Shown(
            "e"
            if term.data == "exp" and inside == "1"
            else f"{self.calls.get(term.data, term.data)}({inside})",
            ATOM,
        )

    def mean(self, term: Term, scope: tuple[str, ...]) -> Shown:
        given = f" | F[{self.show(term.args[1], scope).text}]" if len(term.args) > 1 else ""
        return Shown(f"E({self.show(term.args[0], scope).text}{given})", ATOM)

    def big(self, op: str, name: str, ends: list[Shown], body: str) -> Shown:
        if op == "limit":
            return Shown(f"lim({name}→{ends[0].text}) {body}", REACH)
        sign = {"sum": "Σ", "prod": "Π", "integral": "∫"}[op]
        return Shown(f"{sign}({name}={ends[0].text}..{ends[1].text}) {body}", REACH)


# -- names -----------------------------------------------------------------------------------------


def name_latex(name: str) -> str:
    """LaTeX of a name: accents, one sub-index, Greek letters, words upright."""
    if name.endswith("'"):
        return f"{{{name_latex(name[:-1])}}}'"
    base, _, index = name.partition("_")
    head, _, last = name.rpartition("_")
    if head and last in ACCENTS:
        return ACCENTS[last] % name_latex(head)
    if base and index:
        return f"{{{_word(base)}}}_{{{','.join(_word(part) for part in index.split('_'))}}}"
    return _word(name)


def _word(word: str) -> str:
    if word in ("epsilon", "eps"):
        return r"\varepsilon"
    if word in GREEK:
        return "\\" + word
    if len(word) <= 1 or word.isdigit():
        return word
    if accent := next((a for a in ("hat", "tilde", "bar") if word.endswith(a) and word != a), ""):
        return ACCENTS[accent] % _word(word.removesuffix(accent))
    if numbered := re.fullmatch(r"(\D+?)(\d+)", word):
        return f"{{{_word(numbered[1])}}}_{{{numbered[2]}}}"
    return rf"\mathrm{{{word}}}"
