"""Gradient noise whose expectations are exact: every path of sign noise is enumerated.

Sign noise is g = grad f(x) + sigma * s, s uniform on {-1, 1}^d and fresh at each step: its mean is zero and
its variance in coordinate i exactly sigma_i^2. With K steps there are 2^(d K) equally likely paths; where
they fit in memory, `SignPaths` visits all of them and its means are exact (in the arithmetic used).
`checks.monte_carlo` has the intervals for everything larger.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from checks.errors import RequestError
from checks.monte_carlo import MeanInterval, MonteCarlo

__all__ = [
    "MeanInterval",
    "MonteCarlo",
    "PathStep",
    "SignPaths",
    "bytes_needed",
    "check_fits",
    "repeat_rows",
    "repeat_state",
    "sample_signs",
]

Array = Any  # torch tensor, or numpy array (of floats, exact rationals or balls)
GIBIBYTE = 2**30
# Arrays of the size of x alive at once: x, m, v and the direction before and after a step, the gradient, the
# noisy gradient and what an expression needs on the way. Measured on NAdamW in float64: 17 at d = 2,
# 21 at d = 1 (where the step before takes half as much again).
LIVE_ARRAYS = 24


def repeat_rows(array: Array, copies: int) -> Array:
    """Each row `copies` times in a row: (N, ...) becomes (N * copies, ...)."""
    if isinstance(array, torch.Tensor):
        return array.repeat_interleave(copies, dim=0)
    return np.repeat(array, copies, axis=0)


class _RepeatedSchedule:
    """A schedule whose rows (where it has one for each problem) are repeated."""

    def __init__(self, schedule: Any, copies: int) -> None:
        self._schedule = schedule
        self._copies = copies

    def at(self, t: int) -> Array:
        return _repeat_if_many(self._schedule.at(t), self._copies)


def _repeat_if_many(array: Array, copies: int) -> Array:
    return array if array.shape[0] == 1 else repeat_rows(array, copies)


def repeat_state(state: Any, copies: int) -> Any:
    """An optimizer's state with each problem `copies` times in a row, hyperparameters and step sizes too."""
    moved = {
        name: None if getattr(state, name) is None else repeat_rows(getattr(state, name), copies)
        for name in ("x", "m", "v", "update")
    }
    lr = None if state.lr is None else _repeat_if_many(state.lr, copies)
    hyper = {name: _repeat_if_many(column, copies) for name, column in state.hyper.items()}
    return dataclasses.replace(
        state, **moved, lr=lr, hyper=hyper, schedule=_RepeatedSchedule(state.schedule, copies)
    )


@dataclass(frozen=True)
class PathStep:
    """Step t on all paths at once; rows are problem-major: row b * 2^(d t) + path.

    before: the state after t - 1 steps on the 2^(d (t-1)) paths of each problem; clean: the true gradient
    there; noisy: the stochastic gradients, and after: the states they lead to, on 2^(d t) paths each.
    """

    t: int
    before: Any
    clean: Array
    noisy: Array
    after: Any


