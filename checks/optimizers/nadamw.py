"""NAdamW (algorithm B): AdamW with a second momentum, m~_t = tau m_t + (1 - tau) g_t in place of m_t.

tau = 1 is AdamW and tau = beta1 (the default) the usual Nesterov form. With `convention=PYTORCH` both parts
are corrected each for its own bias,

    m~_t = tau m_t/(1 - tau^(t+1)) + (1 - tau) g_t/(1 - tau^t),

which is `torch.optim.NAdam(..., decoupled_weight_decay=True)` wherever its momentum schedule
mu_t = beta1 (1 - 0.96^(t momentum_decay)/2) is constant: momentum_decay = 0 gives tau = beta1/2, and a
momentum_decay so large that 0.96^momentum_decay underflows (1e6) gives tau = beta1. For other values of
momentum_decay mu_t moves with t and the two algorithms differ. (PyTorch keeps the product of the mu_t in its
default dtype: with float32 there, its iterates are good to 1e-7 only, whatever the dtype of the parameters.)
"""

from __future__ import annotations

from dataclasses import dataclass

from checks.arithmetic import Arithmetic, Array
from checks.errors import RequestError
from checks.optimizers.adamw import AdamW
from checks.optimizers.hyperparameters import reaches_one
from checks.optimizers.optimizer import Hyper, State, averaged, preconditioned


@dataclass(frozen=True, eq=False)
class NAdamW(AdamW):
    tau: Hyper = None

    def validate(self) -> None:
        super().validate()
        if self.convention.bias_correction and self.tau is not None and reaches_one("tau", self.tau):
            raise RequestError("tau = 1 has no bias correction of PyTorch's form: use AdamW, or tau below 1.")

    def init(self, x0, arithmetic, m0=None, v0=None) -> State:
        state = super().init(x0, arithmetic, m0, v0)
        if self.tau is None:
            state.hyper["tau"] = state.hyper["beta1"]
        return state

    def direction(self, state: State, m: Array, v: Array, grad: Array, arithmetic: Arithmetic) -> Array:
        tau, t, corrected = state.hyper["tau"], state.t + 1, self.convention.bias_correction
        if corrected:
            m, grad = m / (1 - arithmetic.power(tau, t + 1)), grad / (1 - arithmetic.power(tau, t))
        return preconditioned(averaged(tau, m, grad), v, state, self.convention, corrected, arithmetic)
