"""One instance at a time for the sum of scaled gradients, most of them without decay: what makes it exceed (7/4)D.

With ε far above the gradients a step of gradient descent 1/(2L) long adds |∇f|²(1-θ)/(4L) to the left side, so that a gradient
with |∇f|² = 2LD that stays exceeds the bound after four steps at θ = 0. A single step from a much steeper start exceeds it at
θ near 1, where the step is too short for f to fall by D.
"""

from __future__ import annotations

from typing import Any

from checks.battery.check import Defining, Inputs, Necessary, Need, Unknown
from checks.l1_rate.one_path import line, one_path, rare, reporting
from checks.l1_rate.rate_instances import RARE, no_gradient, one_run
from checks.l1_rate.rate_runs import measure_rate
from checks.l1_rate.uphill_noise import misled, uphill
from theory.core import E
from theory.l1_rate.mean_roots import MEAN_SHARE
from theory.l1_rate.setting import sigma as total_noise

PART = "without_decay"
FEW = 8  # steps without progress that exceed the bound
FLAT = 2.0**10  # √ε far above every gradient
SLOW = 16.0  # 1/(1-θ), and the start's slope, at which one step exceeds the bound with D = 1
KINK = 2.0**-10  # the slope before the function's kink


def descent(steps: int = FEW, fresh: float = 1.0, root: float = FLAT, **changed: Any) -> Inputs:
    """`one_run` with √ε = root and the learning rate that goes with it, without decay."""
    return one_run(steps, fresh=fresh, **{"eps": root**2, "eta": fresh * root / 2, "rho": 0.0, **changed})


def steep(**changed: Any) -> Inputs:
    """One short step from where f could fall by far more than D."""
    return descent(1, 1 / SLOW, **{"start": SLOW, "gap": 1.0, **changed})


def shaken(**changed: Any) -> Inputs:
    """A start at the minimum, D next to nothing, and one step of noise of size 1."""
    return descent(2, root=1.0, start=0.0, slack=2.0**-10, sigma=1.0, noise=[1.0], **changed)


def pulled_back() -> Inputs:
    """Decay that brings x back to the origin at every step, where f is not minimal."""
    return descent(4 * FEW, start=-1.0, lam=2 / FLAT)


def climbing() -> Inputs:
    """No momentum to average over noise whose usual sign is wrong: x climbs, though D is no more than the budget asks for."""
    steps, fresh = 1100, 0.007
    sigma, noise = misled(steps, alpha=8 / 17)
    gap = 1.001 * steps * (fresh * sigma) ** 2
    settings = descent(steps, fresh, root=1.0, at=(2 * gap) ** 0.5, f_star=0.0, beta=0.0, tau=0.0, sigma=sigma)
    return {**settings, **noise}


def noise() -> dict[str, Need]:
    """Noise that hides the gradient, or that moves x more than the budget allows."""
    silenced = reporting(measure_rate, **{total_noise.name: [2.0**-10]})
    return {
        "variance": Necessary(PART, lambda: descent(rarity=RARE), rare),
        "budget": Necessary(PART, shaken),
        "noise total": Necessary(PART, shaken, silenced),
        # The noise claimed has to cover the gradient that is left out; the budget of it asks for θ near 1.
        "unbiased": Necessary(PART, lambda: descent(256, 1 / 32, sigma=1.0), one_path(draw=no_gradient)),
    }


def function() -> dict[str, Need]:
    """What f may do if one thing said of it is dropped."""
    start = SLOW**2 / 2
    return {
        "smooth gradient": Necessary(PART, lambda: descent(2, 1 / SLOW, gap=1.0, f_star=-1.0), one_path(line(-KINK, -SLOW))),
        # f stays where it is though its gradient says that it falls: as where it turns up again between the iterates.
        "quadratic bound": Necessary(PART, lambda: descent(gap=0.5, f_star=-0.5),
                                     reporting(one_path(line(-1.0, -1.0)), f=[[0.0] * (FEW + 1)], f_y=[-0.5])),
        "infimum": Necessary(PART, lambda: descent(curvature=-1.0, slack=1.5), one_path()),
        "start": Necessary(PART, lambda: descent(gap=2.0**-40, f_star=0.0), reporting(one_path(), D=[2.0**-40])),
        "infimum below the start": Necessary(PART, steep, one_path()),
        "smooth at the start": Necessary(PART, steep, reporting(one_path(), f_y=[start])),
        "gradient step": Necessary(PART, steep, reporting(one_path(), y=[[0.0]], f_y=[start])),
    }


def algorithm() -> dict[str, Need]:
    """One line of the algorithm that does nothing, so that x never moves; or numbers that throw x far off."""
    frozen = {"update": "x", "direction": "r", "mixed momentum": "mtilde", "momentum": "m", "second moment": "v"}
    return {
        **{name: Necessary(PART, descent, one_path(frozen=sequence)) for name, sequence in frozen.items()},
        "momentum starts at zero": Necessary(PART, lambda: descent(2, 0.5, m0=[-(2.0**20)]), one_path()),
        "rate": Necessary(PART, lambda: descent(2, eta=2.0**20), one_path()),
        "weight below": Necessary(PART, lambda: descent(2, 0.5, tau=2.0**20), one_path()),
        "box": Necessary("with_decay", pulled_back, one_path()),
        "no decay": Necessary(PART, pulled_back, one_path()),
    }


def needs() -> dict[str, Need]:
    """Necessity of every hypothesis of the claim."""
    return {
        **noise(), **function(), **algorithm(),
        "second decay below one": Defining(PART),
        "first decay below one": Unknown("'rate' implies it, since η, L and ε are positive: no instance can leave it alone"),
        "weight above": Necessary(PART, climbing, uphill(E(MEAN_SHARE))),
    }
