"""How far a point is from being a KKT point of min f over the box ||x||_inf <= 1 / weight_decay.

Both measures use only operators, abs and sums, so they act alike on torch tensors and on numpy arrays of
floats, exact rationals or balls. Shapes: x and grad (..., d); weight_decay a number or an array of the
leading shape.
"""

from __future__ import annotations

from typing import Any

Array = Any


def kkt_score(x: Array, grad: Array, weight_decay: Any) -> Array:
    """S(x) = ||g||_1 + lambda <x, g>, shape (...).

    Within the box S >= 0, S = 0 exactly at KKT points, and for convex f it certifies f(x) - min <= S /
    lambda. Source: introduction of arXiv 2505.11840.
    """
    return _terms(x, grad, _column(weight_decay)).sum(-1)


def kkt_residual(x: Array, grad: Array, weight_decay: Any) -> Array:
    """sum_i max(lambda |x_i| - 1, 0) + sum_i | |g_i| + lambda x_i g_i |, shape (...).

    Zero exactly at KKT points, inside the box or not: the first sum is how far x leaves the box (in units of
    its radius), the second, within the box equal to S(x), has the gradient's units. It is the total violation
    of complementarity with the multipliers mu_plus = max(-g, 0), mu_minus = max(g, 0), which make
    stationarity exact.
    """
    scale = _column(weight_decay)
    excess = abs(scale * x) - 1
    outside = (excess + abs(excess)) / 2  # max(excess, 0), written so that every kind of number has it
    return outside.sum(-1) + abs(_terms(x, grad, scale)).sum(-1)


def _terms(x: Array, grad: Array, scale: Any) -> Array:
    return abs(grad) + scale * x * grad


def _column(weight_decay: Any) -> Any:
    """A number as it is; an array with a last axis of length one, to meet the coordinates."""
    return weight_decay[..., None] if getattr(weight_decay, "ndim", 0) else weight_decay
