"""How one claim is exercised: instances that satisfy its hypotheses, a measurement, witnesses, and what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
import torch
from hypothesis.strategies import SearchStrategy

from checks.arithmetic import Arithmetic
from theory.core import Claim

Inputs = Mapping[str, Any]
"""What an instance is made from: CPU float64 tensors with leading axis B (problems), and Python ints common to all.
Floats are taken as the exact dyadic rationals they are when an instance is decided again in exact arithmetic."""

Measured = Mapping[str | sp.Basic, Any]
"""Arrays for the claim's symbols, by name: a scalar as an int or shape (B,); a sequence as (B, n1[, n2]) whose axes start
at the lower ends declared in `Var.over`. An expectation is keyed by its own expression `E(...)`, shape (B, n1[, n2]): one
axis for each quantified or summed index in it, the outermost first, for that index's values 1, 2, ...; (B,) without any."""

Sample = Callable[..., Inputs]
"""sample(generator: torch.Generator, batch: int, part: str, **params) -> Inputs satisfying the hypotheses of the part,
by construction: nothing is drawn and thrown away."""

Measure = Callable[[Inputs, Arithmetic], Measured]
"""Run the real optimizer (or formula) on the inputs in the given arithmetic: torch for volume, balls or rationals to decide."""


@dataclass(frozen=True)
class Tolerance:
    """Relative rounding band around equality; margins inside it go to the referee. The reason is printed."""

    value: float
    reason: str


@dataclass(frozen=True)
class Attained:
    """Inputs at which the two sides agree up to `gap` (relative), shown by evaluating the claim there."""

    inputs: Callable[[], Inputs]
    gap: float = 1e-9


@dataclass(frozen=True)
class Approached:
    """A family of inputs along which LHS/RHS rises; its last member must reach `at_least`."""

    inputs: Callable[[], Sequence[Inputs]]
    at_least: float
    detail: str


@dataclass(frozen=True)
class Searched:
    """No witness is known; the report gives the largest ratio the search found. `detail` says what was tried."""

    detail: str


@dataclass(frozen=True)
class Exact:
    """The part is an equation or an equivalence: tightness does not arise."""

    detail: str = "an equation"


Tightness = Attained | Approached | Searched | Exact


@dataclass(frozen=True)
class Necessary:
    """Inputs that break only the named hypothesis, and break the conclusion of `part` by more than rounding.

    `measure` replaces the check's own where the broken hypothesis is one the measurement builds in.
    """

    part: str
    inputs: Callable[[], Inputs]
    measure: Measure | None = None


@dataclass(frozen=True)
class Defining:
    """Without the hypothesis the statement of `part` would not be defined (a division by zero, say): the proof checker
    is asked to confirm that it refuses the statement then."""

    part: str


@dataclass(frozen=True)
class Unneeded:
    """The proof of `part`, as it stands, goes through without the hypothesis: the proof checker is asked to confirm it."""

    part: str


@dataclass(frozen=True)
class Unknown:
    """Whether the hypothesis is needed is not known; `tried` says what was tried."""

    tried: str


Need = Necessary | Defining | Unneeded | Unknown


@dataclass(frozen=True)
class Climb:
    """Gradient ascent on left/right, from drawn instances, over the free numbers an instance is made from.

    draw(generator, batch, part, **params) -> the free numbers, by name; build turns them into inputs that satisfy the
    hypotheses, by differentiable operations, whatever values within its domain each of `knobs` takes: "real", "positive",
    or "unit" (from 0 to 1). starts: the params, one ascent of `batch` instances each; deeper: those of `theorems attack`.
    """

    draw: Callable[..., Inputs]
    build: Callable[[Inputs], Inputs]
    knobs: Mapping[str, str]
    starts: Sequence[Mapping[str, Any]]
    deeper: Sequence[Mapping[str, Any]] = ()
    batch: int = 16

    def __post_init__(self) -> None:
        if odd := sorted(set(self.knobs.values()) - {"real", "positive", "unit"}):
            raise TypeError(f"a knob is real, positive or unit, not {', '.join(odd)}")


@dataclass(frozen=True)
class Finding:
    """What an experiment found: whether it agrees with the claim, a sentence, and its numbers by label."""

    agrees: bool
    detail: str
    numbers: Mapping[str, float] = field(default_factory=dict)


Experiment = Callable[[Arithmetic, int], Finding]
"""experiment(arithmetic, seed) -> Finding: a larger comparison (limits against a convex solver, say), one battery stage."""


@dataclass(frozen=True)
class Check:
    """Everything the battery needs to exercise `claim`.

    space: Hypothesis strategies for the keyword arguments of `sample` (sizes, ranges); the seed and the part are added.
    tightness: one entry a part. necessity: one entry a hypothesis (the claim's and the parts').
    pinned: inputs that once failed, run every time, with the part they belong to. climb: for the parts that are `Searched`.
    """

    claim: Claim
    space: Mapping[str, SearchStrategy]
    sample: Sample
    measure: Measure
    tolerance: Tolerance
    tightness: Mapping[str, Tightness]
    necessity: Mapping[str, Need]
    pinned: Sequence[tuple[str, Callable[[], Inputs]]] = field(default_factory=tuple)
    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    climb: Climb | None = None
    batch: int = 512

    def __post_init__(self) -> None:
        _require(self.claim, Claim, "claim")
        _require(self.tolerance, Tolerance, "tolerance")
        for name in ("space", "tightness", "necessity", "experiments"):
            _require(getattr(self, name), Mapping, name)
        for name, entry in self.tightness.items():
            _require(entry, Tightness, f"tightness of {name}")
        for name, need in self.necessity.items():
            _require(need, Need, f"necessity of {name}")
        if not (callable(self.sample) and callable(self.measure)):
            raise TypeError(f"sample and measure in the check of {self.claim.id} must be functions")


def _require(value: Any, kind: Any, what: str) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"{what} of a check must be a {getattr(kind, '__name__', kind)}; {value!r} is a {type(value).__name__}")


def column(values: Sequence[Any] | float) -> torch.Tensor:
    """Values as a float64 tensor with leading batch axis (a single number becomes a batch of one)."""
    tensor = torch.as_tensor(values, dtype=torch.float64)
    return tensor if tensor.ndim else tensor.reshape(1)
