"""Cosine wells, sum_i a_i (1 - cos(w_i (x_i - c_i))) + f*: smooth, bounded, not convex, with many minima."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from checks.problems import separable


@dataclass(frozen=True, eq=False)
class CosineWells(separable.Separable):
    """Profile phi(z) = 1 - cos z >= 0 = phi(0): phi'' = cos z lies in [-1, 1] and is 1 at 0."""

    @staticmethod
    def phi(z: Tensor) -> Tensor:
        return 2 * torch.sin(z / 2) ** 2  # 1 - cos z without the cancellation near 0

    @staticmethod
    def slope(z: Tensor) -> Tensor:
        return torch.sin(z)

    @staticmethod
    def curvature(z: Tensor) -> Tensor:
        return torch.cos(z)


def cosine_wells(
    rng: torch.Generator,
    batch: int,
    dim: int,
    *,
    scale: float = 1.0,
    condition: float = 100.0,
    spread: float = 2.0,
) -> CosineWells:
    """Central curvatures log-uniform in [scale / condition, scale], centres in [-spread, spread]^d."""
    return CosineWells(*separable.draw(rng, batch, dim, scale, condition, spread))
