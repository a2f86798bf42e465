"""Exercise the equality of steepest descent with decay and Frank-Wolfe in seven norms, ties and zero slopes included."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import hypothesis.strategies as st
import numpy as np
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import (
    Attained,
    Check,
    Exact,
    Finding,
    Inputs,
    Measure,
    Measured,
    Necessary,
    Tolerance,
    column,
)
from checks.implicit_bias.norm_choices import KINDS, another_steepest, norm_of, unit
from checks.norms import L1, L2, BlockNorm, LInf, Lp, Norm
from checks.optimizers import NSD, run
from checks.problems import FAMILIES, Problem
from theory.implicit_bias.frank_wolfe_equivalence import CLAIM


def sample(generator: torch.Generator, batch: int, part: str, d: int, kind: int, scale: float) -> Inputs:
    """Points in and far outside the ball, gradients with ties and zeros, rates λη from 0 to 1; `fill` and `reach` make
    other points of the ball, `shrink` < 1 a direction shorter than one, `vertex` < 1 an s inside the ball."""

    def uniform(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    g = torch.randn(batch, d, generator=generator, dtype=torch.float64) * 10.0 ** (scale * uniform(batch, d))
    g = torch.where(uniform(batch, 1) < 0.3, torch.sign(g) * 2, g) * (uniform(batch, d) < uniform(batch, 1))
    lam = 10 ** (4 * uniform(batch) - 2)
    whole, some = torch.ones(batch, dtype=torch.float64), uniform(batch)
    x = torch.randn(batch, d, generator=generator, dtype=torch.float64) * 10.0 ** (3 * uniform(batch, 1) - 1)
    return {"d": d, "kind": kind, "normalised": int(part != "unnormalised_step"), "lambda": lam, "x": x, "g": g,
            "eta": uniform(batch) / lam, "reach": uniform(batch),
            "shrink": some if part == "vertex_in_ball" else whole, "vertex": some if part == "vertex_is_unit" else whole,
            "fill": torch.randn(batch, d, generator=generator, dtype=torch.float64)}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """One step of the real optimizer at x with slope g; z and s are points of the ball, s a best vertex."""
    names = ("lambda", "eta", "x", "g", "shrink", "reach", "vertex", "fill")
    lam, eta, x, g, shrink, reach, vertex, fill = (arithmetic.array(inputs[name]) for name in names)
    norm = norm_of(inputs["kind"], inputs["d"])
    opt = NSD(lr=eta, norm=norm, weight_decay=lam, normalised=bool(inputs["normalised"]))
    path = run(opt, x, lambda x, t: g, 1, arithmetic)
    Delta, wide = norm.steepest(g) * shrink[:, None], lam[:, None]
    inside = unit(norm, fill, arithmetic) * reach[:, None]
    s = -another_steepest(norm, g, inside, arithmetic) * vertex[:, None] / wide
    z = inside / wide
    return {"d": inputs["d"], "lambda": lam, "eta": eta, "x": x, "g": g, "Delta": Delta, "x_next": path.x[:, 1],
            "z": z, "s": s, "norm_Delta": norm.norm(Delta), "norm_vertex": norm.norm(-Delta / wide),
            "norm_z": norm.norm(z), "norm_s": norm.norm(s), "norm_minus": norm.norm(-s * wide),
            "dual_g": norm.dual(g)}


def replaced(**entries: Any) -> Measure:
    """A measurement with some measured values overwritten: it breaks just what defines them."""

    def altered(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        return {**measure(inputs, arithmetic), **{k: arithmetic.array(v) for k, v in entries.items()}}

    return altered


def one(**changes: float) -> Inputs:
    """One coordinate in ℓ∞ with slope 3, λ = 2, η = 1/4; z the point opposite to the vertex unless told otherwise."""
    given = {"lambda": 2.0, "eta": 0.25, "x": 5.0, "g": 3.0, "shrink": 1.0, "reach": 1.0, "vertex": 1.0, "fill": 1.0,
             **changes}
    rows = ("x", "g", "fill")
    return {"d": 1, "kind": 1, "normalised": 1, **{k: column([[v]] if k in rows else v) for k, v in given.items()}}


def unnormalised(**changes: float) -> Inputs:
    return {**one(**changes), "normalised": 0}


def by_convex_solver(norm: Norm, g: np.ndarray, radius: float) -> np.ndarray:
    """A minimiser of ⟨g, s⟩ over ‖s‖ ≤ radius found by cvxpy/CLARABEL, which knows nothing of our steepest directions."""
    import cvxpy as cp

    s = cp.Variable(len(g))
    if isinstance(norm, BlockNorm):
        size = cp.max(cp.hstack([cp.norm(s[list(b)], 2) / len(b) ** 0.5 for b in norm.partition.blocks]))
    else:
        exponent: Any = float(norm.p) if isinstance(norm, Lp) else {L1: 1, L2: 2, LInf: "inf"}[type(norm)]
        size = cp.pnorm(s, exponent)
    problem = cp.Problem(cp.Minimize(g @ s), [size <= radius])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "may be inaccurate": the comparison that follows judges that
        problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-11, tol_gap_rel=1e-11, tol_feas=1e-11)
    return np.asarray(s.value)


def paths_of(step: Callable[[Norm, torch.Tensor], torch.Tensor], norm: Norm, problem: Problem, x: torch.Tensor,
             lam: float, steps: int) -> torch.Tensor:
    """Frank-Wolfe from x with rates 2/(t+1) on the ball of radius 1/λ; `step` gives the vertices for the gradients."""
    for t in range(1, steps + 1):
        gamma = 2 / (t + 1)
        x = (1 - gamma) * x + gamma * step(norm, problem.gradient(x)) / lam
    return x


def _gradient(problem: Problem, x: torch.Tensor, t: int) -> torch.Tensor:
    return problem.gradient(x)


def independent_paths(arithmetic: Arithmetic, seed: int) -> Finding:
    """Whole runs: our optimizer against a Frank-Wolfe loop whose vertices come from a convex solver."""
    rng = torch.Generator().manual_seed(seed)
    lam, steps, worst = 0.5, 5, 0.0
    for kind in range(KINDS):
        norm, problem = norm_of(kind, 4), FAMILIES["rotated_quadratics"](rng, 2, 4)
        x = 3 * torch.randn(2, 4, generator=rng, dtype=torch.float64)

        def vertices(norm: Norm, g: torch.Tensor) -> torch.Tensor:
            return torch.from_numpy(np.stack([by_convex_solver(norm, row.numpy(), 1.0) for row in g]))

        rates = [[2 / (lam * (t + 1)) for t in range(1, steps + 1)]]
        gradient = partial(_gradient, problem)
        ours = run(NSD(lr=rates, norm=norm, weight_decay=lam), x, gradient, steps)
        theirs = paths_of(vertices, norm, problem, x, lam, steps)
        worst = max(worst, float((ours.x[:, -1] - theirs).abs().max()) * lam)
    # The vertex of a curved ball is known to the root of the solver's tolerance 1e-11 (its value is flat there); five
    # steps on a well-conditioned quadratic pass that on with a factor of the condition number at most.
    return Finding(worst < 1e-4, f"{2 * KINDS} runs of {steps} steps agree with Frank-Wolfe by CLARABEL",
                   {"largest difference, in radii": worst})


CHECK = Check(
    claim=CLAIM,
    space={"d": st.integers(1, 12), "kind": st.integers(0, KINDS - 1), "scale": st.floats(-3, 3)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-12, "norms of at most 12 entries (roots and powers good to a few 2^-53) and one inner product"),
    tightness={
        "same_step": Exact(), "unnormalised_step": Exact(), "vertex_is_steepest": Exact(),
        "vertex_in_ball": Attained(one),
        "vertex_minimises": Attained(lambda: one(fill=-1.0)),
        "vertex_is_unit": Attained(one),
    },
    necessity={
        "descent step": Necessary("same_step", one, replaced(x_next=[[9.0]])),
        "unnormalised step": Necessary("unnormalised_step", unnormalised, replaced(x_next=[[9.0]])),
        "unit direction": Necessary("vertex_in_ball", lambda: one(shrink=2.0)),
        "homogeneity": Necessary("vertex_in_ball", one, replaced(norm_vertex=[9.0])),
        "steepest direction": Necessary("vertex_minimises", lambda: one(shrink=0.5, fill=-1.0)),
        "z in the ball": Necessary("vertex_minimises", lambda: one(fill=-1.0, reach=2.0)),
        "duality": Necessary("vertex_minimises", lambda: one(fill=-1.0, reach=2.0), replaced(norm_z=[0.5])),
        "s in the ball": Necessary("vertex_is_steepest", lambda: one(vertex=2.0)),
        "duality at s": Necessary("vertex_is_steepest", lambda: one(vertex=2.0), replaced(norm_s=[0.5])),
        "best vertex": Necessary("vertex_is_steepest", lambda: one(vertex=0.0)),
        "homogeneity at s": Necessary("vertex_is_unit", one, replaced(norm_minus=[9.0])),
    },
    experiments={"independent_paths": independent_paths},
)
