"""One instance at a time for the rates: the schedule worked out in one dimension, to leave one hypothesis at a time.

Two ways to a mean gradient above the bound. Where nothing moves, the bound falls below the gradient in `MANY` steps. Where
noise is claimed that is not there, θ is near 1, and the first steps are so short that f falls by less than D however steep.
"""

from __future__ import annotations

from typing import Any

from checks.arithmetic import Array
from checks.battery.check import Inputs, Necessary, Unknown
from checks.l1_rate.noisy_runs import quadratic_run
from checks.l1_rate.one_path import line, one_path, rare, reporting
from checks.l1_rate.uphill_noise import misled, uphill
from theory.l1_rate.rate_proof import mean_size
from theory.l1_rate.setting import sigma as total_noise

MANY = 700  # steps after which the bound is below the gradient of a method that never moves
SLOW = 256.0  # 1/(1-θ) that lets the first step start from a gradient above the bound
QUIET = 2.0**-30  # claimed noise, as a share of σ̂, where nothing else is said
RARE = 2.0**-20  # probability of a strike; none in `MANY` steps on nearly every path
PLAIN_WEIGHT = Unknown(
    "at τ below θ the mean is at most 0.18 of the sharper bound in 44,352 random runs with d·K ≤ 8, 0.30 in 2,736 runs of up to "
    "1,600 steps of noise that strikes once (both exact), 0.37 in 432 sampled runs of up to 4,000 steps of noise whose usual "
    "sign is wrong; θ ≤ β makes v average over that noise, and without it the hypothesis is needed (see the rate for any β)")


def one_run(
    steps: int = 1, start: float = 1.0, curvature: float = 1.0, slack: float = 0.0, gap: float | None = None, fresh: float = 1.0,
    s: float = QUIET, share: float = 0.0, at: float = 0.0, sigma: float | None = None, **changed: Any,
) -> Inputs:
    """Theorem 1's schedule for f = curvature (x-c)²/2 with L = 1 and 1-θ = fresh: σ̂² = D/(K fresh²), β = θ, λ = share of
    its bound.

    start: how far x¹ lies to the right of c. at: where x¹ is. slack: how far f* lies below the minimum; gap: D, where it is
    that which is given. sigma: the noise claimed. Entries in `changed` replace the schedule's.
    """
    first = curvature * start**2 / 2
    bottom = min(first, 0.0) - slack if gap is None else first - gap
    D = first - bottom
    level = (D / steps) ** 0.5 / fresh
    bound = s / steps**0.75 * (1 / (level**2 * D)) ** 0.25
    given: dict[str, Any] = {
        "theta": 1 - fresh, "beta": 1 - fresh, "tau": 1.0, "level": level, "eps": level**2, "eta": (D / (4 * steps)) ** 0.5,
        "lam": bound * share, "s": s, "f_star": bottom, "optimizer": "adamw", "L": 1.0, "noise": [0.0], "strikes": 0}
    claimed = [level * QUIET if sigma is None else sigma]
    inputs = quadratic_run([curvature], [start], claimed, [[1.0]] * steps, **{**given, **changed})
    moved = {"x1": inputs["x1"] - start + at, "problem.center": inputs["problem.center"] - start + at}
    return {**inputs, **moved, "strikes": int(inputs["strikes"])}


def never_moving(**changed: Any) -> Inputs:
    """Many steps that lead nowhere, for the reason given."""
    return one_run(steps=MANY, **changed)


def steep(**changed: Any) -> Inputs:
    """One short step from where the gradient is above the bound and f could fall by far more than D = 1."""
    return one_run(start=SLOW, gap=1.0, fresh=1 / SLOW, **changed)


def plain(part: str, *in_use: str) -> dict[str, Any]:
    """Necessity of the hypotheses common to all rates, shown at `part`; `in_use` names the one on the momentum in use."""
    return {
        **noise(part), **function(part), **algorithm(part, *in_use),
        "first decay": Necessary(part, lambda: never_moving(theta=1 - 2.0**-40, beta=1 - 2.0**-40), one_path()),
        "epsilon": Necessary(part, lambda: never_moving(eps=2.0**60), one_path()),
        "learning rate": Necessary(part, lambda: one_run(steps=2, eta=2.0**20)),
    }


def noise(part: str) -> dict[str, Any]:
    """Gradients that are almost always zero, though right on average: x rests, and the bound knows nothing of it."""
    loud, silenced = RARE**-0.5, reporting(rare, **{total_noise.name: [QUIET]})
    return {
        "variance": Necessary(part, lambda: never_moving(rarity=RARE), rare),
        "noise level": Necessary(part, lambda: never_moving(rarity=RARE, sigma=loud), rare),
        "noise total": Necessary(part, lambda: never_moving(rarity=RARE, sigma=loud), silenced),
        # Here the noise claimed has to cover the gradient that is left out, so that the bound takes longer to fall.
        "unbiased": Necessary(part, lambda: one_run(steps=6 * MANY, fresh=1 / 92, sigma=1.0), one_path(draw=no_gradient)),
    }


