"""Where epsilon sits and whether moments are bias-corrected: the papers' convention and PyTorch's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Convention:
    """Two switches of the adaptive methods.

    eps_inside_root: m/sqrt(v + eps), else m/(sqrt(v) + eps). bias_correction: m/(1-beta1^t), v/(1-beta2^t).
    """

    name: str
    eps_inside_root: bool
    bias_correction: bool


PAPER = Convention("paper", eps_inside_root=True, bias_correction=False)
PYTORCH = Convention("pytorch", eps_inside_root=False, bias_correction=True)
