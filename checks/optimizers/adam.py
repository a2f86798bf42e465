"""Adam: AdamW without weight decay; `convention=PYTORCH` is `torch.optim.Adam` with weight_decay=0.

PyTorch's Adam puts its weight decay into the gradient, which is another algorithm; use AdamW for decay.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from checks.optimizers.adamw import AdamW
from checks.optimizers.optimizer import Hyper


@dataclass(frozen=True, eq=False)
class Adam(AdamW):
    weight_decay: Hyper = field(default=0.0, init=False)
