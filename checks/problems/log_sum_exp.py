"""Log-sum-exp of paired affine functions: convex, coupled, nearly a polyhedral norm at low temperature."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from checks.problems import sampling
from checks.problems.base import Constants, Problem
from checks.problems.smoothness import round_up


@dataclass(frozen=True, eq=False)
class LogSumExp(Problem):
    """f(x) = mu log sum_j [exp((z_j + p_j)/mu) + exp((q_j - z_j)/mu)] + offset with z_j = a_j'(x - c).

    Constants: u' Hess v = cov(a'u, a'v) / mu under softmax weights on the vectors +-a_j. A variable within a
    range r has variance at most r^2 / 4, and the range of a'u is at most 2 max_j |a_j'u|; with Cauchy-Schwarz
    L = max ||a_j||_2^2 / mu, H = max ||a_j||_1^2 / mu, h_i = max_j |a_ji| max_j ||a_j||_1 / mu (attained if n
    = 1). f*: by the arithmetic-geometric mean inequality each pair is at least 2 exp((p_j + q_j) / (2 mu)),
    so f >= mu log sum_j 2 exp((p_j + q_j) / (2 mu)) + offset, with equality at x = c when p = q.
    """

    rows: Tensor
    plus: Tensor
    minus: Tensor
    temperature: Tensor
    center: Tensor
    offset: Tensor
    convex: ClassVar[bool] = True

    @property
    def dim(self) -> int:
        return self.center.shape[-1]

    @property
    def minimiser(self) -> Tensor | None:
        return self.center if torch.equal(self.plus, self.minus) else None

    def _logits(self, x: Tensor) -> Tensor:
        z = (x - self.center[:, None]) @ self.rows.mT
        both = torch.cat([z + self.plus[:, None], self.minus[:, None] - z], dim=-1)
        return both / self.temperature[:, None, None]

    def _directions(self) -> Tensor:
        return torch.cat([self.rows, -self.rows], dim=1)

    def _value(self, x: Tensor) -> Tensor:
        return self.temperature[:, None] * torch.logsumexp(self._logits(x), -1) + self.offset[:, None]

    def _gradient(self, x: Tensor) -> Tensor:
        return torch.softmax(self._logits(x), -1) @ self._directions()

    def _hessian(self, x: Tensor) -> Tensor:
        weights, rows = torch.softmax(self._logits(x), -1), self._directions()
        mean = weights @ rows
        second = torch.einsum("bnj,bji,bjk->bnik", weights, rows, rows)
        return (second - mean[..., :, None] * mean[..., None, :]) / self.temperature[:, None, None, None]

    def _constants(self) -> Constants:
        l1 = self.rows.abs().sum(-1).amax(-1)
        l2 = (self.rows**2).sum(-1).amax(-1) / self.temperature
        coordinate = self.rows.abs().amax(1) * (l1 / self.temperature)[:, None]
        linf = torch.minimum(l1**2 / self.temperature, coordinate.sum(-1))
        pairs = (self.plus + self.minus) / (2 * self.temperature[:, None])
        bound = self.temperature * (torch.logsumexp(pairs, -1) + math.log(2)) + self.offset
        gap = torch.zeros_like(bound) if self.minimiser is not None else self.value(self.center) - bound
        l2, coordinate, linf = (round_up(constant, self.dim) for constant in (l2, coordinate, linf))
        return Constants(l2, coordinate, linf, bound, gap)

    def to_cvxpy(self, index: int, variable: Any) -> Any:
        import cvxpy as cp

        rows, plus, minus = (p[index].cpu().numpy() for p in (self.rows, self.plus, self.minus))
        z, mu = rows @ (variable - self.center[index].cpu().numpy()), float(self.temperature[index])
        return mu * cp.log_sum_exp(cp.hstack([z + plus, minus - z]) / mu) + float(self.offset[index])


def _draw(
    rng: torch.Generator, batch: int, dim: int, pairs: int | None, coldest: float, spread: float
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    sampling.check_sizes(batch, dim)
    sampling.check_positive(coldest=coldest, spread=spread)
    count = dim + 1 if pairs is None else pairs
    sampling.check_positive(pairs=count)
    rows = sampling.normal(rng, batch, count, dim) / math.sqrt(dim)
    temperature = sampling.log_uniform(rng, coldest, 1.0, batch)
    return rows, sampling.normal(rng, batch, count), temperature, *sampling.placement(rng, batch, dim, spread)


def log_sum_exp(
    rng: torch.Generator,
    batch: int,
    dim: int,
    *,
    pairs: int | None = None,
    coldest: float = 0.2,
    spread: float = 2.0,
) -> LogSumExp:
    """Balanced pairs (p = q), so f* is exact; d + 1 pairs by default, mu log-uniform in [coldest, 1]."""
    rows, shift, temperature, center, offset = _draw(rng, batch, dim, pairs, coldest, spread)
    return LogSumExp(rows, shift, shift, temperature, center, offset)


def log_sum_exp_shifted(
    rng: torch.Generator,
    batch: int,
    dim: int,
    *,
    pairs: int | None = None,
    coldest: float = 0.2,
    spread: float = 2.0,
) -> LogSumExp:
    """Unbalanced pairs: the minimiser has no closed form and f* is a certified lower bound."""
    rows, shift, temperature, center, offset = _draw(rng, batch, dim, pairs, coldest, spread)
    return LogSumExp(rows, shift, sampling.normal(rng, *shift.shape), temperature, center, offset)
