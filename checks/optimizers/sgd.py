"""SGD with momentum: m_t = momentum m_{t-1} + (1 - dampening) g_t, stepping along m_t.

With `nesterov` the direction is g_t + momentum m_t.
Weight decay is decoupled. `convention=PYTORCH` starts the buffer at the first gradient, undamped, and is then
`torch.optim.SGD` when weight_decay = 0, or when momentum = 0 (there both kinds of decay coincide).
"""

from __future__ import annotations

from dataclasses import dataclass

from checks.arithmetic import Arithmetic, Array
from checks.errors import RequestError
from checks.optimizers.optimizer import Hyper, Optimizer, State


@dataclass(frozen=True, eq=False)
class SGD(Optimizer):
    momentum: Hyper = 0.0
    dampening: Hyper = 0.0
    nesterov: bool = False
    weight_decay: Hyper = 0.0

    def init(self, x0, arithmetic, m0=None, v0=None) -> State:
        if self.convention.bias_correction and m0 is not None:
            raise RequestError("PyTorch's SGD starts its buffer at the first gradient: leave out m0.")
        return super().init(x0, arithmetic, m0, v0)

    def moments(self, state: State, grad: Array, arithmetic: Arithmetic) -> tuple[Array, Array]:
        if self.convention.bias_correction and state.t == 0:
            return grad, state.v
        hyper = state.hyper
        return hyper["momentum"] * state.m + (1 - hyper["dampening"]) * grad, state.v

    def direction(self, state: State, m: Array, v: Array, grad: Array, arithmetic: Arithmetic) -> Array:
        return grad + state.hyper["momentum"] * m if self.nesterov else m
