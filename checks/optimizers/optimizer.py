"""What every optimizer shares: x_t = (1 - weight_decay lr_t) x_{t-1} - lr_t Delta_t on a batch.

An optimizer says how its moments move (`moments`) and which direction they give (`direction`), in any
arithmetic. Shapes: x, m, v, gradients and directions are (B, d): B problems side by side, d coordinates.
A hyperparameter is one number or one value a problem.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from checks.arithmetic import Arithmetic, Array, quotient
from checks.errors import RequestError
from checks.optimizers.convention import PAPER, Convention
from checks.optimizers.hyperparameters import RANGES, Schedule, check_range, column

Hyper = Any  # a number, or an array of shape (B,)


@dataclass(frozen=True)
class State:
    """After t steps: iterate x, moments m and v, and the direction Delta_t and step size that led here."""

    x: Array
    m: Array
    v: Array
    t: int
    hyper: dict[str, Array] = field(repr=False)
    schedule: Schedule = field(repr=False)
    update: Array = None
    lr: Array = None


@dataclass(frozen=True, eq=False)
class Optimizer(ABC):
    """Base of all optimizers; subclasses declare their hyperparameters as fields, weight_decay among them."""

    lr: Any
    convention: Convention = field(default=PAPER, kw_only=True)

    def validate(self) -> None:
        """Raises RequestError for a hyperparameter outside its range, not finite, or empty."""
        for name in self.names():
            check_range(name, getattr(self, name))

    def names(self) -> list[str]:
        """Names of the numeric hyperparameters in use."""
        numeric = [f for f in fields(self) if f.name in RANGES]
        # A default of None means: left out unless given (tau).
        return [f.name for f in numeric if not (f.default is None and getattr(self, f.name) is None)]

    def init(self, x0: Any, arithmetic: Arithmetic, m0: Any = None, v0: Any = None) -> State:
        """State before the first step; x0 (and m0, v0, zero if not given) have shape (B, d)."""
        self.validate()
        x = _checked("x0", x0, None, arithmetic)
        m = arithmetic.zeros(x.shape) if m0 is None else _checked("m0", m0, x.shape, arithmetic)
        v = arithmetic.zeros(x.shape) if v0 is None else _checked("v0", v0, x.shape, arithmetic)
        if bool((v < 0).any()):
            raise RequestError("v0 must be zero or more: it is an average of squares.")
        batch = x.shape[0]
        named = {name: getattr(self, name) for name in self.names() if name != "lr"}
        hyper = {name: column(name, value, batch, arithmetic) for name, value in named.items()}
        return State(x, m, v, 0, hyper, Schedule(self.lr, batch, arithmetic))

    def step(self, state: State, grad: Array, arithmetic: Arithmetic) -> State:
        """One step with the gradient at state.x, of shape (B, d)."""
        _match("The gradient", grad, state.x.shape)
        with arithmetic.working():
            m, v = self.moments(state, grad, arithmetic)
            update = self.direction(state, m, v, grad, arithmetic)
            lr = state.schedule.at(state.t + 1)
            x = (1 - state.hyper["weight_decay"] * lr) * state.x - lr * update
        return State(x, m, v, state.t + 1, state.hyper, state.schedule, update, lr)

    @abstractmethod
    def moments(self, state: State, grad: Array, arithmetic: Arithmetic) -> tuple[Array, Array]:
        """(m_t, v_t) from the state after t-1 steps and the gradient g_t."""

    @abstractmethod
    def direction(self, state: State, m: Array, v: Array, grad: Array, arithmetic: Arithmetic) -> Array:
        """Delta_t from m_t, v_t and g_t; `state` is the state after t-1 steps."""


def averaged(beta: Array, old: Array, new: Array) -> Array:
    """beta old + (1 - beta) new, the moving average of both moments."""
    return beta * old + (1 - beta) * new


def preconditioned(
    m: Array, v: Array, state: State, convention: Convention, corrected: bool, arithmetic: Arithmetic
) -> Array:
    """m over the root of v, with epsilon where the convention puts it; 0/0 = 0, so eps = 0 gives the sign."""
    eps = state.hyper["eps"]
    if corrected:
        v = v / (1 - arithmetic.power(state.hyper["beta2"], state.t + 1))
    if convention.eps_inside_root:
        return quotient(m, arithmetic.sqrt(v + eps), arithmetic)
    return quotient(m, arithmetic.sqrt(v) + eps, arithmetic)


def _match(name: str, array: Array, shape: Any) -> None:
    if tuple(array.shape) != tuple(shape):
        raise RequestError(f"{name} has shape {tuple(array.shape)} but x {tuple(shape)}: make them equal.")


def _checked(name: str, values: Any, shape: Any, arithmetic: Arithmetic) -> Array:
    array = arithmetic.array(values)
    if array.ndim != 2 or 0 in array.shape:
        raise RequestError(
            f"{name} has shape {tuple(array.shape)}: give (problems, coordinates) with at least one of each."
        )
    _match(name, array, array.shape if shape is None else shape)
    if not np.isfinite(arithmetic.to_float(array)).all():
        raise RequestError(f"{name} holds NaN or infinity: start from finite numbers.")
    return array
