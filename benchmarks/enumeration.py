"""Leaves a second of exact enumeration: all sign paths of a batch at once, beside a plain Python loop over single paths.

Both run AdamW on the same quadratics and must find the same mean of f at the end.

    python -m benchmarks.enumeration [--batch 64] [--dim 2] [--steps 6] [--device cpu]
"""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections.abc import Callable

import torch

from checks.arithmetic import TorchArithmetic
from checks.noise import SignPaths
from checks.optimizers import AdamW

LR, BETA1, BETA2, EPS, DECAY = 0.1, 0.9, 0.95, 1e-3, 0.1


def batched(x0: torch.Tensor, curvature: torch.Tensor, sigma: torch.Tensor, steps: int) -> torch.Tensor:
    """Mean of f after the last step over all paths, (B,)."""
    ops = TorchArithmetic(x0.device)
    paths, opt = SignPaths(sigma, steps), AdamW(LR, BETA1, BETA2, EPS, DECAY)
    for step in paths.walk(opt, opt.init(x0, ops), lambda x: curvature[:, None] * x, ops):
        last = step.after.x
    values = paths.evaluate(lambda x: (curvature[:, None] * x * x).sum(-1) / 2, last)
    return paths.mean(values)


def one_path(x: list[float], curvature: list[float], sigma: list[float], signs: tuple[tuple[float, ...], ...]) -> float:
    """f after one path of AdamW, in Python's floats."""
    m, v, x = [0.0] * len(x), [0.0] * len(x), list(x)
    for step in signs:
        for i, sign in enumerate(step):
            g = curvature[i] * x[i] + sigma[i] * sign
            m[i] = BETA1 * m[i] + (1 - BETA1) * g
            v[i] = BETA2 * v[i] + (1 - BETA2) * g * g
            x[i] = (1 - DECAY * LR) * x[i] - LR * m[i] / math.sqrt(v[i] + EPS)
    return sum(c * y * y for c, y in zip(curvature, x, strict=True)) / 2


def loop(x0: torch.Tensor, curvature: torch.Tensor, sigma: torch.Tensor, steps: int) -> torch.Tensor:
    """The same mean, path after path, (B,)."""
    means = []
    for x, c, s in zip(x0.tolist(), curvature.tolist(), sigma.tolist(), strict=True):
        paths = list(itertools.product(itertools.product((1.0, -1.0), repeat=len(x)), repeat=steps))
        means.append(sum(one_path(x, c, s, signs) for signs in paths) / len(paths))
    return torch.tensor(means, dtype=torch.float64, device=x0.device)


def timed(run: Callable[..., torch.Tensor], *args) -> tuple[torch.Tensor, float]:
    """Result and seconds, after one short warm-up."""
    run(*args[:-1], 1)
    if args[0].is_cuda:
        torch.cuda.synchronize()
    start = time.perf_counter()
    result = run(*args)
    if result.is_cuda:
        torch.cuda.synchronize()
    return result, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--dim", type=int, default=2)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    rng = torch.Generator().manual_seed(0)
    problem = [torch.rand(args.batch, args.dim, generator=rng, dtype=torch.float64).to(args.device) + 0.1 for _ in range(3)]
    ours, ours_s = timed(batched, *problem, args.steps)
    plain, plain_s = timed(loop, *problem, args.steps)
    # The same paths on both sides, a few steps each: roundings cannot drift further apart than this.
    torch.testing.assert_close(ours, plain, rtol=1e-11, atol=0)
    leaves = args.batch * 2 ** (args.dim * args.steps)
    print(f"{leaves:,} leaves: {args.batch} problems, d = {args.dim}, K = {args.steps}, {args.device}, "
          f"{torch.get_num_threads()} threads")
    print(f"all paths at once      {leaves / ours_s:>14,.0f} leaves/s  {ours_s:8.3f} s")
    print(f"plain Python, per path {leaves / plain_s:>14,.0f} leaves/s  {plain_s:8.3f} s  ({plain_s / ours_s:.0f} times as long)")


if __name__ == "__main__":
    main()
