"""The language of statements: SymPy relations, a bounded quantifier, and an opaque expectation operator.

Everything else (report, numeric evaluation, proofs, mutants) is generated from these objects.
Sums are SymPy's `Sum`; the checker demands that a sum never has a negative number of terms, so Karr's convention for
reversed limits is never met.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

BINDERS = (sp.Sum, sp.Product, sp.Integral)


class Always(Boolean):
    """`body` holds for every value of the bound variables: `Always(body, (t, 1, T), (i, 1, d))`.

    A variable runs over the integers in [lo, hi] if its symbol is an integer, else over the reals there; `hi` may be oo.
    The symbol's own assumptions (positive, ...) restrict the range further.
    """

    def __new__(cls, body: Any, *limits: Any) -> Always:
        return sp.Basic.__new__(cls, sp.sympify(body), *[sp.Tuple(*limit) for limit in limits])

    @property
    def body(self) -> Boolean:
        return self.args[0]

    @property
    def limits(self) -> tuple[sp.Tuple, ...]:
        return self.args[1:]

    @property
    def variables(self) -> tuple[sp.Symbol, ...]:
        return tuple(limit[0] for limit in self.limits)

    @property
    def free_symbols(self) -> set[sp.Basic]:
        free = set(self.body.free_symbols)
        for variable, lower, upper in reversed(self.limits):
            free = (free - {variable}) | lower.free_symbols | upper.free_symbols
        return free


class E(sp.Function):
    """Expectation of an integrable random expression, `E(x)`, or given the history before step k, `E(x, k)`."""

    nargs = (1, 2)
    is_number = False  # or SymPy takes the mean of a constant for a number it may evaluate, and finds E(0) ≠ 0

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.args[0].is_nonnegative else None


def free_atoms(expr: sp.Basic, bound: frozenset[sp.Symbol] = frozenset()) -> set[sp.Basic]:
    """Free scalar symbols and sequence bases (`IndexedBase`) of `expr`; bound variables do not count."""
    if isinstance(expr, sp.Symbol):
        return set() if expr in bound else {expr}
    if isinstance(expr, sp.Indexed):
        return {expr.base}.union(*(free_atoms(index, bound) for index in expr.indices))
    if isinstance(expr, (Always, *BINDERS)):
        found: set[sp.Basic] = set()
        inner = bound
        for limit in outermost_first(expr):  # a range may speak of the variables around it only
            found = found.union(*(free_atoms(end, inner) for end in limit[1:]))
            inner |= {limit[0]}
        return found | free_atoms(expr.args[0], inner)
    if isinstance(expr, sp.Limit):
        return free_atoms(expr.args[0], bound | {expr.args[1]}) | free_atoms(expr.args[2], bound)
    return set().union(*(free_atoms(arg, bound) for arg in expr.args)) if expr.args else set()


def outermost_first(expr: sp.Basic) -> tuple[sp.Tuple, ...]:
    """The limits of an `Always` as they stand; those of a sum reversed, since SymPy lists the innermost first."""
    return expr.limits if isinstance(expr, Always) else tuple(reversed(expr.limits))


def freshen(expr: sp.Basic) -> sp.Basic:
    """Rename every bound variable to a dummy nobody else holds, so that substitution cannot capture."""
    if not _binds(expr):
        return expr
    args = [freshen(arg) for arg in expr.args]
    if isinstance(expr, (Always, *BINDERS)):
        for variable in {limit[0] for limit in expr.limits}:
            dummy = sp.Dummy(variable.name, **variable.assumptions0)
            args = [rename(arg, {variable: dummy}) for arg in args]
    if isinstance(expr, sp.Limit):
        args[0] = rename(args[0], {args[1]: (dummy := sp.Dummy(args[1].name, **args[1].assumptions0))})
        args[1] = dummy
    return rebuilt(expr, args)


def rebuilt(expr: sp.Basic, args: Sequence[sp.Basic]) -> sp.Basic:
    """The same node over other arguments. SymPy may not decide a relation anew: it trusts signs of sums and products that
    hold of no empty range, so a relation stays written out and is left to the solvers."""
    return expr.func(*args, evaluate=False) if isinstance(expr, sp.Rel) else expr.func(*args)


def rename(expr: sp.Basic, names: Mapping[sp.Basic, sp.Basic]) -> sp.Basic:
    """Symbols for symbols, bound ones too; unlike SymPy's own replacement it decides no relation."""
    return _replace(expr, names, {})


@functools.cache
def _binds(expr: sp.Basic) -> bool:
    """Whether a variable is bound anywhere in expr; asked of the same formulas again and again."""
    return isinstance(expr, (Always, *BINDERS, sp.Limit)) or any(_binds(arg) for arg in expr.args)


def substitute(expr: sp.Basic, mapping: Mapping[sp.Basic, Any]) -> sp.Basic:
    """Replace scalar symbols by expressions and sequence bases by bases or `Lambda`s of the index, without capture."""
    scalars = {k: sp.sympify(v) for k, v in mapping.items() if not isinstance(k, sp.IndexedBase)}
    sequences = {k: v for k, v in mapping.items() if isinstance(k, sp.IndexedBase)}
    return _replace(freshen(expr), scalars, sequences)


def _replace(expr: sp.Basic, scalars: Mapping, sequences: Mapping) -> sp.Basic:
    if expr in scalars:
        return scalars[expr]
    if isinstance(expr, sp.Indexed):
        indices = [_replace(index, scalars, sequences) for index in expr.indices]
        target = sequences.get(expr.base, expr.base)
        return target[tuple(indices)] if isinstance(target, sp.IndexedBase) else target(*indices)
    if not expr.args:
        return expr
    args = [_replace(arg, scalars, sequences) for arg in expr.args]
    return expr if all(a is b for a, b in zip(args, expr.args, strict=True)) else rebuilt(expr, args)


def range_facts(limit: sp.Tuple) -> list[Boolean]:
    """What is known of a bound variable: lower ≤ variable ≤ upper, infinite ends left out."""
    variable, lower, upper = limit
    facts = [] if lower == -sp.oo else [sp.Le(lower, variable)]
    return [f for f in (*facts, *([] if upper == sp.oo else [sp.Le(variable, upper)])) if f is not sp.true]
