"""Statements slightly stronger than a claim's, made from the claim's own objects."""

from __future__ import annotations

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core import Always


def strengthen(prop: Boolean, share: sp.Rational, relative: bool = True) -> Boolean | None:
    """L ≤ R becomes L ≤ R - share·|R| (or R - share), in every relation of the statement; None if it has none."""
    if isinstance(prop, Always):
        body = strengthen(prop.body, share, relative)
        return None if body is None else Always(body, *prop.limits)
    if isinstance(prop, (sp.Le, sp.Lt, sp.Ge, sp.Gt)):
        relation = sp.Le if isinstance(prop, (sp.Le, sp.Ge)) else sp.Lt
        return relation(prop.lts, prop.gts - share * (sp.Abs(prop.gts) if relative else 1))
    if isinstance(prop, sp.And):
        stronger = [strengthen(arg, share, relative) for arg in prop.args]
        parts = [arg if new is None else new for arg, new in zip(prop.args, stronger, strict=True)]
        return sp.And(*parts) if any(new is not None for new in stronger) else None
    return None
