"""Statements slightly stronger than a claim's, made from the claim's own terms."""

from __future__ import annotations

from fractions import Fraction

from theory.core.term import ONE, Term, fn, mul, num, rebuild, sub


def strengthen(prop: Term, share: Fraction, relative: bool = True) -> Term | None:
    """L ≤ R becomes L ≤ R - share·|R| (or R - share) in every relation; None if there is none."""
    if prop.op == "all":
        body = strengthen(prop.args[-1], share, relative)
        return None if body is None else rebuild(prop, (*prop.args[:-1], body))
    if prop.op in ("le", "lt"):
        low, high = prop.args
        return rebuild(
            prop, (low, sub(high, mul(num(share), fn("abs", high) if relative else ONE)))
        )
    if prop.op == "and":
        stronger = [strengthen(arg, share, relative) for arg in prop.args]
        parts = tuple(
            arg if new is None else new for arg, new in zip(prop.args, stronger, strict=True)
        )
        return rebuild(prop, parts) if any(new is not None for new in stronger) else None
    return None
