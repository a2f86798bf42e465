"""The batched optimizers: written-out formulas, special cases, batching, exact and ball runs, bad input."""

from __future__ import annotations

import math

import flint
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from checks.arithmetic import BallArithmetic, RationalArithmetic, TorchArithmetic
from checks.errors import RequestError
from checks.norms import L1, L2, BlockNorm, LInf, Lp
from checks.optimizers import (
    NSD,
    PYTORCH,
    SGD,
    Adam,
    AdamW,
    AdaSGD,
    BlockwiseAdam,
    NAdamW,
    Optimizer,
    RMSProp,
    SignGD,
    run,
)

BLOCKS = [[0, 2], [1]]
SHARED = {"lr": 0.05, "beta1": 0.8, "beta2": 0.9, "eps": 1e-3, "weight_decay": 0.7}
ZOO: dict[str, Optimizer] = {
    "adamw": AdamW(**SHARED),
    "adamw pytorch": AdamW(**SHARED, convention=PYTORCH),
    "nadamw": NAdamW(**SHARED, tau=0.95),
    "nadamw pytorch": NAdamW(**SHARED, tau=0.6, convention=PYTORCH),
    "adam": Adam(0.05, 0.8, 0.9, 1e-3),
    "rmsprop": RMSProp(0.05, 0.9, 1e-3, 0.7),
    "blockwise": BlockwiseAdam(**SHARED, blocks=BLOCKS),
    "adasgd": AdaSGD(**SHARED),
    "sgd": SGD(0.05, 0.8, 0.3, True, 0.7),
    "sgd pytorch": SGD(0.05, 0.8, 0.3, weight_decay=0.7, convention=PYTORCH),
    "signgd": SignGD(0.05, weight_decay=0.7),
    "nsd l1": NSD(0.05, L1(), 0.7),
    "nsd l2": NSD(0.05, L2(), 0.7, normalised=False),
    "nsd l3": NSD(0.05, Lp(3), 0.7),
    "nsd blocks": NSD(0.05, BlockNorm(BLOCKS), 0.7),
}
every_optimizer = pytest.mark.parametrize("opt", ZOO.values(), ids=ZOO.keys())
# Batched and single kernels may order their roundings differently; 20 steps amplify that by less than 1e3.
SHORT_RUN = 1e-12


def _linear(curvature):
    """g(x) = curvature * x + 1/4, which every arithmetic can compute."""
    return lambda x, t: curvature * x + curvature / 4


