"""The proof rules, as data: what a step may name. How each is checked stands in `checker`, `inequalities`, `analysis`.

`using` names facts: hypotheses, earlier steps, or `At(name, {t: k + 1})` for a quantified fact at a value. A quantified
fact named plainly is taken at the variable of the same name, which must be in scope.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import sympy as sp

if TYPE_CHECKING:
    from theory.core.claim import Claim, Step


@dataclass(frozen=True)
class At:
    """A quantified fact at particular values of its variables."""

    fact: str
    values: Mapping[sp.Symbol, Any] = field(default_factory=dict)


Reference = str | At


@dataclass(frozen=True)
class Identity:
    """An equation between expressions: exact rational spot check, then normal forms, then SymPy's simplify."""

    label: ClassVar[str] = "identity"
    using: tuple[Reference, ...] = ()


@dataclass(frozen=True, init=False)
class Polynomial:
    """A relation that follows from the named facts in nonlinear real arithmetic: `Polynomial("h1", At("h2", {t: k}))`."""

    label: ClassVar[str] = "polynomial"
    using: tuple[Reference, ...]

    def __init__(self, *using: Reference) -> None:
        object.__setattr__(self, "using", using)


@dataclass(frozen=True)
class Monotone:
    """`Always(L <= R, (x, lo, hi))`: R-L is ≥ 0 at `base` and its derivative has the sign of x-base."""

    label: ClassVar[str] = "calculus"
    base: Any
    using: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class LimitValue:
    """`Eq(Limit(f, x, oo), value)` for a rational function f of x alone, by its leading coefficients."""

    label: ClassVar[str] = "calculus"
    using: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class IntegralValue:
    """`Eq(Integral(...), value)`: by an antiderivative between finite ends, by Γ for k rᵃ exp(-c r²) on infinite ranges."""

    label: ClassVar[str] = "calculus"
    using: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class BelowLimit:
    """`Always(a(n) <= L, (n, n0, oo))` for rational a with the limit L, from `growth`: Always(a(n) <= a(n+step)).

    `limit`, if named, is a fact that says what L is.
    """

    label: ClassVar[str] = "calculus"
    growth: str
    limit: str = ""
    step: int = 1

    @property
    def using(self) -> tuple[Reference, ...]:
        return (self.growth, self.limit) if self.limit else (self.growth,)


@dataclass(frozen=True)
class Calculus:
    """A fact of `theory.calculus` about Γ, powers or integrals at given values: `Calculus("gamma_next", {"x": n / 2})`."""

    label: ClassVar[str] = "calculus"
    name: str
    given: Mapping[str, Any] = field(default_factory=dict)
    using: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Archimedes:
    """`y <= z` from a fact that says y ≤ z + C/j for every integer j ≥ 1, in any form: `Archimedes("every j")`."""

    label: ClassVar[str] = "calculus"
    fact: Reference

    @property
    def using(self) -> tuple[Reference, ...]:
        return (self.fact,)


@dataclass(frozen=True)
class Interval:
    """`Always(L < R, (x, a, b), ...)` on a box with rational corners, by Arb balls on a subdivision."""

    label: ClassVar[str] = "interval"
    using: tuple[Reference, ...] = ()
    boxes: int = 20_000


@dataclass(frozen=True)
class Induction:
    """`Always(P(n), (n, lo, hi), ...)`: `base` proves P(lo); `step` proves P(n+1) for lo ≤ n < hi from fact "induction"."""

    label: ClassVar[str] = "induction"
    base: Any  # a rule, or a sequence of steps
    step: Any
    using: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Termwise:
    """Σ w·l ≤ Σ w·r (or =) over `over` from a quantified fact l ≤ r (or =) and w ≥ 0."""

    label: ClassVar[str] = "termwise"
    fact: str
    over: tuple[Any, Any, Any]
    weight: Any = sp.S.One
    using: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Known:
    """An instance of a classical inequality of `inequalities.KNOWN`, its side conditions proved from `using`."""

    label: ClassVar[str] = "known"
    name: str
    given: Mapping[str, Any]
    using: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Expectation:
    """A rule for the operator E: "linearity", "tower", "monotone" or "jensen" (see `analysis`)."""

    label: ClassVar[str] = "expectation"
    kind: str
    given: Mapping[str, Any] = field(default_factory=dict)
    using: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class By:
    """An instance of (a part of) another proved claim; its hypotheses are proved from `using`."""

    label: ClassVar[str] = "by"
    claim: Claim
    part: str
    given: Mapping[Any, Any] = field(default_factory=dict)
    using: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Cited:
    """Nothing here proves it: the claim is then proved modulo this citation."""

    label: ClassVar[str] = "cited"
    reference: str
    using: tuple[Reference, ...] = ()


def subproof(name: str, prop: Any, proof: Any) -> Sequence[Step]:
    """A sub-goal's steps: a bare rule stands for the one step that proves the goal at once."""
    from theory.core.claim import Step

    return proof if isinstance(proof, (list, tuple)) else [Step(name, prop, proof)]
