"""Seconds of the whole l1_rate battery on a few cores, claim by claim, beside a Hypothesis test of Theorem 1 over all paths.

The battery runs as `theorems check` and `theorems report` do: each claim in a worker process on one thread, what is proved
once is known to the worker's later claims. The usual test draws the numbers of one quadratic, runs AdamW along each sign
path in plain Python and compares the mean of |grad f|_1 with Theorem 1's rate. Both must find the same mean and the same
rate on the same instances.

    taskset -c 0,1 python -m benchmarks.l1_rate [--workers 2] [--batches 20] [--examples 200] [--device cpu]
"""

from __future__ import annotations

import argparse
import functools
import itertools
import math
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

import hypothesis.strategies as st
import sympy as sp
import torch
from hypothesis import HealthCheck, assume, given, seed, settings

from checks.arithmetic import TorchArithmetic
from checks.battery.property import as_numpy, explore
from checks.battery.run import Battery
from checks.evaluate import Evaluation
from checks.l1_rate.adamw_rate import CHECK, sample
from checks.l1_rate.rate_runs import SIZES, measure_rate
from checks.registry import entries
from theory.core import Session
from theory.l1_rate import schedule as theorem

PART = CHECK.claim.part("rate")
GIVEN = (theorem.K, theorem.d, theorem.L, theorem.D, theorem.sigma, theorem.gamma, theorem.s)
WANTED = {"theta": 1 - theorem.ONE_MINUS_THETA, "eps": theorem.EPS, "lr": theorem.LR, "start": theorem.START_BOUND,
          "lam": theorem.WEIGHT_DECAY_BOUND, "rate": theorem.rate(theorem.ADAMW_C)}


@dataclass(frozen=True)
class Line:
    """What the battery of one claim took: seconds of proof, of search and of the other stages, and instances decided."""

    claim: str
    verdict: str
    proof: float
    search: float
    rest: float
    instances: int


@functools.cache
def session() -> Session:
    """The claims this worker has proved."""
    return Session()


def timed_battery(claim: str, batches: int, device: str) -> Line:
    """The whole battery of one claim."""
    check = entries()[claim].check
    assert check is not None, f"there is no check for {claim}"
    battery = Battery(check, TorchArithmetic(device), 0, batches, session=session()).run()
    spent = {"proof": 0.0, "property": 0.0}
    for stage in battery.stages:
        kind = stage.name.split(":")[0]
        spent[kind] = spent.get(kind, 0.0) + stage.seconds
    rest = sum(spent.values()) - spent["proof"] - spent["property"]
    instances = sum(tally.examples for tally in battery.tallies.values())
    return Line(claim, battery.verdict, spent["proof"], spent["property"], rest, instances)


def whole_battery(workers: int, batches: int, device: str) -> Iterator[tuple[Line, float]]:
    """Every claim of l1_rate as it is done, with the seconds since the first job began; the workers are warm."""
    claims = [claim for claim in entries() if claim.startswith("l1_rate/") and entries()[claim].check]
    claims.sort(key=lambda claim: -sum(len(part.proof) for part in entries()[claim].claim.parts))  # long proofs first
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        list(pool.map(time.sleep, [0.5] * workers))  # every worker has started and imported this file
        started = time.perf_counter()
        for job in as_completed([pool.submit(timed_battery, claim, batches, device) for claim in claims]):
            yield job.result(), time.perf_counter() - started


# -- the usual test ----------------------------------------------------------------------------------------------------


@functools.cache
def schedule() -> Callable[..., dict[str, float]]:
    """Theorem 1's schedule and rate as a plain function of GIVEN."""
    values = sp.lambdify(GIVEN, [theorem.closed(formula) for formula in WANTED.values()], "math")
    return lambda *given: dict(zip(WANTED, values(*given), strict=True))


@dataclass(frozen=True)
class Quadratic:
    """sum a_i (x_i - c_i)^2 / 2 with sign noise, and AdamW's parameters."""

    a: Sequence[float]
    center: Sequence[float]
    noise: Sequence[float]
    start: Sequence[float]
    theta: float
    beta: float
    eps: float
    lr: float
    lam: float


def along(problem: Quadratic, signs: Sequence[Sequence[float]]) -> float:
    """Sum over k of |grad f(x^k)|_1 along one path, in Python's floats."""
    p, total = problem, 0.0
    m, v, x = [0.0] * len(p.a), [0.0] * len(p.a), list(p.start)
    for step in signs:
        for i, sign in enumerate(step):
            clean = p.a[i] * (x[i] - p.center[i])
            total += abs(clean)
            g = clean + p.noise[i] * sign
            m[i] = p.theta * m[i] + (1 - p.theta) * g
            v[i] = p.beta * v[i] + (1 - p.beta) * g * g
            x[i] = (1 - p.lam * p.lr) * x[i] - p.lr * m[i] / math.sqrt(v[i] + p.eps)
    return total


