"""Smoothness constants from a matrix that bounds every Hessian of a function.

If -M <= Hess f(x) <= M for all x (M positive semidefinite), then Hess = M^(1/2) K M^(1/2) with ||K||_2 <= 1,
so |u' Hess v| <= sqrt(u'Mu v'Mv) for all u, v. Integrating the Hessian along the segment from y to x gives
- L = largest eigenvalue of M (u, v in the l2 ball);
- H = max of s'Ms over the cube (u, v in the l_inf ball: the l1 norm of Hess v is a maximum over sign vectors
  u);
- h_i = sqrt(M_ii H) (u = e_i, v in the cube); also h_i <= sum_j sup_x |Hess_ij|, and the smaller of the two
  is taken.
"""

from __future__ import annotations

import torch
from torch import Tensor

SIGN_ENUMERATION_DIM = (
    10  # 512 sign vectors up to a common sign: exact maxima over the cube stay cheap up to here
)
_CHUNK = 4096  # problems per matrix product, so that 512 signs x 10 coordinates x 4096 problems is 170 MB


def round_up(bound: Tensor, dim: int) -> Tensor:
    """Raise a computed bound above its rounding error.

    Row sums and symmetric eigenvalues (backward stable) of d x d matrices are off by a small multiple of d
    eps, relative to the norm that is being bounded; 32 (d + 4) eps covers both and is 1e-13 at d = 10.
    """
    return bound * (1 + 32 * (dim + 4) * torch.finfo(torch.float64).eps)


def sign_vectors(dim: int) -> Tensor:
    """All vectors of {-1, 1}^dim whose last entry is 1, shape (2^(dim-1), dim), float64."""
    bits = (torch.arange(2 ** (dim - 1))[:, None] >> torch.arange(dim)) & 1
    return 1.0 - 2.0 * bits.double()


def cube_maximum(matrix: Tensor) -> Tensor:
    """An upper bound of max ||M s||_1 over s in [-1, 1]^d, exact for d <= 10; (B, d, d) -> (B,).

    The maximum of a convex function over the cube is at a vertex, so small d is enumerated. Above, it is at
    most sum_ij |M_ij| and at most d ||M||_2 (since ||.||_1 <= sqrt(d) ||.||_2, twice).
    """
    dim = matrix.shape[-1]
    if dim > SIGN_ENUMERATION_DIM:
        return torch.minimum(matrix.abs().sum((-1, -2)), dim * spectral_radius(matrix))
    signs = sign_vectors(dim).to(matrix.device)
    parts = [(signs @ part).abs().sum(-1).amax(-1) for part in matrix.split(_CHUNK)]
    return torch.cat(parts)


def spectral_radius(matrix: Tensor) -> Tensor:
    """Largest absolute eigenvalue of symmetric matrices, (B, d, d) -> (B,)."""
    return torch.linalg.eigvalsh(matrix).abs().amax(-1)


def from_majorant(majorant: Tensor, entrywise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(L, h, H) of a function with -M <= Hess <= M and |Hess_ij| <= entrywise_ij everywhere.

    Shapes: majorant and entrywise (B, d, d); returns (B,), (B, d), (B,). Proof: this module's docstring.
    """
    dim = majorant.shape[-1]
    l2, cube = spectral_radius(majorant), cube_maximum(majorant)
    mixed = (majorant.diagonal(dim1=-2, dim2=-1) * cube[:, None]).sqrt()
    coordinate = torch.minimum(entrywise.sum(-1), mixed)
    linf = torch.minimum(cube, coordinate.sum(-1))
    return round_up(l2, dim), round_up(coordinate, dim), round_up(linf, dim)
