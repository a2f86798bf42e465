"""Quadratics with axis-aligned curvature, sum_i a_i (x_i - c_i)^2 / 2 + f*, stored without a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from checks.problems import separable


@dataclass(frozen=True, eq=False)
class DiagonalQuadratic(separable.Separable):
    """Profile phi(z) = z^2 / 2: phi'' is 1 everywhere, so the constants of `Separable` are attained."""

    convex: ClassVar[bool] = True

    @staticmethod
    def phi(z: Tensor) -> Tensor:
        return z * z / 2

    @staticmethod
    def slope(z: Tensor) -> Tensor:
        return z

    @staticmethod
    def curvature(z: Tensor) -> Tensor:
        return torch.ones_like(z)

    def to_cvxpy(self, index: int, variable: Any) -> Any:
        import cvxpy as cp

        scaled, amplitude = self.scaled_cvxpy(index, variable)
        return cp.sum(cp.multiply(amplitude, cp.square(scaled))) / 2 + float(self.offset[index])


def diagonal_quadratics(
    rng: torch.Generator,
    batch: int,
    dim: int,
    *,
    scale: float = 1.0,
    condition: float = 100.0,
    spread: float = 2.0,
) -> DiagonalQuadratic:
    """Curvatures log-uniform in [scale / condition, scale], centres uniform in [-spread, spread]^d."""
    return DiagonalQuadratic(*separable.draw(rng, batch, dim, scale, condition, spread))
