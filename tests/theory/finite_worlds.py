"""The truth of statements in finite worlds: a few sample points with weights, sequences drawn when
asked for, ranges gone through. Written apart from the code that the tests judge.

Rational values are exact, others are balls; `Hidden` where a ball does not tell a sign. A `strict`
evaluation raises `Undefined` where a part has no value of its own: 1/0, ln 0, an entry outside its
range, a reversed sum. Otherwise such parts have the total values: 1/0 = 0, ln 0 = 0.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from fractions import Fraction

import flint

from theory.core.context import Context, Declared
from theory.core.term import INF, NEGINF, Term, open_, var

Number = Fraction | flint.arb
Env = Mapping[str, Fraction]
GRID = tuple(map(Fraction, "-2 -1 -1/2 0 1/3 1/2 1 2 3".split()))


class Undefined(Exception):
    """A part of the statement has no value."""


class Hidden(Exception):
    """A ball is too wide to say what holds."""


def ball(value: Number) -> flint.arb:
    if isinstance(value, Fraction):
        return flint.arb(flint.fmpq(value.numerator, value.denominator))
    return value


def sign(value: Number) -> int:
    if value > 0 or value < 0:
        return 1 if value > 0 else -1
    if isinstance(value, Fraction) or value == 0:
        return 0
    raise Hidden


def plus(one: Number, other: Number) -> Number:
    exact = isinstance(one, Fraction) and isinstance(other, Fraction)
    return one + other if exact else ball(one) + ball(other)


def times(one: Number, other: Number) -> Number:
    exact = isinstance(one, Fraction) and isinstance(other, Fraction)
    return one * other if exact else ball(one) * ball(other)


class World:
    """Values of the declared names; `seed` decides those that are not given."""

    def __init__(
        self,
        declared: Mapping[str, Declared],
        seed: int,
        given: Mapping[str, Fraction] | None = None,
        strict: bool = False,
        close: bool = False,
    ) -> None:
        rng = random.Random(seed)
        self.declared, self.seed, self.strict, self.close = declared, seed, strict, close
        self.given = dict(given or {})
        weights = [Fraction(rng.randint(1, 3)) for _ in range(rng.randint(1, 3))]
        self.weights = [weight / sum(weights) for weight in weights]

    # -- values ------------------------------------------------------------------------------------

    def drawn(self, name: str, indices: tuple[Fraction, ...], point: int) -> Fraction:
        if not indices and name in self.given:
            return self.given[name]
        known = self.declared[name]
        place = point if known.random else 0
        rng = random.Random(f"{self.seed} {name} {indices} {place}")
        if known.kind == "int":
            return Fraction(rng.randint(*((1, 3) if known.sign == "positive" else (-2, 3))))
        value = rng.choice(GRID)
        return abs(value) + (not value) if known.sign == "positive" else value

    def entry(self, term: Term, env: Env, point: int) -> Fraction:
        indices = tuple(self.value(index, env, point) for index in term.args)
        assert all(isinstance(index, Fraction) for index in indices)
        for index, (lower, upper) in zip(indices, self.declared[term.data].ranges, strict=True):
            inside = self.within(index, lower, upper, env, point)
            if self.strict and (index.denominator > 1 or not inside):
                raise Undefined(term)
        return self.drawn(term.data, indices, point)

    def within(self, value: Fraction, lower: Term, upper: Term, env: Env, point: int) -> bool:
        low = lower == NEGINF or sign(value - self.value(lower, env, point)) >= 0
        return low and (upper == INF or sign(value - self.value(upper, env, point)) <= 0)

    def value(self, term: Term, env: Env, point: int) -> Number:
        if term.op == "num":
            return Fraction(term.data)
        if term.op == "const":
            return flint.arb.pi()
        if term.op == "var":
            return env[term.data] if term.data in env else self.drawn(term.data, (), point)
        if term.op == "entry":
            return self.entry(term, env, point)
        if term.op in ("sum", "prod"):
            return self.folded(term, env, point)
        if term.op == "mean":
            return self.averaged(term, env, point)
        args = [self.value(arg, env, point) for arg in term.args]
        if term.op in ("add", "mul"):
            total = Fraction(term.op == "mul")
            for arg in args:
                total = (plus if term.op == "add" else times)(total, arg)
            return total
        if term.op == "pow":
            return self.raised(args[0], args[1], self.form(term.args[1], env))
        return self.function(term.data, args)

    def nothing(self, what: object) -> Fraction:
        """The total value of what has none."""
        if self.strict:
            raise Undefined(what)
        return Fraction(0)

    def form(self, exponent: Term, env: Env) -> str:
        """How an exponent is written: a number, a whole one in variables, another one."""
        if exponent.op == "num":
            return "num"
        return "whole" if self.whole(exponent, env) else "other"

    def whole(self, term: Term, env: Env) -> bool:
        if term.op == "var":
            known = self.declared.get(term.data)
            return known.kind == "int" if known else env[term.data].denominator == 1
        if term.op == "num":
            return Fraction(term.data).denominator == 1
        return term.op in ("add", "mul") and all(self.whole(arg, env) for arg in term.args)

    def raised(self, base: Number, exponent: Number, form: str) -> Number:
        if form == "other" and sign(base) <= 0:
            self.nothing("a power of what is not positive")
        if isinstance(exponent, Fraction) and exponent.denominator == 1:
            if exponent < 0 and sign(base) == 0:
                return self.nothing("a quotient by 0")
            size = abs(int(exponent))
            result: Number = Fraction(1)
            for _ in range(size):
                result = times(result, base)
            return result if exponent >= 0 else 1 / result
        if sign(base) < 0 or sign(base) == 0 and not sign(exponent) > 0:
            return self.nothing("a root of a negative number")
        if sign(base) == 0:
            return Fraction(0)
        return (ball(base).log() * ball(exponent)).exp()

    def function(self, name: str, args: list[Number]) -> Number:
        first = args[0]
        if name == "abs":
            return first if sign(first) >= 0 else times(Fraction(-1), first)
        if name == "sign":
            return Fraction(sign(first))
        if name == "exp":
            return ball(first).exp()
        if name in ("log", "gamma"):
            if sign(first) <= 0:
                return self.nothing(f"{name} of what is not positive")
            return ball(first).log() if name == "log" else ball(first).gamma()
        wanted = 1 if name == "max" else -1
        for arg in args[1:]:
            first = arg if sign(plus(arg, times(Fraction(-1), first))) == wanted else first
        return first

    def folded(self, term: Term, env: Env, point: int) -> Number:
        low, high = (self.value(end, env, point) for end in term.args[:2])
        if self.strict and (high - low + 1 < 0 or high.denominator > 1 or low.denominator > 1):
            raise Undefined("a reversed range")
        total: Number = Fraction(term.op == "prod")
        name = f"@{len(env)}"
        body = open_(term, var(name))
        for n in range(math.ceil(low), math.floor(high) + 1):
            part = self.value(body, {**env, name: Fraction(n)}, point)
            total = (plus if term.op == "sum" else times)(total, part)
        return total

    def averaged(self, term: Term, env: Env, point: int) -> Number:
        """The history is empty before step 1, and tells all sample points apart from then on."""
        alike = list(range(len(self.weights)))
        if len(term.args) > 1 and sign(self.value(term.args[1], env, point)) > 0:
            alike = [point]
        total: Number = Fraction(0)
        for other in alike:
            total = plus(total, times(self.weights[other], self.value(term.args[0], env, other)))
        return times(total, 1 / sum(self.weights[other] for other in alike))

    # -- truth -------------------------------------------------------------------------------------

    def truth(self, prop: Term, env: Env, point: int) -> bool:
        if prop.op == "all":
            name = f"@{len(env)}"
            body = open_(prop, var(name))
            places = list(self.candidates(prop.data, *prop.args[:2], env, point))
            found = [self.truth(body, {**env, name: value}, point) for value in places]
            return all(found)
        if prop.op == "implies":
            premise, conclusion = prop.args
            return not self.truth(premise, env, point) or self.truth(conclusion, env, point)
        if prop.op in ("and", "or", "not", "iff"):
            parts = [self.truth(arg, env, point) for arg in prop.args]
            if prop.op in ("not", "iff"):
                return not parts[0] if prop.op == "not" else parts[0] == parts[1]
            return all(parts) if prop.op == "and" else any(parts)
        left, right = (self.value(side, env, point) for side in prop.args)
        gap = self.gap(plus(right, times(Fraction(-1), left)))
        return {"le": gap >= 0, "lt": gap > 0, "eq": gap == 0, "ne": gap != 0}[prop.op]

    def gap(self, value: Number) -> int:
        """The sign of a difference; a ball around 0 is 0 where what is `close` counts as equal."""
        try:
            return sign(value)
        except Hidden:
            if self.close and ball(value).rad() < 1e-20:
                return 0
            raise

    def candidates(
        self, kind: str, lower: Term, upper: Term, env: Env, point: int
    ) -> Iterator[Fraction]:
        """The integers of a range, if need be the first few; or points of a grid and the ends."""
        low = None if lower == NEGINF else self.value(lower, env, point)
        high = None if upper == INF else self.value(upper, env, point)
        if kind == "int":
            first = math.ceil(low) if low is not None else -3
            last = math.floor(high) if high is not None else max(first, 0) + 3
            yield from map(Fraction, range(first, last + 1))
            return
        ends = {end for end in (low, high) if end is not None}
        inside = {*ends, *GRID, *({sum(ends) / 2} if ends else ())}
        for value in sorted(inside):
            if (low is None or low <= value) and (high is None or value <= high):
                yield value

    def holds(self, prop: Term) -> bool:
        """On every sample point."""
        return all([self.truth(prop, {}, point) for point in range(len(self.weights))])

    def holds_in(self, context: Context, prop: Term) -> bool:
        """For all opened values, on the sample points on which what is assumed holds."""
        chain = list(context.chain())[::-1]
        return all(
            self._below(chain, prop, {}, point) for point in range(len(self.weights))
        )

    def _below(self, chain: list[Context], prop: Term, env: Env, point: int) -> bool:
        if not chain:
            return self.truth(prop, env, point)
        here, rest = chain[0], chain[1:]
        if here.assumed is not None:
            return not self.truth(here.assumed, env, point) or self._below(rest, prop, env, point)
        if here.opened is None:
            return self._below(rest, prop, env, point)
        name, kind, lower, upper = here.opened
        return all(
            self._below(rest, prop, {**env, name: value}, point)
            for value in self.candidates(kind, lower, upper, env, point)
        )
