"""Problem-steps a second: the batched engine beside a Python loop over `torch.optim.AdamW` instances.

Both minimise the same diagonal quadratics with the same hyperparameters and must end at the same points.

    python -m benchmarks.engine [--batch 256] [--dim 16] [--steps 200] [--device cpu]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch

from checks.arithmetic import TorchArithmetic
from checks.optimizers import PYTORCH, AdamW

HYPER = {"lr": 0.01, "eps": 1e-8, "weight_decay": 0.1}
BETAS = (0.9, 0.99)


def engine(x0: torch.Tensor, curvature: torch.Tensor, steps: int) -> torch.Tensor:
    """Final iterates of all problems at once, (B, d)."""
    ops = TorchArithmetic(x0.device)
    opt = AdamW(**HYPER, beta1=BETAS[0], beta2=BETAS[1], convention=PYTORCH)
    state = opt.init(x0, ops)
    for _ in range(steps):
        state = opt.step(state, curvature * state.x, ops)
    return state.x


def loop(x0: torch.Tensor, curvature: torch.Tensor, steps: int) -> torch.Tensor:
    """Final iterates of the problems one after another, each with its own torch optimizer, (B, d)."""
    ends = []
    for start, weight in zip(x0, curvature, strict=True):
        x = start.clone().requires_grad_()
        opt = torch.optim.AdamW([x], betas=BETAS, **HYPER)
        for _ in range(steps):
            x.grad = weight * x.detach()
            opt.step()
        ends.append(x.detach())
    return torch.stack(ends)


def timed(run: Callable[..., torch.Tensor], *args) -> tuple[torch.Tensor, float]:
    """Result and seconds, after one short warm-up."""
    run(args[0], args[1], 2)
    if args[0].is_cuda:
        torch.cuda.synchronize()
    start = time.perf_counter()
    result = run(*args)
    if result.is_cuda:
        torch.cuda.synchronize()
    return result, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--dim", type=int, default=16)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    rng = torch.Generator().manual_seed(0)
    x0 = torch.randn(args.batch, args.dim, generator=rng, dtype=torch.float64).to(args.device)
    curvature = torch.rand(args.batch, args.dim, generator=rng, dtype=torch.float64).to(args.device)
    ours, ours_s = timed(engine, x0, curvature, args.steps)
    theirs, theirs_s = timed(loop, x0, curvature, args.steps)
    # The same algorithm on both sides: two roundings of it differ by far less than this.
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)
    count = args.batch * args.steps
    print(f"batched engine            {count / ours_s:>14,.0f} problem-steps/s  {ours_s:8.3f} s")
    print(f"loop of torch.optim.AdamW {count / theirs_s:>14,.0f} problem-steps/s  {theirs_s:8.3f} s")


if __name__ == "__main__":
    main()
