"""Sign descent with decoupled weight decay: normalised steepest descent in the max norm, sign(0) = 0."""

from __future__ import annotations

from dataclasses import dataclass, field

from checks.norms import LInf, Norm
from checks.optimizers.nsd import NSD


@dataclass(frozen=True, eq=False)
class SignGD(NSD):
    norm: Norm = field(default_factory=LInf, init=False)
    normalised: bool = field(default=True, init=False)
