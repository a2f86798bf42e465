"""What the tests of the reader share: symbols, their names, and nodes made by hand."""

from __future__ import annotations

import sympy as sp

from theory.core import Always
from theory.core.term import var

a, b = sp.symbols("a b", real=True)
p = sp.Symbol("p", positive=True)
N = sp.Symbol("N", integer=True, positive=True)
x, y = sp.IndexedBase("x", real=True), sp.IndexedBase("y", real=True)
SCOPE = {symbol: str(symbol) for symbol in (a, b, p, N, x, y)}
i, j, k = sp.symbols("i j k", integer=True)
r, s = sp.symbols("r s", real=True)
count = sp.Symbol("n", integer=True, positive=True)
half = sp.Rational(1, 2)

A, B, P, N_ = map(var, "abpN")


def signed(**assumptions: bool) -> sp.Symbol:
    """A real bound variable with a sign."""
    return sp.Symbol("z", real=True, **assumptions)


def le(left, right) -> sp.Le:
    return sp.Le(left, right, evaluate=False)


def forge(kind: type, *args: sp.Basic) -> sp.Basic:
    """A node with any arguments, which SymPy's constructors would refuse or evaluate."""
    return sp.Basic.__new__(kind, *args)


class OtherAlways(Always):
    """A quantifier that is not Always."""


class OtherSymbol(sp.Symbol):
    """A symbol that is not Symbol."""


class OtherBase(sp.IndexedBase):
    """A sequence that is not an IndexedBase."""


UNDECLARED = "is not declared by the claim (same name, same domain)"
HIDES = "hides one that is already in use"
A_NUMBER, A_STATEMENT = "where a number is expected", "where a statement is expected"
DECIDED = "SymPy has already decided this relation; write it with evaluate=False"
PLAIN = "declare the bound variable z as real=True or integer=True, with at most a sign"
