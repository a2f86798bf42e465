"""A second opinion on certificates of proofs, which shares no code with the kernel that wrote them.

Every node of a certificate is judged again from its proposition, its context and its premises.
"""

from __future__ import annotations

from theory.recheck.recheck import Recheck, recheck_claim

__all__ = ["Recheck", "recheck_claim"]
