"""Coupled cosine wells on a quadratic floor: not convex, and no rotation separates the coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from checks.problems import sampling
from checks.problems.base import Constants, Problem
from checks.problems.smoothness import from_majorant


@dataclass(frozen=True, eq=False)
class CoupledWells(Problem):
    """f(x) = floor ||x - c||^2 / 2 + sum_j a_j (1 - cos(w_j'(x - c))) + offset, a_j >= 0, floor >= 0.

    Constants: Hess = floor I + sum_j a_j cos(.) w_j w_j' lies between -M and M = floor I + sum_j a_j w_j w_j'
    = Hess(c), so `smoothness.from_majorant` applies (L and, for d <= 10, H are approached at c), with
    |Hess_ik| <= floor [i = k] + sum_j a_j |w_ji w_jk|. Every term is non-negative and zero at c: f* = offset.
    """

    floor: Tensor
    amplitude: Tensor
    rows: Tensor
    center: Tensor
    offset: Tensor

    @property
    def dim(self) -> int:
        return self.center.shape[-1]

    @property
    def minimiser(self) -> Tensor:
        return self.center

    def _value(self, x: Tensor) -> Tensor:
        shifted = x - self.center[:, None]
        wells = self.amplitude[:, None] * 2 * torch.sin(shifted @ self.rows.mT / 2) ** 2
        return self.floor[:, None] * (shifted**2).sum(-1) / 2 + wells.sum(-1) + self.offset[:, None]

    def _gradient(self, x: Tensor) -> Tensor:
        shifted = x - self.center[:, None]
        wells = self.amplitude[:, None] * torch.sin(shifted @ self.rows.mT)
        return self.floor[:, None, None] * shifted + wells @ self.rows

    def _hessian(self, x: Tensor) -> Tensor:
        weights = self.amplitude[:, None] * torch.cos((x - self.center[:, None]) @ self.rows.mT)
        return self._floor_matrix()[:, None] + torch.einsum(
            "bnj,bji,bjk->bnik", weights, self.rows, self.rows
        )

    def _constants(self) -> Constants:
        bounds = []
        for rows in (self.rows, self.rows.abs()):
            bounds.append(self._floor_matrix() + (self.amplitude[..., None] * rows).mT @ rows)
        return Constants(*from_majorant(bounds[0], bounds[1]), self.offset, torch.zeros_like(self.offset))

    def _floor_matrix(self) -> Tensor:
        return self.floor[:, None, None] * torch.eye(self.dim, dtype=self.dtype, device=self.device)


def coupled_wells(
    rng: torch.Generator, batch: int, dim: int, *, scale: float = 1.0, floor: float = 0.1, spread: float = 2.0
) -> CoupledWells:
    """d + 1 wells along random directions of length near 1, amplitudes log-uniform in [scale / 10, scale]."""
    sampling.check_sizes(batch, dim)
    sampling.check_positive(scale=scale, floor=floor, spread=spread)
    rows = sampling.normal(rng, batch, dim + 1, dim) / math.sqrt(dim)
    amplitude = sampling.log_uniform(rng, scale / 10, scale, batch, dim + 1)
    floors = torch.full((batch,), floor * scale, dtype=torch.float64, device=rng.device)
    return CoupledWells(floors, amplitude, rows, *sampling.placement(rng, batch, dim, spread))
