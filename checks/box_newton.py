"""Projected Newton for a batch of convex functions on boxes ||x||_inf <= r: drives KKT residuals to rounding.

Coordinates on a face whose gradient pushes outwards are held; the others take a Newton step, projected and
backtracked (D. Bertsekas, Projected Newton methods, SIAM J. Control Optim. 20, 1982). It certifies nothing by
itself: callers compute gaps and residuals at the point it returns.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

_STEPS = 60  # quadratic convergence needs about 10; logistic regression with weak l2 up to 30
_HALVINGS = 30  # a step shorter than 2^-30 gains nothing in float64


class Smooth(Protocol):
    """What the method asks of a batch of B functions of d variables."""

    def value(self, x: Tensor) -> Tensor:
        """(B, d) -> (B,)."""

    def gradient(self, x: Tensor) -> Tensor:
        """(B, d) -> (B, d)."""

    def hessian(self, x: Tensor) -> Tensor:
        """(B, d) -> (B, d, d)."""


def minimise_in_box(functions: Smooth, start: Tensor, radius: Tensor) -> Tensor:
    """Points with the smallest projected gradient met on the way; start (B, d), radius (B,) -> (B, d)."""
    bound = radius[:, None]
    x = start.clamp(-bound, bound)
    best, best_size = x, _projected_gradient(functions, x, bound).abs().amax(-1)
    for _ in range(_STEPS):
        moved = _backtrack(functions, x, _direction(functions, x, bound), bound)
        if torch.equal(moved, x):
            break
        x = moved
        size = _projected_gradient(functions, x, bound).abs().amax(-1)
        best = torch.where((size < best_size)[:, None], x, best)
        best_size = torch.minimum(size, best_size)
    return best


def _held(x: Tensor, gradient: Tensor, bound: Tensor) -> Tensor:
    """Coordinates on a face whose descent direction leaves the box."""
    return ((x >= bound) & (gradient < 0)) | ((x <= -bound) & (gradient > 0))


def _projected_gradient(functions: Smooth, x: Tensor, bound: Tensor) -> Tensor:
    gradient = functions.gradient(x)
    return torch.where(_held(x, gradient, bound), 0.0, gradient)


def _direction(functions: Smooth, x: Tensor, bound: Tensor) -> Tensor:
    """Newton direction of the free coordinates; those about to leave through a nearby face go onto it."""
    gradient, hessian = functions.gradient(x), functions.hessian(x)
    face = -torch.sign(gradient) * bound
    free = ~_bound_for(face, x, gradient, hessian, bound)
    held = torch.where(torch.isfinite(face), face - x, 0.0)
    reduced = torch.where(free[:, :, None] & free[:, None, :], hessian, 0.0)
    # a relative ridge of 1e-12 (and an absolute one where the Hessian vanishes) keeps the solve possible
    # without slowing the last steps: the error still shrinks by 1e-12 a step
    ridge = 1e-12 * reduced.diagonal(dim1=-2, dim2=-1).amax(-1, keepdim=True) + 1e-12
    matrix = reduced + torch.diag_embed(torch.where(free, ridge, 1.0))
    step = -torch.linalg.solve(matrix, torch.where(free, gradient, 0.0)[..., None])[..., 0]
    return torch.where(free, torch.where(torch.isfinite(step), step, 0.0), held)


def _bound_for(face: Tensor, x: Tensor, gradient: Tensor, hessian: Tensor, bound: Tensor) -> Tensor:
    """Coordinates so near the face that descent points to that they belong to it.

    "Near" shrinks with the length of a short projected gradient step, as in Bertsekas's method: without it a
    point 1e-9 inside a face counts as free there and spoils the Newton step of all the others.
    """
    curvature = hessian.diagonal(dim1=-2, dim2=-1).amax(-1, keepdim=True).clamp(min=1e-12)
    moved = (x - gradient / curvature).clamp(-bound, bound)
    near = torch.minimum((moved - x).abs().amax(-1, keepdim=True), 1e-3 * bound)
    return (gradient != 0) & ((face - x).abs() <= near)


def _backtrack(functions: Smooth, x: Tensor, step: Tensor, bound: Tensor) -> Tensor:
    """The first projected step x + 2^-k step that does not increase the function beyond rounding, else x."""
    value = functions.value(x)
    allowed = value + 4 * torch.finfo(x.dtype).eps * value.abs()
    length, result, open_ = torch.ones_like(value), x, torch.ones_like(value, dtype=torch.bool)
    for _ in range(_HALVINGS):
        trial = (x + length[:, None] * step).clamp(-bound, bound)
        accepted = open_ & (functions.value(trial) <= allowed)
        result = torch.where(accepted[:, None], trial, result)
        open_ = open_ & ~accepted
        if not open_.any():
            break
        length = torch.where(open_, length / 2, length)
    return result