def _starts(seed: int, batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(seed)
    x0 = torch.randn(batch, 3, generator=rng, dtype=torch.float64)
    return x0, 0.5 + torch.rand(batch, 3, generator=rng, dtype=torch.float64)


# ---- the formulas, one coordinate at a time in plain Python --------------------------------------


def _by_hand(x, gradients, lr, beta1, beta2, eps, weight_decay, tau=1.0):
    m = v = 0.0
    path = [x]
    for g in gradients:
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        x = (1 - weight_decay * lr) * x - lr * (tau * m + (1 - tau) * g) / math.sqrt(v + eps)
        path.append(x)
    return path


@given(seed=st.integers(0, 2**31), tau=st.sampled_from([1.0, 0.9, 0.3]))
def test_the_papers_formulas_written_out(seed: int, tau: float) -> None:
    rng = np.random.default_rng(seed)
    h = {
        "lr": rng.uniform(0.01, 0.3),
        "beta1": rng.uniform(0, 0.95),
        "beta2": rng.uniform(0, 0.99),
        "eps": 10 ** rng.uniform(-6, 0),
        "weight_decay": rng.uniform(0, 2),
    }
    gradients, x0 = rng.normal(size=(15, 3)), rng.normal(size=3)
    ours = run(NAdamW(**h, tau=tau), x0[None], lambda x, t: torch.tensor(gradients[t - 1][None]), 15)
    hand = [_by_hand(x0[i], gradients[:, i], **h, tau=tau) for i in range(3)]
    assert np.allclose(ours.x[0].numpy(), np.array(hand).T, rtol=SHORT_RUN, atol=SHORT_RUN)
    if tau == 1.0:
        plain = run(AdamW(**h), x0[None], lambda x, t: torch.tensor(gradients[t - 1][None]), 15)
        assert torch.allclose(plain.x, ours.x, rtol=SHORT_RUN, atol=SHORT_RUN)


def test_tau_defaults_to_the_nesterov_form() -> None:
    x0, curvature = _starts(1, 2)
    default = run(NAdamW(**SHARED), x0, _linear(curvature), 5).x
    assert torch.equal(default, run(NAdamW(**SHARED, tau=0.8), x0, _linear(curvature), 5).x)
    assert not torch.allclose(default, run(AdamW(**SHARED), x0, _linear(curvature), 5).x)


@pytest.mark.parametrize(
    ("special", "general"),
    [
        (Adam(0.05, 0.8, 0.9, 1e-3), AdamW(**{**SHARED, "weight_decay": 0})),
        (RMSProp(0.05, 0.9, 1e-3, 0.7), AdamW(**{**SHARED, "beta1": 0})),
        (SignGD(0.05, weight_decay=0.7), AdamW(0.05, 0, 0, 0, 0.7)),
        (SignGD(0.05, weight_decay=0.7), NSD(0.05, LInf(), 0.7)),
        (BlockwiseAdam(**SHARED, blocks=[[0], [1], [2]]), AdamW(**SHARED)),
        (AdaSGD(**SHARED), BlockwiseAdam(**SHARED, blocks=[[0, 1, 2]])),
        (SGD(0.05, weight_decay=0.7), NSD(0.05, L2(), 0.7, normalised=False)),
    ],
)
def test_special_cases_are_special_cases(special: Optimizer, general: Optimizer) -> None:
    x0, curvature = _starts(2, 4)
    left, right = (run(opt, x0, _linear(curvature), 20).x for opt in (special, general))
    assert torch.allclose(left, right, rtol=SHORT_RUN, atol=SHORT_RUN)


def test_blockwise_second_moment_is_the_mean_square_of_the_block() -> None:
    g = torch.tensor([[3.0, 5.0, 4.0]], dtype=torch.float64)
    v = run(BlockwiseAdam(**SHARED, blocks=BLOCKS), torch.ones(1, 3), lambda x, t: g, 1).v[0, 1]
    assert torch.allclose(v, 0.1 * torch.tensor([12.5, 25.0, 12.5], dtype=torch.float64), rtol=1e-15, atol=0)


def test_a_zero_gradient_with_zero_epsilon_does_not_move() -> None:
    traj = run(AdamW(0.1, 0, 0, 0, 0.5), [[1.0]], lambda x, t: 0 * x, 3)
    assert torch.equal(traj.update, torch.zeros(1, 3, 1, dtype=torch.float64))
    assert traj.x[0, -1, 0].item() == pytest.approx(0.95**3, rel=1e-15)


# ---- trajectories --------------------------------------------------------------------------------


@every_optimizer
def test_the_trajectory_satisfies_its_own_recursion(opt: Optimizer) -> None:
    x0, curvature = _starts(3, 4)
    gradient = _linear(curvature)
    traj = run(opt, x0, gradient, 6)
    decay = 0.0 if isinstance(opt, Adam) else 0.7
    assert torch.equal(traj.x[:, 0], x0)
    assert traj.x.shape == traj.m.shape == traj.v.shape == (4, 7, 3)
    assert traj.g.shape == traj.update.shape == (4, 6, 3) and traj.lr.shape == (4, 6)
    for t in range(1, 7):
        assert torch.equal(traj.g[:, t - 1], gradient(traj.x[:, t - 1], t))
        lr = traj.lr[:, t - 1, None]
        x = (1 - decay * lr) * traj.x[:, t - 1] - lr * traj.update[:, t - 1]
        assert torch.allclose(traj.x[:, t], x, rtol=1e-14, atol=1e-15)


@every_optimizer
def test_a_batch_equals_its_members_run_alone(opt: Optimizer) -> None:
    x0, curvature = _starts(4, 5)
    together = run(opt, x0, _linear(curvature), 20)
    for b in range(5):
        alone = run(opt, x0[b : b + 1], _linear(curvature[b : b + 1]), 20)
        for name in ("x", "g", "m", "v", "update", "lr"):
            ours, single = getattr(together, name)[b], getattr(alone, name)[0]
            assert torch.allclose(ours, single, rtol=SHORT_RUN, atol=SHORT_RUN), name


@given(seed=st.integers(0, 2**31))
def test_every_problem_may_have_its_own_hyperparameters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    batch = 4
    h = {name: rng.uniform(0.05, 0.9, size=batch) for name in [*SHARED, "tau"]}
    x0, curvature = _starts(seed, batch)
    together = run(NAdamW(**h), x0, _linear(curvature), 10)
    for b in range(batch):
        own = NAdamW(**{name: float(values[b]) for name, values in h.items()})
        alone = run(own, x0[b : b + 1], _linear(curvature[b : b + 1]), 10)
        assert torch.allclose(together.x[b], alone.x[0], rtol=SHORT_RUN, atol=SHORT_RUN)


def test_step_sizes_as_number_list_table_and_function() -> None:
    x0, curvature = _starts(5, 2)
    table = torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], dtype=torch.float64)
    as_table = run(AdamW(table, eps=0.1), x0, _linear(curvature), 3)
    as_function = run(AdamW(lambda t: table[:, t - 1], eps=0.1), x0, _linear(curvature), 3)
    assert torch.equal(as_table.lr, table) and torch.equal(as_table.x, as_function.x)
    first = run(AdamW(lambda t: 0.1 * t, eps=0.1), x0, _linear(curvature), 3)
    assert torch.allclose(first.lr, torch.tensor([[0.1, 0.2, 0.3]] * 2, dtype=torch.float64), rtol=1e-15)
    shared = run(AdamW(table[:1], eps=0.1), x0, _linear(curvature), 3)
    assert torch.equal(shared.lr, table[:1].expand(2, 3))
    each = run(AdamW([0.1, 0.4], eps=0.1), x0, _linear(curvature), 1)
    assert torch.equal(each.x, as_table.x[:, :2])


