"""The minimum of a convex function on the box ||x||_inf <= r, with certificates that do not trust the solver.

cvxpy with CLARABEL gives a point and multipliers; a projected Newton method polishes the point. What decides
whether the problem counts as solved is computed here from our own gradient g: the duality gap <x, g> + r
||g||_1, which for convex f bounds f(x) - min f (it is max_y <g, x - y> over the box, the Frank-Wolfe gap),
the KKT residual, and how far the solver's multipliers are from g. SCS is never used: its answers are not
tight enough to serve as bounds.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from checks.box_newton import Smooth, minimise_in_box
from checks.errors import RequestError
from checks.kkt import kkt_residual, kkt_score

__all__ = [
    "BoxOptimum", "Objective", "SolverSettings", "Tolerances", "kkt_residual", "kkt_score", "solve_box",
    "solve_boxes", "stack",
]  # fmt: skip


@dataclass(frozen=True)
class SolverSettings:
    """CLARABEL's own stopping rules; 1e-12 is about what an interior-point method reaches in float64."""

    tolerance: float = 1e-12
    max_iter: int = 200
    polish: bool = True


@dataclass(frozen=True)
class Tolerances:
    """What counts as solved. Gaps are relative to 1 + |f(x)|, residuals and multipliers to 1 + ||g||_1.

    gap 1e-9 and kkt 1e-8: a polished point has about 1e-15 (at worst 1e-10), an unpolished one 1e-12 to 1e-7.
    multipliers 1e-4: they are not polished; the worst of 8,000 random problems was off by 2.5e-6.
    """

    gap: float = 1e-9
    kkt: float = 1e-8
    multipliers: float = 1e-4


@dataclass(frozen=True)
class BoxOptimum:
    """A minimiser of one convex function on ||x||_inf <= radius, or the reason why there is none.

    x (d,), value, gradient (d,); multipliers (mu_plus, mu_minus), each (d,), of x <= r and -x <= r as the
    solver reports them, so gradient + mu_plus - mu_minus should vanish: multiplier_error is its largest
    entry; kkt_residual of x at weight decay 1 / radius; duality_gap >= value - minimum. NaN where the solver
    gave no point.
    """

    x: Tensor
    value: float
    gradient: Tensor
    multipliers: tuple[Tensor, Tensor]
    multiplier_error: float
    kkt_residual: float
    duality_gap: float
    radius: float
    solved: bool
    message: str

    def require_solved(self) -> BoxOptimum:
        """This optimum, or a RequestError with the reason why it must not be used."""
        if not self.solved:
            raise RequestError(f"The constrained problem was not solved: {self.message}.")
        return self


@dataclass(frozen=True)
class Objective:
    """One convex function for `solve_box` that is not a `Problem`: its cvxpy form and its derivatives.

    `expression` maps a cvxpy variable (d,) to a convex expression; value, gradient and hessian take x (1, d).
    """

    dim: int
    expression: Callable[[Any], Any]
    value: Callable[[Tensor], Tensor]
    gradient: Callable[[Tensor], Tensor]
    hessian: Callable[[Tensor], Tensor]
    convex: bool = True
    batch: int = 1

    def to_cvxpy(self, index: int, variable: Any) -> Any:
        """The expression; there is only index 0."""
        return self.expression(variable)


def solve_box(
    objective: Any,
    radius: float,
    index: int = 0,
    settings: SolverSettings | None = None,
    tolerances: Tolerances | None = None,
) -> BoxOptimum:
    """Function `index` of a convex `Problem` (or an `Objective`) minimised over ||x||_inf <= radius."""
    one = objective if objective.batch == 1 else objective.take([index])
    return solve_boxes(one, radius, settings, tolerances)[0]


def solve_boxes(
    objective: Any,
    radius: float | Tensor,
    settings: SolverSettings | None = None,
    tolerances: Tolerances | None = None,
) -> list[BoxOptimum]:
    """Every function of a batch, each on its own box; radius is a number or (B,). Polishing is batched.

    Works in float64 on the CPU, whatever the problem's device. RequestError if the batch is not convex, the
    radius is not positive and finite, or CLARABEL is missing; a solve that fails comes back with
    solved=False.
    """
    settings, tolerances = settings or SolverSettings(), tolerances or Tolerances()
    _check_request(objective)
    if hasattr(objective, "to"):
        objective = objective.to(device="cpu", dtype=torch.float64)
    radii = _radii(radius, objective.batch)
    raw = [_clarabel(objective, b, float(radii[b]), settings) for b in range(objective.batch)]
    solver_points = torch.stack([r.x for r in raw])
    found = torch.isfinite(solver_points).all(-1, keepdim=True)
    points = torch.where(found, solver_points.clamp(-radii[:, None], radii[:, None]), 0.0)
    if settings.polish:
        points = minimise_in_box(objective, points, radii)
    points = torch.where(found, points, torch.nan)
    return _judge(objective, points, radii, raw, tolerances)


