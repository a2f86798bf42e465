"""The schedule has units: f measured in units 1/a and x in units 1/b changes every entry as its dimension says."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.l1_rate import schedule
from theory.l1_rate.schedule import D, K, L, d, gamma, parameters, s, sigma

POSITIVE = st.floats(1e-3, 1e3)
# Powers of a and b. L is a/b², σ_s and the gradient a/b; an update has no unit, so that lr is a length and λ its inverse.
DIMENSIONS = {"lr": (0, 1), "beta1": (0, 0), "beta2_least": (0, 0), "beta2_most": (0, 0), "eps": (2, -2),
              "weight_decay": (0, -1), "start": (0, 1), "rate": (1, -1)}


@given(a=POSITIVE, b=POSITIVE, smooth=POSITIVE, gap=POSITIVE, noise=st.floats(0, 1e3), share=st.floats(0.01, 1),
       steps=st.integers(1, 10**6), dim=st.integers(1, 10**4))
def test_scaling_f_and_x_scales_every_entry(a, b, smooth, gap, noise, share, steps, dim):
    plain = {K: steps, d: dim, L: smooth, D: gap, sigma: noise, gamma: share, s: 0.2}
    scaled = {**plain, L: smooth * a / b**2, D: gap * a, sigma: noise * a / b}
    before, after = parameters(plain), parameters(scaled)
    assert set(before) == set(DIMENSIONS)
    for name, (of_f, of_x) in DIMENSIONS.items():
        # beta1 = 1 - small loses relative accuracy, so everything is compared up to 1e-9 of itself or of one
        assert math.isclose(after[name], before[name] * a**of_f * b**of_x, rel_tol=1e-9, abs_tol=1e-12), name


def test_the_entries_satisfy_the_schedules_relations():
    numbers = {K: 400, d: 9, L: 2, D: 3, sigma: 5, gamma: 1, s: 0.2}
    found = parameters(numbers)
    assert found["lr"] == pytest.approx((1 - found["beta1"]) * found["eps"] ** 0.5 / (2 * 2), rel=1e-12)
    assert found["beta2_most"] ** 2 == pytest.approx(found["beta1"], rel=1e-12)
    assert found["weight_decay"] * found["start"] == pytest.approx(0.2 * (1 - found["beta1"]) ** 0.5, rel=1e-12)


def test_a_missing_number_is_named():
    with pytest.raises(ValueError, match="sigma_s"):
        schedule.parameters({K: 4, d: 1, L: 1, D: 1, gamma: 1, s: 0.2})