def test_moments_may_start_anywhere() -> None:
    h = {**SHARED, "weight_decay": 0.0}
    traj = run(AdamW(**h), [[1.0]], lambda x, t: 0 * x + 2, 1, m0=[[5.0]], v0=[[7.0]])
    assert traj.m[0, :, 0].tolist() == pytest.approx([5, 0.8 * 5 + 0.2 * 2], rel=1e-15)
    assert traj.v[0, :, 0].tolist() == pytest.approx([7, 0.9 * 7 + 0.1 * 4], rel=1e-15)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_dtype_is_kept(dtype: torch.dtype) -> None:
    x0, curvature = _starts(6, 2)
    traj = run(AdamW(**SHARED), x0, _linear(curvature.to(dtype)), 3, TorchArithmetic("cpu", dtype))
    assert traj.x.dtype == traj.v.dtype == traj.lr.dtype == dtype


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
@every_optimizer
def test_the_gpu_agrees_with_the_cpu(opt: Optimizer) -> None:
    x0, curvature = _starts(7, 3)
    ours = run(opt, x0, _linear(curvature.cuda()), 20, TorchArithmetic("cuda"))
    assert ours.x.is_cuda
    assert torch.allclose(ours.x.cpu(), run(opt, x0, _linear(curvature), 20).x, rtol=1e-11, atol=1e-12)


# ---- exact rationals and balls -------------------------------------------------------------------


@given(seed=st.integers(0, 2**31))
def test_moments_equal_the_exact_rationals(seed: int) -> None:
    exact, floats = RationalArithmetic(), TorchArithmetic()
    rng = np.random.default_rng(seed)
    beta1, beta2 = rng.uniform(0, 0.99, size=2)
    opt = AdamW(0.1, beta1, beta2, 0.01)
    grads = rng.normal(size=(12, 2, 3))
    sharp, plain = opt.init(np.zeros((2, 3)), exact), opt.init(np.zeros((2, 3)), floats)
    m, v, fm, fv = sharp.m, sharp.v, plain.m, plain.v
    for g in grads:
        from_exact = opt.moments(_with(sharp, m, v), exact.array(g), exact)
        from_float = opt.moments(_with(plain, fm, fv), floats.array(g), floats)
        (m, v), (fm, fv) = from_exact, from_float
    # Twelve averages of numbers below 20: at most 12 * 3 roundings of 20 * 2^-53 each.
    assert np.allclose(exact.to_float(m), fm.numpy(), rtol=0, atol=1e-13)
    assert np.allclose(exact.to_float(v), fv.numpy(), rtol=0, atol=1e-13)


def _with(state, m, v):
    return type(state)(state.x, m, v, state.t, state.hyper, state.schedule)


@pytest.mark.parametrize(
    "opt",
    [
        SGD("1/10", "4/5", "1/3", True, "7/10"),
        SignGD("1/10", weight_decay="7/10"),
        NSD("1/10", L1(), "7/10"),
        NSD("1/10", LInf(), "7/10", normalised=False),
        AdamW("1/10", 0, 0, 0, "7/10"),
    ],
    ids=["sgd", "signgd", "nsd l1", "steepest linf", "adamw without memory"],
)
def test_whole_runs_without_roots_are_exact(opt: Optimizer) -> None:
    exact, floats = RationalArithmetic(), TorchArithmetic()
    x0, curvature = [["1/3", -2, "5/7"]], ["3/5", "1/2", 1]
    sharp = run(opt, x0, _linear(exact.array(curvature)), 6, exact)
    plain = run(opt, x0, _linear(floats.array(curvature)), 6, floats)
    assert all(isinstance(value, flint.fmpq) for value in sharp.x.flat)
    assert np.allclose(exact.to_float(sharp.x), plain.x.numpy(), rtol=1e-13, atol=1e-14)


def test_one_exact_step_by_hand() -> None:
    ops = RationalArithmetic()
    # v_1 + eps = (1/4)(12)^2 = 36 is a square, so the step is rational: x = (1 - 1/6) 2 - (1/2)(1/3)(12)/6.
    opt = AdamW("1/2", "2/3", "3/4", 0, "1/3")
    assert run(opt, [[2]], lambda x, t: ops.array([[12]]), 1, ops).x[0, 1, 0] == flint.fmpq(4, 3)


