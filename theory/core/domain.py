"""What values a SymPy symbol may take: its domain, read from what its author assumed. Trusted.

A domain is the reals or the integers, and at most one sign. A symbol with any other assumption
(parity, primes, infinities, or none at all) has no domain and is refused: what a statement says of
it could not be shown to its reader. Nowhere else is SymPy asked for assumptions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.core.term import ZERO, Term, le, lt, ne

# a strict sign stands before those it implies
SIGNS = ("positive", "negative", "nonnegative", "nonpositive", "nonzero")


class Unreadable(Exception):
    """What is written is not read; the message says what is wrong and how to write it."""


@dataclass(frozen=True)
class Domain:
    """The values a variable, or an entry of a sequence, may take.

    `kind` is "int" or "real"; `sign` is one of SIGNS, or "" where none is declared.
    """

    kind: str
    sign: str = ""


def read_declared(symbol: Any) -> Domain:
    """The domain of a symbol or sequence that a claim declares."""
    if type(symbol) not in (sp.Symbol, sp.IndexedBase) or is_reserved(_label(symbol)):
        raise Unreadable(
            f"{show(symbol)} must be a scalar, or a sequence with its index ranges, and not start "
            "with '_'; declare a Symbol or an IndexedBase whose name begins with a letter"
        )
    domain = _domain(symbol)
    if domain is None or type(symbol) is sp.IndexedBase and len(symbol.args) != 1:
        raise Unreadable(
            f"declare {symbol} as a real symbol with at most a sign and integer=True as its domain"
        )
    return domain


def read_bound(variable: Any) -> Domain:
    """The domain of the variable of a sum, an integral, a limit, a quantifier or a formula."""
    if type(variable) not in (sp.Symbol, sp.Dummy):
        raise Unreadable(
            f"{show(variable)} cannot be a bound variable; take a Symbol, not an entry"
        )
    domain = _domain(variable)
    if domain is None:
        raise Unreadable(
            f"declare the bound variable {variable} as real=True or integer=True, "
            "with at most a sign"
        )
    return domain


def _domain(symbol: Any) -> Domain | None:
    """The domain, if nothing but it follows from the symbol's assumptions, and they from it."""
    known = symbol.assumptions0
    kind = "int" if known.get("integer") else "real"
    sign = next((name for name in SIGNS if known.get(name)), "")
    given = {"real": True}
    if kind == "int":
        given["integer"] = True
    if sign:
        given[sign] = True
    return Domain(kind, sign) if known == sp.Dummy("plain", **given).assumptions0 else None


def domain_conditions(domain: Domain, value: Term) -> list[Term]:
    """What the declared sign says of a value; that it is an integer is said by its kind."""
    conditions = {
        "positive": lt(ZERO, value),
        "negative": lt(value, ZERO),
        "nonnegative": le(ZERO, value),
        "nonpositive": le(value, ZERO),
        "nonzero": ne(value, ZERO),
    }
    return [conditions[domain.sign]] if domain.sign else []


def has_sign(sign: str, end: Term) -> bool:
    """Whether an end of a range is written as a number, or an infinity, of this sign."""
    infinite = {"inf": math.inf, "neginf": -math.inf}
    value = infinite.get(end.op, end.data if end.op == "num" else math.nan)  # nan has no sign
    held = {
        "positive": value > 0,
        "negative": value < 0,
        "nonnegative": value >= 0,
        "nonpositive": value <= 0,
        "nonzero": value > 0 or value < 0,
    }
    return held[sign]


# -- names ---------------------------------------------------------------------------------------


def printed_name(symbol: Any) -> str:
    """The name a variable is known by; a Dummy, whose name may be another's, adds its number."""
    return f"{symbol.name}_{symbol.dummy_index}" if type(symbol) is sp.Dummy else symbol.name


def _label(symbol: Any) -> str:
    """The name of a symbol, or of a sequence whose label is one."""
    label = symbol.args[0] if type(symbol) is sp.IndexedBase else symbol
    return label.name if type(label) is sp.Symbol else ""


def is_reserved(name: str) -> bool:
    """Names that no author may use: the checker's own, and those that would pass for numbers."""
    return not name or name[0] in "_#" or name[0].isdigit()


def show(expr: Any) -> str:
    """An expression in a message: its beginning, if it is long."""
    text = str(expr)
    return text if len(text) <= 80 else text[:77] + "..."
