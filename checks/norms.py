"""Norms with their duals and steepest directions: <g, steepest(g)> = dual(g) and norm(steepest(g)) <= 1.

Every method takes an array of shape (..., d) of any arithmetic (torch, rationals, balls) and works on the
last axis. `norm` and `dual` return shape (...), `steepest` returns (..., d). At ties one maximiser is chosen,
and at g = 0 it is 0. For balls the equality holds up to their widths.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Protocol

from checks.arithmetic import Arithmetic, Array, arithmetic_of, exact, quotient
from checks.errors import RequestError
from checks.partition import Partition


class Norm(Protocol):
    def norm(self, x: Array) -> Array: ...

    def dual(self, g: Array) -> Array:
        """The maximum of <g, D> over norm(D) <= 1."""

    def steepest(self, g: Array) -> Array:
        """A D that attains `dual(g)`."""


class L1:
    """Sum of absolute values; steepest descent moves one coordinate of largest slope."""

    def norm(self, x: Array) -> Array:
        ops = arithmetic_of(x)
        return ops.sum(ops.abs(x), -1)

    def dual(self, g: Array) -> Array:
        return LInf().norm(g)

    def steepest(self, g: Array) -> Array:
        ops = arithmetic_of(g)
        return ops.one_largest(ops.abs(g)) * ops.sign(g)


class LInf:
    """Largest absolute value; steepest descent is sign descent."""

    def norm(self, x: Array) -> Array:
        ops = arithmetic_of(x)
        return ops.amax(ops.abs(x), -1)

    def dual(self, g: Array) -> Array:
        return L1().norm(g)

    def steepest(self, g: Array) -> Array:
        return arithmetic_of(g).sign(g)


class L2:
    """Euclidean norm; steepest descent is normalised gradient descent."""

    def norm(self, x: Array) -> Array:
        return _root_mean_square(x, arithmetic_of(x), 1)

    def dual(self, g: Array) -> Array:
        return self.norm(g)

    def steepest(self, g: Array) -> Array:
        ops = arithmetic_of(g)
        scaled = g / ops.magnitude(g)
        return quotient(scaled, self.norm(scaled)[..., None], ops)


class Lp:
    """(sum |x_i|^p)^(1/p) for 1 < p < infinity; the dual exponent q has 1/p + 1/q = 1."""

    def __init__(self, p: Any) -> None:
        if p in (1, float("inf")):
            better = "L1()" if p == 1 else "LInf()"
            raise RequestError(f"Lp needs 1 < p < infinity, not {p}: use {better} instead.")
        self.p = exact(p)
        if self.p <= 1:
            raise RequestError(f"Lp needs 1 < p < infinity, not {p}: below 1 it is no norm.")
        self.q = self.p / (self.p - 1)

    def norm(self, x: Array) -> Array:
        return _power_norm(x, self.p)

    def dual(self, g: Array) -> Array:
        return _power_norm(g, self.q)

    def steepest(self, g: Array) -> Array:
        # D_i = sign(g_i) (|g_i| / ||g||_q)^(q-1), the equality case of Hoelder's inequality.
        ops = arithmetic_of(g)
        scaled = g / ops.magnitude(g)
        share = quotient(ops.abs(scaled), _power_norm(scaled, self.q)[..., None], ops)
        return ops.sign(g) * ops.power(share, self.q - 1)


class BlockNorm:
    """max_b ||x_b||_2 / sqrt(d_b) over the blocks of a partition; its dual is sum_b sqrt(d_b) ||g_b||_2."""

    def __init__(self, blocks: Any) -> None:
        self.partition = blocks if isinstance(blocks, Partition) else Partition(blocks)

    def norm(self, x: Array) -> Array:
        ops = arithmetic_of(x)
        return self.partition.largest(x, lambda b: _root_mean_square(b, ops, b.shape[-1]), ops)

    def dual(self, g: Array) -> Array:
        # sqrt(d_b) ||g_b||_2 = d_b times the block's root mean square, which stays rational where that is.
        ops = arithmetic_of(g)
        return self.partition.total(g, lambda b: _root_mean_square(b, ops, b.shape[-1]) * b.shape[-1], ops)

    def steepest(self, g: Array) -> Array:
        ops = arithmetic_of(g)
        scaled = g / self.partition.spread(g, lambda b: ops.magnitude(b)[..., 0], ops)
        sizes = self.partition.spread(scaled, lambda b: _root_mean_square(b, ops, b.shape[-1]), ops)
        return quotient(scaled, sizes, ops)


def _root_mean_square(x: Array, ops: Arithmetic, count: int) -> Array:
    """sqrt(sum x^2 / count) along the last axis, without overflow or underflow of the squares."""
    scale = ops.magnitude(x)
    scaled = x / scale
    return scale[..., 0] * ops.sqrt(ops.sum(scaled * scaled, -1) / count)


def _power_norm(x: Array, p: Fraction) -> Array:
    ops = arithmetic_of(x)
    scale = ops.magnitude(x)
    total = ops.sum(ops.power(ops.abs(x / scale), p), -1)
    return scale[..., 0] * ops.power(total, 1 / p)
