"""One piece of code, three kinds of numbers: torch floats in bulk, exact rationals, and rigorous balls.

An `Arithmetic` makes arrays and supplies the functions that are not operators. Rationals and balls live in
numpy object arrays (of `flint.fmpq` and `flint.arb`), so `+ - * /`, comparisons and indexing look the same in
all three. A comparison of balls is true only when it is certain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, Protocol

import flint
import numpy as np
import torch

from checks.errors import RequestError

Array = Any  # torch.Tensor, or numpy.ndarray with dtype object


class Arithmetic(Protocol):
    """What an engine needs besides the arrays' own operators. All functions act element by element."""

    name: str

    def array(self, values: Any) -> Array:
        """Numbers, 'p/q' strings, nested lists, numpy arrays or tensors; a float keeps its exact value."""

    def zeros(self, shape: Sequence[int]) -> Array: ...
    def full(self, shape: Sequence[int], value: Any) -> Array: ...
    def sqrt(self, a: Array) -> Array: ...
    def log(self, a: Array) -> Array: ...
    def exp(self, a: Array) -> Array: ...
    def abs(self, a: Array) -> Array: ...
    def sign(self, a: Array) -> Array:
        """-1, 0 or 1 (for a ball around zero: the ball [-1, 1])."""

    def gamma(self, a: Array) -> Array:
        """The Gamma function at positive arguments."""

    def maximum(self, a: Array, b: Array) -> Array: ...
    def minimum(self, a: Array, b: Array) -> Array: ...
    def where(self, condition: Array, a: Array, b: Array) -> Array: ...
    def power(self, a: Array, n: Any) -> Array:
        """a to a constant n (int, float or Fraction); a fractional n needs a >= 0."""

    def sum(self, a: Array, axis: int) -> Array: ...
    def amax(self, a: Array, axis: int) -> Array: ...
    def stack(self, arrays: Sequence[Array], axis: int) -> Array: ...
    def magnitude(self, a: Array) -> Array:
        """Positive scale of each row (last axis kept, length 1): dividing by it keeps powers in range."""

    def one_largest(self, a: Array) -> Array:
        """1 at one largest entry of each row (last axis), 0 elsewhere."""

    def to_float(self, a: Array) -> np.ndarray:
        """Float64 copy on the CPU: nearest double of a rational, midpoint of a ball."""

    def working(self) -> Any:
        """Context manager: inside it the arrays' own operators work at this arithmetic's precision."""


def exact(value: Any) -> Fraction:
    """The exact rational value of one finite number (int, float, Fraction, fmpq, SymPy rational, 'p/q')."""
    try:
        if isinstance(value, (bool, int, float, str, Fraction)):
            return Fraction(value)
        if isinstance(value, np.generic):
            return Fraction(value.item())
        return Fraction(int(value.p), int(value.q))
    except (ValueError, OverflowError, AttributeError, ZeroDivisionError, TypeError):
        message = f"{value!r} is not a finite number: give an int, a float or a string such as '1/3'."
        raise RequestError(message) from None


def quotient(a: Array, b: Array, arithmetic: Arithmetic) -> Array:
    """a/b with 0/0 = 0, the choice that makes m/sqrt(v) the sign function when v = m^2."""
    both_zero = (a == 0) & (b == 0)
    return a / arithmetic.where(both_zero, b + 1, b)


def arithmetic_of(a: Array) -> Arithmetic:
    """The arithmetic an array belongs to; balls come back at flint's current precision."""
    if isinstance(a, torch.Tensor):
        return TorchArithmetic(a.device, a.dtype)
    if isinstance(a, np.ndarray) and a.dtype == object and a.size:
        return BallArithmetic(flint.ctx.prec) if isinstance(a.flat[0], flint.arb) else RationalArithmetic()
    raise RequestError("The array comes from no arithmetic: make it with torch or arithmetic.array(...).")