def no_gradient(step: int, slope: Array) -> Array:
    """What `one_path` draws where x never learns of the gradient."""
    return 0 * slope


def function(part: str) -> dict[str, Any]:
    """What f may do if one thing said of it is dropped; for the last three f falls from a gradient above the bound."""
    return {
        # The gradient is tiny up to a kink just ahead, and above the bound beyond it.
        "smooth gradient": Necessary(part, lambda: one_run(steps=2, gap=2.0, f_star=-2.0, fresh=1 / SLOW),
                                     one_path(line(-(2.0**-10), -1.5 * SLOW))),
        # The gradient never changes, and yet f does not fall: as where f turns up again between the iterates.
        "quadratic bound": Necessary(part, lambda: never_moving(gap=0.5, f_star=-0.5),
                                     reporting(one_path(line(-1.0, -1.0)), f=[[0.0] * (MANY + 1)], f_y=[-0.5])),
        "infimum": Necessary(part, lambda: one_run(steps=MANY // 2, curvature=-1.0, slack=1.5), one_path()),
        "start": Necessary(part, lambda: one_run(gap=2.0**-40, f_star=0.0), reporting(one_path(), D=[2.0**-40])),
        "infimum below the start": Necessary(part, steep),
        "smooth at the start": Necessary(part, steep, reporting(one_path(), f_y=[SLOW**2 / 2])),
        "gradient step": Necessary(part, steep, reporting(one_path(), y=[[0.0]], f_y=[SLOW**2 / 2])),
    }


def algorithm(part: str, *in_use: str) -> dict[str, Any]:
    """One line of the algorithm that does nothing, so that x never moves; or a start that throws it off."""
    return {
        "update": Necessary(part, never_moving, one_path(frozen="x")),
        "direction": Necessary(part, never_moving, one_path(frozen="r")),
        **{name: Necessary(part, never_moving, one_path(frozen="mtilde")) for name in in_use},
        "momentum": Necessary(part, never_moving, one_path(frozen="m")),
        "second moment": Necessary(part, never_moving, one_path(frozen="v")),
        "momentum starts at zero": Necessary(part, lambda: one_run(steps=2, fresh=0.5, m0=[-(2.0**20)])),
        "second moment starts at zero": Necessary(part, lambda: one_run(steps=800, fresh=0.5, v0=[2.0**1000]), one_path()),
    }


def decayed() -> dict[str, Any]:
    """Necessity of what only the decay needs."""
    return {
        "weight decay": Necessary("box", lambda: one_run(s=0.2, share=64.0, slack=1.0, at=1.0)),
        "start bound": Necessary("box", lambda: one_run(curvature=2.0**-10, s=0.2, share=1.0, at=1.0)),
        "small": Necessary("box", lambda: one_run(s=2.0)),
        # v has forgotten the strike, m has not.
        "second decay above": Necessary("box", lambda: struck(steps=2, fresh=0.5, beta=0.0), rare),
        # v has hardly noticed the strike.
        "second decay below": Necessary("box", lambda: struck(fresh=0.5, beta=1 - 2.0**-20), rare),
    }


def struck(**changed: Any) -> Inputs:
    """A start as far out as Theorem 1 allows, and a stochastic gradient of 32 for a mean of 1/32 that leads further out."""
    rarity, steps = 2.0**-10, changed.get("steps", 1)
    return one_run(start=-1.0, curvature=2.0**-5, gap=1.0, s=2.0**-6, share=1.0, at=steps**0.5, sigma=1.0, rarity=rarity,
                   strikes=1, **changed)


def mixing(box: bool = False, any_beta: bool = False) -> dict[str, Any]:
    """Necessity of τ's range, which only NAdamW has; with decay there is a `box` to leave, and `any_beta` allows β = 0."""
    # Unlike m̃, v has noticed little of the strike.
    left = Necessary("box", lambda: struck(fresh=0.125, tau=0.0), rare)
    climbed = Necessary("rate", climbing, uphill(mean_size))
    return {
        "weight below": Necessary("rate", lambda: one_run(steps=2, fresh=0.5, tau=2.0**20), one_path()),
        "weight above": left if box else climbed if any_beta else PLAIN_WEIGHT,
    }


def climbing() -> Inputs:
    """No momentum to average over noise whose usual sign is wrong: x climbs to where its mean outweighs it."""
    steps, fresh = 6000, 0.0008
    sigma, noise = misled(steps, alpha=0.418)
    gap = steps * fresh**2  # then σ̂ = 1, a little above σ
    return {**one_run(steps, fresh=fresh, gap=gap, f_star=0.0, at=(2 * gap) ** 0.5, beta=0.0, tau=0.0, sigma=sigma), **noise}
