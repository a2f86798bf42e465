"""AdamW (algorithm A): m_t/sqrt(v_t + eps) with decoupled weight decay.

m_t = beta1 m_{t-1} + (1 - beta1) g_t,  v_t = beta2 v_{t-1} + (1 - beta2) g_t^2. With `convention=PYTORCH`,
(m_t/(1 - beta1^t)) / (sqrt(v_t/(1 - beta2^t)) + eps), which is `torch.optim.AdamW`.
"""

from __future__ import annotations

from dataclasses import dataclass

from checks.arithmetic import Arithmetic, Array
from checks.optimizers.optimizer import Hyper, Optimizer, State, averaged, preconditioned


@dataclass(frozen=True, eq=False)
class AdamW(Optimizer):
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    eps: Hyper = 1e-8
    weight_decay: Hyper = 0.0

    def moments(self, state: State, grad: Array, arithmetic: Arithmetic) -> tuple[Array, Array]:
        m = averaged(state.hyper["beta1"], state.m, grad)
        return m, averaged(state.hyper["beta2"], state.v, self.square(grad, arithmetic))

    def square(self, grad: Array, arithmetic: Arithmetic) -> Array:
        """What the second moment averages."""
        return grad * grad

    def direction(self, state: State, m: Array, v: Array, grad: Array, arithmetic: Arithmetic) -> Array:
        corrected = self.convention.bias_correction
        if corrected:
            m = m / (1 - arithmetic.power(state.hyper["beta1"], state.t + 1))
        return preconditioned(m, v, state, self.convention, corrected, arithmetic)