class TorchArithmetic:
    """Floating point on any torch device; rounding is the dtype's."""

    name = "torch"

    def __init__(self, device: str | torch.device = "cpu", dtype: torch.dtype = torch.float64) -> None:
        self.device = _device(device)
        self.dtype = dtype

    def array(self, values: Any) -> torch.Tensor:
        if not isinstance(values, torch.Tensor):
            given = np.asarray(values)
            if given.dtype.kind not in "fiub":
                given = _elementwise(lambda value: float(_plain(value)))(_objects(values)).astype(np.float64)
            values = given
        return torch.as_tensor(values, dtype=self.dtype, device=self.device)

    def zeros(self, shape: Sequence[int]) -> torch.Tensor:
        return torch.zeros(tuple(shape), dtype=self.dtype, device=self.device)

    def full(self, shape: Sequence[int], value: Any) -> torch.Tensor:
        return self.zeros(shape) + self.array(value)

    sqrt, log, exp = staticmethod(torch.sqrt), staticmethod(torch.log), staticmethod(torch.exp)
    abs, sign = staticmethod(torch.abs), staticmethod(torch.sign)

    def gamma(self, a: torch.Tensor) -> torch.Tensor:
        return torch.exp(torch.special.gammaln(a))

    def maximum(self, a: Any, b: Any) -> torch.Tensor:
        return torch.maximum(self.array(a), self.array(b))

    def minimum(self, a: Any, b: Any) -> torch.Tensor:
        return torch.minimum(self.array(a), self.array(b))

    def where(self, condition: torch.Tensor, a: Any, b: Any) -> torch.Tensor:
        return torch.where(condition, self.array(a), self.array(b))

    def power(self, a: torch.Tensor, n: Any) -> torch.Tensor:
        return a ** float(n)

    def sum(self, a: torch.Tensor, axis: int) -> torch.Tensor:
        return a.sum(dim=axis)

    def amax(self, a: torch.Tensor, axis: int) -> torch.Tensor:
        return a.amax(dim=axis)

    def stack(self, arrays: Sequence[torch.Tensor], axis: int) -> torch.Tensor:
        return torch.stack(list(arrays), dim=axis)

    def magnitude(self, a: torch.Tensor) -> torch.Tensor:
        largest = a.abs().amax(dim=-1, keepdim=True)
        return torch.where(largest == 0, torch.ones_like(largest), largest)

    def one_largest(self, a: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(a).scatter_(-1, a.argmax(dim=-1, keepdim=True), 1.0)

    def to_float(self, a: torch.Tensor) -> np.ndarray:
        return a.detach().to("cpu", torch.float64).numpy()

    @contextmanager
    def working(self) -> Iterator[None]:
        yield


class _ObjectArithmetic:
    """What rationals and balls share: numpy object arrays and functions lifted from one element."""

    def array(self, values: Any) -> np.ndarray:
        if isinstance(values, torch.Tensor):
            values = values.detach().cpu().numpy()
        return _elementwise(self.element)(_objects(values))

    def element(self, value: Any) -> Any:
        """One number of this arithmetic; each subclass says how it reads one."""
        raise NotImplementedError

    def zeros(self, shape: Sequence[int]) -> np.ndarray:
        return self.full(shape, 0)

    def full(self, shape: Sequence[int], value: Any) -> np.ndarray:
        out = np.empty(tuple(shape), dtype=object)
        out[...] = self.array(value)
        return out

    def abs(self, a: np.ndarray) -> np.ndarray:
        return _elementwise(abs)(a)

    def where(self, condition: Any, a: Any, b: Any) -> np.ndarray:
        return np.where(np.asarray(condition, dtype=bool), self.array(a), self.array(b))

    def sum(self, a: np.ndarray, axis: int) -> np.ndarray:
        return np.asarray(np.sum(a, axis=axis), dtype=object)

    def stack(self, arrays: Sequence[np.ndarray], axis: int) -> np.ndarray:
        return np.stack(list(arrays), axis=axis)

    def magnitude(self, a: np.ndarray) -> np.ndarray:
        # Neither rationals nor balls overflow, so no rescaling is needed.
        return self.full((*a.shape[:-1], 1), 1)

    def one_largest(self, a: np.ndarray) -> np.ndarray:
        rows = a.reshape(-1, a.shape[-1])
        out = self.zeros(rows.shape)
        for row, marks in zip(rows, out, strict=True):
            keys = [self.sort_key(value) for value in row]
            marks[keys.index(max(keys))] = self.element(1)
        return out.reshape(a.shape)

    def sort_key(self, value: Any) -> Any:
        return value


class RationalArithmetic(_ObjectArithmetic):
    """Exact rationals (`flint.fmpq`); refuses every function whose value is not rational."""

    name = "rational"

    def element(self, value: Any) -> flint.fmpq:
        if isinstance(value, flint.fmpq):
            return value
        if isinstance(value, flint.arb):
            raise RequestError("A ball is no exact number: convert its midpoint with to_float first.")
        fraction = exact(value)
        return flint.fmpq(fraction.numerator, fraction.denominator)

    def sqrt(self, a: np.ndarray) -> np.ndarray:
        return _elementwise(_rational_sqrt)(a)

    def log(self, a: np.ndarray) -> np.ndarray:
        return _elementwise(_only_at(1, 0, "log"))(a)

    def exp(self, a: np.ndarray) -> np.ndarray:
        return _elementwise(_only_at(0, 1, "exp"))(a)

    def sign(self, a: np.ndarray) -> np.ndarray:
        return _elementwise(lambda value: flint.fmpq((value > 0) - (value < 0)))(a)

    def gamma(self, a: np.ndarray) -> np.ndarray:
        return _elementwise(_rational_gamma)(a)

    def maximum(self, a: Any, b: Any) -> np.ndarray:
        return _pairwise(max)(self.array(a), self.array(b))

    def minimum(self, a: Any, b: Any) -> np.ndarray:
        return _pairwise(min)(self.array(a), self.array(b))

    def power(self, a: np.ndarray, n: Any) -> np.ndarray:
        exponent = exact(n)
        if exponent.denominator == 2:
            return self.power(self.sqrt(a), exponent.numerator)
        if exponent.denominator != 1:
            raise RequestError(f"The power {n} of a rational need not be rational: use ball arithmetic.")
        return _elementwise(lambda value: value**exponent.numerator)(a)

    def amax(self, a: np.ndarray, axis: int) -> np.ndarray:
        return np.asarray(np.max(a, axis=axis), dtype=object)

    def to_float(self, a: np.ndarray) -> np.ndarray:
        return _elementwise(lambda value: int(value.p) / int(value.q))(a).astype(np.float64)

    @contextmanager
    def working(self) -> Iterator[None]:
        yield


class BallArithmetic(_ObjectArithmetic):
    """Rigorous enclosures (`flint.arb`): the true value always lies in the ball.

    The arrays' own operators round at flint's global precision, and `with arithmetic.working():` sets it to
    `bits`. Outside it they still enclose the truth, only less tightly.
    """

    name = "ball"

    def __init__(self, bits: int = 256) -> None:
        if bits < 2:
            raise RequestError(f"Ball arithmetic needs a precision of at least 2 bits, not {bits}.")
        self.bits = bits

    def element(self, value: Any) -> flint.arb:
        if isinstance(value, flint.arb):
            return value
        fraction = exact(value)
        with self.working():
            return flint.arb(flint.fmpq(fraction.numerator, fraction.denominator))

    def _lift(self, function: Callable[..., Any], *arrays: np.ndarray) -> np.ndarray:
        with self.working():
            lifted = _elementwise(function) if len(arrays) == 1 else _pairwise(function)
            return lifted(*arrays)

    def sqrt(self, a: np.ndarray) -> np.ndarray:
        return self._lift(flint.arb.sqrt, a)

    def log(self, a: np.ndarray) -> np.ndarray:
        return self._lift(flint.arb.log, a)

    def exp(self, a: np.ndarray) -> np.ndarray:
        return self._lift(flint.arb.exp, a)

    def sign(self, a: np.ndarray) -> np.ndarray:
        return self._lift(flint.arb.sgn, a)

    def gamma(self, a: np.ndarray) -> np.ndarray:
        return self._lift(flint.arb.gamma, a)

    def maximum(self, a: Any, b: Any) -> np.ndarray:
        return self._lift(flint.arb.max, self.array(a), self.array(b))

    def minimum(self, a: Any, b: Any) -> np.ndarray:
        return self._lift(flint.arb.min, self.array(a), self.array(b))

    def power(self, a: np.ndarray, n: Any) -> np.ndarray:
        exponent = exact(n)
        if exponent.denominator == 1:
            return self._lift(lambda value: value**exponent.numerator, a)
        ball = self.element(exponent)
        return self._lift(lambda value: flint.arb(0) if exponent > 0 and value == 0 else value**ball, a)

    def sum(self, a: np.ndarray, axis: int) -> np.ndarray:
        with self.working():
            return super().sum(a, axis)

    def amax(self, a: np.ndarray, axis: int) -> np.ndarray:
        with self.working():
            return np.asarray(np.frompyfunc(flint.arb.max, 2, 1).reduce(a, axis=axis), dtype=object)

    def sort_key(self, value: flint.arb) -> Fraction:
        # A ball's midpoint is a dyadic rational, so the order is exact.
        mantissa, exponent = value.mid().man_exp()
        return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)

    def to_float(self, a: np.ndarray) -> np.ndarray:
        return _elementwise(lambda value: float(value.mid()))(a).astype(np.float64)

    @contextmanager
    def working(self) -> Iterator[None]:
        before = flint.ctx.prec
        flint.ctx.prec = self.bits
        try:
            yield
        finally:
            flint.ctx.prec = before


