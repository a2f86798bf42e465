"""A partition of the coordinates into blocks, and reductions over each block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

import numpy as np

from checks.arithmetic import Arithmetic, Array
from checks.errors import RequestError


class Partition:
    """Blocks of coordinate indices covering 0..d-1 exactly once; `dimension` is d."""

    def __init__(self, blocks: Iterable[Iterable[int]]) -> None:
        self.blocks = tuple(tuple(int(i) for i in block) for block in blocks)
        self.dimension = sum(len(block) for block in self.blocks)
        covered = sorted(i for block in self.blocks for i in block)
        if not covered or covered != list(range(self.dimension)) or not all(self.blocks):
            raise RequestError(
                f"The blocks {self.blocks} are no partition: list each coordinate from 0 on in exactly one."
            )
        # Blocks of one size are reduced together, as an index array of shape (blocks, size).
        sizes = sorted({len(block) for block in self.blocks})
        self._groups = [np.array([b for b in self.blocks if len(b) == size]) for size in sizes]

    @staticmethod
    @cache
    def whole(dimension: int) -> Partition:
        """All coordinates in one block."""
        return Partition([range(dimension)])

    def spread(self, a: Array, reduce: Callable[[Array], Array], arithmetic: Arithmetic) -> Array:
        """(..., d) -> (..., d): each coordinate gets its block's value.

        `reduce` maps (..., blocks, size) to (..., blocks); it is called once for each block size.
        """
        self.check(a.shape)
        out = arithmetic.zeros(a.shape)
        for index in self._groups:
            out[..., index] = reduce(a[..., index])[..., None]
        return out

    def total(self, a: Array, reduce: Callable[[Array], Array], arithmetic: Arithmetic) -> Array:
        """(..., d) -> (...): the sum of `reduce` over the blocks."""
        self.check(a.shape)
        return sum(arithmetic.sum(reduce(a[..., index]), -1) for index in self._groups)

    def largest(self, a: Array, reduce: Callable[[Array], Array], arithmetic: Arithmetic) -> Array:
        """(..., d) -> (...): the maximum of `reduce` over the blocks."""
        self.check(a.shape)
        tops = [arithmetic.amax(reduce(a[..., index]), -1) for index in self._groups]
        return arithmetic.amax(arithmetic.stack(tops, -1), -1)

    def check(self, shape: Sequence[int]) -> None:
        """Refuses an array whose last axis is not as long as the partition."""
        if shape[-1] != self.dimension:
            raise RequestError(
                f"The blocks cover {self.dimension} coordinates, the array {shape[-1]}: make them match."
            )
