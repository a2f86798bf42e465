"""Exercise the KKT score on points of the box, on KKT points with ties and zeros, and on convex functions."""

from __future__ import annotations

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import Attained, Check, Exact, Finding, Inputs, Measured, Necessary, Tolerance, column
from checks.constrained import solve_boxes, stack
from checks.kkt import kkt_score
from checks.problems import CONVEX_FAMILIES, FAMILIES
from theory.l1_rate.kkt_score import CLAIM

KKT_PARTS = ("upper_faces", "lower_faces", "kkt_vanishes")


def sample(generator: torch.Generator, batch: int, part: str, d: int, scale: float) -> Inputs:
    """Points u/λ with |u| ≤ 1 (u = -sign g at KKT points; within ν for `interior`), gradients with zeros and ties.

    f is the convex quadratic through x with slope g and curvature diag(h) + r r'.
    """

    def uniform(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    u, w = 2 * uniform(batch, d) - 1, 2 * uniform(batch, d) - 1
    u = torch.where(uniform(batch, d) < 0.3, torch.sign(u), u)
    g = torch.randn(batch, d, generator=generator, dtype=torch.float64) * 10.0 ** (scale * uniform(batch, d))
    g = g * (uniform(batch, d) < uniform(batch, 1))
    if part in KKT_PARTS:
        u = torch.where(g != 0, -torch.sign(g), u)
    nu = 2 * uniform(batch) if part == "interior" else torch.ones(batch, dtype=torch.float64)
    lam = 10 ** (6 * uniform(batch) - 3)
    bend = uniform(batch, d) * (uniform(batch, 1) < 0.7) * lam[:, None]
    return {"d": d, "lambda": lam, "u": u, "w": w, "g": g, "nu": nu, "h": bend, "r": bend * w.roll(1, -1),
            "mu_plus": (-g).clamp(min=0), "mu_minus": g.clamp(min=0)}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """x = νu/λ, y = w/λ and the quadratic's values there."""
    names = ("lambda", "u", "w", "g", "nu", "h", "r", "mu_plus", "mu_minus")
    lam, u, w, g, nu, h, r, mu_plus, mu_minus = (arithmetic.array(inputs[name]) for name in names)
    x, y = nu[:, None] * u / lam[:, None], w / lam[:, None]
    step = y - x
    f_x = arithmetic.zeros(lam.shape)
    f_y = arithmetic.sum(g * step + h * step * step / 2, -1) + arithmetic.sum(r * step, -1) ** 2 / 2
    return {"d": inputs["d"], "lambda": lam, "x": x, "y": y, "g": g, "nu": nu, "f_x": f_x, "f_y": f_y,
            "mu_plus": mu_plus, "mu_minus": mu_minus}


def one(u: float, g: float, **changes: float) -> Inputs:
    """One coordinate, λ = 2, a linear f, y on the lower face, multipliers from g, unless told otherwise."""
    given = {"lambda": 2.0, "u": u, "g": g, "nu": 1.0, "w": -1.0, "h": 0.0, "r": 0.0,
             "mu_plus": max(-g, 0.0), "mu_minus": max(g, 0.0), **changes}
    scalars = ("lambda", "nu")
    return {"d": 1, **{k: column(v if k in scalars else [[v]]) for k, v in given.items()}}


def at_optima(arithmetic: Arithmetic, seed: int) -> Finding:
    """Random convex problems: at a convex solver's optimum S is 0 and its multipliers are ours; elsewhere S/λ bounds
    the gap to the solver's value."""
    rng = torch.Generator().manual_seed(seed)
    worst_score = worst_multiplier = worst_gap = 0.0
    count = 0
    for name in CONVEX_FAMILIES:
        problem = FAMILIES[name](rng, 6, 4)
        lam = 10 ** (torch.rand(6, generator=rng, dtype=torch.float64) * 1.5 - 0.5)
        best, value, mu_plus, mu_minus = stack(solve_boxes(problem, 1 / lam))
        g = problem.gradient(best)
        size = 1 + g.abs().sum(-1)
        worst_score = max(worst_score, float((kkt_score(best, g, lam) / size).abs().max()))
        ours = torch.stack([(-g).clamp(min=0), g.clamp(min=0)])
        errors = (ours - torch.stack([mu_plus, mu_minus])).abs().amax((0, 2))
        worst_multiplier = max(worst_multiplier, float((errors / size).max()))
        points = (2 * torch.rand(6, 50, 4, generator=rng, dtype=torch.float64) - 1) / lam[:, None, None]
        gap = problem.value(points) - value[:, None]
        certified = kkt_score(points, problem.gradient(points), lam[:, None].expand(6, 50)) / lam[:, None]
        worst_gap = max(worst_gap, float((gap / certified).max()))
        count += 6
    # 1e-8 and 1e-4 are the accuracies to which `constrained` calls a problem solved (KKT residual, multipliers);
    # the gap is of the order of the box, so 1e-6 of it covers the solver's value.
    agrees = worst_score < 1e-8 and worst_multiplier < 1e-4 and worst_gap < 1 + 1e-6
    return Finding(agrees, f"{count} convex problems against CLARABEL", {
        "largest score at an optimum": worst_score, "largest multiplier error": worst_multiplier,
        "largest gap / (S/λ)": worst_gap})


CHECK = Check(
    claim=CLAIM,
    space={"d": st.integers(1, 40), "scale": st.floats(-3, 3)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-12, "sums of at most 40 products of two or three factors, each rounded to 2^-53 of its size"),
    tightness={
        "nonnegative": Attained(lambda: one(-1.0, 3.0)),
        "stationary": Exact(), "upper_faces": Exact(), "lower_faces": Exact(), "kkt_vanishes": Exact(),
        "interior": Attained(lambda: one(-1.0, 3.0, nu=0.5)),
        "certificate": Attained(lambda: one(0.5, 3.0)),
    },
    necessity={
        "in the box": Necessary("nonnegative", lambda: one(-2.0, 1.0)),
        "score vanishes": Necessary("upper_faces", lambda: one(0.0, -1.0)),
        "stationarity": Necessary("kkt_vanishes", lambda: one(0.0, 1.0, mu_minus=0.0)),
        "upper faces": Necessary("kkt_vanishes", lambda: one(0.0, -1.0)),
        "lower faces": Necessary("kkt_vanishes", lambda: one(0.0, 1.0)),
        "in a smaller box": Necessary("interior", lambda: one(-2.0, 1.0, nu=0.5)),
        "y in the box": Necessary("certificate", lambda: one(0.0, 1.0, w=-2.0)),
        "gradient inequality": Necessary("certificate", lambda: one(0.0, 0.0, h=-8.0)),
    },
    experiments={"at_optima": at_optima},
)
