"""The language of claims and the kernel that proofs are made of."""

from __future__ import annotations

from theory.core.claim import Claim, Convention, Fixed, Part, Source, Step, Var
from theory.core.language import Always, E
from theory.core.verdicts import ClaimReport, Session


def check_claim(claim: Claim, session: Session | None = None) -> ClaimReport:
    """Check every part of a claim and, first, the claims it uses."""
    from theory.proofs.check import check_claim as check  # which rests on all of this package

    return check(claim, session)


__all__ = [
    "Always", "Claim", "ClaimReport", "Convention", "E", "Fixed", "Part", "Session", "Source", "Step", "Var", "check_claim",
]
