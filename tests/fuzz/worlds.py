"""Models: a value for every declared variable, and a finite probability space with a history for what is random.

Scalars take small rationals of their declared domain (0, 1, -1, 1/2, -2, 3 and a few others), integers small ones, and
sequences tables that are drawn when they are first asked. The points of the sample space have unequal weights; what is
random is a function of the point, and the entry of a sequence at time j is fixed before step k exactly if j ≤ k - lag.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy as sp

from theory.core import Var

Number = Any  # a Fraction, or a ball (flint.arb) where the value is irrational

POOLS = tuple(tuple(map(Fraction, pool.split())) for pool in (
    "0 1", "0 1/2 1 1", "0 1 -1 1/2 -2 3", "0 1 -1 1/2 -2 3", "1/3 2 -1/2 3/2 5 -3", "1 2 3", "0 2 -2 7/5 -1/3 1"))


class Undefined(Exception):
    """The statement says nothing in this model."""


@dataclass(frozen=True)
class Fixed:
    """The entry of a sequence at time j, its index at place `time`, is fixed before step k exactly if j ≤ k - lag."""

    lag: int
    time: int = 0


@dataclass
class Model:
    """Values of the declared variables; `seed` decides entries of sequences when they are first asked for."""

    variables: Mapping[sp.Basic, Var]
    history: Mapping[sp.Basic, Fixed]
    seed: int
    end_of_range: Callable[[sp.Expr, Model], Number]
    pool: Sequence[Fraction] = ()
    origin: int = 0
    weights: Sequence[Fraction] = (Fraction(1),)
    classes: Sequence[Sequence[int]] = ((0,),)  # at each depth of the history, the class of each sample point
    values: dict[Any, Sequence[Number]] = field(default_factory=dict)  # of scalars and entries, on each sample point
    means: dict[Any, Number] = field(default_factory=dict)

    def known_at(self, step: int) -> Sequence[int]:
        """The class of each sample point in the history before a step."""
        return self.classes[min(max(step - self.origin, 0), len(self.classes) - 1)]

    def scalar(self, symbol: sp.Basic) -> Sequence[Number]:
        """The value of a declared scalar on each sample point; of anything else there is nothing to say."""
        if symbol not in self.values:
            raise Undefined(f"{symbol} is neither declared nor bound")
        return self.values[symbol]

    def entry(self, base: sp.IndexedBase, indices: tuple[int, ...]) -> Sequence[Number]:
        """The entry on each sample point, drawn when it is first asked for; outside its range it does not exist."""
        if (base, indices) not in self.values:
            for index, (lower, upper) in zip(indices, self.variables[base].over, strict=True):
                for end, low in ((lower, True), (upper, False)):
                    if end not in (sp.oo, -sp.oo):
                        limit = self.end_of_range(sp.sympify(end), self)
                        if index < limit if low else index > limit:
                            raise Undefined(f"{base}[{indices}] lies outside its range")
            rng = random.Random(f"{self.seed} {base} {indices}")
            domain = base[tuple(sp.Dummy(integer=True) for _ in indices)]
            self.values[base, indices] = self._drawn(rng, domain, self.variables[base], indices)
        return self.values[base, indices]

    def _drawn(self, rng: random.Random, domain: sp.Basic, var: Var, indices: tuple[int, ...]) -> Sequence[Number]:
        """A value for each sample point: one for all if it is not random, one for each class of the history."""
        points = range(len(self.weights))
        if not var.random:
            return [draw(rng, domain, self.pool)] * len(points)
        fixed = self.history.get(var.symbol)
        classes: Sequence[int] = points if fixed is None else self.known_at(indices[fixed.time] + fixed.lag)
        by_class = {c: draw(rng, domain, self.pool) for c in sorted(set(classes))}
        return [by_class[c] for c in classes]


def in_domain(symbol: sp.Basic, value: Number) -> bool:
    """Whether a value has the sign and integrality the symbol was declared with."""
    if symbol.is_integer and value != int(value):
        return False
    return not (symbol.is_positive and value <= 0 or symbol.is_negative and value >= 0
                or symbol.is_nonnegative and value < 0 or symbol.is_nonpositive and value > 0
                or symbol.is_nonzero and value == 0)


def draw(rng: random.Random, symbol: sp.Basic, pool: Sequence[Fraction]) -> Fraction:
    """A small value of the symbol's domain."""
    whole = [Fraction(n) for n in (1, 1, 2, 2, 3, 0, 0, -1, -2)]
    fitting = [value for value in (whole if symbol.is_integer else pool) if in_domain(symbol, value)]
    return rng.choice(fitting or [Fraction(value) for value in (2, -2, 1, -1, 0) if in_domain(symbol, Fraction(value))])


def draw_model(variables: Sequence[Var], history: Mapping[sp.Basic, Fixed], seed: int,
               end_of_range: Callable[[sp.Expr, Model], Number]) -> Model:
    """A random model: two or three fair-or-not coins, or three points the history tells apart one after the other."""
    rng = random.Random(seed)
    declared = {v.symbol: v for v in variables}
    model = Model(declared, history, seed, end_of_range, rng.choice(POOLS), origin=rng.randint(-1, 3))
    if any(v.random for v in variables):
        if rng.random() < 0.4:
            model.classes = ((0, 0, 0), (0, 0, 1), (0, 1, 2))
        else:
            coins = rng.choice((2, 2, 3))
            points = range(2**coins)
            model.classes = tuple(tuple(point >> (coins - level) for point in points) for level in range(coins + 1))
        raw = [Fraction(rng.choice((1, 1, 2, 3, 5))) for _ in model.classes[0]]
        model.weights = tuple(weight / sum(raw) for weight in raw)
    for var in variables:
        if not var.over:
            model.values[var.symbol] = model._drawn(rng, var.symbol, var, ())
    return model
