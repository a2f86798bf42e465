"""AdamW with beta1 > beta2 can converge outside the ball ||x||_inf <= 1/weight_decay, so not to a KKT point.

The mathematics, in order (appendix B.3 of arXiv 2404.04454, constants rebuilt). Take f(x) = (x - x*)^2 / 2 in
one dimension, rho = 1 - weight_decay*lr with beta1 < rho < 1 and beta2 < rho^2, and x* = r / weight_decay.
Suppose that g_t = rho g_{t-1}, m_{t-1} = kappa_m g_{t-1} and v_{t-1} = kappa_v g_{t-1}^2. Then the same holds
one step later, m_t / sqrt(v_t) = r sign(g_t), and x_t - x* = rho (x_{t-1} - x*), whence g_{t+1} = rho g_t. So
x_t -> x*, and for a small weight_decay*lr the limit is outside the ball exactly when beta1 > beta2.

The line is unstable: an error of relative size delta in m / sqrt(v) moves x_t by lr*delta while x_t - x*
shrinks like rho^t, so relative errors are multiplied by a factor that itself grows like rho^(-t). Floating
point therefore follows the line for a while and is then pulled back into the ball. Only exact or very precise
arithmetic shows the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp
import torch

from checks.arithmetic import Arithmetic, BallArithmetic, RationalArithmetic, TorchArithmetic
from checks.constrained import kkt_residual, kkt_score
from checks.errors import RequestError
from checks.optimizers import AdamW
from checks.picture import Picture
from counterexamples import Counterexample, Number, Progress, above, close, equal, silent
from counterexamples.command import main

BETA1, BETA2, RHO = sp.symbols("beta1 beta2 rho", positive=True)
DISTANCE = sp.Symbol("y", real=True)  # x_{t-1} - x*, which is also the gradient g_t

KAPPA_M = (1 - BETA1) * RHO / (RHO - BETA1)
KAPPA_V = (1 - BETA2) * RHO**2 / (RHO**2 - BETA2)
RADIUS = (1 - BETA1) / (RHO - BETA1) * sp.sqrt((RHO**2 - BETA2) / (1 - BETA2))  # r: the limit of weight_decay * x

LINE_IDENTITIES = {  # each is zero: together they are the induction step of the invariant line, for g_t = y
    "m_t = kappa_m g_t": BETA1 * KAPPA_M * DISTANCE / RHO + (1 - BETA1) * DISTANCE - KAPPA_M * DISTANCE,
    "v_t = kappa_v g_t^2": BETA2 * KAPPA_V * (DISTANCE / RHO) ** 2 + (1 - BETA2) * DISTANCE**2 - KAPPA_V * DISTANCE**2,
    "m_t^2 = r^2 v_t": KAPPA_M**2 - RADIUS**2 * KAPPA_V,
    # for g_t < 0 the step adds lr*r = (1 - rho) x*
    "x_t - x* = rho y": RHO * (DISTANCE + RADIUS) + (1 - RHO) * RADIUS - RADIUS - RHO * DISTANCE,
}


@dataclass(frozen=True)
class Setting:
    """Hyperparameters as exact rationals. weight_decay is 1, so lr = 1 - rho; it only scales x."""

    beta1: sp.Rational
    beta2: sp.Rational
    rho: sp.Rational

    def exact(self, formula: sp.Expr) -> sp.Expr:
        """One of the formulas above with these numbers put in."""
        return formula.subs({BETA1: self.beta1, BETA2: self.beta2, RHO: self.rho})

    def value(self, formula: sp.Expr, arithmetic: Arithmetic) -> Any:
        """The same as an array of shape (1, 1) of the arithmetic, rounded only as it rounds."""
        given = [arithmetic.array([[str(number)]]) for number in (self.beta1, self.beta2, self.rho)]
        return sp.lambdify((BETA1, BETA2, RHO), formula, modules=[{"sqrt": arithmetic.sqrt}])(*given)


RATIONAL = Setting(sp.Rational(2, 5), sp.Rational(1, 5), sp.Rational(1, 2))
ORDINARY = Setting(sp.Rational(99, 100), sp.Rational(9, 10), sp.Rational(995, 1000))
EXACT_STEPS, STEPS, EARLY = 100, 3000, 600


Step = tuple[Any, Any, Any, Any]  # x_t, g_t, m_t, v_t, each of shape (1, 1)


def follow(setting: Setting, arithmetic: Arithmetic, steps: int, start: str = "0") -> Iterator[Step]:
    """The project's AdamW for t = 1..steps from x_0 = start, with the moments that lie on the line for x_0 =
    0.
    """
    with arithmetic.working():
        target = setting.value(RADIUS, arithmetic)
        before = -target / setting.value(RHO, arithmetic)  # g_0
        m0 = setting.value(KAPPA_M, arithmetic) * before
        v0 = setting.value(KAPPA_V, arithmetic) * before * before
        optimizer = AdamW(
            lr=str(1 - setting.rho), beta1=str(setting.beta1), beta2=str(setting.beta2), eps=0, weight_decay=1
        )
        state = optimizer.init([[start]], arithmetic, m0, v0)
        for _ in range(steps):
            gradient = state.x - target
            state = optimizer.step(state, gradient, arithmetic)
            yield state.x, gradient, state.m, state.v


def exact_run(setting: Setting, steps: int) -> list[sp.Rational]:
    """weight_decay * x_t for t = 0..steps in exact rationals; it ends early at the first step that leaves the
    line.
    """
    arithmetic = RationalArithmetic()
    target, rho = setting.value(RADIUS, arithmetic), setting.value(RHO, arithmetic)
    kappa_m, kappa_v = setting.value(KAPPA_M, arithmetic), setting.value(KAPPA_V, arithmetic)
    path, distance = [sp.Integer(0)], -target
    for x, gradient, m, v in follow(setting, arithmetic, steps):
        distance = rho * distance
        on_line = (x == target + distance) & (m == kappa_m * gradient) & (v == kappa_v * gradient * gradient)
        if not on_line.all():
            break
        path.append(sp.Rational(str(x[0, 0])))
    return path


def precise_run(setting: Setting, steps: int, start: str = "0", widest: float = 1e-9) -> tuple[int, list[float]]:
    """(bits, weight_decay * x_t for t = 0..steps): bits double until every ball is narrower than `widest`.

    A ball contains the true value, so each number is off by at most `widest` (and the rounding to a float).
    """
    for bits in (2**power for power in range(8, 18)):
        path = [float(sp.Rational(start))]
        for x, *_ in follow(setting, BallArithmetic(bits), steps, start):
            if not x[0, 0].rad() < widest:
                break
            path.append(float(x[0, 0].mid()))
        if len(path) == steps + 1:
            return bits, path
    raise RequestError(f"{bits} bits are too few to follow {steps} steps; ask for fewer steps.")


def float_run(setting: Setting, steps: int, device: str = "cpu") -> list[float]:
    """weight_decay * x_t for t = 0..steps in float64."""
    return [0.0] + [float(x) for x, *_ in follow(setting, TorchArithmetic(device), steps)]


def proof_numbers(path: list[sp.Rational], steps: int) -> list[Number]:
    """The induction step, symbolically; the same in a run of exact rationals; and where that leaves the
    limit.
    """
    symbolic = [equal(f"line: {name}, difference", sp.simplify(zero), 0) for name, zero in LINE_IDENTITIES.items()]
    limit = RATIONAL.exact(RADIUS)
    gap = RATIONAL.rho**steps * limit  # |x_0 - x*| shrinks by rho a step
    return [
        *symbolic,
        equal("rational run: steps that are exactly on the line", len(path) - 1, steps),
        equal("rational run: limit of weight_decay x (ball: 1)", path[-1] + gap, sp.Rational(3, 2)),
    ]


def limit_numbers() -> list[Number]:
    """What is wrong with the limit x*: its gradient and score S vanish, but it lies outside, so it is no KKT
    point.
    """
    limit = torch.tensor([[float(RATIONAL.exact(RADIUS))]], dtype=torch.float64)
    gradient = torch.zeros_like(limit)
    return [
        close(
            "score S at the limit (proves nothing outside the ball)",
            float(kkt_score(limit, gradient, 1.0)),
            0,
            0,
        ),
        close(
            "KKT residual at the limit: how far it is outside",
            float(kkt_residual(limit, gradient, 1.0)),
            0.5,
            0,
        ),
    ]


def run_numbers(precise: list[float], floats: list[float], moved: list[float], bits: int) -> list[Number]:
    """Ordinary hyperparameters: balls stay on the line; float64 and balls started 2^-53 beside it do not."""
    steps = len(precise) - 1
    line = float(ORDINARY.exact(RADIUS * (1 - RHO**steps)))
    early = float(ORDINARY.exact(RADIUS * (1 - RHO**EARLY)))
    return [
        # The balls are narrower than 1e-9; the rest is one rounding to float64.
        close(f"{bits}-bit balls: weight_decay x at t = {steps}", precise[-1], line, 2e-9),
        # By t = 600 the rounding of float64 has not yet been amplified beyond 1e-9 (it grows like
        # rho^(-t^2)).
        close(f"float64: weight_decay x at t = {EARLY}", floats[EARLY], early, 1e-6),
        above("float64: largest weight_decay x", max(floats), 1.8),
        # The runs that left the line still swing about the edge of the ball, by about 1e-4.
        close(f"float64: weight_decay x at t = {steps}", floats[-1], 1, 1e-2),
        close(f"balls, started 2^-53 off the line: at t = {steps}", moved[-1], 1, 1e-2),
    ]


def draw(axes: Any, exact: list[sp.Rational], precise: list[float], floats: list[float]) -> None:
    """weight_decay * x over t: the rational run on the left, balls and float64 on the right."""
    left, right = axes
    left.plot([float(value) for value in exact[:16]], "o-", label="exact rationals")
    left.set(title="β₁ = 2/5, β₂ = 1/5, λη = 1/2", ylabel="λx")
    right.plot(precise, label="ball arithmetic")
    right.plot(floats, "--", label="float64")
    right.set(title="β₁ = 0.99, β₂ = 0.9, λη = 0.005")
    for pane in axes:
        pane.axhline(1, color="black", linewidth=0.8)
        pane.set(xlabel="t", ylim=(0, 2))
        pane.legend(loc="lower right")
    left.annotate("edge of the ball", (15, 1), xytext=(0, -12), textcoords="offset points", ha="right")


def run(seed: int = 0, device: str = "cpu", progress: Progress = silent) -> Counterexample:
    """The proof in rationals, then the long runs. Nothing is random: the seed changes nothing."""
    exact = exact_run(RATIONAL, EXACT_STEPS)
    progress(0.1)
    bits, precise = precise_run(ORDINARY, STEPS)
    progress(0.8)
    _, moved = precise_run(ORDINARY, STEPS, start=str(sp.Rational(1, 2**53)))
    floats = float_run(ORDINARY, STEPS, device)
    progress(1.0)
    numbers = proof_numbers(exact, EXACT_STEPS) + limit_numbers() + run_numbers(precise, floats, moved, bits)
    caption = (
        "λx over the steps of AdamW with β₁ > β₂, on a quadratic whose minimiser lies outside |λx| ≤ 1. "
        "Computed exactly, "
        "the path converges outside the ball; float64 follows it until its rounding errors have been "
        "amplified."
    )
    return Counterexample(
        title="With beta1 > beta2, AdamW can converge to a point that is not KKT",
        claim="Whenever AdamW with non-increasing steps of infinite sum converges, its limit is a KKT "
        "point of "
        "min f(x) over ||x||_inf <= 1/weight_decay, also when beta1 > beta2.",
        numbers=numbers,
        text="m_t and v_t stay fixed multiples of g_t and g_t^2, so every direction is +-r with r > 1 and "
        "the limit is "
        "r/weight_decay, outside the ball. That line is unstable: while x_t - x* shrinks like rho^t, an "
        "error in "
        "m/sqrt(v) of relative size delta still moves x by lr*delta, so relative errors grow by a factor "
        "of order "
        f"rho^(-t) a step. Following it for {STEPS} steps takes {bits} bits; float64 leaves it and ends in "
        f"the ball, "
        "as does an exact run that starts 2^-53 beside the line.",
        pictures=[
            Picture(
                "momentum_order.svg",
                caption,
                lambda axes: draw(axes, exact, precise, floats),
                7.2,
                3.2,
                {"ncols": 2, "width_ratios": (2, 3), "sharey": True},
            )
        ],
    )


if __name__ == "__main__":
    raise SystemExit(main("momentum_order"))
