"""Blockwise AdamW (algorithm C): one second moment a block, v_b <- beta2 v_b + (1 - beta2) ||g_b||_2^2 / d_b.

v is kept as (B, d) with equal entries inside a block. Blocks of size one give AdamW, one block gives AdaSGD.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from checks.arithmetic import Arithmetic, Array
from checks.errors import RequestError
from checks.optimizers.adamw import AdamW
from checks.optimizers.optimizer import State
from checks.partition import Partition


@dataclass(frozen=True, eq=False)
class BlockwiseAdam(AdamW):
    blocks: Any = None

    def init(self, x0, arithmetic, m0=None, v0=None) -> State:
        state = super().init(x0, arithmetic, m0, v0)
        self.partition(state.x.shape[1]).check(state.x.shape)
        return state

    def partition(self, dimension: int) -> Partition:
        """The blocks of `dimension` coordinates."""
        return self._partition

    @cached_property
    def _partition(self) -> Partition:
        if self.blocks is None:
            raise RequestError("BlockwiseAdam needs blocks: give a partition such as [[0, 1], [2]].")
        return self.blocks if isinstance(self.blocks, Partition) else Partition(self.blocks)

    def square(self, grad: Array, arithmetic: Arithmetic) -> Array:
        def mean(block: Array) -> Array:
            return arithmetic.sum(block * block, -1) / block.shape[-1]

        return self.partition(grad.shape[1]).spread(grad, mean, arithmetic)
