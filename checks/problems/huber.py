"""Huber losses, sum_i a_i huber(w_i (x_i - c_i)) + f*: convex, with a constant gradient far away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from checks.problems import separable


@dataclass(frozen=True, eq=False)
class Huber(separable.Separable):
    """phi(z) = z^2/2 for |z| <= 1, |z| - 1/2 beyond: phi' = clip(z, -1, 1) is 1-Lipschitz, phi''(0) = 1."""

    convex: ClassVar[bool] = True

    @staticmethod
    def phi(z: Tensor) -> Tensor:
        inner = z.clamp(-1, 1)
        return inner * (z - inner / 2)

    @staticmethod
    def slope(z: Tensor) -> Tensor:
        return z.clamp(-1, 1)

    @staticmethod
    def curvature(z: Tensor) -> Tensor:
        return (z.abs() <= 1).to(z.dtype)

    def to_cvxpy(self, index: int, variable: Any) -> Any:
        import cvxpy as cp

        scaled, amplitude = self.scaled_cvxpy(index, variable)
        return amplitude @ cp.huber(scaled, 1) / 2 + float(self.offset[index])


def huber(
    rng: torch.Generator,
    batch: int,
    dim: int,
    *,
    scale: float = 1.0,
    condition: float = 100.0,
    spread: float = 2.0,
) -> Huber:
    """Central curvatures log-uniform in [scale / condition, scale], centres in [-spread, spread]^d."""
    return Huber(*separable.draw(rng, batch, dim, scale, condition, spread))
