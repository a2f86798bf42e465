"""Confidence intervals cover as often as they state, for skewed samples too, and narrow as they should."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from scipy.stats import binom
from torch import Tensor

from checks.errors import RequestError
from checks.monte_carlo import MonteCarlo

REPEATS = 4000


def bernoulli(p: float) -> Callable[[torch.Generator, int], Tensor]:
    return lambda rng, n: (torch.rand(REPEATS, n, generator=rng, dtype=torch.float64) < p).double()


def uniform(rng: torch.Generator, n: int) -> Tensor:
    return torch.rand(REPEATS, n, generator=rng, dtype=torch.float64)


SAMPLES = {
    "fair coin": (bernoulli(0.5), 0.5),
    "rare event": (bernoulli(0.02), 0.02),
    "uniform": (uniform, 0.5),
    "fifth power": (lambda rng, n: uniform(rng, n) ** 5, 1 / 6),
}


def misses(samples: Tensor, expected: float, error: float, rigorous: bool) -> int:
    """Intervals, each made alone with the given error probability, that do not contain the expectation."""
    member = MonteCarlo(suite_error=error)
    count = 0
    for row in samples.split(1):
        found = member.bounded_mean(row, 0.0, 1.0) if rigorous else member.student_mean(row)
        count += not bool((found.lower <= expected) & (expected <= found.upper))
    return count


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("count", [5, 60])
def test_rigorous_intervals_cover(name: str, count: int) -> None:
    draw, expected = SAMPLES[name]
    error = 0.1
    missed = misses(draw(torch.Generator().manual_seed(count), count), expected, error, rigorous=True)
    # a true rate of at most 0.1 gives more misses than this with probability below 1e-6
    assert missed <= binom.isf(1e-6, REPEATS, error)


def test_student_intervals_do_not_cover_rare_events() -> None:
    draw, expected = SAMPLES["rare event"]
    missed = misses(draw(torch.Generator().manual_seed(0), 60), expected, 0.1, rigorous=False)
    assert missed > binom.isf(1e-6, REPEATS, 0.1)  # so the coverage test can fail, and the label is deserved


def test_joint_coverage_of_a_batch() -> None:
    failures = 0
    for seed in range(200):
        samples = torch.rand(20, 40, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        found = MonteCarlo(suite_error=0.2, suite_size=2).bounded_mean(samples, 0.0, 1.0)
        failures += bool(((found.lower > 0.5) | (found.upper < 0.5)).any())
    assert failures <= binom.isf(1e-6, 200, 0.1)


def test_small_variance_beats_the_range() -> None:
    rng = torch.Generator().manual_seed(0)
    samples = 0.5 + 1e-3 * torch.rand(3, 20_000, generator=rng, dtype=torch.float64)
    found = MonteCarlo(suite_error=1e-6).bounded_mean(samples, 0.0, 1.0)
    hoeffding_half = (torch.log(torch.tensor(12e6)) / 40_000).sqrt()
    assert (found.upper - found.lower < 0.3 * hoeffding_half).all()
    assert found.rigorous and found.samples == 20_000


def test_share_splits_the_error_and_ranges_scale() -> None:
    assert MonteCarlo(suite_error=0.01, suite_size=50).share == pytest.approx(2e-4)
    samples = uniform(torch.Generator().manual_seed(0), 50)[:4]
    member = MonteCarlo(suite_error=0.01)
    unit = member.bounded_mean(samples, 0.0, 1.0)
    scale = torch.tensor([1.0, 10.0, 0.1, 3.0], dtype=torch.float64)
    wide = member.bounded_mean(samples * scale[:, None] - 2, torch.full((4,), -2.0), scale - 2)
    torch.testing.assert_close(wide.lower, unit.lower * scale - 2)
    torch.testing.assert_close(wide.upper, unit.upper * scale - 2)
    stricter = MonteCarlo(suite_error=0.01, suite_size=10).bounded_mean(samples, 0.0, 1.0)
    assert (stricter.upper - stricter.lower > unit.upper - unit.lower).all()


@pytest.mark.parametrize(
    "request_",
    [
        lambda: MonteCarlo(suite_error=0.0),
        lambda: MonteCarlo(suite_size=0),
        lambda: MonteCarlo().bounded_mean(torch.ones(2, 1), 0.0, 1.0),
        lambda: MonteCarlo().bounded_mean(torch.ones(2, 5), 0.0, 0.9),
        lambda: MonteCarlo().student_mean(torch.full((2, 5), float("nan"))),
    ],
)
def test_bad_requests(request_: Callable[[], object]) -> None:
    with pytest.raises(RequestError):
        request_()
