"""A claim is one numbered statement: symbols with meanings, hypotheses by name, conclusions, and their proofs.

One module holds one `CLAIM`. `Part`s are the separate conclusions of one statement (for AdamW and for NAdamW, say); a
part may add hypotheses of its own. Nothing here is checked: `theory.core.checker.check_claim` does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

PROVENANCES = ("stated", "restored", "derived")


@dataclass(frozen=True)
class Source:
    """Where the statement stands: paper folder, number as printed, arXiv identifier."""

    paper: str
    number: str
    arxiv: str


L1_RATE = "2505.11840"
IMPLICIT_BIAS = "2404.04454"
LINF_GEOMETRY = "2410.08198"


@dataclass(frozen=True)
class Convention:
    """The optimizer convention a claim lives in."""

    eps: str = "inside the root"
    bias_correction: bool = False
    decay: str = "decoupled, multiplied by the learning rate"


@dataclass(frozen=True)
class Var:
    """A symbol of the statement, its meaning, and for a sequence the ranges of its indices.

    `over` lists (lower, upper) for each index of an `IndexedBase`; the checker rejects an index it cannot show inside.
    `random` marks what expectations average over.
    """

    symbol: sp.Symbol | sp.IndexedBase
    meaning: str
    over: tuple[tuple[Any, Any], ...] = ()
    random: bool = False


@dataclass(frozen=True)
class Step:
    """One proof step: `prop` follows from the facts its rule names; later steps may use it by `name`."""

    name: str
    prop: Boolean
    rule: Any


@dataclass(frozen=True)
class Part:
    """One conclusion with the hypotheses it adds to the claim's and its proof, whose last step is the conclusion."""

    name: str
    conclusion: Boolean
    proof: Sequence[Step]
    hypotheses: Mapping[str, Boolean] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """A numbered statement. `hypotheses` are shared by all parts; `uses` are the claims the proofs rest on."""

    id: str
    title: str
    summary: str
    source: Source
    provenance: str
    variables: Sequence[Var]
    hypotheses: Mapping[str, Boolean]
    parts: Sequence[Part]
    uses: Sequence[Claim] = ()
    convention: Convention | None = None
    history: Mapping[sp.IndexedBase, int] = field(default_factory=dict)  # base[j] is fixed before step k iff j ≤ k - value
    note: str = ""

    def __post_init__(self) -> None:
        if self.provenance not in PROVENANCES:
            raise ValueError(f"provenance of {self.id} is '{self.provenance}'; use one of {', '.join(PROVENANCES)}")

    def part(self, name: str) -> Part:
        """The part of that name; `KeyError` names the parts there are."""
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(f"{self.id} has no part '{name}'; it has {', '.join(p.name for p in self.parts)}")

    def all_hypotheses(self, part: Part) -> dict[str, Boolean]:
        """The claim's hypotheses followed by the part's own."""
        return {**self.hypotheses, **part.hypotheses}
