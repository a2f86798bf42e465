"""Evaluate a claim's own SymPy statements on batches of measured arrays, in floats, exact rationals or balls.

Nothing is typed a second time: sums over steps and coordinates, quantifiers and relations are read from the claim. Every
value has shape (B, s1, .., sk): the batch, then one axis for each index variable in scope (sum or quantifier). Beside
each value goes its magnitude, the same expression with every term made positive: rounding is measured against it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

import flint
import numpy as np
import sympy as sp
import torch
from sympy.logic.boolalg import Boolean

from checks.arithmetic import Arithmetic, Array, RationalArithmetic, TorchArithmetic
from checks.errors import RequestError
from theory.core import Always, Claim, E

HORIZON = 64  # how far a quantifier without an upper end is followed
FAR = 10**15  # where a limit at infinity is looked at


class Value(NamedTuple):
    """An array and the magnitude its rounding errors are relative to."""

    value: Array
    size: Array


@dataclass(frozen=True)
class Frame:
    """Index variables in scope with their axes' integer values, and which positions count."""

    indices: Mapping[sp.Symbol, tuple[int, np.ndarray]]
    mask: np.ndarray  # bool, shape (s1, .., sk)

    @property
    def depth(self) -> int:
        return self.mask.ndim


class Evaluation:
    """Evaluate expressions of one claim on measured arrays.

    measured: see `checks.battery.check.Measured`. Raises RequestError for a missing symbol, a wrong shape, NaN.
    """

    def __init__(self, claim: Claim, measured: Mapping[Any, Any], arithmetic: Arithmetic) -> None:
        self.arithmetic = arithmetic
        self.lower = {var.symbol: [end[0] for end in var.over] for var in claim.variables}
        self.measured = {str(k) if not isinstance(k, E) else k: v for k, v in measured.items()}
        names = {str(var.symbol) for var in claim.variables if not var.random}
        if missing := sorted(names - {k for k in self.measured if isinstance(k, str)}):
            raise RequestError(f"{claim.id}: the measurement gives no {', '.join(missing)}; add it to what it returns.")
        arrays = [v for v in self.measured.values() if hasattr(v, "shape") and len(v.shape)]
        sizes = {v.shape[0] for v in arrays}
        if len(sizes) > 1 or 0 in sizes:
            raise RequestError(f"{claim.id}: arrays for {sorted(sizes)} problems; give all of them one batch, not empty.")
        self.batch = sizes.pop() if sizes else 1

    # -- integers: indices, limits, exponents --------------------------------------------------------------------------

    def integer(self, expr: sp.Expr, frame: Frame) -> np.ndarray:
        """An integer expression of sizes and index variables, shape broadcastable to the frame's mask."""
        shape = (1,) * frame.depth
        if expr.is_Integer:
            return np.full(shape, int(expr))
        if expr in frame.indices:
            axis, values = frame.indices[expr]
            return values.reshape([-1 if a == axis else 1 for a in range(frame.depth)])
        if isinstance(expr, sp.Symbol):
            value = self.measured.get(expr.name)
            if not isinstance(value, (int, np.integer)):
                raise RequestError(f"{expr} is used as a size or index; the measurement must give it as one Python int.")
            return np.full(shape, int(value))
        args = [self.integer(arg, frame) for arg in expr.args]
        if isinstance(expr, sp.Add):
            return sum(args[1:], args[0])
        if isinstance(expr, sp.Mul):
            return np.multiply.reduce(np.broadcast_arrays(*args)) if len(args) > 1 else args[0]
        raise RequestError(f"{expr} cannot be read as an integer.")

    def open(self, variable: sp.Symbol, lower: sp.Expr, upper: sp.Expr, frame: Frame) -> Frame:
        """Add an axis over every integer value the variable takes anywhere; the mask keeps those in its range."""
        if not variable.is_integer:
            raise RequestError(f"{variable} runs over the reals; a measured statement quantifies over integers only.")
        low = self.integer(lower, frame)
        high = low + HORIZON - 1 if upper == sp.oo else self.integer(upper, frame)
        short = np.broadcast_to(high < low - 1, frame.mask.shape) & frame.mask
        if short.any():
            raise RequestError(f"the range of {variable} has a negative number of values.")
        values = np.arange(low.min(), high.max() + 1) if low.size else np.arange(0)
        inside = (low[..., None] <= values) & (values <= high[..., None])
        mask = frame.mask[..., None] & inside
        return Frame({**frame.indices, variable: (frame.depth, values)}, mask)

    # -- real values ---------------------------------------------------------------------------------------------------

    def value(self, expr: sp.Expr, frame: Frame) -> Value:
        """A real expression, shape broadcastable to (B, *mask shape)."""
        if expr in frame.indices or expr.is_Integer:
            return self._exact(self.integer(expr, frame)[None])
        if expr.is_Rational:
            return self._number(self.arithmetic.array(f"{expr.p}/{expr.q}"), frame)
        if isinstance(expr, sp.NumberSymbol):
            return self._number(self._constant(expr), frame)
        if isinstance(expr, sp.Symbol):
            return self._symbol(expr, frame)
        if isinstance(expr, sp.Indexed):
            return self._entry(expr, frame)
        if isinstance(expr, sp.Sum):
            return self._sum(expr, frame)
        if isinstance(expr, E):
            return self._expectation(expr, frame)
        if isinstance(expr, (sp.Integral, sp.Limit)):
            return self._number(self._constant(self._calculus(expr)), frame)
        if isinstance(expr, sp.Pow):
            return self._power(expr, frame)
        args = [self.value(arg, frame) for arg in expr.args]
        if isinstance(expr, sp.Add):
            return Value(_total([a.value for a in args]), _total([a.size for a in args]))
        if isinstance(expr, sp.Mul):
            return Value(_product([a.value for a in args]), _product([a.size for a in args]))
        return self._function(expr, args)

    def _exact(self, integers: np.ndarray) -> Value:
        value = self.arithmetic.array(integers)
        return Value(value, self.arithmetic.abs(value))

    def _number(self, scalar: Array, frame: Frame) -> Value:
        value = scalar.reshape((1,) * (1 + frame.depth))
        return Value(value, self.arithmetic.abs(value))

    def _constant(self, expr: sp.Expr) -> Array:
        if isinstance(self.arithmetic, TorchArithmetic):
            return self.arithmetic.array(float(sp.N(expr, 30)))
        if isinstance(self.arithmetic, RationalArithmetic) or expr != sp.pi:
            raise RequestError(f"{expr} has no value in {self.arithmetic.name} arithmetic.")
        return 4 * _arctan_one(self.arithmetic)

    def _calculus(self, expr: sp.Expr) -> sp.Expr:
        """The number an integral or a limit is, at the measured sizes, by mpmath."""
        expr = expr.subs({s: self.measured[s.name] for s in expr.free_symbols if isinstance(s, sp.Symbol)})
        if isinstance(expr, sp.Limit):
            body, variable, point = expr.args[:3]
            return sp.N(body.subs(variable, FAR if point == sp.oo else point + sp.Rational(1, FAR)), 30)
        return sp.N(expr, 30)

    def _symbol(self, symbol: sp.Symbol, frame: Frame) -> Value:
        value = self.measured.get(symbol.name)
        if value is None:
            raise RequestError(f"the measurement gives no {symbol}; add it to what it returns.")
        if not hasattr(value, "shape") or not len(value.shape):
            return self._number(self.arithmetic.array(value), frame)
        if len(value.shape) != 1:
            raise RequestError(f"{symbol} is a scalar: give shape (B,), not {tuple(value.shape)}.")
        column = value.reshape((-1,) + (1,) * frame.depth)
        return Value(column, self.arithmetic.abs(column))

    def _entry(self, entry: sp.Indexed, frame: Frame) -> Value:
        array, lowers = self.measured.get(str(entry.base)), self.lower[entry.base]
        if array is None or len(array.shape) != 1 + len(entry.indices):
            raise RequestError(f"{entry.base} needs {len(entry.indices)} index axes after the batch axis.")
        places = []
        for axis, (index, lower) in enumerate(zip(entry.indices, lowers, strict=True), start=1):
            place = self.integer(index, frame) - self.integer(sp.sympify(lower), frame)
            outside = np.broadcast_to((place < 0) | (place >= array.shape[axis]), frame.mask.shape) & frame.mask
            if outside.any():
                raise RequestError(f"{entry} reaches outside the {array.shape[axis]} measured values of its index.")
            places.append(np.clip(place, 0, array.shape[axis] - 1))
        picked = array[(slice(None), *self._index(np.broadcast_arrays(*places)))]
        return Value(picked, self.arithmetic.abs(picked))

    def _index(self, places: Sequence[np.ndarray]) -> list[Any]:
        if isinstance(self.arithmetic, TorchArithmetic):
            return [torch.as_tensor(np.array(p), device=self.arithmetic.device) for p in places]
        return list(places)

    def _sum(self, expr: sp.Sum, frame: Frame) -> Value:
        *inner, (variable, lower, upper) = expr.limits  # SymPy lists the innermost limit first
        body = sp.Sum(expr.function, *inner) if inner else expr.function
        opened = self.open(variable, lower, upper, frame)
        term = self.value(body, opened)
        parts = (self._masked_sum(part, opened) for part in term)
        return Value(*parts)

    def _masked_sum(self, array: Array, frame: Frame) -> Array:
        if isinstance(self.arithmetic, TorchArithmetic):
            mask = torch.as_tensor(frame.mask, device=self.arithmetic.device)[None]
            return torch.where(mask, array, torch.zeros((), dtype=array.dtype, device=array.device)).sum(-1)
        shape = np.broadcast_shapes(array.shape, (1, *frame.mask.shape))
        kept = np.where(frame.mask[None], np.broadcast_to(array, shape), self.arithmetic.array(0))
        return self.arithmetic.sum(kept, -1) if shape[-1] else self.arithmetic.zeros(shape[:-1])

    def _expectation(self, expr: E, frame: Frame) -> Value:
        array = self.measured.get(expr)
        if array is None:
            raise RequestError(f"the measurement gives no value for {expr}; key it by that expression.")
        inside = [v for v in frame.indices if v in expr.free_symbols]
        if len(array.shape) != 1 + len(inside):
            raise RequestError(f"{expr} needs shape (B{', n' * len(inside)}), not {tuple(array.shape)}.")
        places = np.broadcast_arrays(*[np.clip(self.integer(v, frame) - 1, 0, n - 1)
                                       for v, n in zip(inside, array.shape[1:], strict=True)]) if inside else []
        picked = array[(slice(None), *self._index(places))] if inside else array.reshape((-1,) + (1,) * frame.depth)
        return Value(picked, self.arithmetic.abs(picked))

    def _power(self, expr: sp.Pow, frame: Frame) -> Value:
        base = self.value(expr.base, frame)
        if expr.exp.is_Rational:
            return self._rational_power(base, Fraction(int(expr.exp.p), int(expr.exp.q)))
        if not expr.exp.is_integer:
            logarithm = self.arithmetic.log(base.value) * self.value(expr.exp, frame).value
            value = self.arithmetic.exp(logarithm)
            return Value(value, value * (1 + self.arithmetic.abs(logarithm)))
        integers = np.where(frame.mask, self.integer(expr.exp, frame), 1)[None]
        if isinstance(self.arithmetic, TorchArithmetic):
            powers = torch.as_tensor(integers, device=self.arithmetic.device)
            return Value(base.value**powers, base.size**powers)
        with self.arithmetic.working():
            value = np.power(base.value, np.array(integers.tolist(), dtype=object).reshape(integers.shape))
        return Value(value, self.arithmetic.abs(value))

    def _rational_power(self, base: Value, exponent: Fraction) -> Value:
        value = self.arithmetic.power(base.value, exponent)
        if exponent > 0:
            return Value(value, self.arithmetic.power(base.size, exponent))
        distance = self.arithmetic.abs(base.value)
        return Value(value, self.arithmetic.abs(value) * base.size / distance)

    def _function(self, expr: sp.Expr, args: list[Value]) -> Value:
        calls = {sp.log: self.arithmetic.log, sp.exp: self.arithmetic.exp, sp.Abs: self.arithmetic.abs,
                 sp.sign: self.arithmetic.sign, sp.gamma: self.arithmetic.gamma}
        if expr.func in calls:
            value = calls[expr.func](args[0].value)
            if expr.func is sp.Abs:
                return Value(value, args[0].size)
            if expr.func is sp.log:
                return Value(value, self.arithmetic.abs(value) + args[0].size / self.arithmetic.abs(args[0].value))
            return Value(value, self.arithmetic.abs(value))
        if isinstance(expr, (sp.Max, sp.Min)):
            choose = self.arithmetic.maximum if isinstance(expr, sp.Max) else self.arithmetic.minimum
            value = args[0].value
            for arg in args[1:]:
                value = choose(value, arg.value)
            return Value(value, _total([a.size for a in args]))
        raise RequestError(f"{expr.func} cannot be evaluated on measured arrays.")

    # -- statements ----------------------------------------------------------------------------------------------------

    def statement(self, prop: Boolean) -> Margins:
        """The statement's margin, at least zero where it holds: shape (B,), rounding measured in the same unit."""
        with self.arithmetic.working():
            return self._margins(prop, Frame({}, np.ones((), dtype=bool)))

    def _margins(self, prop: Boolean, frame: Frame) -> Margins:
        if prop in (sp.true, sp.false):
            sign = self.arithmetic.full((self.batch, 1), 1 if prop is sp.true else -1)
            return Margins(sign, self.arithmetic.abs(sign), False)
        if isinstance(prop, Always):
            for variable, lower, upper in prop.limits:
                frame = self.open(variable, lower, upper, frame)
            return self._margins(prop.body, frame)
        if isinstance(prop, (sp.Le, sp.Lt, sp.Ge, sp.Gt, sp.Eq, sp.Ne)):
            return self._relation(prop, frame)
        parts = [self._margins(arg, frame) for arg in prop.args]
        if isinstance(prop, sp.And):
            return _joined(parts)
        if isinstance(prop, sp.Implies):
            return _either(_negated(parts[0]), parts[1], self.arithmetic)
        if isinstance(prop, sp.Or):
            result = parts[0]
            for part in parts[1:]:
                result = _either(result, part, self.arithmetic)
            return result
        raise RequestError(f"a {type(prop).__name__} cannot be evaluated; write it with And, Or and Implies.")

    def _relation(self, prop: Boolean, frame: Frame) -> Margins:
        low, high = (prop.lts, prop.gts) if isinstance(prop, (sp.Le, sp.Lt, sp.Ge, sp.Gt)) else (prop.lhs, prop.rhs)
        left, right = self.value(low, frame), self.value(high, frame)
        margin, size = self._flat(right.value - left.value, frame), self._flat(right.size + left.size, frame)
        ratio = None
        if isinstance(prop, (sp.Le, sp.Lt, sp.Ge, sp.Gt)):
            ratio = (self._flat(left.value, frame), self._flat(right.value, frame))
        if isinstance(prop, sp.Eq):
            margin = -self.arithmetic.abs(margin)
        if isinstance(prop, sp.Ne):
            margin = self.arithmetic.abs(margin)
        return Margins(margin, size, isinstance(prop, (sp.Lt, sp.Gt, sp.Ne)), isinstance(prop, sp.Eq), ratio)

    def _flat(self, array: Array, frame: Frame) -> Array:
        """(B, positions that count)."""
        shape = (self.batch, *frame.mask.shape)
        if isinstance(self.arithmetic, TorchArithmetic):
            wide = torch.broadcast_to(array, shape).reshape(self.batch, -1)
            return wide[:, torch.as_tensor(frame.mask.reshape(-1), device=wide.device)]
        return np.broadcast_to(array, shape).reshape(self.batch, -1)[:, frame.mask.reshape(-1)]


