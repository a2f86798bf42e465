"""AdaSGD: Adam with one second moment for all coordinates, ||g||_2^2 / d (blockwise with a single block)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from checks.optimizers.blockwise import BlockwiseAdam
from checks.partition import Partition


@dataclass(frozen=True, eq=False)
class AdaSGD(BlockwiseAdam):
    blocks: Any = field(default=None, init=False)

    def partition(self, dimension: int) -> Partition:
        return Partition.whole(dimension)
