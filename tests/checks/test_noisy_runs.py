"""Noisy runs: the means of the l1 checks against loops over single paths, and false siblings that must be refuted."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
import sympy as sp
import torch

from checks.arithmetic import BallArithmetic, TorchArithmetic
from checks.battery.property import Refuted, SamplerFault, explore
from checks.errors import RequestError
from checks.l1_rate import momentum_error, second_moment_bound, sgd_rate
from checks.l1_rate.noisy_runs import Runs, landscape, quadratic_run, sample_adamw, sample_runs
from checks.problems import FAMILIES
from theory.core import Always, E
from theory.l1_rate.momentum_error import error
from theory.l1_rate.setting import MEAN_ROOT, G, g, i, k, m, mt

CURVATURE, START, SIGMA = [1.0, 3.0], [2.0, -1.0], [0.5, 2.0]
SIGNS = [[1.0, -1.0], [-1.0, -1.0], [1.0, 1.0]]
SETTINGS = {"theta": 0.75, "beta": 0.5, "tau": 0.25, "eta": 0.125, "eps": 0.0625, "lam": 0.5}
INPUTS = quadratic_run(CURVATURE, START, SIGMA, SIGNS, optimizer="nadamw", **SETTINGS)
NEXT = list(itertools.product((1.0, -1.0), repeat=2))


def one_path(signs: Any) -> list[dict[str, list[float]]]:
    """NAdamW written out: for each step the x, G, g, m, v before and after it that the lemmas speak of."""
    theta, beta, tau, eta, eps, lam = (SETTINGS[name] for name in ("theta", "beta", "tau", "eta", "eps", "lam"))
    x, m_, v, steps = list(START), [0.0, 0.0], [0.0, 0.0], []
    for step in signs:
        clean = [c * y for c, y in zip(CURVATURE, x, strict=True)]
        drawn = [c + s * e for c, s, e in zip(clean, SIGMA, step, strict=True)]
        root = [math.sqrt(beta * w + (1 - beta) * (c * c + s * s) + eps) for w, c, s in zip(v, clean, SIGMA, strict=True)]
        m_ = [theta * a + (1 - theta) * b for a, b in zip(m_, drawn, strict=True)]
        v = [beta * a + (1 - beta) * b * b for a, b in zip(v, drawn, strict=True)]
        mixed = [tau * a + (1 - tau) * b for a, b in zip(m_, drawn, strict=True)]
        steps.append({"x": x, "G": clean, "g": drawn, "m": m_, "v": v, "mt": mixed, "root": root})
        x = [y - eta * (a / math.sqrt(w + eps) + lam * y) for y, a, w in zip(x, mixed, v, strict=True)]
    return steps


def missed(step: dict[str, list[float]], name: str) -> float:
    return sum((a - b) ** 2 for a, b in zip(step["G"], step[name], strict=True))


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def test_means_over_all_paths_are_those_of_a_loop_over_paths():
    found = momentum_error.measure(INPUTS, TorchArithmetic())
    every = [one_path(signs) for signs in itertools.product(NEXT, repeat=3)]
    for base, name in ((m, "m"), (mt, "mt")):
        assert found[E(error(base, 1))].item() == pytest.approx(mean([missed(path[0], name) for path in every]), rel=1e-13)
        expected = [mean([missed(path[t], name) for path in every]) for t in (1, 2)]
        assert found[E(error(base, k + 1))][0].tolist() == pytest.approx(expected, rel=1e-13)
    roots = second_moment_bound.measure({**INPUTS, "optimizer": "nadamw"}, TorchArithmetic())[E(MEAN_ROOT)][0]
    for t, n in itertools.product(range(3), range(2)):
        assert roots[t, n].item() == pytest.approx(mean([path[t]["root"][n] for path in every]), rel=1e-13)


def test_means_given_the_history_are_those_of_a_loop_over_the_next_signs():
    found = momentum_error.measure(INPUTS, TorchArithmetic())
    for t in (1, 2):
        after = [one_path([*SIGNS[:t], signs])[t] for signs in NEXT]
        for base, name in ((m, "m"), (mt, "mt")):
            value = found[E(error(base, k + 1), k + 1)][0, t - 1].item()
            assert value == pytest.approx(mean([missed(step, name) for step in after]), rel=1e-13)
        assert found[E(g[k, i], k)][0, t].tolist() == pytest.approx([mean([s["g"][n] for s in after]) for n in (0, 1)], rel=1e-12)
        variance = [mean([(s["g"][n] - s["G"][n]) ** 2 for s in after]) for n in (0, 1)]
        assert found[E((g[k, i] - G[k, i]) ** 2, k)][0, t].tolist() == pytest.approx(variance, rel=1e-12)


def test_the_marked_path_is_the_one_with_the_given_signs():
    sequences, path = Runs(INPUTS, TorchArithmetic()).sequences(), one_path(SIGNS)
    for name, key in (("g", "g"), ("mtilde", "mt"), ("x", "x"), ("G", "G")):
        torch.testing.assert_close(sequences[name][0, :3], torch.tensor([s[key] for s in path], dtype=torch.float64))
    for name in ("m", "v"):
        torch.testing.assert_close(sequences[name][0, 1:], torch.tensor([s[name] for s in path], dtype=torch.float64))


def test_without_noise_all_paths_are_one():
    silent = {**INPUTS, "noise": torch.zeros(1, 2, dtype=torch.float64)}
    both = (Runs(silent, TorchArithmetic()).all_paths(), Runs(silent, TorchArithmetic()).marked_path())
    for one, other in zip(*both, strict=True):
        torch.testing.assert_close(one.after.x, other.after.x, rtol=0, atol=0)


@pytest.mark.parametrize("measure", [momentum_error.measure, second_moment_bound.measure])
def test_balls_and_floats_measure_alike(measure):
    floats, balls = measure(INPUTS, TorchArithmetic()), measure(INPUTS, BallArithmetic(128))
    for name, value in floats.items():
        if isinstance(value, torch.Tensor):
            torch.testing.assert_close(torch.as_tensor(BallArithmetic(128).to_float(balls[name])), value, rtol=1e-12, atol=1e-12)


def test_only_quadratics_are_evaluated_exactly():
    inputs = sample_runs(torch.Generator().manual_seed(0), 2, (1, 1), "huber", 0.0)
    with pytest.raises(RequestError, match="Huber has no exact evaluation"):
        landscape(inputs, BallArithmetic(64))


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_gives_runs_with_noise_below_its_claim(family):
    generator = torch.Generator().manual_seed(1)
    inputs = sample_runs(generator, 16, (2, 3), family, 1.0)
    assert bool((inputs["noise"] < inputs["sigma"]).all()) and bool((inputs["noise"] == 0).any())
    settings = sample_adamw(generator, inputs, nesterov=False)
    assert bool((settings["lam"] * settings["eta"] <= 2).all())
    assert Runs({**inputs, **settings}, TorchArithmetic()).sequences()["x"].shape == (16, 4, 2)


# -- false siblings ----------------------------------------------------------------------------------------------------


def search(check: Any, part: str, wrong: Any) -> None:
    """Explore a part whose conclusion has been replaced, on quadratics, where refutations are confirmed exactly."""
    false = replace(check.claim.part(part), conclusion=wrong)
    space = {**check.space, "family": st.just("diagonal_quadratics")}
    explore(replace(check, claim=replace(check.claim, parts=[false]), space=space), false, TorchArithmetic(), 0, 5)


def lessened(conclusion: Any) -> Any:
    """The conclusion with three quarters of its right side."""
    body = conclusion.body if isinstance(conclusion, Always) else conclusion
    smaller = sp.Le(body.lts, sp.Rational(3, 4) * body.gts)
    return Always(smaller, *conclusion.limits) if isinstance(conclusion, Always) else smaller


@pytest.mark.parametrize(("check", "part"), [
    (momentum_error.CHECK, "adamw"), (momentum_error.CHECK, "nadamw_mean"), (second_moment_bound.CHECK, "bound"),
    (sgd_rate.CHECK, "any_rate"), (sgd_rate.CHECK, "norms"),
])
def test_a_smaller_constant_is_refuted(check, part):
    search(check, part, check.claim.part(part).conclusion)
    with pytest.raises(Refuted):
        search(check, part, lessened(check.claim.part(part).conclusion))


def test_an_optimizer_that_does_not_do_what_the_claim_says_is_noticed():
    def wrong(inputs: Any, arithmetic: Any) -> Any:
        return momentum_error.measure({**inputs, "theta": inputs["theta"] / 2}, arithmetic) | {
            "theta": arithmetic.array(inputs["theta"])}

    part = momentum_error.CLAIM.part("adamw")
    with pytest.raises(SamplerFault, match="momentum"):
        explore(replace(momentum_error.CHECK, measure=wrong), part, TorchArithmetic(), 0, 2)
