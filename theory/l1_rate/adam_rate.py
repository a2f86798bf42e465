"""Corollary 1: Adam (no decay, any start) has the rate with A = 20; A = 7 is proved as well."""

from theory.core import Claim, Convention, Part, Source
from theory.core.claim import L1_RATE
from theory.l1_rate import no_decay_rate
from theory.l1_rate.rate_proof import ADAMW, declarations, mean_rate, plain_hypotheses, rate_with, sharper, weaker
from theory.l1_rate.setting import HISTORY

CLAIM = Claim(
    id="l1_rate/adam_rate",
    title="Rate of Adam",
    summary="Without weight decay the rate of Theorem 1 holds from any start, with a smaller constant.",
    source=Source("l1_rate", "Corollary 1", L1_RATE),
    provenance="restored",
    convention=Convention(),
    variables=declarations(ADAMW),
    history=HISTORY,
    hypotheses=plain_hypotheses(ADAMW),
    uses=[no_decay_rate.CLAIM],
    parts=[
        Part("sharper", mean_rate(rate_with(7)), sharper(ADAMW, no_decay_rate.CLAIM)),
        Part("rate", mean_rate(rate_with(20)), weaker("sharper")),
    ],
    note="A = 20 is Theorem 1's constant at C = 0.",
)
