"""The three arithmetics agree with each other, convert exactly, and refuse what they cannot represent."""

from __future__ import annotations

from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from checks.arithmetic import (
    BallArithmetic,
    RationalArithmetic,
    TorchArithmetic,
    arithmetic_of,
    exact,
    quotient,
)
from checks.errors import RequestError

ALL = [TorchArithmetic(), RationalArithmetic(), BallArithmetic(128)]
FLOATS = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=True)
by_name = pytest.mark.parametrize("ops", ALL, ids=lambda ops: ops.name)


@given(FLOATS)
def test_a_float_is_converted_exactly(value: float) -> None:
    assert exact(value) == Fraction(value)
    rational = RationalArithmetic().array([value])[0]
    assert Fraction(int(rational.p), int(rational.q)) == Fraction(value)
    ball = BallArithmetic(64).array([value])[0]
    assert ball.is_exact() and float(ball) == value
    for ops in ALL:
        assert ops.to_float(ops.array([value]))[0] == value


@by_name
def test_fractions_in_strings_mix_with_floats(ops) -> None:
    a = ops.array([["1/3", 0.1], [2, Fraction(1, 7)]])
    assert a.shape == (2, 2)
    assert ops.to_float(a) == pytest.approx(np.array([[1 / 3, 0.1], [2, 1 / 7]]), rel=1e-16, abs=0)
    if ops.name == "rational":
        assert a[0, 0] == flint.fmpq(1, 3) and a[0, 1] != flint.fmpq(1, 10)
    if ops.name == "ball":
        assert (a[0, 0] * 3).contains(1) and not a[0, 0].is_exact()


@by_name
def test_arrays_come_from_tensors_numpy_and_each_other(ops) -> None:
    expected = np.array([[0.25, -3.0]])
    rationals = RationalArithmetic().array(expected)
    sources = [torch.tensor(expected), expected, expected.astype(np.float32), rationals]
    for source in sources:
        assert np.array_equal(ops.to_float(ops.array(source)), expected)


def _reference(name: str, x: float) -> mpmath.mpf:
    return getattr(mpmath, name)(mpmath.mpf(x))


@pytest.mark.parametrize("name", ["sqrt", "log", "exp", "gamma"])
@given(x=st.floats(min_value=2**-10, max_value=50.0))
def test_functions_against_mpmath(name: str, x: float) -> None:
    with mpmath.workdps(60):
        truth = _reference(name, x)
        ball_ops = BallArithmetic(128)
        ball = getattr(ball_ops, name)(ball_ops.array([x]))[0]
        # The 60-digit reference may itself be off by 1e-58 relative, so widen the ball by that.
        assert abs(mpmath.mpf(ball.mid().str(55, radius=False)) - truth) <= 1e-35 * (abs(truth) + 1e-3)
        torch_ops = TorchArithmetic()
        value = float(getattr(torch_ops, name)(torch_ops.array([x]))[0])
        # gamma = exp(lgamma) loses log(gamma(50)) ~ 145 units; log near 1 has absolute error only.
        assert abs(value - truth) <= 1e-13 * abs(truth) + 1e-15


def test_ball_functions_enclose_the_irrational() -> None:
    ops = BallArithmetic(64)
    fine = BallArithmetic(512)
    for name in ("sqrt", "log", "exp", "gamma"):
        coarse_ball = getattr(ops, name)(ops.array(["7/3"]))[0]
        fine_ball = getattr(fine, name)(fine.array(["7/3"]))[0]
        assert coarse_ball.contains(fine_ball)
        assert float(fine_ball.rad()) < 1e-100 < float(coarse_ball.rad()) < 1e-15


@by_name
def test_maximum_minimum_sign_abs_where(ops) -> None:
    a, b = ops.array([-2.0, 0.0, 3.0]), ops.array([1.0, 0.0, -4.0])
    assert ops.to_float(ops.maximum(a, b)).tolist() == [1, 0, 3]
    assert ops.to_float(ops.minimum(a, b)).tolist() == [-2, 0, -4]
    assert ops.to_float(ops.maximum(a, 0.5)).tolist() == [0.5, 0.5, 3]
    assert ops.to_float(ops.sign(a)).tolist() == [-1, 0, 1]
    assert ops.to_float(ops.abs(a)).tolist() == [2, 0, 3]
    assert ops.to_float(ops.where(a > 0, a, b)).tolist() == [1, 0, 3]


@by_name
def test_reductions_and_shapes(ops) -> None:
    a = ops.array([[1.0, 4.0, -9.0], [2.0, 2.0, 0.5]])
    assert ops.to_float(ops.sum(a, -1)).tolist() == [-4, 4.5]
    assert ops.to_float(ops.sum(a, 0)).tolist() == [3, 6, -8.5]
    assert ops.to_float(ops.amax(a, -1)).tolist() == [4, 2]
    assert ops.stack([a, a + 1], 1).shape == (2, 2, 3)
    assert ops.to_float(ops.full((2, 3), "1/4")).tolist() == [[0.25] * 3] * 2
    assert ops.to_float(ops.zeros((1, 2))).tolist() == [[0, 0]]
    marks = ops.to_float(ops.one_largest(a))
    assert marks.sum(axis=-1).tolist() == [1, 1] and marks[0].tolist() == [0, 1, 0] and marks[1, 2] == 0