@every_optimizer
def test_balls_enclose_the_float_run(opt: Optimizer) -> None:
    x0, curvature = _starts(8, 2)
    ops, sharper = BallArithmetic(256), BallArithmetic(600)
    balls, finer = (run(opt, x0, _linear(a.array(curvature)), 20, a) for a in (ops, sharper))
    plain = run(opt, x0, _linear(curvature), 20)
    for name in ("x", "update"):
        coarse, fine = getattr(balls, name), getattr(finer, name)
        assert all(a.overlaps(b) for a, b in zip(coarse.flat, fine.flat, strict=True))
        assert max(float(a.rad()) for a in coarse.flat) < 1e-50
        # The float run is its own rounding away from the truth, and no further.
        wide = [a + flint.arb(0, 1e-10) for a in coarse.flat]
        values = [flint.arb(value) for value in getattr(plain, name).flatten().tolist()]
        assert all(a.contains(b) for a, b in zip(wide, values, strict=True)), name


# ---- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["beta1", "beta2"])
@pytest.mark.parametrize("value", [1.0, -0.1, "3/2", [0.5, 1.0], torch.tensor([0.5, -0.5])])
def test_betas_outside_the_unit_interval(name: str, value) -> None:
    with pytest.raises(RequestError, match=rf"{name} must lie in \[0, 1\)"):
        AdamW(**{**SHARED, name: value}).validate()


@pytest.mark.parametrize("name", ["lr", "eps", "weight_decay"])
@pytest.mark.parametrize("value", [-1e-9, "-1/7", [0.1, -0.2]])
def test_negative_hyperparameters(name: str, value) -> None:
    with pytest.raises(RequestError, match=f"{name} must be zero or more"):
        AdamW(**{**SHARED, name: value}).validate()


@pytest.mark.parametrize("name", list(SHARED))
@pytest.mark.parametrize("value", [float("nan"), float("inf"), [0.5, float("nan")], [], "half", None])
def test_hyperparameters_that_are_no_numbers(name: str, value) -> None:
    with pytest.raises(RequestError, match=name):
        AdamW(**{**SHARED, name: value}).validate()


def _run(opt: Optimizer | None = None, x0=((1.0, 2.0),), steps: int = 2, gradient=lambda x, t: x, **starts):
    return lambda: run(AdamW(**SHARED) if opt is None else opt, x0, gradient, steps, **starts)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (_run(x0=[1.0, 2.0]), r"x0 has shape \(2,\).*problems, coordinates"),
        (_run(x0=np.zeros((0, 3))), r"x0 has shape \(0, 3\).*at least one"),
        (_run(x0=np.zeros((3, 0))), "at least one"),
        (_run(x0=[[float("nan")]]), "x0 holds NaN"),
        (_run(x0=[[float("inf")]]), "x0 holds NaN or infinity"),
        (_run(m0=[[1.0]]), "m0 has shape"),
        (_run(v0=[[1.0]]), "v0 has shape"),
        (_run(v0=[[1.0, -1.0]]), "v0 must be zero or more"),
        (_run(steps=0), "at least one step"),
        (_run(gradient=lambda x, t: x[0]), "The gradient has shape"),
        (_run(AdamW([0.1, 0.2, 0.3])), r"lr has shape \(3,\)"),
        (_run(AdamW(0.1, beta1=[0.1, 0.2])), r"beta1 has shape \(2,\)"),
        (_run(AdamW(np.ones((3, 5)))), r"lr has shape \(3, 5\)"),
        (_run(AdamW(np.ones((1, 2))), steps=3), "longer schedule"),
        (_run(AdamW(lambda t: -1.0)), "lr must be zero or more"),
        (_run(AdamW(lambda t: float("nan"))), "lr must be a finite"),
        (_run(NAdamW(0.1, tau=1.5)), r"tau must lie in \[0, 1\]"),
        (_run(NAdamW(0.1, tau=[1.0], convention=PYTORCH)), "use AdamW"),
        (_run(BlockwiseAdam(0.1)), "needs blocks"),
        (_run(BlockwiseAdam(0.1, blocks=[[0], [2]])), "partition"),
        (_run(BlockwiseAdam(0.1, blocks=[[0], [1], [2]])), "make them match"),
        (_run(SGD(0.1, 0.9, convention=PYTORCH), m0=[[0.0, 0.0]]), "leave out m0"),
        (_run(SGD(0.1, momentum=1.0)), "momentum must lie"),
    ],
)
def test_bad_requests_are_one_sentence_that_says_how_to_mend_them(request_, words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        request_()
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
