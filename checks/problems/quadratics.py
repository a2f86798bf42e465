"""Convex quadratics (x - c)' A (x - c) / 2 + f*, with dense random or rotated curvature."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from checks.errors import RequestError
from checks.problems import sampling
from checks.problems.base import Constants, Problem
from checks.problems.smoothness import cube_maximum, round_up, spectral_radius


@dataclass(frozen=True, eq=False)
class Quadratic(Problem):
    """f(x) = (x - center)' matrix (x - center) / 2 + offset with a symmetric positive semidefinite matrix.

    Constants: the gradient difference is A(x - y). So L is the largest eigenvalue and h_i = sum_j |A_ij|,
    both attained; H = max over sign vectors of ||A s||_1, attained, and enumerated for d <= 10 (above that,
    the bound min(sum |A_ij|, d L)). f* = offset, attained at the centre because A is positive semidefinite.
    """

    matrix: Tensor
    center: Tensor
    offset: Tensor
    convex: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not torch.equal(self.matrix, self.matrix.mT):
            raise RequestError("the matrix of a quadratic is not symmetric: pass (A + A.mT) / 2.")
        spectrum = torch.linalg.eigvalsh(self.matrix)
        slack = (
            8 * self.dim * torch.finfo(self.dtype).eps * spectrum.abs().amax(-1)
        )  # rounding of the eigenvalues
        if (spectrum[:, 0] < -slack).any():
            raise RequestError(
                "the matrix of a quadratic has a negative eigenvalue: pass a semidefinite one."
            )

    @property
    def dim(self) -> int:
        return self.center.shape[-1]

    @property
    def minimiser(self) -> Tensor:
        return self.center

    def _value(self, x: Tensor) -> Tensor:
        shifted = x - self.center[:, None]
        return 0.5 * (shifted * (shifted @ self.matrix)).sum(-1) + self.offset[:, None]

    def _gradient(self, x: Tensor) -> Tensor:
        return (x - self.center[:, None]) @ self.matrix

    def _hessian(self, x: Tensor) -> Tensor:
        return self.matrix[:, None].expand(-1, x.shape[1], -1, -1)

    def _constants(self) -> Constants:
        coordinate = round_up(self.matrix.abs().sum(-1), self.dim)
        linf = torch.minimum(round_up(cube_maximum(self.matrix), self.dim), coordinate.sum(-1))
        l2 = round_up(spectral_radius(self.matrix), self.dim)
        return Constants(l2, coordinate, linf, self.offset, torch.zeros_like(self.offset))

    def to_cvxpy(self, index: int, variable: Any) -> Any:
        import cvxpy as cp

        spectrum, basis = torch.linalg.eigh(self.matrix[index].double())
        root = (basis * spectrum.clamp(min=0).sqrt()).mT.cpu().numpy()
        return cp.sum_squares(root @ (variable - self.center[index].cpu().numpy())) / 2 + float(
            self.offset[index]
        )


def dense_quadratics(
    rng: torch.Generator,
    batch: int,
    dim: int,
    *,
    scale: float = 1.0,
    ridge: float = 1e-2,
    spread: float = 2.0,
) -> Quadratic:
    """A = size (F'F / d + ridge I) with F standard normal and size log-uniform in [scale / 10, 10 scale]."""
    sampling.check_sizes(batch, dim)
    sampling.check_positive(scale=scale, ridge=ridge, spread=spread)
    factor = sampling.normal(rng, batch, dim, dim) / math.sqrt(dim)
    size = sampling.log_uniform(rng, scale / 10, 10 * scale, batch)
    identity = torch.eye(dim, dtype=torch.float64, device=rng.device)
    matrix = size[:, None, None] * (factor.mT @ factor + ridge * identity)
    return Quadratic((matrix + matrix.mT) / 2, *sampling.placement(rng, batch, dim, spread))


def rotated_quadratics(
    rng: torch.Generator,
    batch: int,
    dim: int,
    *,
    amount: float = 1.0,
    condition: float = 100.0,
    scale: float = 1.0,
    spread: float = 2.0,
) -> Quadratic:
    """A = R diag R', spectrum log-uniform in [scale / condition, scale]; `amount` 0 leaves it diagonal."""
    sampling.check_sizes(batch, dim)
    sampling.check_positive(condition=condition, scale=scale, spread=spread)
    spectrum = sampling.log_uniform(rng, scale / condition, scale, batch, dim)
    rotation = sampling.rotations(rng, batch, dim, amount)
    matrix = (rotation * spectrum[:, None, :]) @ rotation.mT
    return Quadratic((matrix + matrix.mT) / 2, *sampling.placement(rng, batch, dim, spread))
