"""Exercise the finite forms of AdamW's limit theorem on real runs of one coordinate, and the theorem itself on many."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import torch

from checks.arithmetic import Arithmetic, Array
from checks.battery.check import (
    Attained,
    Check,
    Defining,
    Exact,
    Inputs,
    Measure,
    Measured,
    Necessary,
    Tolerance,
    column,
)
from checks.implicit_bias.adamw_limits import limits
from checks.optimizers import AdamW, run
from theory.implicit_bias.adamw_limit_is_kkt import CLAIM

STEADY = ("update_at_least", "update_at_most", "alignment", "slackness")
ENTRIES = ("first_moment_low", "first_moment_high", "second_moment_low", "second_moment_high")
FREE, ENTERING, ALIGNED = 0, 1, 2  # gradients of any shape; in [a, a + width]; and the moments at the start too
SCALARS = ("beta1", "beta2", "epsilon", "lambda", "s", "a", "width", "first", "second", "m0", "v0", "pull", "slope", "x0")
ROWS = ("eta", "push", "point", "G", "w", "bend")


def sample(generator: torch.Generator, batch: int, part: str, steps: int, d: int, trend: float, limit: float) -> Inputs:
    """Runs under a quadratic pull towards 1 plus given pushes (gradients of any shape), or, for the parts about a steady
    gradient, gradients and starting moments anywhere in [a, a + width] with either sign; x* is some iterate."""

    def uniform(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    def spread(decades: float) -> torch.Tensor:
        return 10 ** (decades * (2 * uniform(batch) - 1))

    regime = ALIGNED if part in STEADY else ENTERING if part in ENTRIES else FREE
    some = uniform(batch) < 0.5
    beta2 = 1 - 10 ** (-4 * uniform(batch))
    share = torch.where(uniform(batch) < 0.2, torch.ones(batch, dtype=torch.float64), uniform(batch))
    beta1 = 1 - 10 ** (-3 * uniform(batch)) if regime else beta2 * share
    lam, eps = spread(2), torch.where(some, torch.zeros(batch, dtype=torch.float64), spread(4))
    powers = torch.arange(1, steps + 1, dtype=torch.float64) ** -uniform(batch, 1)
    eta = powers if part in ("growth_mean", "radius") else uniform(batch, steps) * (uniform(batch, steps) < 0.9)
    eta[:, 0] += 1e-3  # at least one step is taken
    push = torch.randn(batch, steps, generator=generator, dtype=torch.float64)
    push = push * 10 ** (trend * torch.linspace(0, 1, steps, dtype=torch.float64))
    v0 = spread(2)
    return {"T": steps, "d": d, "regime": regime, "limit": round(limit * steps), "beta1": beta1, "beta2": beta2,
            "epsilon": eps, "lambda": lam, "eta": eta / lam[:, None], "s": torch.sign(uniform(batch) - 0.5),
            "a": spread(2), "width": spread(3) * (uniform(batch) < 0.8), "first": uniform(batch), "second": uniform(batch),
            "push": uniform(batch, steps) if regime else push, "pull": spread(2) * (uniform(batch) < 0.5),
            "v0": v0, "m0": (2 * uniform(batch) - 1) * 0.999 * v0.sqrt(), "x0": (4 * uniform(batch) - 2) / lam,
            "slope": spread(2), "point": 3 * uniform(batch, d) - 1.5, "G": push[:, :1] * (1 - 2 * uniform(batch, d)),
            "w": 2 * uniform(batch, d) - 1, "bend": uniform(batch, d) * lam[:, None]}


def measure(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
    """Run AdamW on the one coordinate; the certificate's symbols come from a convex quadratic in d coordinates."""
    given = {name: arithmetic.array(inputs[name]) for name in (*SCALARS, *ROWS)}
    eps, s, a, b = given["epsilon"], given["s"], given["a"], given["a"] + given["width"]
    m0, v0, push, pull = given["m0"], given["v0"], given["push"], given["pull"]
    if inputs["regime"] == ALIGNED:
        m0, v0 = s * (a + given["width"] * given["first"]), a * a + (b * b - a * a) * given["second"]
    if inputs["regime"]:
        push, pull = s[:, None] * (a[:, None] + given["width"][:, None] * push), pull * 0

    def gradient(x: Array, t: int) -> Array:
        return pull[:, None] * (x - 1) + push[:, t - 1, None]

    opt = AdamW(lr=given["eta"], beta1=given["beta1"], beta2=given["beta2"], eps=eps, weight_decay=given["lambda"])
    path = run(opt, given["x0"][:, None], gradient, inputs["T"], arithmetic, m0=m0[:, None], v0=v0[:, None])
    x, v, k = path.x[..., 0], path.v[..., 0] + eps[:, None], inputs["limit"]
    away = arithmetic.amax(arithmetic.abs(x[:, :-1] - x[:, k : k + 1]), -1)
    return {"T": inputs["T"], "X": x, "m": path.m[..., 0], "v": v, "g": path.g[..., 0], "eta": given["eta"], "s": s,
            "a": a, "b": b, "x_star": x[:, k], "delta": away, "B": growth(v, inputs, arithmetic),
            "g_star": s * given["slope"], **{name: given[name] for name in ("beta1", "beta2", "epsilon", "lambda")},
            **certificate(inputs["d"], given, arithmetic)}


