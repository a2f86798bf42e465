"""Runs an optimizer and keeps the whole trajectory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from checks.arithmetic import Arithmetic, Array, TorchArithmetic
from checks.errors import RequestError
from checks.optimizers.optimizer import Optimizer, State


@dataclass(frozen=True)
class Trajectory:
    """T steps of B problems in d coordinates: axis 0 problems, axis 1 time, axis 2 coordinates.

    x, m, v: (B, T+1, d), entry t after t steps. g, update: (B, T, d), entry t-1 holds g_t, taken at x_{t-1},
    and the direction Delta_t. lr: (B, T). For a paper that counts iterates from 1, x^k is x[:, k-1].
    """

    x: Array
    g: Array
    m: Array
    v: Array
    update: Array
    lr: Array


def run(
    opt: Optimizer,
    x0: Any,
    gradient: Callable[[Array, int], Array],
    steps: int,
    arithmetic: Arithmetic | None = None,
    m0: Any = None,
    v0: Any = None,
) -> Trajectory:
    """Runs `steps` steps from x0 (B, d); gradient(x_{t-1}, t) returns g_t, (B, d), for t = 1..steps.

    Default arithmetic: float64 on the CPU. Raises RequestError for bad hyperparameters or shapes.
    """
    if steps < 1:
        raise RequestError(f"A run needs at least one step, not {steps}.")
    ops = TorchArithmetic() if arithmetic is None else arithmetic
    with ops.working():
        states, gradients = [opt.init(x0, ops, m0, v0)], []
        for t in range(1, steps + 1):
            gradients.append(gradient(states[-1].x, t))
            states.append(opt.step(states[-1], gradients[-1], ops))
    return _trajectory(states, gradients, ops)


def _trajectory(states: list[State], gradients: list[Array], ops: Arithmetic) -> Trajectory:
    batch = states[0].x.shape[0]
    blank = ops.zeros((batch, 1))
    return Trajectory(
        x=ops.stack([s.x for s in states], 1),
        g=ops.stack(gradients, 1),
        m=ops.stack([s.m for s in states], 1),
        v=ops.stack([s.v for s in states], 1),
        update=ops.stack([s.update for s in states[1:]], 1),
        lr=ops.stack([(blank + s.lr)[:, 0] for s in states[1:]], 1),
    )
