"""Enumerated sign paths are all the paths, in order, with exact means; refusals say what would fit."""

from __future__ import annotations

import dataclasses
import itertools
import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from checks.arithmetic import RationalArithmetic, TorchArithmetic
from checks.errors import RequestError
from checks.noise import SignPaths, bytes_needed, sample_signs
from checks.optimizers import AdamW
from checks.problems import dense_quadratics

BATCH, DIM, STEPS = 3, 2, 3


def sigma(batch: int, dim: int) -> torch.Tensor:
    return torch.rand(batch, dim, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def single_path(
    b: int, signs: tuple[Any, ...], noise: torch.Tensor, hyper: dict[str, torch.Tensor]
) -> torch.Tensor:
    """End point of one problem along one path, run alone: what the enumeration must reproduce row by row."""
    problem = dense_quadratics(torch.Generator().manual_seed(0), BATCH, DIM).take([b])
    arithmetic = TorchArithmetic()
    own = {name: value[b].item() for name, value in hyper.items() if name != "lr"}
    optimizer = AdamW(lr=hyper["lr"][b : b + 1], **own)
    state = optimizer.init(torch.ones(1, DIM, dtype=torch.float64), arithmetic)
    for step_signs in signs:
        noisy = problem.gradient(state.x) + noise[b] * torch.tensor(step_signs, dtype=torch.float64)
        state = optimizer.step(state, noisy, arithmetic)
    return state.x[0]


def test_walk_visits_every_path_with_its_own_hyperparameters() -> None:
    noise, rng = sigma(BATCH, DIM), torch.Generator().manual_seed(2)
    names = ("beta1", "beta2", "eps", "weight_decay")
    hyper = {name: 0.1 + 0.8 * torch.rand(BATCH, generator=rng, dtype=torch.float64) for name in names}
    hyper["lr"] = 0.1 * torch.rand(BATCH, STEPS, generator=rng, dtype=torch.float64)
    problem, arithmetic = dense_quadratics(torch.Generator().manual_seed(0), BATCH, DIM), TorchArithmetic()
    optimizer, paths = AdamW(**hyper), SignPaths(noise, STEPS)
    start = optimizer.init(torch.ones(BATCH, DIM, dtype=torch.float64), arithmetic)
    *_, last = paths.walk(optimizer, start, problem.gradient, arithmetic)
    assert last.after.x.shape == (BATCH * 4**STEPS, DIM)
    ends = last.after.x.reshape(BATCH, 4**STEPS, DIM)
    one_step = [(1, 1), (-1, 1), (1, -1), (-1, -1)]
    for b in range(BATCH):
        for leaf, signs in enumerate(itertools.product(one_step, repeat=STEPS)):
            # three steps of the same arithmetic in other batch shapes: a few roundings
            torch.testing.assert_close(
                ends[b, leaf], single_path(b, signs, noise, hyper), rtol=1e-12, atol=1e-13
            )
    mean = paths.mean(last.after.x)
    torch.testing.assert_close(mean, ends.mean(1), rtol=1e-14, atol=1e-15)


class PlainSteps:
    """x <- x - x_noisy_gradient / 2, an optimizer without hidden state, for exact rationals."""

    def step(self, state: Any, grad: Any, arithmetic: Any) -> Any:
        return dataclasses.replace(state, x=state.x - grad / 2, m=state.m + grad * grad)


def test_rational_enumeration_is_exact() -> None:
    arithmetic = RationalArithmetic()
    start = AdamW(lr=0.5).init([["1/3", "2/7"], ["1/5", "-1"]], arithmetic)
    noise = arithmetic.array([["1/2", "3"], ["1/7", "0"]])
    paths = SignPaths(noise, 3)
    expected_x, expected_m = start.x, start.m
    for step in paths.walk(PlainSteps(), start, lambda x: x * arithmetic.array("2/3"), arithmetic):
        clean = paths.mean(step.clean)
        assert (paths.mean(step.noisy) == clean).all()
        assert (
            paths.mean(step.noisy * step.noisy) == paths.mean(step.clean * step.clean) + noise * noise
        ).all()
        expected_m = expected_m + paths.mean(step.clean * step.clean) + noise * noise
        expected_x = expected_x - clean / 2  # the mean of a linear recursion follows the noiseless recursion
        assert (paths.mean(step.after.x) == expected_x).all()
        assert (paths.mean(step.after.m) == expected_m).all()
    assert step.t == 3 and step.after.x.shape == (2 * 4**3, 2)


@given(batch=st.integers(1, 4), dim=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_one_branching_has_the_stated_moments(batch: int, dim: int, seed: int) -> None:
    noise = sigma(batch, dim)
    paths = SignPaths(noise, 1)
    clean = torch.randn(batch, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    noisy = paths.branch(clean)
    assert noisy.shape == (batch * 2**dim, dim)
    deviation = (noisy.reshape(batch, -1, dim) - clean[:, None]) / noise[:, None]
    assert all(
        len({tuple(row) for row in d.round().tolist()}) == 2**dim for d in deviation
    )  # every sign vector
    torch.testing.assert_close(paths.mean(noisy), clean, rtol=1e-13, atol=1e-13)  # sums of 16 numbers below 5


@given(
    batch=st.integers(1, 50),
    dim=st.integers(1, 12),
    steps=st.integers(1, 200),
    budget=st.integers(100, 2**33),
)
def test_refusals_suggest_what_fits(batch: int, dim: int, steps: int, budget: int) -> None:
    noise = sigma(batch, dim)
    if bytes_needed(batch, dim, steps) <= budget:
        SignPaths(noise, steps, budget)
        return
    with pytest.raises(RequestError, match="All sign paths") as refusal:
        SignPaths(noise, steps, budget)
    for d, k in re.findall(r"d=(\d+), K=(\d+)", str(refusal.value).split(": ask for ")[1]):
        assert bytes_needed(batch, int(d), int(k)) <= budget
    for most in re.findall(r"(\d+) problems at a time", str(refusal.value)):
        assert bytes_needed(int(most), dim, steps) <= budget < bytes_needed(int(most) + 1, dim, steps)


def test_a_refusal_reads_like_a_sentence() -> None:
    with pytest.raises(RequestError) as refusal:
        SignPaths(sigma(10, 3), 12)
    assert str(refusal.value) == (
        "All sign paths of 10 problems with d=3, K=12 are 2^36 each and need 360.0 TiB, more than the "
        "1.0 GiB allowed: ask for d=3, K=5 or d=1, K=12, raise the memory budget, or use Monte Carlo."
    )


@pytest.mark.parametrize(
    ("noise", "steps"),
    [(torch.zeros(0, 2), 1), (torch.zeros(2), 1), (-torch.ones(1, 1), 1), (torch.ones(1, 1), 0)],
)
def test_bad_requests(noise: torch.Tensor, steps: int) -> None:
    with pytest.raises(RequestError):
        SignPaths(noise, steps)


def test_rationals_count_for_their_size() -> None:
    with pytest.raises(RequestError, match="allowed"):
        SignPaths(np.full((1, 1), RationalArithmetic().array(1), dtype=object), 20)
    SignPaths(torch.ones(1, 1, dtype=torch.float64), 20)


def test_sampled_signs_have_the_stated_moments() -> None:
    noise = sigma(2, 3)
    drawn = sample_signs(torch.Generator().manual_seed(0), noise, 40_000)
    assert torch.equal(drawn.abs(), noise[:, None, :].expand_as(drawn))
    # means of 40,000 signs exceed 5 / sqrt(40,000) = 0.025 with probability below 6e-7 each
    assert (drawn.mean(1) / noise).abs().max() < 0.025
