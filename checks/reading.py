"""A claim's statements and measurements as the kernel's terms: read once, whatever batch asks.

What is evaluated is the same term that is proved and shown. A mean is known by its shape: the names
of the indices in it do not matter, so that a measurement may call them what it likes.
"""

from __future__ import annotations

import functools
from typing import Any

import sympy as sp

from checks.errors import RequestError
from theory.core import Claim, E
from theory.core.domain import Unreadable
from theory.core.read import read
from theory.core.term import BINDERS, Term, rebuild, var

INDEX = "#"  # before the name of an index that stands free in a mean; no author's name begins so


class Reading:
    """The declared names, which of them are integers, where sequences begin, and what was read."""

    def __init__(self, variables: tuple[tuple[Any, tuple[Any, ...]], ...]) -> None:
        self._terms: dict[Any, Term] = {}
        self._means: dict[Any, Term | None] = {}
        self.scope = {symbol: str(symbol) for symbol, _ in variables}
        self.integers = frozenset(str(symbol) for symbol, _ in variables if symbol.is_integer)
        self.lower = {str(symbol): [self.term(end) for end in ends] for symbol, ends in variables}

    def term(self, expr: Any) -> Term:
        """The term an author's expression or statement is; terms come back as they are."""
        if isinstance(expr, Term):
            return expr
        if expr not in self._terms:
            try:
                self._terms[expr] = read(expr, self.scope)
            except Unreadable as problem:
                raise RequestError(f"{expr} cannot be evaluated: {problem}.") from None
        return self._terms[expr]

    def mean(self, key: Any) -> Term | None:
        """The shape of a measured mean; None if it speaks of what this claim does not declare."""
        if key not in self._means:
            self._means[key] = self._shape(key)
        return self._means[key]

    def _shape(self, key: Any) -> Term | None:
        if isinstance(key, Term):
            return shape(key)[0]
        indices = {
            symbol: INDEX + symbol.name
            for symbol in key.free_symbols
            if isinstance(symbol, sp.Symbol) and symbol.is_integer and symbol not in self.scope
        }
        try:
            return shape(read(key, {**self.scope, **indices}))[0]
        except Unreadable:
            return None


def reading_of(claim: Claim) -> Reading:
    """What was read of a claim so far, shared by all its batches."""
    return _reading(tuple((v.symbol, tuple(end[0] for end in v.over)) for v in claim.variables))


@functools.lru_cache(maxsize=256)
def _reading(variables: tuple[tuple[Any, tuple[Any, ...]], ...]) -> Reading:
    return Reading(variables)


def is_mean(key: Any) -> bool:
    """Whether an entry of a measurement is the mean of something."""
    return isinstance(key, E) or isinstance(key, Term) and key.op == "mean"


@functools.lru_cache(maxsize=4096)
def shape(mean: Term) -> tuple[Term, tuple[int, ...]]:
    """A mean with its indices numbered in the order in which they occur, and which binders around
    it these belong to, counted outwards."""
    seen: dict[Any, int] = {}
    found = _numbered(mean, 0, seen)
    return found, tuple(key for key in seen if isinstance(key, int))


def _numbered(term: Term, depth: int, seen: dict[Any, int]) -> Term:
    if term.op == "bound" and term.data >= depth:
        return var(f"{INDEX}{seen.setdefault(term.data - depth, len(seen))}")
    if term.op == "var" and term.data.startswith(INDEX):
        return var(f"{INDEX}{seen.setdefault(term.data, len(seen))}")
    last = len(term.args) - 1
    binds = term.op in BINDERS
    return rebuild(
        term,
        tuple(
            _numbered(arg, depth + (binds and place == last), seen)
            for place, arg in enumerate(term.args)
        ),
    )