def growth(v: Array, inputs: Inputs, arithmetic: Arithmetic) -> Array:
    """The largest ln(v_t/v_0), at least 0; the parts about a steady gradient do not speak of it, and stay rational."""
    if inputs["regime"]:
        return arithmetic.full((v.shape[0],), 0)
    rise = arithmetic.amax(arithmetic.log(v / v[:, :1]), -1)
    return arithmetic.maximum(rise, rise * 0)


def certificate(d: int, given: dict[str, Array], arithmetic: Arithmetic) -> Measured:
    """x in d coordinates (in and out of the box), y in it, a convex quadratic with slope G at x, and its values."""
    wide, G = given["lambda"][:, None], given["G"]
    x, y = given["point"] / wide, given["w"] / wide
    step = y - x
    term = arithmetic.abs(G) + wide * x * G
    return {"d": d, "x": x, "y": y, "G": G, "sigma": arithmetic.maximum(term, term * 0),
            "f_x": arithmetic.zeros((x.shape[0],)), "f_y": arithmetic.sum(G * step + given["bend"] * step * step / 2, -1)}


def one_run(regime: int = FREE, limit: int = 0, **changes: Any) -> Inputs:
    """λ = 1, η = 1/4, β1 = β2 = 1/2, ε = 0, gradients 1 from m = v = 1, from x_0 = -100; changed as told.

    Steady runs have s = a = 1 and width 0 unless told otherwise.
    """
    push = changes.pop("push", [0.0 if regime else 1.0])
    given = {**dict.fromkeys(SCALARS, 0.0), "beta1": 0.5, "beta2": 0.5, "lambda": 1.0, "s": 1.0, "a": 1.0, "m0": 1.0,
             "v0": 1.0, "slope": 1.0, "x0": -100.0, "eta": [0.25] * len(push), "push": push, "point": [0.5], "G": [1.0],
             "w": [-1.0], "bend": [0.0], **changes}
    return {"T": len(push), "d": 1, "regime": regime, "limit": limit,
            **{k: column([v] if k in ROWS else v) for k, v in given.items()}}


def replaced(**entries: Any) -> Measure:
    """A measurement with some measured values overwritten; the iterates follow them, unless they are given too."""

    def altered(inputs: Inputs, arithmetic: Arithmetic) -> Measured:
        seen: dict[Any, Any] = dict(measure(inputs, arithmetic))
        seen.update({name: arithmetic.array([value]) for name, value in entries.items()})
        if {"m", "v"} & set(entries):
            x = [seen["X"][:, 0]]
            for t in range(inputs["T"]):
                update = seen["m"][:, t + 1] / arithmetic.sqrt(seen["v"][:, t + 1])
                x.append((1 - seen["lambda"] * seen["eta"][:, t]) * x[-1] - seen["eta"][:, t] * update)
            seen["X"] = arithmetic.stack(x, 1)
        return seen

    return altered


