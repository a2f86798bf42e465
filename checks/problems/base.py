"""A problem is a batch of smooth functions on R^d that carries certified constants beside its values.

A constant is *certified* when a short proof (in the family's docstring) gives it from the parameters; what
floating point can add is covered by rounding it up (`smoothness.round_up`).
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from checks.errors import RequestError


@dataclass(frozen=True, eq=False)
class Constants:
    """Certified constants of a batch of B functions on R^d (shapes in brackets).

    l2_smoothness (B,): ||grad f(x) - grad f(y)||_2 <= L ||x - y||_2.
    coordinate_smoothness (B, d): |d_i f(x) - d_i f(y)| <= h_i ||x - y||_inf.
    linf_smoothness (B,): ||grad f(x) - grad f(y)||_1 <= H ||x - y||_inf.
    f_star (B,): a lower bound of f; f_star_gap (B,): the infimum of f is at most f_star + f_star_gap.
    """

    l2_smoothness: Tensor
    coordinate_smoothness: Tensor
    linf_smoothness: Tensor
    f_star: Tensor
    f_star_gap: Tensor

    def map(self, change: Callable[[Tensor], Tensor]) -> Constants:
        """The same constants with `change` applied to every tensor."""
        return Constants(**{f.name: change(getattr(self, f.name)) for f in dataclasses.fields(self)})

    def to_dtype(self, dtype: torch.dtype) -> Constants:
        """Cast; bounds move to the safe side first, because a cast to fewer bits may round either way."""
        if dtype == torch.float64:
            return self
        eps = torch.finfo(dtype).eps
        safe = {f.name: getattr(self, f.name) * (1 + 2 * eps) for f in dataclasses.fields(self)}
        safe["f_star"] = self.f_star - 2 * eps * self.f_star.abs()
        safe["f_star_gap"] = safe["f_star_gap"] + 4 * eps * self.f_star.abs()
        return Constants(**{name: value.to(dtype) for name, value in safe.items()})


@dataclass(frozen=True, eq=False)
class Problem(ABC):
    """B functions of d variables; the fields of a subclass are tensors whose leading axis is B.

    Points are (B, d), or (B, *, d) to evaluate several points of each function at once; values then are (B,)
    or (B, *), gradients have the shape of x, Hessians one axis more.
    """

    convex: ClassVar[bool] = False

    def __post_init__(self) -> None:
        first = next(iter(self._tensors().values()))
        for name, tensor in self._tensors().items():
            if tensor.ndim == 0 or tensor.numel() == 0 or tensor.shape[0] != first.shape[0]:
                raise RequestError(
                    f"{type(self).__name__}.{name} has shape {tuple(tensor.shape)}: give every parameter "
                    f"the same non-empty leading batch axis (here {first.shape[0]})."
                )
            if not torch.isfinite(tensor).all():
                raise RequestError(
                    f"{type(self).__name__}.{name} holds NaN or infinity: give finite numbers."
                )

    # What a family supplies; x is always (B, N, d) here.
    @property
    @abstractmethod
    def dim(self) -> int:
        """Number of variables d."""

    @abstractmethod
    def _value(self, x: Tensor) -> Tensor:
        """(B, N, d) -> (B, N)."""

    @abstractmethod
    def _gradient(self, x: Tensor) -> Tensor:
        """(B, N, d) -> (B, N, d)."""

    @abstractmethod
    def _hessian(self, x: Tensor) -> Tensor:
        """(B, N, d) -> (B, N, d, d)."""

    @abstractmethod
    def _constants(self) -> Constants:
        """Constants in float64; called on a float64 copy of the parameters."""

    def to_cvxpy(self, index: int, variable: Any) -> Any:
        """Function `index` as a cvxpy expression in `variable` of shape (d,); convex families only."""
        raise RequestError(
            f"{type(self).__name__} is not convex: pick a convex family to hand it to a convex solver."
        )

    @property
    def minimiser(self) -> Tensor | None:
        """(B, d) global minimisers, where the family knows them."""
        return None

    # What every family gets.
    def value(self, x: Tensor) -> Tensor:
        """f(x): (B, d) -> (B,), or (B, *, d) -> (B, *)."""
        return self._value(self._points(x)).reshape(x.shape[:-1])

    def gradient(self, x: Tensor) -> Tensor:
        """Gradient of f, in the shape of x."""
        return self._gradient(self._points(x)).reshape(x.shape)

    def hessian(self, x: Tensor) -> Tensor:
        """Hessian of f: (B, d) -> (B, d, d), or (B, *, d) -> (B, *, d, d)."""
        return self._hessian(self._points(x)).reshape(*x.shape, self.dim)

    @property
    def batch(self) -> int:
        """Number of functions B."""
        return next(iter(self._tensors().values())).shape[0]

    @property
    def device(self) -> torch.device:
        """Where the parameters live."""
        return next(iter(self._tensors().values())).device

    @property
    def dtype(self) -> torch.dtype:
        """Floating-point format of the parameters."""
        return next(iter(self._tensors().values())).dtype

    @cached_property
    def constants(self) -> Constants:
        """Certified constants of the functions with exactly these (perhaps float32) parameters."""
        exact = self if self.dtype == torch.float64 else self._with(lambda p: p.double())
        return exact._constants().to_dtype(self.dtype)

    @property
    def l2_smoothness(self) -> Tensor:
        """L, shape (B,)."""
        return self.constants.l2_smoothness

    @property
    def coordinate_smoothness(self) -> Tensor:
        """h_i, shape (B, d)."""
        return self.constants.coordinate_smoothness

    @property
    def linf_smoothness(self) -> Tensor:
        """H, shape (B,)."""
        return self.constants.linf_smoothness

    @property
    def f_star(self) -> Tensor:
        """Lower bound of f over R^d, shape (B,); the minimum itself when `f_star_exact`."""
        return self.constants.f_star

    @property
    def f_star_exact(self) -> bool:
        """Whether f_star is the infimum of every function here, up to the rounding of its own value."""
        rounding = 1e4 * torch.finfo(self.dtype).eps  # 2e-12 in float64: a few thousand roundings in a sum
        return bool((self.constants.f_star_gap <= rounding * (1 + self.f_star.abs())).all())

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Self:
        """Move to another device; another dtype rounds the parameters, and the constants are redone."""
        moved = self._with(lambda p: p.to(device=device, dtype=dtype))
        if "constants" in self.__dict__ and moved.dtype == self.dtype:
            moved.__dict__["constants"] = self.constants.map(lambda c: c.to(device=device))
        return moved

    def take(self, index: Tensor | list[int]) -> Self:
        """The functions numbered by `index` (B',), repeats allowed."""
        rows = torch.as_tensor(index, device=self.device)
        taken = self._with(lambda p: p[rows])
        if "constants" in self.__dict__:
            taken.__dict__["constants"] = self.constants.map(lambda c: c[rows])
        return taken

    def repeat(self, copies: int) -> Self:
        """Each function `copies` times in a row: (B,) becomes (B * copies,)."""
        return self.take(torch.arange(self.batch).repeat_interleave(copies))

    def _tensors(self) -> dict[str, Tensor]:
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}

    def _with(self, change: Callable[[Tensor], Tensor]) -> Self:
        return type(self)(**{name: change(tensor) for name, tensor in self._tensors().items()})

    def _points(self, x: Tensor) -> Tensor:
        if x.ndim < 2 or x.shape[0] != self.batch or x.shape[-1] != self.dim:
            raise RequestError(
                f"points of shape {tuple(x.shape)} do not fit {self.batch} problems of {self.dim} variables: "
                f"give an array of shape ({self.batch}, ..., {self.dim})."
            )
        return x.reshape(self.batch, -1, self.dim)
