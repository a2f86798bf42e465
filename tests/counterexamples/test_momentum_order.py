"""The invariant line in exact rationals and balls; wrong constants and orders of the momenta are noticed."""

from __future__ import annotations

import pytest
import sympy as sp

from counterexamples import momentum_order
from counterexamples.momentum_order import (
    ORDINARY,
    RADIUS,
    RATIONAL,
    Setting,
    exact_run,
    float_run,
    precise_run,
)


def test_the_rational_run_is_exactly_on_the_line() -> None:
    path = exact_run(RATIONAL, 60)
    assert path == [sp.Rational(3, 2) * (1 - sp.Rational(1, 2) ** t) for t in range(61)]
    assert RATIONAL.exact(RADIUS) == sp.Rational(3, 2)


def test_a_wrong_constant_leaves_the_line_at_the_first_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(momentum_order, "KAPPA_M", momentum_order.KAPPA_M * 2)
    path = exact_run(RATIONAL, 20)
    assert len(path) == 1
    wrong = [number for number in momentum_order.proof_numbers(path, 20) if not number.holds]
    assert "rational run: steps that are exactly on the line" in {number.label for number in wrong}


def test_a_wrong_identity_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(momentum_order.LINE_IDENTITIES, "m_t = kappa_m g_t", momentum_order.BETA1)
    assert not momentum_order.proof_numbers(exact_run(RATIONAL, 5), 5)[0].holds


@pytest.mark.parametrize(("beta1", "beta2"), [(99, 90), (95, 80), (90, 99), (80, 90), (90, 90)])
def test_for_small_steps_the_limit_is_outside_exactly_when_beta1_exceeds_beta2(beta1: int, beta2: int) -> None:
    setting = Setting(sp.Rational(beta1, 100), sp.Rational(beta2, 100), sp.Rational(9990, 10_000))
    assert bool(setting.exact(RADIUS) > 1) is (beta1 > beta2)


def test_balls_follow_the_line_that_float64_leaves() -> None:
    bits, path = precise_run(ORDINARY, 1200)
    line = float(ORDINARY.exact(RADIUS * (1 - ORDINARY.rho**1200)))
    assert bits > 53 and path[-1] == pytest.approx(line, abs=2e-9)  # the widest ball, and one rounding
    assert abs(float_run(ORDINARY, 1200)[-1] - line) > 0.5


def test_balls_started_beside_the_line_leave_it_too() -> None:
    _, path = precise_run(ORDINARY, 1500, start="1/1000000")
    assert abs(path[-1] - 1) < 0.2 < abs(path[-1] - float(ORDINARY.exact(RADIUS)))
