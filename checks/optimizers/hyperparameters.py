"""Hyperparameters as columns: one number, or one value a problem, made to broadcast over (B, d)."""

from __future__ import annotations

import math
from typing import Any

import flint
import numpy as np
import torch

from checks.arithmetic import Arithmetic, Array, BallArithmetic, RationalArithmetic
from checks.errors import RequestError

# What each hyperparameter may be: a sentence's end, and a test of the smallest and largest value.
BELOW_ONE = ("lie in [0, 1)", lambda low, high: 0 <= low and high < 1)
UP_TO_ONE = ("lie in [0, 1]", lambda low, high: 0 <= low and high <= 1)
NOT_NEGATIVE = ("be zero or more", lambda low, high: 0 <= low)
RANGES = {
    "lr": NOT_NEGATIVE,
    "beta1": BELOW_ONE,
    "beta2": BELOW_ONE,
    "tau": UP_TO_ONE,
    "eps": NOT_NEGATIVE,
    "weight_decay": NOT_NEGATIVE,
    "momentum": BELOW_ONE,
    "dampening": UP_TO_ONE,
}


def check_range(name: str, value: Any) -> None:
    """Refuses NaN, infinity, an empty array and anything outside the range of `name`; a callable passes."""
    if value is None:
        raise RequestError(f"{name} is None: give one number, or one for each problem.")
    if callable(value):
        return
    low, high = _extremes(name, value)
    sentence, inside = RANGES[name]
    if not inside(low, high):
        raise RequestError(f"{name} must {sentence}, not {low if low < 0 else high}.")


def reaches_one(name: str, value: Any) -> bool:
    """True where some problem's value is one or more."""
    return bool(_extremes(name, value)[1] >= 1)


def _extremes(name: str, value: Any) -> tuple[Any, Any]:
    if isinstance(value, (bool, int, float)):
        if not math.isfinite(value):
            raise RequestError(f"{name} must be a finite number, not {value}.")
        return value, value
    array = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
    if array.size == 0:
        raise RequestError(f"{name} is empty: give one number, or one for each problem.")
    if array.dtype == object and isinstance(array.flat[0], flint.arb):
        array = BallArithmetic().to_float(array)  # midpoints: a range is about what was asked for, not its last bit
    if array.dtype.kind not in "fiu":
        array = _rationals(name, value)
    elif not np.isfinite(array).all():
        raise RequestError(f"{name} must be finite: it holds NaN or infinity.")
    return array.min(), array.max()


def _rationals(name: str, value: Any) -> np.ndarray:
    try:
        return RationalArithmetic().array(value)
    except RequestError as error:
        raise RequestError(f"{name} cannot be read: {error}") from None


def column(name: str, value: Any, batch: int, arithmetic: Arithmetic) -> Array:
    """A number as shape (1, 1), one value a problem as (B, 1)."""
    array = arithmetic.array(value)
    if array.ndim > 1 or (array.ndim == 1 and array.shape[0] not in (1, batch)):
        raise RequestError(
            f"{name} has shape {tuple(array.shape)} but x0 holds {batch} problems: give one or {batch}."
        )
    return array.reshape(-1, 1)


class Schedule:
    """The step size eta_t as a column: from a number, (B,), (B, T), (1, T), or a callable of t.

    t counts from 1; a callable may return a number or shape (B,).
    """

    def __init__(self, lr: Any, batch: int, arithmetic: Arithmetic) -> None:
        check_range("lr", lr)
        self._lr = lr
        self._batch = batch
        self._arithmetic = arithmetic
        self._table = None if callable(lr) else self._as_table(arithmetic.array(lr))

    def _as_table(self, lr: Array) -> Array:
        if lr.ndim < 2:
            return column("lr", lr, self._batch, self._arithmetic)
        if lr.ndim == 2 and lr.shape[0] in (1, self._batch):
            return lr
        raise RequestError(
            f"lr has shape {tuple(lr.shape)} but x0 holds {self._batch} problems: give (problems, steps)."
        )

    def at(self, t: int) -> Array:
        if self._table is None:
            value = self._lr(t)
            check_range("lr", value)
            return column("lr", value, self._batch, self._arithmetic)
        steps = self._table.shape[1]
        if steps == 1:
            return self._table
        if t > steps:
            raise RequestError(f"lr holds {steps} steps but step {t} was asked for: give a longer schedule.")
        return self._table[:, t - 1 : t]