def mean_size(problem: Quadratic, steps: int) -> float:
    """The mean over k and over all sign paths of |grad f(x^k)|_1, path after path."""
    paths = list(itertools.product(itertools.product((1.0, -1.0), repeat=len(problem.a)), repeat=steps))
    return sum(along(problem, signs) for signs in paths) / len(paths) / steps


def one_by_one(examples: int) -> tuple[int, float]:
    """Instances tried and seconds of a test that draws each number of an instance, s = 1/5 and decay at its bound."""
    tried = 0
    vectors = st.sampled_from(SIZES).flatmap(lambda size: st.tuples(
        st.just(size[1]), *(st.lists(st.floats(low, high), min_size=size[0], max_size=size[0])
                            for low, high in ((0.01, 1), (-2, 2), (0.01, 2), (-1, 1)))))

    @seed(0)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(vectors, st.floats(0.01, 1))
    def rate(drawn: tuple, gamma: float) -> None:
        nonlocal tried
        steps, a, center, noise, start = drawn
        gap = sum(w * (x - c) ** 2 for w, x, c in zip(a, start, center, strict=True)) / 2
        assume(gap > 1e-6)
        found = schedule()(steps, len(a), max(a), gap, math.hypot(*noise), gamma, 0.2)
        assume(max(map(abs, start)) <= found["start"])
        tried += 1
        problem = Quadratic(a, center, noise, start, found["theta"], found["theta"], found["eps"], found["lr"], found["lam"])
        assert mean_size(problem, steps) <= found["rate"]

    started = time.perf_counter()
    rate()
    return tried, time.perf_counter() - started


def batched(batches: int, arithmetic: TorchArithmetic) -> tuple[int, float]:
    """Instances decided and seconds of the battery's property stage on Theorem 1's rate, after a warm-up."""
    explore(CHECK, PART, arithmetic, 1, 2)
    started = time.perf_counter()
    tally = explore(CHECK, PART, arithmetic, 0, batches)
    return tally.examples, time.perf_counter() - started


def agree(arithmetic: TorchArithmetic) -> None:
    """The two find the same mean and the same rate on the same instances."""
    for size in ((1, 6), (2, 3)):
        inputs = sample(torch.Generator().manual_seed(0), 10, "rate", size, "diagonal_quadratics", 0.0)
        sides = Evaluation(CHECK.claim, measure_rate(inputs, arithmetic), arithmetic).statement(PART.conclusion).sides
        assert sides is not None
        for b in range(10):
            row = {name: value[b].tolist() for name, value in inputs.items() if isinstance(value, torch.Tensor)}
            a = [p * w**2 for p, w in zip(row["problem.amplitude"], row["problem.rate"], strict=True)]
            problem = Quadratic(a, row["problem.center"], row["noise"], row["x1"], row["theta"], row["beta"], row["eps"],
                                row["eta"], row["lam"])
            value = sum(w * (x - c) ** 2 for w, x, c in zip(a, row["x1"], row["problem.center"], strict=True)) / 2
            gap = value + row["problem.offset"] - row["f_star"]
            # The check takes any noise level from sigma up that leaves 1 - theta <= 1: the schedule's own for that sigma.
            rate = schedule()(size[1], size[0], row["L"], gap, row["level"], 1.0, row["s"])["rate"]
            for side, number in zip(sides, (mean_size(problem, size[1]), rate), strict=True):
                assert math.isclose(float(as_numpy(side)[b, 0]), number, rel_tol=CHECK.tolerance.value), (size, b)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(1)
    arithmetic = TorchArithmetic(args.device)
    agree(arithmetic)
    print(f"{'claim':<32}{'proof s':>9}{'search s':>10}{'rest s':>9}{'instances':>11}{'instances/s':>13}  verdict")
    instances, ends = 0, []
    for line, seconds in whole_battery(args.workers, args.batches, args.device):
        instances += line.instances
        ends.append(seconds)
        speed = line.instances / line.search if line.search else 0.0
        print(f"{line.claim:<32}{line.proof:>9.2f}{line.search:>10.2f}{line.rest:>9.2f}{line.instances:>11,}{speed:>13,.0f}"
              f"  {line.verdict}", flush=True)
    print(f"all {len(ends)} claims: {max(ends):.1f} s on {args.workers} workers, {instances:,} instances, "
          f"{args.batches} batches a part\n")
    print("Theorem 1's rate, all sign paths of each instance, one process:")
    for name, (decided, spent) in (("battery, property stage", batched(args.batches, arithmetic)),
                                   ("Hypothesis, path by path", one_by_one(args.examples))):
        print(f"{name:<28}{decided:>9,} instances {spent:8.3f} s {decided / spent:>12,.0f} instances/s")


if __name__ == "__main__":
    main()