@dataclass(frozen=True)
class _Raw:
    """What the solver said about one problem."""

    x: Tensor
    mu_plus: Tensor
    mu_minus: Tensor
    complaint: str


def _check_request(objective: Any) -> None:
    try:
        import cvxpy as cp
    except ImportError:
        raise RequestError("cvxpy is missing: install it with `pip install cvxpy clarabel`.") from None
    if not objective.convex:
        raise RequestError(
            f"{type(objective).__name__} is not convex: its box minimum cannot be certified this way."
        )
    if cp.CLARABEL not in cp.installed_solvers():
        raise RequestError("The solver CLARABEL is missing: install it with `pip install clarabel`.")


def _radii(radius: float | Tensor, batch: int) -> Tensor:
    radii = torch.as_tensor(radius, dtype=torch.float64).cpu()
    if radii.ndim > 1 or (radii.ndim == 1 and radii.shape[0] != batch):
        raise RequestError(
            f"radius has shape {tuple(radii.shape)}: give a number or one for each of {batch} problems."
        )
    if not bool((torch.isfinite(radii) & (radii > 0)).all()):
        raise RequestError("the radius of the box must be positive and finite (it is 1 / weight_decay).")
    return radii.expand(batch).clone()


def _clarabel(objective: Any, index: int, radius: float, settings: SolverSettings) -> _Raw:
    """One cvxpy solve; whatever goes wrong inside the solver becomes a complaint, not an exception."""
    import cvxpy as cp

    variable = cp.Variable(objective.dim)
    constraints = [variable <= radius, -variable <= radius]
    problem = cp.Problem(cp.Minimize(objective.to_cvxpy(index, variable)), constraints)
    tolerance = settings.tolerance
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # "solution may be inaccurate": we judge the accuracy ourselves, below
        try:
            problem.solve(
                solver=cp.CLARABEL, max_iter=settings.max_iter, tol_gap_abs=tolerance, tol_gap_rel=tolerance,
                tol_feas=tolerance, tol_ktratio=min(1e-6, 1e3 * tolerance),
            )  # fmt: skip
        except cp.error.SolverError as error:
            return _no_answer(
                objective.dim, f"CLARABEL stopped with an error ({str(error).splitlines()[0][:80]})"
            )
    if problem.status not in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE):
        return _no_answer(objective.dim, f"CLARABEL ended with status {problem.status}")
    numbers = [
        np.asarray(part, dtype=float) for part in (variable.value, *(c.dual_value for c in constraints))
    ]
    x, mu_plus, mu_minus = (torch.from_numpy(part.reshape(objective.dim)) for part in numbers)
    return _Raw(x, mu_plus, mu_minus, complaint="")


def _no_answer(dim: int, complaint: str) -> _Raw:
    nothing = torch.full((dim,), torch.nan, dtype=torch.float64)
    return _Raw(nothing, nothing, nothing, complaint)


def _judge(
    functions: Smooth, points: Tensor, radii: Tensor, raw: list[_Raw], tolerances: Tolerances
) -> list[BoxOptimum]:
    """Values, gaps and residuals at the points from our own gradients, and the verdicts they give."""
    values, gradients = functions.value(points), functions.gradient(points)
    residuals = kkt_residual(points, gradients, 1 / radii)
    gaps = radii * kkt_score(points, gradients, 1 / radii)
    optima = []
    for b, said in enumerate(raw):
        error = float((gradients[b] + said.mu_plus - said.mu_minus).abs().amax())
        value, gap, residual = float(values[b]), float(gaps[b]), float(residuals[b])
        size = 1 + float(gradients[b].abs().sum())
        faults = said.complaint or "; ".join(
            f"{name} is {amount:.1e}, above {limit:.1e}"
            for name, amount, limit in (
                ("the duality gap", gap, tolerances.gap * (1 + abs(value))),
                ("the KKT residual", residual, tolerances.kkt * size),
                ("the error of the multipliers", error, tolerances.multipliers * size),
            )
            if not amount <= limit  # NaN is above every limit
        )
        optima.append(
            BoxOptimum(
                points[b], value, gradients[b], (said.mu_plus, said.mu_minus), error, residual, gap,
                float(radii[b]), not faults, faults or "solved",
            )
        )  # fmt: skip
    return optima


def stack(optima: list[BoxOptimum]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(x (B, d), value (B,), mu_plus (B, d), mu_minus (B, d)) of a batch of optima; each must be solved."""
    solved = [optimum.require_solved() for optimum in optima]
    return (
        torch.stack([o.x for o in solved]),
        torch.tensor([o.value for o in solved], dtype=torch.float64),
        torch.stack([o.multipliers[0] for o in solved]),
        torch.stack([o.multipliers[1] for o in solved]),
    )
