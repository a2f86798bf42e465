"""Sums over coordinates of one scaled profile, f(x) = sum_i a_i phi(w_i (x_i - c_i)) + f*."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from checks.problems import sampling
from checks.problems.base import Constants, Problem
from checks.problems.smoothness import round_up


@dataclass(frozen=True, eq=False)
class Separable(Problem):
    """f(x) = sum_i a_i phi(w_i (x_i - c_i)) + offset, where phi >= 0 = phi(0) and |phi''| <= 1 = phi''(0).

    The fields amplitude, rate, center are a > 0, w, c of shape (B, d); offset is (B,).

    Constants: the i-th partial derivative depends on x_i alone and is Lipschitz with h_i = a_i w_i^2. Hence
    L = max h_i (moving the steepest coordinate) and H = sum h_i (moving all at once), all approached near the
    centre because phi''(0) = 1. f* = offset, attained at the centre.
    """

    amplitude: Tensor
    rate: Tensor
    center: Tensor
    offset: Tensor

    @staticmethod
    @abstractmethod
    def phi(z: Tensor) -> Tensor:
        """The profile."""

    @staticmethod
    @abstractmethod
    def slope(z: Tensor) -> Tensor:
        """phi'."""

    @staticmethod
    @abstractmethod
    def curvature(z: Tensor) -> Tensor:
        """phi'' (where phi' has a kink, one of its one-sided values)."""

    @property
    def dim(self) -> int:
        return self.center.shape[-1]

    @property
    def minimiser(self) -> Tensor:
        return self.center

    def _scaled(self, x: Tensor) -> Tensor:
        return self.rate[:, None] * (x - self.center[:, None])

    def _value(self, x: Tensor) -> Tensor:
        return (self.amplitude[:, None] * self.phi(self._scaled(x))).sum(-1) + self.offset[:, None]

    def _gradient(self, x: Tensor) -> Tensor:
        return (self.amplitude * self.rate)[:, None] * self.slope(self._scaled(x))

    def _hessian(self, x: Tensor) -> Tensor:
        return torch.diag_embed((self.amplitude * self.rate**2)[:, None] * self.curvature(self._scaled(x)))

    def _constants(self) -> Constants:
        coordinate = round_up(self.amplitude * self.rate**2, self.dim)
        zero = torch.zeros_like(self.offset)
        return Constants(
            coordinate.amax(-1), coordinate, round_up(coordinate.sum(-1), self.dim), self.offset, zero
        )

    def scaled_cvxpy(self, index: int, variable: Any) -> tuple[Any, Any]:
        """(w (x - c) as a cvxpy expression, amplitudes) of one function, for the families' `to_cvxpy`."""
        import cvxpy as cp

        shifted = variable - self.center[index].cpu().numpy()
        return cp.multiply(self.rate[index].cpu().numpy(), shifted), self.amplitude[index].cpu().numpy()


def draw(
    rng: torch.Generator, batch: int, dim: int, scale: float, condition: float, spread: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Parameters with curvatures a w^2 log-uniform in [scale / condition, scale] and rates w in [1/3, 3]."""
    sampling.check_sizes(batch, dim)
    sampling.check_positive(scale=scale, condition=condition, spread=spread)
    curvature = sampling.log_uniform(rng, scale / condition, scale, batch, dim)
    rate = sampling.log_uniform(rng, 1 / 3, 3.0, batch, dim)
    return curvature / rate**2, rate, *sampling.placement(rng, batch, dim, spread)
