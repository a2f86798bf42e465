"""Logistic regression, with or without an l2 term, on labelled rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import torch
from torch import Tensor

from checks.box_newton import minimise_in_box
from checks.errors import RequestError
from checks.problems import sampling
from checks.problems.base import Constants, Problem
from checks.problems.smoothness import from_majorant

RADIUS = 1e3  # the minimiser is looked for in this box; where there is none, Newton's method ends at its edge


@dataclass(frozen=True, eq=False)
class Logistic(Problem):
    """f(x) = mean_j log(1 + exp(-z_j'x)) + l2 ||x||^2 / 2, z_j = label_j times row_j, l2 >= 0.

    Constants: Hess = mean_j s_j (1 - s_j) z_j z_j' + l2 I with 0 <= s(1 - s) <= 1/4, so it lies between 0 and
    M = Z'Z / (4 n) + l2 I = Hess(0), and |Hess_ik| <= mean_j |z_ji z_jk| / 4 + l2 [i = k]:
    `smoothness.from_majorant`. f*: any weights alpha in [0, 1]^n with Z'alpha = 0 give f >= mean_j
    entropy(alpha_j), because log(1 + e^-m) = max_alpha (entropy(alpha) - alpha m); what rounding leaves of
    Z'alpha is charged at ||x||_inf = RADIUS. With l2 > 0, strong convexity gives
    f >= f(y) - ||grad f(y)||^2 / (2 l2) at every y. Newton's method supplies a y that makes either bound
    tight; where it cannot (separable data without an l2 term: no minimiser exists) the bound is 0, which is
    then the infimum.
    """

    rows: Tensor
    l2: Tensor
    convex: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rows.ndim != 3 or (self.l2 < 0).any():
            raise RequestError(
                "logistic regression needs rows of shape (batch, samples, variables) and l2 >= 0."
            )

    @property
    def dim(self) -> int:
        return self.rows.shape[-1]

    def _value(self, x: Tensor) -> Tensor:
        margins = x @ self.rows.mT
        losses = torch.logaddexp(torch.zeros_like(margins), -margins)  # softplus would cut its tail at 2e-9
        return losses.mean(-1) + self.l2[:, None] * (x**2).sum(-1) / 2

    def _gradient(self, x: Tensor) -> Tensor:
        doubts = torch.sigmoid(-(x @ self.rows.mT))
        return self.l2[:, None, None] * x - doubts @ self.rows / self.rows.shape[1]

    def _hessian(self, x: Tensor) -> Tensor:
        margins = x @ self.rows.mT
        weights = torch.sigmoid(margins) * torch.sigmoid(-margins) / self.rows.shape[1]
        return torch.einsum("bnj,bji,bjk->bnik", weights, self.rows, self.rows) + self._ridge()[:, None]

    def _ridge(self) -> Tensor:
        return self.l2[:, None, None] * torch.eye(self.dim, dtype=self.dtype, device=self.device)

    @cached_property
    def approximate_minimiser(self) -> Tensor:
        """(B, d): where Newton's method from 0 ends, within ||x||_inf <= RADIUS."""
        start = torch.zeros(self.batch, self.dim, dtype=self.dtype, device=self.device)
        return minimise_in_box(self, start, torch.full_like(start[:, 0], RADIUS))

    def _constants(self) -> Constants:
        count = self.rows.shape[1]
        bounds = [rows.mT @ rows / (4 * count) + self._ridge() for rows in (self.rows, self.rows.abs())]
        best = self.value(self.approximate_minimiser)
        # 1e-13 stands for a few hundred roundings in means whose terms are of the size of f or of one entropy
        lower = torch.maximum(self._strong_bound(), self._dual_bound()) - 1e-13 * (1 + best)
        lower = lower.clamp(min=0)
        return Constants(*from_majorant(bounds[0], bounds[1]), lower, best - lower)

    def _strong_bound(self) -> Tensor:
        y = self.approximate_minimiser
        bound = self.value(y) - (self.gradient(y) ** 2).sum(-1) / (2 * self.l2)
        return torch.where(self.l2 > 0, bound, torch.zeros_like(bound))

    def _dual_bound(self) -> Tensor:
        """mean entropy(alpha), alpha the doubts at the approximate minimiser projected onto Z'alpha = 0."""
        doubts = torch.sigmoid(-(self.approximate_minimiser[:, None] @ self.rows.mT)).mT
        alpha = (doubts - self.rows @ (torch.linalg.pinv(self.rows) @ doubts)).clamp(0, 1)
        remainder = (self.rows.mT @ alpha)[..., 0].abs().sum(-1) / self.rows.shape[1]
        entropy = (-torch.xlogy(alpha, alpha) - torch.xlogy(1 - alpha, 1 - alpha)).mean((-1, -2))
        # beyond rounding the remainder means that clipping changed alpha: no certificate, 0 is all we know
        feasible = remainder <= 1e-13 * self.rows.abs().sum(-1).mean(-1)
        return torch.where(feasible, entropy - RADIUS * remainder, torch.zeros_like(entropy))

    def to_cvxpy(self, index: int, variable: Any) -> Any:
        import cvxpy as cp

        rows = self.rows[index].cpu().numpy()
        losses = cp.sum(cp.logistic(-(rows @ variable))) / rows.shape[0]
        return losses + float(self.l2[index]) * cp.sum_squares(variable) / 2


def _signed_rows(rng: torch.Generator, batch: int, dim: int, samples: int | None, flips: float) -> Tensor:
    sampling.check_sizes(batch, dim)
    count = 6 * dim + 4 if samples is None else samples
    sampling.check_positive(samples=count)
    rows = sampling.normal(rng, batch, count, dim)
    truth = 2 * sampling.normal(rng, batch, dim, 1) / math.sqrt(dim)
    labels = torch.sign(rows @ truth)
    flipped = sampling.uniform(rng, 0, 1, batch, count, 1) < flips
    return torch.where(flipped, -labels, labels) * rows


def logistic(
    rng: torch.Generator,
    batch: int,
    dim: int,
    *,
    samples: int | None = None,
    flips: float = 0.15,
    weakest: float = 1e-3,
) -> Logistic:
    """Gaussian rows, a planted direction, a share `flips` of wrong labels, l2 log-uniform in [weakest, 1]."""
    rows = _signed_rows(rng, batch, dim, samples, flips)
    return Logistic(rows, sampling.log_uniform(rng, weakest, 1.0, batch))


def logistic_unregularised(
    rng: torch.Generator, batch: int, dim: int, *, samples: int | None = None, flips: float = 0.15
) -> Logistic:
    """The same without the l2 term: a minimiser exists only where wrong labels make the data inseparable."""
    rows = _signed_rows(rng, batch, dim, samples, flips)
    return Logistic(rows, torch.zeros(batch, dtype=torch.float64, device=rng.device))
