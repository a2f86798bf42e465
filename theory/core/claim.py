"""A claim is one numbered statement: symbols with meanings, hypotheses by name, conclusions, and their proofs.

One module holds one `CLAIM`. `Part`s are the separate conclusions of one statement (for AdamW and for NAdamW, say); a
part may add hypotheses of its own. Nothing here is checked: `theory.proofs.check.check_claim` does that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

PROVENANCES = ("stated", "restored", "derived")


def _require(value: Any, kind: type, what: str) -> None:
    if not isinstance(value, kind):
        words = {Boolean: "SymPy relation, such as Le(a, b)", str: "string", Mapping: "dictionary", Sequence: "list"}
        raise TypeError(f"{what} must be a {words.get(kind, kind.__name__)}; {value!r} is a {type(value).__name__}")


def _require_all(values: Any, kind: type, what: str) -> None:
    _require(values, Sequence, what)
    for value in values:
        _require(value, kind, f"each of {what}")


def _require_statements(named: Any, where: str) -> None:
    """Hypotheses by name: SymPy relations and their combinations, never text or Python's own True."""
    _require(named, Mapping, f"the hypotheses of {where}")
    for name, statement in named.items():
        _require(name, str, f"the name of a hypothesis of {where}")
        _require(statement, Boolean, f"the hypothesis {name} of {where}")


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
class Fixed:
    """What the history fixes of a random sequence: its entry at time j is known before step k if and only if j ≤ k - lag.

    `time` is the position of the index that counts time; a sequence of several indices must name it.
    """

    lag: int
    time: int = 0


@dataclass(frozen=True)
class Step:
    """One proof step: `prop` follows from the facts its rule names; later steps may use it by `name`."""

    name: str
    prop: Boolean
    rule: Any

    def __post_init__(self) -> None:
        _require(self.name, str, "the name of a step")
        _require(self.prop, Boolean, f"the statement of step {self.name}")


@dataclass(frozen=True)
class Part:
    """One conclusion with the hypotheses it adds to the claim's and its proof, whose last step is the conclusion."""

    name: str
    conclusion: Boolean
    proof: Sequence[Step]
    hypotheses: Mapping[str, Boolean] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require(self.name, str, "the name of a part")
        _require_all(self.proof, Step, f"the proof of {self.name}")
        _require(self.conclusion, Boolean, f"the conclusion of {self.name}")
        _require_statements(self.hypotheses, self.name)


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
    history: Mapping[sp.IndexedBase, int | Fixed] = field(default_factory=dict)  # a bare number is the lag of one index
    note: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not re.fullmatch(r"[\w-]+(/[\w-]+)*", self.id):
            raise ValueError(f"the id of a claim is words and slashes, paper/name, not {self.id!r}")
        if self.provenance not in PROVENANCES:
            raise ValueError(f"provenance of {self.id} is '{self.provenance}'; use one of {', '.join(PROVENANCES)}")
        _require(self.source, Source, f"the source of {self.id}")
        _require_all(self.variables, Var, f"the variables of {self.id}")
        _require_all(self.parts, Part, f"the parts of {self.id}")
        _require_all(self.uses, Claim, f"the claims that {self.id} uses")
        _require_statements(self.hypotheses, self.id)
        if not self.parts:
            raise ValueError(f"{self.id} has no parts; give it at least one conclusion")

    def part(self, name: str) -> Part:
        """The part of that name; `KeyError` names the parts there are."""
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(f"{self.id} has no part '{name}'; it has {', '.join(p.name for p in self.parts)}")

    def all_hypotheses(self, part: Part) -> dict[str, Boolean]:
        """The claim's hypotheses followed by the part's own."""
        return {**self.hypotheses, **part.hypotheses}
