"""Exercise the characterisation of KKT points on points built to be KKT in seven norms, and on optima of a convex solver."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic
from checks.battery.check import (
    Attained,
    Check,
    Defining,
    Exact,
    Finding,
    Inputs,
    Measure,
    Measured,
    Necessary,
    Tolerance,
    column,
)
from checks.constrained import solve_boxes, stack
from checks.implicit_bias.norm_choices import KINDS, another_steepest, norm_of, subgradient, unit
from checks.norms import LInf
from checks.problems import CONVEX_FAMILIES, FAMILIES
from theory.implicit_bias.kkt_characterisation import CLAIM

FROM_SUBGRADIENT = ("multiplier", "necessity")


def sample(generator: torch.Generator, batch: int, part: str, d: int, kind: int, scale: float) -> Inputs:
    """For `multiplier`, `necessity`: x anywhere in the ball, a subgradient of the norm there, g = -sΔ with s = 0 inside.
    Otherwise g given, with ties and zeros, and x = -(1/λ) times one of its steepest directions;
    `any_subgradient` takes any Δ."""

    def uniform(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    def vectors() -> torch.Tensor:
        dense = torch.randn(batch, d, generator=generator, dtype=torch.float64) * 10.0 ** (scale * uniform(batch, d))
        tied = torch.where(uniform(batch, 1) < 0.3, torch.sign(dense) * 2, dense)
        kept = tied * (uniform(batch, d) < uniform(batch, 1))
        kept[:, 0] += (kept == 0).all(-1)  # never all zero: the gradient's dual norm divides
        return kept

    inside = uniform(batch) < 0.3
    return {"d": d, "kind": 1 if part.startswith("box") else kind, "from": int(part in FROM_SUBGRADIENT),
            "free": int(part == "any_subgradient"), "lambda": 10 ** (4 * uniform(batch) - 2),
            "g": vectors(), "direction": vectors(),
            "reach": torch.where(inside, uniform(batch), torch.ones(batch, dtype=torch.float64)),
            "s": torch.where(inside, torch.zeros(batch, dtype=torch.float64), 10 ** (4 * uniform(batch) - 2))}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """Build the point from the subgradient side or from the gradient side; all norms come from `checks.norms`."""
    lam, g, direction, reach, s = (arithmetic.array(inputs[k]) for k in ("lambda", "g", "direction", "reach", "s"))
    norm, wide = norm_of(inputs["kind"], inputs["d"]), lam[:, None]
    inside = unit(norm, direction, arithmetic) * reach[:, None]
    if inputs["from"]:
        x, Delta = inside / wide, subgradient(norm, direction, arithmetic)
        g = -s[:, None] * Delta
    else:
        x, Delta = -another_steepest(norm, g, inside, arithmetic) / wide, -g / norm.dual(g)[:, None]
        s = norm.dual(g)
    if inputs["free"]:
        Delta = direction
    zero = arithmetic.zeros(g.shape)
    return {"d": inputs["d"], "lambda": lam, "x": x, "g": g, "Delta": Delta, "s": s, "norm_x": norm.norm(x),
            "dual_g": norm.dual(g), "dual_Delta": norm.dual(Delta), "kappa": bound(norm, g, arithmetic),
            "mu_plus": arithmetic.maximum(-g, zero), "mu_minus": arithmetic.maximum(g, zero)}


def bound(norm: Any, g: Any, arithmetic: Arithmetic) -> Any:
    """A κ with |g_i| ≤ κ‖g‖_*: the largest norm of a unit vector, since |⟨g, e_i⟩| ≤ ‖g‖_*‖e_i‖; 1 in these norms."""
    return arithmetic.full((g.shape[0],), 1)


def given(**entries: Any) -> Measure:
    """A measurement of one coordinate (or as many as x has) with λ = 1, made of the given numbers alone."""

    def altered(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        full = {"x": [1.0], "g": [-1.0], "Delta": [1.0], "s": 1.0, "norm_x": 1.0, "dual_g": 1.0, "dual_Delta": 1.0,
                "kappa": 1.0, "mu_plus": [1.0], "mu_minus": [0.0], "lambda": 1.0, **entries}
        return {"d": len(full["x"]), **{k: arithmetic.array([v]) for k, v in full.items()}}

    return altered


def one() -> Inputs:
    """Slope 3 in ℓ∞, x on the lower face of |x| ≤ 1/2."""
    return {"d": 1, "kind": 1, "from": 0, "free": 0, "lambda": column(2.0), "g": column([[3.0]]), "direction": column([[1.0]]),
            "reach": column(1.0), "s": column(0.0)}


def broken(part: str, **entries: Any) -> Necessary:
    """A KKT point in one coordinate (x = 1 = 1/λ, g = -1, Δ = 1) with these numbers changed."""
    return Necessary(part, one, given(**entries))


def at_optima(arithmetic: Arithmetic, seed: int) -> Finding:
    """Convex problems on boxes by CLARABEL: ⟨-λx, g⟩ = ‖g‖₁ at the optimum, the multipliers there add up to |g_i|, and
    a point of the same size that is not optimal fails the equation."""
    rng, norm = torch.Generator().manual_seed(seed), LInf()
    worst_aligned = worst_multiplier = 0.0
    least_elsewhere, count, active = float("inf"), 0, 0
    for name in CONVEX_FAMILIES:
        problem, lam = FAMILIES[name](rng, 6, 4), 1.0
        x, _, mu_plus, mu_minus = stack(solve_boxes(problem, 1 / lam))
        g = problem.gradient(x)
        size = 1 + norm.dual(g)
        worst_aligned = max(worst_aligned, float((((-lam * x * g).sum(-1) - norm.dual(g)) / size).abs().max()))
        worst_multiplier = max(worst_multiplier, float(((mu_plus + mu_minus - g.abs()).amax(-1) / size).abs().max()))
        away = -x.roll(1, 0)
        slope = problem.gradient(away)
        gap = norm.dual(slope) + lam * (away * slope).sum(-1)
        least_elsewhere = min(least_elsewhere, float((gap / norm.dual(slope)).min()))
        count, active = count + 6, active + int((x.abs() * lam > 1 - 1e-9).sum())
    # 1e-8 and 1e-4: the accuracy of residual and multipliers to which `constrained` calls a problem solved.
    agrees = worst_aligned < 1e-8 and worst_multiplier < 1e-4 and least_elsewhere > 1e-6
    return Finding(agrees, f"{count} optima with {active} active faces by CLARABEL", {
        "largest |⟨-λx, g⟩ - ‖g‖₁|": worst_aligned, "largest error of the multipliers": worst_multiplier,
        "least relative gap at other points": least_elsewhere})


EQUATIONS = ("multiplier", "necessity", "witness_stationary", "witness_size", "witness_value", "witness_complementary",
             "box_upper_faces", "box_lower_faces", "box_multipliers")

CHECK = Check(
    claim=CLAIM,
    space={"d": st.integers(1, 12), "kind": st.integers(0, KINDS - 1), "scale": st.floats(-3, 3)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-12, "norms of at most 12 entries (roots and powers good to a few 2^-53) and one inner product"),
    tightness={
        **{part: Exact() for part in EQUATIONS},
        "any_subgradient": Attained(lambda: {**one(), "free": 1}),
    },
    necessity={
        "feasible": broken("witness_value", x=[1.0, 5.0], g=[-1.0, 0.0], Delta=[1.0, 0.0], norm_x=5.0,
                           mu_plus=[1.0, 0.0], mu_minus=[0.0, 0.0]),
        "stationarity": broken("necessity", g=[1.0]),
        "complementarity": broken("necessity", x=[0.5], norm_x=0.5),
        "subgradient size": broken("multiplier", x=[1.0, 1.0], Delta=[3.0, -2.0], g=[-3.0, 2.0], dual_g=5.0, dual_Delta=5.0,
                                   mu_plus=[3.0, 0.0], mu_minus=[0.0, 2.0]),
        "subgradient value": broken("necessity", x=[-1.0]),
        "homogeneity": broken("multiplier", dual_g=5.0),
        "duality": broken("multiplier", dual_g=0.5, dual_Delta=0.5),
        "aligned": broken("witness_value", x=[-0.5], norm_x=0.5),
        "gradient": Defining("witness_value"),
        "witness": broken("witness_stationary", Delta=[5.0]),
        "homogeneity of the witness": broken("witness_size", dual_Delta=5.0),
        "definite": broken("any_subgradient", kappa=0.0, Delta=[0.0], g=[1.0]),
        "in the box": broken("box_lower_faces", x=[-5.0, 3.0], g=[1.0, 1.0], Delta=[0.0, 0.0], mu_plus=[0.0, 0.0],
                             mu_minus=[1.0, 1.0]),
        "aligned in the box": broken("box_upper_faces", x=[0.0]),
        "box stationarity": broken("box_multipliers", x=[0.0], g=[5.0], mu_plus=[0.0]),
        "upper faces": broken("box_multipliers", x=[-1.0], g=[1.0], mu_plus=[3.0], mu_minus=[4.0]),
        "lower faces": broken("box_multipliers", x=[1.0], g=[-1.0], mu_plus=[4.0], mu_minus=[3.0]),
    },
    experiments={"at_optima": at_optima},
)
