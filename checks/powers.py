"""Powers of measured arrays, and how rough rounding leaves them."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
import torch

from checks.arithmetic import Arithmetic, Array, TorchArithmetic


class Value(NamedTuple):
    """An array and the magnitude its rounding errors are relative to."""

    value: Array
    size: Array


def integer_power(base: Value, exponents: np.ndarray, arithmetic: Arithmetic) -> Value:
    """Integers as exponents, which may differ from place to place."""
    if isinstance(arithmetic, TorchArithmetic):
        powers = torch.as_tensor(exponents, device=arithmetic.device)
        value, distance = base.value**powers, arithmetic.abs(base.value)
        inverted = -powers * value.abs() * base.size / distance
        return Value(value, torch.where(powers < 0, inverted, base.size**powers))
    integers = np.array(exponents.tolist(), dtype=object).reshape(exponents.shape)
    with arithmetic.working():
        value = np.power(base.value, integers)
    return Value(value, arithmetic.abs(value))


def real_power(base: Value, exponent: Value, arithmetic: Arithmetic) -> Value:
    """Any exponent; the base must not be negative."""
    if not isinstance(arithmetic, TorchArithmetic):
        value = arithmetic.exp(arithmetic.log(base.value) * exponent.value)
        return Value(value, arithmetic.abs(value))
    positive = base.value > 0
    value, logarithm = base.value**exponent.value, torch.where(positive, base.value, 1.0).log()
    rough = base.size / torch.where(positive, base.value, base.size + 1)
    return Value(value, value * (1 + exponent.size * (logarithm.abs() + rough)))


def rational_power(base: Value, exponent: Fraction, arithmetic: Arithmetic) -> Value:
    """One rational exponent, the same everywhere."""
    value, distance = arithmetic.power(base.value, exponent), arithmetic.abs(base.value)
    if not isinstance(arithmetic, TorchArithmetic):
        return Value(value, arithmetic.abs(value))  # nothing is rounded: no magnitude is needed
    if exponent >= 1:
        return Value(value, base.size ** float(exponent))
    if exponent < 0:
        return Value(value, -float(exponent) * arithmetic.abs(value) * base.size / distance)
    # A root's slope grows towards 0 until what it is taken of is lost in rounding.
    lost = base.size * torch.finfo(arithmetic.dtype).eps
    slope = arithmetic.maximum(distance, lost) ** float(exponent - 1)
    return Value(value, arithmetic.where(base.size > 0, base.size * slope, base.size))