@by_name
def test_powers(ops) -> None:
    a = ops.array([4.0, 0.0, 0.25])
    assert ops.to_float(ops.power(a, 3)).tolist() == [64, 0, 1 / 64]
    assert ops.to_float(ops.power(a, Fraction(3, 2))).tolist() == [8, 0, 0.125]
    assert ops.to_float(ops.power(a, 0)).tolist() == [1, 1, 1]


@by_name
def test_zero_over_zero_is_zero_and_nothing_else_is_hidden(ops) -> None:
    a, b = ops.array([0.0, 3.0, 0.0]), ops.array([0.0, 2.0, 5.0])
    assert ops.to_float(quotient(a, b, ops)).tolist() == [0, 1.5, 0]


def test_one_over_zero_stays_visible() -> None:
    ops = TorchArithmetic()
    assert torch.isinf(quotient(ops.array([1.0]), ops.array([0.0]), ops)).all()
    with pytest.raises(ZeroDivisionError):
        quotient(RationalArithmetic().array([1]), RationalArithmetic().array([0]), RationalArithmetic())


def test_magnitude_keeps_powers_in_range() -> None:
    ops = TorchArithmetic()
    a = ops.array([[1e-200, -3e-200], [0.0, 0.0]])
    assert ops.magnitude(a).flatten().tolist() == [3e-200, 1.0]
    assert torch.isfinite(a / ops.magnitude(a)).all()


def test_uncertain_comparisons_of_balls_are_false() -> None:
    ops = BallArithmetic(64)
    third = ops.array(["1/3"])
    again = ops.array([1]) / ops.array([3])
    assert not (third < again).any() and not (third > again).any() and not (third == again).any()
    assert (third < ops.array([0.34])).all()


def test_working_sets_and_restores_the_precision() -> None:
    before = flint.ctx.prec
    with BallArithmetic(300).working():
        assert flint.ctx.prec == 300
        tight = (BallArithmetic(300).array([1]) / 3)[0].rad()
    assert flint.ctx.prec == before
    loose = (BallArithmetic(300).array([1]) / 3)[0].rad()
    assert float(tight) < 1e-80 < float(loose)


@by_name
def test_arithmetic_of_recognises_its_arrays(ops) -> None:
    assert arithmetic_of(ops.array([[1.0]])).name == ops.name


def test_arithmetic_of_keeps_dtype() -> None:
    assert arithmetic_of(torch.zeros(1, dtype=torch.float32)).zeros((2,)).dtype == torch.float32


def test_gradients_flow_through_the_torch_functions() -> None:
    x = torch.tensor([2.0], dtype=torch.float64, requires_grad=True)
    ops = TorchArithmetic()
    ops.sqrt(ops.array(x)).sum().backward()
    assert x.grad is not None and x.grad.item() == pytest.approx(0.5 / 2**0.5, rel=1e-15)


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        (lambda: RationalArithmetic().sqrt(RationalArithmetic().array([2])), "ball"),
        (lambda: RationalArithmetic().sqrt(RationalArithmetic().array([-4])), "ball"),
        (lambda: RationalArithmetic().log(RationalArithmetic().array([2])), "ball"),
        (lambda: RationalArithmetic().exp(RationalArithmetic().array([1])), "ball"),
        (lambda: RationalArithmetic().gamma(RationalArithmetic().array(["1/2"])), "ball"),
        (lambda: RationalArithmetic().power(RationalArithmetic().array([2]), Fraction(1, 3)), "ball"),
        (lambda: RationalArithmetic().array([float("nan")]), "finite"),
        (lambda: BallArithmetic().array([float("inf")]), "finite"),
        (lambda: TorchArithmetic().array(["one"]), "finite"),
        (lambda: TorchArithmetic().array(["1/0"]), "finite"),
        (lambda: arithmetic_of(np.array([1.0])), "torch"),
        (lambda: BallArithmetic(1), "bits"),
        (lambda: TorchArithmetic("abacus"), "use 'cpu' or 'cuda'"),
    ],
)
def test_bad_requests_say_how_to_mend_them(request_, word: str) -> None:
    with pytest.raises(RequestError, match=word) as caught:
        request_()
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_missing_gpu_is_said_plainly() -> None:
    with pytest.raises(RequestError, match="no CUDA device"):
        TorchArithmetic("cuda")


def test_exact_special_values() -> None:
    ops = RationalArithmetic()
    assert ops.sqrt(ops.array(["4/9"]))[0] == flint.fmpq(2, 3)
    assert ops.gamma(ops.array([5]))[0] == 24
    assert ops.log(ops.array([1]))[0] == 0 and ops.exp(ops.array([0]))[0] == 1
