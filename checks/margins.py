"""How far a statement is from failing, position by position, and the logic of `all` and `any` over such margins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from checks.arithmetic import Arithmetic, Array


@dataclass(frozen=True)
class Margins:
    """right - left of a statement at every position; it holds where all are ≥ 0 (> 0 at strict positions).

    margin, size: shape (B, positions), of the arithmetic they were computed in; rounding is relative to `size`.
    strict, equation: bool arrays of that shape; an equation has margin -|difference|. `sides` are left and right of an
    inequality, for tightness. While a statement is still being read, axes for the index variables in scope stand
    between the batch and the positions, and `kept` (without batch axis) tells which positions count.
    """

    margin: Array
    size: Array
    strict: np.ndarray
    equation: np.ndarray
    sides: tuple[Array, Array] | None
    kept: np.ndarray

    def relative(self) -> np.ndarray:
        """Margins in units of the terms' size, float64; 0 ≤ 0 and 0 = 0 are exact, not close, so they get 1."""
        margin, size = as_numpy(self.margin), as_numpy(self.size)
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = np.where(size > 0, margin / size, np.where(margin < 0, -1.0, 0.0))
        return np.where((size == 0) & (margin == 0) & ~self.strict, 1.0, relative)

    def satisfied(self, tolerance: float) -> np.ndarray:
        """Instances that hold up to rounding, shape (B,); a strict inequality must hold as computed."""
        relative = self.relative()
        return np.asarray(np.where(self.strict, relative > 0, relative >= -tolerance).all(axis=1))

    def clear(self, tolerance: float) -> np.ndarray:
        """Instances rounding cannot have decided, shape (B,): inequalities beyond it, equations within it."""
        relative = self.relative()
        return np.asarray(np.where(self.equation, relative >= -tolerance, relative > tolerance).all(axis=1))

    def standing(self) -> np.ndarray:
        """2 where the position certainly holds, 0 where it certainly fails, 1 where its ball or NaN cannot say."""
        margin = as_numpy(self.margin) if isinstance(self.margin, torch.Tensor) else self.margin
        holds = np.where(self.strict, _certain(margin > 0), _certain(margin >= 0))
        fails = np.where(self.strict, _certain(margin <= 0), _certain(margin < 0))
        return np.where(holds, 2, np.where(fails, 0, 1))

    def map(self, change: Any) -> Margins:
        """`change` applied to every array with a batch axis."""
        sides = None if self.sides is None else (change(self.sides[0]), change(self.sides[1]))
        return Margins(change(self.margin), change(self.size), change(self.strict), change(self.equation), sides, self.kept)

    def only_kept(self) -> Margins:
        """The positions that count, once no index variable is left in scope."""
        columns = np.flatnonzero(self.kept)
        return replace(self.map(lambda a: a[:, _like(columns, a)]), kept=self.kept[columns])


def constant(holds: bool, shape: Sequence[int], kept: np.ndarray, arithmetic: Arithmetic) -> Margins:
    """A statement that is simply true or false, as far from the other as can be."""
    margin, no = arithmetic.full(shape, 1 if holds else -1), np.zeros(tuple(shape), dtype=bool)
    return Margins(margin, arithmetic.full(shape, 1), no, no, None, kept)


def all_of(parts: Sequence[Margins]) -> Margins:
    """Every part: positions side by side."""
    sides = None
    if all(p.sides is not None for p in parts):
        sides = tuple(_cat([p.sides[k] for p in parts]) for k in (0, 1))  # type: ignore[index]
    return Margins(_cat([p.margin for p in parts]), _cat([p.size for p in parts]), _cat([p.strict for p in parts]),
                   _cat([p.equation for p in parts]), sides, _cat([p.kept for p in parts]))


def any_of(parts: Sequence[Margins], mask: np.ndarray, arithmetic: Arithmetic) -> Margins:
    """At least one part: of each part the worst position, of these the best. `mask`: what counts of the scope."""
    worst = [_extreme(part, arithmetic, worst=True) for part in parts]
    return replace(_extreme(all_of(worst), arithmetic, worst=False), kept=mask[..., None])


def exists(part: Margins, inner: np.ndarray, outer: np.ndarray, arithmetic: Arithmetic) -> Margins:
    """At least one value of the index variables that the scope with mask `inner` has more than that with `outer`."""
    worst = replace(_extreme(part, arithmetic, worst=True), kept=inner[..., None])
    return replace(_extreme(fold(worst, inner.ndim - outer.ndim), arithmetic, worst=False), kept=outer[..., None])


def fold(part: Margins, opened: int) -> Margins:
    """The last `opened` index axes become positions: the statement is wanted at all of their values."""

    def merged(array: Any) -> Any:
        cut = array.ndim - opened - 1
        return array.reshape((*array.shape[:cut], math.prod(array.shape[cut:])))

    return replace(part.map(merged), kept=merged(part.kept))


def _extreme(part: Margins, arithmetic: Arithmetic, worst: bool) -> Margins:
    """One position out of all: of the kept ones the worst, or the best; over none, all is true and any is false."""
    kept = np.broadcast_to(part.kept, part.strict.shape)
    empty = constant(worst, part.strict.shape[:-1] + (1,), np.ones((*part.kept.shape[:-1], 1), dtype=bool), arithmetic)
    if not part.strict.shape[-1]:
        return empty
    with np.errstate(invalid="ignore", divide="ignore"):
        size = arithmetic.to_float(part.size)
        share = np.nan_to_num(arithmetic.to_float(part.margin) / np.where(size > 0, size, 1.0), nan=0.0)
    key = 4.0 * part.standing() + np.clip(share, -1, 1)  # standing first, then distance
    place = np.where(kept, key, np.inf if worst else -np.inf)
    place = (place.argmin(-1) if worst else place.argmax(-1))[..., None]
    chosen = replace(part.map(lambda a: _take(a, place)), sides=None)
    none = np.asarray(~kept.any(-1, keepdims=True))
    return Margins(arithmetic.where(_like(none, chosen.margin), empty.margin, chosen.margin),
                   arithmetic.where(_like(none, chosen.size), empty.size, chosen.size),
                   chosen.strict & ~none, chosen.equation & ~none, None, empty.kept)


def _take(array: Any, place: np.ndarray) -> Any:
    if isinstance(array, torch.Tensor):
        return torch.take_along_dim(array, _like(place, array), -1)
    return np.take_along_axis(array, place, -1)


def _like(array: np.ndarray, other: Any) -> Any:
    return torch.as_tensor(array, device=other.device) if isinstance(other, torch.Tensor) else array


def _cat(arrays: Sequence[Any]) -> Any:
    return torch.cat(list(arrays), -1) if isinstance(arrays[0], torch.Tensor) else np.concatenate(arrays, -1)


def _certain(comparison: Any) -> np.ndarray:
    return np.asarray(comparison, dtype=bool)


def as_numpy(array: Any) -> np.ndarray:
    """Float64 copy on the CPU."""
    return array.detach().cpu().double().numpy() if isinstance(array, torch.Tensor) else np.asarray(array, dtype=float)
