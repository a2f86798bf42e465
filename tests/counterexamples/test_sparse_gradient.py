"""The exact ratio of sparse Gaussian gradients: its ends, its order, and a brute-force sum over supports."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.special import gammaln

from counterexamples import sparse_gradient as script


@pytest.mark.parametrize("dimension", [1, 2, 10, 100, 1000])
def test_at_full_density_the_ratio_is_the_gaussian_one_and_exceeds_lemma_1(dimension: int) -> None:
    exact = dimension / math.sqrt(math.pi) * math.exp(gammaln(dimension / 2) - gammaln((dimension + 1) / 2))
    assert script.predicted_ratio(dimension, 1.0) == pytest.approx(exact, rel=1e-10)
    assert script.predicted_ratio(dimension, 1.0) > script.gaussian_ratio(dimension)


def test_sparse_enough_gradients_fall_to_the_one_hot_ratio() -> None:
    assert script.predicted_ratio(100, 1e-9) == pytest.approx(1, abs=1e-6)
    ratios = [script.predicted_ratio(100, share) for share in (0.001, 0.01, 0.1, 0.5, 1.0)]
    assert ratios == sorted(ratios)


def test_two_coordinates_by_hand() -> None:
    p, one, two = 0.3, math.sqrt(2 / math.pi), math.sqrt(math.pi / 2)  # E|z|, and E||(z1, z2)||_2
    by_hand = 2 * p * one / (2 * p * (1 - p) * one + p**2 * two)
    assert script.predicted_ratio(2, p) == pytest.approx(by_hand, rel=1e-12)


def test_samples_agree_within_their_interval_and_a_wrong_share_does_not() -> None:
    ratio, width = script.sampled_ratio(20, 0.2, torch.Generator().manual_seed(5))
    assert abs(ratio - script.predicted_ratio(20, 0.2)) <= width
    assert abs(ratio - script.predicted_ratio(20, 0.25)) > width


def test_equal_entries_reach_the_largest_ratio_of_their_support() -> None:
    for nonzero in (1, 7, 63):
        l1, l2 = script.exact_squares(nonzero)
        assert l1 == nonzero * l2
