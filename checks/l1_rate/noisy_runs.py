"""Noisy runs for the l1 rates: random instances, one marked path through the sign noise, and exact means over all paths.

An instance is a problem with certified constants, sign noise of given σ_i, an optimizer's parameters, a start, and the
signs of one path. Statements that hold on every path are read off the marked one; given the history of it, the mean over
the next signs is an average over 2^d children; the mean over everything is an average over all 2^{dK} paths.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import torch

from checks.arithmetic import Arithmetic, Array, TorchArithmetic
from checks.battery.check import Inputs, column
from checks.errors import RequestError
from checks.noise import PathStep, SignPaths, repeat_rows, repeat_state
from checks.optimizers import SGD, AdamW, NAdamW
from checks.problems import FAMILIES, DiagonalQuadratic
from checks.problems.sampling import log_uniform, normal, uniform
from theory.core import E
from theory.l1_rate.setting import G, g, i, k

SIZES = [(1, 1), (1, 2), (1, 4), (1, 8), (2, 1), (2, 3), (2, 4), (3, 2), (4, 2)]  # (d, K) with d·K ≤ 8
Statistic = Callable[[PathStep, Arithmetic], Array]
"""From one step on N·2^d nodes to an array (N·2^d, ...)."""


# -- instances ---------------------------------------------------------------------------------------------------------


def sample_runs(generator: torch.Generator, batch: int, size: tuple[int, int], family: str, loud: float) -> dict[str, Any]:
    """Everything but the optimizer's parameters: problem, L, start x1 (B, d), signs (B, K, d), and the noise.

    noise (B, d) is the true standard deviation, up to 10^loud L and sometimes zero; sigma (B, d) > 0, the bound claimed
    for it, is a little to twice as large, because with equality the first step's error would be an equation.
    """
    dim, steps = size
    maker = FAMILIES[family]
    scaled = {"scale": float(log_uniform(generator, 1e-3, 1e3, 1))} if "scale" in inspect.signature(maker).parameters else {}
    problem = maker(generator, batch, dim, **scaled)
    noise = log_uniform(generator, 1e-3, 10.0**loud, batch, dim) * problem.l2_smoothness[:, None]
    claimed = noise * (1 + log_uniform(generator, 1e-3, 1.0, batch, dim))
    silent = uniform(generator, 0, 1, batch, dim) < 0.15
    signs = 1.0 - 2.0 * (uniform(generator, 0, 1, batch, steps, dim) < 0.5)
    start = normal(generator, batch, dim) * log_uniform(generator, 0.1, 10.0, batch, 1)
    return {"K": steps, "d": dim, **described(problem), "x1": start, "sigma": claimed, "signs": signs,
            "noise": torch.where(silent, 0.0, noise)}


def described(problem: Any) -> dict[str, Any]:
    """A problem as inputs: its class, its parameters, and the constants certified for it."""
    fields = {f"problem.{f.name}": getattr(problem, f.name) for f in dataclasses.fields(problem)}
    return {"problem": type(problem).__name__, **fields, "L": problem.l2_smoothness, "f_star": problem.f_star}


def sample_adamw(generator: torch.Generator, inputs: Mapping[str, Any], nesterov: bool) -> dict[str, torch.Tensor | str]:
    """θ, β from 0 to 1-1e-3, τ (1 for AdamW), ε and η over many scales, λη zero or up to 2."""
    batch = len(inputs["x1"])

    def decay() -> torch.Tensor:
        near_one = 1 - log_uniform(generator, 1e-3, 1.0, batch)
        return torch.where(uniform(generator, 0, 1, batch) < 0.1, 0.0, near_one)

    rate = log_uniform(generator, 1e-3, 10.0, batch)
    decayed = uniform(generator, 0, 1, batch) < 0.7
    tau = uniform(generator, 0, 1, batch) if nesterov else torch.ones(batch, dtype=torch.float64)
    return {"optimizer": "nadamw" if nesterov else "adamw", "theta": decay(), "beta": decay(), "tau": tau, "eta": rate,
            "eps": log_uniform(generator, 1e-8, 1e2, batch) * inputs["L"] ** 2,
            "lam": torch.where(decayed, log_uniform(generator, 1e-3, 2.0, batch) / rate, 0.0)}


def quadratic_run(curvature: list[float], start: list[float], sigma: list[float], signs: list[list[float]],
                  L: float | None = None, **parameters: Any) -> Inputs:
    """One instance f = Σ a_i x_i²/2 with noise exactly as claimed; further entries as numbers, lists or names.

    Among them `optimizer` and its parameters; `noise`, `bias`, `m0`, `v0` (lists of d) to leave the hypotheses.
    """
    row = torch.tensor([curvature], dtype=torch.float64)
    problem = DiagonalQuadratic(row, torch.ones_like(row), torch.zeros_like(row), torch.zeros(1, dtype=torch.float64))
    shaped = {name: [value] if isinstance(value, list) else value for name, value in {"noise": sigma, **parameters}.items()}
    numbers = {name: value if isinstance(value, str) else column(value) for name, value in shaped.items()}
    return {"K": len(signs), "d": len(curvature), **described(problem), "L": column(max(curvature) if L is None else L),
            "x1": column([start]), "sigma": column([sigma]), "signs": column([signs]), **numbers}


# -- problems and optimizers in any arithmetic -------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class ExactQuadratic:
    """Σ a (w(x - c))²/2 + offset at points (B, N, d), in exact or ball arithmetic."""

    amplitude: Array
    rate: Array
    center: Array
    offset: Array

    def value(self, x: Array) -> Array:
        scaled = self.rate[:, None] * (x - self.center[:, None])
        return (self.amplitude[:, None] * scaled * scaled).sum(-1) / 2 + self.offset[:, None]

    def gradient(self, x: Array) -> Array:
        return (self.amplitude * self.rate * self.rate)[:, None] * (x - self.center[:, None])


def landscape(inputs: Inputs, arithmetic: Arithmetic) -> Any:
    """The problem with `.value` and `.gradient` on (B, N, d); outside floats only quadratics are known exactly."""
    fields = {name.removeprefix("problem."): value for name, value in inputs.items() if name.startswith("problem.")}
    if isinstance(arithmetic, TorchArithmetic):
        kinds = {cls.__name__: cls for cls in _problem_classes()}
        return kinds[inputs["problem"]](**fields).to(device=arithmetic.device, dtype=arithmetic.dtype)
    if inputs["problem"] != "DiagonalQuadratic":
        raise RequestError(f"{inputs['problem']} has no exact evaluation; only diagonal quadratics do.")
    return ExactQuadratic(**{name: arithmetic.array(value) for name, value in fields.items()})


def _problem_classes() -> list[type]:
    import checks.problems as problems

    return [cls for cls in vars(problems).values() if isinstance(cls, type) and issubclass(cls, problems.Problem)]


def optimizer(inputs: Inputs, arithmetic: Arithmetic) -> Any:
    """The real optimizer the instance names."""
    if inputs["optimizer"] == "sgd":
        return SGD(lr=arithmetic.array(inputs["eta"]))
    lr, beta1, beta2, eps, decay = (arithmetic.array(inputs[n]) for n in ("eta", "theta", "beta", "eps", "lam"))
    if inputs["optimizer"] == "adamw":
        return AdamW(lr, beta1, beta2, eps, decay)
    return NAdamW(lr, beta1, beta2, eps, decay, tau=arithmetic.array(inputs["tau"]))


# -- walks -------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Runs:
    """A batch of instances ready to be walked in one arithmetic."""

    inputs: Inputs
    arithmetic: Arithmetic

    @cached_property
    def landscape(self) -> Any:
        return landscape(self.inputs, self.arithmetic)

    @cached_property
    def optimizer(self) -> Any:
        return optimizer(self.inputs, self.arithmetic)

    @cached_property
    def paths(self) -> SignPaths:
        """The noise of a single step; `all_paths` follows it for all of them."""
        return SignPaths(self.arithmetic.array(self.inputs["noise"]), 1)

    @cached_property
    def bias(self) -> Array:
        """What the mean of the noise is where it should be zero, (B, d), or None."""
        return self.arithmetic.array(self.inputs["bias"]) if "bias" in self.inputs else None

    def start(self) -> Any:
        return self.optimizer.init(self.inputs["x1"], self.arithmetic, self.inputs.get("m0"), self.inputs.get("v0"))

    def mean_gradient(self, x: Array) -> Array:
        """The mean of the stochastic gradient at (B, N, d): the true one, unless the instance is biased on purpose."""
        gradient = self.landscape.gradient(x)
        return gradient if self.bias is None else gradient + self.bias[:, None]

    def all_paths(self) -> Iterator[PathStep]:
        """Every step on every path; without noise they are all the marked one."""
        if not bool((self.inputs["noise"] != 0).any()):
            return self.marked_path()
        every = SignPaths(self.paths.sigma, self.inputs["K"])
        return every.walk(self.optimizer, self.start(), self.mean_gradient, self.arithmetic)

    def marked_path(self) -> Iterator[PathStep]:
        """Every step from the marked path on to all its 2^d children: row b * 2^d + child."""
        state, branches = self.start(), self.paths.branches
        for t in range(1, self.inputs["K"] + 1):
            clean = self.paths.evaluate(self.mean_gradient, state.x)
            noisy = self.paths.branch(clean)
            after = self.optimizer.step(repeat_state(state, branches), noisy, self.arithmetic)
            yield PathStep(t, state, clean, noisy, after)
            state = self.optimizer.step(state, noisy[self.child(t)], self.arithmetic)

    def child(self, t: int) -> np.ndarray:
        """Rows of the marked children at step t among all children, (B,)."""
        bits = (self.inputs["signs"][:, t - 1] < 0).long()
        number = (bits * 2 ** torch.arange(self.inputs["d"])).sum(-1)
        return (torch.arange(len(number)) * self.paths.branches + number).numpy()

    def means(self, steps: Iterator[PathStep], statistics: Mapping[str, Statistic]) -> dict[str, Array]:
        """For each statistic its means over the rows of each problem, (B, K, ...)."""
        found: dict[str, list[Array]] = {name: [] for name in statistics}
        for step in steps:
            for name, statistic in statistics.items():
                found[name].append(self.paths.mean(statistic(step, self.arithmetic)))
        return {name: self.arithmetic.stack(values, 1) for name, values in found.items()}

    def sequences(self) -> dict[str, Array]:
        """x, g, G, f, m, v, m̃ and r of the marked path, shapes as the claims declare them; r and m̃ not for SGD."""
        ops, states, drawn = self.arithmetic, [self.start()], []
        for t in range(1, self.inputs["K"] + 1):
            mean = self.paths.evaluate(self.mean_gradient, states[-1].x)
            drawn.append(self.paths.branch(mean)[self.child(t)])
            states.append(self.optimizer.step(states[-1], drawn[-1], ops))
        clean = [self.paths.evaluate(self.landscape.gradient, s.x) for s in states]
        values = [self.paths.evaluate(self.landscape.value, s.x) for s in states]
        found = {"x": [s.x for s in states], "g": drawn, "G": clean, "f": values, "m": [s.m for s in states],
                 "v": [s.v for s in states]}
        if "eps" in self.inputs:
            found["mtilde"] = [in_use(s, g) for s, g in zip(states[1:], drawn, strict=True)]
            found["r"] = [s.update + s.hyper["weight_decay"] * before.x for before, s in zip(states, states[1:], strict=False)]
        return {name: ops.stack(entries, 1) for name, entries in found.items()}

    def scalars(self) -> dict[str, Any]:
        """K, d, the noise and every parameter the instance has, by the claims' names; D from the first value."""
        ops, given = self.arithmetic, self.inputs
        names = {"L": "L", "theta": "theta", "beta": "beta", "tau": "tau", "eta": "eta", "epsilon": "eps", "lambda": "lam",
                 "f_star": "f_star"}
        found = {symbol: ops.array(given[name]) for symbol, name in names.items() if name in given}
        sigma = ops.array(given["sigma"])
        first = self.paths.evaluate(self.landscape.value, ops.array(given["x1"]))
        return {"K": given["K"], "d": given["d"], "sigma": sigma, "sigma_s": ops.sqrt((sigma * sigma).sum(-1)),
                "D": first - found["f_star"], **found}


