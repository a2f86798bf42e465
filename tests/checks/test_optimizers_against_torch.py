"""In PyTorch's convention, 50 float64 steps of the batched engine agree with `torch.optim` to 1e-10 relative.

Both sides see gradients of their own iterates on strongly convex quadratics with noise, so a difference feeds
back. The tolerance: both round at 1e-16, and 50 steps of m/sqrt(v) amplify that by less than 1e6 here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from checks.optimizers import PYTORCH, SGD, Adam, AdamW, NAdamW, Optimizer, RMSProp, run

STEPS, DIM, BATCH = 50, 3, 4
TOLERANCE = 1e-10


@pytest.fixture(autouse=True, scope="module")
def _float64_by_default() -> Iterator[None]:
    """torch.optim.NAdam keeps the product of its momenta in the default dtype; float32 would cost 1e-7."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@dataclass(frozen=True)
class Noisy:
    """g_t(x) = H x - b_t for BATCH problems, with curvatures in [0.1, 3] and Gaussian b_t."""

    hessian: torch.Tensor
    noise: torch.Tensor
    x0: torch.Tensor

    def __call__(self, x: torch.Tensor, t: int) -> torch.Tensor:
        return (self.hessian @ x[..., None])[..., 0] - self.noise[t - 1]

    def one(self, problem: int) -> Callable[[torch.Tensor, int], torch.Tensor]:
        return lambda x, t: self.hessian[problem] @ x - self.noise[t - 1, problem]


def _noisy(rng: torch.Generator) -> Noisy:
    q, _ = torch.linalg.qr(torch.randn(BATCH, DIM, DIM, generator=rng, dtype=torch.float64))
    curvature = 0.1 + 2.9 * torch.rand(BATCH, 1, DIM, generator=rng, dtype=torch.float64)
    noise = torch.randn(STEPS, BATCH, DIM, generator=rng, dtype=torch.float64)
    x0 = 3 * torch.randn(BATCH, DIM, generator=rng, dtype=torch.float64)
    return Noisy((q * curvature) @ q.mT, noise, x0)


def _uniform(rng: torch.Generator, low: float, high: float) -> torch.Tensor:
    return low + (high - low) * torch.rand(BATCH, generator=rng, dtype=torch.float64)


def _hyper(seed: int) -> tuple[torch.Generator, dict[str, torch.Tensor]]:
    rng = torch.Generator().manual_seed(seed)
    values = {
        "lr": 10 ** _uniform(rng, -4, -1),
        "beta1": _uniform(rng, 0, 0.98),
        "beta2": _uniform(rng, 0.5, 0.9999),
        "eps": 10 ** _uniform(rng, -10, -2),
        "weight_decay": _uniform(rng, 0, 2),
    }
    return rng, values


def _torch_path(make: Callable[..., torch.optim.Optimizer], gradient, x0: torch.Tensor) -> torch.Tensor:
    x = x0.clone().requires_grad_()
    opt = make([x])
    path = [x0]
    for t in range(1, STEPS + 1):
        x.grad = gradient(x.detach(), t)
        opt.step()
        path.append(x.detach().clone())
    return torch.stack(path)


def _assert_equal(opt: Optimizer, make: Callable[..., Callable], rng: torch.Generator) -> None:
    problem = _noisy(rng)
    ours = run(opt, problem.x0, problem, STEPS).x
    for b in range(BATCH):
        theirs = _torch_path(make(b), problem.one(b), problem.x0[b])
        gap = (ours[b] - theirs).abs().max()
        assert gap <= TOLERANCE * theirs.abs().max(), f"problem {b} differs by {gap}"
        # Not vacuous: the run moves by far more than the tolerance.
        assert (theirs[-1] - theirs[0]).abs().max() > 1e-5


seeds = given(seed=st.integers(0, 2**31))


@seeds
def test_adamw(seed: int) -> None:
    rng, h = _hyper(seed)
    _assert_equal(
        AdamW(**h, convention=PYTORCH),
        lambda b: lambda params: torch.optim.AdamW(
            params,
            lr=h["lr"][b].item(),
            betas=(h["beta1"][b].item(), h["beta2"][b].item()),
            eps=h["eps"][b].item(),
            weight_decay=h["weight_decay"][b].item(),
        ),
        rng,
    )


@seeds
def test_adam(seed: int) -> None:
    rng, h = _hyper(seed)
    _assert_equal(
        Adam(h["lr"], h["beta1"], h["beta2"], h["eps"], convention=PYTORCH),
        lambda b: lambda params: torch.optim.Adam(
            params, h["lr"][b].item(), (h["beta1"][b].item(), h["beta2"][b].item()), h["eps"][b].item()
        ),
        rng,
    )


@pytest.mark.parametrize(
    ("momentum_decay", "share"), [(0.0, 0.5), (1e6, 1.0)], ids=["no decay", "instant decay"]
)
@seeds
def test_nadam_where_its_schedule_is_constant(momentum_decay: float, share: float, seed: int) -> None:
    rng, h = _hyper(seed)
    _assert_equal(
        NAdamW(**h, tau=share * h["beta1"], convention=PYTORCH),
        lambda b: lambda params: torch.optim.NAdam(
            params,
            lr=h["lr"][b].item(),
            betas=(h["beta1"][b].item(), h["beta2"][b].item()),
            eps=h["eps"][b].item(),
            weight_decay=h["weight_decay"][b].item(),
            momentum_decay=momentum_decay,
            decoupled_weight_decay=True,
        ),
        rng,
    )


def test_nadam_differs_where_its_momentum_schedule_moves() -> None:
    rng, h = _hyper(7)
    with pytest.raises(AssertionError, match="differs"):
        _assert_equal(
            NAdamW(**{**h, "weight_decay": 0.0}, convention=PYTORCH),
            lambda b: lambda params: torch.optim.NAdam(
                params, h["lr"][b].item(), (h["beta1"][b].item(), h["beta2"][b].item()), h["eps"][b].item()
            ),
            rng,
        )


@seeds
def test_rmsprop(seed: int) -> None:
    rng, h = _hyper(seed)
    _assert_equal(
        RMSProp(h["lr"], h["beta2"], h["eps"], convention=PYTORCH),
        lambda b: lambda params: torch.optim.RMSprop(
            params, lr=h["lr"][b].item(), alpha=h["beta2"][b].item(), eps=h["eps"][b].item()
        ),
        rng,
    )


@pytest.mark.parametrize("nesterov", [False, True])
@seeds
def test_sgd_with_momentum(nesterov: bool, seed: int) -> None:
    rng, h = _hyper(seed)
    # PyTorch allows Nesterov only without dampening.
    dampening = 0 * h["beta1"] if nesterov else _uniform(rng, 0, 1)
    _assert_equal(
        SGD(h["lr"], h["beta1"], dampening, nesterov, convention=PYTORCH),
        lambda b: lambda params: torch.optim.SGD(
            params,
            lr=h["lr"][b].item(),
            momentum=h["beta1"][b].item(),
            dampening=dampening[b].item(),
            nesterov=nesterov,
        ),
        rng,
    )


@seeds
def test_sgd_with_weight_decay(seed: int) -> None:
    rng, h = _hyper(seed)
    _assert_equal(
        SGD(h["lr"], weight_decay=h["weight_decay"]),
        lambda b: lambda params: torch.optim.SGD(
            params, lr=h["lr"][b].item(), weight_decay=h["weight_decay"][b].item()
        ),
        rng,
    )
