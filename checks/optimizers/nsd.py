"""Normalised steepest descent with decoupled weight decay in any norm (algorithm D).

Delta_t has norm at most one and <g_t, Delta_t> equal to the dual norm of g_t; with `normalised=False` it is
multiplied by that dual norm. No moments are kept: m and v stay at their starting values.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from checks.arithmetic import Arithmetic, Array
from checks.norms import LInf, Norm
from checks.optimizers.optimizer import Hyper, Optimizer, State


@dataclass(frozen=True, eq=False)
class NSD(Optimizer):
    norm: Norm = field(default_factory=LInf)
    weight_decay: Hyper = 0.0
    normalised: bool = True

    def moments(self, state: State, grad: Array, arithmetic: Arithmetic) -> tuple[Array, Array]:
        return state.m, state.v

    def direction(self, state: State, m: Array, v: Array, grad: Array, arithmetic: Arithmetic) -> Array:
        steepest = self.norm.steepest(grad)
        return steepest if self.normalised else steepest * self.norm.dual(grad)[..., None]
