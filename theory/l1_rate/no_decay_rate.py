"""Without weight decay the rate holds for every β < 1, with A = 7: the corollaries need neither θ ≤ β nor β ≤ √θ."""

from theory.core import Claim, Convention, Part, Source
from theory.core.claim import L1_RATE
from theory.l1_rate.rate_proof import NADAMW, RATE_USES, any_second_decay, declarations, mean_rate, plain_rate, rate_with
from theory.l1_rate.setting import HISTORY

CLAIM = Claim(
    id="l1_rate/no_decay_rate",
    title="Rate without decay, for any β",
    summary="Without weight decay, Adam and NAdam with any θ ≤ τ ≤ 1 and any β < 1 have the rate with A = 7.",
    source=Source("l1_rate", "after Corollaries 1 to 3", L1_RATE),
    provenance="derived",
    convention=Convention(),
    variables=declarations(NADAMW),
    history=HISTORY,
    hypotheses=any_second_decay(box=False),
    uses=RATE_USES,
    parts=[Part("rate", mean_rate(rate_with(7)), plain_rate())],
    note="In Theorems 1 and 2, θ ≤ β ≤ √θ serves Lemma 2, which keeps the iterates in the box; without decay there is no box. "
         "A = 7 comes from not splitting a square that only the decay makes necessary.",
)
