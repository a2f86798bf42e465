"""Corollaries 2 and 3: NAdam (no decay, any start, θ ≤ τ ≤ 1) has the rate with A = 20; A = 7 is proved as well."""

from theory.core import Claim, Convention, Part, Source
from theory.core.claim import L1_RATE
from theory.l1_rate import no_decay_rate
from theory.l1_rate.rate_proof import NADAMW, declarations, mean_rate, plain_hypotheses, rate_with, sharper, weaker
from theory.l1_rate.setting import HISTORY

CLAIM = Claim(
    id="l1_rate/nadam_rate",
    title="Rate of NAdam",
    summary="Without weight decay NAdamW's rate holds from any start, with a smaller constant.",
    source=Source("l1_rate", "Corollaries 2 and 3", L1_RATE),
    provenance="restored",
    convention=Convention(),
    variables=declarations(NADAMW),
    history=HISTORY,
    hypotheses=plain_hypotheses(NADAMW),
    uses=[no_decay_rate.CLAIM],
    parts=[
        Part("sharper", mean_rate(rate_with(7)), sharper(NADAMW, no_decay_rate.CLAIM)),
        Part("rate", mean_rate(rate_with(20)), weaker("sharper")),
    ],
    note="A = 20 is Theorem 2's constant at C = 0.",
)
