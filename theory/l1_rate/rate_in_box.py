"""In a box λ|x| ≤ C√(1-θ) the rate with decay holds with any A ≥ 4(5/2 + C²)/(1 - 4C²(1-θ)), for every β < 1."""

from theory.core import Claim, Convention, Part, Source, Var
from theory.core.claim import L1_RATE
from theory.l1_rate.rate_proof import NADAMW, RATE_USES, A, C, any_second_decay, declarations, mean_rate, rate_in_box, rate_with
from theory.l1_rate.schedule import lam
from theory.l1_rate.setting import HISTORY

CLAIM = Claim(
    id="l1_rate/rate_in_box",
    title="Rate in a box",
    summary="AdamW and NAdamW whose iterates stay within λ|x| ≤ C√(1-θ), whatever keeps them there, have the rate.",
    source=Source("l1_rate", "Proof of Theorem 1", L1_RATE),
    provenance="derived",
    convention=Convention(),
    variables=[*declarations(NADAMW, lam), Var(C, "the box's size, λ|x| over √(1-θ)"), Var(A, "amplitude of the rate")],
    history=HISTORY,
    hypotheses=any_second_decay(box=True),
    uses=RATE_USES,
    parts=[Part("rate", mean_rate(rate_with(A)), rate_in_box())],
    note="The paper's proof, with the constant it gives when 4C²(1-θ) is carried along and not bounded by 1/2.",
)
