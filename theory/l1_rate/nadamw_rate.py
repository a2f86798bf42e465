"""Theorem 2: NAdamW with any θ ≤ τ ≤ 1 has the rate of Theorem 1, with C = 7s/4."""

from theory.core import Claim, Convention, Part, Source
from theory.core.claim import L1_RATE
from theory.l1_rate import rate_in_box
from theory.l1_rate.rate_proof import (
    BOX_USES,
    NADAMW,
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
    id="l1_rate/nadamw_rate",
    title="Rate of NAdamW",
    summary="With the schedule of Theorem 1 and any θ ≤ τ ≤ 1, NAdamW stays inside ‖x‖∞ < 1/λ and its mean ‖∇f‖₁ falls like "
            "√d/K^{1/4}.",
    source=Source("l1_rate", "Theorem 2", L1_RATE),
    provenance="restored",
    convention=Convention(),
    variables=declarations(NADAMW, lam, s),
    history=HISTORY,
    hypotheses=decayed_hypotheses(NADAMW),
    uses=[*BOX_USES, rate_in_box.CLAIM],
    parts=[
        Part("box", in_box(NADAMW), box_proof(NADAMW)),
        Part("rate", mean_rate(rate(NADAMW.c)), from_box(NADAMW, rate_in_box.CLAIM, amplitude(NADAMW.c))),
        Part("sharper", mean_rate(rate_with(sharper_amplitude(NADAMW.c))),
             from_box(NADAMW, rate_in_box.CLAIM, sharper_amplitude(NADAMW.c))),
    ],
    note="The form is the paper's, the constants are derived here. `sharper` keeps 4C²(1-θ), which A rounds up to 1/2.",
)
