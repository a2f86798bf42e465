"""Hypothesis strategies and measurements shared by the tests of the problem families."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from hypothesis import strategies as st
from torch import Tensor

from checks.problems import FAMILIES, Problem

BATCH = 16


@dataclass(frozen=True)
class Draw:
    """What Hypothesis chooses: sizes, a seed and the scale of the instance; the batch does the volume."""

    seed: int
    dim: int
    scale: float
    condition: float


def draws(max_dim: int = 8) -> st.SearchStrategy[Draw]:
    """Instances small enough to shrink and varied enough to hit dim = 1 and badly scaled functions."""
    return st.builds(
        Draw,
        seed=st.integers(0, 2**32 - 1),
        dim=st.integers(1, max_dim),
        scale=st.sampled_from([1e-3, 0.1, 1.0, 30.0]),
        condition=st.sampled_from([1.0, 10.0, 1e4]),
    )


def options(name: str, draw: Draw) -> dict[str, float]:
    """The options of family `name` that the draw decides."""
    if name == "dense_quadratics":
        return {"scale": draw.scale, "ridge": 1 / draw.condition}
    if name == "coupled_wells":
        return {"scale": draw.scale, "floor": 1 / draw.condition}
    if name.startswith("log_sum_exp"):
        return {"coldest": min(1.0, draw.scale), "spread": 1 + draw.condition / 1e4}
    if name == "logistic":
        return {"weakest": 1 / (10 * draw.condition), "flips": 0.1}
    if name == "logistic_unregularised":
        return {"flips": 0.4}
    return {"scale": draw.scale, "condition": draw.condition}


def make(name: str, draw: Draw, batch: int = BATCH) -> Problem:
    """The batch that a draw stands for."""
    rng = torch.Generator().manual_seed(draw.seed)
    return FAMILIES[name](rng, batch, draw.dim, **options(name, draw))


def base_points(problem: Problem, rng: torch.Generator) -> Tensor:
    """(B, 8, d): wide and narrow random points, and the centre of the function where it has one."""
    shape = (problem.batch, 4, problem.dim)
    wide = 5 * torch.randn(shape, generator=rng, dtype=torch.float64)
    near = 0.1 * torch.randn(shape, generator=rng, dtype=torch.float64)
    center = getattr(problem, "center", torch.zeros(problem.batch, problem.dim, dtype=torch.float64))
    near[:, 0] = 0.0
    return torch.cat([wide, near + center[:, None]], dim=1)


def directions(problem: Problem, points: Tensor, rng: torch.Generator) -> Tensor:
    """(B, N, K, d) directions, the last adversarial: Hessian eigenvectors, best responses in the cube."""
    shape = (*points.shape[:2], 6, problem.dim)
    normal = torch.randn(shape, generator=rng, dtype=torch.float64)
    axes = torch.eye(problem.dim, dtype=torch.float64).expand(*points.shape[:2], -1, -1)
    hessian = problem.hessian(points)
    eigenvectors = torch.linalg.eigh(hessian)[1].mT
    # row i of sign(Hess) maximises |(Hess v)_i| over the cube
    responses = [torch.cat([torch.sign(normal), torch.sign(hessian)], dim=2)]
    for _ in range(4):  # ascent for ||Hess v||_1 over the cube: v <- sign(Hess sign(Hess v)), a power method
        responses.append(torch.sign(torch.sign(responses[-1] @ hessian) @ hessian))
    return torch.cat([normal, axes, eigenvectors, *responses], dim=2)


def smoothness_ratios(problem: Problem, seed: int) -> dict[str, Tensor]:
    """Largest gradient differences over pairs of points, over what each certified constant allows, (B,).

    Pairs are random and adversarial, at distances from 1e-3 to 10: below 1e-3 the rounding of the gradients
    (relative to their size, which is at most about 10 L here) would show at 1e-12.
    """
    rng = torch.Generator().manual_seed(seed)
    points = base_points(problem, rng)
    unit = directions(problem, points, rng)
    unit = unit / unit.abs().amax(-1, keepdim=True).clamp(min=1e-300)
    found: dict[str, list[Tensor]] = {"l2": [], "coordinate": [], "linf": []}
    for length in (1e-3, 0.1, 1.0, 10.0):
        step = length * unit
        difference = (
            problem.gradient(points[:, :, None] + step) - problem.gradient(points)[:, :, None]
        ).flatten(1, 2)
        flat = step.flatten(1, 2)
        far, sup = flat.norm(dim=-1), flat.abs().amax(-1)
        moved = sup > length / 2  # sign(0) directions are no pairs
        h, smooth = problem.coordinate_smoothness, problem.constants
        found["l2"].append(_worst(difference.norm(dim=-1), far * smooth.l2_smoothness[:, None], moved))
        found["linf"].append(_worst(difference.abs().sum(-1), sup * smooth.linf_smoothness[:, None], moved))
        ratio = (difference.abs() / (sup[..., None] * h[:, None]).clamp(min=1e-300)).amax(-1)
        found["coordinate"].append(_worst(ratio, torch.ones_like(ratio), moved))
    return {name: torch.stack(parts).amax(0) for name, parts in found.items()}


def _worst(size: Tensor, allowed: Tensor, valid: Tensor) -> Tensor:
    return torch.where(valid, size / allowed.clamp(min=1e-300), 0.0).amax(-1)
