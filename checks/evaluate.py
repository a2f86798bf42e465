"""Evaluate a claim's own SymPy statements on batches of measured arrays, in floats, exact rationals or balls.

Nothing is typed a second time: sums over steps and coordinates, quantifiers and relations are read from the claim. Every
value has shape (B, s1, .., sk): the batch, then one axis for each index variable in scope (sum or quantifier). Beside
each value goes its magnitude, the same expression with every term made positive: rounding is measured against it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import flint
import numpy as np
import sympy as sp
import torch
from sympy.logic.boolalg import Boolean

from checks.arithmetic import Arithmetic, Array, RationalArithmetic, TorchArithmetic
from checks.errors import RequestError
from checks.margins import Margins, all_of, any_of, constant, exists, fold
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
        for name, array in self.measured.items():
            if isinstance(array, torch.Tensor) and not torch.isfinite(array).all():
                raise RequestError(f"{claim.id}: the measured {name} holds NaN or infinity; look for overflow or 0/0 in it.")
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
        lows, highs = (np.broadcast_to(end, frame.mask.shape)[frame.mask] for end in (low, high))
        if (highs < lows - 1).any():
            raise RequestError(f"the range of {variable} has a negative number of values.")
        values = np.arange(lows.min(), highs.max() + 1) if lows.size else np.arange(0)
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
        constants = {sp.pi: flint.arb.pi, sp.E: flint.arb.const_e}
        if isinstance(self.arithmetic, RationalArithmetic) or expr not in constants:
            raise RequestError(f"{expr} has no value in {self.arithmetic.name} arithmetic.")
        with self.arithmetic.working():
            return self.arithmetic.array(constants[expr]())

    def _calculus(self, expr: sp.Expr) -> sp.Expr:
        """The number an integral or a limit is, at the measured sizes, by mpmath."""
        sizes = {s: self.measured.get(s.name) for s in expr.free_symbols}
        if odd := [str(s) for s, value in sizes.items() if not isinstance(value, (int, np.integer))]:
            raise RequestError(f"{expr} depends on {', '.join(sorted(odd))}; only sizes, given as Python ints, may stand in it.")
        return _number_of(expr.subs(sizes))

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
        array: Any = self.measured.get(str(entry.base))
        lowers = self.lower.get(entry.base, [])
        if len(lowers) != len(entry.indices):
            raise RequestError(f"{entry.base} is not declared with {len(entry.indices)} index ranges; mend its Var.")
        if not hasattr(array, "shape") or len(array.shape) != 1 + len(entry.indices):
            raise RequestError(f"{entry.base} needs {len(entry.indices)} index axes after the batch axis.")
        places = []
        for index, lower, length in zip(entry.indices, lowers, array.shape[1:], strict=True):
            places.append(self._place(index, frame, sp.sympify(lower), length, entry))
        picked = array[(slice(None), *self._index(np.broadcast_arrays(*places)))]
        return Value(picked, self.arithmetic.abs(picked))

    def _place(self, index: sp.Expr, frame: Frame, lower: sp.Expr, length: int, expr: sp.Expr) -> np.ndarray:
        """Where on an axis of that length the index points; masked positions point somewhere harmless."""
        place = self.integer(index, frame) - self.integer(lower, frame)
        if (np.broadcast_to((place < 0) | (place >= length), frame.mask.shape) & frame.mask).any():
            raise RequestError(f"{expr} reaches outside the {length} measured values of its index.")
        return np.clip(place, 0, length - 1)

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
        if not hasattr(array, "shape") or len(array.shape) != 1 + len(inside):
            raise RequestError(f"{expr} needs shape (B{', n' * len(inside)}); axis n holds its index's values 1, 2, ...")
        places = np.broadcast_arrays(*[self._place(v, frame, sp.S.One, n, expr)
                                       for v, n in zip(inside, array.shape[1:], strict=True)]) if inside else []
        picked = array[(slice(None), *self._index(places))] if inside else array.reshape((-1,) + (1,) * frame.depth)
        return Value(picked, self.arithmetic.abs(picked))

    def _power(self, expr: sp.Pow, frame: Frame) -> Value:
        base = self.value(expr.base, frame)
        if expr.exp.is_Rational:
            return self._rational_power(base, Fraction(int(expr.exp.p), int(expr.exp.q)))
        exponent = expr.exp
        if not exponent.is_integer and (2 * exponent).is_integer:
            base, exponent = self._rational_power(base, Fraction(1, 2)), 2 * exponent
        if not exponent.is_integer:
            return self._real_power(base, self.value(exponent, frame))
        integers = np.where(frame.mask, self.integer(exponent, frame), 1)[None]
        if isinstance(self.arithmetic, TorchArithmetic):
            powers = torch.as_tensor(integers, device=self.arithmetic.device)
            value, distance = base.value**powers, self.arithmetic.abs(base.value)
            return Value(value, torch.where(powers < 0, -powers * value.abs() * base.size / distance, base.size**powers))
        with self.arithmetic.working():
            value = np.power(base.value, np.array(integers.tolist(), dtype=object).reshape(integers.shape))
        return Value(value, self.arithmetic.abs(value))

    def _real_power(self, base: Value, exponent: Value) -> Value:
        if not isinstance(self.arithmetic, TorchArithmetic):
            value = self.arithmetic.exp(self.arithmetic.log(base.value) * exponent.value)
            return Value(value, self.arithmetic.abs(value))
        value, logarithm = base.value**exponent.value, torch.where(base.value > 0, base.value, 1.0).log()
        relative = 1 + exponent.size * (logarithm.abs() + base.size / torch.where(base.value > 0, base.value, base.size + 1))
        return Value(value, value * relative)

    def _rational_power(self, base: Value, exponent: Fraction) -> Value:
        value, distance = self.arithmetic.power(base.value, exponent), self.arithmetic.abs(base.value)
        if not isinstance(self.arithmetic, TorchArithmetic):
            return Value(value, self.arithmetic.abs(value))  # nothing is rounded, so no magnitude is needed
        if exponent >= 1:
            return Value(value, base.size ** float(exponent))
        if exponent < 0:
            return Value(value, abs(float(exponent)) * self.arithmetic.abs(value) * base.size / distance)
        # A root's slope grows towards 0 until what it is taken of is lost in rounding.
        slope = self.arithmetic.maximum(distance, base.size * torch.finfo(self.arithmetic.dtype).eps) ** float(exponent - 1)
        return Value(value, self.arithmetic.where(base.size > 0, base.size * slope, base.size))

    def _function(self, expr: sp.Expr, args: list[Value]) -> Value:
        calls = {sp.log: self.arithmetic.log, sp.exp: self.arithmetic.exp, sp.Abs: self.arithmetic.abs,
                 sp.sign: self.arithmetic.sign, sp.gamma: self.arithmetic.gamma}
        if expr.func in calls:
            value = calls[expr.func](args[0].value)
            if expr.func is sp.Abs:
                return Value(value, args[0].size)
            if expr.func is sp.log:
                return Value(value, self.arithmetic.abs(value) + args[0].size / self.arithmetic.abs(args[0].value))
            if expr.func in (sp.exp, sp.gamma):  # relative error: the argument's absolute error
                return Value(value, self.arithmetic.abs(value) * (1 + args[0].size))
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
        """The statement's margin, at least zero where it holds: shape (B, positions), rounding measured in the same unit."""
        with self.arithmetic.working():
            return self._margins(prop, Frame({}, np.ones((), dtype=bool)), True).only_kept()

    def _margins(self, prop: Boolean, frame: Frame, wanted: bool) -> Margins:
        """Margins of the statement, or of its negation where it is not wanted: shape (B, *mask shape, positions)."""
        if prop in (sp.true, sp.false):
            shape = (self.batch, *frame.mask.shape, 1)
            return constant((prop is sp.true) == wanted, shape, frame.mask[..., None], self.arithmetic)
        if isinstance(prop, Always):
            inner = frame
            for variable, lower, upper in prop.limits:
                inner = self.open(variable, lower, upper, inner)
            body = self._margins(prop.body, inner, wanted)
            if not wanted:
                return exists(body, inner.mask, frame.mask, self.arithmetic)
            return fold(body, len(prop.limits))
        if isinstance(prop, (sp.Le, sp.Lt, sp.Ge, sp.Gt, sp.Eq, sp.Ne)):
            return self._relation(prop if wanted else sp.Not(prop), frame)
        if isinstance(prop, sp.Not):
            return self._margins(prop.args[0], frame, not wanted)
        if not isinstance(prop, (sp.And, sp.Or, sp.Implies)):
            raise RequestError(f"a {type(prop).__name__} cannot be evaluated; write it with And, Or, Not and Implies.")
        flipped = isinstance(prop, sp.Implies)
        parts = [self._margins(arg, frame, wanted != (flipped and k == 0)) for k, arg in enumerate(prop.args)]
        every = isinstance(prop, sp.And) == wanted
        return all_of(parts) if every else any_of(parts, frame.mask, self.arithmetic)

    def _relation(self, prop: Boolean, frame: Frame) -> Margins:
        ordered, equation = isinstance(prop, (sp.Le, sp.Lt, sp.Ge, sp.Gt)), isinstance(prop, sp.Eq)
        low, high = (prop.lts, prop.gts) if ordered else (prop.lhs, prop.rhs)
        left, right = self.value(low, frame), self.value(high, frame)
        margin, size = self._wide(right.value - left.value, frame), self._wide(right.size + left.size, frame)
        if not ordered:
            margin = self.arithmetic.abs(margin)
        marks = np.ones(tuple(margin.shape), dtype=bool)
        sides = (self._wide(left.value, frame), self._wide(right.value, frame)) if ordered else None
        return Margins(-margin if equation else margin, size, marks & isinstance(prop, (sp.Lt, sp.Gt, sp.Ne)),
                       marks & equation, sides, frame.mask[..., None])

    def _wide(self, array: Array, frame: Frame) -> Array:
        """(B, *mask shape, 1): one position."""
        shape = (self.batch, *frame.mask.shape)
        wide = torch.broadcast_to if isinstance(array, torch.Tensor) else np.broadcast_to
        return wide(array, shape)[..., None]


@functools.cache
def _number_of(expr: sp.Expr) -> sp.Expr:
    """An integral, or a limit seen from very near, to 30 digits; remembered, for every batch asks for it again."""
    if isinstance(expr, sp.Limit):
        body, variable, point = expr.args[:3]
        return sp.N(body.subs(variable, FAR if point == sp.oo else point + sp.Rational(1, FAR)), 30)
    return sp.N(expr, 30)


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

