"""What the checker says of steps, parts and claims, and the session that remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from theory.core.claim import Claim, Part, Step
from theory.core.term import Term
from theory.core.theorem import Theorem

PROVED, MODULO, UNPROVED, CITED, VACUOUS = "proved", "proved_modulo", "unproved", "cited", "vacuous"


@dataclass(frozen=True)
class StepReport:
    """What became of one step: verdict `proved`, `cited` or `unproved`, who discharged it, and why not."""

    step: Step
    verdict: str
    by: str
    reason: str
    seconds: float
    children: tuple[StepReport, ...] = ()
    cited: frozenset[str] = frozenset()
    goal: Term | None = None  # as the kernel read it


@dataclass(frozen=True)
class PartReport:
    """One part's verdict with its steps; `reason` says what is wrong when no single step is. `unused`: hypotheses that
    nothing rests on, neither a step nor that the statement makes sense."""

    part: Part
    verdict: str
    steps: tuple[StepReport, ...]
    reason: str = ""
    cited: frozenset[str] = frozenset()
    theorem: Theorem | None = None
    unused: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimReport:
    """The claim's verdict: proved, proved modulo what is `cited`, vacuous (over hypotheses that contradict each other), or
    unproved."""

    claim: Claim
    verdict: str
    parts: tuple[PartReport, ...]
    cited: tuple[str, ...]
    seconds: float
    reason: str = ""

    def brief(self) -> Brief:
        """What another process needs to use the claim."""
        return self.reason, {found.part.name: (found.verdict, found.cited) for found in self.parts}


Brief = tuple[str, Mapping[str, tuple[str, frozenset[str]]]]
"""Why the claim as a whole cannot be proved ('' if nothing says so), and of each part its verdict and what it cites."""


def claim_report(claim: Claim, parts: tuple[PartReport, ...], reason: str, seconds: float) -> ClaimReport:
    """The claim's verdict from its parts' and from the reason why it cannot be proved, if there is one."""
    cited = {c for p in parts for c in p.cited}
    if not parts or reason or any(p.verdict == UNPROVED for p in parts):
        verdict = UNPROVED
    elif any(p.verdict == VACUOUS for p in parts):
        verdict = VACUOUS
    else:
        verdict = MODULO if cited else PROVED
    return ClaimReport(claim, verdict, parts, tuple(sorted(cited)), seconds, reason)


@dataclass
class Session:
    """Claims already checked in this process, and those being checked now (to refuse circular proofs)."""

    done: dict[int, ClaimReport] = field(default_factory=dict)
    running: list[Claim] = field(default_factory=list)

    def learn(self, claim: Claim, brief: Brief) -> None:
        """Take over what another process of the same run found; a part it says nothing of is unproved."""
        reason, verdicts = brief
        parts = tuple(PartReport(part, verdict, (), "checked in another process", cited) for part in claim.parts
                      for verdict, cited in [verdicts.get(part.name, (UNPROVED, frozenset[str]()))])
        self.done[id(claim)] = claim_report(claim, parts, reason, 0.0)