@dataclass(frozen=True)
class Margins:
    """right - left of a statement at every position, shape (B, positions); it holds where all are ≥ 0 (> 0 if strict).

    `size` is what rounding is relative to; an equation has margin -|difference|. `sides` are left and right of an
    inequality, for tightness.
    """

    margin: Array
    size: Array
    strict: bool
    equation: bool = False
    sides: tuple[Array, Array] | None = None


def _joined(parts: Sequence[Margins]) -> Margins:
    cat = torch.cat if isinstance(parts[0].margin, torch.Tensor) else np.concatenate
    margin, size = cat([p.margin for p in parts], -1), cat([p.size for p in parts], -1)
    given = [p.sides for p in parts if p.sides is not None]
    sides = None
    if len(given) == len(parts):
        sides = cat([left for left, _ in given], -1), cat([right for _, right in given], -1)
    return Margins(margin, size, any(p.strict for p in parts), any(p.equation for p in parts), sides)


def _negated(part: Margins) -> Margins:
    return replace(part, margin=-part.margin, sides=None)


def _either(one: Margins, other: Margins, arithmetic: Arithmetic) -> Margins:
    """The better of two margins, each in its own unit; positions must match or be single."""
    better = one.margin * other.size > other.margin * one.size
    pick = torch.where if isinstance(one.margin, torch.Tensor) else np.where
    return Margins(pick(better, one.margin, other.margin), pick(better, one.size, other.size),
                   one.strict and other.strict, one.equation or other.equation)


def _total(arrays: Sequence[Array]) -> Array:
    result = arrays[0]
    for array in arrays[1:]:
        result = result + array
    return result


def _product(arrays: Sequence[Array]) -> Array:
    result = arrays[0]
    for array in arrays[1:]:
        result = result * array
    return result


def _arctan_one(arithmetic: Arithmetic) -> Array:
    with arithmetic.working():
        return arithmetic.array(flint.arb(1).atan())
