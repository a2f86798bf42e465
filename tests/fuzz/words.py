"""The words random statements are made of, put together so that SymPy neither evaluates nor orders them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean
from worlds import Fixed

from theory.core import Always, Claim, E, Var

a, b, c = sp.symbols("a b c", real=True)
p, q = sp.symbols("p q", positive=True)
u = sp.Symbol("u", nonnegative=True)
r = sp.Symbol("r", real=True)
N = sp.Symbol("N", integer=True, positive=True)
M = sp.Symbol("M", integer=True, nonnegative=True)
i, j, k, n, t, spare = sp.symbols("i j k n t m", integer=True)
s = sp.Symbol("s", real=True)
LETTERS = {i, j, k, n, t, spare, s}
v = sp.Symbol("v", real=True)
X, Y = sp.symbols("X Y", real=True)
x, y, A, Z, V = (sp.IndexedBase(name, real=True) for name in ("x", "y", "A", "Z", "V"))
w = sp.IndexedBase("w", nonnegative=True)

ANY = (0, sp.oo)
DECLARED: Mapping[sp.Basic, Var] = {var.symbol: var for var in (
    *(Var(symbol, "a number") for symbol in (a, b, c, p, q, u, r)), Var(N, "a count"), Var(M, "a count or zero"),
    *(Var(base, "numbers", over=(ANY,)) for base in (x, y, w)), Var(A, "a table", over=(ANY, ANY)),
    *(Var(symbol, "a random number", random=True) for symbol in (X, Y)),
    Var(Z, "random numbers", over=(ANY,), random=True), Var(V, "a random table", over=(ANY, ANY), random=True))}


@dataclass(frozen=True)
class Case:
    """A statement with its declarations and hypotheses, and its own proofs to offer (`offers` adds the general ones).

    A proof is a list of steps, or one rule for the statement itself, with the claims that it uses.
    """

    statement: Boolean
    hypotheses: Mapping[str, Boolean] = field(default_factory=dict)
    proofs: Sequence[Any] = ()
    uses: Sequence[Claim] = ()
    history: Mapping[sp.IndexedBase, Fixed] = field(default_factory=dict)
    ranges: Mapping[sp.IndexedBase, tuple] = field(default_factory=dict)  # where they differ from `DECLARED`
    handed: Boolean | None = None  # what the checker gets, where SymPy has evaluated the relation as it was written

    @property
    def variables(self) -> list[Var]:
        """Declarations of what the statement, the hypotheses and the sequences' own ranges speak of."""
        ends = [end for ranges in self.ranges.values() for pair in ranges for end in pair]
        said = sp.Tuple(self.statement, *self.hypotheses.values(), *ends)
        symbols = {node for node in sp.preorder_traversal(said) if isinstance(node, (sp.Symbol, sp.IndexedBase))}
        return [Var(symbol, var.meaning, self.ranges.get(symbol, var.over), var.random)
                for symbol, var in DECLARED.items() if symbol in symbols]


def add(*terms: Any) -> sp.Expr:
    return sp.Add(*map(sp.sympify, terms), evaluate=False)


def mul(*factors: Any) -> sp.Expr:
    return sp.Mul(*map(sp.sympify, factors), evaluate=False)


def sub(left: Any, right: Any) -> sp.Expr:
    return add(left, mul(-1, right))


def power(base: Any, exponent: Any) -> sp.Expr:
    return sp.Pow(sp.sympify(base), sp.sympify(exponent), evaluate=False)


def over(left: Any, right: Any) -> sp.Expr:
    """A quotient."""
    return mul(left, power(right, -1))


def eq(left: Any, right: Any) -> Boolean:
    return sp.Eq(left, right, evaluate=False)


def le(left: Any, right: Any) -> Boolean:
    return sp.Le(left, right, evaluate=False)


def total(body: Any, index: sp.Symbol, lower: Any, upper: Any) -> sp.Expr:
    return sp.Sum(sp.sympify(body), (index, lower, upper))


