"""Instances a second: the battery's property stage beside a Hypothesis test that draws every number of an instance.

Both exercise the average update-size bound on Adam runs of 1 to 30 steps. The battery draws sizes and a seed, runs 512
optimizers at once, reads the bound from the claim, checks the hypotheses too and sends close calls to the referee; the
usual test draws lists of floats and follows one run in plain Python, with the bound typed again. Both must give the same
two sides of the bound on the same runs.

    python -m benchmarks.battery [--batches 40] [--examples 1000] [--device cpu]
"""

from __future__ import annotations

import argparse
import math
import time

import hypothesis.strategies as st
import torch
from hypothesis import HealthCheck, given, seed, settings

from checks.arithmetic import TorchArithmetic
from checks.battery.property import as_numpy, explore
from checks.evaluate import Evaluation
from checks.implicit_bias.update_size_bound import CHECK, measure, sample

PART = CHECK.claim.part("average")
STEPS = 30


def sides(beta1: float, beta2: float, m: float, v: float, g: list[float], eta: list[float]) -> tuple[float, float]:
    """Left and right side of the bound along one run, in plain Python."""
    moved, growth, seen = 0.0, 0.0, [v]
    for t, (entry, rate) in enumerate(zip(g, eta, strict=True), start=1):
        m, v = beta1 * m + (1 - beta1) * entry, beta2 * v + (1 - beta2) * entry**2
        seen.append(v)
        moved += rate * m / math.sqrt(v)
        recent = sum(beta1 ** (t - 1 - i) * math.log(v / seen[i]) for i in range(1, t))
        growth += rate * (beta1 ** (t - 1) * math.log(v / seen[0]) + (1 - beta1) * recent)
    return (moved / sum(eta)) ** 2, 1 + (beta2 - beta1) / (1 - beta2) * growth / sum(eta)


def one_by_one(examples: int) -> tuple[int, float]:
    """Runs tried and seconds of a test that draws each number of a run."""
    tried = 0
    unit, rates = st.floats(0, 1), st.floats(1e-3, 1)
    runs = st.lists(st.tuples(st.floats(-1e3, 1e3), rates), min_size=1, max_size=STEPS)

    @seed(0)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.floats(0.01, 0.9999), unit, st.floats(0.01, 100), st.floats(-0.999, 0.999), runs)
    def bound(beta2: float, share: float, v0: float, start: float, run: list[tuple[float, float]]) -> None:
        nonlocal tried
        tried += 1
        low, high = sides(share * beta2, beta2, start * math.sqrt(v0), v0, [g for g, _ in run], [eta for _, eta in run])
        assert low <= high + CHECK.tolerance.value * (1 + low + abs(high))

    started = time.perf_counter()
    bound()
    return tried, time.perf_counter() - started


def batched(batches: int, arithmetic: TorchArithmetic) -> tuple[int, float]:
    """Instances tried and seconds of the battery's property stage, after a warm-up."""
    explore(CHECK, PART, arithmetic, 1, 2)
    started = time.perf_counter()
    tally = explore(CHECK, PART, arithmetic, 0, batches)
    return tally.batches * CHECK.batch, time.perf_counter() - started


def agree(arithmetic: TorchArithmetic) -> None:
    """The two readings of the bound give the same sides on the same runs."""
    inputs = sample(torch.Generator().manual_seed(0), 20, "average", STEPS, 1.0, 1.0)
    found = Evaluation(CHECK.claim, measure(inputs, arithmetic), arithmetic).statement(PART.conclusion).sides
    assert found is not None
    for b in range(20):
        numbers = (float(inputs[k][b]) for k in ("beta1", "beta2", "m0", "v0"))
        typed = sides(*numbers, inputs["g"][b].tolist(), inputs["eta"][b].tolist())
        for side, number in zip(found, typed, strict=True):  # the same sums in another order: the check's own tolerance
            assert math.isclose(float(as_numpy(side)[b, 0]), number, rel_tol=CHECK.tolerance.value, abs_tol=CHECK.tolerance.value)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    arithmetic = TorchArithmetic(args.device)
    agree(arithmetic)
    for name, (count, seconds) in (("battery, property stage", batched(args.batches, arithmetic)),
                                   ("Hypothesis, lists of floats", one_by_one(args.examples))):
        print(f"{name:<28}{count:>9,} instances {seconds:8.3f} s {count / seconds:>12,.0f} instances/s")


if __name__ == "__main__":
    main()
