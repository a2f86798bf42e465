"""RMSProp: AdamW with beta1 = 0; neither convention corrects its bias.

`convention=PYTORCH` moves epsilon outside the root and is then `torch.optim.RMSprop` (alpha = beta2, without
momentum, not centred, weight_decay=0).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from checks.arithmetic import Arithmetic, Array
from checks.optimizers.adamw import AdamW
from checks.optimizers.optimizer import Hyper, State, preconditioned


@dataclass(frozen=True, eq=False)
class RMSProp(AdamW):
    beta1: Hyper = field(default=0.0, init=False)

    def direction(self, state: State, m: Array, v: Array, grad: Array, arithmetic: Arithmetic) -> Array:
        return preconditioned(m, v, state, self.convention, False, arithmetic)