class Pen:
    """Draws expressions from a generator: atoms over given index variables, and a few sums and products of them."""

    def __init__(self, rng: random.Random, randomness: bool = False) -> None:
        self.rng = rng
        self.randomness = randomness

    def one_of(self, *choices: Any) -> Any:
        return self.rng.choice(choices)

    def likely(self, chance: float) -> bool:
        return self.rng.random() < chance

    def end(self, *outer: sp.Symbol) -> sp.Expr:
        """An upper end: a number, a count, or a variable outside."""
        return sp.sympify(self.one_of(N, N, M, N + 1, 2, 3, *outer, *outer))

    def index(self, *indices: sp.Symbol) -> sp.Expr:
        """The index of an entry: mostly a variable as it is, sometimes moved, scaled or reflected."""
        index = self.one_of(*indices, *indices, 1, N)
        return self.one_of(index, index, index, index + 1, 2 * index,
                           index**2) if self.likely(0.3) else sp.sympify(index)

    def atom(self, *indices: sp.Symbol) -> sp.Expr:
        """An entry, a number or a small function of the indices."""
        entries = [self.one_of(x, y)[self.index(*indices)] for _ in range(3)]
        entries.append(A[self.index(*indices), self.index(*indices)])
        if self.randomness:
            entries += [Z[self.index(*indices)], V[self.index(*indices), self.index(*indices)], X, Y,
                        Z[self.index(*indices)]]
        return self.one_of(*entries, *entries, a, p, *indices, power(b, self.one_of(*indices, N, M)),
                           w[self.index(*indices)])

    def body(self, *indices: sp.Symbol, size: int = 2) -> sp.Expr:
        """An expression of about `size` atoms."""
        if size <= 1:
            return self.atom(*indices)
        left, right = (self.body(*indices, size=size // 2 + extra * (size % 2)) for extra in (0, 1))
        return self.one_of(add, mul, mul, sub)(left, right) if self.likely(0.85) else power(add(left, right), 2)

    def mean(self, body: sp.Expr, step: Any = None) -> sp.Expr:
        return E(body) if step is None else E(body, step)


def parts_of(expr: sp.Basic, path: tuple[int, ...] = ()) -> list[tuple[tuple[int, ...], sp.Basic]]:
    """Every part of a statement that a near-miss may change, with the path to it; bound variables stay."""
    found = [(path, expr)]
    for place, arg in enumerate(expr.args):
        binder = isinstance(expr, (sp.Sum, sp.Product, Always)) and place > 0
        if isinstance(expr, sp.Indexed) and place == 0:
            continue
        if binder:
            found += [item for end in (1, 2) for item in parts_of(arg.args[end], (*path, place, end))]
        else:
            found += parts_of(arg, (*path, place))
    return found


def replaced(expr: sp.Basic, path: tuple[int, ...], new: sp.Basic) -> sp.Basic:
    """The statement with another part at the path, nothing else evaluated."""
    if not path:
        return new
    args = list(expr.args)
    args[path[0]] = replaced(args[path[0]], path[1:], new)
    return rebuilt(expr, args)


def rebuilt(expr: sp.Basic, args: Sequence[Any]) -> sp.Basic:
    """The same kind of node over other arguments, not evaluated."""
    if isinstance(expr, (sp.Add, sp.Mul, sp.Pow, sp.Rel, sp.Max, sp.Min, sp.Abs, sp.sign, sp.log, sp.exp)):
        return expr.func(*args, evaluate=False)
    return expr.func(*args)


def near_miss(rng: random.Random, statement: Boolean) -> Boolean:
    """The statement with one thing changed: an end, an index, a factor, an exponent, a step, a sign or a name."""
    for _ in range(8):
        changed = with_one_change(rng, statement)
        if changed != statement and not changed.free_symbols & LETTERS:
            return changed
    return changed  # now and then a variable stands outside its binder


def with_one_change(rng: random.Random, statement: Boolean) -> Boolean:
    """One leaf becomes another, or one more or less; an end of a range in one case of three; or a part drops out."""
    places = parts_of(statement)
    if rng.random() < 0.15:
        path, part = rng.choice([item for item in places if isinstance(item[1], sp.Expr)])
        inner = [arg for arg in part.args if isinstance(arg, sp.Expr) and not isinstance(arg, sp.IndexedBase)]
        return replaced(statement, path, rng.choice([sp.S.Zero, sp.S.One, *inner, *inner]))
    crowded = [(path, part) for path, part in places
               if isinstance(part, (sp.Indexed, sp.Mul)) and len(names_in(part)) > 1]
    if crowded and rng.random() < 0.2:  # two names exchanged
        path, part = rng.choice(crowded)
        one, other = rng.sample(names_in(part), 2)
        return replaced(statement, path, part.xreplace({one: other, other: one}))
    leaves = [(path, part) for path, part in places
              if isinstance(part, (sp.Symbol, sp.Rational, sp.Indexed)) and not part.is_infinite]
    ends = [(path, part) for path, part in leaves if len(path) > 1 and isinstance(at(statement, path[:-1]), sp.Tuple)]
    path, part = rng.choice(ends if ends and rng.random() < 0.33 else leaves or places)
    whole = bool(part.is_integer)
    others = list(dict.fromkeys(node for _, node in leaves if node != part and bool(node.is_integer) == whole))
    some = rng.sample(others, min(3, len(others)))
    return replaced(statement, path,
                    rng.choice([part + 1, part - 1, 2 * part, *some] if whole else [*some, mul(2, part), add(part, 1)]))


def names_in(part: sp.Basic) -> list[sp.Basic]:
    """The integer variables a part speaks of freely."""
    return sorted((symbol for symbol in part.free_symbols if symbol.is_Symbol and symbol.is_integer), key=str)


def at(expr: sp.Basic, path: Sequence[int]) -> sp.Basic:
    """The part at a path."""
    for place in path:
        expr = expr.args[place]
    return expr
