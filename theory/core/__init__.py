"""The language of claims and the trusted proof checker."""

from theory.core.checker import check_claim
from theory.core.claim import Claim, Convention, Fixed, Part, Source, Step, Var
from theory.core.language import Always, E
from theory.core.verdicts import ClaimReport, Session

__all__ = [
    "Always", "Claim", "ClaimReport", "Convention", "E", "Fixed", "Part", "Session", "Source", "Step", "Var", "check_claim",
]
