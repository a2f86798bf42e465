"""A second reading of statements: one instance, plain Python loops, exact fractions or 60-digit numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import mpmath
import sympy as sp
import torch

from theory.core import Always, Claim, E, Part, Source, Var

n = sp.Symbol("n", integer=True, positive=True)
a, b = sp.Symbol("a", real=True), sp.Symbol("b", nonnegative=True)
i, j, t = INDICES = sp.symbols("i j t", integer=True)
x, w, y = sp.IndexedBase("x", real=True), sp.IndexedBase("w", real=True), sp.IndexedBase("y", real=True)

VARIABLES = [Var(n, "size"), Var(a, "scalar"), Var(b, "base"), Var(x, "sequence from 0", over=((0, n),)),
             Var(w, "table", over=((1, n), (0, n))), Var(y, "noise", over=((1, n),), random=True)]


def claim_of(conclusion: Any = sp.true, hypotheses: Mapping[str, Any] | None = None, variables: Any = None) -> Claim:
    """A claim without proof about n, a, b, x, w and the random y."""
    return Claim("user/claim", "t", "s", Source("user", "Lemma 1", "none"), "derived",
                 VARIABLES if variables is None else variables, hypotheses or {}, [Part("main", conclusion, [])])


def measured(seed: int, size: int, batch: int) -> dict[Any, Any]:
    """Eighths in [-2, 2], so that ties and zeros are common and sums of products are exact in floats."""
    generator = torch.Generator().manual_seed(seed)

    def eighths(*shape: int) -> torch.Tensor:
        return torch.randint(-16, 17, (batch, *shape), generator=generator).double() / 8

    return {"n": size, "a": eighths(), "b": eighths().clamp(min=0) / 2, "x": eighths(size + 1), "w": eighths(size, size + 1),
            E(y[i]): eighths(size), E(y[1]): eighths()}


class Reader:
    """Evaluate expressions at instance `index` of a measurement; `number` makes its numbers exact."""

    def __init__(self, values: Mapping[Any, Any], index: int, number: Any) -> None:
        self.values, self.index, self.number = values, index, number

    def at(self, expr: Any, env: dict[Any, int]) -> Any:
        if expr in env:
            return self.number(env[expr])
        if expr.is_Rational:
            return self.number(int(expr.p)) / self.number(int(expr.q))
        if isinstance(expr, sp.Symbol):
            value = self.values[expr.name]
            return self.number(value if isinstance(value, int) else float(value[self.index]))
        if isinstance(expr, E):
            array = self.values[expr][self.index]
            return self.number(float(array[env[i] - 1] if i in expr.free_symbols else array))
        if isinstance(expr, sp.Indexed):
            first = {x: (0,), w: (1, 0)}[expr.base]
            place = tuple(int(self.at(k, env)) - low for k, low in zip(expr.indices, first, strict=True))
            assert min(place) >= 0
            return self.number(float(self.values[str(expr.base)][self.index][place]))
        if isinstance(expr, (sp.Sum, sp.Product)):
            *inner, limit = expr.limits
            body = type(expr)(expr.function, *inner) if inner else expr.function
            values = [self.at(body, e) for e in self.each(limit, env)]
            return sum(values, self.number(0)) if isinstance(expr, sp.Sum) else math.prod(values, start=self.number(1))
        return self.apply(expr, [self.at(arg, env) for arg in expr.args])

    def each(self, limit: Any, env: dict[Any, int]) -> list[dict[Any, int]]:
        variable, lower, upper = limit
        return [{**env, variable: k} for k in range(int(self.at(lower, env)), int(self.at(upper, env)) + 1)]

    def apply(self, expr: Any, args: list[Any]) -> Any:
        if expr.is_Add:
            return sum(args[1:], args[0])
        if expr.is_Mul:
            return mpmath.fprod(args) if self.number is mpmath.mpf else _product(args)
        if expr.is_Pow:
            return args[0] ** (int(args[1]) if args[1] == int(args[1]) else args[1])
        if isinstance(expr, (sp.Max, sp.Min)):
            return (max if isinstance(expr, sp.Max) else min)(args)
        return {sp.Abs: abs, sp.log: mpmath.log, sp.exp: mpmath.exp}[expr.func](*args)

    def true(self, prop: Any, env: dict[Any, int]) -> bool:
        if prop in (sp.true, sp.false):
            return bool(prop)
        if isinstance(prop, Always):
            (limit, *rest) = prop.limits
            body = Always(prop.body, *rest) if rest else prop.body
            return all(self.true(body, e) for e in self.each(limit, env))
        if isinstance(prop, sp.Not):
            return not self.true(prop.args[0], env)
        if isinstance(prop, sp.Implies):
            return not self.true(prop.args[0], env) or self.true(prop.args[1], env)
        if isinstance(prop, (sp.And, sp.Or)):
            return (all if isinstance(prop, sp.And) else any)(self.true(arg, env) for arg in prop.args)
        left, right = (self.at(side, env) for side in prop.args)
        return {sp.Le: left <= right, sp.Lt: left < right, sp.Ge: left >= right, sp.Gt: left > right,
                sp.Eq: left == right, sp.Ne: left != right}[prop.func]


def _product(args: list[Fraction]) -> Fraction:
    result = Fraction(1)
    for arg in args:
        result *= arg
    return result


def ranges(scope: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, Any]]:
    """Whole, triangular and possibly empty ranges inside 1..n."""
    options = [(sp.S.One, n)]
    for outer in scope:
        options += [(sp.S.One, outer), (sp.S.One, outer - 1), (outer + 1, n)]
    return st.sampled_from(options)


@st.composite
def expressions(draw: Any, scope: tuple[Any, ...] = (), depth: int = 3, rational: bool = True) -> Any:
    """Expressions over the index variables in scope, each of them in 1..n."""
    if depth == 0:
        leaves = [a, b, n, x[0], x[n], sp.Rational(1, 3), E(y[1])]
        for k in scope:
            leaves += [k, x[k], x[k - 1], w[k, 0], w[k, k - 1], b ** (k - 1), b ** (n - k)] + ([E(y[i])] if k == i else [])
        leaves += [w[k, m] for k in scope for m in scope]
        return draw(st.sampled_from(leaves))
    kinds = ["add", "mul", "abs", "max", "min", "square", "over", "sum", "prod"] + ([] if rational else ["sqrt", "log", "exp"])
    kind = draw(st.sampled_from(kinds))
    if kind in ("sum", "prod") and (fresh := [k for k in INDICES if k not in scope]):
        variable, limits = draw(st.sampled_from(fresh)), draw(ranges(scope))
        fold = sp.Sum if kind == "sum" else sp.Product
        return fold(draw(expressions((*scope, variable), depth - 1, rational)), (variable, *limits))
    one = draw(expressions(scope, depth - 1, rational))
    two = draw(expressions(scope, draw(st.integers(0, depth - 1)), rational))
    return {"add": lambda: one - two, "mul": lambda: one * two, "abs": lambda: sp.Abs(one), "square": lambda: one**2,
            "max": lambda: sp.Max(one, two), "min": lambda: sp.Min(one, two), "over": lambda: one / (1 + two**2),
            "sqrt": lambda: sp.sqrt(sp.Abs(one)), "log": lambda: sp.log(1 + sp.Abs(one)),
            "exp": lambda: sp.exp(-sp.Abs(one)), "sum": lambda: one + two, "prod": lambda: one * two}[kind]()


@st.composite
def statements(draw: Any, scope: tuple[Any, ...] = (), depth: int = 3) -> Any:
    """Relations joined by And, Or, Implies, Not and bounded quantifiers, quantifiers under any of them."""
    fresh = [k for k in INDICES if k not in scope]
    kinds = ["relation"] + (["and", "or", "implies", "not"] if depth else []) + (["always"] * 2 if depth and fresh else [])
    kind = draw(st.sampled_from(kinds))
    if kind == "always":
        variable, limits = draw(st.sampled_from(fresh)), draw(ranges(scope))
        return Always(draw(statements((*scope, variable), depth - 1)), (variable, *limits))
    if kind == "relation":
        relation = draw(st.sampled_from([sp.Le, sp.Lt, sp.Ge, sp.Gt, sp.Eq, sp.Ne]))
        sides = draw(expressions(scope, draw(st.integers(0, 1)))), draw(expressions(scope, 0))
        return relation(*sides, evaluate=False)  # or SymPy decides some, and there is nothing left to evaluate
    parts = [draw(statements(scope, depth - 1)) for _ in range(1 if kind == "not" else 2)]
    made = {"and": sp.And, "or": sp.Or, "implies": sp.Implies, "not": sp.Not}[kind](*parts, evaluate=False)
    return parts[0] if made in (sp.true, sp.false) else made
