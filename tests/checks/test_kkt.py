"""The KKT score and residual are zero exactly at KKT points, in every kind of number."""

from __future__ import annotations

from fractions import Fraction

import flint
import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from checks.arithmetic import BallArithmetic, RationalArithmetic
from checks.kkt import kkt_residual, kkt_score

coordinate = st.integers(-6, 6)


def is_kkt(x: Fraction, g: Fraction, scale: Fraction) -> bool:
    """The conditions, written out for one coordinate: feasible, and descent only points out of the box."""
    radius = 1 / scale
    if abs(x) > radius:
        return False
    return g == 0 or (g < 0 and x == radius) or (g > 0 and x == -radius)


@given(points=st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=4), radius=st.integers(1, 5))
def test_zero_exactly_at_kkt_points(points: list[tuple[int, int]], radius: int) -> None:
    scale = Fraction(1, radius)
    kkt = all(is_kkt(Fraction(x), Fraction(g), scale) for x, g in points)
    rational = RationalArithmetic()
    x, g = (rational.array([[p[i] for p in points]]) for i in (0, 1))
    lam = rational.array([str(scale)])
    residual = kkt_residual(x, g, lam)[0]
    assert (residual == 0) == kkt and residual >= 0
    if all(abs(p[0]) <= radius for p in points):
        score = kkt_score(x, g, lam)[0]
        assert score == residual
        plus, minus = [max(-p[1], 0) for p in points], [max(p[1], 0) for p in points]
        slackness = sum(m * (radius - p[0]) for p, m in zip(points, plus, strict=True))
        slackness += sum(m * (radius + p[0]) for p, m in zip(points, minus, strict=True))
        assert score * radius == slackness  # S / lambda is total complementarity: the Frank-Wolfe gap


@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from([(3,), (4, 2), (4, 5, 3)]))
def test_all_kinds_of_arrays_agree(seed: int, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(seed)
    x, g = rng.normal(size=shape), rng.normal(size=shape)
    scale = rng.uniform(0.1, 2.0, size=shape[:-1])
    for measure in (kkt_score, kkt_residual):
        plain = np.asarray(measure(x, g, scale))
        tensors = measure(torch.from_numpy(x), torch.from_numpy(g), torch.as_tensor(scale))
        np.testing.assert_allclose(
            np.asarray(tensors), plain, rtol=1e-12, atol=1e-12
        )  # sums of 5 terms near 1
        balls = BallArithmetic()
        enclosed = np.asarray(measure(balls.array(x), balls.array(g), balls.array(scale)), dtype=object)
        for ball, number in zip(enclosed.ravel(), plain.ravel(), strict=True):
            assert abs(ball - flint.arb(float(number))) < 1e-12


def test_score_in_a_smaller_ball_bounds_the_gradient() -> None:
    rng = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(1000, 4, generator=rng, dtype=torch.float64) - 1
    g = torch.randn(1000, 4, generator=rng, dtype=torch.float64)
    share = 0.3  # ||x||_inf <= share / weight_decay
    # S >= (1 - share) ||g||_1, attained where x = -sign(g) share / weight_decay; 1e-14: rounding of sums of 4
    # terms
    assert (kkt_score(share * x / 0.7, g, 0.7) >= (1 - share) * g.abs().sum(-1) - 1e-14).all()
    corner = kkt_score(-torch.sign(g) * share / 0.7, g, 0.7)
    torch.testing.assert_close(corner, (1 - share) * g.abs().sum(-1), rtol=1e-13, atol=1e-14)