@dataclass(frozen=True, eq=False)
class SignPaths:
    """All 2^(d steps) sign-noise paths of B problems; sigma (B, d) >= 0 holds the standard deviations.

    Raises RequestError, saying what would fit, if the last step does not fit in `memory_bytes`.
    """

    sigma: Array
    steps: int
    memory_bytes: int = GIBIBYTE

    def __post_init__(self) -> None:
        if self.sigma.ndim != 2 or 0 in self.sigma.shape or bool((self.sigma < 0).any()):
            raise RequestError("sigma must have shape (problems, coordinates) and no negative entry.")
        if self.steps < 1:
            raise RequestError(f"{self.steps} steps leave nothing to enumerate: ask for at least one.")
        check_fits(self.batch, self.dim, self.steps, self.memory_bytes, _item_bytes(self.sigma))

    @property
    def batch(self) -> int:
        """Number of problems B."""
        return self.sigma.shape[0]

    @property
    def dim(self) -> int:
        """Number of coordinates d."""
        return self.sigma.shape[1]

    @property
    def branches(self) -> int:
        """Paths that leave each node: 2^d."""
        return 2**self.dim

    def branch(self, clean: Array) -> Array:
        """Noisy gradients on the children of every node: (B * N, d) -> (B * N * 2^d, d)."""
        nodes = clean.shape[0]
        signs = self._signs(clean)
        sigma = repeat_rows(self.sigma, nodes // self.batch)
        noisy = clean[:, None, :] + sigma[:, None, :] * signs[None, :, :]
        return noisy.reshape(nodes * self.branches, self.dim)

    def mean(self, values: Array) -> Array:
        """Exact expectation over the paths: (B * N, ...) -> (B, ...), all paths being equally likely."""
        paths = values.reshape(self.batch, -1, *values.shape[1:])
        return paths.sum(1) / paths.shape[1]

    def evaluate(self, function: Callable[[Array], Array], x: Array) -> Array:
        """A function of (B, N, d) points, such as `problem.gradient`, at problem-major rows (B * N, d)."""
        result = function(x.reshape(self.batch, -1, self.dim))
        return result.reshape(x.shape[0], *result.shape[2:])

    def walk(
        self, optimizer: Any, state: Any, gradient: Callable[[Array], Array], arithmetic: Any
    ) -> Iterator[PathStep]:
        """Every step on every path: `gradient` maps (B, N, d) to its shape, `state` is an `optimizer.init`.

        Expectations of sums over steps come step by step: add up `paths.mean(statistic(step))`.
        """
        for t in range(1, self.steps + 1):
            clean = self.evaluate(gradient, state.x)
            noisy = self.branch(clean)
            after = optimizer.step(repeat_state(state, self.branches), noisy, arithmetic)
            yield PathStep(t, state, clean, noisy, after)
            state = after

    def _signs(self, like: Array) -> Array:
        """All sign vectors (2^d, d) in the kind of array that `like` is."""
        signs = 1 - 2 * ((np.arange(self.branches)[:, None] >> np.arange(self.dim)) & 1)
        if isinstance(like, torch.Tensor):
            return torch.as_tensor(signs, dtype=like.dtype, device=like.device)
        return signs.astype(object) if like.dtype == object else signs


def _item_bytes(array: Array) -> int:
    """Bytes of one number: exact rationals and balls take about 200 (object, numerator, denominator)."""
    if isinstance(array, torch.Tensor):
        return array.element_size()
    return 200 if array.dtype == object else array.itemsize


def bytes_needed(batch: int, dim: int, steps: int, item_bytes: int = 8) -> int:
    """Memory that the last step of an enumeration needs."""
    return LIVE_ARRAYS * batch * dim * item_bytes * 2 ** (dim * steps)


def check_fits(batch: int, dim: int, steps: int, memory_bytes: int, item_bytes: int = 8) -> None:
    """RequestError, naming the nearest requests that fit, if an enumeration exceeds the memory budget."""
    needed = bytes_needed(batch, dim, steps, item_bytes)
    if needed <= memory_bytes:
        return

    def fits(b: int, d: int, k: int) -> bool:
        return bytes_needed(b, d, k, item_bytes) <= memory_bytes

    most_steps = max((k for k in range(1, steps) if fits(batch, dim, k)), default=0)
    most_dim = max((d for d in range(1, dim) if fits(batch, d, steps)), default=0)
    most_batch = memory_bytes // bytes_needed(1, dim, steps, item_bytes)
    options = [f"d={dim}, K={most_steps}"] * (most_steps > 0) + [f"d={most_dim}, K={steps}"] * (most_dim > 0)
    options += [f"{most_batch} problems at a time"] * (most_batch > 0)
    advice = f"ask for {' or '.join(options)}" if options else "ask for fewer problems, coordinates and steps"
    raise RequestError(
        f"All sign paths of {batch} problems with d={dim}, K={steps} are 2^{dim * steps} each and need "
        f"{_size(needed)}, more than the {_size(memory_bytes)} allowed: {advice}, raise the memory budget, "
        "or use Monte Carlo."
    )


def _size(number: int) -> str:
    """Bytes in words; integer arithmetic, since 2^(d K) overflows floats."""
    for exponent, unit in ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")):
        if number >= 1024**exponent:
            tenths = 10 * number // 1024**exponent
            return f"{tenths // 10}.{tenths % 10} {unit}" if tenths < 10**7 else f"over 10^6 {unit}"
    return f"{number} bytes"


def sample_signs(rng: torch.Generator, sigma: torch.Tensor, paths: int) -> torch.Tensor:
    """Independent sign noise for Monte Carlo: sigma (B, d) -> (B, paths, d) entries +-sigma_i."""
    shape = (sigma.shape[0], paths, sigma.shape[1])
    bits = torch.randint(0, 2, shape, generator=rng, device=rng.device)
    return (1 - 2 * bits).to(sigma) * sigma[:, None, :]