def _device(device: str | torch.device) -> torch.device:
    try:
        chosen = torch.device(device)
    except RuntimeError:
        raise RequestError(f"{device!r} is no device torch knows: use 'cpu' or 'cuda'.") from None
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise RequestError("This machine has no CUDA device that torch can use: choose the device 'cpu'.")
    return chosen


def _objects(values: Any) -> np.ndarray:
    # Each element as it was given: without dtype=object numpy would turn [0.1, '1/3'] into strings.
    return np.asarray(values, dtype=object)


def _elementwise(function: Callable[[Any], Any]) -> Callable[[np.ndarray], np.ndarray]:
    lifted = np.frompyfunc(function, 1, 1)
    # asarray: numpy hands back a bare scalar for a zero-dimensional input.
    return lambda a: np.asarray(lifted(a), dtype=object)


def _pairwise(function: Callable[[Any, Any], Any]) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    lifted = np.frompyfunc(function, 2, 1)
    return lambda a, b: np.asarray(lifted(a, b), dtype=object)


def _plain(value: Any) -> Any:
    return value.mid() if isinstance(value, flint.arb) else exact(value)


def _rational_sqrt(value: flint.fmpq) -> flint.fmpq:
    p, q = int(value.p), int(value.q)
    if p < 0 or math.isqrt(p) ** 2 != p or math.isqrt(q) ** 2 != q:
        raise RequestError(f"sqrt({value}) is not rational: use ball arithmetic for this computation.")
    return flint.fmpq(math.isqrt(p), math.isqrt(q))


def _rational_gamma(value: flint.fmpq) -> flint.fmpq:
    if value.q != 1 or value < 1:
        raise RequestError(f"gamma({value}) is exact only at positive integers: use ball arithmetic.")
    return flint.fmpq(math.factorial(int(value.p) - 1))


def _only_at(argument: int, result: int, name: str) -> Callable[[flint.fmpq], flint.fmpq]:
    def evaluate(value: flint.fmpq) -> flint.fmpq:
        if value != argument:
            raise RequestError(f"{name}({value}) is not rational: use ball arithmetic for this computation.")
        return flint.fmpq(result)

    return evaluate
