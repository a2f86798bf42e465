"""Random parameters shared by the problem families; every draw comes from the generator it is given."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from checks.errors import RequestError


def check_sizes(batch: int, dim: int) -> None:
    """RequestError unless batch and dim are at least one."""
    if batch < 1 or dim < 1:
        raise RequestError(
            f"a batch of {batch} problems in {dim} variables is empty: ask for at least one of each."
        )


def check_positive(**numbers: float) -> None:
    """RequestError unless each named number is positive and finite."""
    for name, number in numbers.items():
        if not (math.isfinite(number) and number > 0):
            raise RequestError(f"{name} is {number}: give a positive finite number.")


def normal(rng: torch.Generator, *shape: int) -> Tensor:
    """Standard normal draws in float64."""
    return torch.randn(*shape, generator=rng, dtype=torch.float64, device=rng.device)


def uniform(rng: torch.Generator, low: float, high: float, *shape: int) -> Tensor:
    """Uniform draws on [low, high] in float64."""
    return low + (high - low) * torch.rand(*shape, generator=rng, dtype=torch.float64, device=rng.device)


def log_uniform(rng: torch.Generator, low: float, high: float, *shape: int) -> Tensor:
    """Draws whose logarithm is uniform on [log low, log high]: every order of magnitude equally often."""
    check_positive(low=low, high=high)
    return uniform(rng, math.log(low), math.log(high), *shape).exp()


def placement(rng: torch.Generator, batch: int, dim: int, spread: float) -> tuple[Tensor, Tensor]:
    """A centre in [-spread, spread]^d and a level f*, neither of them zero: no code may assume that."""
    return uniform(rng, -spread, spread, batch, dim), normal(rng, batch)


def rotations(rng: torch.Generator, batch: int, dim: int, amount: float) -> Tensor:
    """exp(amount (M - M')), M standard normal / sqrt(d): orthogonal (B, d, d); amount 0 is the identity."""
    generator = normal(rng, batch, dim, dim) / math.sqrt(dim)
    return torch.linalg.matrix_exp(amount * (generator - generator.mT))