CHECK = Check(
    claim=CLAIM,
    space={"steps": st.integers(1, 30), "d": st.integers(1, 8), "trend": st.floats(-3, 3), "limit": st.floats(0, 1)},
    sample=sample,
    measure=measure,
    tolerance=Tolerance(1e-10, "30 steps of recurrences and a double sum, each step rounding by 2^-53 relative; 1/(1-β2) ≤ 1e4"),
    tightness={
        "telescoping": Exact(),
        "mean_radius": Attained(lambda: one_run(push=[1.0, 1.0], x0=-1.0)),
        "growth_mean": Attained(lambda: one_run(push=[8.0], beta1=0.0)),
        "radius": Attained(lambda: one_run(push=[1.0, 1.0], x0=-1.0)),
        **{part: Attained(lambda: one_run(ENTERING, m0=8.0, v0=9.0, a=2.0)) for part in ENTRIES},
        "update_at_least": Attained(lambda: one_run(ALIGNED, a=2.0)),
        "update_at_most": Attained(lambda: one_run(ALIGNED, a=2.0)),
        "alignment": Attained(lambda: one_run(ALIGNED, x0=0.5)),
        "slackness": Attained(lambda: one_run(ALIGNED, x0=0.5, slope=3.0)),
        "flat": Attained(lambda: one_run(x0=0.5)),
        "certified_gap": Attained(one_run),
    },
    necessity={
        "iterates": Necessary("telescoping", one_run, replaced(X=[0.0, 9.0])),
        "some rate": Defining("mean_radius"),
        "order": Necessary("mean_radius", lambda: one_run(beta1=0.875, beta2=0.125, push=[1.0, 1.0, 1e-3, 1e-3])),
        "below one": Defining("mean_radius"),
        "momentum": Necessary("mean_radius", lambda: one_run(push=[1.0, 1.0]), replaced(m=[0.0, 9.0, 9.0])),
        "second moment": Necessary("mean_radius", lambda: one_run(push=[8.0, 8.0]), replaced(v=[1.0, 1.0, 1.0])),
        "start": Necessary("mean_radius", lambda: one_run(m0=8.0)),
        "non-increasing rates": Necessary("growth_mean", lambda: one_run(beta1=0.0, push=[1.0, 8.0], eta=[0.125, 1.0])),
        "bounded growth": Necessary("growth_mean", lambda: one_run(push=[8.0]), replaced(B=0.0)),
        "near the limit": Necessary("radius", lambda: one_run(x0=0.0), replaced(x_star=50.0)),
        "sign": Necessary("update_at_most", lambda: one_run(ALIGNED, beta1=0.0, beta2=0.0),
                          replaced(s=2.0, g=[0.5], m=[0.5, 0.5], v=[1.0, 0.25])),
        "gradients": Necessary("update_at_most", lambda: one_run(ALIGNED, beta1=0.0, beta2=0.75),
                               replaced(g=[8.0], m=[1.0, 8.0], v=[1.0, 16.75])),
        "first moment at the start": Necessary("update_at_most", lambda: one_run(ALIGNED), replaced(m=[8.0, 4.5])),
        "second moment at the start": Necessary("update_at_most", lambda: one_run(ALIGNED), replaced(v=[0.0625, 0.53125])),
        "first decay": Necessary("update_at_most", lambda: one_run(ALIGNED, width=1.0, beta2=0.0),
                                 replaced(beta1=2.0, m=[2.0, 3.0])),
        "second decay": Necessary("update_at_most", lambda: one_run(ALIGNED, width=1.0, beta1=0.0),
                                  replaced(beta2=2.0, g=[1.375], m=[1.0, 1.375], v=[1.0, 0.109375])),
        "slope": Necessary("slackness", lambda: one_run(ALIGNED, x0=-1.0), replaced(g_star=-1.0)),
        "bounded terms": Necessary("certified_gap", one_run, replaced(sigma=[0.0])),
        "y in the box": Necessary("certified_gap", lambda: one_run(w=[-2.0])),
        "gradient inequality": Necessary("certified_gap", lambda: one_run(point=[0.0], G=[0.0], bend=[-8.0])),
    },
    experiments={"limits": limits},
)