def in_use(state: Any, grad: Array) -> Array:
    """NAdamW's momentum τm + (1-τ)g of a state just reached with that gradient; AdamW's is m."""
    if "tau" not in state.hyper:
        return state.m
    tau = state.hyper["tau"]
    return tau * state.m + (1 - tau) * grad


def children(step: PathStep, array: Array) -> Array:
    """An array of the nodes before the step, once for each child."""
    return repeat_rows(array, len(step.noisy) // len(array))


def noise_means(runs: Runs) -> dict[Any, Array]:
    """E(g, k) and E((g - G)², k) along the marked path, (B, K, d): what "unbiased" and "variance" speak of.

    Taken of the noise itself: in floats G + noise is rounded to the larger of the two, and its mean shows that.
    """
    paths, ops = runs.paths, runs.arithmetic
    clean = ops.stack([paths.evaluate(runs.landscape.gradient, step.before.x) for step in runs.marked_path()], 1)
    still = ops.zeros((paths.batch, paths.dim)) if runs.bias is None else runs.bias
    drawn = paths.branch(still)
    return {E(g[k, i], k): clean + paths.mean(drawn)[:, None],
            E((g[k, i] - G[k, i]) ** 2, k): 0 * clean + paths.mean(drawn * drawn)[:, None]}
