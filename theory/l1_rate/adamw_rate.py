"""Theorem 1: AdamW's mean ‖∇f‖₁ is at most √(2A)√d(σ̂²LD/K)^{1/4} + √2A√(dLD/K) with A = 8(5/2 + C²), C = s(1 + 1/√3)."""

from theory.core import Claim, Convention, Part, Source
from theory.core.claim import L1_RATE
from theory.l1_rate import rate_in_box
from theory.l1_rate.rate_proof import (
    ADAMW,
    BOX_USES,
    box_proof,
    decayed_hypotheses,
    declarations,
    from_box,
    in_box,
    mean_rate,
    rate_with,
)
from theory.l1_rate.schedule import amplitude, lam, rate, s, sharper_amplitude
from theory.l1_rate.setting import HISTORY

CLAIM = Claim(
    id="l1_rate/adamw_rate",
    title="Rate of AdamW",
    summary="With the schedule of Theorem 1, AdamW stays inside ‖x‖∞ < 1/λ and its mean ‖∇f‖₁ falls like √d/K^{1/4}.",
    source=Source("l1_rate", "Theorem 1", L1_RATE),
    provenance="restored",
    convention=Convention(),
    variables=declarations(ADAMW, lam, s),
    history=HISTORY,
    hypotheses=decayed_hypotheses(ADAMW),
    uses=[*BOX_USES, rate_in_box.CLAIM],
    parts=[
        Part("box", in_box(ADAMW), box_proof(ADAMW)),
        Part("rate", mean_rate(rate(ADAMW.c)), from_box(ADAMW, rate_in_box.CLAIM, amplitude(ADAMW.c))),
        Part("sharper", mean_rate(rate_with(sharper_amplitude(ADAMW.c))),
             from_box(ADAMW, rate_in_box.CLAIM, sharper_amplitude(ADAMW.c))),
    ],
    note="The form is the paper's, the constants are derived here. `sharper` keeps 4C²(1-θ), which A rounds up to 1/2: "
         "between A/2 and A. σ̂ may be any level ≥ σ_s for which θ ≥ 0; γ only bounds 1-θ.",
)
