"""Box optima match closed forms and certify themselves; badly solved problems are not called solved."""

from __future__ import annotations

import dataclasses
import sys

import cvxpy as cp
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import constrained
from checks.constrained import Objective, SolverSettings, solve_box, solve_boxes, stack
from checks.errors import RequestError
from checks.kkt import kkt_score
from checks.problems import CONVEX_FAMILIES, FAMILIES, DiagonalQuadratic
from tests.checks.instances import Draw, draws, make

each_convex = pytest.mark.parametrize("name", sorted(CONVEX_FAMILIES))
radii = st.sampled_from([0.05, 0.5, 1.0, 3.0])


@given(draw=draws(), radius=radii)
@settings(max_examples=10)
def test_diagonal_quadratics_are_clipped_centres(draw: Draw, radius: float) -> None:
    problem = make("diagonal_quadratics", draw, batch=4)
    assert isinstance(problem, DiagonalQuadratic)
    optima = solve_boxes(problem, radius)
    x, value, mu_plus, mu_minus = stack(optima)
    expected = problem.center.clamp(-radius, radius)
    # the polished point sits on the faces exactly and solves the free coordinates by one Newton step
    torch.testing.assert_close(x, expected, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(value, problem.value(expected), rtol=1e-12, atol=1e-12)
    force = problem.amplitude * problem.rate**2 * (problem.center - expected)
    size = 1 + force.abs().sum(-1, keepdim=True)
    # multipliers come from the solver unpolished: 1e-6 is a hundred times the error seen
    assert ((mu_plus - force.clamp(min=0)).abs() <= 1e-6 * size).all()
    assert ((mu_minus - (-force).clamp(min=0)).abs() <= 1e-6 * size).all()


@each_convex
@given(draw=draws(max_dim=6), radius=radii)
@settings(max_examples=8)
def test_random_problems_are_solved_to_rounding(name: str, draw: Draw, radius: float) -> None:
    problem = make(name, draw, batch=4)
    optima = solve_boxes(problem, radius)
    x, value, mu_plus, mu_minus = stack(optima)
    gradient = problem.gradient(x)
    size = 1 + gradient.abs().sum(-1)
    assert (x.abs() <= radius).all()
    # most polished points reach 1e-15; log-sum-exp at temperature 1e-3 stalls once values differ by less
    # than eps (worst of 8,000 problems: 1.0e-10)
    for b, optimum in enumerate(optima):
        assert optimum.kkt_residual <= 1e-9 * size[b]
        assert -1e-15 * size[b] <= optimum.duality_gap <= 1e-9 * radius * size[b]
    # on active faces the multiplier is the size of the gradient, elsewhere it is zero; the solver's numbers
    # are independent of our gradient and good to about half of float64's digits
    active = x.abs() >= radius
    strength = torch.where(x > 0, mu_plus, mu_minus)
    assert ((strength - gradient.abs()).abs()[active] <= 1e-5 * size[:, None].expand_as(x)[active]).all()
    assert (torch.maximum(mu_plus, mu_minus)[~active] <= 1e-5 * size[:, None].expand_as(x)[~active]).all()
    # nothing feasible is better, and the gap at any feasible point bounds how much worse it is
    rng = torch.Generator().manual_seed(draw.seed)
    others = radius * (2 * torch.rand(4, 50, problem.dim, generator=rng, dtype=torch.float64) - 1)
    others[:, :10] = torch.sign(others[:, :10]) * radius
    excess = problem.value(others) - value[:, None]
    gap = radius * kkt_score(others, problem.gradient(others), 1 / radius)
    rounding = 1e-12 * (1 + value.abs() + problem.l2_smoothness)[:, None]
    assert (excess >= -rounding).all() and (excess <= gap + rounding).all()


@each_convex
def test_each_problem_gets_its_own_radius_and_index(name: str) -> None:
    problem = FAMILIES[name](torch.Generator().manual_seed(11), 3, 4)
    radius = torch.tensor([0.1, 1.0, 30.0], dtype=torch.float64)
    optima = solve_boxes(problem, radius)
    assert optima[0].solved and optima[0].x.abs().max() == 0.1
    alone = solve_box(problem, 1.0, index=1)
    assert alone.solved and alone.value == pytest.approx(optima[1].value, abs=1e-12)
    assert (
        problem.value(torch.zeros(3, 4).double()) >= torch.tensor([o.value for o in optima]) - 1e-12
    ).all()


@each_convex
def test_an_interrupted_solve_is_not_solved(name: str) -> None:
    problem = FAMILIES[name](torch.Generator().manual_seed(1), 2, 3)
    for optimum in solve_boxes(problem, 0.5, SolverSettings(max_iter=1)):
        assert not optimum.solved and "CLARABEL" in optimum.message
        assert torch.isnan(optimum.x).all()
        with pytest.raises(RequestError, match="not solved: CLARABEL"):
            optimum.require_solved()


def test_a_sloppy_solve_is_not_solved() -> None:
    problem = FAMILIES["log_cosh"](torch.Generator().manual_seed(1), 4, 3)
    sloppy = solve_boxes(problem, 0.5, SolverSettings(tolerance=1e-2, polish=False))
    assert not any(optimum.solved for optimum in sloppy)
    assert all("duality gap" in optimum.message for optimum in sloppy)
    careful = solve_boxes(problem, 0.5)
    for bad, good in zip(sloppy, careful, strict=True):
        assert good.solved and 0 < bad.value - good.value <= bad.duality_gap  # the certificate is honest
    with pytest.raises(RequestError, match="duality gap"):
        stack(sloppy)


def parabola(center: float) -> Objective:
    """sum (x - 2)^2 to us, sum (x - center)^2 to the solver."""
    return Objective(
        dim=2,
        expression=lambda variable: cp.sum_squares(variable - center),
        value=lambda x: ((x - 2) ** 2).sum(-1),
        gradient=lambda x: 2 * (x - 2),
        hessian=lambda x: 2 * torch.eye(2, dtype=torch.float64).expand(len(x), 2, 2),
    )


def test_objectives_outside_the_families() -> None:
    optimum = solve_box(parabola(2.0), 0.5)
    assert optimum.solved and optimum.value == pytest.approx(4.5, abs=1e-12)
    assert optimum.multipliers[0].tolist() == pytest.approx([3.0, 3.0], abs=1e-6)  # unpolished solver output


def test_a_solver_that_solved_another_problem_is_caught() -> None:
    optimum = solve_box(
        parabola(1.0), 0.5
    )  # same minimiser, but the multipliers are 1 where they should be 3
    assert not optimum.solved and "multipliers" in optimum.message
    unpolished = solve_box(parabola(0.0), 0.5, settings=SolverSettings(polish=False))
    assert not unpolished.solved and "duality gap" in unpolished.message


def test_only_clarabel_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    solve = cp.Problem.solve

    def record(self: cp.Problem, *args: object, **options: object) -> object:
        asked.append(options.get("solver"))
        return solve(self, *args, **options)

    monkeypatch.setattr(cp.Problem, "solve", record)
    for name in CONVEX_FAMILIES:
        assert solve_box(FAMILIES[name](torch.Generator().manual_seed(0), 1, 2), 1.0).solved
    assert set(asked) == {cp.CLARABEL}


def test_missing_solvers_say_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = FAMILIES["huber"](torch.Generator().manual_seed(0), 1, 2)
    with monkeypatch.context() as patch:
        patch.setattr(cp, "installed_solvers", lambda: ["SCS"])
        with pytest.raises(RequestError, match="pip install clarabel"):
            solve_box(problem, 1.0)
    monkeypatch.setitem(sys.modules, "cvxpy", None)
    with pytest.raises(RequestError, match="pip install cvxpy"):
        solve_box(problem, 1.0)


@pytest.mark.parametrize("radius", [0.0, -1.0, float("nan"), float("inf"), torch.ones(3), torch.ones(1, 1)])
def test_bad_radii(radius: float | torch.Tensor) -> None:
    with pytest.raises(RequestError, match="radius"):
        solve_boxes(FAMILIES["huber"](torch.Generator().manual_seed(0), 2, 2), radius)


def test_problems_that_are_not_convex_are_refused() -> None:
    with pytest.raises(RequestError, match="not convex"):
        solve_box(FAMILIES["coupled_wells"](torch.Generator().manual_seed(0), 1, 2), 1.0)


def test_importing_the_solver_module_imports_neither_cvxpy_nor_problems() -> None:
    import subprocess

    code = "import sys, checks.constrained; print('cvxpy' in sys.modules, 'checks.problems' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["False", "False"]


def test_single_precision_problems_are_solved_in_double() -> None:
    problem = FAMILIES["dense_quadratics"](torch.Generator().manual_seed(0), 2, 3).to(dtype=torch.float32)
    for optimum in solve_boxes(problem, 0.5):
        assert optimum.solved and optimum.x.dtype == torch.float64


def test_optima_are_plain_data() -> None:
    fields = {f.name for f in dataclasses.fields(constrained.BoxOptimum)}
    assert {"x", "value", "multipliers", "kkt_residual", "duality_gap", "solved", "message"} <= fields
