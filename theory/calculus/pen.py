"""Terms as SymPy expressions and back, for the finder of antiderivatives; nothing rests on it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import sympy as sp

from theory.core.instance import Refused
from theory.core.term import Term, add, const, fn, mul, num, power, var

FUNCTIONS = {
    "abs": sp.Abs,
    "sign": sp.sign,
    "exp": sp.exp,
    "log": sp.log,
    "gamma": sp.gamma,
    "max": sp.Max,
    "min": sp.Min,
}
NAMES = {head: name for name, head in FUNCTIONS.items()}
Atoms = dict[sp.Symbol, Term]


def to_sympy(term: Term, symbols: Mapping[str, sp.Symbol], atoms: Atoms) -> sp.Expr:
    """The expression; what is no formula becomes a symbol that `atoms` remembers."""
    if term.op == "num":
        return sp.Rational(term.data.numerator, term.data.denominator)
    if term.op == "var" and term.data in symbols:
        return symbols[term.data]
    if term.op == "const" and term.data == "pi":
        return sp.pi
    if term.op in ("add", "mul", "pow", "fn"):
        args = [to_sympy(arg, symbols, atoms) for arg in term.args]
        head = (
            FUNCTIONS[term.data]
            if term.op == "fn"
            else {"add": sp.Add, "mul": sp.Mul, "pow": sp.Pow}[term.op]
        )
        return head(*args)
    for symbol, known in atoms.items():
        if known == term:
            return symbol
    symbol = sp.Symbol(
        f"atom{len(atoms)}", positive=True
    )  # an assumption of the finder, proved nowhere, used nowhere else
    atoms[symbol] = term
    return symbol


def from_sympy(expr: sp.Expr, symbols: Mapping[str, sp.Symbol], atoms: Atoms) -> Term:
    """The term of an expression in the same symbols."""
    names = {symbol: var(name) for name, symbol in symbols.items()} | atoms
    if expr in names:
        return names[expr]
    if isinstance(expr, sp.Rational):
        return num(Fraction(int(expr.p), int(expr.q)))
    if expr == sp.pi:
        return const("pi")
    if expr == sp.E:
        return fn("exp", num(1))
    args = [from_sympy(arg, symbols, atoms) for arg in expr.args]
    if isinstance(expr, (sp.Add, sp.Mul)):
        return (add if isinstance(expr, sp.Add) else mul)(*args)
    if isinstance(expr, sp.Pow):
        return power(*args)
    if expr.func in NAMES:
        return fn(NAMES[expr.func], *args)
    raise Refused(f"{expr.func.__name__} is not part of the language")
