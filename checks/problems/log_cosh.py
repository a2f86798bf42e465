"""Log-cosh, sum_i a_i log cosh(w_i (x_i - c_i)) + f*: convex, quadratic at the centre, linear far away."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from checks.problems import separable


@dataclass(frozen=True, eq=False)
class LogCosh(separable.Separable):
    """Profile phi(z) = log cosh z >= 0 = phi(0): phi'' = 1 - tanh(z)^2 lies in (0, 1] and is 1 at 0."""

    convex: ClassVar[bool] = True

    @staticmethod
    def phi(z: Tensor) -> Tensor:
        near = 0.5 * torch.log1p(torch.sinh(z.clamp(-1, 1)) ** 2)  # keeps its relative accuracy at 0
        far = z.abs() + torch.log1p(torch.exp(-2 * z.abs())) - math.log(2)  # does not overflow
        return torch.where(z.abs() < 1, near, far)

    @staticmethod
    def slope(z: Tensor) -> Tensor:
        return torch.tanh(z)

    @staticmethod
    def curvature(z: Tensor) -> Tensor:
        return 1 / torch.cosh(z.clamp(-300, 300)) ** 2  # below 1e-260 outside: the clamp only avoids overflow

    def to_cvxpy(self, index: int, variable: Any) -> Any:
        import cvxpy as cp

        scaled, amplitude = self.scaled_cvxpy(index, variable)
        log_cosh = cp.logistic(2 * scaled) - scaled - math.log(2)  # log(1 + e^2z) - z - log 2
        return amplitude @ log_cosh + float(self.offset[index])


def log_cosh(
    rng: torch.Generator,
    batch: int,
    dim: int,
    *,
    scale: float = 1.0,
    condition: float = 100.0,
    spread: float = 2.0,
) -> LogCosh:
    """Central curvatures log-uniform in [scale / condition, scale], centres in [-spread, spread]^d."""
    return LogCosh(*separable.draw(rng, batch, dim, scale, condition, spread))
